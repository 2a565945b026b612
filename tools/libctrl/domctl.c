/* SPDX-License-Identifier: BSD-2-Clause */
/* Domains: life, limits and rights. Each function is one domctl (docs/interface/domctl.md). */
#include <errno.h>
#include <string.h>

#include <libctrl/domain.h>

#include <public/domctl.h>
#include <public/sched.h>
#include <public/sysctl.h>

#include "internal.h"

#define LIST_MAX 292u   /* that fit in 8 pages */

long domctl_raw(struct ctrl *ctrl, struct xen_domctl *op, uint32_t cmd, uint32_t domid)
{
    struct arg_mark mark = arg_begin(ctrl);
    struct xen_domctl *arg = arg_get(ctrl, sizeof(*arg));
    long rc;

    if (!arg) {
        return arg_error(ctrl);
    }
    op->cmd = cmd;
    op->interface_version = XEN_DOMCTL_INTERFACE_VERSION;
    op->domain = (domid_t)domid;
    *arg = *op;
    do {
        rc = hypercall(ctrl, __HYPERVISOR_domctl, (uintptr_t)arg, 0, 0, 0);
    } while (rc == -EAGAIN || rc == -ERESTART);
    *op = *arg;
    arg_end(ctrl, mark);
    return rc;
}

int domctl(struct ctrl *ctrl, struct xen_domctl *op, uint32_t cmd, uint32_t domid,
           const char *what)
{
    long rc = domctl_raw(ctrl, op, cmd, domid);

    return rc < 0 ? fail_domain(ctrl, (int)rc, domid, what) : 0;
}

/* An operation without arguments. */
static int domctl_plain(struct ctrl *ctrl, uint32_t cmd, uint32_t domid, const char *what)
{
    struct xen_domctl op = { .cmd = cmd };

    return domctl(ctrl, &op, cmd, domid, what);
}

static void info_from_abi(struct ctrl_domain_info *info,
                          const struct xen_domctl_getdomaininfo *from)
{
    *info = (struct ctrl_domain_info){
        .domid = from->domain,
        .dying = from->flags & XEN_DOMINF_dying,
        .hvm = from->flags & XEN_DOMINF_hvm_guest,
        .shutdown = from->flags & XEN_DOMINF_shutdown,
        .paused = from->flags & XEN_DOMINF_paused,
        .blocked = from->flags & XEN_DOMINF_blocked,
        .running = from->flags & XEN_DOMINF_running,
        .debugged = from->flags & XEN_DOMINF_debugged,
        .xs_domain = from->flags & XEN_DOMINF_xs_domain,
        .shutdown_reason = (from->flags >> XEN_DOMINF_shutdownshift) & XEN_DOMINF_shutdownmask,
        .nr_pages = from->tot_pages,
        .max_pages = from->max_pages,
        .outstanding_pages = from->outstanding_pages,
        .shared_pages = from->shr_pages,
        .paged_pages = from->paged_pages,
        .shared_info_mfn = from->shared_info_frame,
        .cpu_time_ns = from->cpu_time,
        .nr_online_vcpus = from->nr_online_vcpus,
        .max_vcpu_id = from->max_vcpu_id,
        .ssidref = from->ssidref,
        .cpupool = from->cpupool,
    };
    memcpy(info->uuid, from->handle, sizeof(info->uuid));
}

int ctrl_domain_info(struct ctrl *ctrl, uint32_t domid, struct ctrl_domain_info *info)
{
    struct xen_domctl op = { .u.getdomaininfo.domain = 0 };
    long rc = domctl_raw(ctrl, &op, XEN_DOMCTL_getdomaininfo, domid);

    /* The hypervisor answers with the next domain, if this one doesn't exist. */
    if (rc == 0 && op.u.getdomaininfo.domain != domid) {
        rc = -ESRCH;
    }
    if (rc < 0) {
        return fail_domain(ctrl, (int)rc, domid, "reading its state");
    }
    info_from_abi(info, &op.u.getdomaininfo);
    return 0;
}

/* One hypercall; returns how many it wrote. */
static int list_some(struct ctrl *ctrl, uint32_t first, unsigned int max,
                     struct ctrl_domain_info *infos)
{
    struct arg_mark mark = arg_begin(ctrl);
    struct xen_domctl_getdomaininfo *buffer = arg_get(ctrl, max * sizeof(*buffer));
    struct xen_sysctl op = {
        .u.getdomaininfolist = {
            .first_domain = (domid_t)first, .max_domains = max, .buffer = buffer,
        },
    };
    unsigned int i, nr;
    int rc;

    if (!buffer) {
        return arg_error(ctrl);
    }
    rc = sysctl(ctrl, &op, XEN_SYSCTL_getdomaininfolist, "listing the domains");
    if (rc == 0) {
        nr = op.u.getdomaininfolist.num_domains;
        nr = nr < max ? nr : max;
        for (i = 0; i < nr; i++) {
            info_from_abi(&infos[i], &buffer[i]);
        }
        rc = (int)nr;
    }
    arg_end(ctrl, mark);
    return rc;
}

int ctrl_domain_list(struct ctrl *ctrl, uint32_t first, unsigned int max,
                     struct ctrl_domain_info *infos)
{
    unsigned int done = 0, room;
    int nr;

    while (done < max && first < CTRL_DOMID_LIMIT) {
        room = max - done < LIST_MAX ? max - done : LIST_MAX;
        nr = list_some(ctrl, first, room, &infos[done]);
        if (nr < 0) {
            return nr;
        }
        done += (unsigned int)nr;
        if ((unsigned int)nr < room) {
            break;
        }
        first = infos[done - 1].domid + 1;
    }
    return (int)done;
}

void ctrl_domain_create_defaults(struct ctrl_domain_create *create)
{
    create->max_event_channels = 1023;
    create->max_grant_frames = CTRL_LIMIT_DEFAULT;
    create->max_maptrack_frames = CTRL_LIMIT_DEFAULT;
    create->max_grant_version = 1;
}

static uint32_t create_flags(const struct ctrl_domain_create *create)
{
    return (create->hvm ? XEN_DOMCTL_CDF_hvm : 0) | (create->hap ? XEN_DOMCTL_CDF_hap : 0) |
           (create->xs_domain ? XEN_DOMCTL_CDF_xs_domain : 0) |
           (create->vpmu ? XEN_DOMCTL_CDF_vpmu : 0);
}

int ctrl_domain_create(struct ctrl *ctrl, const struct ctrl_domain_create *create)
{
    struct xen_domctl op = {
        .u.createdomain = {
            .ssidref = create->ssidref,
            .flags = create_flags(create),
            .max_vcpus = create->max_vcpus,
            .max_evtchn_port = create->max_event_channels,
            .max_grant_frames = create->max_grant_frames,
            .max_maptrack_frames = create->max_maptrack_frames,
            .grant_opts = XEN_DOMCTL_GRANT_version(create->max_grant_version),
            .cpupool_id = create->cpupool,
            .arch.emulation_flags = create->hvm ? XEN_X86_EMU_LAPIC : 0,
            .arch.misc_flags = create->relaxed_msrs ? XEN_X86_MSR_RELAXED : 0,
        },
    };
    uint32_t domid;
    long rc;

    memcpy(op.u.createdomain.handle, create->uuid, sizeof(create->uuid));
    rc = domctl_raw(ctrl, &op, XEN_DOMCTL_createdomain, create->domid);
    if (rc == -EEXIST) {
        return ctrl_fail(ctrl, -EEXIST, "creating a domain: id %u is taken", create->domid);
    }
    if (rc < 0) {
        return fail_errno(ctrl, (int)rc, "creating a domain with %u vCPUs in pool %u",
                          create->max_vcpus, create->cpupool);
    }
    domid = op.domain;
    rc = ctrl_domain_set_max_vcpus(ctrl, domid, create->max_vcpus);
    if (rc < 0) {
        op = (struct xen_domctl){ .cmd = 0 };
        domctl_raw(ctrl, &op, XEN_DOMCTL_destroydomain, domid);
        return (int)rc;
    }
    return (int)domid;
}

int ctrl_domain_destroy(struct ctrl *ctrl, uint32_t domid)
{
    return domctl_plain(ctrl, XEN_DOMCTL_destroydomain, domid, "destroying it");
}

int ctrl_domain_pause(struct ctrl *ctrl, uint32_t domid)
{
    return domctl_plain(ctrl, XEN_DOMCTL_pausedomain, domid, "pausing it");
}

int ctrl_domain_unpause(struct ctrl *ctrl, uint32_t domid)
{
    return domctl_plain(ctrl, XEN_DOMCTL_unpausedomain, domid, "unpausing it");
}

int ctrl_domain_shutdown(struct ctrl *ctrl, uint32_t domid, enum ctrl_shutdown reason)
{
    struct arg_mark mark = arg_begin(ctrl);
    struct sched_remote_shutdown *arg = arg_get(ctrl, sizeof(*arg));
    long rc = arg_error(ctrl);

    if (arg) {
        *arg = (struct sched_remote_shutdown){ .domain_id = (domid_t)domid, .reason = reason };
        rc = hypercall(ctrl, __HYPERVISOR_sched_op, SCHEDOP_remote_shutdown, (uintptr_t)arg, 0, 0);
    }
    arg_end(ctrl, mark);
    return rc < 0 ? fail_domain(ctrl, (int)rc, domid, "shutting it down") : 0;
}

int ctrl_domain_resume(struct ctrl *ctrl, uint32_t domid)
{
    return domctl_plain(ctrl, XEN_DOMCTL_resumedomain, domid, "resuming it");
}

int ctrl_domain_set_max_mem(struct ctrl *ctrl, uint32_t domid, uint64_t kib)
{
    struct xen_domctl op = { .u.max_mem.max_memkb = kib };

    return domctl(ctrl, &op, XEN_DOMCTL_max_mem, domid, "setting its memory limit");
}

int ctrl_domain_set_max_vcpus(struct ctrl *ctrl, uint32_t domid, uint32_t max_vcpus)
{
    struct xen_domctl op = { .u.max_vcpus.max = max_vcpus };

    return domctl(ctrl, &op, XEN_DOMCTL_max_vcpus, domid, "making its vCPUs");
}

int ctrl_domain_set_uuid(struct ctrl *ctrl, uint32_t domid, const uint8_t uuid[16])
{
    struct xen_domctl op = { .cmd = 0 };

    memcpy(op.u.setdomainhandle.handle, uuid, sizeof(op.u.setdomainhandle.handle));
    return domctl(ctrl, &op, XEN_DOMCTL_setdomainhandle, domid, "setting its UUID");
}

int ctrl_domain_set_debugging(struct ctrl *ctrl, uint32_t domid, bool on)
{
    struct xen_domctl op = { .u.setdebugging.enable = on };

    return domctl(ctrl, &op, XEN_DOMCTL_setdebugging, domid, "setting its debugging flag");
}

int ctrl_domain_set_time_offset(struct ctrl *ctrl, uint32_t domid, int64_t seconds)
{
    struct xen_domctl op = { .u.settimeoffset.time_offset_seconds = seconds };

    return domctl(ctrl, &op, XEN_DOMCTL_settimeoffset, domid, "setting its time offset");
}

int ctrl_domain_set_tsc(struct ctrl *ctrl, uint32_t domid, const struct ctrl_tsc *tsc)
{
    struct xen_domctl op = {
        .u.tsc_info = {
            .tsc_mode = tsc->mode, .gtsc_khz = tsc->khz,
            .incarnation = tsc->incarnation, .elapsed_nsec = tsc->elapsed_ns,
        },
    };

    return domctl(ctrl, &op, XEN_DOMCTL_settscinfo, domid, "setting how it reads the TSC");
}

int ctrl_domain_get_tsc(struct ctrl *ctrl, uint32_t domid, struct ctrl_tsc *tsc)
{
    struct xen_domctl op = { .cmd = 0 };
    int rc = domctl(ctrl, &op, XEN_DOMCTL_gettscinfo, domid, "reading how it reads the TSC");

    if (rc == 0) {
        *tsc = (struct ctrl_tsc){
            .mode = op.u.tsc_info.tsc_mode, .khz = op.u.tsc_info.gtsc_khz,
            .incarnation = op.u.tsc_info.incarnation, .elapsed_ns = op.u.tsc_info.elapsed_nsec,
        };
    }
    return rc;
}

int ctrl_domain_set_address_size(struct ctrl *ctrl, uint32_t domid, uint32_t bits)
{
    struct xen_domctl op = { .u.address_size.size = bits };

    return domctl(ctrl, &op, XEN_DOMCTL_set_address_size, domid, "setting its address size");
}

int ctrl_domain_get_address_size(struct ctrl *ctrl, uint32_t domid, uint32_t *bits)
{
    struct xen_domctl op = { .cmd = 0 };
    int rc = domctl(ctrl, &op, XEN_DOMCTL_get_address_size, domid, "reading its address size");

    if (rc == 0) {
        *bits = op.u.address_size.size;
    }
    return rc;
}

int ctrl_domain_trigger(struct ctrl *ctrl, uint32_t domid, enum ctrl_trigger trigger,
                        uint32_t vcpu)
{
    struct xen_domctl op = { .u.sendtrigger = { .trigger = trigger, .vcpu = vcpu } };

    return domctl(ctrl, &op, XEN_DOMCTL_sendtrigger, domid, "sending it a trigger");
}

int ctrl_domain_iomem_permission(struct ctrl *ctrl, uint32_t domid, uint64_t first_mfn,
                                 uint64_t nr, bool allow)
{
    struct xen_domctl op = {
        .u.iomem_permission = { .first_mfn = first_mfn, .nr_mfns = nr, .allow_access = allow },
    };

    return domctl(ctrl, &op, XEN_DOMCTL_iomem_permission, domid, "changing its I/O memory");
}

int ctrl_domain_ioport_permission(struct ctrl *ctrl, uint32_t domid, uint32_t first,
                                  uint32_t nr, bool allow)
{
    struct xen_domctl op = {
        .u.ioport_permission = { .first_port = first, .nr_ports = nr, .allow_access = allow },
    };

    return domctl(ctrl, &op, XEN_DOMCTL_ioport_permission, domid, "changing its I/O ports");
}

int ctrl_domain_irq_permission(struct ctrl *ctrl, uint32_t domid, uint32_t pirq, bool allow)
{
    struct xen_domctl op = { .u.irq_permission = { .pirq = pirq, .allow_access = allow } };

    return domctl(ctrl, &op, XEN_DOMCTL_irq_permission, domid, "changing its interrupts");
}

int ctrl_domain_set_target(struct ctrl *ctrl, uint32_t domid, uint32_t target)
{
    struct xen_domctl op = { .u.set_target.target = (domid_t)target };

    return domctl(ctrl, &op, XEN_DOMCTL_set_target, domid, "giving it a target domain");
}

/* Nodes go through a bitmap in argument memory. */
static int nodes_op(struct ctrl *ctrl, uint32_t domid, uint32_t cmd, uint64_t *nodes,
                    const char *what)
{
    struct arg_mark mark = arg_begin(ctrl);
    uint64_t *bits = arg_get(ctrl, sizeof(*bits));
    struct xen_domctl op = {
        .u.nodeaffinity.nodemap = { .bitmap = (uint8_t *)bits, .nr_bits = 64 },
    };
    int rc = arg_error(ctrl);

    if (bits) {
        *bits = *nodes;
        rc = domctl(ctrl, &op, cmd, domid, what);
        *nodes = *bits;
    }
    arg_end(ctrl, mark);
    return rc;
}

int ctrl_domain_set_nodes(struct ctrl *ctrl, uint32_t domid, uint64_t nodes)
{
    return nodes_op(ctrl, domid, XEN_DOMCTL_setnodeaffinity, &nodes, "setting its nodes");
}

int ctrl_domain_get_nodes(struct ctrl *ctrl, uint32_t domid, uint64_t *nodes)
{
    uint64_t bits = 0;
    int rc = nodes_op(ctrl, domid, XEN_DOMCTL_getnodeaffinity, &bits, "reading its nodes");

    if (rc == 0) {
        *nodes = bits;
    }
    return rc;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * domctl: making, stopping and ending domains, and what is said about them as a whole. All in the
 * control turn.
 */
#include "domctl.h"

#include <asm/current.h>
#include <asm/hvm.h>
#include <public/sched.h>
#include <xen/console.h>
#include <xen/control.h>
#include <xen/cpupool.h>
#include <xen/errno.h>
#include <xen/event.h>
#include <xen/hypercall.h>
#include <xen/string.h>

#define DEFAULT_GRANT_FRAMES    64
#define DEFAULT_MAPTRACK_FRAMES 1024
#define MAX_CONTROLLER_PAUSES   255
#define MAX_GRANT_VERSION       1

/* Flags that no domain has here, by name: whoever asked wants to know which. */
static const struct {
    uint32_t flag;
    const char *name;
} foreign_flags[] = {
    { XEN_DOMCTL_CDF_s3_integrity, "s3_integrity" },
    { XEN_DOMCTL_CDF_iommu, "iommu" },
    { XEN_DOMCTL_CDF_nested_virt, "nested_virt" },
    { XEN_DOMCTL_CDF_vpmu, "vpmu" },
};

static int refuse(const char *what)
{
    log_guest(LOG_WARN, "createdomain: %s: not offered to domains here.\n", what);
    return -EINVAL;
}

static int check_flags(const struct xen_domctl_createdomain *c)
{
    if ((c->flags & XEN_DOMCTL_CDF_hvm) &&
        (hvm_engine_name() == NULL || !(c->flags & XEN_DOMCTL_CDF_hap))) {
        (void)refuse("hvm without AMD-V or VT-x, and hap");
        return -EOPNOTSUPP;
    }
    for (unsigned int i = 0; i < ARRAY_SIZE(foreign_flags); i++) {
        if (c->flags & foreign_flags[i].flag) {
            return refuse(foreign_flags[i].name);
        }
    }
    if ((c->flags & XEN_DOMCTL_CDF_hap) && !(c->flags & XEN_DOMCTL_CDF_hvm)) {
        return refuse("hap without hvm");
    }
    if (c->flags & ~(uint32_t)(XEN_DOMCTL_CDF_MAX * 2 - 1)) {
        return refuse("unknown flag");
    }
    if (c->iommu_opts != 0) {
        return refuse("iommu_opts");
    }
    if (c->vmtrace_size != 0) {
        return refuse("vmtrace_size");
    }
    return 0;
}

static int check_config(const struct xen_domctl_createdomain *c)
{
    uint32_t grant_version = XEN_DOMCTL_GRANT_version(c->grant_opts);
    int rc = check_flags(c);

    if (rc != 0) {
        return rc;
    }
    if (c->max_vcpus < 1 || c->max_vcpus > MAX_VCPUS) {
        return refuse("this number of vCPUs");
    }
    if (c->grant_opts & ~(uint32_t)XEN_DOMCTL_GRANT_version_mask) {
        return refuse("grant_opts");
    }
    if (c->arch.misc_flags & ~XEN_X86_MISC_FLAGS_MAX) {
        return refuse("misc_flags");
    }
    if (c->arch.emulation_flags & ~XEN_X86_EMU_ALL) {
        return refuse("emulation_flags");
    }
    if (c->arch.emulation_flags != (c->flags & XEN_DOMCTL_CDF_hvm ? XEN_X86_EMU_LAPIC : 0)) {
        log_guest(LOG_WARN, "createdomain: emulated devices %#x: a PV domain has none, a "
                  "hardware-assisted one its local APICs.\n", c->arch.emulation_flags);
        return -EOPNOTSUPP;
    }
    rc = cpupool_check(c->cpupool_id);
    if (rc != 0) {
        return rc;
    }
    /* Version 2 is what the tools ask for where it may be used; version 1 serves them as well. */
    if (grant_version < 1 || grant_version > 2) {
        return refuse("grant table version");
    }
    if (c->max_grant_frames > DEFAULT_GRANT_FRAMES || c->max_grant_frames == 0 ||
        c->max_maptrack_frames > DEFAULT_MAPTRACK_FRAMES) {
        return refuse("this size of grant tables");
    }
    return 0;
}

static bool id_is_free(domid_t id)
{
    struct domain *d = domain_get(id);

    if (d != NULL) {
        domain_put(d);
    }
    return d == NULL;
}

/*
 * The wanted id, or the next free one after the last that was chosen here. -EEXIST, -ENOMEM (all
 * taken).
 */
static int choose_id(domid_t wanted, domid_t *id)
{
    static domid_t last;

    if (wanted > 0 && wanted < DOMID_FIRST_RESERVED) {
        *id = wanted;
        return id_is_free(wanted) ? 0 : -EEXIST;
    }
    for (unsigned int i = 0; i < DOMID_FIRST_RESERVED; i++) {
        last = last + 1 < DOMID_FIRST_RESERVED ? (domid_t)(last + 1) : 1;
        if (id_is_free(last)) {
            *id = last;
            return 0;
        }
    }
    return -ENOMEM;
}

static unsigned int limit(int32_t wanted, unsigned int default_limit)
{
    return wanted < 0 ? default_limit : (unsigned int)wanted;
}

int domctl_createdomain(struct domain *unused, struct xen_domctl *op)
{
    const struct xen_domctl_createdomain *c = &op->u.createdomain;
    struct domain_config cfg = {
        .max_vcpus = c->max_vcpus,
        .max_event_port = MIN(c->max_evtchn_port, (uint32_t)INT32_MAX),
        .max_grant_frames = limit(c->max_grant_frames, DEFAULT_GRANT_FRAMES),
        .max_maptrack_frames = limit(c->max_maptrack_frames, DEFAULT_MAPTRACK_FRAMES),
        .is_hvm = (c->flags & XEN_DOMCTL_CDF_hvm) != 0,
    };
    struct domain *d;
    domid_t id;
    int rc = choose_id(op->domain, &id);

    (void)unused;
    if (rc == 0) {
        rc = check_config(c);
    }
    if (rc == 0) {
        rc = domain_create(id, &cfg, &d);
    }
    if (rc != 0) {
        return rc;
    }
    memcpy(d->handle, c->handle, sizeof(d->handle));
    d->cpupool = c->cpupool_id;
    d->is_xenstore = (c->flags & XEN_DOMCTL_CDF_xs_domain) != 0;
    op->domain = id;
    return 0;
}

int domctl_max_vcpus(struct domain *d, struct xen_domctl *op)
{
    if (d == current->domain || op->u.max_vcpus.max != d->max_vcpus) {
        return -EINVAL;
    }
    for (unsigned int i = 0; i < d->max_vcpus; i++) {
        int rc;

        if (d->vcpu[i] != NULL) {
            continue;
        }
        rc = vcpu_create(d, i);
        if (rc != 0) {
            return rc;
        }
        cpupool_vcpu_added(d->vcpu[i]);
        if (i + 1 < d->max_vcpus && hypercall_preempt_check()) {
            return -ERESTART;
        }
    }
    return 0;
}

int domctl_destroydomain(struct domain *d, struct xen_domctl *op)
{
    (void)op;
    return d != current->domain && !d->is_hardware ? domain_kill(d) : -EINVAL;
}

int domctl_pausedomain(struct domain *d, struct xen_domctl *op)
{
    (void)op;
    if (d == current->domain) {
        return -EINVAL;
    }
    if (d->controller_pause_count == MAX_CONTROLLER_PAUSES) {
        return -EOVERFLOW;
    }
    d->controller_pause_count++;
    domain_pause_sync(d);
    return 0;
}

int domctl_unpausedomain(struct domain *d, struct xen_domctl *op)
{
    (void)op;
    if (d->controller_pause_count == 0) {
        return -EINVAL;
    }
    d->controller_pause_count--;
    d->has_started = d->has_started || d->controller_pause_count == 0;
    domain_unpause(d);
    return 0;
}

int domctl_resumedomain(struct domain *d, struct xen_domctl *op)
{
    (void)op;
    if (d == current->domain) {
        return -EINVAL;
    }
    domain_resume(d);
    return 0;
}

/* A PV kernel can't be put back to its beginning: the tools build the domain again. */
int domctl_soft_reset(struct domain *d, struct xen_domctl *op)
{
    (void)d;
    (void)op;
    return -EINVAL;
}

int domctl_getdomaininfo(struct domain *unused, struct xen_domctl *op)
{
    struct domain *d = op->domain < DOMID_FIRST_RESERVED ? domain_get_next(op->domain) : NULL;

    (void)unused;
    if (d == NULL) {
        return op->domain < DOMID_FIRST_RESERVED ? -ESRCH : -EINVAL;
    }
    domain_describe(d, &op->u.getdomaininfo);
    op->domain = d->id;
    domain_put(d);
    return 0;
}

int domctl_setdomainhandle(struct domain *d, struct xen_domctl *op)
{
    memcpy(d->handle, op->u.setdomainhandle.handle, sizeof(d->handle));
    return 0;
}

int domctl_setdebugging(struct domain *d, struct xen_domctl *op)
{
    if (d == current->domain) {
        return -EINVAL;
    }
    d->is_debugged = op->u.setdebugging.enable != 0;
    return 0;
}

/* Once; the target's destruction doesn't end it, but it holds the target's id. */
int domctl_set_target(struct domain *d, struct xen_domctl *op)
{
    struct domain *target = domain_get(op->u.set_target.target);

    if (target == NULL) {
        return -ESRCH;
    }
    if (target == d || target->is_control || d->target != NULL) {
        domain_put(target);
        return -EINVAL;
    }
    __atomic_store_n(&d->target, target, __ATOMIC_RELEASE);
    return 0;
}

int domctl_subscribe(struct domain *d, struct xen_domctl *op)
{
    WRITE_ONCE(d->suspend_port, op->u.subscribe.port);
    return 0;
}

int domctl_set_virq_handler(struct domain *d, struct xen_domctl *op)
{
    return event_virq_set_handler(op->u.set_virq_handler.virq, d);
}

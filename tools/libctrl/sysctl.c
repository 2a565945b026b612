/* SPDX-License-Identifier: BSD-2-Clause */
/* The machine: physinfo, topology, messages (docs/interface/sysctl.md). */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <libctrl/host.h>

#include <public/memory.h>
#include <public/sysctl.h>

#include "internal.h"

#define MAX_KEYS    16u
#define CLEAR_CHUNK 16384u
/* Calls: a console that fills as fast as it is emptied must not hold us. */
#define CLEAR_MAX 4096u

long sysctl_raw(struct ctrl *ctrl, struct xen_sysctl *op, uint32_t cmd)
{
    struct arg_mark mark = arg_begin(ctrl);
    struct xen_sysctl *arg = arg_get(ctrl, sizeof(*arg));
    long rc;

    if (!arg) {
        return arg_error(ctrl);
    }
    op->cmd = cmd;
    op->interface_version = XEN_SYSCTL_INTERFACE_VERSION;
    *arg = *op;
    do {
        rc = hypercall(ctrl, __HYPERVISOR_sysctl, (uintptr_t)arg, 0, 0, 0);
    } while (rc == -EAGAIN || rc == -ERESTART);
    *op = *arg;
    arg_end(ctrl, mark);
    return rc;
}

int sysctl(struct ctrl *ctrl, struct xen_sysctl *op, uint32_t cmd, const char *what)
{
    long rc = sysctl_raw(ctrl, op, cmd);

    if (ctrl->way_failed) {
        return fail_errno(ctrl, (int)rc, "%s", what);
    }
    switch (rc) {
    case -EACCES:
        return ctrl_fail(ctrl, -EACCES, "%s: the hypervisor speaks another version of the "
                         "control interface than 4.17's", what);
    case -EPERM:
        return ctrl_fail(ctrl, -EPERM, "%s: the hypervisor does not permit it; run this in the "
                         "control domain", what);
    default:
        return rc < 0 ? fail_errno(ctrl, (int)rc, "%s", what) : 0;
    }
}

int ctrl_physinfo(struct ctrl *ctrl, struct ctrl_physinfo *info)
{
    struct xen_sysctl op = { .cmd = 0 };
    const struct xen_sysctl_physinfo *got = &op.u.physinfo;
    int rc = sysctl(ctrl, &op, XEN_SYSCTL_physinfo, "asking about the machine");

    if (rc != 0) {
        return rc;
    }
    *info = (struct ctrl_physinfo){
        .threads_per_core = got->threads_per_core, .cores_per_socket = got->cores_per_socket,
        .nr_cpus = got->nr_cpus, .max_cpu_id = got->max_cpu_id,
        .nr_nodes = got->nr_nodes, .max_node_id = got->max_node_id,
        .cpu_khz = got->cpu_khz, .capabilities = got->capabilities,
        .total_pages = got->total_pages, .free_pages = got->free_pages,
        .scrub_pages = got->scrub_pages, .outstanding_pages = got->outstanding_pages,
        .max_mfn = got->max_mfn,
    };
    memcpy(info->hw_cap, got->hw_cap, sizeof(info->hw_cap));
    return 0;
}

int ctrl_sharing_pages(struct ctrl *ctrl, uint64_t *freed, uint64_t *used)
{
    long f = hypercall(ctrl, __HYPERVISOR_memory_op, XENMEM_get_sharing_freed_pages, 0, 0, 0);
    long u = f < 0 ? f :
             hypercall(ctrl, __HYPERVISOR_memory_op, XENMEM_get_sharing_shared_pages, 0, 0, 0);

    if (u < 0) {
        return fail_errno(ctrl, (int)u, "asking for pages shared between domains");
    }
    *freed = (uint64_t)f;
    *used = (uint64_t)u;
    return 0;
}

int ctrl_cpu_topology(struct ctrl *ctrl, unsigned int max, struct ctrl_cpu_topology *cpus)
{
    struct arg_mark mark = arg_begin(ctrl);
    struct xen_sysctl_cputopo *buffer = max ? arg_get(ctrl, max * sizeof(*buffer)) : NULL;
    struct xen_sysctl op = { .u.cputopoinfo = { .num_cpus = max, .cputopo = buffer } };
    int rc = max && !buffer ? arg_error(ctrl) :
             sysctl(ctrl, &op, XEN_SYSCTL_cputopoinfo, "asking for the CPUs' topology");
    unsigned int i;

    for (i = 0; rc == 0 && i < max && i < op.u.cputopoinfo.num_cpus; i++) {
        cpus[i] = (struct ctrl_cpu_topology){
            buffer[i].core, buffer[i].socket, buffer[i].node,
        };
    }
    arg_end(ctrl, mark);
    return rc ? rc : (int)op.u.cputopoinfo.num_cpus;
}

int ctrl_cpu_idle_times(struct ctrl *ctrl, unsigned int max, uint64_t *idle_ns)
{
    struct arg_mark mark = arg_begin(ctrl);
    struct xen_sysctl_cpuinfo *buffer = arg_get(ctrl, max * sizeof(*buffer) + 1);
    struct xen_sysctl op = { .u.getcpuinfo = { .max_cpus = max, .info = buffer } };
    int rc = buffer ? sysctl(ctrl, &op, XEN_SYSCTL_getcpuinfo, "asking for the CPUs' idle time")
                    : arg_error(ctrl);
    unsigned int i, nr = op.u.getcpuinfo.nr_cpus < max ? op.u.getcpuinfo.nr_cpus : max;

    for (i = 0; rc == 0 && i < nr; i++) {
        idle_ns[i] = buffer[i].idletime;
    }
    arg_end(ctrl, mark);
    return rc ? rc : (int)nr;
}

int ctrl_numa(struct ctrl *ctrl, unsigned int max, struct ctrl_node *nodes, uint32_t *distances)
{
    struct arg_mark mark = arg_begin(ctrl);
    struct xen_sysctl_meminfo *info = max ? arg_get(ctrl, max * sizeof(*info)) : NULL;
    uint32_t *distance = max ? arg_get(ctrl, (size_t)max * max * sizeof(*distance)) : NULL;
    struct xen_sysctl op = {
        .u.numainfo = { .num_nodes = max, .meminfo = info, .distance = distance },
    };
    int rc = max && (!info || !distance) ? arg_error(ctrl) :
             sysctl(ctrl, &op, XEN_SYSCTL_numainfo, "asking for the nodes of memory");
    unsigned int i, j, nr = op.u.numainfo.num_nodes < max ? op.u.numainfo.num_nodes : max;

    for (i = 0; rc == 0 && i < nr; i++) {
        nodes[i] = (struct ctrl_node){ info[i].memsize, info[i].memfree };
        /* The hypervisor's rows are as long as there are nodes. */
        for (j = 0; distances && j < nr; j++) {
            distances[i * max + j] = distance[i * nr + j];
        }
    }
    arg_end(ctrl, mark);
    return rc ? rc : (int)op.u.numainfo.num_nodes;
}

int ctrl_pci_topology(struct ctrl *ctrl, unsigned int nr, const struct ctrl_pci_device *devices,
                      uint32_t *nodes)
{
    struct arg_mark mark = arg_begin(ctrl);
    physdev_pci_device_t *devs = arg_get_zeroed(ctrl, nr * sizeof(*devs));
    uint32_t *result = arg_get(ctrl, nr * sizeof(*result));
    struct xen_sysctl op = {
        .u.pcitopoinfo = { .num_devs = nr, .devs = devs, .nodes = result },
    };
    unsigned int i;
    int rc = devs && result ? 0 : arg_error(ctrl);

    for (i = 0; rc == 0 && i < nr; i++) {
        devs[i].seg = devices[i].segment;
        devs[i].bus = devices[i].bus;
        devs[i].devfn = devices[i].devfn;
    }
    rc = rc ? rc : sysctl(ctrl, &op, XEN_SYSCTL_pcitopoinfo, "asking for the devices' nodes");
    for (i = 0; rc == 0 && i < nr; i++) {
        nodes[i] = result[i] == XEN_INVALID_DEV ? CTRL_TOPOLOGY_INVALID : result[i];
    }
    arg_end(ctrl, mark);
    return rc;
}

int ctrl_free_bytes(struct ctrl *ctrl, int node, uint32_t min_bits, uint32_t max_bits,
                    uint64_t *bytes)
{
    struct xen_sysctl op = {
        .u.availheap = { .min_bitwidth = min_bits, .max_bitwidth = max_bits, .node = node },
    };
    int rc = sysctl(ctrl, &op, XEN_SYSCTL_availheap, "asking for free memory");

    if (rc == 0) {
        *bytes = op.u.availheap.avail_bytes;
    }
    return rc;
}

static int read_messages(struct ctrl *ctrl, struct xen_sysctl_readconsole *read,
                         const char *what)
{
    struct xen_sysctl op = { .u.readconsole = *read };
    int rc = sysctl(ctrl, &op, XEN_SYSCTL_readconsole, what);

    *read = op.u.readconsole;
    return rc;
}

int ctrl_console_read(struct ctrl *ctrl, uint32_t *index, char *buffer, size_t size)
{
    struct arg_mark mark = arg_begin(ctrl);
    uint32_t room = size < 65536 ? (uint32_t)size : 65536;
    char *arg = arg_get(ctrl, room);
    struct xen_sysctl_readconsole read = {
        .incremental = 1, .index = *index, .buffer = arg, .count = room,
    };
    int rc = arg ? read_messages(ctrl, &read, "reading the hypervisor's messages")
                 : arg_error(ctrl);

    if (rc == 0) {
        memcpy(buffer, arg, read.count);
        *index = read.index;
        rc = (int)read.count;
    }
    arg_end(ctrl, mark);
    return rc;
}

/* Xen forgets what such a call has read, Xenios everything: so it is read to its end. */
int ctrl_console_clear(struct ctrl *ctrl)
{
    struct arg_mark mark = arg_begin(ctrl);
    char *arg = arg_get(ctrl, CLEAR_CHUNK);
    struct xen_sysctl_readconsole read;
    int rc = arg ? 0 : arg_error(ctrl);
    unsigned int i;

    for (i = 0; !rc && i < CLEAR_MAX; i++) {
        read = (struct xen_sysctl_readconsole){ .clear = 1, .buffer = arg, .count = CLEAR_CHUNK };
        rc = read_messages(ctrl, &read, "clearing the hypervisor's messages");
        if (!read.count) {
            break;
        }
    }
    arg_end(ctrl, mark);
    return rc;
}

int ctrl_debug_keys(struct ctrl *ctrl, const char *keys)
{
    struct arg_mark mark = arg_begin(ctrl);
    size_t nr = strlen(keys);
    char *arg = arg_get(ctrl, nr + 1);
    struct xen_sysctl op = { .u.debug_keys = { .keys = arg, .nr_keys = (uint32_t)nr } };
    int rc = arg_error(ctrl);

    if (nr > MAX_KEYS) {
        rc = ctrl_fail(ctrl, -E2BIG, "sending %zu debug keys: at most %u at once", nr, MAX_KEYS);
    } else if (arg) {
        memcpy(arg, keys, nr + 1);
        rc = sysctl(ctrl, &op, XEN_SYSCTL_debug_keys, "sending debug keys");
    }
    arg_end(ctrl, mark);
    return rc;
}

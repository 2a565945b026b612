/* SPDX-License-Identifier: BSD-2-Clause */
/* sysctl: the machine's CPUs, memory and console. One node: all memory is equally near. */
#include <asm/cpuid.h>
#include <asm/cputopo.h>
#include <asm/hvm.h>
#include <asm/keys.h>
#include <asm/pci.h>
#include <xen/alloc.h>
#include <xen/console.h>
#include <xen/control.h>
#include <xen/domain.h>
#include <xen/errno.h>
#include <xen/hypercall.h>
#include <xen/string.h>
#include <xen/time.h>
#include <xen/usercopy.h>

#include "sysctl.h"

#define CHUNK        512
#define MAX_KEYS     16
#define SELF_DISTANCE 10 /* as ACPI's SLIT has it */

int sysctl_physinfo(struct xen_sysctl *op)
{
    struct xen_sysctl_physinfo *p = &op->u.physinfo;
    struct cpu_topology t = cputopo_of(0);

    *p = (struct xen_sysctl_physinfo){
        .threads_per_core = t.threads_per_core,
        .cores_per_socket = t.cores_per_socket,
        .nr_cpus = nr_cpus_online,
        .max_cpu_id = control_nr_cpu_ids() - 1,
        .nr_nodes = 1,
        .cpu_khz = cpu_khz,
        .capabilities = XEN_SYSCTL_PHYSCAP_pv | XEN_SYSCTL_PHYSCAP_gnttab_v1 |
                        (hvm_engine_name() != NULL
                             ? XEN_SYSCTL_PHYSCAP_hvm | XEN_SYSCTL_PHYSCAP_hap : 0),
        .total_pages = buddy_total_pages(),
        .free_pages = buddy_free_pages(),
        .scrub_pages = buddy_dirty_pages(),
        .outstanding_pages = buddy_claimed_pages(),
        .max_mfn = max_mfn - 1,
    };
    (void)policy_featureset(cpuid_policy(POLICY_HOST), p->hw_cap, ARRAY_SIZE(p->hw_cap));
    return 0;
}

int sysctl_cputopoinfo(struct xen_sysctl *op)
{
    struct xen_sysctl_cputopoinfo *info = &op->u.cputopoinfo;
    unsigned int nr = control_nr_cpu_ids();

    for (unsigned int cpu = 0; info->cputopo != NULL && cpu < MIN(info->num_cpus, nr); cpu++) {
        struct xen_sysctl_cputopo t = {
            XEN_INVALID_CORE_ID, XEN_INVALID_SOCKET_ID, XEN_INVALID_NODE_ID,
        };

        if (cpumask_test(&cpu_online_map, cpu)) {
            struct cpu_topology place = cputopo_of(cpu);

            t = (struct xen_sysctl_cputopo){ place.core, place.socket, 0 };
        }
        if (!write_guest(&info->cputopo[cpu], &t)) {
            return -EFAULT;
        }
    }
    info->num_cpus = info->cputopo != NULL ? MIN(info->num_cpus, nr) : nr;
    return 0;
}

int sysctl_numainfo(struct xen_sysctl *op)
{
    struct xen_sysctl_numainfo *info = &op->u.numainfo;
    struct xen_sysctl_meminfo memory = {
        .memsize = buddy_total_pages() << PAGE_SHIFT,
        .memfree = buddy_free_pages() << PAGE_SHIFT,
    };
    uint32_t distance = SELF_DISTANCE;

    if (info->num_nodes > 0 || (info->meminfo == NULL && info->distance == NULL)) {
        if ((info->meminfo != NULL && !write_guest(info->meminfo, &memory)) ||
            (info->distance != NULL && !write_guest(info->distance, &distance))) {
            return -EFAULT;
        }
        info->num_nodes = 1;
    }
    return 0;
}

/*
 * Of each device the node; XEN_INVALID_DEV: dom0 told of no such device. num_devs counts those
 * done.
 */
int sysctl_pcitopoinfo(struct xen_sysctl *op)
{
    struct xen_sysctl_pcitopoinfo *info = &op->u.pcitopoinfo;

    if (info->devs == NULL || info->nodes == NULL) {
        return -EINVAL;
    }
    for (uint32_t i = 0; i < info->num_devs; i++) {
        struct physdev_pci_device dev;
        struct pci_sbdf s;
        uint32_t node;

        if (!read_guest(&dev, &info->devs[i])) {
            return -EFAULT;
        }
        s = (struct pci_sbdf){ dev.seg, dev.bus, dev.devfn };
        pci_lock();
        /* Firmware names no node that we'd know. */
        node = pci_device_find(s) != NULL ? XEN_INVALID_NODE_ID : XEN_INVALID_DEV;
        pci_unlock();
        if (!write_guest(&info->nodes[i], &node)) {
            return -EFAULT;
        }
    }
    return 0;
}

int sysctl_getcpuinfo(struct xen_sysctl *op)
{
    struct xen_sysctl_getcpuinfo *info = &op->u.getcpuinfo;
    uint32_t nr = MIN(info->max_cpus, control_nr_cpu_ids());

    for (uint32_t cpu = 0; cpu < nr; cpu++) {
        struct xen_sysctl_cpuinfo i = { 0 };

        if (cpumask_test(&cpu_online_map, cpu)) {
            i.idletime = sched_idle_time(cpu);
        }
        if (!write_guest(&info->info[cpu], &i)) {
            return -EFAULT;
        }
    }
    info->nr_cpus = nr;
    return 0;
}

/* Free memory between two widths of addresses; 0: no bound. */
int sysctl_availheap(struct xen_sysctl *op)
{
    struct xen_sysctl_availheap *h = &op->u.availheap;
    uint64_t upper, lower = 0;

    if (h->node != -1 && h->node != 0) {
        h->avail_bytes = 0;
        return 0;
    }
    upper = h->max_bitwidth == 0 || h->max_bitwidth >= 64 ? buddy_free_pages()
                                                          : buddy_free_pages_below(h->max_bitwidth);
    if (h->min_bitwidth != 0) {
        lower = h->min_bitwidth >= 64 ? upper : buddy_free_pages_below(h->min_bitwidth);
    }
    h->avail_bytes = (upper - MIN(lower, upper)) << PAGE_SHIFT;
    return 0;
}

int sysctl_readconsole(struct xen_sysctl *op)
{
    struct xen_sysctl_readconsole *r = &op->u.readconsole;
    uint32_t index = r->incremental ? r->index : 0, done = 0;
    char chunk[CHUNK];

    while (done < r->count) {
        size_t n = console_ring_read(chunk, MIN(r->count - done, (uint32_t)CHUNK), &index, false);

        if (n == 0) {
            break;
        }
        if (copy_to_guest(r->buffer + done, chunk, n) != 0) {
            return -EFAULT;
        }
        done += (uint32_t)n;
    }
    if (r->clear) {
        uint32_t end = index;

        (void)console_ring_read(chunk, 0, &end, true);
    }
    r->index = index;
    r->count = done;
    return 0;
}

/* Acted on one by one, soon after the call. */
int sysctl_debug_keys(struct xen_sysctl *op)
{
    const struct xen_sysctl_debug_keys *k = &op->u.debug_keys;
    char keys[MAX_KEYS];
    uint32_t nr = MIN(k->nr_keys, (uint32_t)MAX_KEYS);

    if (copy_from_guest(keys, k->keys, nr) != 0) {
        return -EFAULT;
    }
    for (uint32_t i = 0; i < nr; i++) {
        key_press(keys[i]);
    }
    return 0;
}

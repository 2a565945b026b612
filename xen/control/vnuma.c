/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The nodes that a domain is told it has (domctl setvnumainfo, memory_op get_vnumainfo): tables
 * that the tools write and the domain reads. This machine is one node, so nothing else follows
 * from them.
 *
 * d->memory.vnuma is replaced as a whole, under the memory lock.
 */
#include <public/memory.h>
#include <xen/alloc.h>
#include <xen/domain.h>
#include <xen/errno.h>
#include <xen/string.h>
#include <xen/usercopy.h>

#include "domctl.h"
#include "memory_op.h"

#define MAX_PHYSICAL_NODES 64 /* as in the tools' sets of nodes */

/* The tables lie in one block, in this order. */
struct vnuma {
    uint32_t nr_vnodes, nr_ranges, nr_vcpus;
    size_t size;
    struct xen_vmemrange *ranges;
    uint32_t *distance;      /* nr_vnodes * nr_vnodes */
    uint32_t *vcpu_to_vnode;
    uint32_t *vnode_to_pnode;
};

static size_t size_of(uint32_t nr_vnodes, uint32_t nr_ranges, uint32_t nr_vcpus)
{
    return sizeof(struct vnuma) + nr_ranges * sizeof(struct xen_vmemrange) +
           (nr_vnodes * nr_vnodes + nr_vcpus + nr_vnodes) * sizeof(uint32_t);
}

static void set_pointers(struct vnuma *n)
{
    n->ranges = (struct xen_vmemrange *)(n + 1);
    n->distance = (uint32_t *)(n->ranges + n->nr_ranges);
    n->vcpu_to_vnode = n->distance + n->nr_vnodes * n->nr_vnodes;
    n->vnode_to_pnode = n->vcpu_to_vnode + n->nr_vcpus;
}

static int check_numbers(const struct domain *d, const struct xen_domctl_vnuma *from)
{
    /* No table is larger than a page. */
    if (from->pad != 0 || from->nr_vnodes == 0 || from->nr_vcpus != d->max_vcpus ||
        from->nr_vnodes > PAGE_SIZE || from->nr_vmemranges > PAGE_SIZE ||
        from->nr_vnodes * from->nr_vnodes * sizeof(uint32_t) > PAGE_SIZE ||
        from->nr_vmemranges * sizeof(struct xen_vmemrange) > PAGE_SIZE) {
        return -EINVAL;
    }
    return 0;
}

static int read_tables(struct vnuma *n, const struct xen_domctl_vnuma *from)
{
    if (copy_from_guest(n->distance, from->vdistance,
                        n->nr_vnodes * n->nr_vnodes * sizeof(uint32_t)) != 0 ||
        copy_from_guest(n->ranges, from->vmemrange, n->nr_ranges * sizeof(n->ranges[0])) != 0 ||
        copy_from_guest(n->vcpu_to_vnode, from->vcpu_to_vnode,
                        n->nr_vcpus * sizeof(uint32_t)) != 0 ||
        copy_from_guest(n->vnode_to_pnode, from->vnode_to_pnode,
                        n->nr_vnodes * sizeof(uint32_t)) != 0) {
        return -EFAULT;
    }
    for (uint32_t i = 0; i < n->nr_vcpus; i++) {
        if (n->vcpu_to_vnode[i] >= n->nr_vnodes) {
            return -E2BIG;
        }
    }
    for (uint32_t i = 0; i < n->nr_vnodes; i++) {
        if (n->vnode_to_pnode[i] >= MAX_PHYSICAL_NODES) {
            return -E2BIG;
        }
    }
    for (uint32_t i = 0; i < n->nr_ranges; i++) {
        if (n->ranges[i].flags != 0) {
            return -EINVAL;
        }
    }
    return 0;
}

int domctl_setvnumainfo(struct domain *d, struct xen_domctl *op)
{
    const struct xen_domctl_vnuma *from = &op->u.vnuma;
    struct vnuma *n;
    int rc = check_numbers(d, from);

    if (rc != 0) {
        return rc;
    }
    n = heap_alloc(size_of(from->nr_vnodes, from->nr_vmemranges, from->nr_vcpus));
    if (n == NULL) {
        return -ENOMEM;
    }
    n->nr_vnodes = from->nr_vnodes;
    n->nr_ranges = from->nr_vmemranges;
    n->nr_vcpus = from->nr_vcpus;
    n->size = size_of(n->nr_vnodes, n->nr_ranges, n->nr_vcpus);
    set_pointers(n);
    rc = read_tables(n, from);
    if (rc == 0) {
        struct vnuma *old;

        spin_lock(&d->memory.lock);
        old = d->memory.vnuma;
        d->memory.vnuma = n;
        spin_unlock(&d->memory.lock);
        n = old;
    }
    heap_free(n);
    return rc;
}

/* A copy, since guest memory can't be written under the lock. -EOPNOTSUPP: there is nothing. */
static int copy_vnuma(struct domain *d, struct vnuma **out)
{
    struct vnuma *copy = heap_alloc(size_of(0, 0, 0) + 3 * PAGE_SIZE);
    int rc = -EOPNOTSUPP;

    if (copy == NULL) {
        return -ENOMEM;
    }
    spin_lock(&d->memory.lock);
    if (d->memory.vnuma != NULL) {
        memcpy(copy, d->memory.vnuma, d->memory.vnuma->size);
        rc = 0;
    }
    spin_unlock(&d->memory.lock);
    if (rc != 0) {
        heap_free(copy);
        return rc;
    }
    set_pointers(copy);
    *out = copy;
    return 0;
}

static int write_tables(const struct vnuma *n, const struct xen_vnuma_topology_info *to)
{
    if (copy_to_guest(to->vmemrange.h, n->ranges, n->nr_ranges * sizeof(n->ranges[0])) != 0 ||
        copy_to_guest(to->vdistance.h, n->distance,
                      n->nr_vnodes * n->nr_vnodes * sizeof(uint32_t)) != 0 ||
        copy_to_guest(to->vcpu_to_vnode.h, n->vcpu_to_vnode,
                      n->nr_vcpus * sizeof(uint32_t)) != 0) {
        return -EFAULT;
    }
    return 0;
}

/* Too little room: only the numbers are written, and -ENOBUFS says so. */
long memory_get_vnumainfo(unsigned long start, void *arg)
{
    struct xen_vnuma_topology_info *guest = arg, t;
    struct domain *d;
    struct vnuma *n;
    int rc;

    (void)start;
    if (!read_guest(&t, guest)) {
        return -EFAULT;
    }
    rc = domain_get_target(t.domid, &d);
    if (rc != 0) {
        return rc;
    }
    rc = t.pad != 0 ? -EINVAL : copy_vnuma(d, &n);
    domain_put(d);
    if (rc != 0) {
        return rc;
    }
    if (t.nr_vnodes < n->nr_vnodes || t.nr_vcpus < n->nr_vcpus ||
        t.nr_vmemranges < n->nr_ranges) {
        rc = -ENOBUFS;
    } else {
        rc = write_tables(n, &t);
    }
    t.nr_vnodes = n->nr_vnodes;
    t.nr_vcpus = n->nr_vcpus;
    t.nr_vmemranges = n->nr_ranges;
    if (rc != -EFAULT && !write_guest(guest, &t)) {
        rc = -EFAULT;
    }
    heap_free(n);
    return rc;
}

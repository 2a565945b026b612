/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * memory_op: the guest-physical map of translated domains (docs/interface/memory_op.md). Guest
 * frames of a PV domain are its own business: -EACCES.
 */
#include "memory_op.h"

#include <asm/current.h>
#include <public/memory.h>
#include <xen/alloc.h>
#include <xen/arch.h>
#include <xen/control.h>
#include <xen/domain.h>
#include <xen/errno.h>
#include <xen/grant.h>
#include <xen/hypercall.h>
#include <xen/mm.h>
#include <xen/usercopy.h>

/* A translated domain that the caller is or may control, held. */
static int get_translated(domid_t id, struct domain **out)
{
    int rc = domain_get_target(id, out);

    if (rc == 0 && !arch_is_translated(*out)) {
        domain_put(*out);
        rc = -EACCES;
    }
    return rc;
}

static int add_grant_frame(struct domain *d, uint64_t idx, uint64_t gfn)
{
    mfn_t m;
    int rc;

    if (idx & XENMAPIDX_grant_table_status) {
        return -EINVAL; /* of version 2 */
    }
    if (idx > UINT32_MAX) {
        return -EINVAL;
    }
    rc = grant_table_frame(d, (unsigned int)idx, &m);
    return rc == 0 ? arch_physmap_add_shared(d, gfn, m) : rc;
}

static int add_one(struct domain *d, unsigned int space, uint64_t idx, uint64_t gfn)
{
    switch (space) {
    case XENMAPSPACE_shared_info:
        return idx == 0 ? arch_physmap_add_shared(d, gfn, virt_to_mfn(d->shared_info)) : -EINVAL;
    case XENMAPSPACE_grant_table:
        return add_grant_frame(d, idx, gfn);
    case XENMAPSPACE_gmfn:
    case XENMAPSPACE_gmfn_range:
    case XENMAPSPACE_gmfn_foreign:
    case XENMAPSPACE_dev_mmio:
        return -EOPNOTSUPP;
    default:
        return -ENOSYS;
    }
}

int physmap_add(domid_t id, unsigned int space, uint64_t idx, uint64_t gfn)
{
    struct domain *d;
    int rc = get_translated(id, &d);

    if (rc == 0) {
        rc = add_one(d, space, idx, gfn);
        domain_put(d);
    }
    return rc;
}

long memory_add_to_physmap(unsigned long start, void *arg)
{
    struct xen_add_to_physmap op;

    (void)start;
    if (!read_guest(&op, (struct xen_add_to_physmap *)arg)) {
        return -EFAULT;
    }
    return physmap_add(op.domid, op.space, op.idx, op.gpfn);
}

/* Each entry has its own result; goes on after a preemption with what is left. */
long memory_add_to_physmap_batch(unsigned long start, void *arg)
{
    struct xen_add_to_physmap_batch op;
    struct domain *d;
    long rc;

    if (!read_guest(&op, (struct xen_add_to_physmap_batch *)arg)) {
        return -EFAULT;
    }
    rc = get_translated(op.domid, &d);
    if (rc != 0) {
        return rc;
    }
    for (unsigned long i = start; rc == 0 && i < op.size; i++) {
        uint64_t idx, gfn;
        int err;

        if (!read_guest(&idx, &op.idxs[i]) || !read_guest(&gfn, &op.gpfns[i])) {
            rc = -EFAULT;
            break;
        }
        err = add_one(d, op.space, idx, gfn);
        if (!write_guest(&op.errs[i], &err)) {
            rc = -EFAULT;
        } else if (i + 1 < op.size && hypercall_preempt_check()) {
            hypercall_set_arg(0, XENMEM_add_to_physmap_batch | (i + 1) << CMD_SHIFT);
            rc = -ERESTART;
        }
    }
    domain_put(d);
    return rc;
}

long memory_remove_from_physmap(unsigned long start, void *arg)
{
    struct xen_remove_from_physmap op;
    struct page_info *pg;
    struct domain *d;
    int rc;

    (void)start;
    if (!read_guest(&op, (struct xen_remove_from_physmap *)arg)) {
        return -EFAULT;
    }
    rc = get_translated(op.domid, &d);
    if (rc != 0) {
        return rc;
    }
    rc = arch_physmap_remove(d, op.gpfn, &pg);
    arch_physmap_flush(d);
    domain_put(d);
    return rc;
}

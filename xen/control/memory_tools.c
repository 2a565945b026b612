/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * memory_op: what the tools ask while they build a domain (docs/interface/memory_op.md): its memory
 * map, frames of its grant table, a claim on free memory.
 */
#include <asm/current.h>
#include <public/memory.h>
#include <xen/domain.h>
#include <xen/e820.h>
#include <xen/alloc.h>
#include <xen/errno.h>
#include <xen/grant.h>
#include <xen/hypercall.h>
#include <xen/mm.h>
#include <xen/usercopy.h>

#include "memory_op.h"

static int read_map(const struct xen_memory_map *from, struct memory_map **out)
{
    struct memory_map *m;

    if (from->nr_entries > E820_MAX) {
        return -EINVAL;
    }
    m = heap_alloc(sizeof(*m) + from->nr_entries * sizeof(m->e[0]));
    if (m == NULL) {
        return -ENOMEM;
    }
    m->nr = from->nr_entries;
    if (copy_from_guest(m->e, from->buffer, m->nr * sizeof(m->e[0])) != 0) {
        heap_free(m);
        return -EFAULT;
    }
    *out = m;
    return 0;
}

long memory_set_memory_map(unsigned long start, void *arg)
{
    struct xen_foreign_memory_map f;
    struct memory_map *m, *old;
    struct domain *d;
    int rc;

    (void)start;
    if (!read_guest(&f, (struct xen_foreign_memory_map *)arg)) {
        return -EFAULT;
    }
    rc = domain_get_target(f.domid, &d);
    if (rc != 0) {
        return rc;
    }
    rc = read_map(&f.map, &m);
    if (rc == 0) {
        spin_lock(&d->memory.lock);
        old = d->memory.map;
        d->memory.map = m;
        spin_unlock(&d->memory.lock);
        heap_free(old);
    }
    domain_put(d);
    return rc;
}

/* ------------------------------------------------------------------------ */
/* The toolstack's */

/* The domain must be another one, and the caller its controller. */
static int get_other(domid_t id, struct domain **out)
{
    if (id == DOMID_SELF) {
        return -ESRCH;
    }
    return id == current->domain->id ? -EPERM : domain_get_target(id, out);
}

/* Frames [frame + start, frame + nr) of the grant table to the list. */
static int acquire_grant_frames(struct domain *d, const struct xen_mem_acquire_resource *r,
                                unsigned long start)
{
    if (r->id != XENMEM_resource_grant_table_id_shared || r->frame > UINT32_MAX - r->nr_frames) {
        return -EINVAL;
    }
    for (unsigned long i = start; i < r->nr_frames; i++) {
        uint64_t n;
        mfn_t m;
        int rc;

        if (i != start && hypercall_preempt_check()) {
            hypercall_set_arg(0, XENMEM_acquire_resource | i << CMD_SHIFT);
            return -ERESTART;
        }
        rc = grant_table_frame(d, (unsigned int)(r->frame + i), &m);
        if (rc != 0) {
            return rc;
        }
        n = m.n;
        if (!write_guest(&r->frame_list[i], &n)) {
            return -EFAULT;
        }
    }
    return 0;
}

static int acquire_from(struct domain *d, struct xen_mem_acquire_resource *guest,
                        const struct xen_mem_acquire_resource *r, unsigned long start)
{
    switch (r->type) {
    case XENMEM_resource_grant_table:
        break;
    case XENMEM_resource_ioreq_server:
    case XENMEM_resource_vmtrace_buf:
        return -EINVAL;
    default:
        return -EOPNOTSUPP;
    }
    if (r->frame_list == NULL) {
        uint32_t size = grant_table_max_frames(d);

        if (r->nr_frames != 0) {
            return -EINVAL;
        }
        return write_guest(&guest->nr_frames, &size) ? 0 : -EFAULT;
    }
    return acquire_grant_frames(d, r, start);
}

long memory_acquire_resource(unsigned long start, void *arg)
{
    struct xen_mem_acquire_resource *guest = arg, r;
    struct domain *d;
    int rc;

    if (!read_guest(&r, guest)) {
        return -EFAULT;
    }
    if (r.pad != 0) {
        return -EINVAL;
    }
    rc = get_other(r.domid, &d);
    if (rc == 0) {
        rc = acquire_from(d, guest, &r, start);
        domain_put(d);
    }
    return rc;
}

/* Holds memory back for a domain that is being built, until it has it all: mm/claim.c. */
long memory_claim_pages(unsigned long start, void *arg)
{
    struct xen_memory_reservation r;
    struct domain *d;
    int rc = -EPERM;

    (void)start;
    if (!read_guest(&r, (struct xen_memory_reservation *)arg)) {
        return -EFAULT;
    }
    if (r.extent_start != NULL || r.mem_flags != 0 || r.extent_order != 0) {
        return -EINVAL;
    }
    d = domain_get(r.domid);
    if (d == NULL) {
        return -EINVAL;
    }
    if (current->domain->is_control && r.nr_extents == 0) {
        domain_release_claim(d);
        rc = 0;
    } else if (current->domain->is_control) {
        rc = domain_claim_pages(d, r.nr_extents);
    }
    domain_put(d);
    return rc;
}

/* Nothing is reserved: devices of a domain are not translated by an IOMMU. */
long memory_reserved_device_memory_map(unsigned long start, void *arg)
{
    struct xen_reserved_device_memory_map *guest = arg, map;

    (void)start;
    if (!read_guest(&map, guest)) {
        return -EFAULT;
    }
    if (map.flags & ~(uint32_t)XENMEM_RDM_ALL) {
        return -EINVAL;
    }
    map.nr_entries = 0;
    return write_guest(guest, &map) ? 0 : -EFAULT;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The memory_op call (docs/interface/memory_op.md): copies the argument in, finds the domain,
 * checks who may, and calls the module that does it.
 *
 * The command's low bits are the operation; the bits above hold the number of extents done, for
 * the operations on extents: a preempted call is continued with that number.
 */
#include <asm/current.h>
#include <asm/m2p.h>
#include <asm/memory_map.h>
#include <public/memory.h>
#include <public/xen.h>
#include <xen/alloc.h>
#include <xen/domain.h>
#include <xen/e820.h>
#include <xen/errno.h>
#include <xen/grant.h>
#include <xen/hypercall.h>
#include <xen/mm.h>
#include <xen/reserve.h>
#include <xen/string.h>
#include <xen/usercopy.h>

#define CMD_SHIFT 6
#define CMD_MASK  ((1UL << CMD_SHIFT) - 1)

#define MAX_ORDER_CONTROL  MAX_ORDER
#define MAX_ORDER_DOMAIN   9
/* Of a guest that can't see the machine's size. */
#define MAX_MFN_HIDDEN     0x7ffffffffUL

_Static_assert(sizeof(struct memory_map_entry) == 20, "memory_op.md");

typedef long op_fn(unsigned long start, void *arg);

/* A domain that the caller may act on, held. -ESRCH, -EPERM. */
static int get_target(domid_t id, struct domain **out)
{
    struct domain *self = current->domain, *d;

    if (id == DOMID_SELF || id == self->id) {
        domain_hold(self);
        *out = self;
        return 0;
    }
    d = domain_get(id);
    if (d == NULL) {
        return self->is_control ? -ESRCH : -EPERM;
    }
    if (!domain_may_control(self, d)) {
        domain_put(d);
        return -EPERM;
    }
    *out = d;
    return 0;
}

static unsigned int max_order(void)
{
    return current->domain->is_control ? MAX_ORDER_CONTROL : MAX_ORDER_DOMAIN;
}

/* ------------------------------------------------------------------------ */
/* Reservations. Errors in the arguments just mean that nothing more was done. */

typedef int extents_fn(struct domain *d, const struct extent_list *list, uint64_t *done);

static struct extent_list list_of(const struct xen_memory_reservation *r)
{
    return (struct extent_list){
        .guest = r->extent_start,
        .nr = r->nr_extents,
        .order = r->extent_order,
        .alloc_flags = ALLOC_BITS(XENMEMF_get_address_bits(r->mem_flags)),
    };
}

static long reservation_op(unsigned long cmd, unsigned long start, void *arg, extents_fn *fn)
{
    struct xen_memory_reservation r;
    struct extent_list list;
    struct domain *d;
    uint64_t done = start;
    int rc;

    if (!read_guest(&r, (struct xen_memory_reservation *)arg) || r.nr_extents > ~0UL >> CMD_SHIFT ||
        start >= r.nr_extents || r.extent_order > max_order() || get_target(r.domid, &d) != 0) {
        return (long)start;
    }
    list = list_of(&r);
    rc = fn(d, &list, &done);
    domain_put(d);
    if (rc == -ERESTART) {
        hypercall_set_arg(0, cmd | done << CMD_SHIFT);
        return rc;
    }
    return (long)done;
}

static long increase_reservation(unsigned long start, void *arg)
{
    return reservation_op(XENMEM_increase_reservation, start, arg, reserve_increase);
}

static long decrease_reservation(unsigned long start, void *arg)
{
    return reservation_op(XENMEM_decrease_reservation, start, arg, reserve_decrease);
}

static long populate_physmap(unsigned long start, void *arg)
{
    return reservation_op(XENMEM_populate_physmap, start, arg, reserve_populate);
}

static bool exchange_is_sane(const struct xen_memory_exchange *x)
{
    return x->nr_exchanged <= x->in.nr_extents && x->in.domid == x->out.domid &&
           x->in.nr_extents <= ~0UL >> x->in.extent_order &&
           x->out.nr_extents <= ~0UL >> x->out.extent_order &&
           x->in.nr_extents << x->in.extent_order == x->out.nr_extents << x->out.extent_order;
}

static long exchange(unsigned long start, void *arg)
{
    struct xen_memory_exchange *guest = arg, x;
    struct extent_list in, out;
    struct domain *d;
    uint64_t done;
    int rc;

    (void)start;
    if (!read_guest(&x, guest)) {
        return -EFAULT;
    }
    if (x.in.extent_order > max_order() || x.out.extent_order > max_order()) {
        return -EPERM;
    }
    if (!exchange_is_sane(&x)) {
        return -EINVAL;
    }
    rc = get_target(x.in.domid, &d);
    if (rc != 0) {
        return rc;
    }
    in = list_of(&x.in);
    out = list_of(&x.out);
    done = x.nr_exchanged;
    rc = reserve_exchange(d, &in, &out, &done);
    domain_put(d);
    x.nr_exchanged = done;
    if (!write_guest(&guest->nr_exchanged, &x.nr_exchanged)) {
        rc = -EFAULT;
    }
    return rc;
}

/* ------------------------------------------------------------------------ */
/* Sizes */

static long domain_size(void *arg, long (*size)(const struct domain *d))
{
    struct xen_memory_domain m;
    struct domain *d;
    long rc;

    if (!read_guest(&m, (struct xen_memory_domain *)arg)) {
        return -EFAULT;
    }
    rc = get_target(m.domid, &d);
    if (rc == 0) {
        rc = size(d);
        domain_put(d);
    }
    return rc;
}

static long size_now(const struct domain *d)
{
    return (long)READ_ONCE(d->memory.tot_pages);
}

static long size_limit(const struct domain *d)
{
    return (long)MIN(READ_ONCE(d->memory.max_pages), UINT32_MAX);
}

static long size_of_gfns(const struct domain *d)
{
    /* The guest keeps their number; any value does no harm. */
    return (long)MAX(READ_ONCE(d->shared_info->arch.max_pfn), 1UL) - 1;
}

static long current_reservation(unsigned long start, void *arg)
{
    (void)start;
    return domain_size(arg, size_now);
}

static long maximum_reservation(unsigned long start, void *arg)
{
    (void)start;
    return domain_size(arg, size_limit);
}

static long maximum_gpfn(unsigned long start, void *arg)
{
    (void)start;
    return domain_size(arg, size_of_gfns);
}

static long maximum_ram_page(unsigned long start, void *arg)
{
    (void)start;
    (void)arg;
    return (long)max_mfn - 1;
}

/* ------------------------------------------------------------------------ */
/* The machine-to-physical table */

static long machphys_mapping(unsigned long start, void *arg)
{
    struct xen_machphys_mapping m = {
        .v_start = M2P_RO_START,
        .v_end = M2P_RO_END,
        .max_mfn = current->domain->is_hardware ? max_mfn - 1 : MAX_MFN_HIDDEN,
    };

    (void)start;
    return write_guest((struct xen_machphys_mapping *)arg, &m) ? 0 : -EFAULT;
}

static long machphys_mfn_list(unsigned long start, void *arg)
{
    struct xen_machphys_mfn_list *guest = arg, list;
    uint64_t last = 0;
    uint32_t i;

    (void)start;
    if (!read_guest(&list, guest)) {
        return -EFAULT;
    }
    /* A hole in the table repeats its neighbour: the list has no way to leave it out. */
    for (i = 0; i < list.max_extents && i < m2p_nr_chunks(); i++) {
        mfn_t m = m2p_chunk_mfn(i);

        if (!mfn_eq(m, INVALID_MFN)) {
            last = m.n;
        }
        if (!write_guest(&list.extent_start[i], &last)) {
            return -EFAULT;
        }
    }
    list.nr_extents = i;
    return write_guest(guest, &list) ? 0 : -EFAULT;
}

static long machphys_compat_mfn_list(unsigned long start, void *arg)
{
    (void)start;
    (void)arg;
    return -EOPNOTSUPP;
}

/* ------------------------------------------------------------------------ */
/* Memory maps */

static long machine_memory_map(unsigned long start, void *arg)
{
    struct xen_memory_map *guest = arg, map;

    (void)start;
    if (!current->domain->is_control) {
        return -EPERM;
    }
    if (!read_guest(&map, guest)) {
        return -EFAULT;
    }
    if (map.nr_entries < host_e820.nr) {
        return -EINVAL;
    }
    for (unsigned int i = 0; i < host_e820.nr; i++) {
        const struct e820_entry *h = &host_e820.e[i];
        struct memory_map_entry e = { h->addr, h->size, h->type };

        if (!write_guest((struct memory_map_entry *)map.buffer + i, &e)) {
            return -EFAULT;
        }
    }
    map.nr_entries = host_e820.nr;
    return write_guest(guest, &map) ? 0 : -EFAULT;
}

/* A copy of the domain's map, since guest memory can't be written under its lock. */
static int copy_map(struct domain *d, struct memory_map **out)
{
    struct memory_map *copy = heap_alloc(sizeof(*copy) + E820_MAX * sizeof(copy->e[0]));
    int rc = -ENOSYS;

    if (copy == NULL) {
        return -ENOMEM;
    }
    spin_lock(&d->memory.lock);
    if (d->memory.map != NULL) {
        memcpy(copy, d->memory.map, sizeof(*copy) + d->memory.map->nr * sizeof(copy->e[0]));
        rc = 0;
    }
    spin_unlock(&d->memory.lock);
    if (rc != 0) {
        heap_free(copy);
        return rc;
    }
    *out = copy;
    return 0;
}

static long memory_map(unsigned long start, void *arg)
{
    struct xen_memory_map *guest = arg, map;
    struct memory_map *m;
    long rc;

    (void)start;
    rc = copy_map(current->domain, &m);
    if (rc != 0) {
        return rc;
    }
    rc = -EFAULT;
    if (read_guest(&map, guest)) {
        map.nr_entries = MIN(map.nr_entries, m->nr);
        if (copy_to_guest(map.buffer, m->e, map.nr_entries * sizeof(m->e[0])) == 0 &&
            write_guest(guest, &map)) {
            rc = 0;
        }
    }
    heap_free(m);
    return rc;
}

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

static long set_memory_map(unsigned long start, void *arg)
{
    struct xen_foreign_memory_map f;
    struct memory_map *m, *old;
    struct domain *d;
    int rc;

    (void)start;
    if (!read_guest(&f, (struct xen_foreign_memory_map *)arg)) {
        return -EFAULT;
    }
    if (!current->domain->is_control) {
        return -EPERM;
    }
    rc = get_target(f.domid, &d);
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
    return id == current->domain->id ? -EPERM : get_target(id, out);
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

static long acquire_resource(unsigned long start, void *arg)
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

/*
 * A claim is a promise of memory for a domain that is being built. It is checked against what is
 * free now, but not held back from others: building may still run out.
 */
static long claim_pages(unsigned long start, void *arg)
{
    struct xen_memory_reservation r;
    struct domain *d;
    int rc;

    (void)start;
    if (!current->domain->is_control) {
        return -EPERM;
    }
    if (!read_guest(&r, (struct xen_memory_reservation *)arg)) {
        return -EFAULT;
    }
    if (r.extent_start != NULL || r.mem_flags != 0 || r.extent_order != 0) {
        return -EINVAL;
    }
    rc = get_target(r.domid, &d);
    if (rc == 0) {
        uint64_t has = READ_ONCE(d->memory.tot_pages);

        if (r.nr_extents > d->memory.max_pages) {
            rc = -EINVAL;
        } else if (r.nr_extents > has && r.nr_extents - has > buddy_free_pages()) {
            rc = -ENOMEM;
        }
        domain_put(d);
    }
    return rc;
}

/* Nothing is reserved: devices of a domain are not translated by an IOMMU. */
static long reserved_device_memory_map(unsigned long start, void *arg)
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

/*
 * Guest frames of a PV domain are its own business; only translated domains have a map to add to.
 */
static long physmap_op(unsigned long start, void *arg)
{
    struct domain *d;
    domid_t id; /* first in all three structures */
    int rc;

    (void)start;
    if (!read_guest(&id, (domid_t *)arg)) {
        return -EFAULT;
    }
    rc = get_target(id, &d);
    if (rc == 0) {
        domain_put(d);
        rc = -EACCES;
    }
    return rc;
}

static long no_vnuma(unsigned long start, void *arg)
{
    (void)start;
    (void)arg;
    return -EOPNOTSUPP;
}

/* Pages shared by deduplication, which doesn't exist. */
static long sharing_pages(unsigned long start, void *arg)
{
    (void)start;
    (void)arg;
    return 0;
}

static op_fn *const ops[] = {
    [XENMEM_increase_reservation] = increase_reservation,
    [XENMEM_decrease_reservation] = decrease_reservation,
    [XENMEM_maximum_ram_page] = maximum_ram_page,
    [XENMEM_current_reservation] = current_reservation,
    [XENMEM_maximum_reservation] = maximum_reservation,
    [XENMEM_machphys_mfn_list] = machphys_mfn_list,
    [XENMEM_populate_physmap] = populate_physmap,
    [XENMEM_add_to_physmap] = physmap_op,
    [XENMEM_memory_map] = memory_map,
    [XENMEM_machine_memory_map] = machine_memory_map,
    [XENMEM_exchange] = exchange,
    [XENMEM_machphys_mapping] = machphys_mapping,
    [XENMEM_set_memory_map] = set_memory_map,
    [XENMEM_maximum_gpfn] = maximum_gpfn,
    [XENMEM_remove_from_physmap] = physmap_op,
    [XENMEM_get_sharing_freed_pages] = sharing_pages,
    [XENMEM_get_sharing_shared_pages] = sharing_pages,
    [XENMEM_add_to_physmap_batch] = physmap_op,
    [XENMEM_claim_pages] = claim_pages,
    [XENMEM_machphys_compat_mfn_list] = machphys_compat_mfn_list,
    [XENMEM_get_vnumainfo] = no_vnuma,
    [XENMEM_reserved_device_memory_map] = reserved_device_memory_map,
    [XENMEM_acquire_resource] = acquire_resource,
};

long hypercall_memory_op(unsigned long cmd, void *arg)
{
    unsigned long op = cmd & CMD_MASK;

    return op < ARRAY_SIZE(ops) && ops[op] != NULL ? ops[op](cmd >> CMD_SHIFT, arg) : -ENOSYS;
}

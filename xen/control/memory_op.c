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
#include <xen/arch.h>
#include <xen/control.h>
#include <xen/domain.h>
#include <xen/e820.h>
#include <xen/errno.h>
#include <xen/grant.h>
#include <xen/hypercall.h>
#include <xen/mm.h>
#include <xen/reserve.h>
#include <xen/string.h>
#include <xen/usercopy.h>


#include "memory_op.h"

#define MAX_ORDER_CONTROL  MAX_ORDER
#define MAX_ORDER_DOMAIN   9
/* Of a guest that can't see the machine's size. */
#define MAX_MFN_HIDDEN     0x7ffffffffUL

_Static_assert(sizeof(struct memory_map_entry) == 20, "memory_op.md");

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
        start >= r.nr_extents || r.extent_order > max_order() ||
        domain_get_target(r.domid, &d) != 0) {
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
    rc = domain_get_target(x.in.domid, &d);
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
    rc = domain_get_target(m.domid, &d);
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
    if (arch_is_translated(d)) {
        return (long)arch_physmap_max_gfn(d);
    }
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
    /* Without a buffer only the number is asked for. */
    if (map.buffer != NULL && map.nr_entries < host_e820.nr) {
        return -EINVAL;
    }
    for (unsigned int i = 0; map.buffer != NULL && i < host_e820.nr; i++) {
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
    if (d->memory.map != NULL && d->memory.map->nr != 0) {
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

int memory_map_write(void *buffer, uint32_t *nr)
{
    struct memory_map *m;
    int rc = copy_map(current->domain, &m);

    if (rc != 0) {
        return rc;
    }
    *nr = MIN(*nr, m->nr);
    rc = copy_to_guest(buffer, m->e, *nr * sizeof(m->e[0])) == 0 ? 0 : -EFAULT;
    heap_free(m);
    return rc;
}

static long memory_map(unsigned long start, void *arg)
{
    struct xen_memory_map *guest = arg, map = { .nr_entries = 0 };
    bool is_read = read_guest(&map, guest);
    int rc;

    (void)start;
    /* That there is no map comes before an argument that cannot be read. */
    rc = memory_map_write(map.buffer, &map.nr_entries);
    if (rc != 0) {
        return rc;
    }
    return is_read && write_guest(guest, &map) ? 0 : -EFAULT;
}

/*
 * Memory on demand doesn't exist: of a translated domain none of it is used, whatever the target.
 * PV domains have no such thing: -EINVAL.
 */
static long pod_target(unsigned long start, void *arg)
{
    struct xen_pod_target op;
    struct domain *d;
    int rc;

    (void)start;
    if (!read_guest(&op, (struct xen_pod_target *)arg)) {
        return -EFAULT;
    }
    rc = domain_get_target(op.domid, &d);
    if (rc != 0) {
        return rc;
    }
    if (!arch_is_translated(d)) {
        rc = -EINVAL;
    } else {
        op.tot_pages = READ_ONCE(d->memory.tot_pages);
        op.pod_cache_pages = 0;
        op.pod_entries = 0;
        rc = write_guest((struct xen_pod_target *)arg, &op) ? 0 : -EFAULT;
    }
    domain_put(d);
    return rc;
}

/* Pages shared by deduplication, which doesn't exist. */
static long sharing_pages(unsigned long start, void *arg)
{
    (void)start;
    (void)arg;
    return 0;
}

static memory_op_fn *const ops[] = {
    [XENMEM_increase_reservation] = increase_reservation,
    [XENMEM_decrease_reservation] = decrease_reservation,
    [XENMEM_maximum_ram_page] = maximum_ram_page,
    [XENMEM_current_reservation] = current_reservation,
    [XENMEM_maximum_reservation] = maximum_reservation,
    [XENMEM_machphys_mfn_list] = machphys_mfn_list,
    [XENMEM_populate_physmap] = populate_physmap,
    [XENMEM_add_to_physmap] = memory_add_to_physmap,
    [XENMEM_memory_map] = memory_map,
    [XENMEM_machine_memory_map] = machine_memory_map,
    [XENMEM_exchange] = exchange,
    [XENMEM_machphys_mapping] = machphys_mapping,
    [XENMEM_set_memory_map] = memory_set_memory_map,
    [XENMEM_maximum_gpfn] = maximum_gpfn,
    [XENMEM_remove_from_physmap] = memory_remove_from_physmap,
    [XENMEM_set_pod_target] = pod_target,
    [XENMEM_get_pod_target] = pod_target,
    [XENMEM_get_sharing_freed_pages] = sharing_pages,
    [XENMEM_get_sharing_shared_pages] = sharing_pages,
    [XENMEM_add_to_physmap_batch] = memory_add_to_physmap_batch,
    [XENMEM_claim_pages] = memory_claim_pages,
    [XENMEM_machphys_compat_mfn_list] = machphys_compat_mfn_list,
    [XENMEM_get_vnumainfo] = memory_get_vnumainfo,
    [XENMEM_reserved_device_memory_map] = memory_reserved_device_memory_map,
    [XENMEM_acquire_resource] = memory_acquire_resource,
};

long hypercall_memory_op(unsigned long cmd, void *arg)
{
    unsigned long op = cmd & CMD_MASK;

    return op < ARRAY_SIZE(ops) && ops[op] != NULL ? ops[op](cmd >> CMD_SHIFT, arg) : -ENOSYS;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Grant tables: statuses of each call; random granting, mapping and unmapping against a model of
 * the uses; a granter that scribbles on its entries. References to pages and domains come out
 * even.
 */
#include "unit.h"

#include "../../xen/arch/fake/guests.h"
#include "../../xen/arch/fake/machine.h"
#include "../../xen/grant/table.h"
#include <asm/current.h>
#include <asm/page.h>
#include <xen/alloc.h>
#include <xen/arch.h>
#include <xen/domain.h>
#include <xen/errno.h>
#include <xen/hypercall.h>
#include <xen/mm.h>
#include <xen/tlb.h>

#define NR_PAGES    8
#define NR_SLOTS    64
#define NR_REFS     12
#define MAX_FRAMES  4
#define MAX_HANDLES 256 /* one page */

static struct domain *granter, *mapper, *other;
static struct page_info *page[NR_PAGES];
static struct grant_entry_v1 *entries;
static domid_t next_id;

/* ------------------------------------------------------------------------ */
/* The mapper's page table: slot n maps address n << 12 and lies at machine address n * 8 */

static pte_t slots[NR_SLOTS];
static uint32_t tlb_clock_at_unmap;
static void (*during_unmap)(void); /* what another vCPU does meanwhile */

void arch_grant_put_pte(uint64_t held)
{
    struct page_info *pg = mfn_to_page(pte_mfn(held));

    if (held & PTE_RW) {
        page_put_and_type(pg);
    } else {
        page_put(pg);
    }
}

static pte_t *slot_of(uint64_t addr, bool by_pte)
{
    uint64_t n = by_pte ? addr / 8 : addr >> 12;

    return n >= 1 && n < NR_SLOTS ? &slots[n] : NULL;
}

int arch_grant_map_pte(struct vcpu *v, uint64_t addr, uint64_t pte, bool by_pte)
{
    pte_t *slot = slot_of(addr, by_pte);

    assert_ptr_equal(v, current);
    assert_int_equal(fake_locks_held, 0);
    if (slot == NULL) {
        return -EINVAL;
    }
    if (*slot != 0) {
        arch_grant_put_pte(*slot);
    }
    *slot = pte;
    return 0;
}

int arch_grant_unmap_pte(struct vcpu *v, uint64_t addr, mfn_t frame, bool by_pte, uint64_t *held)
{
    pte_t *slot = slot_of(addr, by_pte);

    assert_ptr_equal(v, current);
    if (during_unmap != NULL) {
        during_unmap();
    }
    if (slot == NULL || *slot == 0 || !mfn_eq(pte_mfn(*slot), frame)) {
        return -EINVAL;
    }
    *held = *slot;
    *slot = 0;
    tlb_clock_at_unmap = fake_tlb_clock;
    return 0;
}

/* ------------------------------------------------------------------------ */

static int group_setup(void **state)
{
    (void)state;
    fake_guests_init();
    return 0;
}

static struct domain *domain_make(void)
{
    struct domain *d = fake_domain_create(next_id++, 1);

    assert_int_equal(grant_domain_init(d, MAX_FRAMES, 1), 0);
    return d;
}

static void run_as(struct domain *d)
{
    fake_current = d->vcpu[0];
}

static int setup(void **state)
{
    mfn_t m;

    (void)state;
    fake_preempt_every = 0;
    fake_may_control = true;
    granter = domain_make();
    mapper = domain_make();
    other = domain_make();
    mapper->is_control = true;
    for (unsigned int i = 0; i < NR_PAGES; i++) {
        page[i] = fake_page_create(granter);
        memset(page_to_virt(page[i]), 'a' + (int)i, PAGE_SIZE);
    }
    assert_int_equal(grant_table_frame(granter, 0, &m), 0);
    entries = mfn_to_virt(m);
    memset(slots, 0, sizeof(slots));
    run_as(mapper);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    assert_int_equal(fake_locks_held, 0);
    for (unsigned int i = 0; i < NR_SLOTS; i++) {
        if (slots[i] != 0) {
            arch_grant_put_pte(slots[i]);
        }
    }
    while (grant_domain_release_mappings(mapper) != 0) {
        continue;
    }
    for (unsigned int i = 0; i < NR_PAGES; i++) {
        assert_int_equal(page[i]->count, 1);
        assert_int_equal(page[i]->type & PGT_COUNT_MASK, 0);
    }
    for (unsigned int i = 0; i < ENTRIES_PER_FRAME; i++) {
        assert_int_equal(granter->grants->active[0][i].readers, 0);
    }
    grant_domain_fini(granter);
    grant_domain_fini(mapper);
    grant_domain_fini(other);
    assert_true(fake_domain_is_unreferenced(granter));
    assert_true(fake_domain_is_unreferenced(mapper));
    fake_domain_destroy(granter);
    fake_domain_destroy(mapper);
    fake_domain_destroy(other);
    return 0;
}

static void grant(grant_ref_t ref, struct page_info *pg, uint16_t flags)
{
    entries[ref].domid = mapper->id;
    entries[ref].frame = (uint32_t)page_to_mfn(pg).n;
    entries[ref].flags = flags;
}

static struct gnttab_map_grant_ref map_op(grant_ref_t ref, uint32_t flags, uint64_t addr)
{
    return (struct gnttab_map_grant_ref){
        .dom = granter->id, .ref = ref, .flags = flags, .host_addr = addr, .status = 99,
    };
}

static int map_run(struct gnttab_map_grant_ref *op)
{
    assert_int_equal(hypercall_grant_table_op(GNTTABOP_map_grant_ref, op, 1), 0);
    return op->status;
}

static int map(grant_ref_t ref, uint32_t flags, uint64_t addr, grant_handle_t *handle)
{
    struct gnttab_map_grant_ref op = map_op(ref, flags, addr);
    int status = map_run(&op);

    *handle = op.handle;
    return status;
}

static int unmap(grant_handle_t handle, uint64_t addr, uint64_t dev)
{
    struct gnttab_unmap_grant_ref op = {
        .handle = handle, .host_addr = addr, .dev_bus_addr = dev, .status = 99,
    };

    assert_int_equal(hypercall_grant_table_op(GNTTABOP_unmap_grant_ref, &op, 1), 0);
    return op.status;
}

#define RW       GTF_permit_access
#define RO       (GTF_permit_access | GTF_readonly)
#define HOST     GNTMAP_host_map
#define HOST_RO  (GNTMAP_host_map | GNTMAP_readonly)
#define VA(slot) ((uint64_t)(slot) << 12)

/* ------------------------------------------------------------------------ */

static void test_map_entry(void **state)
{
    uint64_t frame = page_to_mfn(page[0]).n << 12;
    struct gnttab_map_grant_ref op;
    grant_handle_t h;

    (void)state;
    grant(8, page[0], RW);
    op = map_op(8, HOST, VA(1));
    assert_int_equal(map_run(&op), GNTST_okay);
    assert_int_equal(op.dev_bus_addr, frame);
    assert_int_equal(slots[1], frame | PTE_NX | PTE_D | PTE_A | PTE_RW | PTE_P);
    assert_int_equal(entries[8].flags, 0x19);
    assert_int_equal(page[0]->count, 3);
    assert_int_equal(page[0]->type & PGT_COUNT_MASK, 2);
    assert_int_equal(unmap(op.handle, VA(1), 0), GNTST_okay);
    assert_true(fake_tlb_flushed > tlb_clock_at_unmap);
    assert_int_equal(slots[1], 0);
    assert_int_equal(entries[8].flags, RW);

    /* As gntdev asks: by entry, for the user, marked special. */
    op = map_op(8, HOST_RO | GNTMAP_contains_pte | GNTMAP_application_map | 0x50000, 16);
    assert_int_equal(map_run(&op), GNTST_okay);
    h = op.handle;
    assert_int_equal(slots[2], frame | PTE_NX | 0xa00 | PTE_D | PTE_A | PTE_US | PTE_P);
    assert_int_equal(entries[8].flags, 9);
    assert_int_equal(unmap(h, 16, 0), GNTST_okay);
}

static void test_map_statuses(void **state)
{
    struct gnttab_map_grant_ref op;
    grant_handle_t h;

    (void)state;
    grant(8, page[0], RW);
    grant(9, page[1], RO);
    grant(10, page[2], GTF_accept_transfer);
    grant(11, page[3], RW);
    entries[11].domid = other->id;
    grant(12, page[4], RW);
    page[4]->type = PGT_L1 | 1;
    grant(13, page[4], RW);
    entries[13].frame = 0;
    grant(14, page[4], RW);
    entries[14].frame = 0xffffffff;
    grant(15, virt_to_page(mapper->shared_info), RW);

    assert_int_equal(map(8, 0, VA(1), &h), GNTST_bad_gntref);
    assert_int_equal(map(MAX_FRAMES * 512, HOST, VA(1), &h), GNTST_bad_gntref);
    assert_int_equal(map(512, HOST, VA(1), &h), GNTST_bad_gntref);
    assert_int_equal(map(~0U, HOST, VA(1), &h), GNTST_bad_gntref);
    assert_int_equal(map(0, HOST, VA(1), &h), GNTST_general_error);
    assert_int_equal(map(9, HOST, VA(1), &h), GNTST_general_error);
    assert_int_equal(map(10, HOST, VA(1), &h), GNTST_general_error);
    assert_int_equal(map(11, HOST, VA(1), &h), GNTST_general_error);
    assert_int_equal(map(12, HOST, VA(1), &h), GNTST_general_error);
    assert_int_equal(map(13, HOST, VA(1), &h), GNTST_bad_page);
    assert_int_equal(map(14, HOST, VA(1), &h), GNTST_bad_page);
    assert_int_equal(map(15, HOST, VA(1), &h), GNTST_bad_page);
    assert_int_equal(map(8, HOST, VA(NR_SLOTS), &h), GNTST_general_error);
    for (unsigned int i = 8; i < 16; i++) {
        assert_int_equal(entries[i].flags & (GTF_reading | GTF_writing), 0);
    }
    op = map_op(8, HOST, VA(1));
    op.dom = DOMID_SELF;
    assert_int_equal(map_run(&op), GNTST_bad_domain);
    op.dom = 999;
    assert_int_equal(map_run(&op), GNTST_bad_domain);
    granter->state = DOMAIN_DYING;
    assert_int_equal(map(8, HOST, VA(1), &h), GNTST_general_error);
    granter->state = DOMAIN_ALIVE;

    /* A table may be read. */
    assert_int_equal(map(12, HOST_RO, VA(1), &h), GNTST_okay);
    assert_int_equal(unmap(h, VA(1), 0), GNTST_okay);
    page[4]->type = 0;
}

static void test_unmap_statuses(void **state)
{
    uint64_t frame0 = page_to_mfn(page[0]).n << 12;
    grant_handle_t h, ro, device;

    (void)state;
    grant(8, page[0], RW);
    grant(9, page[1], RW);
    assert_int_equal(map(8, HOST, VA(1), &h), GNTST_okay);
    assert_int_equal(map(9, HOST, VA(2), &ro), GNTST_okay);
    assert_int_equal(unmap(12345, VA(1), 0), GNTST_bad_handle);
    assert_int_equal(unmap(200, VA(1), 0), GNTST_bad_handle);
    assert_int_equal(unmap(h, VA(2), 0), GNTST_general_error);
    assert_int_equal(unmap(h, VA(3), 0), GNTST_general_error);
    assert_int_equal(unmap(h, VA(1), frame0 + 4096), GNTST_bad_dev_addr);
    assert_int_equal(entries[8].flags, 0x19);
    assert_int_equal(unmap(h, VA(1), 0), GNTST_okay);
    assert_int_equal(unmap(h, VA(1), 0), GNTST_bad_handle);
    assert_int_equal(unmap(ro, VA(2), 0), GNTST_okay);

    /* Both kinds in one handle go one by one. */
    assert_int_equal(map(8, HOST | GNTMAP_device_map, VA(1), &h), GNTST_okay);
    assert_int_equal(unmap(h, 0, frame0), GNTST_okay);
    assert_int_equal(entries[8].flags, 0x19);
    assert_int_equal(unmap(h, VA(1), 0), GNTST_okay);
    assert_int_equal(entries[8].flags, RW);
    assert_int_equal(map(8, GNTMAP_device_map, 0, &device), GNTST_okay);
    assert_int_equal(page[0]->count, 2);
    assert_int_equal(unmap(device, 0, frame0), GNTST_okay);
}

/* The entry of a writable mapping can't be left behind by unmapping it at a read-only one. */
static void test_unmap_other_permission(void **state)
{
    grant_handle_t rw, ro;

    (void)state;
    grant(8, page[0], RW);
    assert_int_equal(map(8, HOST, VA(1), &rw), GNTST_okay);
    assert_int_equal(map(8, HOST_RO, VA(2), &ro), GNTST_okay);
    assert_int_equal(unmap(rw, VA(2), 0), GNTST_general_error);
    assert_int_equal(unmap(ro, VA(1), 0), GNTST_general_error);
    assert_int_not_equal(slots[1] & PTE_RW, 0);
    assert_int_not_equal(slots[2], 0);
    assert_int_equal(unmap(rw, VA(1), 0), GNTST_okay);
    assert_int_equal(entries[8].flags, 9);
    assert_int_equal(unmap(ro, VA(2), 0), GNTST_okay);
    assert_int_equal(entries[8].flags, RW);
}

static grant_handle_t contended;

static void unmap_contended(void)
{
    during_unmap = NULL;
    assert_int_equal(unmap(contended, VA(1), 0), GNTST_bad_handle);
}

/* Two vCPUs unmap one handle: one of them does. */
static void test_unmap_twice_at_once(void **state)
{
    (void)state;
    grant(8, page[0], RW);
    assert_int_equal(map(8, HOST, VA(1), &contended), GNTST_okay);
    during_unmap = unmap_contended;
    assert_int_equal(unmap(contended, VA(1), 0), GNTST_okay);
    assert_null(during_unmap);
    assert_int_equal(page[0]->count, 1);
}

/* An entry in use by one domain cannot be used by another, though the granter rewrites it. */
static void test_second_user(void **state)
{
    grant_handle_t h;

    (void)state;
    grant(8, page[0], RW);
    assert_int_equal(map(8, HOST, VA(1), &h), GNTST_okay);
    entries[8].domid = other->id;
    run_as(other);
    assert_int_equal(map(8, HOST, VA(2), &contended), GNTST_general_error);
    run_as(mapper);
    assert_int_equal(unmap(h, VA(1), 0), GNTST_okay);
}

/* Later uses stay with the frame of the first one, whatever the granter writes. */
static void test_granter_changes_entry(void **state)
{
    grant_handle_t a, b;

    (void)state;
    grant(8, page[0], RW);
    assert_int_equal(map(8, HOST_RO, VA(1), &a), GNTST_okay);
    entries[8].frame = (uint32_t)page_to_mfn(page[1]).n;
    assert_int_equal(map(8, HOST, VA(2), &b), GNTST_okay);
    assert_int_equal(pte_mfn(slots[2]).n, page_to_mfn(page[0]).n);
    entries[8].flags = 0;
    entries[8].domid = other->id;
    assert_int_equal(unmap(b, VA(2), 0), GNTST_okay);
    assert_int_equal(unmap(a, VA(1), 0), GNTST_okay);
    assert_int_equal(page[0]->count, 1);
    assert_int_equal(page[1]->count, 1);
}

static void test_no_more_handles(void **state)
{
    grant_handle_t h, last;
    unsigned int n = 0;

    (void)state;
    grant(8, page[0], RW);
    while (map(8, GNTMAP_device_map | GNTMAP_readonly, 0, &h) == GNTST_okay) {
        assert_int_equal(h, n);
        n++;
    }
    assert_int_equal(n, MAX_HANDLES);
    assert_int_equal(map(8, GNTMAP_device_map, 0, &last), GNTST_no_space);
    assert_int_equal(page[0]->count, 1 + MAX_HANDLES);
    assert_int_equal(unmap(77, 0, page_to_mfn(page[0]).n << 12), GNTST_okay);
    assert_int_equal(map(8, GNTMAP_device_map, 0, &last), GNTST_okay);
    assert_int_equal(last, 77);
    /* teardown() releases the rest */
    fake_preempt_every = 3;
}

/* ------------------------------------------------------------------------ */

static int copy(struct gnttab_copy *op)
{
    op->status = 99;
    assert_int_equal(hypercall_grant_table_op(GNTTABOP_copy, op, 1), 0);
    return op->status;
}

static void test_copy(void **state)
{
    struct page_info *own = fake_page_create(mapper);
    struct gnttab_copy op = {
        .source = { .u.ref = 8, .domid = granter->id, .offset = 4000 },
        .dest = { .u.gmfn = page_to_mfn(own).n, .domid = DOMID_SELF, .offset = 10 },
        .len = 96,
        .flags = GNTCOPY_source_gref,
    };
    char *bytes = page_to_virt(own);

    (void)state;
    grant(8, page[0], RO);
    grant(9, page[1], RW);
    assert_int_equal(copy(&op), GNTST_okay);
    assert_int_equal(bytes[9], 0);
    assert_int_equal(bytes[10], 'a');
    assert_int_equal(bytes[105], 'a');
    assert_int_equal(bytes[106], 0);
    assert_int_equal(entries[8].flags, RO);
    assert_int_equal(own->count, 1);
    op.len = 97;
    assert_int_equal(copy(&op), GNTST_bad_copy_arg);
    op.len = 0xffff;
    op.source.offset = 0xffff;
    assert_int_equal(copy(&op), GNTST_bad_copy_arg);
    op.len = 2;
    op.source.offset = 0;
    op.dest.offset = 4095;
    assert_int_equal(copy(&op), GNTST_bad_copy_arg);
    op.len = 0;
    op.source.offset = 0;
    assert_int_equal(copy(&op), GNTST_okay);
    op.len = 1;
    op.source.domid = 999;
    assert_int_equal(copy(&op), GNTST_bad_domain);
    op.source.domid = granter->id;
    op.source.u.ref = 5000;
    assert_int_equal(copy(&op), GNTST_bad_gntref);
    op.source.u.ref = 9;
    op.dest.domid = granter->id;
    assert_int_equal(copy(&op), GNTST_permission_denied);
    op.dest.domid = mapper->id; /* its own, but not by the right name */
    assert_int_equal(copy(&op), GNTST_permission_denied);
    op.dest.domid = DOMID_SELF;
    op.dest.u.gmfn = page_to_mfn(page[0]).n;
    assert_int_equal(copy(&op), GNTST_bad_page);
    assert_int_equal(entries[9].flags, RW);

    op.flags = GNTCOPY_source_gref | GNTCOPY_dest_gref;
    op.dest = (struct gnttab_copy_ptr){ .u.ref = 8, .domid = granter->id };
    assert_int_equal(copy(&op), GNTST_general_error);
    op.dest.u.ref = 9;
    op.source.u.ref = 8;
    assert_int_equal(copy(&op), GNTST_okay);
    assert_int_equal(((char *)page_to_virt(page[1]))[0], 'a');
    assert_int_equal(((char *)page_to_virt(page[1]))[1], 'b');
}

/* ------------------------------------------------------------------------ */

static void test_table_ops(void **state)
{
    xen_pfn_t list[MAX_FRAMES] = { 0 };
    struct gnttab_setup_table set = { .dom = DOMID_SELF, .nr_frames = 2, .frame_list = list };
    struct gnttab_query_size query = { .dom = DOMID_SELF };
    struct gnttab_set_version version = { .version = 1 };
    struct gnttab_get_version get = { .dom = DOMID_SELF };

    (void)state;
    assert_int_equal(hypercall_grant_table_op(GNTTABOP_setup_table, &set, 1), 0);
    assert_int_equal(set.status, GNTST_okay);
    assert_true(list[0] != 0 && list[1] != 0 && list[2] == 0);
    assert_int_equal(mfn_to_page(mfn(list[1]))->owner, mapper->id);
    assert_int_equal(hypercall_grant_table_op(GNTTABOP_query_size, &query, 1), 0);
    assert_int_equal(query.status, GNTST_okay);
    assert_int_equal(query.nr_frames, 2);
    assert_int_equal(query.max_nr_frames, MAX_FRAMES);
    set.nr_frames = MAX_FRAMES + 1;
    assert_int_equal(hypercall_grant_table_op(GNTTABOP_setup_table, &set, 1), 0);
    assert_int_equal(set.status, GNTST_general_error);
    assert_int_equal(hypercall_grant_table_op(GNTTABOP_setup_table, &set, 2), -EINVAL);
    set.dom = 999;
    assert_int_equal(hypercall_grant_table_op(GNTTABOP_setup_table, &set, 1), 0);
    assert_int_equal(set.status, GNTST_bad_domain);
    query.dom = granter->id;
    assert_int_equal(hypercall_grant_table_op(GNTTABOP_query_size, &query, 1), 0);
    assert_int_equal(query.status, GNTST_okay);
    fake_may_control = false;
    assert_int_equal(hypercall_grant_table_op(GNTTABOP_query_size, &query, 1), 0);
    assert_int_equal(query.status, GNTST_permission_denied);

    assert_int_equal(hypercall_grant_table_op(GNTTABOP_set_version, &version, 1), 0);
    version.version = 2;
    assert_int_equal(hypercall_grant_table_op(GNTTABOP_set_version, &version, 1), -ENOSYS);
    version.version = 3;
    assert_int_equal(hypercall_grant_table_op(GNTTABOP_set_version, &version, 1), -EINVAL);
    assert_int_equal(hypercall_grant_table_op(GNTTABOP_get_version, &get, 1), 0);
    assert_int_equal(get.version, 1);
    get.dom = 999;
    assert_int_equal(hypercall_grant_table_op(GNTTABOP_get_version, &get, 1), -ESRCH);
    assert_int_equal(hypercall_grant_table_op(99, &get, 1), -ENOSYS);
    assert_int_equal(hypercall_grant_table_op(GNTTABOP_transfer, &get, 1), -ENOSYS);
    assert_int_equal(hypercall_grant_table_op(GNTTABOP_map_grant_ref, NULL, 0), 0);
    assert_int_equal(hypercall_grant_table_op(GNTTABOP_map_grant_ref, NULL, -1), -EINVAL);
    fake_fault_start = (uint64_t)&get;
    fake_fault_len = sizeof(get);
    assert_int_equal(hypercall_grant_table_op(GNTTABOP_map_grant_ref, &get, 1), -EFAULT);
    assert_int_equal(hypercall_grant_table_op(GNTTABOP_unmap_grant_ref, &get, 1), -EFAULT);
    assert_int_equal(hypercall_grant_table_op(GNTTABOP_copy, &get, 1), -EFAULT);
    fake_fault_len = 0;
}

/* Long arrays are continued where they stopped, each entry done once. */
static void test_restart(void **state)
{
    struct gnttab_map_grant_ref ops[100];
    struct gnttab_unmap_grant_ref undo[100];
    unsigned int restarts = 0;
    long rc;

    (void)state;
    grant(8, page[0], RW);
    for (unsigned int i = 0; i < 100; i++) {
        ops[i] = map_op(8, GNTMAP_device_map, 0);
    }
    fake_preempt_every = 7;
    rc = hypercall_grant_table_op(GNTTABOP_map_grant_ref, ops, 100);
    for (; rc == -ERESTART; restarts++) {
        rc = hypercall_grant_table_op(GNTTABOP_map_grant_ref, (void *)fake_hypercall_args[1],
                                      (unsigned int)fake_hypercall_args[2]);
    }
    assert_int_equal(rc, 0);
    assert_true(restarts >= 10);
    assert_int_equal(page[0]->count, 101);
    for (unsigned int i = 0; i < 100; i++) {
        assert_int_equal(ops[i].status, GNTST_okay);
        undo[i] = (struct gnttab_unmap_grant_ref){
            .handle = ops[i].handle, .dev_bus_addr = ops[i].dev_bus_addr, .status = 99,
        };
    }
    fake_preempt_every = 2;
    rc = hypercall_grant_table_op(GNTTABOP_unmap_grant_ref, undo, 100);
    for (restarts = 0; rc == -ERESTART; restarts++) {
        rc = hypercall_grant_table_op(GNTTABOP_unmap_grant_ref, (void *)fake_hypercall_args[1],
                                      (unsigned int)fake_hypercall_args[2]);
    }
    assert_int_equal(rc, 0);
    assert_true(restarts >= 1);
    assert_int_equal(page[0]->count, 1);
    for (unsigned int i = 0; i < 100; i++) {
        assert_int_equal(undo[i].status, GNTST_okay);
    }
}

/* ------------------------------------------------------------------------ */
/* Random mapping against a model of uses */

static struct {
    bool is_live;
    grant_handle_t handle;
    grant_ref_t ref;
    uint32_t flags;
} uses[NR_SLOTS];

static void check_model(bool hostile)
{
    unsigned int count[NR_PAGES] = { 0 }, types[NR_PAGES] = { 0 };
    uint16_t marks[NR_REFS] = { 0 };

    for (unsigned int s = 1; s < NR_SLOTS; s++) {
        bool ro = uses[s].flags & GNTMAP_readonly;
        unsigned int pages = 1 + !!(uses[s].flags & GNTMAP_host_map);

        if (uses[s].is_live) {
            marks[uses[s].ref] |= ro ? GTF_reading : GTF_reading | GTF_writing;
            count[uses[s].ref % NR_PAGES] += pages;
            types[uses[s].ref % NR_PAGES] += ro ? 0 : pages;
        }
    }
    for (unsigned int i = 0; i < NR_PAGES; i++) {
        assert_int_equal(page[i]->count, 1 + count[i]);
        assert_int_equal(page[i]->type & PGT_COUNT_MASK, types[i]);
    }
    for (unsigned int i = 0; i < NR_REFS && !hostile; i++) {
        assert_int_equal(entries[i].flags & (GTF_reading | GTF_writing), marks[i]);
    }
}

static void random_map(unsigned int s, uint64_t *seed)
{
    static const uint32_t kinds[] = { HOST, HOST_RO, GNTMAP_device_map,
                                      HOST | GNTMAP_device_map | GNTMAP_contains_pte };
    grant_ref_t ref = unit_random(seed) % NR_REFS;
    uint32_t flags = kinds[unit_random(seed) % ARRAY_SIZE(kinds)];
    uint64_t addr = flags & GNTMAP_contains_pte ? s * 8UL : VA(s);

    if (map(ref, flags, addr, &uses[s].handle) == GNTST_okay) {
        uses[s].is_live = true;
        uses[s].ref = ref;
        uses[s].flags = flags;
    }
}

static void random_unmap(unsigned int s)
{
    uint64_t addr = uses[s].flags & GNTMAP_contains_pte ? s * 8UL : VA(s);
    uint64_t dev = page_to_mfn(page[uses[s].ref % NR_PAGES]).n << 12;

    assert_int_equal(unmap(uses[s].handle, uses[s].flags & HOST ? addr : 0, dev), GNTST_okay);
    uses[s].is_live = false;
}

static void random_edit(uint64_t *seed, bool hostile)
{
    grant_ref_t ref = unit_random(seed) % NR_REFS;

    if (hostile) {
        entries[ref].flags = (uint16_t)unit_random(seed);
        entries[ref].domid = unit_random(seed) % 4 ? mapper->id : other->id;
    } else if (!(entries[ref].flags & (GTF_reading | GTF_writing))) {
        grant(ref, page[ref % NR_PAGES], (uint16_t[]){ 0, RO, RW, RW }[unit_random(seed) % 4]);
    }
}

static void run_random(uint64_t seed, bool hostile)
{
    memset(uses, 0, sizeof(uses));
    for (grant_ref_t ref = 0; ref < NR_REFS; ref++) {
        grant(ref, page[ref % NR_PAGES], RW);
    }
    for (unsigned int step = 0; step < 50000; step++) {
        unsigned int s = 1 + unit_random(&seed) % (NR_SLOTS - 1);

        if (unit_random(&seed) % 4 == 0) {
            random_edit(&seed, hostile);
        } else if (uses[s].is_live) {
            random_unmap(s);
        } else {
            random_map(s, &seed);
        }
        check_model(hostile);
    }
    for (unsigned int s = 1; s < NR_SLOTS; s++) {
        if (uses[s].is_live) {
            random_unmap(s);
        }
    }
    check_model(hostile);
}

static void test_random(void **state)
{
    (void)state;
    run_random(unit_seed("grant"), false);
}

static void test_random_hostile(void **state)
{
    (void)state;
    run_random(unit_seed("grant_hostile"), true);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_map_entry),
        CASE(test_map_statuses),
        CASE(test_unmap_statuses),
        CASE(test_unmap_other_permission),
        CASE(test_unmap_twice_at_once),
        CASE(test_second_user),
        CASE(test_granter_changes_entry),
        CASE(test_no_more_handles),
        CASE(test_copy),
        CASE(test_table_ops),
        CASE(test_restart),
        CASE(test_random),
        CASE(test_random_hostile),
    };

    return cmocka_run_group_tests(tests, group_setup, NULL);
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* memory_op: reservations and exchange do all of a piece or nothing, and count what they did. */
#include "pv_guest.h"

#include <asm/m2p.h>
#include <public/memory.h>
#include <xen/alloc.h>
#include <xen/e820.h>
#include <xen/errno.h>
#include <xen/grant.h>
#include <xen/hypercall.h>
#include <xen/m2p.h>

#define NR 100
#define ORDER 4
#define EXTENT (1U << ORDER)

static mfn_t f[NR];
struct e820_map host_e820;

unsigned int m2p_nr_chunks(void)
{
    return 3;
}

mfn_t m2p_chunk_mfn(unsigned int chunk)
{
    return chunk == 1 ? INVALID_MFN : mfn(1000 + chunk);
}

int grant_table_frame(struct domain *d, unsigned int idx, mfn_t *m)
{
    (void)d;
    if (idx >= 8) {
        return -EINVAL;
    }
    *m = mfn(2000 + idx);
    return 0;
}

unsigned int grant_table_max_frames(const struct domain *d)
{
    (void)d;
    return 8;
}

static int setup(void **state)
{
    (void)state;
    pv_guest_init();
    return 0;
}

static int start(void **state)
{
    (void)state;
    preempt_odds = 0;
    guest_seed = 1;
    pv_guest_start(NR, f);
    return 0;
}

static int end(void **state)
{
    (void)state;
    audit();
    pv_guest_end();
    return 0;
}

static long call(unsigned int cmd, void *arg)
{
    unsigned long op = cmd;
    long rc;

    do {
        rc = hypercall_memory_op(op, arg);
        if (rc == -ERESTART && guest_arg(0) != 0) {
            op = guest_arg(0);
        }
        assert_int_equal(fake_locks_held, 0);
    } while (rc == -ERESTART);
    return rc;
}

static struct xen_memory_reservation list_of(uint64_t *list, uint64_t nr, unsigned int order)
{
    return (struct xen_memory_reservation){
        .extent_start = list, .nr_extents = nr, .extent_order = order, .domid = DOMID_SELF,
    };
}

static void test_populate_decrease(void **state)
{
    uint64_t list[20];
    struct xen_memory_reservation r = list_of(list, 20, 0);

    (void)state;
    preempt_odds = 3;
    for (unsigned int i = 0; i < 20; i++) {
        list[i] = 500 + i;
    }
    assert_int_equal(call(XENMEM_populate_physmap, &r), 20);
    assert_int_equal(guest.memory.tot_pages, NR + 20);
    for (unsigned int i = 0; i < 20; i++) {
        assert_int_equal(m2p_get(mfn(list[i])), 500 + i);
    }
    audit();
    /* The same frame twice: the second time it is nobody's. */
    list[13] = list[12];
    assert_int_equal(call(XENMEM_decrease_reservation, &r), 13);
    assert_int_equal(guest.memory.tot_pages, NR + 7);
    assert_int_equal(m2p_get(mfn(list[0])), M2P_INVALID);
}

static void test_populate_limits(void **state)
{
    uint64_t list[4] = { 1, 2, 3, 4 };
    struct xen_memory_reservation r = list_of(list, 4, 0);

    (void)state;
    guest.memory.max_pages = NR + 2;
    assert_int_equal(call(XENMEM_populate_physmap, &r), 2);
    r.extent_order = 10;
    assert_int_equal(call(XENMEM_populate_physmap, &r), 0);
    r = list_of(list, 4, 0);
    r.domid = 77;
    assert_int_equal(call(XENMEM_populate_physmap, &r), 0);
    r.domid = 2; /* exists, but isn't ours */
    assert_int_equal(call(XENMEM_populate_physmap, &r), 0);
    assert_int_equal(stranger.memory.tot_pages, 0);
    fake_fault_start = (uint64_t)&r;
    fake_fault_len = 8;
    assert_int_equal(call(XENMEM_populate_physmap, &r), 0);
    fake_fault_start = fake_fault_len = 0;
}

static struct xen_memory_exchange gather(uint64_t *in, uint64_t nr, uint64_t *out)
{
    struct xen_memory_exchange x = {
        .in = list_of(in, nr, 0),
        .out = list_of(out, nr / EXTENT, ORDER),
    };

    for (uint64_t i = 0; i < nr; i++) {
        in[i] = f[i].n;
    }
    for (uint64_t i = 0; i < nr / EXTENT; i++) {
        out[i] = 1000 + i * EXTENT;
    }
    return x;
}

static void assert_untouched(const struct xen_memory_exchange *x, uint64_t from)
{
    audit();
    assert_int_equal(guest.memory.tot_pages, NR);
    for (uint64_t i = from; i < NR; i++) {
        assert_int_equal(m2p_get(f[i]), i);
        assert_int_equal(frame_count(f[i]), 1);
    }
    assert_int_equal(x->nr_exchanged, from);
}

static void test_exchange(void **state)
{
    uint64_t in[4 * EXTENT], out[4];
    struct xen_memory_exchange x = gather(in, 4 * EXTENT, out);

    (void)state;
    preempt_odds = 2;
    assert_int_equal(call(XENMEM_exchange, &x), 0);
    assert_int_equal(x.nr_exchanged, 4 * EXTENT);
    assert_int_equal(guest.memory.tot_pages, NR);
    for (unsigned int i = 0; i < 4; i++) {
        assert_int_equal(out[i] % EXTENT, 0);
        for (unsigned int k = 0; k < EXTENT; k++) {
            assert_int_equal(m2p_get(mfn(out[i] + k)), 1000 + i * EXTENT + k);
            assert_int_equal(frame_count(mfn(out[i] + k)), 1);
        }
    }
}

static void test_exchange_split(void **state)
{
    uint64_t big = 3000, small[EXTENT];
    struct xen_memory_reservation r = list_of(&big, 1, ORDER);
    struct xen_memory_exchange x = { .in = r, .out = list_of(small, EXTENT, 0) };

    (void)state;
    assert_int_equal(call(XENMEM_populate_physmap, &r), 1);
    for (unsigned int i = 0; i < EXTENT; i++) {
        small[i] = 4000 + i;
    }
    assert_int_equal(call(XENMEM_exchange, &x), 0);
    assert_int_equal(x.nr_exchanged, 1);
    for (unsigned int i = 0; i < EXTENT; i++) {
        assert_int_equal(m2p_get(mfn(small[i])), 4000 + i);
    }
}

static void test_exchange_failures(void **state)
{
    uint64_t in[2 * EXTENT], out[2], bad[] = { 0, 1UL << 40, GUEST_RAM_START };
    struct xen_memory_exchange x;

    (void)state;
    for (unsigned int i = 0; i < ARRAY_SIZE(bad); i++) {
        x = gather(in, 2 * EXTENT, out);
        in[EXTENT - 1] = bad[i];
        assert_int_equal(call(XENMEM_exchange, &x), -EINVAL);
        assert_untouched(&x, 0);
    }
    /* In use. */
    x = gather(in, 2 * EXTENT, out);
    assert_true(page_get(mfn_to_page(f[5]), &guest));
    assert_int_equal(call(XENMEM_exchange, &x), -EINVAL);
    page_put(mfn_to_page(f[5]));
    assert_untouched(&x, 0);
    /* Nothing at so low addresses. */
    x = gather(in, 2 * EXTENT, out);
    x.out.mem_flags = XENMEMF_address_bits(20);
    assert_int_equal(call(XENMEM_exchange, &x), -ENOMEM);
    assert_untouched(&x, 0);

    x = gather(in, 2 * EXTENT, out);
    x.out.nr_extents = 3;
    assert_int_equal(call(XENMEM_exchange, &x), -EINVAL);
    x = gather(in, 2 * EXTENT, out);
    x.out.domid = 2;
    assert_int_equal(call(XENMEM_exchange, &x), -EINVAL);
    x.in.domid = 2;
    assert_int_equal(call(XENMEM_exchange, &x), -EPERM);
    x.in.domid = x.out.domid = 77;
    assert_int_equal(call(XENMEM_exchange, &x), -ESRCH);
    guest.is_control = false;
    x = gather(in, 2 * EXTENT, out);
    x.out.extent_order = 10;
    assert_int_equal(call(XENMEM_exchange, &x), -EPERM);
    x = gather(in, 2 * EXTENT, out);
    x.nr_exchanged = 2 * EXTENT + 1;
    assert_int_equal(call(XENMEM_exchange, &x), -EINVAL);
}

static void test_exchange_second_chunk_fails(void **state)
{
    uint64_t in[2 * EXTENT], out[2];
    struct xen_memory_exchange x = gather(in, 2 * EXTENT, out);

    (void)state;
    in[EXTENT + 3] = 0;
    assert_int_equal(call(XENMEM_exchange, &x), -EINVAL);
    assert_untouched(&x, EXTENT);
    assert_int_equal(m2p_get(mfn(out[0])), 1000);
    assert_int_equal(out[1], 1000 + EXTENT);
}

static void test_sizes(void **state)
{
    struct xen_memory_domain m = { .domid = DOMID_SELF };
    struct xen_machphys_mapping map;

    (void)state;
    assert_int_equal(call(XENMEM_current_reservation, &m), NR);
    assert_int_equal(call(XENMEM_maximum_reservation, &m), 1000);
    m.domid = 77;
    assert_int_equal(call(XENMEM_current_reservation, &m), -ESRCH);
    guest.is_control = false;
    m.domid = 2;
    assert_int_equal(call(XENMEM_current_reservation, &m), -EPERM);
    assert_int_equal(call(XENMEM_maximum_ram_page, NULL), GUEST_RAM_END - 1);
    assert_int_equal(call(XENMEM_machphys_mapping, &map), 0);
    assert_int_equal(map.v_start, 0xffff800000000000UL);
    assert_int_equal(map.v_end, 0xffff804000000000UL);
    assert_int_equal(map.max_mfn, 0x7ffffffffUL);
    guest.is_hardware = true;
    assert_int_equal(call(XENMEM_machphys_mapping, &map), 0);
    assert_int_equal(map.max_mfn, GUEST_RAM_END - 1);
    assert_int_equal(call(63, NULL), -ENOSYS);
    assert_int_equal(call(29, NULL), -ENOSYS);
    assert_int_equal(call(8, NULL), -ENOSYS);
    assert_int_equal(call(XENMEM_machphys_compat_mfn_list, NULL), -EOPNOTSUPP);
}

static void test_m2p_frames(void **state)
{
    uint64_t list[4] = { 7, 7, 7, 7 };
    struct xen_machphys_mfn_list l = { .max_extents = 2, .extent_start = list };

    (void)state;
    assert_int_equal(call(XENMEM_machphys_mfn_list, &l), 0);
    assert_int_equal(l.nr_extents, 2);
    l.max_extents = 4;
    assert_int_equal(call(XENMEM_machphys_mfn_list, &l), 0);
    assert_int_equal(l.nr_extents, 3);
    assert_int_equal(list[0], 1000);
    assert_int_equal(list[1], 1000);
    assert_int_equal(list[2], 1002);
    assert_int_equal(list[3], 7);
}

static void test_maps(void **state)
{
    struct memory_map_entry e[3] = { { 0, 5, 1 }, { 5, 6, 2 }, { 9, 9, 9 } }, got[3];
    struct xen_memory_map m = { .nr_entries = 3, .buffer = got };
    struct xen_foreign_memory_map set = { .domid = DOMID_SELF, .map = { 2, e } };

    (void)state;
    assert_int_equal(call(XENMEM_memory_map, &m), -ENOSYS);
    assert_int_equal(call(XENMEM_machine_memory_map, &m), -EPERM);
    assert_int_equal(call(XENMEM_set_memory_map, &set), 0);
    assert_int_equal(call(XENMEM_memory_map, &m), 0);
    assert_int_equal(m.nr_entries, 2);
    assert_memory_equal(got, e, 2 * sizeof(e[0]));
    set.map.nr_entries = E820_MAX + 1;
    assert_int_equal(call(XENMEM_set_memory_map, &set), -EINVAL);

    set.domid = 2;
    assert_int_equal(call(XENMEM_set_memory_map, &set), -EPERM);

    guest.is_control = true;
    host_e820.nr = 2;
    host_e820.e[1] = (struct e820_entry){ 1, 2, 3 };
    m.nr_entries = 1;
    assert_int_equal(call(XENMEM_machine_memory_map, &m), -EINVAL);
    m.nr_entries = 3;
    assert_int_equal(call(XENMEM_machine_memory_map, &m), 0);
    assert_int_equal(m.nr_entries, 2);
    assert_int_equal(got[1].size, 2);
}

/* A claim is used up by frames that come, and grows with frames that go. */
static void test_claims(void **state)
{
    uint64_t list[EXTENT], free = buddy_free_pages();
    struct xen_memory_reservation claim = { .nr_extents = NR + 20, .domid = guest.id };
    struct xen_memory_reservation r = {
        .extent_start = list, .nr_extents = 1, .extent_order = ORDER, .domid = DOMID_SELF,
    };

    (void)state;
    assert_int_equal(call(XENMEM_claim_pages, &claim), -EPERM);
    guest.is_control = true;
    assert_int_equal(call(XENMEM_claim_pages, &claim), 0);
    assert_int_equal(guest.memory.claimed, 20);
    assert_int_equal(call(XENMEM_claim_pages, &claim), -EINVAL);
    list[0] = NR;
    assert_int_equal(call(XENMEM_populate_physmap, &r), 1);
    assert_int_equal(guest.memory.claimed, 20 - EXTENT);
    assert_int_equal(buddy_claimed_pages(), 20 - EXTENT);
    r.nr_extents = 1;
    r.extent_order = 0;
    assert_int_equal(call(XENMEM_decrease_reservation, &r), 1);
    assert_int_equal(guest.memory.claimed, 21 - EXTENT);
    /* One that is larger than the claim takes all of it. */
    r.extent_order = ORDER;
    list[0] = NR;
    assert_int_equal(call(XENMEM_populate_physmap, &r), 1);
    assert_int_equal(guest.memory.claimed, 0);
    assert_int_equal(buddy_claimed_pages(), 0);
    assert_int_equal(buddy_free_pages(), free - 2 * EXTENT + 1);
    claim.nr_extents = 0;
    assert_int_equal(call(XENMEM_claim_pages, &claim), 0);
}

/* What can't be had gives the claim back. */
static void test_claim_failures(void **state)
{
    uint64_t list[1] = { NR };
    struct xen_memory_reservation claim = { .nr_extents = NR + 20, .domid = guest.id };
    struct xen_memory_reservation r = {
        .extent_start = list, .nr_extents = 1, .domid = DOMID_SELF,
    };

    (void)state;
    guest.is_control = true;
    assert_int_equal(call(XENMEM_claim_pages, &claim), 0);
    guest.memory.max_pages = NR;
    assert_int_equal(call(XENMEM_populate_physmap, &r), 0);
    assert_int_equal(guest.memory.claimed, 20);
    assert_int_equal(buddy_claimed_pages(), 20);
    r.mem_flags = XENMEMF_address_bits(13);
    assert_int_equal(call(XENMEM_populate_physmap, &r), 0);
    assert_int_equal(guest.memory.claimed, 20);
    assert_int_equal(buddy_claimed_pages(), 20);
    claim.nr_extents = 0;
    assert_int_equal(call(XENMEM_claim_pages, &claim), 0);
    assert_int_equal(buddy_claimed_pages(), 0);
    claim.nr_extents = NR + 20;
    assert_int_equal(call(XENMEM_claim_pages, &claim), -EINVAL);
    guest.memory.max_pages = UINT32_MAX;
    claim.nr_extents = UINT32_MAX;
    assert_int_equal(call(XENMEM_claim_pages, &claim), -ENOMEM);
    claim.nr_extents = NR;
    assert_int_equal(call(XENMEM_claim_pages, &claim), -EINVAL);
    claim.mem_flags = 1;
    assert_int_equal(call(XENMEM_claim_pages, &claim), -EINVAL);
}

static void test_acquire(void **state)
{
    uint64_t list[4];
    struct xen_mem_acquire_resource r = {
        .domid = 2, .type = XENMEM_resource_grant_table, .nr_frames = 3, .frame = 5,
        .frame_list = list,
    };

    (void)state;
    assert_int_equal(call(XENMEM_acquire_resource, &r), -EPERM);
    guest.is_control = true;
    preempt_odds = 2;
    assert_int_equal(call(XENMEM_acquire_resource, &r), 0);
    assert_int_equal(list[2], 2007);
    r.frame = 6;
    assert_int_equal(call(XENMEM_acquire_resource, &r), -EINVAL);
    r.pad = 1;
    assert_int_equal(call(XENMEM_acquire_resource, &r), -EINVAL);
    r.pad = 0;
    r.domid = 1;
    assert_int_equal(call(XENMEM_acquire_resource, &r), -EPERM);
    r.domid = DOMID_SELF;
    assert_int_equal(call(XENMEM_acquire_resource, &r), -ESRCH);
    r.domid = 2;
    r.type = 9;
    assert_int_equal(call(XENMEM_acquire_resource, &r), -EOPNOTSUPP);
    r.type = XENMEM_resource_grant_table;
    r.frame_list = NULL;
    assert_int_equal(call(XENMEM_acquire_resource, &r), -EINVAL);
    r.nr_frames = 0;
    assert_int_equal(call(XENMEM_acquire_resource, &r), 0);
    assert_int_equal(r.nr_frames, 8);
    assert_int_equal(stranger.references, 1);
}

static void test_physmap_is_refused(void **state)
{
    struct xen_add_to_physmap a = { .domid = DOMID_SELF };
    struct xen_remove_from_physmap r = { .domid = 77 };

    (void)state;
    assert_int_equal(call(XENMEM_add_to_physmap, &a), -EACCES);
    assert_int_equal(call(XENMEM_remove_from_physmap, &r), -ESRCH);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, start, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_populate_decrease),
        CASE(test_populate_limits),
        CASE(test_exchange),
        CASE(test_exchange_split),
        CASE(test_exchange_failures),
        CASE(test_exchange_second_chunk_fails),
        CASE(test_sizes),
        CASE(test_m2p_frames),
        CASE(test_maps),
        CASE(test_claims),
        CASE(test_claim_failures),
        CASE(test_acquire),
        CASE(test_physmap_is_refused),
    };

    return cmocka_run_group_tests(tests, setup, NULL);
}

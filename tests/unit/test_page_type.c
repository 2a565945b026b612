/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Page types and the paravirtual MMU: named behaviours first, then random guests, with every count
 * checked against a recount after each call, and preemption wherever it may happen.
 */
#include "pv_guest.h"

#include <asm/pv_mm.h>
#include <xen/errno.h>
#include <xen/hypercall.h>
#include <xen/m2p.h>

#define KERNEL_PTE (PTE_P | PTE_RW | PTE_A)
#define TABLE_PTE  (PTE_P | PTE_RW | PTE_US | PTE_A)

#define NR 40
static mfn_t f[NR];

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
    pv_guest_start(NR, f);
    audit();
    return 0;
}

static int end(void **state)
{
    (void)state;
    pv_guest_end();
    return 0;
}

/* f[0] L4 -> f[1] L3 -> f[2] L2 -> f[3] L1 -> f[4], f[5]; all by plain stores, then pinned. */
static void build_tree(void)
{
    assert_int_equal(guest_update(f[0], 1, pte_make(f[1], TABLE_PTE)), 0);
    assert_int_equal(guest_update(f[1], 2, pte_make(f[2], TABLE_PTE)), 0);
    assert_int_equal(guest_update(f[2], 3, pte_make(f[3], TABLE_PTE)), 0);
    assert_int_equal(guest_update(f[3], 4, pte_make(f[4], KERNEL_PTE)), 0);
    assert_int_equal(guest_update(f[3], 5, pte_make(f[5], PTE_P)), 0);
    assert_int_equal(guest_mmuext(MMUEXT_PIN_L4_TABLE, f[0].n, 0), 0);
    audit();
}

#define TREE_VA ((1UL << 39) | (2UL << 30) | (3UL << 21) | (4UL << 12))

static void test_pin_validates_tree(void **state)
{
    (void)state;
    build_tree();
    assert_int_equal(frame_type(f[0]), PGT_L4);
    assert_int_equal(frame_type(f[1]), PGT_L3);
    assert_int_equal(frame_type(f[2]), PGT_L2);
    assert_int_equal(frame_type(f[3]), PGT_L1);
    assert_int_equal(frame_type(f[4]), PGT_WRITABLE);
    assert_int_equal(frame_type_count(f[5]), 0);
    assert_int_equal(frame_count(f[5]), 2);
    assert_int_equal(frame_word(f[3], 4), pte_make(f[4], KERNEL_PTE | PTE_US | PTE_GUEST_KERNEL));
    assert_int_equal(guest_mmuext(MMUEXT_PIN_L4_TABLE, f[0].n, 0), -EINVAL);
    assert_int_equal(guest_mmuext(MMUEXT_UNPIN_TABLE, f[0].n, 0), 0);
    for (unsigned int i = 0; i < 6; i++) {
        assert_int_equal(frame_type_count(f[i]), 0);
        assert_int_equal(frame_count(f[i]), 1);
    }
    assert_int_equal(guest_mmuext(MMUEXT_UNPIN_TABLE, f[0].n, 0), -EINVAL);
}

static void test_table_never_writable(void **state)
{
    (void)state;
    build_tree();
    for (unsigned int i = 0; i < 4; i++) {
        assert_int_equal(guest_update(f[3], 9, pte_make(f[i], KERNEL_PTE)), -EBUSY);
        assert_int_equal(guest_update(f[3], 9, pte_make(f[i], PTE_P)), 0);
        audit();
    }
    assert_int_equal(guest_mmuext(MMUEXT_PIN_L1_TABLE, f[4].n, 0), -EINVAL);
    assert_int_equal(guest_update(f[4], 0, 0), 0);
    /* A page with a writable mapping of a table inside is refused as a whole. */
    assert_int_equal(guest_update(f[7], 0, pte_make(f[8], KERNEL_PTE)), 0);
    assert_int_equal(guest_update(f[7], 1, pte_make(f[2], KERNEL_PTE)), 0);
    assert_int_equal(guest_mmuext(MMUEXT_PIN_L1_TABLE, f[7].n, 0), -EBUSY);
    audit();
    assert_int_equal(frame_type_count(f[8]), 0);
    assert_int_equal(frame_type_count(f[7]), 0);
}

static void test_entry_rules(void **state)
{
    (void)state;
    build_tree();
    assert_int_equal(guest_update(f[3], 1, pte_make(f[9], PTE_P | PTE_US)), 0);
    assert_int_equal(frame_word(f[3], 1), pte_make(f[9], PTE_P | PTE_US | PTE_G));
    /* Cache attributes are for those with devices; frames of nobody and of others, for nobody. */
    assert_int_equal(guest_update(f[3], 1, pte_make(f[9], PTE_P | PTE_PCD)), -EINVAL);
    assert_int_equal(guest_update(f[3], 1, pte_make(mfn(GUEST_RAM_START), PTE_P)), -EBUSY);
    assert_int_equal(guest_update(f[3], 1, pte_make(mfn(GUEST_RAM_END), PTE_P)), -EPERM);
    assert_int_equal(guest_update(f[2], 1, pte_make(f[9], TABLE_PTE | PTE_PS)), -EINVAL);
    assert_int_equal(guest_update(f[2], 1, pte_make(f[9], TABLE_PTE | PTE_G)), -EINVAL);
    assert_int_equal(guest_update(f[2], 1, pte_make(f[4], TABLE_PTE)), -EINVAL);
    assert_int_equal(guest_update(f[1], 1, pte_make(f[3], TABLE_PTE)), -EINVAL);
    assert_int_equal(guest_update(f[0], 256, 0), -EINVAL);
    assert_int_equal(guest_update(f[0], 271, 0), -EINVAL);
    assert_int_equal(guest_update(f[0], 272, 0), 0);
    assert_int_equal(guest_update(mfn(GUEST_RAM_START), 0, 0), -EINVAL);
    assert_int_equal(guest_update(mfn(1UL << 40), 0, 0), -EINVAL);
    /* Not present: anything. */
    assert_int_equal(guest_update(f[3], 1, ~1UL), 0);
    assert_int_equal(frame_word(f[3], 1), ~1UL);
    audit();
}

static void test_update_keeps_cpu_bits(void **state)
{
    struct mmu_update req = { mfn_to_maddr(f[3]).a + 4 * 8 + MMU_PT_UPDATE_PRESERVE_AD, 0 };

    (void)state;
    build_tree();
    ((uint64_t *)mfn_to_virt(f[3]))[4] |= PTE_D;
    req.val = pte_make(f[4], PTE_P | PTE_AVL);
    assert_int_equal(guest_mmu_update(&req, 1, NULL), 0);
    assert_int_equal(frame_word(f[3], 4) & (PTE_A | PTE_D | PTE_RW), PTE_A | PTE_D);
    /* And where nothing but flags changes. */
    req.val = pte_make(f[4], PTE_P | PTE_NX);
    assert_int_equal(guest_mmu_update(&req, 1, NULL), 0);
    assert_int_equal(frame_word(f[3], 4) & (PTE_NX | PTE_AVL | PTE_A | PTE_D),
                     PTE_NX | PTE_A | PTE_D);
    req.ptr &= ~7UL;
    assert_int_equal(guest_mmu_update(&req, 1, NULL), 0);
    assert_int_equal(frame_word(f[3], 4) & (PTE_A | PTE_D), 0);
    req.ptr |= 4;
    assert_int_equal(guest_mmu_update(&req, 1, NULL), -ENOSYS);
    audit();
}

static void test_batch_counts(void **state)
{
    struct mmu_update r[100];
    unsigned int done = 55;

    (void)state;
    build_tree();
    for (unsigned int i = 0; i < 100; i++) {
        r[i] = (struct mmu_update){ mfn_to_maddr(f[3]).a + i * 8, pte_make(f[10], PTE_P) };
    }
    preempt_odds = 2;
    assert_int_equal(guest_mmu_update(r, 100, &done), 0);
    assert_int_equal(done, 100);
    audit();
    r[70].val = pte_make(f[2], KERNEL_PTE);
    assert_int_equal(guest_mmu_update(r, 100, &done), -EBUSY);
    assert_int_equal(done, 70);
    fake_fault_start = (uint64_t)&r[40];
    fake_fault_len = sizeof(r) - 40 * sizeof(r[0]);
    assert_int_equal(guest_mmu_update(r, 100, &done), -EFAULT);
    fake_fault_start = fake_fault_len = 0;
    /* Whole chunks here; on the machine the copy tells how far it got. */
    assert_int_equal(done, 32);
    audit();
}

static void test_update_va(void **state)
{
    struct page_info *pg;
    unsigned int index;

    (void)state;
    build_tree();
    assert_int_equal(guest_mmuext(MMUEXT_NEW_BASEPTR, f[0].n, 0), 0);
    audit();
    assert_int_equal(hypercall_update_va_mapping(TREE_VA, pte_make(f[12], KERNEL_PTE), 0), 0);
    assert_int_equal(frame_type(f[12]), PGT_WRITABLE);
    assert_int_equal(frame_type_count(f[4]), 0);
    assert_int_equal(hypercall_update_va_mapping(TREE_VA + (1UL << 21), 0, 0), -EINVAL);
    assert_int_equal(hypercall_update_va_mapping(HV_VIRT_START, 0, 0), -EINVAL);
    assert_int_equal(hypercall_update_va_mapping(1UL << 50, 0, 0), -EINVAL);
    audit();
    /* The table itself, mapped read-only: what a write fault there finds. */
    assert_false(pv_l1_page_of_fault(TREE_VA, &pg, &index));
    assert_int_equal(hypercall_update_va_mapping(TREE_VA, pte_make(f[3], PTE_P), 0), 0);
    assert_true(pv_l1_page_of_fault(TREE_VA + 5 * 8 + 3, &pg, &index));
    assert_ptr_equal(pg, mfn_to_page(f[3]));
    assert_int_equal(index, 5);
    assert_int_equal(pv_l1_emulate_write(&guest_vcpu, pg, 5, 0, pte_make(f[6], KERNEL_PTE), true),
                     -EAGAIN);
    assert_int_equal(pv_l1_emulate_write(&guest_vcpu, pg, 5, frame_word(f[3], 5),
                                         pte_make(f[6], KERNEL_PTE), true), 0);
    assert_int_equal(pv_l1_emulate_write(&guest_vcpu, pg, 5, 0, pte_make(f[2], KERNEL_PTE), false),
                     -EBUSY);
    page_put_type(pg, false);
    audit();
}

static void test_root_tables(void **state)
{
    (void)state;
    build_tree();
    assert_int_equal(frame_word(f[0], 256), 0);
    assert_int_equal(guest_mmuext(MMUEXT_NEW_USER_BASEPTR, f[0].n, 0), 0);
    assert_int_equal(frame_word(f[0], 256), 0);
    assert_int_equal(guest_mmuext(MMUEXT_NEW_BASEPTR, f[0].n, 0), 0);
    assert_int_not_equal(frame_word(f[0], 256), 0);
    assert_int_equal(guest_mmuext(MMUEXT_NEW_BASEPTR, f[4].n, 0), -EINVAL);
    assert_int_equal(guest_mmuext(MMUEXT_NEW_BASEPTR, 0, 0), -EINVAL);
    assert_int_equal(guest_mmuext(MMUEXT_NEW_USER_BASEPTR, f[3].n, 0), -EINVAL);
    audit();
    /* The last reference to the first tree goes with the switch to another. */
    assert_int_equal(guest_mmuext(MMUEXT_UNPIN_TABLE, f[0].n, 0), 0);
    assert_int_equal(guest_mmuext(MMUEXT_NEW_USER_BASEPTR, 0, 0), 0);
    audit();
    preempt_odds = 1;
    assert_int_equal(guest_mmuext(MMUEXT_NEW_BASEPTR, f[20].n, 0), 0);
    audit();
    assert_int_equal(frame_type_count(f[0]) + frame_type_count(f[1]) + frame_type_count(f[3]), 0);
    assert_int_equal(frame_count(f[4]), 1);
}

static void test_dropped_subtree(void **state)
{
    (void)state;
    build_tree();
    for (unsigned int i = 10; i < 15; i++) {
        assert_int_equal(guest_update(f[2], i, pte_make(f[i], TABLE_PTE)), 0);
    }
    preempt_odds = 1;
    assert_int_equal(guest_update(f[0], 1, 0), 0);
    audit();
    for (unsigned int i = 1; i < 15; i++) {
        assert_int_equal(frame_type_count(f[i]), 0);
    }
    assert_null(guest_vcpu.arch.old_table);
}

static void test_linear_tables(void **state)
{
    (void)state;
    build_tree();
    assert_int_equal(guest_update(f[0], 5, pte_make(f[0], PTE_P | PTE_RW)), -EINVAL);
    assert_int_equal(guest_update(f[0], 5, pte_make(f[0], PTE_P)), 0);
    audit();
    assert_int_equal(guest_mmuext(MMUEXT_PIN_L4_TABLE, f[21].n, 0), 0);
    assert_int_equal(guest_mmuext(MMUEXT_PIN_L4_TABLE, f[22].n, 0), 0);
    assert_int_equal(guest_update(f[0], 6, pte_make(f[21], PTE_P)), 0);
    audit();
    /* Neither a chain nor a ring. */
    assert_int_equal(guest_update(f[21], 6, pte_make(f[22], PTE_P)), -EINVAL);
    assert_int_equal(guest_update(f[21], 6, pte_make(f[0], PTE_P)), -EINVAL);
    assert_int_equal(guest_update(f[22], 6, pte_make(f[0], PTE_P)), -EINVAL);
    assert_int_equal(guest_update(f[22], 6, pte_make(f[21], PTE_P)), 0);
    audit();
    assert_int_equal(guest_update(f[0], 6, 0), 0);
    assert_int_equal(guest_mmuext(MMUEXT_UNPIN_TABLE, f[22].n, 0), 0);
    assert_int_equal(guest_update(f[21], 6, pte_make(f[0], PTE_P)), 0);
    audit();
}

static void test_self_map_in_new_table(void **state)
{
    (void)state;
    assert_int_equal(guest_update(f[0], 5, pte_make(f[0], PTE_P)), 0);
    assert_int_equal(guest_mmuext(MMUEXT_PIN_L4_TABLE, f[0].n, 0), 0);
    audit();
    assert_int_equal(guest_mmuext(MMUEXT_UNPIN_TABLE, f[0].n, 0), 0);
    assert_int_equal(frame_count(f[0]), 1);
}

static void test_forgotten_pin(void **state)
{
    (void)state;
    build_tree();
    assert_int_equal(guest_update(f[0], 7, 0), 0);
    assert_int_equal(guest_mmuext(MMUEXT_UNPIN_TABLE, f[0].n, 0), 0);
    for (unsigned int i = 0; i < 5; i++) {
        assert_int_equal(guest_update(f[2], i, pte_make(f[23 + i], TABLE_PTE)), 0);
    }
    preempt_odds = 1;
    assert_int_equal(guest_mmuext_once(MMUEXT_PIN_L4_TABLE, f[0].n, 0), -ERESTART);
    audit();
    /* The guest turns to something else: the page can't change its type, but pins and unpins. */
    assert_int_equal(guest_mmuext_once(MMUEXT_PIN_L1_TABLE, f[0].n, 0), -EINVAL);
    assert_int_equal(guest_mmuext(MMUEXT_UNPIN_TABLE, f[0].n, 0), 0);
    audit();
    assert_int_equal(frame_type_count(f[0]), 0);
    assert_int_equal(frame_type_count(f[2]), 0);
    assert_int_equal(guest_mmuext(MMUEXT_PIN_L4_TABLE, f[0].n, 0), 0);
    assert_int_equal(guest_mmuext_once(MMUEXT_UNPIN_TABLE, f[0].n, 0), -ERESTART);
    audit();
    assert_int_equal(guest_mmuext(MMUEXT_PIN_L4_TABLE, f[0].n, 0), 0);
    audit();
    assert_int_equal(guest_mmuext_once(MMUEXT_UNPIN_TABLE, f[0].n, 0), -ERESTART);
}

static void test_refused_deep_inside(void **state)
{
    (void)state;
    build_tree();
    assert_int_equal(guest_mmuext(MMUEXT_UNPIN_TABLE, f[0].n, 0), 0);
    assert_int_equal(guest_update(f[3], 300, pte_make(f[1], KERNEL_PTE)), 0);
    preempt_odds = 2;
    assert_int_equal(guest_mmuext(MMUEXT_PIN_L4_TABLE, f[0].n, 0), -EBUSY);
    /* Cleaning up may go on in the next call. */
    while (guest_vcpu.arch.old_table != NULL) {
        (void)guest_mmuext(MMUEXT_TLB_FLUSH_LOCAL, 0, 0);
    }
    audit();
    for (unsigned int i = 0; i < 6; i++) {
        assert_int_equal(frame_type_count(f[i]), 0);
    }
}

static void test_gdt(void **state)
{
    uint64_t frames[2] = { f[1].n, f[2].n }, gdt = mfn_to_maddr(f[1]).a;

    (void)state;
    assert_int_equal(guest_update(f[1], 2, 0x00209b0000000000UL), 0);
    assert_int_equal(pv_set_gdt(&guest_vcpu, frames, 600), 0);
    audit();
    assert_int_equal(frame_word(f[1], 2), 0x0020fb0000000000UL);
    assert_int_equal(guest_update(f[1], 2, 0), -EINVAL);
    assert_int_equal(hypercall_update_descriptor(gdt + 8, 0x00cf93000000ffffUL), 0);
    assert_int_equal(frame_word(f[1], 1), 0x00cff3000000ffffUL);
    assert_int_equal(hypercall_update_descriptor(gdt, 0x0000890000000067UL), -EINVAL);
    assert_int_equal(hypercall_update_descriptor(gdt + 4, 0), -EINVAL);
    assert_int_equal(hypercall_update_descriptor(mfn_to_maddr(f[3]).a, 0), 0);
    assert_int_equal(pv_set_gdt(&guest_vcpu, frames, 8000), -EINVAL);
    frames[1] = GUEST_RAM_START;
    assert_int_equal(pv_set_gdt(&guest_vcpu, frames, 600), -EINVAL);
    audit();
    assert_int_equal(pv_set_gdt(&guest_vcpu, frames, 8), 0);
    assert_int_equal(frame_type_count(f[2]), 0);
    audit();
}

static void test_steal(void **state)
{
    (void)state;
    build_tree();
    assert_int_equal(domain_steal_page(&guest, mfn_to_page(f[4])), -EINVAL);
    assert_int_equal(domain_steal_page(&guest, mfn_to_page(mfn(GUEST_RAM_START))), -EINVAL);
    assert_int_equal(domain_steal_page(&guest, mfn_to_page(f[30])), 0);
    assert_int_equal(guest.memory.tot_pages, NR - 1);
    assert_int_equal(domain_assign_pages(&guest, mfn_to_page(f[30]), 0), 0);
    audit();
}

static void test_given_up_while_mapped(void **state)
{
    (void)state;
    build_tree();
    assert_true(page_get(mfn_to_page(f[4]), &guest));
    domain_release_page(&guest, mfn_to_page(f[4]));
    domain_release_page(&guest, mfn_to_page(f[4]));
    page_put(mfn_to_page(f[4]));
    audit();
    assert_int_equal(guest.memory.tot_pages, NR);
    assert_int_equal(m2p_get(f[4]), 4);
    assert_int_equal(guest_update(f[3], 4, 0), 0);
    assert_int_equal(guest.memory.tot_pages, NR - 1);
    assert_int_equal(m2p_get(f[4]), M2P_INVALID);
    audit();
}

static void test_too_many_puts(void **state)
{
    (void)state;
    expect_bug(page_put_and_type(mfn_to_page(f[9])));
}

/* ------------------------------------------------------------------------ */
/*
 * Random guests. Frame i is meant for level i % 5, so that trees come about; often it isn't used
 * so.
 */

static const unsigned int indices[] = { 0, 1, 7, 8, 255, 256, 271, 272, 300, 511 };

static uint64_t rnd(uint64_t n)
{
    return unit_random(&guest_seed) % n;
}

static mfn_t any_frame(unsigned int level)
{
    unsigned int i = (unsigned int)rnd(NR / 5) * 5 + level;

    return rnd(10) == 0 ? f[rnd(NR)] : f[i];
}

static uint64_t any_value(unsigned int level)
{
    uint64_t flags = PTE_P | PTE_A, n;

    if (rnd(5) == 0) {
        return rnd(2) ? 0 : unit_random(&guest_seed) & ~PTE_P;
    }
    n = any_frame(rnd(4) == 0 ? (unsigned int)rnd(5) : level > 0 ? level - 1 : 0).n;
    flags |= rnd(2) ? PTE_RW : 0;
    flags |= rnd(2) ? PTE_US : 0;
    flags |= rnd(30) == 0 ? PTE_PCD : 0;
    flags |= rnd(30) == 0 ? PTE_PS : 0;
    flags |= rnd(30) == 0 ? PTE_NX : 0;
    if (rnd(30) == 0) {
        n = GUEST_RAM_START + rnd(GUEST_RAM_END - GUEST_RAM_START + 8);
    }
    return pte_make(mfn(n), flags);
}

static void random_updates(void)
{
    struct mmu_update r[40];
    unsigned int n = (unsigned int)rnd(rnd(4) == 0 ? 40 : 4) + 1, level = (unsigned int)rnd(5);
    mfn_t table = any_frame(level);

    for (unsigned int i = 0; i < n; i++) {
        if (rnd(3) == 0) {
            level = (unsigned int)rnd(5);
            table = any_frame(level);
        }
        r[i].ptr = mfn_to_maddr(table).a + indices[rnd(ARRAY_SIZE(indices))] * 8;
        r[i].ptr |= rnd(10) == 0 ? rnd(5) & ~1UL : 0;
        r[i].val = any_value(level);
    }
    (void)guest_mmu_update(r, n, NULL);
}

static void random_ext(void)
{
    static const unsigned int cmds[] = {
        MMUEXT_PIN_L1_TABLE, MMUEXT_PIN_L2_TABLE, MMUEXT_PIN_L3_TABLE, MMUEXT_PIN_L4_TABLE,
        MMUEXT_UNPIN_TABLE, MMUEXT_UNPIN_TABLE, MMUEXT_UNPIN_TABLE, MMUEXT_NEW_BASEPTR,
        MMUEXT_NEW_USER_BASEPTR, MMUEXT_CLEAR_PAGE, MMUEXT_COPY_PAGE, MMUEXT_TLB_FLUSH_LOCAL,
    };
    unsigned int cmd = cmds[rnd(ARRAY_SIZE(cmds))];
    unsigned int level = cmd <= MMUEXT_PIN_L4_TABLE ? cmd + 1
                         : cmd == MMUEXT_UNPIN_TABLE ? (unsigned int)rnd(4) + 1
                         : cmd == MMUEXT_CLEAR_PAGE || cmd == MMUEXT_COPY_PAGE ? 0 : 4;

    if (rnd(5) == 0) {
        (void)guest_mmuext_once(cmd, any_frame(level).n, any_frame(level).n);
    } else {
        (void)guest_mmuext(cmd, any_frame(level).n, any_frame(level).n);
    }
}

static void random_va(void)
{
    uint64_t va = 0;

    for (unsigned int shift = L1_SHIFT; shift <= L4_SHIFT; shift += 9) {
        va |= (uint64_t)indices[rnd(ARRAY_SIZE(indices))] << shift;
    }
    va = (uint64_t)((int64_t)(va << 16) >> 16);
    if (!mfn_eq(guest_vcpu.arch.guest_table, INVALID_MFN)) {
        (void)hypercall_update_va_mapping(va, any_value(1), 0);
    }
}

static void random_gdt(void)
{
    uint64_t frames[2] = { any_frame(0).n, any_frame(0).n };

    int rc = pv_set_gdt(&guest_vcpu, frames, (unsigned int)rnd(1025));

    assert_true(rc == 0 || rc == -EINVAL);
}

/* A frame is given up, and perhaps still mapped; another takes its place. */
static void random_balloon(void)
{
    unsigned int i = (unsigned int)rnd(NR);
    struct page_info *pg = mfn_to_page(f[i]);

    if (page_get(pg, &guest)) {
        domain_release_page(&guest, pg);
        page_put(pg);
    }
    pg = domain_alloc_pages(&guest, 0, 0);
    if (pg != NULL) {
        f[i] = page_to_mfn(pg);
    }
}

static void random_step(void)
{
    switch (rnd(16)) {
    case 0:
        random_gdt();
        break;
    case 1:
        random_balloon();
        break;
    case 2:
        random_va();
        break;
    case 3:
    case 4:
    case 5:
    case 6:
        random_ext();
        break;
    default:
        random_updates();
        break;
    }
}

static unsigned int nr_roots;

static void run_random(unsigned int odds, unsigned int guests, unsigned int steps)
{
    for (unsigned int g = 0; g < guests; g++) {
        pv_guest_start(NR, f);
        preempt_odds = odds;
        for (unsigned int i = 0; i < steps; i++) {
            random_step();
            audit();
            nr_roots += !mfn_eq(guest_vcpu.arch.guest_table, INVALID_MFN);
        }
        pv_guest_end();
    }
}

static void test_random(void **state)
{
    (void)state;
    guest_seed = unit_seed("page_type/random");
    run_random(0, 15, 1500);
    /* Or else the test tests nothing. */
    assert_true(nr_roots > 1000);
}

static void test_random_preempted(void **state)
{
    (void)state;
    guest_seed = unit_seed("page_type/random_preempted");
    run_random(2, 15, 1500);
    run_random(5, 15, 1500);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, start, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_pin_validates_tree),
        CASE(test_table_never_writable),
        CASE(test_entry_rules),
        CASE(test_update_keeps_cpu_bits),
        CASE(test_batch_counts),
        CASE(test_update_va),
        CASE(test_root_tables),
        CASE(test_dropped_subtree),
        CASE(test_linear_tables),
        CASE(test_self_map_in_new_table),
        CASE(test_forgotten_pin),
        CASE(test_refused_deep_inside),
        CASE(test_gdt),
        CASE(test_steal),
        CASE(test_given_up_while_mapped),
        CASE(test_too_many_puts),
        cmocka_unit_test(test_random),
        cmocka_unit_test(test_random_preempted),
    };

    return cmocka_run_group_tests(tests, setup, NULL);
}

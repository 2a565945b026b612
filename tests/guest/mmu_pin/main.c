/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Scenario: pinning. A table can be pinned once, at its own level, while nothing maps it
 * writable; its contents are validated; unpinning gives the page back. What a kernel does at
 * boot: pin a new L4, leave the builder's, turn the old tables into ordinary memory.
 */
#include <public/errno.h>

#include "check.h"
#include "kit.h"
#include "mm.h"

static uint8_t data_page[PAGE_SIZE] __attribute__((aligned(4096)));

static long pin(int level, uint64_t mfn)
{
    return mmuext_one(MMUEXT_PIN_L1_TABLE + (unsigned int)level - 1, mfn, 0);
}

static long unpin(uint64_t mfn)
{
    return mmuext_one(MMUEXT_UNPIN_TABLE, mfn, 0);
}

static void test_once(void)
{
    uint64_t *table = page_alloc();
    uint64_t mfn = virt_to_mfn(table);

    CHECK_EQ(unpin(mfn), -XEN_EINVAL);
    CHECK_EQ(pin(1, mfn), -XEN_EINVAL);
    CHECK_EQ(page_make_readonly(table), 0);
    CHECK_EQ(pin(1, mfn), 0);
    CHECK_EQ(pin(1, mfn), -XEN_EINVAL);
    CHECK_EQ(pin(2, mfn), -XEN_EINVAL);
    CHECK_EQ(page_make_writable(table), -XEN_EBUSY);
    CHECK_EQ(unpin(mfn), 0);
    CHECK_EQ(unpin(mfn), -XEN_EINVAL);
    CHECK_EQ(page_make_writable(table), 0);
    table[5] = 1;
}

static void test_levels(void)
{
    for (int level = 1; level <= 4; level++) {
        uint64_t *table = page_alloc();

        CHECK_EQ(page_make_readonly(table), 0);
        for (int other = 1; other <= 4; other++) {
            CHECK_EQ(pin(level, virt_to_mfn(table)), 0);
            if (other != level)
                CHECK_EQ(pin(other, virt_to_mfn(table)), -XEN_EINVAL);
            CHECK_EQ(unpin(virt_to_mfn(table)), 0);
        }
        CHECK_EQ(page_make_writable(table), 0);
    }
}

static void test_frames(void)
{
    CHECK_EQ(pin(1, 0xfed00), -XEN_EINVAL);
    CHECK_EQ(pin(1, 0x7fffffffffUL), -XEN_EINVAL);
    CHECK_EQ(unpin(0xfed00), -XEN_EINVAL);
    CHECK_EQ(pin(1, 0xfee00), -XEN_EINVAL);
    CHECK_EQ(mmuext_one(MMUEXT_NEW_BASEPTR, 0xfed00, 0), -XEN_EINVAL);
    CHECK_EQ(mmuext_one(MMUEXT_NEW_BASEPTR, virt_to_mfn(data_page), 0), -XEN_EINVAL);
    CHECK_EQ(mmuext_one(MMUEXT_NEW_USER_BASEPTR, virt_to_mfn(data_page), 0), -XEN_EINVAL);
    CHECK_EQ(mmuext_one(MMUEXT_NEW_USER_BASEPTR, 0, 0), 0);
}

/* One bad entry inside refuses the whole table and changes nothing. */
static void test_contents(void)
{
    uint64_t *table = page_alloc();
    uint64_t mfn = virt_to_mfn(table);

    table[3] = make_pte(virt_to_mfn(data_page), PTE_DATA);
    table[200] = make_pte(virt_to_mfn((void *)start_info->pt_base), PTE_DATA);
    CHECK_EQ(page_make_readonly(table), 0);
    CHECK_EQ(pin(1, mfn), -XEN_EBUSY);
    CHECK_EQ(page_make_writable(table), 0);
    table[200] = 0xdead0000;
    CHECK_EQ(page_make_readonly(table), 0);
    CHECK_EQ(pin(1, mfn), 0);
    CHECK_EQ(table[200], 0xdead0000);
    CHECK_EQ(table[3], make_pte(virt_to_mfn(data_page), PTE_DATA | PTE_US | PTE_GUEST_KERNEL));
    /* The data page is mapped writable by that table: it can't become one itself. */
    CHECK_EQ(page_make_readonly(data_page), 0);
    CHECK_EQ(pin(1, virt_to_mfn(data_page)), -XEN_EINVAL);
    CHECK_EQ(unpin(mfn), 0);
    CHECK_EQ(pin(1, virt_to_mfn(data_page)), 0);
    CHECK_EQ(unpin(virt_to_mfn(data_page)), 0);
    CHECK_EQ(page_make_writable(table), 0);
    CHECK_EQ(page_make_writable(data_page), 0);
}

/* An L2 takes and drops references on what it holds, in both orders of unpinning. */
static void test_tree(void)
{
    uint64_t *l2 = page_alloc(), *l1 = page_alloc();

    l1[0] = make_pte(virt_to_mfn(data_page), PTE_DATA);
    l2[7] = make_pte(virt_to_mfn(l1), PTE_TABLE);
    CHECK_EQ(page_make_readonly(l2), 0);
    CHECK_EQ(pin(2, virt_to_mfn(l2)), -XEN_EINVAL);
    CHECK_EQ(page_make_readonly(l1), 0);
    CHECK_EQ(pin(2, virt_to_mfn(l2)), 0);
    CHECK_EQ(page_make_writable(l1), -XEN_EBUSY);
    CHECK_EQ(unpin(virt_to_mfn(l1)), -XEN_EINVAL);
    CHECK_EQ(pin(1, virt_to_mfn(l1)), 0);
    CHECK_EQ(unpin(virt_to_mfn(l2)), 0);
    CHECK_EQ(page_make_writable(l1), -XEN_EBUSY);
    CHECK_EQ(unpin(virt_to_mfn(l1)), 0);
    CHECK_EQ(page_make_writable(l1), 0);
    CHECK_EQ(page_make_writable(l2), 0);
}

/* The hypervisor fills its own slots of an L4 when it is pinned, whatever stood there. */
static void test_new_l4(void)
{
    uint64_t *old = (uint64_t *)start_info->pt_base;
    uint64_t *l4 = page_alloc();

    l4[511] = old[511];
    l4[1] = old[1];
    l4[256] = 0x1111;
    l4[271] = 0x2222;
    CHECK_EQ(table_pin(l4, 4), 0);
    CHECK(l4[271] != 0x2222);
    CHECK_EQ(mmuext_one(MMUEXT_NEW_BASEPTR, virt_to_mfn(l4), 0), 0);
    CHECK_EQ(M2P[virt_to_mfn(l4)], virt_to_pfn(l4));
    CHECK_EQ(mmuext_one(MMUEXT_NEW_BASEPTR, virt_to_mfn(l4), 0), 0);
    /* The builder's L4 was pinned; without that pin it is an ordinary page. */
    CHECK_EQ(page_make_writable(old), -XEN_EBUSY);
    CHECK_EQ(unpin(virt_to_mfn(old)), 0);
    CHECK_EQ(unpin(virt_to_mfn(old)), -XEN_EINVAL);
    CHECK_EQ(page_make_writable(old), 0);
    old[0] = 1;
    /* The running L4 may lose its pin: CR3 still holds it. */
    CHECK_EQ(unpin(virt_to_mfn(l4)), 0);
    CHECK_EQ(page_make_writable(l4), -XEN_EBUSY);
    CHECK_EQ(M2P[virt_to_mfn(l4)], virt_to_pfn(l4));
}

void test_main(void)
{
    kit_init();
    test_once();
    test_levels();
    test_frames();
    test_contents();
    test_tree();
    test_new_l4();
}

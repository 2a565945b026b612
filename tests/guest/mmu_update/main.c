/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Scenario: every documented result of mmu_update: what is stored, each refusal and its
 * errno, the count of finished requests, and the machine-to-physical command.
 */
#include <public/errno.h>
#include <public/memory.h>
#include <public/memory.h>

#include "check.h"
#include "hypercall.h"
#include "kit.h"
#include "mm.h"
#include "print.h"

#define BAD_POINTER ((void *)0x1000)
#define MFN_TOO_BIG 0x7fffffffffUL

static uint8_t data_page[PAGE_SIZE] __attribute__((aligned(4096)));
static uint8_t gdt_page[PAGE_SIZE] __attribute__((aligned(4096)));
static uint64_t l1_slot; /* machine address of a free entry of the window's table */

static long update(uint64_t ptr, uint64_t val)
{
    return mmu_update_one(ptr, val, NULL, DOMID_SELF);
}

static long set_l1(uint64_t pte)
{
    return update(l1_slot, pte);
}

/* Maps anew and says what stands in the entry; 0 when refused. */
static uint64_t stored_l1(uint64_t pte)
{
    CHECK_EQ(set_l1(0), 0);
    CHECK_EQ(set_l1(pte), 0);
    return *pte_of(window(0), 1);
}

static void test_stored_bits(void)
{
    uint64_t base = virt_to_mfn(data_page) << PAGE_SHIFT;
    const uint64_t avl = 0x7fe0000000000e00UL & ~PTE_GUEST_KERNEL;

    CHECK_EQ(stored_l1(base | 0x63), base | PTE_GUEST_KERNEL | 0x67);
    CHECK_EQ(stored_l1(base | 0x67), base | 0x167);
    CHECK_EQ(stored_l1(base | 0x163), base | PTE_GUEST_KERNEL | 0x167);
    CHECK_EQ(stored_l1(base | 0x63 | avl), base | PTE_GUEST_KERNEL | 0x67 | avl);
    CHECK_EQ(stored_l1(base | 0x63 | PTE_NX), base | PTE_GUEST_KERNEL | 0x67 | PTE_NX);
    /* Not present: as it is. */
    CHECK_EQ(stored_l1(0x1234567890abcdeeUL), 0x1234567890abcdeeUL);
    CHECK_EQ(stored_l1(0), 0);
    if (is_initial_domain())
        CHECK_EQ(stored_l1(base | 0x63 | PTE_PWT | PTE_PCD | PTE_PAT),
                 base | PTE_GUEST_KERNEL | 0x67 | PTE_PWT | PTE_PCD | PTE_PAT);
    else
        CHECK_EQ(set_l1(base | 0x63 | PTE_PCD), -XEN_EINVAL);
    CHECK_EQ(set_l1(0), 0);
}

/* A frame that the hypervisor owns and one that is no RAM. */
static void test_foreign_frames(void)
{
    uint64_t m2p_mfn = 0;
    struct xen_machphys_mfn_list list = { .max_extents = 1, .extent_start = &m2p_mfn };

    CHECK_EQ(hypercall_2(__HYPERVISOR_memory_op, XENMEM_machphys_mfn_list, &list), 0);
    CHECK_EQ(set_l1(make_pte(m2p_mfn, PTE_RO)), -XEN_EBUSY);
    CHECK_EQ(mmu_update_one(l1_slot, make_pte(m2p_mfn, PTE_RO), NULL, DOMID_XEN),
             is_initial_domain() ? 0 : -XEN_EPERM);
    CHECK_EQ(mmu_update_one(l1_slot, make_pte(m2p_mfn, PTE_DATA), NULL, DOMID_XEN),
             is_initial_domain() ? -XEN_EBUSY : -XEN_EPERM);
    CHECK_EQ(set_l1(0), 0);
    CHECK_EQ(set_l1(make_pte(MFN_TOO_BIG, PTE_DATA)), -XEN_EPERM);
    /* The local APIC is nobody's to map. */
    CHECK_EQ(set_l1(make_pte(0xfee00, PTE_DATA)), -XEN_EPERM);
    if (!is_initial_domain())
        CHECK_EQ(set_l1(make_pte(0xfed00, PTE_DATA)), -XEN_EPERM);
}

/* Device memory is never cached, and the hypervisor's own devices are not writable. */
static void test_device_memory(void)
{
    static const uint64_t devices[] = { 0xb8, 0xa0, 0xfd000 };
    static const uint64_t readonly[] = { 0xfec00, 0xfed00 };

    if (!is_initial_domain())
        return;
    for (unsigned int i = 0; i < sizeof(devices) / sizeof(devices[0]); i++) {
        CHECK_EQ(stored_l1(make_pte(devices[i], PTE_DATA)) & 0xff, 0x7f);
        CHECK_EQ(stored_l1(make_pte(devices[i], PTE_DATA | PTE_PWT)) & 0xff, 0x7f);
        CHECK_EQ(stored_l1(make_pte(devices[i], PTE_DATA | PTE_PCD)) & 0xff, 0x77);
    }
    for (unsigned int i = 0; i < sizeof(readonly) / sizeof(readonly[0]); i++)
        CHECK_EQ(stored_l1(make_pte(readonly[i], PTE_DATA)) & 0xff, 0x7d);
    CHECK_EQ(set_l1(0), 0);
}

static void test_table_frames(void)
{
    uint64_t l4 = virt_to_mfn((void *)start_info->pt_base);

    for (int level = 1; level <= 4; level++) {
        uint64_t mfn = virt_to_mfn(pte_of(data_page, level));

        CHECK_EQ(set_l1(make_pte(mfn, PTE_DATA)), -XEN_EBUSY);
        CHECK_EQ(set_l1(make_pte(mfn, PTE_RO)), 0);
    }
    CHECK_EQ(set_l1(make_pte(l4, PTE_DATA)), -XEN_EBUSY);

    CHECK_EQ(page_make_readonly(gdt_page), 0);
    CHECK_EQ(hypercall_2(__HYPERVISOR_set_gdt, (uint64_t[]){ virt_to_mfn(gdt_page) }, 8), 0);
    CHECK_EQ(set_l1(make_pte(virt_to_mfn(gdt_page), PTE_DATA)), -XEN_EBUSY);
    CHECK_EQ(set_l1(0), 0);
    CHECK_EQ(hypercall_2(__HYPERVISOR_set_gdt, NULL, 0), 0);
    CHECK_EQ(page_make_writable(gdt_page), 0);
}

/* Entries of the upper levels: only tables of the next level, without bits of their own. */
static void test_upper_levels(void)
{
    uint64_t *table = page_alloc();
    uint64_t l1 = virt_to_mfn(table);
    uint64_t slot2 = pte_maddr((uint8_t *)WINDOW_VA + (4UL << 20), 2);
    uint64_t slot3 = pte_maddr((uint8_t *)VIRT_BASE, 3) - 8;
    uint64_t slot4 = pte_maddr((void *)0, 4);

    CHECK_EQ(update(slot2, make_pte(l1, PTE_TABLE)), -XEN_EINVAL);
    CHECK_EQ(page_make_readonly(table), 0);
    CHECK_EQ(update(slot2, make_pte(l1, PTE_TABLE | PTE_PSE)), -XEN_EINVAL);
    CHECK_EQ(update(slot2, make_pte(l1, PTE_TABLE | PTE_G)), -XEN_EINVAL);
    CHECK_EQ(update(slot2, make_pte(l1, PTE_TABLE | PTE_PCD)), -XEN_EINVAL);
    CHECK_EQ(update(slot2, make_pte(0xfed00, PTE_TABLE)), -XEN_EINVAL);
    CHECK_EQ(update(slot2, make_pte(MFN_TOO_BIG, PTE_TABLE)), -XEN_EINVAL);
    CHECK_EQ(update(slot2, make_pte(l1, PTE_TABLE & ~PTE_US)), 0);
    CHECK_EQ(*pte_of((uint8_t *)WINDOW_VA + (4UL << 20), 2), make_pte(l1, PTE_TABLE));
    /* It is an L1 table now: not to be entered one level higher. */
    CHECK_EQ(update(slot3, make_pte(l1, PTE_TABLE)), -XEN_EINVAL);
    CHECK_EQ(update(slot4, make_pte(l1, PTE_TABLE)), -XEN_EINVAL);
    CHECK_EQ(update(slot2, make_pte(l1, PTE_TABLE | PTE_NX)), 0);
    CHECK_EQ(update(slot2, 0), 0);
    CHECK_EQ(page_make_writable(table), 0);
}

static void test_l4_slots(void)
{
    uint64_t l4 = virt_to_mfn((void *)start_info->pt_base);
    uint64_t slot0 = l4 << PAGE_SHIFT;

    CHECK_EQ(update(slot0 + 256 * 8, 0), -XEN_EINVAL);
    CHECK_EQ(update(slot0 + 271 * 8, 0), -XEN_EINVAL);
    CHECK_EQ(update(slot0 + 255 * 8, 0), 0);
    CHECK_EQ(update(slot0 + 272 * 8, 0), 0);
    /* The table itself may be entered read-only. */
    CHECK_EQ(update(slot0 + 300 * 8, make_pte(l4, PTE_TABLE & ~PTE_RW)), 0);
    CHECK_EQ(update(slot0 + 300 * 8, 0), 0);
    CHECK_EQ(update(slot0 + 300 * 8, make_pte(l4, PTE_TABLE)), -XEN_EINVAL);
}

static void test_commands(void)
{
    uint64_t base = virt_to_mfn(data_page) << PAGE_SHIFT;

    CHECK_EQ(update(l1_slot | MMU_PT_UPDATE_PRESERVE_AD, base | PTE_DATA), 0);
    CHECK_EQ(update(l1_slot | MMU_PT_UPDATE_NO_TRANSLATE, base | PTE_RO), 0);
    for (uint64_t cmd = 4; cmd < 8; cmd++)
        CHECK_EQ(update(l1_slot | cmd, base | PTE_DATA), -XEN_ENOSYS);
    CHECK_EQ(set_l1(0), 0);
    /* A page that is no table is simply written. */
    CHECK_EQ(update(base + 16, 0x1122334455667788), 0);
    CHECK_EQ(((uint64_t *)data_page)[2], 0x1122334455667788);
    CHECK_EQ(update(0xfed00000, 0), -XEN_EINVAL);
    CHECK_EQ(update(MFN_TOO_BIG << PAGE_SHIFT, 0), -XEN_EINVAL);
}

static void test_preserve_ad(void)
{
    uint64_t base = virt_to_mfn(data_page) << PAGE_SHIFT;
    volatile uint64_t *entry = pte_of(window(0), 1);

    CHECK_EQ(set_l1(base | PTE_DATA), 0);
    CHECK_EQ(update(l1_slot | MMU_PT_UPDATE_PRESERVE_AD, base | PTE_P | PTE_RW), 0);
    CHECK_EQ(*entry & (PTE_A | PTE_D), PTE_A | PTE_D);
    CHECK_EQ(update(l1_slot, base | PTE_P | PTE_RW), 0);
    CHECK_EQ(*entry & (PTE_A | PTE_D), 0);
    CHECK_EQ(set_l1(0), 0);
}

static void test_machphys(void)
{
    uint64_t mfn = virt_to_mfn(data_page);
    uint64_t pfn = virt_to_pfn(data_page);

    CHECK_EQ(update((mfn << PAGE_SHIFT) | MMU_MACHPHYS_UPDATE, 0x1234), 0);
    CHECK_EQ(M2P[mfn], 0x1234);
    CHECK_EQ(update((mfn << PAGE_SHIFT) | MMU_MACHPHYS_UPDATE, pfn), 0);
    CHECK_EQ(M2P[mfn], pfn);
    CHECK_EQ(update(0xfed00000 | MMU_MACHPHYS_UPDATE, 1), -XEN_EINVAL);
    CHECK_EQ(update((MFN_TOO_BIG << PAGE_SHIFT) | MMU_MACHPHYS_UPDATE, 1), -XEN_EINVAL);
}

static void test_domains(void)
{
    unsigned int done = 77;
    uint64_t pte = make_pte(virt_to_mfn(data_page), PTE_DATA);

    CHECK_EQ(mmu_update_one(l1_slot, pte, &done, 999), -XEN_ESRCH);
    CHECK_EQ(done, 0);
    if (!is_initial_domain())
        return;
    /* The upper half names the tables' owner, plus one. */
    done = 77;
    CHECK_EQ(mmu_update_one(l1_slot, pte, &done, (1000U << 16) | DOMID_SELF), -XEN_ESRCH);
    CHECK_EQ(done, 77);
    CHECK_EQ(mmu_update_one(l1_slot, pte, &done, (1U << 16) | DOMID_SELF), 0);
    CHECK_EQ(done, 1);
    CHECK_EQ(mmu_update_one(l1_slot, 0, &done, DOMID_SELF), 0);
    CHECK_EQ(mmu_update_one(l1_slot, pte, &done, 0), -XEN_ESRCH);
    CHECK_EQ(mmu_update_one(l1_slot, pte, &done, DOMID_IO), -XEN_EBUSY);
    CHECK_EQ(mmu_update_one(l1_slot, make_pte(0xfed00, PTE_DATA), &done, DOMID_IO), 0);
    CHECK_EQ(set_l1(0), 0);
}

static void test_batches(void)
{
    struct mmu_update req[3];
    uint64_t base = virt_to_mfn(data_page) << PAGE_SHIFT;
    unsigned int done = 77;

    for (unsigned int i = 0; i < 3; i++)
        req[i] = (struct mmu_update){ .ptr = l1_slot + i * 8, .val = base | PTE_DATA };
    CHECK_EQ(hypercall_4(__HYPERVISOR_mmu_update, req, 3, &done, DOMID_SELF), 0);
    CHECK_EQ(done, 3);
    req[1].val = make_pte(MFN_TOO_BIG, PTE_DATA);
    CHECK_EQ(hypercall_4(__HYPERVISOR_mmu_update, req, 3, &done, DOMID_SELF), -XEN_EPERM);
    CHECK_EQ(done, 1);
    CHECK_EQ(hypercall_4(__HYPERVISOR_mmu_update, BAD_POINTER, 3, &done, DOMID_SELF), -XEN_EFAULT);
    CHECK_EQ(done, 0);
    for (unsigned int i = 0; i < 3; i++)
        req[i].val = 0;
    CHECK_EQ(hypercall_4(__HYPERVISOR_mmu_update, req, 3, BAD_POINTER, DOMID_SELF), 0);
    CHECK_EQ(hypercall_4(__HYPERVISOR_mmu_update, req, 0, &done, DOMID_SELF), 0);
    CHECK_EQ(done, 0);
}

void test_main(void)
{
    kit_init();
    l1_slot = pte_maddr(window(0), 1);
    test_stored_bits();
    test_foreign_frames();
    test_device_memory();
    test_table_frames();
    test_upper_levels();
    test_l4_slots();
    test_commands();
    test_preserve_ad();
    test_machphys();
    test_domains();
    test_batches();
}

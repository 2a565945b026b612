/* SPDX-License-Identifier: BSD-2-Clause */
/* Page allocation, table walks through M2P, and the MMU hypercalls in short forms. */
#include "mm.h"

#include <stddef.h>

#include "check.h"
#include "hypercall.h"
#include "start.h"

const struct start_info *start_info;
struct shared_info *shared_info;

static uint8_t shared_info_page[PAGE_SIZE] __attribute__((aligned(4096)));
static uint8_t window_l1[PAGE_SIZE] __attribute__((aligned(4096)));
static uint64_t next_mapped_pfn, end_mapped_pfn, next_unmapped_pfn;

bool is_initial_domain(void)
{
    return start_info->flags & SIF_INITDOMAIN;
}

uint64_t pfn_to_mfn(uint64_t pfn)
{
    return ((const volatile uint64_t *)start_info->mfn_list)[pfn];
}

void pfn_set_mfn(uint64_t pfn, uint64_t mfn)
{
    ((volatile uint64_t *)start_info->mfn_list)[pfn] = mfn;
}

uint64_t virt_to_pfn(const volatile void *va)
{
    return ((uintptr_t)va - VIRT_BASE) >> PAGE_SHIFT;
}

uint64_t virt_to_mfn(const volatile void *va)
{
    return pfn_to_mfn(virt_to_pfn(va));
}

void *pfn_to_virt(uint64_t pfn)
{
    return (void *)(VIRT_BASE + (pfn << PAGE_SHIFT));
}

void *mfn_to_virt(uint64_t mfn)
{
    return pfn_to_virt(M2P[mfn]);
}

volatile uint64_t *pte_of(const volatile void *va, int level)
{
    volatile uint64_t *table = (volatile uint64_t *)start_info->pt_base;

    for (int l = 4;; l--) {
        volatile uint64_t *entry = table + (((uintptr_t)va >> (3 + 9 * l)) & 511);

        if (l == level)
            return entry;
        if (!(*entry & PTE_P))
            return NULL;
        table = mfn_to_virt((*entry & PTE_ADDR) >> PAGE_SHIFT);
    }
}

uint64_t pte_maddr(const volatile void *va, int level)
{
    volatile uint64_t *entry = pte_of(va, level);

    return (virt_to_mfn(entry) << PAGE_SHIFT) | ((uintptr_t)entry & (PAGE_SIZE - 1));
}

long va_map(const volatile void *va, uint64_t pte, unsigned long flags)
{
    return hypercall_3(__HYPERVISOR_update_va_mapping, va, pte, flags);
}

long va_map_flush(const volatile void *va, uint64_t pte)
{
    return va_map(va, pte, UVMF_INVLPG | UVMF_ALL);
}

void *window(unsigned int index)
{
    return (void *)(WINDOW_VA + index * PAGE_SIZE);
}

long mmu_update_one(uint64_t ptr, uint64_t val, unsigned int *done, unsigned int domid)
{
    struct mmu_update req = { .ptr = ptr, .val = val };

    return hypercall_4(__HYPERVISOR_mmu_update, &req, 1, done, domid);
}

long mmuext_one(unsigned int cmd, uint64_t arg1, uint64_t arg2)
{
    struct mmuext_op op = { .cmd = cmd };

    op.arg1.linear_addr = arg1;
    __builtin_memcpy(&op.arg2, &arg2, sizeof(arg2));
    return hypercall_4(__HYPERVISOR_mmuext_op, &op, 1, NULL, DOMID_SELF);
}

long page_make_readonly(void *page)
{
    return va_map_flush(page, make_pte(virt_to_mfn(page), PTE_RO));
}

long page_make_writable(void *page)
{
    return va_map_flush(page, make_pte(virt_to_mfn(page), PTE_DATA));
}

long table_pin(void *page, int level)
{
    long rc = page_make_readonly(page);

    if (rc)
        return rc;
    return mmuext_one(MMUEXT_PIN_L1_TABLE + (unsigned int)level - 1, virt_to_mfn(page), 0);
}

long table_unpin(void *page)
{
    long rc = mmuext_one(MMUEXT_UNPIN_TABLE, virt_to_mfn(page), 0);

    return rc ? rc : page_make_writable(page);
}

void *page_alloc(void)
{
    volatile uint64_t *page;

    if (next_mapped_pfn >= end_mapped_pfn) {
        check_true(__FILE__, __LINE__, "a mapped page is left", false);
        check_verdict();
        guest_end();
    }
    page = pfn_to_virt(next_mapped_pfn++);
    for (unsigned int i = 0; i < PAGE_SIZE / 8; i++)
        page[i] = 0;
    return (void *)page;
}

uint64_t pfn_alloc(void)
{
    uint64_t p2m = start_info->first_p2m_pfn;

    if (next_unmapped_pfn >= p2m && next_unmapped_pfn < p2m + start_info->nr_p2m_frames)
        next_unmapped_pfn = p2m + start_info->nr_p2m_frames;
    return next_unmapped_pfn++;
}

/* The builder maps up to a 4 MiB boundary; without INIT_P2M the p2m stands before the stack. */
static void find_free_pages(void)
{
    uint64_t pfn = virt_to_pfn((void *)entry_state.rsp);
    volatile uint64_t *entry;

    next_mapped_pfn = pfn;
    while ((entry = pte_of(pfn_to_virt(pfn), 2)) && (*entry & PTE_P) &&
           (*pte_of(pfn_to_virt(pfn), 1) & PTE_P))
        pfn++;
    end_mapped_pfn = pfn;
    next_unmapped_pfn = pfn;
    if (start_info->flags & SIF_MOD_START_PFN)
        next_unmapped_pfn += (start_info->mod_len + PAGE_SIZE - 1) >> PAGE_SHIFT;
}

void mm_init(void)
{
    start_info = (const struct start_info *)entry_state.rsi;
    find_free_pages();
    CHECK_EQ(va_map_flush(shared_info_page, start_info->shared_info | PTE_DATA), 0);
    shared_info = (struct shared_info *)shared_info_page;
    CHECK_EQ(table_pin(window_l1, 1), 0);
    CHECK_EQ(mmu_update_one(pte_maddr((void *)WINDOW_VA, 2),
                            make_pte(virt_to_mfn(window_l1), PTE_TABLE), NULL, DOMID_SELF), 0);
}

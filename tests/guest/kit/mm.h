/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Pages and page tables of a test guest. Three kinds of memory:
 *   - image and page_alloc(): mapped read-write by the builder at VIRT_BASE + pfn * 4096;
 *   - pfn_alloc(): owned by the domain, mapped nowhere;
 *   - window: virtual addresses with an L1 table of the kit's own and nothing mapped.
 */
#ifndef GUEST_KIT_MM_H
#define GUEST_KIT_MM_H

#include <stdbool.h>
#include <stdint.h>

#include <public/xen.h>

#define PAGE_SHIFT 12
#define PAGE_SIZE 4096UL
#define VIRT_BASE 0xffffffff80000000UL
#define M2P ((const volatile uint64_t *)0xffff800000000000UL)
#define M2P_INVALID (~0UL)
#define WINDOW_VA (VIRT_BASE + 0x30000000UL)
#define WINDOW_PAGES 512

#define PTE_P    0x1UL
#define PTE_RW   0x2UL
#define PTE_US   0x4UL
#define PTE_PWT  0x8UL
#define PTE_PCD  0x10UL
#define PTE_A    0x20UL
#define PTE_D    0x40UL
#define PTE_PSE  0x80UL
#define PTE_PAT  0x80UL
#define PTE_G    0x100UL
#define PTE_NX   (1UL << 63)
#define PTE_GUEST_KERNEL (1UL << 52)
#define PTE_ADDR 0x000ffffffffff000UL
/* Kernel data, as a kernel writes it: present, writable, accessed, dirty. */
#define PTE_DATA (PTE_P | PTE_RW | PTE_A | PTE_D)
#define PTE_RO   (PTE_P | PTE_A | PTE_D)
/* A table in a higher level. */
#define PTE_TABLE (PTE_P | PTE_RW | PTE_US | PTE_A | PTE_D)

extern const struct start_info *start_info;
/* NULL until mm_init(). */
extern struct shared_info *shared_info;

bool is_initial_domain(void);

/* Maps shared_info and builds the window. */
void mm_init(void);

uint64_t pfn_to_mfn(uint64_t pfn);
/* Notes that another frame stands at pfn now. */
void pfn_set_mfn(uint64_t pfn, uint64_t mfn);
uint64_t virt_to_pfn(const volatile void *va);
uint64_t virt_to_mfn(const volatile void *va);
void *pfn_to_virt(uint64_t pfn);
void *mfn_to_virt(uint64_t mfn);
static inline uint64_t make_pte(uint64_t mfn, uint64_t flags)
{
    return (mfn << PAGE_SHIFT) | flags;
}

/* A zeroed, mapped page; a pfn mapped nowhere. Never given back. */
void *page_alloc(void);
uint64_t pfn_alloc(void);

/* The entry of level (1-4) for va in the running tables; NULL when a level above is missing. */
volatile uint64_t *pte_of(const volatile void *va, int level);
/* The machine address of that entry. */
uint64_t pte_maddr(const volatile void *va, int level);

long va_map(const volatile void *va, uint64_t pte, unsigned long flags);
long va_map_flush(const volatile void *va, uint64_t pte);
void *window(unsigned int index);

long mmu_update_one(uint64_t ptr, uint64_t val, unsigned int *done, unsigned int domid);
long mmuext_one(unsigned int cmd, uint64_t arg1, uint64_t arg2);

/* Turns a mapped page into a table: read-only and, for level 1-4, pinned. */
long page_make_readonly(void *page);
long page_make_writable(void *page);
long table_pin(void *page, int level);
long table_unpin(void *page);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/* Page-table entries and address arithmetic (Intel SDM vol. 3, 4.5). */
#ifndef ASM_PAGE_H
#define ASM_PAGE_H

#include <asm/memory_map.h>
#include <xen/types.h>

typedef uint64_t pte_t; /* an entry of any level */

#define PTE_P      0x001UL
#define PTE_RW     0x002UL
#define PTE_US     0x004UL
#define PTE_PWT    0x008UL
#define PTE_PCD    0x010UL
#define PTE_A      0x020UL
#define PTE_D      0x040UL
#define PTE_PS     0x080UL /* L2 and L3: large page */
#define PTE_PAT    0x080UL /* L1 */
#define PTE_G      0x100UL
#define PTE_AVL    0xe00UL
#define PTE_GUEST_KERNEL (1UL << 52) /* set on guest kernel pages, see mmu.md */
#define PTE_NX     (1UL << 63)
#define PTE_ADDR   0x000ffffffffff000UL

#define PT_ENTRIES 512
#define L1_SHIFT   12
#define L2_SHIFT   21
#define L3_SHIFT   30
#define L4_SHIFT   39

static inline unsigned int l1_index(uint64_t va)
{
    return (va >> L1_SHIFT) & 511;
}

static inline unsigned int l2_index(uint64_t va)
{
    return (va >> L2_SHIFT) & 511;
}

static inline unsigned int l3_index(uint64_t va)
{
    return (va >> L3_SHIFT) & 511;
}

static inline unsigned int l4_index(uint64_t va)
{
    return (va >> L4_SHIFT) & 511;
}

static inline mfn_t pte_mfn(pte_t e)
{
    return mfn((e & PTE_ADDR) >> PAGE_SHIFT);
}

static inline pte_t pte_make(mfn_t m, uint64_t flags)
{
    return (m.n << PAGE_SHIFT) | flags;
}

static inline bool is_canonical(uint64_t va)
{
    return (uint64_t)((int64_t)(va << 16) >> 16) == va;
}

/* Whether [va, va+len) lies wholly outside the hypervisor's slots and the non-canonical hole. */
static inline bool guest_range_ok(uint64_t va, uint64_t len)
{
    uint64_t end = va + len;

    return end >= va && (end <= 0x0000800000000000UL || va >= HV_VIRT_END);
}

static inline void *mfn_to_virt(mfn_t m)
{
    return (void *)(DIRECT_MAP_START + (m.n << PAGE_SHIFT));
}

static inline void *maddr_to_virt(maddr_t a)
{
    return (void *)(DIRECT_MAP_START + a.a);
}

/* Only for direct-map addresses (heap, page tables); not for the image. */
static inline mfn_t virt_to_mfn(const void *p)
{
    return mfn(((uint64_t)p - DIRECT_MAP_START) >> PAGE_SHIFT);
}

static inline maddr_t virt_to_maddr(const void *p)
{
    return maddr((uint64_t)p - DIRECT_MAP_START);
}

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The control domain's first page tables (dom0_internal.h): the initial mapping, 4 KiB pages
 * only, with the tables themselves read-only; and the frame list, if it is mapped apart.
 * Flags are as Xen 4.17 leaves them (docs/interface/boot.md).
 */
#include "dom0_internal.h"

#include <xen/init.h>
#include <xen/string.h>

#define TABLE_FLAGS (PTE_P | PTE_RW | PTE_US | PTE_A | PTE_D)
#define PAGE_FLAGS  (PTE_P | PTE_RW | PTE_US | PTE_A | PTE_GUEST_KERNEL)

/* Frames for tables, taken one after the other. */
struct table_pool {
    struct dom0_frames *frames;
    uint64_t next_pfn;
};

static pte_t *__init pool_take(struct table_pool *pool, mfn_t *frame)
{
    pte_t *table;

    *frame = dom0_frames_mfn(pool->frames, pool->next_pfn++);
    table = mfn_to_virt(*frame);
    memset(table, 0, PAGE_SIZE);
    return table;
}

/* The table that this entry points to, made if it is not there. */
static pte_t *__init table_below(struct table_pool *pool, pte_t *entry)
{
    pte_t *table;
    mfn_t frame;

    if (*entry & PTE_P) {
        return mfn_to_virt(pte_mfn(*entry));
    }
    table = pool_take(pool, &frame);
    *entry = pte_make(frame, TABLE_FLAGS);
    return table;
}

/* Maps pages from pfn on at va, writable. */
static void __init map_pages(struct table_pool *pool, pte_t *l4, uint64_t va, uint64_t pfn,
                             uint64_t pages)
{
    pte_t *l3, *l2, *l1 = NULL;

    for (; pages > 0; pages--, pfn++, va += PAGE_SIZE) {
        if (!l1 || l1_index(va) == 0) {
            l3 = table_below(pool, &l4[l4_index(va)]);
            l2 = table_below(pool, &l3[l3_index(va)]);
            l1 = table_below(pool, &l2[l2_index(va)]);
        }
        l1[l1_index(va)] = pte_make(dom0_frames_mfn(pool->frames, pfn), PAGE_FLAGS);
    }
}

static void __init make_read_only(pte_t *l4, const struct dom0_part *part)
{
    uint64_t va = part->va;
    uint64_t pages = part->pages;
    pte_t *table;

    for (; pages > 0; pages--, va += PAGE_SIZE) {
        table = mfn_to_virt(pte_mfn(l4[l4_index(va)]));
        table = mfn_to_virt(pte_mfn(table[l3_index(va)]));
        table = mfn_to_virt(pte_mfn(table[l2_index(va)]));
        table[l1_index(va)] &= ~PTE_RW;
    }
}

mfn_t __init dom0_tables_build(struct dom0_frames *frames, const struct dom0_layout *layout)
{
    struct table_pool pool = { frames, layout->tables.pfn };
    struct table_pool p2m_pool = { frames, layout->p2m.pfn + layout->p2m.pages };
    mfn_t root;
    pte_t *l4 = pool_take(&pool, &root);

    map_pages(&pool, l4, layout->v_start, 0, layout->nr_mapped);
    make_read_only(l4, &layout->tables);
    /* The layout may have a table more than are in use. */
    while (pool.next_pfn < layout->tables.pfn + layout->tables.pages) {
        memset(dom0_frames_page(frames, pool.next_pfn++), 0, PAGE_SIZE);
    }
    if (layout->p2m_is_separate) {
        map_pages(&p2m_pool, l4, layout->p2m.va, layout->p2m.pfn, layout->p2m.pages);
    }
    return root;
}

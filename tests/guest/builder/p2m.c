/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The guest's list of frames. In an address range of its own it is followed by its tables: L1,
 * L2, L3; the L4 is the guest's. One L1 is enough for the largest guest.
 */
#include "builder.h"
#include "mm.h"
#include "string.h"

#define PER_PAGE 512

_Static_assert(BUILD_MAX_PAGES <= PER_PAGE * PER_PAGE, "one L1 table maps the list");

static bool write_list(struct guest *g, uint64_t pfn)
{
    for (unsigned int i = 0; i < g->pages; i += PER_PAGE) {
        unsigned int n = g->pages - i < PER_PAGE ? g->pages - i : PER_PAGE;
        uint64_t *page = guest_page(g, pfn + i / PER_PAGE);

        if (!page)
            return false;
        memcpy(page, &g->p2m[i], n * sizeof(g->p2m[0]));
    }
    return true;
}

/* One entry of the table at pfn. */
static bool link_table(struct guest *g, uint64_t pfn, unsigned int index, uint64_t below)
{
    uint64_t *t = guest_page(g, pfn);

    if (t)
        t[index] = make_pte(g->p2m[below], PTE_TABLE);
    return t != NULL;
}

static unsigned int index_of(uint64_t va, unsigned int level)
{
    return (va >> (12 + 9 * (level - 1))) & 511;
}

bool guest_write_p2m(struct guest *g)
{
    uint64_t va = g->p2m_address, nr = (g->pages + PER_PAGE - 1) / PER_PAGE, l1, *t;
    uint64_t l4 = (g->tables - VIRT_BASE) >> PAGE_SHIFT;

    if (!g->init_p2m)
        return write_list(g, (va - VIRT_BASE) >> PAGE_SHIFT);
    l1 = g->p2m_pfn + nr;
    if (!write_list(g, g->p2m_pfn) || !link_table(g, l4, index_of(va, 4), l1 + 2) ||
        !link_table(g, l1 + 2, index_of(va, 3), l1 + 1) ||
        !link_table(g, l1 + 1, index_of(va, 2), l1))
        return false;
    t = guest_page(g, l1);
    for (uint64_t i = 0; t && i < nr; i++)
        t[index_of(va, 1) + i] = make_pte(g->p2m[g->p2m_pfn + i], PTE_DATA);
    return t != NULL;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A PV guest's first page tables and list of frames. Tables lie in the order L4, L3s, L2s, L1s;
 * those of a separate list of frames lie behind it in the order L3s, L2s, L1s. All are filled
 * through one mapping each, then pinned: from then on the hypervisor keeps them.
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include <public/xen.h>

#include "build.h"

#define ENTRIES 512u
#define PTE_DATA  0x63ull   /* present, writable, accessed, dirty */
#define PTE_RO    0x21ull   /* present, accessed: a table, which the guest may not write */
#define PTE_TABLE 0x67ull   /* of levels 2 to 4 */

/* A run of pfns that is mapped here. */
struct window {
    uint8_t *base;
    uint64_t pfn;
};

static uint64_t *page_at(const struct window *w, uint64_t pfn)
{
    return (uint64_t *)(void *)(w->base + ((pfn - w->pfn) << CTRL_PAGE_SHIFT));
}

/* What [start, end) needs, below the root: first pfns and numbers of tables of levels 1 to 3. */
struct tree {
    uint64_t start, end;
    uint64_t pfn[4];
};

/* Tables from pfn on, level 3 first. */
static void tree_init(struct tree *tree, uint64_t start, uint64_t end, uint64_t pfn)
{
    unsigned int level;

    tree->start = start;
    tree->end = end;
    for (level = 3; level > 0; level--) {
        tree->pfn[level] = pfn;
        pfn += build_tables_of(start, end, level);
    }
}

static unsigned int index_at(uint64_t va, unsigned int level)
{
    return (va >> (CTRL_PAGE_SHIFT + 9 * (level - 1))) & (ENTRIES - 1);
}

static uint64_t entry(const struct builder *b, uint64_t pfn, uint64_t flags)
{
    return b->p2m[pfn] << CTRL_PAGE_SHIFT | flags;
}

/* Links the tables of a level into those of the one above: of levels 1 to 3. */
static void link_level(const struct builder *b, const struct window *w, const struct tree *tree,
                       unsigned int level, uint64_t root_pfn)
{
    uint64_t nr = build_tables_of(tree->start, tree->end, level);
    uint64_t above = level == 3 ? root_pfn : tree->pfn[level + 1];
    unsigned int at = index_at(tree->start, level + 1);
    uint64_t i;

    for (i = 0; i < nr; i++) {
        if (at == ENTRIES) {
            at = 0;
            above++;
        }
        page_at(w, above)[at++] = entry(b, tree->pfn[level] + i, PTE_TABLE);
    }
}

/* Maps [pfn, pfn + pages) at va; from and to are tables of the initial mapping. */
static void map_run(const struct builder *b, const struct window *w, const struct tree *tree,
                    const struct build_part *what, uint64_t flags)
{
    uint64_t first = (tree->start >> CTRL_PAGE_SHIFT) & ~(uint64_t)(ENTRIES - 1);
    uint64_t slot = (what->va >> CTRL_PAGE_SHIFT) - first, i = 0, stop;
    const uint64_t *frames = &b->p2m[what->pfn];
    uint64_t *table;

    while (i < what->pages) {
        table = page_at(w, tree->pfn[1] + slot / ENTRIES);
        stop = ENTRIES - slot % ENTRIES;
        stop = stop < what->pages - i ? i + stop : what->pages;
        for (; i < stop; i++, slot++) {
            table[slot % ENTRIES] = frames[i] << CTRL_PAGE_SHIFT | flags;
        }
    }
}

/* The initial mapping: everything writable but the tables. */
static void write_mapping(const struct builder *b, const struct window *w)
{
    const struct build_layout *l = &b->layout;
    struct build_part before = { 0, l->tables.pfn, l->v_start };
    struct build_part after = { .pfn = l->stack.pfn, .va = l->stack.va };
    struct tree tree;
    unsigned int level;

    after.pages = l->nr_mapped - after.pfn;
    tree_init(&tree, l->v_start, l->v_end, l->tables.pfn + 1);
    for (level = 3; level > 0; level--) {
        link_level(b, w, &tree, level, l->tables.pfn);
    }
    map_run(b, w, &tree, &before, PTE_DATA);
    map_run(b, w, &tree, &l->tables, PTE_RO);
    map_run(b, w, &tree, &after, PTE_DATA);
}

static void write_list(const struct builder *b, const struct window *w)
{
    memcpy(page_at(w, b->layout.p2m.pfn), b->p2m, b->in->nr_pages * sizeof(b->p2m[0]));
}

/* The list in its own range: its tables below the root, which is in the other window. */
static int write_separate(struct builder *b, const struct window *root)
{
    const struct build_layout *l = &b->layout;
    uint64_t pages = l->p2m.pages + l->p2m_tables.pages;
    struct window w = { .pfn = l->p2m.pfn };
    struct tree tree;
    void *address;
    uint64_t i, nr;
    int rc = build_map(b, l->p2m.pfn, pages, &address);

    if (rc != 0) {
        return rc;
    }
    w.base = address;
    write_list(b, &w);
    tree_init(&tree, l->p2m.va, l->p2m.va + (l->p2m.pages << CTRL_PAGE_SHIFT),
              l->p2m_tables.pfn);
    nr = build_tables_of(tree.start, tree.end, 3);
    for (i = 0; i < nr; i++) {
        page_at(root, l->tables.pfn)[index_at(tree.start, 4) + i] =
            entry(b, tree.pfn[3] + i, PTE_TABLE);
    }
    link_level(b, &w, &tree, 2, 0);
    link_level(b, &w, &tree, 1, 0);
    map_run(b, &w, &tree, &l->p2m, PTE_DATA);
    return build_unmap(b, address, pages);
}

int build_tables(struct builder *b, void (*fill)(struct builder *b, void *start_info))
{
    const struct build_layout *l = &b->layout;
    bool separate = l->p2m_tables.pages > 0;
    uint64_t first = separate ? l->start_info.pfn : l->p2m.pfn;
    uint64_t pages = l->tables.pfn + l->tables.pages - first;
    struct window w = { .pfn = first };
    void *address;
    int rc = build_map(b, first, pages, &address), unmapped;

    if (rc != 0) {
        return rc;
    }
    w.base = address;
    fill(b, page_at(&w, l->start_info.pfn));
    write_mapping(b, &w);
    if (separate) {
        rc = write_separate(b, &w);
    } else {
        write_list(b, &w);
    }
    unmapped = build_unmap(b, address, pages);
    return rc ? rc : unmapped;
}

int build_pin(struct builder *b)
{
    struct arg_mark mark = arg_begin(b->ctrl);
    struct mmuext_op *op = arg_get(b->ctrl, sizeof(*op));
    long rc = arg_error(b->ctrl);

    if (op) {
        *op = (struct mmuext_op){
            .cmd = MMUEXT_PIN_L4_TABLE, .arg1.mfn = b->p2m[b->layout.tables.pfn],
        };
        rc = hypercall(b->ctrl, __HYPERVISOR_mmuext_op, (uintptr_t)op, 1, 0, b->in->domid);
    }
    arg_end(b->ctrl, mark);
    return rc < 0 ? fail_domain(b->ctrl, (int)rc, b->in->domid, "handing over its page tables")
                  : 0;
}

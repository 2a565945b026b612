/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The guest-physical map (asm/p2m.h): a tree of four levels, as long-mode page tables are. Entries
 * carry their type in bits that the CPU ignores. Pages of 4 KiB, 2 MiB and 1 GiB; a large one is
 * split when part of it goes, and tables stay until the domain's end.
 *
 * Readers walk without the lock: an entry changes by one store, and a table that was hung into the
 * tree stays. What they find may be gone at once, so they take references and look again.
 */
#include <asm/hvm.h>
#include <asm/p2m.h>
#include <xen/alloc.h>
#include <xen/bug.h>
#include <xen/domain.h>
#include <xen/errno.h>
#include <xen/hypercall.h>
#include <xen/m2p.h>
#include <xen/tlb.h>

#include "engine.h"

#define TYPE_SHIFT  52
#define TYPE_MASK   (7UL << TYPE_SHIFT)
#define LEVEL_BITS  9
#define GFN_LIMIT   (1UL << 36) /* 48 bits of guest-physical addresses */
#define LEVEL_SHIFT(level) (((level) - 1) * LEVEL_BITS)

static struct p2m *p2m_of(const struct domain *d)
{
    return &d->arch.hvm->p2m;
}

static enum p2m_type entry_type(pte_t e)
{
    return (enum p2m_type)((e & TYPE_MASK) >> TYPE_SHIFT);
}

/* Tables have no type. */
static bool is_leaf(pte_t e)
{
    return entry_type(e) != P2M_NONE;
}

static pte_t make_leaf(mfn_t m, unsigned int level, enum p2m_type type)
{
    const struct p2m_format *f = &hvm_engine->p2m;

    return pte_make(m, f->leaf(type) | (level > 1 ? f->large : 0) |
                       (uint64_t)type << TYPE_SHIFT);
}

static pte_t *table_of(pte_t e)
{
    return mfn_to_virt(pte_mfn(e));
}

static pte_t *slot_in(pte_t *table, uint64_t gfn, unsigned int level)
{
    return &table[gfn >> LEVEL_SHIFT(level) & (PT_ENTRIES - 1)];
}

/* Replaces a large page, or nothing, by a table of what it was. False without memory. */
static bool make_table(struct p2m *p, pte_t *slot, unsigned int level)
{
    pte_t *t = hv_page_alloc(), old = *slot;

    if (t == NULL) {
        return false;
    }
    if (is_leaf(old)) {
        uint64_t step = 1UL << LEVEL_SHIFT(level - 1);

        for (unsigned int i = 0; i < PT_ENTRIES; i++) {
            t[i] = make_leaf(mfn(pte_mfn(old).n + i * step), level - 1, entry_type(old));
        }
    }
    p->tables++;
    __atomic_store_n(slot, pte_make(virt_to_mfn(t), hvm_engine->p2m.table), __ATOMIC_RELEASE);
    return true;
}

/* The entry of @level for @gfn, with the tables above it made and split as needed; or NULL. */
static pte_t *slot_make(struct p2m *p, uint64_t gfn, unsigned int level)
{
    pte_t *table = p->root;

    for (unsigned int l = 4; l > level; l--) {
        pte_t *slot = slot_in(table, gfn, l);

        if ((*slot == 0 || is_leaf(*slot)) && !make_table(p, slot, l)) {
            return NULL;
        }
        table = table_of(*slot);
    }
    return slot_in(table, gfn, level);
}

/* The entry that decides about @gfn, and its level. */
static pte_t walk(const struct p2m *p, uint64_t gfn, unsigned int *level)
{
    const pte_t *table = p->root;

    for (unsigned int l = 4;; l--) {
        pte_t e = __atomic_load_n(slot_in((pte_t *)table, gfn, l), __ATOMIC_ACQUIRE);

        if (e == 0 || is_leaf(e) || l == 1) {
            *level = l;
            return e;
        }
        table = table_of(e);
    }
}

int p2m_init(struct domain *d)
{
    struct p2m *p = p2m_of(d);

    spin_init(&p->lock, LOCK_P2M);
    p->root = hv_page_alloc();
    p->tables = 1;
    p->generation = 1;
    return p->root != NULL ? 0 : -ENOMEM;
}

/* Of the largest size that frames and what is left of @nr allow. */
static unsigned int fitting_level(uint64_t gfn, uint64_t m, uint64_t nr)
{
    for (unsigned int level = hvm_engine->p2m.largest(); level > 1; level--) {
        uint64_t size = 1UL << LEVEL_SHIFT(level);

        if (((gfn | m) & (size - 1)) == 0 && nr >= size) {
            return level;
        }
    }
    return 1;
}

static void clear_run(struct p2m *p, uint64_t gfn, uint64_t nr)
{
    for (uint64_t i = 0; i < nr;) {
        unsigned int level = fitting_level(gfn + i, 0, nr - i);

        *slot_make(p, gfn + i, level) = 0;
        i += 1UL << LEVEL_SHIFT(level);
    }
}

int p2m_set(struct domain *d, uint64_t gfn, mfn_t m, unsigned int order, enum p2m_type type)
{
    struct p2m *p = p2m_of(d);
    uint64_t nr = 1UL << order, done = 0;
    int rc = 0;

    if (gfn >= GFN_LIMIT || nr > GFN_LIMIT - gfn) {
        return -EINVAL;
    }
    spin_lock(&p->lock);
    while (done < nr) {
        unsigned int level = fitting_level(gfn + done, m.n + done, nr - done);
        pte_t *slot = slot_make(p, gfn + done, level);

        /* A table that is there already, if empty, stays: smaller pages go into it. */
        while (slot != NULL && level > 1 && *slot != 0 && !is_leaf(*slot)) {
            level--;
            slot = slot_in(table_of(*slot), gfn + done, level);
        }
        if (slot == NULL) {
            clear_run(p, gfn, done);
            rc = -ENOMEM;
            break;
        }
        __atomic_store_n(slot, make_leaf(mfn(m.n + done), level, type), __ATOMIC_RELEASE);
        done += 1UL << LEVEL_SHIFT(level);
    }
    if (rc == 0) {
        p->max_gfn = MAX(p->max_gfn, gfn + nr - 1);
    }
    spin_unlock(&p->lock);
    return rc;
}

int p2m_clear(struct domain *d, uint64_t gfn, mfn_t *m, enum p2m_type *type)
{
    struct p2m *p = p2m_of(d);
    unsigned int level;
    pte_t *slot;
    int rc = 0;

    *type = P2M_NONE;
    if (gfn >= GFN_LIMIT) {
        return 0;
    }
    spin_lock(&p->lock);
    if (walk(p, gfn, &level) != 0) {
        slot = slot_make(p, gfn, 1);
        if (slot == NULL) {
            rc = -ENOMEM;
        } else if (is_leaf(*slot)) {
            *type = entry_type(*slot);
            *m = pte_mfn(*slot);
            __atomic_store_n(slot, 0, __ATOMIC_RELEASE);
        }
    }
    spin_unlock(&p->lock);
    return rc;
}

void p2m_flush(struct domain *d)
{
    __atomic_fetch_add(&p2m_of(d)->generation, 1, __ATOMIC_SEQ_CST);
    /* The interrupt takes them out of the guest; on the way in they see the generation. */
    tlb_flush_mask(&d->dirty_cpus);
}

enum p2m_type p2m_lookup(const struct domain *d, uint64_t gfn, mfn_t *m)
{
    unsigned int level;
    pte_t e;

    if (gfn >= GFN_LIMIT) {
        return P2M_NONE;
    }
    e = walk(p2m_of(d), gfn, &level);
    if (is_leaf(e)) {
        *m = mfn(pte_mfn(e).n + (gfn & ((1UL << LEVEL_SHIFT(level)) - 1)));
    }
    return entry_type(e);
}

uint64_t p2m_find_mapped(const struct domain *d, uint64_t gfn, uint64_t end)
{
    unsigned int level;

    end = MIN(end, GFN_LIMIT);
    while (gfn < end && walk(p2m_of(d), gfn, &level) == 0) {
        gfn = (gfn | ((1UL << LEVEL_SHIFT(level)) - 1)) + 1;
    }
    return MIN(gfn, end);
}

static bool take(struct page_info *pg, const struct domain *owner, bool write)
{
    return write ? page_get_and_type(pg, owner, PGT_WRITABLE) == 0 : page_get(pg, owner);
}

struct page_info *p2m_get_page(struct domain *d, uint64_t gfn, bool write)
{
    struct page_info *pg;
    mfn_t m, again;

    /* Foreign frames are not the domain's to hand on; its own cannot go while referenced. */
    if (p2m_lookup(d, gfn, &m) != P2M_RAM) {
        return NULL;
    }
    pg = mfn_to_page(m);
    if (!take(pg, d, write)) {
        return NULL;
    }
    if (p2m_lookup(d, gfn, &again) != P2M_RAM || !mfn_eq(m, again)) {
        p2m_put_page(pg, write);
        return NULL;
    }
    return pg;
}

void p2m_put_page(struct page_info *pg, bool write)
{
    if (write) {
        page_put_and_type(pg);
    } else {
        page_put(pg);
    }
}

static void drop_leaf(pte_t e)
{
    enum p2m_type type = entry_type(e);

    if (type == P2M_GRANT_RW || type == P2M_GRANT_RO) {
        p2m_put_page(mfn_to_page(pte_mfn(e)), type == P2M_GRANT_RW);
    }
}

/* Empties a subtree; its tables go as well. False: preempted, and less is left. */
static bool free_tables(struct p2m *p, pte_t *table, unsigned int level)
{
    for (unsigned int i = 0; i < PT_ENTRIES; i++) {
        pte_t e = table[i];

        if (e == 0) {
            continue;
        }
        if (is_leaf(e)) {
            drop_leaf(e);
        } else {
            if (!free_tables(p, table_of(e), level - 1)) {
                return false;
            }
            hv_page_free(table_of(e));
            p->tables--;
        }
        table[i] = 0;
        if (level > 1 && hypercall_preempt_check()) {
            return false;
        }
    }
    return true;
}

int p2m_relinquish(struct domain *d)
{
    struct p2m *p = p2m_of(d);

    return p->root == NULL || free_tables(p, p->root, 4) ? 0 : -ERESTART;
}

void p2m_fini(struct domain *d)
{
    struct p2m *p = p2m_of(d);

    if (p->root != NULL) {
        BUG_ON(!free_tables(p, p->root, 4));
        hv_page_free(p->root);
        p->root = NULL;
    }
}

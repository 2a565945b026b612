/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The frames of a domain: its list, its totals, and how frames come to it and leave it.
 *
 * A domain with frames holds one reference to itself, so that the owner of a frame exists as long
 * as the frame is referenced. owner_table finds it by the id in the frame's page_info.
 *
 * Lock: the domain's memory lock, for both lists and the totals.
 */
#include <public/xen.h>
#include <xen/alloc.h>
#include <xen/bug.h>
#include <xen/domain.h>
#include <xen/errno.h>
#include <xen/hypercall.h>
#include <xen/m2p.h>
#include <xen/mm_inline.h>
#include <xen/tlb.h>

#include "owner.h"

/* Frames that are freed with the lock held. */
#define RUN_LIMIT 512

#define OWNERS_PER_PAGE (PAGE_SIZE / sizeof(struct domain *))

static struct domain **owner_table[(DOMID_MASK + 1) / OWNERS_PER_PAGE];

int domain_memory_init(struct domain *d)
{
    struct domain ***part = &owner_table[d->id / OWNERS_PER_PAGE];

    if (*part == NULL) {
        struct domain **fresh = hv_page_alloc(), **none = NULL;

        if (fresh == NULL) {
            return -ENOMEM;
        }
        if (!__atomic_compare_exchange_n(part, &none, fresh, false, __ATOMIC_SEQ_CST,
                                         __ATOMIC_SEQ_CST)) {
            hv_page_free(fresh);
        }
    }
    spin_init(&d->memory.lock, LOCK_DOMAIN_MEMORY);
    d->memory.list = PAGE_LIST_END;
    d->memory.given_up = PAGE_LIST_END;
    __atomic_store_n(&(*part)[d->id % OWNERS_PER_PAGE], d, __ATOMIC_RELEASE);
    return 0;
}

void domain_memory_fini(struct domain *d)
{
    struct domain **part = owner_table[d->id / OWNERS_PER_PAGE];

    BUG_ON(d->memory.tot_pages != 0);
    if (part != NULL && part[d->id % OWNERS_PER_PAGE] == d) {
        part[d->id % OWNERS_PER_PAGE] = NULL;
    }
    heap_free(d->memory.map);
    heap_free(d->memory.vnuma);
}

struct domain *page_owner(const struct page_info *pg)
{
    domid_t id = READ_ONCE(pg->owner);
    struct domain **part;

    if (id > DOMID_MASK) {
        return NULL;
    }
    part = owner_table[id / OWNERS_PER_PAGE];
    return part != NULL ? part[id % OWNERS_PER_PAGE] : NULL;
}

/* @nr frames in a row, in their order. */
static void list_push_run(uint32_t *head, struct page_info *pg, uint64_t nr)
{
    uint32_t n = (uint32_t)page_to_mfn(pg).n;

    for (uint64_t i = 0; i < nr; i++) {
        pg[i].prev = (uint32_t)(n + i - 1);
        pg[i].next = (uint32_t)(n + i + 1);
    }
    pg[0].prev = PAGE_LIST_END;
    pg[nr - 1].next = *head;
    if (*head != PAGE_LIST_END) {
        mfn_to_page(mfn(*head))->prev = (uint32_t)(n + nr - 1);
    }
    *head = n;
}

static void list_push(uint32_t *head, struct page_info *pg)
{
    list_push_run(head, pg, 1);
}

static void list_unlink(struct domain_memory *m, struct page_info *pg)
{
    if (pg->next != PAGE_LIST_END) {
        mfn_to_page(mfn(pg->next))->prev = pg->prev;
    }
    if (pg->prev != PAGE_LIST_END) {
        mfn_to_page(mfn(pg->prev))->next = pg->next;
    } else if (m->list == page_to_mfn(pg).n) {
        m->list = pg->next;
    } else {
        BUG_ON(m->given_up != page_to_mfn(pg).n);
        m->given_up = pg->next;
    }
}

struct domain *owner_unlink_page(struct page_info *pg)
{
    struct domain *d = page_owner(pg);
    bool last;

    BUG_ON(d == NULL);
    spin_lock(&d->memory.lock);
    list_unlink(&d->memory, pg);
    pg->owner = DOMID_INVALID;
    last = --d->memory.tot_pages == 0;
    claim_regain(&d->memory, 1);
    spin_unlock(&d->memory.lock);
    return last ? d : NULL;
}

int domain_assign_pages(struct domain *d, struct page_info *pg, unsigned int order)
{
    uint64_t nr = 1UL << order;
    int rc = 0;

    spin_lock(&d->memory.lock);
    if (READ_ONCE(d->state) != DOMAIN_ALIVE) {
        rc = -EINVAL;
    } else if (d->memory.max_pages - d->memory.tot_pages < nr ||
               d->memory.max_pages < d->memory.tot_pages) {
        rc = -E2BIG;
    } else {
        if (d->memory.tot_pages == 0) {
            domain_hold(d);
        }
        d->memory.tot_pages += nr;
        list_push_run(&d->memory.list, pg, nr);
        for (uint64_t i = 0; i < nr; i++) {
            pg[i].owner = d->id;
            pg[i].type = PGT_NONE;
            __atomic_store_n(&pg[i].count, PGC_ALLOCATED | 1, __ATOMIC_RELEASE);
        }
    }
    spin_unlock(&d->memory.lock);
    return rc;
}

struct page_info *domain_alloc_pages(struct domain *d, unsigned int order, unsigned int flags)
{
    unsigned int claim = claim_begin(d, 1UL << order);
    struct page_info *pg = pages_alloc(order, flags | claim);
    bool took = pg != NULL;

    if (took && domain_assign_pages(d, pg, order) != 0) {
        pages_free(pg, order);
        pg = NULL;
    }
    claim_settle(d, 1UL << order, claim, took, pg != NULL);
    return pg;
}

int domain_steal_page(struct domain *d, struct page_info *pg)
{
    uint64_t sole = PGC_ALLOCATED | 1;

    /*
     * With the count at 0 nobody else can get at the frame; before that the owner must be certain.
     */
    spin_lock(&d->memory.lock);
    if (pg->owner != d->id || d->memory.tot_pages == 1 ||
        !__atomic_compare_exchange_n(&pg->count, &sole, 0, false, __ATOMIC_SEQ_CST,
                                     __ATOMIC_RELAXED)) {
        spin_unlock(&d->memory.lock);
        return -EINVAL;
    }
    list_unlink(&d->memory, pg);
    pg->owner = DOMID_INVALID;
    d->memory.tot_pages--;
    spin_unlock(&d->memory.lock);
    pg->type = PGT_NONE;
    pg->tlb_stamp = tlb_stamp();
    return 0;
}

void domain_release_page(struct domain *d, struct page_info *pg)
{
    ASSERT(pg->owner == d->id);
    (void)d;
    if (__atomic_fetch_and(&pg->count, ~PGC_ALLOCATED, __ATOMIC_SEQ_CST) & PGC_ALLOCATED) {
        page_put(pg);
    }
}

/*
 * Moves the first frame of the list to the other list, with a reference. NULL: there are none left.
 */
static struct page_info *take_first(struct domain *d)
{
    struct page_info *pg = NULL;

    spin_lock(&d->memory.lock);
    while (d->memory.list != PAGE_LIST_END) {
        bool alive;

        pg = mfn_to_page(mfn(d->memory.list));
        alive = page_try_get(pg);
        list_unlink(&d->memory, pg);
        list_push(&d->memory.given_up, pg);
        if (alive) {
            break;
        }
        /* Another CPU dropped the last reference, and waits for the lock to unlink it. */
        pg = NULL;
    }
    spin_unlock(&d->memory.lock);
    return pg;
}

static void put_back(struct domain *d, struct page_info *pg)
{
    spin_lock(&d->memory.lock);
    list_unlink(&d->memory, pg);
    list_push(&d->memory.list, pg);
    spin_unlock(&d->memory.lock);
}

/* Takes the count of a frame from the owner's sole reference to 0: then nobody can get at it. */
static bool claim_unused(struct page_info *pg)
{
    uint64_t sole = PGC_ALLOCATED | 1;

    if (!__atomic_compare_exchange_n(&pg->count, &sole, 0, false, __ATOMIC_SEQ_CST,
                                     __ATOMIC_RELAXED)) {
        return false;
    }
    if ((READ_ONCE(pg->type) & PGT_COUNT_MASK) != 0) {
        /* Partially validated: there is work to do first. */
        __atomic_store_n(&pg->count, PGC_ALLOCATED | 1, __ATOMIC_RELEASE);
        return false;
    }
    return true;
}

/*
 * Frees frames that follow each other at the front of the list, as long as nobody but the domain
 * refers to them. Most of a domain goes this way; false if the first frame doesn't.
 */
static bool free_unused_run(struct domain *d)
{
    struct domain_memory *m = &d->memory;
    uint64_t nr = 0;
    uint32_t first;
    bool last;

    spin_lock(&m->lock);
    first = m->list;
    while (m->list != PAGE_LIST_END && m->list == first + nr && nr < RUN_LIMIT) {
        struct page_info *pg = mfn_to_page(mfn(m->list));

        if (!claim_unused(pg)) {
            break;
        }
        list_unlink(m, pg);
        m2p_set(mfn(first + nr), M2P_INVALID);
        pg->type = PGT_NONE;
        pg->tlb_stamp = tlb_stamp();
        nr++;
    }
    m->tot_pages -= nr;
    last = nr != 0 && m->tot_pages == 0;
    spin_unlock(&m->lock);
    if (nr != 0) {
        pages_free_run(mfn_to_page(mfn(first)), nr);
    }
    if (last) {
        domain_put(d);
    }
    return nr != 0;
}

/* One frame, whoever refers to it. -ERESTART: its table is not all dropped yet. */
static int give_up(struct domain *d, struct page_info *pg)
{
    int rc = page_unpin(pg); /* and settles what is partial */

    if (rc == -ERESTART) {
        put_back(d, pg);
    } else {
        domain_release_page(d, pg);
        rc = 0;
    }
    page_put(pg);
    return rc;
}

int domain_relinquish_memory(struct domain *d)
{
    int rc = 0;

    ASSERT(d->state != DOMAIN_ALIVE);
    while (rc == 0) {
        if (!free_unused_run(d)) {
            struct page_info *pg = take_first(d);

            if (pg == NULL) {
                return 0;
            }
            rc = give_up(d, pg);
        }
        if (rc == 0 && hypercall_preempt_check()) {
            rc = -ERESTART;
        }
    }
    return rc;
}

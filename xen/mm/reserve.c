/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Growth and shrinking of a domain (docs/interface/memory_op.md).
 *
 * New frames are zeroed and get their M2P entries before the guest learns of them. Given-up frames
 * lose the domain's own reference only: mapped ones stay, with their M2P entries, until the last
 * mapping goes.
 */
#include <xen/alloc.h>
#include <xen/arch.h>
#include <xen/domain.h>
#include <xen/errno.h>
#include <xen/hypercall.h>
#include <xen/m2p.h>
#include <xen/mm.h>
#include <xen/reserve.h>
#include <xen/usercopy.h>

#define SHRINK_CHUNK 64

/* The guest's numbers stay as they are. */
static bool grow_translated(struct domain *d, struct page_info *pg, uint64_t gfn,
                            unsigned int order)
{
    if (arch_physmap_add(d, gfn, page_to_mfn(pg), order) == 0) {
        return true;
    }
    for (uint64_t k = 0; k < 1UL << order; k++) {
        domain_release_page(d, pg + k);
    }
    return false;
}

static bool grow_one(struct domain *d, const struct extent_list *list, uint64_t i, bool populate)
{
    struct page_info *pg;
    uint64_t first, n;

    if (populate && !read_guest(&first, &list->guest[i])) {
        return false;
    }
    pg = domain_alloc_pages(d, list->order, list->alloc_flags);
    if (pg == NULL) {
        return false;
    }
    n = page_to_mfn(pg).n;
    if (unlikely(arch_is_translated(d))) {
        return populate && grow_translated(d, pg, first, list->order);
    }
    for (uint64_t k = 0; populate && k < 1UL << list->order; k++) {
        m2p_set(mfn(n + k), first + k);
    }
    return list->guest == NULL || write_guest(&list->guest[i], &n);
}

static int grow(struct domain *d, const struct extent_list *list, uint64_t *done, bool populate)
{
    for (uint64_t i = *done; i < list->nr; i++) {
        if (i != *done && hypercall_preempt_check()) {
            *done = i;
            return -ERESTART;
        }
        if (!grow_one(d, list, i, populate)) {
            *done = i;
            return 0;
        }
    }
    *done = list->nr;
    return 0;
}

int reserve_populate(struct domain *d, const struct extent_list *list, uint64_t *done)
{
    return grow(d, list, done, true);
}

int reserve_increase(struct domain *d, const struct extent_list *list, uint64_t *done)
{
    return grow(d, list, done, false);
}

/* Out of the map first; the frames go once no CPU uses them. */
static bool shrink_translated(struct domain *d, uint64_t gfn, uint64_t nr)
{
    struct page_info *gone[SHRINK_CHUNK];
    bool all = true;

    for (uint64_t done = 0; all && done < nr;) {
        unsigned int n = 0;

        while (n < SHRINK_CHUNK && done < nr &&
               arch_physmap_remove(d, gfn + done, &gone[n]) == 0) {
            n++;
            done++;
        }
        all = n == SHRINK_CHUNK || done == nr;
        arch_physmap_flush(d);
        while (n-- > 0) {
            if (gone[n] != NULL) {
                domain_release_page(d, gone[n]);
            }
        }
    }
    return all;
}

static bool shrink_one(struct domain *d, uint64_t first, unsigned int order)
{
    if (unlikely(arch_is_translated(d))) {
        return shrink_translated(d, first, 1UL << order);
    }
    for (uint64_t k = 0; k < 1UL << order; k++) {
        mfn_t m = mfn(first + k);
        struct page_info *pg = mfn_to_page(m);

        if (!mfn_is_ram(m) || !page_get(pg, d)) {
            return false;
        }
        domain_release_page(d, pg);
        page_put(pg);
    }
    return true;
}

int reserve_decrease(struct domain *d, const struct extent_list *list, uint64_t *done)
{
    for (uint64_t i = *done; i < list->nr; i++) {
        uint64_t first;

        if (i != *done && hypercall_preempt_check()) {
            *done = i;
            return -ERESTART;
        }
        if (!read_guest(&first, &list->guest[i]) || !shrink_one(d, first, list->order)) {
            *done = i;
            return 0;
        }
    }
    *done = list->nr;
    return 0;
}

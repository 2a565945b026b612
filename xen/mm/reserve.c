/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Growth and shrinking of a domain (docs/interface/memory_op.md).
 *
 * New frames are zeroed and get their M2P entries before the guest learns of them. Given-up frames
 * lose the domain's own reference only: mapped ones stay, with their M2P entries, until the last
 * mapping goes.
 */
#include <xen/alloc.h>
#include <xen/domain.h>
#include <xen/errno.h>
#include <xen/hypercall.h>
#include <xen/m2p.h>
#include <xen/mm.h>
#include <xen/reserve.h>
#include <xen/usercopy.h>

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

static bool shrink_one(struct domain *d, uint64_t first, unsigned int order)
{
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

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Exchange of frames: a domain trades frames it owns for others, contiguous or at low addresses,
 * that devices can use (docs/interface/memory_op.md).
 *
 * A chunk is one extent of the larger order and as many of the smaller as make it up. For each
 * chunk the new frames are allocated first, then the old ones are taken off the domain's list;
 * until both succeeded everything can be put back, and the M2P is as it was.
 */
#include <xen/alloc.h>
#include <xen/bug.h>
#include <xen/domain.h>
#include <xen/errno.h>
#include <xen/hypercall.h>
#include <xen/m2p.h>
#include <xen/mm.h>
#include <xen/reserve.h>
#include <xen/usercopy.h>

/* Frames that are on no list, chained by their page_info. */
static void chain_push(uint32_t *chain, struct page_info *pg)
{
    pg->next = *chain;
    *chain = (uint32_t)page_to_mfn(pg).n;
}

static struct page_info *chain_pop(uint32_t *chain)
{
    struct page_info *pg = mfn_to_page(mfn(*chain));

    if (*chain == PAGE_LIST_END) {
        return NULL;
    }
    *chain = pg->next;
    return pg;
}

static void chain_free(uint32_t *chain, unsigned int order)
{
    struct page_info *pg;

    while ((pg = chain_pop(chain)) != NULL) {
        pages_free(pg, order);
    }
}

static void chain_give_back(struct domain *d, uint32_t *chain)
{
    struct page_info *pg;

    while ((pg = chain_pop(chain)) != NULL) {
        if (domain_assign_pages(d, pg, 0) != 0) {
            /* The domain is dying. */
            m2p_set(page_to_mfn(pg), M2P_INVALID);
            pages_free(pg, 0);
        }
    }
}

/* The frames of extents [first, first + nr). On an error the chain holds what was taken. */
static int take_old(struct domain *d, const struct extent_list *in, uint64_t first, uint64_t nr,
                    uint32_t *chain)
{
    for (uint64_t i = first; i < first + nr; i++) {
        uint64_t n;

        if (!read_guest(&n, &in->guest[i])) {
            return -EFAULT;
        }
        for (uint64_t k = 0; k < 1UL << in->order; k++) {
            mfn_t m = mfn(n + k);

            if (!mfn_is_ram(m) || domain_steal_page(d, mfn_to_page(m)) != 0) {
                return -EINVAL;
            }
            chain_push(chain, mfn_to_page(m));
        }
    }
    return 0;
}

static int allocate_new(const struct extent_list *out, uint64_t nr, uint32_t *chain)
{
    for (uint64_t i = 0; i < nr; i++) {
        struct page_info *pg = pages_alloc(out->order, out->alloc_flags);

        if (pg == NULL) {
            return -ENOMEM;
        }
        chain_push(chain, pg);
    }
    return 0;
}

/* Gives the new frames to the domain, whatever the guest's list does. */
static int assign_new(struct domain *d, const struct extent_list *out, uint64_t first,
                      uint32_t *chain)
{
    struct page_info *pg;
    int rc = 0;

    for (uint64_t i = first; (pg = chain_pop(chain)) != NULL; i++) {
        uint64_t gfn, n = page_to_mfn(pg).n;

        if (domain_assign_pages(d, pg, out->order) != 0) {
            pages_free(pg, out->order);
            rc = -EINVAL;
            continue;
        }
        if (!read_guest(&gfn, &out->guest[i])) {
            rc = -EFAULT;
            continue;
        }
        for (uint64_t k = 0; k < 1UL << out->order; k++) {
            m2p_set(mfn(n + k), gfn + k);
        }
        if (!write_guest(&out->guest[i], &n)) {
            rc = -EFAULT;
        }
    }
    return rc;
}

static int exchange_chunk(struct domain *d, const struct extent_list *in, uint64_t first_in,
                          uint64_t nr_in, const struct extent_list *out, uint64_t first_out,
                          uint64_t nr_out)
{
    uint32_t old = PAGE_LIST_END, new = PAGE_LIST_END;
    struct page_info *pg;
    int rc = allocate_new(out, nr_out, &new);

    if (rc == 0) {
        rc = take_old(d, in, first_in, nr_in, &old);
    }
    if (rc != 0) {
        chain_give_back(d, &old);
        chain_free(&new, out->order);
        return rc;
    }
    while ((pg = chain_pop(&old)) != NULL) {
        m2p_set(page_to_mfn(pg), M2P_INVALID);
        pages_free(pg, 0);
    }
    return assign_new(d, out, first_out, &new);
}

int reserve_exchange(struct domain *d, const struct extent_list *in, const struct extent_list *out,
                     uint64_t *done)
{
    unsigned int in_shift = out->order > in->order ? out->order - in->order : 0;
    unsigned int out_shift = in->order > out->order ? in->order - out->order : 0;
    uint64_t chunks = in->nr >> in_shift;

    for (uint64_t i = *done >> in_shift; i < chunks; i++) {
        int rc;

        if (i != *done >> in_shift && hypercall_preempt_check()) {
            *done = i << in_shift;
            return -ERESTART;
        }
        rc = exchange_chunk(d, in, i << in_shift, 1UL << in_shift, out, i << out_shift,
                            1UL << out_shift);
        if (rc != 0) {
            *done = i << in_shift;
            return rc;
        }
    }
    *done = in->nr;
    return 0;
}

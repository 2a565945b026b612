/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The fast paths of page references, for the page-table code: one atomic operation each. The
 * rest, and the meaning of it all, is in mm/page_type.c.
 */
#ifndef XEN_MM_INLINE_H
#define XEN_MM_INLINE_H

#include <xen/errno.h>
#include <xen/mm.h>

/* The count of @pg reached zero (or wrapped, which stops the machine). In page_ref.c. */
void page_last_put(struct page_info *pg);
/* The ways that leave the fast path. In page_type.c. */
int page_type_get_first(struct page_info *pg, uint64_t type, bool preemptible);
int page_type_put_last(struct page_info *pg, bool preemptible);

/*
 * The count can't overflow: each reference needs 8 bytes somewhere, and there are less than 2^51
 * bytes.
 */
static always_inline bool page_try_get(struct page_info *pg)
{
    uint64_t c = READ_ONCE(pg->count);

    do {
        if (unlikely((c & PGC_COUNT_MASK) == 0)) {
            return false;
        }
    } while (unlikely(!__atomic_compare_exchange_n(&pg->count, &c, c + 1, false, __ATOMIC_SEQ_CST,
                                                   __ATOMIC_RELAXED)));
    return true;
}

static always_inline void page_put_fast(struct page_info *pg)
{
    uint64_t c = __atomic_sub_fetch(&pg->count, 1, __ATOMIC_SEQ_CST);

    /* 0, or all ones after a put too many. */
    if (unlikely(((c + 1) & PGC_COUNT_MASK) <= 1)) {
        page_last_put(pg);
    }
}

static always_inline bool page_get_owned(struct page_info *pg, domid_t owner)
{
    if (unlikely(!page_try_get(pg))) {
        return false;
    }
    if (likely(READ_ONCE(pg->owner) == owner)) {
        return true;
    }
    page_put_fast(pg);
    return false;
}

/* Adds to a type count that is not zero. */
static always_inline bool page_type_try_get(struct page_info *pg, uint64_t type)
{
    uint64_t t = READ_ONCE(pg->type);

    do {
        if (unlikely((t & (PGT_TYPE_MASK | PGT_VALIDATED)) != (type | PGT_VALIDATED))) {
            return false;
        }
    } while (unlikely(!__atomic_compare_exchange_n(&pg->type, &t, t + 1, false, __ATOMIC_SEQ_CST,
                                                   __ATOMIC_RELAXED)));
    return true;
}

static always_inline int page_put_type_fast(struct page_info *pg, bool preemptible)
{
    uint64_t t = READ_ONCE(pg->type);

    do {
        if (unlikely((t & PGT_COUNT_MASK) <= 1)) {
            return page_type_put_last(pg, preemptible);
        }
    } while (unlikely(!__atomic_compare_exchange_n(&pg->type, &t, t - 1, false, __ATOMIC_SEQ_CST,
                                                   __ATOMIC_RELAXED)));
    return 0;
}

/*
 * A type reference to a page of domain @owner. 0, or page_get_type's errors; -EINVAL if it is not
 * the owner's. The owner is looked at first too, since a reference to a stranger's table could turn
 * out to be the last one, with all the work of dropping it.
 */
static always_inline int page_get_type_owned(struct page_info *pg, domid_t owner, uint64_t type,
                                             bool preemptible)
{
    if (unlikely(READ_ONCE(pg->owner) != owner)) {
        return -EINVAL;
    }
    if (likely(page_type_try_get(pg, type))) {
        if (likely(READ_ONCE(pg->owner) == owner)) {
            return 0;
        }
        (void)page_put_type_fast(pg, false);
        return -EINVAL;
    }
    return page_get_owned(pg, owner) ? page_type_get_first(pg, type, preemptible) : -EINVAL;
}

#endif

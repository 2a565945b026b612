/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A domain's memory grows, shrinks and is exchanged, by lists of extents in guest memory
 * (mm/reserve.c, mm/exchange.c). An extent is 2^order frames in a row, named by its first.
 */
#ifndef XEN_RESERVE_H
#define XEN_RESERVE_H

#include <xen/compiler.h>
#include <xen/types.h>

struct domain;

struct extent_list {
    uint64_t *guest;          /* one number for each extent; NULL: none wanted */
    uint64_t nr;
    unsigned int order;
    unsigned int alloc_flags; /* ALLOC_BITS() */
};

/*
 * All three go on from *done, which counts extents, and stop at the first extent that fails: 0
 * either way. -ERESTART: call again.
 */
/* Frames for the guest frame numbers of the list, which machine frame numbers replace. */
int reserve_populate(struct domain *d, const struct extent_list *list, uint64_t *done);
/* Frames without guest frame numbers; the list, if any, gets the machine frame numbers. */
int reserve_increase(struct domain *d, const struct extent_list *list, uint64_t *done);
/* Gives up the machine frames of the list. */
int reserve_decrease(struct domain *d, const struct extent_list *list, uint64_t *done);

/*
 * Machine frames @in (of extents counted by *done) against new ones for the guest frames @out,
 * whose machine frame numbers replace them. Chunk by chunk, each of which is done wholly or not at
 * all. Lists of equal size. 0; -ENOMEM; -EINVAL (a frame isn't the domain's, or is in use);
 * -EFAULT; -ERESTART.
 */
must_check int reserve_exchange(struct domain *d, const struct extent_list *in,
                                const struct extent_list *out, uint64_t *done);

#endif

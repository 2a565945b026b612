/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A set of numbers, kept as ranges. Readers and writers may come from any CPU, with interrupts on
 * and below LOCK_RANGESET; each set has a lock of its own.
 */
#ifndef XEN_RANGESET_H
#define XEN_RANGESET_H

#include <xen/spinlock.h>
#include <xen/types.h>

/* Both ends belong to it. */
struct range {
    uint64_t first, last;
};

struct rangeset {
    struct spinlock lock;
    unsigned int nr, room;
    struct range *r; /* by number; no two overlap or touch */
};

void rangeset_init(struct rangeset *s);
/* Nobody may use the set any more, but for rangeset_init(). */
void rangeset_free(struct rangeset *s);

/* -EINVAL: backwards; -ENOMEM: out of memory, or more ranges than a set may have. */
int rangeset_add(struct rangeset *s, uint64_t first, uint64_t last);
/* The same; no memory is needed unless a range falls into two. */
int rangeset_remove(struct rangeset *s, uint64_t first, uint64_t last);

/* All of [first, last]. */
bool rangeset_contains(struct rangeset *s, uint64_t first, uint64_t last);
bool rangeset_is_empty(struct rangeset *s);

#endif

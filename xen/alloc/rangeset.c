/* SPDX-License-Identifier: BSD-2-Clause */
/* Sets of ranges: sorted arrays that are changed in place, under their set's lock. */
#include <xen/alloc.h>
#include <xen/compiler.h>
#include <xen/errno.h>
#include <xen/rangeset.h>
#include <xen/string.h>

/* So that a set costs neither much memory nor much time, whatever it is asked to hold. */
#define MAX_RANGES 1024U
#define FIRST_ROOM 4U

void rangeset_init(struct rangeset *s)
{
    *s = (struct rangeset){ .nr = 0 };
    spin_init(&s->lock, LOCK_RANGESET);
}

void rangeset_free(struct rangeset *s)
{
    heap_free(s->r);
    s->r = NULL;
    s->nr = s->room = 0;
}

/* The first range that ends at 'n' or later. */
static unsigned int find(const struct rangeset *s, uint64_t n)
{
    unsigned int low = 0, high = s->nr;

    while (low < high) {
        unsigned int mid = (low + high) / 2;

        if (s->r[mid].last < n) {
            low = mid + 1;
        } else {
            high = mid;
        }
    }
    return low;
}

static int make_room(struct rangeset *s, unsigned int nr)
{
    unsigned int room = MIN(MAX(s->room * 2, FIRST_ROOM), MAX_RANGES);
    struct range *r;

    if (nr <= s->room) {
        return 0;
    }
    r = nr <= room ? heap_alloc_array(room, sizeof(*r)) : NULL;
    if (r == NULL) {
        return -ENOMEM;
    }
    if (s->nr > 0) {
        memcpy(r, s->r, s->nr * sizeof(*r));
    }
    heap_free(s->r);
    s->r = r;
    s->room = room;
    return 0;
}

/* In the place of ranges [from, to): 'nr' others. */
static int replace(struct rangeset *s, unsigned int from, unsigned int to, const struct range *with,
                   unsigned int nr)
{
    int rc = make_room(s, s->nr - (to - from) + nr);

    if (rc == 0 && s->room > 0) {
        memmove(&s->r[from + nr], &s->r[to], (s->nr - to) * sizeof(*with));
        memcpy(&s->r[from], with, nr * sizeof(*with));
        s->nr = s->nr - (to - from) + nr;
    }
    return rc;
}

int rangeset_add(struct rangeset *s, uint64_t first, uint64_t last)
{
    struct range whole = { first, last };
    unsigned int from, to;
    int rc;

    if (first > last) {
        return -EINVAL;
    }
    spin_lock(&s->lock);
    /* What touches it becomes a part of it, as what overlaps it does. */
    from = find(s, first > 0 ? first - 1 : 0);
    for (to = from; to < s->nr && (last == UINT64_MAX || s->r[to].first <= last + 1); to++) {
        whole.first = MIN(whole.first, s->r[to].first);
        whole.last = MAX(whole.last, s->r[to].last);
    }
    rc = replace(s, from, to, &whole, 1);
    spin_unlock(&s->lock);
    return rc;
}

int rangeset_remove(struct rangeset *s, uint64_t first, uint64_t last)
{
    struct range rest[2];
    unsigned int from, to, nr = 0;
    int rc;

    if (first > last) {
        return -EINVAL;
    }
    spin_lock(&s->lock);
    from = find(s, first);
    for (to = from; to < s->nr && s->r[to].first <= last; to++) {
        if (s->r[to].first < first) {
            rest[nr++] = (struct range){ s->r[to].first, first - 1 };
        }
        if (s->r[to].last > last) {
            rest[nr++] = (struct range){ last + 1, s->r[to].last };
        }
    }
    rc = replace(s, from, to, rest, nr);
    spin_unlock(&s->lock);
    return rc;
}

bool rangeset_contains(struct rangeset *s, uint64_t first, uint64_t last)
{
    unsigned int i;
    bool contains;

    spin_lock(&s->lock);
    i = find(s, last);
    contains = i < s->nr && s->r[i].first <= first;
    spin_unlock(&s->lock);
    return contains;
}

bool rangeset_is_empty(struct rangeset *s)
{
    return READ_ONCE(s->nr) == 0;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a guest has said: the last bytes of it, of which a reader has been given some. Grows with
 * what is said, up to HISTORY_KEPT; beyond that only for what a reader has yet to get, up to the
 * console's limit. What exceeds the limit is dropped, the oldest first.
 */
#ifndef CONSOLED_HISTORY_H
#define CONSOLED_HISTORY_H

#include <stddef.h>
#include <stdint.h>

#define HISTORY_KEPT  16384u
#define HISTORY_LIMIT 1048576u

/* All zeros: empty. Bytes are counted from the guest's first one. */
struct history {
    char *data;
    size_t size, start, used; /* of data; where the oldest kept byte lies; how many are kept */
    uint64_t end;             /* number of the next byte */
    uint64_t sent;            /* the reader has what is before this one */
};

void history_fini(struct history *history);

/* Without memory to grow into, the oldest bytes make room. */
void history_add(struct history *history, const char *data, size_t size, size_t limit);

/* What the reader has yet to get. */
static inline size_t history_pending(const struct history *history)
{
    return (size_t)(history->end - history->sent);
}

/* Let the reader have what is kept again, from the beginning of a line on. */
void history_rewind(struct history *history);

/* The next pending bytes that lie one behind the other; returns how many. */
size_t history_peek(const struct history *history, const char **data);

/* The reader has got so many of them. */
void history_advance(struct history *history, size_t size);

/* The reader has gone: what it did not get is history, and is not kept for it. */
void history_skip(struct history *history);

#endif

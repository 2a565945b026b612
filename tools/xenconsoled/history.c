/* SPDX-License-Identifier: BSD-2-Clause */
/* What a guest has said: a ring of bytes that grows and shrinks. */
#include "history.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_SIZE 1024u

void history_fini(struct history *history)
{
    free(history->data);
    *history = (struct history){ 0 };
}

/* Give it another size, keeping as many of the newest bytes as fit. */
static void resize(struct history *history, size_t size)
{
    char *data = malloc(size);
    size_t keep = history->used < size ? history->used : size;
    size_t from, first;

    if (!data)
        return;
    if (keep && history->size) {
        from = (history->start + history->used - keep) % history->size;
        first = keep < history->size - from ? keep : history->size - from;
        memcpy(data, history->data + from, first);
        memcpy(data + first, history->data, keep - first);
    }
    free(history->data);
    history->data = data;
    history->size = size;
    history->start = 0;
    history->used = keep;
}

static void drop_oldest(struct history *history, size_t size)
{
    history->start = (history->start + size) % history->size;
    history->used -= size;
    if (history->sent < history->end - history->used)
        history->sent = history->end - history->used;
}

static void make_room(struct history *history, size_t need, size_t limit)
{
    size_t cap = HISTORY_KEPT, size = history->size ? history->size : FIRST_SIZE;

    if (history_pending(history) + need > cap)
        cap = limit > cap ? limit : cap;
    while (size < cap && size < history->used + need)
        size *= 2;
    if (size > cap)
        size = cap;
    if (size > history->size)
        resize(history, size);
}

void history_add(struct history *history, const char *data, size_t size, size_t limit)
{
    size_t to, first;

    make_room(history, size, limit);
    if (!history->size)
        return;
    if (size > history->size) {
        data += size - history->size;
        history->end += size - history->size;
        size = history->size;
    }
    if (history->used + size > history->size)
        drop_oldest(history, history->used + size - history->size);
    to = (history->start + history->used) % history->size;
    first = size < history->size - to ? size : history->size - to;
    memcpy(history->data + to, data, first);
    memcpy(history->data, data + first, size - first);
    history->used += size;
    history->end += size;
    if (history->sent < history->end - history->used)
        history->sent = history->end - history->used;
}

/* Where byte number 'byte' lies. It must be a kept one. */
static size_t place(const struct history *history, uint64_t byte)
{
    size_t offset = (size_t)(byte - (history->end - history->used));

    return (history->start + offset) % history->size;
}

void history_rewind(struct history *history)
{
    size_t kept = history->used < HISTORY_KEPT ? history->used : HISTORY_KEPT;
    uint64_t from = history->end - kept;

    if (from >= history->sent)
        return;
    /* Not the first byte ever: it may be the middle of a line. */
    for (uint64_t byte = from; from > 0 && byte < history->end; byte++) {
        if (history->data[place(history, byte)] == '\n') {
            from = byte + 1;
            break;
        }
    }
    if (from < history->sent)
        history->sent = from;
}

size_t history_peek(const struct history *history, const char **data)
{
    size_t pending = history_pending(history), at;

    if (!pending)
        return 0;
    at = place(history, history->sent);
    *data = history->data + at;
    return pending < history->size - at ? pending : history->size - at;
}

void history_advance(struct history *history, size_t size)
{
    history->sent += size;
    if (history->sent == history->end && history->size > HISTORY_KEPT)
        resize(history, HISTORY_KEPT);
}

void history_skip(struct history *history)
{
    history_advance(history, history_pending(history));
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* Doubly linked rings in the arena. All that changes them is undone with its step. */
#ifndef XENSTORED_LIST_H
#define XENSTORED_LIST_H

#include "arena.h"

struct link {
    struct link *next, *prev;
};

#define CONTAINER(address, type, member) \
    ((type *)((char *)(address) - offsetof(type, member)))

/* The entry may be removed in the loop's body, others may not. */
#define LIST_EACH(entry, saved, head)                                       \
    for ((entry) = (head)->next, (saved) = (entry)->next; (entry) != (head); \
         (entry) = (saved), (saved) = (entry)->next)

static inline void list_init(struct link *head)
{
    SET(head->next, head);
    SET(head->prev, head);
}

static inline bool list_is_empty(const struct link *head)
{
    return head->next == head;
}

static inline void list_append(struct link *head, struct link *entry)
{
    struct link *last = head->prev;

    SET(entry->next, head);
    SET(entry->prev, last);
    SET(last->next, entry);
    SET(head->prev, entry);
}

/* An entry that is in no list may be removed too, once it was initialised. */
static inline void list_remove(struct link *entry)
{
    struct link *next = entry->next, *prev = entry->prev;

    SET(prev->next, next);
    SET(next->prev, prev);
    list_init(entry);
}

#endif

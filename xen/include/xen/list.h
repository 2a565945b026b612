/* SPDX-License-Identifier: BSD-2-Clause */
/* Doubly linked list with an embedded node; the head is a node of its own. */
#ifndef XEN_LIST_H
#define XEN_LIST_H

#include <xen/types.h>

struct list_node {
    struct list_node *next;
    struct list_node *prev;
};

#define LIST_INIT(name) { &(name), &(name) }

static inline void list_init(struct list_node *head)
{
    head->next = head;
    head->prev = head;
}

static inline bool list_is_empty(const struct list_node *head)
{
    return head->next == head;
}

/* Inserts @node after @pos. */
static inline void list_insert(struct list_node *pos, struct list_node *node)
{
    node->next = pos->next;
    node->prev = pos;
    pos->next->prev = node;
    pos->next = node;
}

static inline void list_append(struct list_node *head, struct list_node *node)
{
    list_insert(head->prev, node);
}

/* Removes @node and leaves it an empty list of its own, so that removing twice is harmless. */
static inline void list_remove(struct list_node *node)
{
    node->prev->next = node->next;
    node->next->prev = node->prev;
    list_init(node);
}

#define list_entry(node, type, member) container_of(node, type, member)

#define list_for_each(pos, head) \
    for ((pos) = (head)->next; (pos) != (head); (pos) = (pos)->next)

/* Safe against removal of @pos; @tmp is another node pointer. */
#define list_for_each_safe(pos, tmp, head) \
    for ((pos) = (head)->next, (tmp) = (pos)->next; (pos) != (head); \
          (pos) = (tmp), (tmp) = (pos)->next)

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/* Watches. All in a step. */
#ifndef XENSTORED_WATCH_H
#define XENSTORED_WATCH_H

#include "store.h"

struct watch_request {
    struct node *node;
    const char *token;
    uint32_t strip;
    int32_t depth;
};

/* -EEXIST: the connection has it; -E2BIG, -ENOSPC: quota. */
int watch_add(struct conn *conn, const struct watch_request *request, struct watch **added);
/* -ENOENT. */
int watch_remove(struct conn *conn, const struct node *node, const char *token);
void watch_remove_all(struct conn *conn);

/*
 * A node changed from one content to another. Tells those who watch it or (unless exact) one above
 * it, and may read it.
 */
void watch_fire(const struct node *node, const struct content *old, const struct content *now,
                bool exact);
/* A special watch's event, as "@releaseDomain". */
void watch_fire_special(const char *name);
/* The event that every new watch gets at once. */
void watch_fire_one(struct watch *watch);

#endif

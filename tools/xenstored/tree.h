/* SPDX-License-Identifier: BSD-2-Clause */
/* Nodes and their contents. Functions that change anything run in a step. */
#ifndef XENSTORED_TREE_H
#define XENSTORED_TREE_H

#include "store.h"

/* A new content with one reference. Its permissions are those of 'like' if perms is NULL. */
struct content *content_make(const struct content *like, const struct perm *perms,
                             unsigned int nr_perms, const void *data, size_t len);
struct content *content_get(struct content *content);
void content_put(struct content *content);
const char *content_data(const struct content *content);
size_t content_bytes(const struct content *content);

struct node *tree_make_top(const char *name);

/* NULL: there is no such place. */
struct node *tree_find_child(const struct node *parent, const char *name, size_t len);
struct node *tree_make_child(struct node *parent, const char *name, size_t len);

/*
 * The node at an absolute path, which must be valid. NULL: there is no such place; *deepest is then
 * the last one on the way to it.
 */
struct node *tree_find(const char *path, struct node **deepest);
/* The same; places that are missing are made, without content. */
struct node *tree_make(const char *path);
/* Removes a place that nothing needs any more, and those above that it was the reason for. */
void tree_release(struct node *node);

/* Bytes of a place and those above it that do not exist: what they cost whoever needs the place. */
uint32_t tree_place_bytes(const struct node *node);

/* Writes the path and a zero; returns its length. */
size_t tree_path(const struct node *node, char path[NODE_NAME_MAX + 1]);

enum change {
    CHANGE_VALUE = 1,
    CHANGE_ACL = 2,
};

/* Puts a content in (takes over the reference) or removes it (NULL). */
void node_set(struct node *node, struct content *content, unsigned int change);
/* What the content was at a generation that an open transaction has as its snapshot. */
struct content *node_at(const struct node *node, uint64_t generation);

/* Drops versions that no open transaction can ask for. */
void tree_drop_versions(void);

#endif

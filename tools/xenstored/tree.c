/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The tree: places by parent and name in one hash table, contents that never change, and old
 * versions of them for open transactions.
 *
 * A node's content is kept as a version when it is replaced only if a transaction has a snapshot
 * at or after the generation at which the content came; that is told by the newest snapshot. So a
 * transaction that stays open holds one version of each node at most, however often it is written.
 */
#include "tree.h"

#include <string.h>

#include "domain.h"

/* --- contents --- */

size_t content_bytes(const struct content *content)
{
    return sizeof(*content) + content->nr_perms * sizeof(content->perms[0]) + content->data_len;
}

const char *content_data(const struct content *content)
{
    return (const char *)&content->perms[content->nr_perms];
}

struct content *content_make(const struct content *like, const struct perm *perms,
                             unsigned int nr_perms, const void *data, size_t len)
{
    struct content *content;
    size_t perm_bytes;

    if (!perms) {
        nr_perms = like->nr_perms;
    }
    perm_bytes = nr_perms * sizeof(*perms);
    content = arena_alloc(sizeof(*content) + perm_bytes + len);
    content->refs = 1;
    content->nr_perms = nr_perms;
    content->data_len = (uint32_t)len;
    content->perm_gen = perms ? store->generation + 1 : like->perm_gen;
    memcpy(content->perms, perms ? perms : like->perms, perm_bytes);
    if (len) {
        memcpy((char *)content->perms + perm_bytes, data, len);
    }
    return content;
}

struct content *content_get(struct content *content)
{
    if (content) {
        SET(content->refs, content->refs + 1);
    }
    return content;
}

void content_put(struct content *content)
{
    if (!content) {
        return;
    }
    if (content->refs == 1) {
        arena_free(content, content_bytes(content));
    } else {
        SET(content->refs, content->refs - 1);
    }
}

/* --- places --- */

static struct node *make_node(struct node *parent, const char *name, size_t len)
{
    struct node *node = arena_alloc(sizeof(*node) + len);

    node->parent = parent;
    node->name_len = (uint32_t)len;
    memcpy(node->name, name, len);
    list_init(&node->sibling);
    list_init(&node->children);
    list_init(&node->watches);
    list_init(&node->versions);
    list_init(&node->owned);
    return node;
}

struct node *tree_make_top(const char *name)
{
    return make_node(NULL, name, strlen(name));
}

static uint64_t name_hash(const struct node *parent, const char *name, size_t len)
{
    return hash_bytes(store->key, (uintptr_t)parent, name, len);
}

static struct node *find_hashed(const struct node *parent, const char *name, size_t len,
                                uint64_t hash)
{
    struct hash_item *item;

    for (item = hash_chain(&store->nodes, hash); item; item = item->next) {
        struct node *node = CONTAINER(item, struct node, item);

        if (item->hash == hash && node->parent == parent && node->name_len == len &&
            memcmp(node->name, name, len) == 0) {
            return node;
        }
    }
    return NULL;
}

struct node *tree_find_child(const struct node *parent, const char *name, size_t len)
{
    return find_hashed(parent, name, len, name_hash(parent, name, len));
}

struct node *tree_make_child(struct node *parent, const char *name, size_t len)
{
    uint64_t hash = name_hash(parent, name, len);
    struct node *node = find_hashed(parent, name, len, hash);

    if (!node) {
        node = make_node(parent, name, len);
        hash_insert(&store->nodes, &node->item, hash);
        list_append(&parent->children, &node->sibling);
    }
    return node;
}

static struct node *walk(const char *path, struct node **deepest, bool make)
{
    struct node *node = store->root, *child;

    if (*path == '@') {
        *deepest = store->special;
        return make ? tree_make_child(store->special, path, strlen(path))
                    : tree_find_child(store->special, path, strlen(path));
    }
    *deepest = node;
    for (path++; *path; ) {
        size_t len = strcspn(path, "/");

        child = make ? tree_make_child(node, path, len) : tree_find_child(node, path, len);
        if (!child) {
            return NULL;
        }
        *deepest = node = child;
        path += len + (path[len] == '/');
    }
    return node;
}

struct node *tree_find(const char *path, struct node **deepest)
{
    return walk(path, deepest, false);
}

struct node *tree_make(const char *path)
{
    struct node *deepest;

    return walk(path, &deepest, true);
}

static bool is_needed(const struct node *node)
{
    return node->content || node->entries || !node->parent || !list_is_empty(&node->children) ||
           !list_is_empty(&node->watches) || !list_is_empty(&node->versions);
}

void tree_release(struct node *node)
{
    while (!is_needed(node)) {
        struct node *parent = node->parent;

        list_remove(&node->sibling);
        hash_remove(&store->nodes, &node->item);
        arena_free(node, sizeof(*node) + node->name_len);
        node = parent;
    }
}

uint32_t tree_place_bytes(const struct node *node)
{
    uint32_t bytes = 0;

    for (; node && !node->content; node = node->parent) {
        bytes += (uint32_t)sizeof(*node) + node->name_len;
    }
    return bytes;
}

size_t tree_path(const struct node *node, char path[NODE_NAME_MAX + 1])
{
    const struct node *n;
    size_t len = 0, at;

    if (node == store->root) {
        memcpy(path, "/", 2);
        return 1;
    }
    if (node->parent == store->special) {
        memcpy(path, node->name, node->name_len);
        path[node->name_len] = '\0';
        return node->name_len;
    }
    for (n = node; n->parent; n = n->parent) {
        len += n->name_len + 1;
    }
    path[len] = '\0';
    at = len;
    for (n = node; n->parent; n = n->parent) {
        at -= n->name_len;
        memcpy(path + at, n->name, n->name_len);
        path[--at] = '/';
    }
    return len;
}

/* --- versions --- */

static void drop_version(struct version *version)
{
    struct node *node = version->node;

    list_remove(&version->link);
    list_remove(&version->node_link);
    content_put(version->content);
    arena_free(version, sizeof(*version));
    tree_release(node);
}

void tree_drop_versions(void)
{
    uint64_t oldest = UINT64_MAX;

    if (!list_is_empty(&store->txns)) {
        oldest = CONTAINER(store->txns.next, struct txn, link)->snapshot;
    }
    while (!list_is_empty(&store->versions)) {
        struct version *version = CONTAINER(store->versions.next, struct version, link);

        if (version->until > oldest) {
            return;
        }
        drop_version(version);
    }
}

static uint64_t content_since(const struct node *node)
{
    return node->value_gen > node->acl_gen ? node->value_gen : node->acl_gen;
}

/* Takes over the reference to the content that is being replaced. */
static void keep_version(struct node *node)
{
    struct version *version;
    uint64_t newest = 0;

    if (!node->content) {
        return;
    }
    if (!list_is_empty(&store->txns)) {
        newest = CONTAINER(store->txns.prev, struct txn, link)->snapshot;
    }
    if (list_is_empty(&store->txns) || newest < content_since(node)) {
        content_put(node->content);
        return;
    }
    version = arena_alloc(sizeof(*version));
    version->node = node;
    version->content = node->content;
    version->from = content_since(node);
    version->until = store->generation;
    list_append(&store->versions, &version->link);
    list_append(node->versions.next, &version->node_link);
}

struct content *node_at(const struct node *node, uint64_t generation)
{
    struct link *link, *next;

    if (content_since(node) <= generation) {
        return node->content;
    }
    LIST_EACH(link, next, &node->versions) {
        struct version *version = CONTAINER(link, struct version, node_link);

        if (version->from <= generation) {
            return generation < version->until ? version->content : NULL;
        }
    }
    return NULL;
}

/* --- contents in places --- */

static void change_owner(struct node *node, const struct content *content)
{
    struct domain *owner = content ? domain_find(content->perms[0].domid) : NULL;

    if (node->owner && node->content) {
        domain_add_memory(node->owner, -(int64_t)content_bytes(node->content));
    }
    if (owner != node->owner) {
        list_remove(&node->owned);
        if (node->owner) {
            domain_add_nodes(node->owner, -1);
        }
        if (owner) {
            list_append(&owner->nodes, &node->owned);
            domain_add_nodes(owner, 1);
        }
        SET(node->owner, owner);
    }
    if (owner) {
        domain_add_memory(owner, (int64_t)content_bytes(content));
    }
}

void node_set(struct node *node, struct content *content, unsigned int change)
{
    bool existence = !node->content != !content;

    if (!node->content && !content) {
        return;
    }
    SET(store->generation, store->generation + 1);
    change_owner(node, content);
    keep_version(node);
    SET(node->content, content);
    if (existence) {
        change = CHANGE_VALUE | CHANGE_ACL;
        SET(store->nr_nodes, store->nr_nodes + (content ? 1 : -1));
        if (node->parent) {
            SET(node->parent->children_gen, store->generation);
        }
        if (content && node->parent) {
            list_remove(&node->sibling);
            list_append(&node->parent->children, &node->sibling);
        }
    }
    if (change & CHANGE_VALUE) {
        SET(node->value_gen, store->generation);
    }
    if (change & CHANGE_ACL) {
        SET(node->acl_gen, store->generation);
    }
}

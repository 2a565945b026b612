/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Watches hang on the nodes that they watch, so a change costs its node's depth and the watches
 * that it is told to, however many there are elsewhere.
 */
#include "watch.h"

#include <errno.h>
#include <string.h>

#include "conn.h"
#include "domain.h"
#include "perm.h"
#include "quota.h"
#include "tree.h"

static struct watch *find(const struct conn *conn, const struct node *node, const char *token)
{
    struct link *link, *next;
    size_t len = strlen(token);

    LIST_EACH(link, next, &node->watches) {
        struct watch *watch = CONTAINER(link, struct watch, node_link);

        if (watch->conn == conn && watch->token_len == len &&
            memcmp(watch->token, token, len) == 0) {
            return watch;
        }
    }
    return NULL;
}

int watch_add(struct conn *conn, const struct watch_request *request, struct watch **added)
{
    size_t len = strlen(request->token);
    uint32_t bytes = (uint32_t)(sizeof(struct watch) + len) + tree_place_bytes(request->node);
    struct watch *watch;
    int rc;

    if (find(conn, request->node, request->token)) {
        return -EEXIST;
    }
    rc = quota_check(conn, QUOTA_WATCHES, conn->nr_watches + 1);
    rc = rc ? rc : quota_check(conn, QUOTA_MEMORY, conn->domain->memory + bytes);
    if (rc) {
        return rc;
    }
    watch = arena_alloc(sizeof(*watch) + len);
    watch->node = request->node;
    watch->conn = conn;
    watch->strip = request->strip;
    watch->depth = request->depth;
    watch->charged = bytes;
    watch->token_len = (uint32_t)len;
    memcpy(watch->token, request->token, len);
    list_init(&watch->events);
    list_append(&request->node->watches, &watch->node_link);
    list_append(&conn->watches, &watch->conn_link);
    SET(conn->nr_watches, conn->nr_watches + 1);
    SET(conn->domain->nr_watches, conn->domain->nr_watches + 1);
    domain_add_memory(conn->domain, bytes);
    domain_note_use(conn->domain);
    *added = watch;
    return 0;
}

static void drop(struct watch *watch)
{
    struct conn *conn = watch->conn;
    struct node *node = watch->node;
    struct link *link, *next;

    LIST_EACH(link, next, &watch->events) {
        list_remove(link);
    }
    list_remove(&watch->node_link);
    list_remove(&watch->conn_link);
    SET(conn->nr_watches, conn->nr_watches - 1);
    SET(conn->domain->nr_watches, conn->domain->nr_watches - 1);
    domain_add_memory(conn->domain, -(int64_t)watch->charged);
    arena_free(watch, sizeof(*watch) + watch->token_len);
    tree_release(node);
}

int watch_remove(struct conn *conn, const struct node *node, const char *token)
{
    struct watch *watch = find(conn, node, token);

    if (!watch) {
        return -ENOENT;
    }
    drop(watch);
    return 0;
}

void watch_remove_all(struct conn *conn)
{
    struct link *link, *next;

    LIST_EACH(link, next, &conn->watches) {
        drop(CONTAINER(link, struct watch, conn_link));
    }
}

/* --- events --- */

struct news {
    const char *path;
    size_t len;
    const struct content *old, *now;
    const struct content *parent;   /* if the node was made or removed */
};

static bool may_see(const struct conn *conn, const struct news *news)
{
    return (news->now && perm_of(conn, news->now) & PERM_READ) ||
           (news->old && perm_of(conn, news->old) & PERM_READ) ||
           (news->parent && perm_of(conn, news->parent) & PERM_READ);
}

static void tell(struct watch *watch, const char *path, size_t len)
{
    size_t strip = watch->strip < len ? watch->strip : 0;

    conn_queue_event(watch->conn, watch, path + strip, len - strip);
}

static void fire_at(const struct node *watched, const struct news *news, int32_t level)
{
    struct link *link, *next;

    LIST_EACH(link, next, &watched->watches) {
        struct watch *watch = CONTAINER(link, struct watch, node_link);

        if ((watch->depth < 0 || level <= watch->depth) && may_see(watch->conn, news)) {
            tell(watch, news->path, news->len);
        }
    }
}

void watch_fire(const struct node *node, const struct content *old, const struct content *now,
                bool exact)
{
    static char path[NODE_NAME_MAX + 1];
    struct news news = { .path = path, .old = old, .now = now };
    int32_t level = 0;

    news.len = tree_path(node, path);
    if ((!old || !now) && node->parent) {
        news.parent = node->parent->content;
    }
    fire_at(node, &news, level);
    while (!exact && (node = node->parent)) {
        fire_at(node, &news, ++level);
    }
}

void watch_fire_special(const char *name)
{
    struct node *node = tree_find_child(store->special, name, strlen(name));

    if (node) {
        watch_fire(node, node->content, node->content, true);
    }
}

void watch_fire_one(struct watch *watch)
{
    char path[NODE_NAME_MAX + 1];

    tell(watch, path, tree_path(watch->node, path));
}

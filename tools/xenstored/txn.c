/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Transactions. One costs what it touches: an entry a node. It conflicts if a node that it read or
 * wrote was changed since its snapshot, in what it read of it. The snapshot moves on when the
 * transaction comes to something that changed since, and nothing of what it read before did.
 */
#include "txn.h"

#include <errno.h>

#include "domain.h"
#include "quota.h"
#include "tree.h"
#include "watch.h"

/* --- entries --- */

static uint64_t entry_hash(const struct txn *txn, const struct node *node)
{
    uint64_t pair[2] = { (uintptr_t)txn, (uintptr_t)node };

    return hash_bytes(store->key, 0, pair, sizeof(pair));
}

static struct entry *find_entry(const struct txn *txn, const struct node *node)
{
    uint64_t hash = entry_hash(txn, node);
    struct hash_item *item;

    for (item = hash_chain(&store->entries, hash); item; item = item->next) {
        struct entry *entry = CONTAINER(item, struct entry, item);

        if (entry->txn == txn && entry->node == node) {
            return entry;
        }
    }
    return NULL;
}

static int make_entry(struct txn *txn, struct node *node, struct entry **made)
{
    struct entry *entry = find_entry(txn, node);
    struct domain *d = txn->conn->domain;

    if (!entry) {
        uint32_t bytes = (uint32_t)sizeof(*entry) + tree_place_bytes(node);
        int rc = quota_check(txn->conn, QUOTA_TXN_NODES, txn->nr_entries + 1);

        rc = rc ? rc : quota_check(txn->conn, QUOTA_MEMORY, d->memory + bytes);
        if (rc) {
            return rc;
        }
        entry = arena_alloc(sizeof(*entry));
        entry->txn = txn;
        entry->node = node;
        entry->charged = bytes;
        hash_insert(&store->entries, &entry->item, entry_hash(txn, node));
        list_append(&txn->entries, &entry->link);
        SET(txn->nr_entries, txn->nr_entries + 1);
        SET(node->entries, node->entries + 1);
        domain_add_memory(d, bytes);
    }
    *made = entry;
    return 0;
}

static void set_entry_content(struct entry *entry, struct content *content)
{
    struct domain *d = entry->txn->conn->domain;

    if (entry->content) {
        domain_add_memory(d, -(int64_t)content_bytes(entry->content));
        content_put(entry->content);
    }
    if (content) {
        domain_add_memory(d, (int64_t)content_bytes(content));
    }
    SET(entry->content, content);
}

static void drop_entry(struct entry *entry)
{
    struct node *node = entry->node;

    set_entry_content(entry, NULL);
    domain_add_memory(entry->txn->conn->domain, -(int64_t)entry->charged);
    hash_remove(&store->entries, &entry->item);
    list_remove(&entry->link);
    arena_free(entry, sizeof(*entry));
    SET(node->entries, node->entries - 1);
    tree_release(node);
}

/* --- conflicts --- */

static bool changed_since(const struct node *node, unsigned int flags, uint64_t snapshot)
{
    return (flags & (READ_VALUE | WRITTEN) && node->value_gen > snapshot) ||
           (flags & (READ_ACL | WRITTEN) && node->acl_gen > snapshot) ||
           (flags & READ_CHILDREN && node->children_gen > snapshot);
}

static bool has_conflict(const struct txn *txn)
{
    struct link *link, *next;

    LIST_EACH(link, next, &txn->entries) {
        const struct entry *entry = CONTAINER(link, struct entry, link);

        if (changed_since(entry->node, entry->flags, txn->snapshot)) {
            return true;
        }
    }
    return false;
}

/* The snapshot becomes 'now', if that changes nothing of what was read. */
static void renew_snapshot(struct txn *txn)
{
    if (txn->doomed || has_conflict(txn)) {
        return;
    }
    SET(txn->snapshot, store->generation);
    list_remove(&txn->link);
    list_append(&store->txns, &txn->link);
}

/* --- reading and writing --- */

struct content *txn_see(const struct txn *txn, const struct node *node)
{
    const struct entry *entry;

    if (!txn) {
        return node->content;
    }
    entry = node->entries ? find_entry(txn, node) : NULL;
    return entry && entry->flags & WRITTEN ? entry->content : node_at(node, txn->snapshot);
}

int txn_note_read(struct txn *txn, struct node *node, unsigned int flags)
{
    struct entry *entry;
    int rc;

    if (!txn) {
        return 0;
    }
    rc = make_entry(txn, node, &entry);
    if (rc) {
        return rc;
    }
    if (flags & ~entry->flags) {
        if (changed_since(node, flags, txn->snapshot)) {
            renew_snapshot(txn);
        }
        SET(entry->flags, entry->flags | flags);
    }
    return 0;
}

static int write_entry(struct txn *txn, struct node *node, struct content *content,
                       unsigned int fire)
{
    struct entry *entry;
    int rc = make_entry(txn, node, &entry);

    if (rc) {
        return rc;
    }
    if (changed_since(node, WRITTEN, txn->snapshot)) {
        renew_snapshot(txn);
    }
    set_entry_content(entry, content);
    SET(entry->flags, (entry->flags & ~(FIRE | FIRE_EXACT)) | WRITTEN | fire);
    list_remove(&entry->link);
    list_append(&txn->entries, &entry->link);
    SET(txn->writes, txn->writes + 1);
    return 0;
}

static bool is_own(const struct conn *conn, const struct content *content)
{
    return conn && content && content->perms[0].domid == conn->domain->domid;
}

/* Nodes that the client's domain has more if the change is made. */
static int more_nodes(const struct conn *conn, const struct content *old,
                      const struct content *content)
{
    return is_own(conn, content) - is_own(conn, old);
}

int txn_write(struct conn *conn, struct txn *txn, struct node *node, struct content *content,
              unsigned int change, unsigned int fire)
{
    struct content *old = txn_see(txn, node);
    int more = more_nodes(conn, old, content), rc;

    if (more > 0) {
        int64_t nodes = (int64_t)conn->domain->nr_nodes + (txn ? txn->created : 0) + more;

        rc = quota_check(conn, QUOTA_NODES, nodes > 0 ? (uint64_t)nodes : 0);
        if (rc) {
            return rc;
        }
    }
    if (txn) {
        SET(txn->created, txn->created + more);
        return write_entry(txn, node, content, fire);
    }
    content_get(old);
    node_set(node, content, change);
    if (fire) {
        watch_fire(node, old, content, fire & FIRE_EXACT);
    }
    content_put(old);
    if (!content) {
        tree_release(node);
    }
    return 0;
}

int txn_remove(struct conn *conn, struct txn *txn, struct node *node, unsigned int fire)
{
    struct link *link, *next;
    int rc = txn_note_read(txn, node, READ_ACL | READ_CHILDREN);

    if (rc) {
        return rc;
    }
    LIST_EACH(link, next, &node->children) {
        struct node *child = CONTAINER(link, struct node, sibling);

        if (txn_see(txn, child)) {
            rc = txn_remove(conn, txn, child, FIRE_EXACT);
            if (rc) {
                return rc;
            }
        }
    }
    return txn_write(conn, txn, node, NULL, 0, fire);
}

uint64_t txn_children_gen(const struct txn *txn, const struct node *node)
{
    return txn ? txn->snapshot + txn->writes : node->children_gen;
}

/* --- life --- */

int txn_start(struct conn *conn, struct txn **started)
{
    struct txn *txn;
    int rc = quota_check(conn, QUOTA_TXNS, conn->nr_txns + 1);

    if (rc) {
        return rc;
    }
    txn = arena_alloc(sizeof(*txn));
    txn->conn = conn;
    txn->snapshot = store->generation;
    list_init(&txn->entries);
    list_append(&store->txns, &txn->link);
    list_append(&conn->txns, &txn->conn_link);
    do {
        SET(conn->next_txn, conn->next_txn + 1);
    } while (conn->next_txn == 0 || txn_find(conn, conn->next_txn));
    txn->id = conn->next_txn;
    SET(conn->nr_txns, conn->nr_txns + 1);
    domain_add_memory(conn->domain, sizeof(*txn));
    domain_note_use(conn->domain);
    *started = txn;
    return 0;
}

struct txn *txn_find(const struct conn *conn, uint32_t id)
{
    struct link *link, *next;

    LIST_EACH(link, next, &conn->txns) {
        struct txn *txn = CONTAINER(link, struct txn, conn_link);

        if (txn->id == id) {
            return txn;
        }
    }
    return NULL;
}

void txn_drop(struct txn *txn)
{
    struct link *link, *next;

    LIST_EACH(link, next, &txn->entries) {
        drop_entry(CONTAINER(link, struct entry, link));
    }
    list_remove(&txn->link);
    list_remove(&txn->conn_link);
    SET(txn->conn->nr_txns, txn->conn->nr_txns - 1);
    domain_add_memory(txn->conn->domain, -(int64_t)sizeof(*txn));
    arena_free(txn, sizeof(*txn));
    tree_drop_versions();
}

static void apply(struct entry *entry)
{
    struct node *node = entry->node;
    struct content *old = content_get(node->content);

    if (old || entry->content) {
        node_set(node, content_get(entry->content), CHANGE_VALUE | CHANGE_ACL);
        if (entry->flags & (FIRE | FIRE_EXACT)) {
            watch_fire(node, old, entry->content, entry->flags & FIRE_EXACT);
        }
    }
    content_put(old);
}

int txn_commit(struct txn *txn)
{
    struct link *link, *next;
    int rc;

    if (txn->doomed || has_conflict(txn)) {
        return -EAGAIN;
    }
    if (txn->created > 0) {
        rc = quota_check(txn->conn, QUOTA_NODES,
                         txn->conn->domain->nr_nodes + (uint64_t)txn->created);
        if (rc) {
            return rc;
        }
    }
    LIST_EACH(link, next, &txn->entries) {
        struct entry *entry = CONTAINER(link, struct entry, link);

        if (entry->flags & WRITTEN) {
            apply(entry);
        }
    }
    return 0;
}

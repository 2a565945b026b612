/* SPDX-License-Identifier: BSD-2-Clause */
/* The store as a whole: making it, taking it over, and checking it. */
#include "store.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "conn.h"
#include "domain.h"
#include "quota.h"
#include "tree.h"
#include "txn.h"
#include "watch.h"

struct store *store;

/* An old state file must not be taken for a new one: a change of these changes the number. */
_Static_assert(ARENA_LAYOUT == 1 && sizeof(struct store) == 736 && sizeof(struct node) == 152 &&
               sizeof(struct content) == 24 && sizeof(struct version) == 64 &&
               sizeof(struct entry) == 64 && sizeof(struct txn) == 88 &&
               sizeof(struct watch) == 80 && sizeof(struct message) == 40 &&
               sizeof(struct conn) == 136 && sizeof(struct domain) == 96, "layout of the arena");

static const struct perm dom0_only = { .domid = 0, .bits = 0 };

static void make_existing(struct node *node)
{
    node_set(node, content_make(NULL, &dom0_only, 1, NULL, 0), CHANGE_VALUE | CHANGE_ACL);
}

static int create_step(void *arg)
{
    struct store *made = arena_alloc(sizeof(*made));

    (void)arg;
    store = made;
    if (getrandom(made->key, sizeof(made->key), 0) != sizeof(made->key)) {
        return -EIO;
    }
    hash_init(&made->nodes);
    hash_init(&made->entries);
    list_init(&made->txns);
    list_init(&made->versions);
    list_init(&made->conns);
    quota_set_defaults();
    domain_make(0, true);
    made->root = tree_make_top("");
    made->special = tree_make_top("");
    make_existing(made->root);
    make_existing(made->special);
    make_existing(tree_make("@introduceDomain"));
    make_existing(tree_make("@releaseDomain"));
    make_existing(tree_make("/tool"));
    make_existing(tree_make("/tool/xenstored"));
    arena_set_root(made);
    return 0;
}

int store_create(void)
{
    return arena_run(create_step, NULL);
}

static int adopt_step(void *arg)
{
    struct link *link, *next;

    (void)arg;
    SET(store->restarts, store->restarts + 1);
    LIST_EACH(link, next, &store->conns) {
        SET(CONTAINER(link, struct conn, link)->peer, NULL);
    }
    return 0;
}

int store_adopt(void)
{
    store = arena_root();
    return arena_run(adopt_step, NULL);
}

/* --- checks --- */

struct checker {
    char *why;
    size_t size;
    bool bad;
    uint32_t nodes, versions, entries, watches;
    char path[NODE_NAME_MAX + 1];
};

static void wrong(struct checker *checker, const struct node *node, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void wrong(struct checker *checker, const struct node *node, const char *format, ...)
{
    va_list ap;
    int len = 0;

    if (checker->bad) {
        return;
    }
    checker->bad = true;
    if (node) {
        tree_path(node, checker->path);
        len = snprintf(checker->why, checker->size, "%.200s: ", checker->path);
    }
    va_start(ap, format);
    vsnprintf(checker->why + len, checker->size - (size_t)len, format, ap);
    va_end(ap);
}

static void check_node(struct checker *checker, const struct node *node)
{
    struct link *link, *next;

    if (node->content) {
        checker->nodes++;
        if (node->parent && !node->parent->content) {
            wrong(checker, node, "it exists below one that does not");
        }
        if (node->owner != domain_find(node->content->perms[0].domid)) {
            wrong(checker, node, "it counts for another domain than its owner");
        }
        if (!arena_is_block(node->content, content_bytes(node->content))) {
            wrong(checker, node, "its content lies outside of the heap");
        }
    } else if (node->owner) {
        wrong(checker, node, "it does not exist and counts for a domain");
    }
    if (node->parent && tree_find_child(node->parent, node->name, node->name_len) != node) {
        wrong(checker, node, "it is not found by its name");
    }
    LIST_EACH(link, next, &node->watches) {
        checker->watches++;
    }
    LIST_EACH(link, next, &node->versions) {
        checker->versions++;
    }
    checker->entries += node->entries;
}

/* The places below a node, without recursion: the next one in the tree's order. */
static const struct node *next_node(const struct node *top, const struct node *node)
{
    if (!list_is_empty(&node->children)) {
        return CONTAINER(node->children.next, struct node, sibling);
    }
    while (node != top) {
        if (node->sibling.next != &node->parent->children) {
            return CONTAINER(node->sibling.next, struct node, sibling);
        }
        node = node->parent;
    }
    return NULL;
}

static uint32_t length(const struct link *head)
{
    const struct link *link;
    uint32_t nr = 0;

    for (link = head->next; link != head; link = link->next) {
        nr++;
    }
    return nr;
}

static void check_conns(struct checker *checker)
{
    struct link *link, *next;
    uint32_t watches = 0, entries = 0, txns = 0;

    LIST_EACH(link, next, &store->conns) {
        const struct conn *conn = CONTAINER(link, struct conn, link);

        watches += conn->nr_watches;
        txns += conn->nr_txns;
        if (length(&conn->watches) != conn->nr_watches || length(&conn->txns) != conn->nr_txns) {
            wrong(checker, NULL, "connection %u: watches or transactions are miscounted", conn->id);
        }
    }
    LIST_EACH(link, next, &store->txns) {
        const struct txn *txn = CONTAINER(link, struct txn, link);

        entries += txn->nr_entries;
        txns--;
        if (length(&txn->entries) != txn->nr_entries) {
            wrong(checker, NULL, "transaction %u: entries are miscounted", txn->id);
        }
    }
    if (watches != checker->watches || entries != checker->entries || txns ||
        store->entries.items != entries) {
        wrong(checker, NULL, "watches %u of %u, entries %u of %u, %u transactions too many",
              checker->watches, watches, checker->entries, entries, txns);
    }
}

static void check_domains(struct checker *checker)
{
    uint32_t nr = 0;

    for (uint32_t domid = 0; domid < DOMID_LIMIT; domid++) {
        const struct domain *d = domain_find(domid);

        if (!d) {
            continue;
        }
        nr++;
        if (length(&d->nodes) != d->nr_nodes) {
            wrong(checker, NULL, "domain %u: nodes are miscounted", domid);
        }
        if (d->conn && d->conn->domain != d) {
            wrong(checker, NULL, "domain %u: its connection is another's", domid);
        }
        if (d->memory > ARENA_LIMIT) {
            wrong(checker, NULL, "domain %u: memory is miscounted", domid);
        }
    }
    if (nr != store->nr_domains) {
        wrong(checker, NULL, "%u domains, not %u", nr, store->nr_domains);
    }
}

bool store_check(char *why, size_t size)
{
    struct checker checker = { .why = why, .size = size };
    const struct node *tops[] = { store->root, store->special };
    uint32_t places = 0;

    for (size_t i = 0; i < 2; i++) {
        for (const struct node *node = tops[i]; node; node = next_node(tops[i], node)) {
            check_node(&checker, node);
            places += node->parent != NULL;
        }
    }
    if (checker.nodes != store->nr_nodes || places != store->nodes.items) {
        wrong(&checker, NULL, "%u nodes of %u, %u places of %u", checker.nodes, store->nr_nodes,
              places, store->nodes.items);
    }
    if (checker.versions != length(&store->versions)) {
        wrong(&checker, NULL, "%u versions of %u", checker.versions, length(&store->versions));
    }
    check_conns(&checker);
    check_domains(&checker);
    return !checker.bad;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The objects of the store, as they lie in the arena, and the one that leads to all of them.
 *
 * A node is a place in the tree: it may exist for clients (content is set) or be there only
 * because a watch, a transaction or a child needs the place. Contents never change: who writes
 * puts another one in. So a transaction costs what it touches: it holds an entry for each node that
 * it read or wrote, with the content that it wrote, and sees all other nodes as they were at its
 * snapshot; contents that were replaced stay as versions while a transaction may ask for them.
 */
#ifndef XENSTORED_STORE_H
#define XENSTORED_STORE_H

#include "hash.h"
#include "list.h"

#define DOMID_LIMIT     0x7ff0u
#define DOMID_BLOCK     512u
#define NODE_NAME_MAX   3072u

enum perm_bits {
    PERM_READ = 1,
    PERM_WRITE = 2,
    PERM_OWNER = 4,
};

struct perm {
    uint16_t domid;
    uint16_t bits;          /* the first: what all may whom no other names; it names the owner */
};

struct content {
    uint32_t refs;
    uint32_t data_len;
    uint32_t nr_perms;
    uint64_t perm_gen;      /* generation at which the permissions were given */
    struct perm perms[];    /* nr_perms, then data_len bytes of value */
};

struct domain;
struct conn;

struct node {
    struct hash_item item;  /* store.nodes, by parent and name */
    struct node *parent;
    struct link sibling;
    struct link children;   /* in the order in which they came to exist */
    struct link watches;
    struct link versions;   /* contents it had, newest first */
    struct link owned;      /* in owner's list */
    struct domain *owner;   /* whose quota it counts for */
    struct content *content;
    uint64_t value_gen;     /* generations of the last change: of value or existence, */
    uint64_t acl_gen;       /* of permissions or existence, */
    uint64_t children_gen;  /* of the set of children that exist */
    uint32_t entries;       /* of transactions that touched it */
    uint32_t name_len;
    char name[];
};

/* What a node's content was until a generation. */
struct version {
    struct link node_link;
    struct link link;       /* store.versions, by 'until' */
    struct node *node;
    struct content *content;
    uint64_t from, until;
};

enum entry_flags {
    READ_VALUE = 1,
    READ_ACL = 2,           /* its permissions, or whether it exists */
    READ_CHILDREN = 4,
    WRITTEN = 8,
    FIRE = 16,              /* the write is told to watches */
    FIRE_EXACT = 32,        /* only to those of the node itself */
};

struct entry {
    struct hash_item item;  /* store.entries, by transaction and node */
    struct link link;
    struct txn *txn;
    struct node *node;
    struct content *content;    /* if WRITTEN; NULL: removed */
    uint32_t flags;
    uint32_t charged;       /* bytes that it counts for in its client's memory */
};

struct txn {
    struct link conn_link;
    struct link link;       /* store.txns, by snapshot */
    struct link entries;    /* written ones in the order of the writes */
    struct conn *conn;
    uint64_t snapshot;
    uint32_t id;
    uint32_t nr_entries;
    int32_t created;        /* nodes of its own that the client made, less removed ones */
    uint32_t writes;
    bool doomed;            /* the daemon died meanwhile: it cannot be committed */
};

struct watch {
    struct link node_link;
    struct link conn_link;
    struct link events;     /* not yet sent */
    struct node *node;
    struct conn *conn;
    uint32_t strip;         /* bytes of the path that a relative watch does not want to see */
    int32_t depth;          /* levels below the node; negative: all */
    uint32_t charged;       /* bytes that it counts for in its client's memory */
    uint32_t token_len;
    char token[];
};

struct message {
    struct link link;       /* conn.out */
    struct link event;      /* watch.events */
    uint32_t len;
    bool is_event;
    char bytes[];           /* header and body */
};

enum conn_kind {
    CONN_SOCKET,
    CONN_RING,
};

struct peer;

struct conn {
    struct link link;       /* store.conns */
    struct link watches;
    struct link txns;
    struct link out;
    struct domain *domain;  /* whose rights and quotas it has */
    struct peer *peer;      /* the process's own part; set again by each process */
    enum conn_kind kind;
    int32_t fd;             /* sockets: inherited by the next program */
    uint32_t id;
    uint32_t next_txn;
    uint32_t nr_watches, nr_txns;
    uint32_t out_bytes, out_replies;
    uint32_t out_sent;      /* of the first message */
    uint32_t in_pos, out_pos;   /* ring: bytes taken and given since it was connected */
    uint32_t in_len;        /* of a request that has not come whole */
    char *in;
};

/* Of a request, and for a socket of what came with it. */
#define CONN_IN_MAX 8192

struct domain {
    struct link nodes;
    struct conn *conn;      /* introduced */
    uint64_t born;          /* generation at which it became known: older rights are not its */
    uint32_t domid;
    uint32_t target;        /* another domain whose rights it has, too; DOMID_LIMIT: none */
    uint64_t mfn;
    uint32_t remote_port;
    bool privileged;
    bool shutdown;          /* told to watches */
    uint32_t nr_nodes;
    uint32_t nr_watches;
    uint64_t memory;
    uint32_t max_nodes, max_watches, max_txns, max_outstanding;     /* ever seen */
    uint64_t max_memory;
};

enum quota_kind {
    QUOTA_NODES,
    QUOTA_WATCHES,
    QUOTA_TXNS,
    QUOTA_OUTSTANDING,
    QUOTA_TXN_NODES,
    QUOTA_MEMORY,
    QUOTA_NODE_SIZE,
    QUOTA_PATH_MAX,
    QUOTA_PERMS,
    QUOTA_COUNT,
};

struct store {
    uint64_t generation;    /* of the last change */
    uint64_t key[2];        /* of the hash of names */
    struct hash_table nodes;
    struct hash_table entries;
    struct link txns;
    struct link versions;
    struct link conns;
    struct node *root;
    struct node *special;   /* its children are the names that begin with @ */
    struct domain **domains[DOMID_LIMIT / DOMID_BLOCK + 1];
    uint32_t nr_domains;
    uint32_t nr_nodes;      /* that exist */
    uint32_t next_conn;
    uint32_t restarts;
    uint64_t quota[QUOTA_COUNT];
};

extern struct store *store;

/* A step each: makes an empty store, with dom0; or takes what is in the arena. */
int store_create(void);
int store_adopt(void);

/* Looks through all objects; what is wrong is written to 'why'. */
bool store_check(char *why, size_t size);

#endif

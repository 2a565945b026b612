/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reading and writing nodes, in a transaction or at once. All in a step. A transaction sees the
 * tree as it was at its snapshot, and its own writes.
 */
#ifndef XENSTORED_TXN_H
#define XENSTORED_TXN_H

#include "store.h"

/* -ENOSPC: quota. */
int txn_start(struct conn *conn, struct txn **txn);
/* NULL: the connection has no such transaction. */
struct txn *txn_find(const struct conn *conn, uint32_t id);
/* Without effect on the tree. */
void txn_drop(struct txn *txn);
/* Applies it; it stays until txn_drop(). -EAGAIN: a conflict; -ENOSPC: quota. */
int txn_commit(struct txn *txn);

/*
 * What a node is for the client; NULL: it doesn't exist. Without a transaction (NULL): now.
 * A client may use what it sees only if it noted before that it reads it.
 */
struct content *txn_see(const struct txn *txn, const struct node *node);
/* flags: READ_*. -ENOSPC: quota. Nothing to do without a transaction. */
int txn_note_read(struct txn *txn, struct node *node, unsigned int flags);
/* Puts in a content, whose reference it takes, or removes it. fire: 0, FIRE or FIRE_EXACT. */
int txn_write(struct conn *conn, struct txn *txn, struct node *node, struct content *content,
              unsigned int change, unsigned int fire);
/* Removes a node that exists, and all below it. conn may be NULL: the store itself does it. */
int txn_remove(struct conn *conn, struct txn *txn, struct node *node, unsigned int fire);
/* A number that changes when the names that a client would see in a node do. */
uint64_t txn_children_gen(const struct txn *txn, const struct node *node);

#endif

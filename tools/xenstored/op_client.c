/* SPDX-License-Identifier: BSD-2-Clause */
/* Requests about a client's watches and transactions. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "conn.h"
#include "path.h"
#include "quota.h"
#include "tree.h"
#include "txn.h"
#include "watch.h"
#include "wire.h"

int op_watch(struct request *request)
{
    struct watch_request wanted = { .depth = -1 };
    char path[NODE_NAME_MAX + 1];
    const char *words[3];
    struct watch *watch;
    uint64_t depth;
    int nr = wire_words(request, words, 3), rc;

    if (nr < 2) {
        return -EINVAL;
    }
    if (nr == 3) {
        if (wire_number(words[2], INT32_MAX, &depth)) {
            return -EINVAL;
        }
        wanted.depth = (int32_t)depth;
    }
    rc = path_resolve(request->conn, words[0], PATH_SPECIAL, path, &wanted.strip);
    if (rc) {
        return rc;
    }
    wanted.node = tree_make(path);
    wanted.token = words[1];
    rc = watch_add(request->conn, &wanted, &watch);
    if (!rc) {
        wire_reply_ok(request);
        watch_fire_one(watch);
    }
    return rc;
}

int op_unwatch(struct request *request)
{
    char path[NODE_NAME_MAX + 1];
    const char *words[2];
    struct node *node, *deepest;
    uint32_t strip;
    int rc;

    if (wire_words(request, words, 2) != 2) {
        return -EINVAL;
    }
    rc = path_resolve(request->conn, words[0], PATH_SPECIAL, path, &strip);
    if (rc) {
        return rc;
    }
    node = tree_find(path, &deepest);
    rc = node ? watch_remove(request->conn, node, words[1]) : -ENOENT;
    if (!rc) {
        wire_reply_ok(request);
    }
    return rc;
}

int op_reset_watches(struct request *request)
{
    struct link *link, *next;

    watch_remove_all(request->conn);
    LIST_EACH(link, next, &request->conn->txns) {
        txn_drop(CONTAINER(link, struct txn, conn_link));
    }
    wire_reply_ok(request);
    return 0;
}

int op_transaction_start(struct request *request)
{
    struct txn *txn;
    char id[16];
    int rc;

    if (request->txn) {
        return -EBUSY;
    }
    rc = quota_check(request->conn, QUOTA_MEMORY, request->conn->domain->memory);
    rc = rc ? rc : txn_start(request->conn, &txn);
    if (!rc) {
        snprintf(id, sizeof(id), "%u", txn->id);
        wire_reply_text(request, id);
    }
    return rc;
}

int op_transaction_end(struct request *request)
{
    const char *word;
    int rc = 0;

    if (wire_words(request, &word, 1) != 1 || (strcmp(word, "T") != 0 && strcmp(word, "F") != 0)) {
        return -EINVAL;
    }
    if (!request->txn) {
        return -ENOENT;
    }
    if (*word == 'T') {
        rc = txn_commit(request->txn);
    }
    if (rc && rc != -EAGAIN) {
        return rc;
    }
    txn_drop(request->txn);
    request->keep = true;
    if (!rc) {
        wire_reply_ok(request);
    }
    return rc;
}

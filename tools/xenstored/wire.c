/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The table of requests, and how each is done: its effects, its answer and, for a ring, the note
 * that it was taken are one step.
 */
#include "wire.h"

#include <errno.h>
#include <string.h>

#include "conn.h"
#include "domain.h"
#include "log.h"
#include "peer.h"
#include "txn.h"

enum op_flags {
    IN_TXN = 1,         /* its transaction number counts */
    PRIVILEGED = 2,
    RELIEF = 4,         /* it frees memory, or needs it only for its answer */
};

static const struct op {
    const char *name;
    int (*handler)(struct request *request);
    unsigned int flags;
} ops[XS_TYPE_COUNT] = {
    [XS_CONTROL] = { "CONTROL", op_control, PRIVILEGED | RELIEF },
    [XS_DIRECTORY] = { "DIRECTORY", op_directory, IN_TXN | RELIEF },
    [XS_READ] = { "READ", op_read, IN_TXN | RELIEF },
    [XS_GET_PERMS] = { "GET_PERMS", op_get_perms, IN_TXN | RELIEF },
    [XS_WATCH] = { "WATCH", op_watch, 0 },
    [XS_UNWATCH] = { "UNWATCH", op_unwatch, RELIEF },
    [XS_TRANSACTION_START] = { "TRANSACTION_START", op_transaction_start, IN_TXN },
    [XS_TRANSACTION_END] = { "TRANSACTION_END", op_transaction_end, IN_TXN | RELIEF },
    [XS_INTRODUCE] = { "INTRODUCE", op_introduce, PRIVILEGED },
    [XS_RELEASE] = { "RELEASE", op_release, PRIVILEGED | RELIEF },
    [XS_GET_DOMAIN_PATH] = { "GET_DOMAIN_PATH", op_get_domain_path, RELIEF },
    [XS_WRITE] = { "WRITE", op_write, IN_TXN },
    [XS_MKDIR] = { "MKDIR", op_mkdir, IN_TXN },
    [XS_RM] = { "RM", op_rm, IN_TXN | RELIEF },
    [XS_SET_PERMS] = { "SET_PERMS", op_set_perms, IN_TXN },
    [XS_IS_DOMAIN_INTRODUCED] = { "IS_DOMAIN_INTRODUCED", op_is_domain_introduced,
                                  PRIVILEGED | RELIEF },
    [XS_RESUME] = { "RESUME", op_resume, PRIVILEGED },
    [XS_SET_TARGET] = { "SET_TARGET", op_set_target, PRIVILEGED },
    [XS_RESET_WATCHES] = { "RESET_WATCHES", op_reset_watches, RELIEF },
    [XS_DIRECTORY_PART] = { "DIRECTORY_PART", op_directory_part, IN_TXN | RELIEF },
};

/* The errors that the protocol has a name for. */
static const struct {
    int number;
    const char *name;
} errors[] = {
    { EINVAL, "EINVAL" }, { EACCES, "EACCES" }, { EEXIST, "EEXIST" }, { EISDIR, "EISDIR" },
    { ENOENT, "ENOENT" }, { ENOMEM, "ENOMEM" }, { ENOSPC, "ENOSPC" }, { EIO, "EIO" },
    { ENOTEMPTY, "ENOTEMPTY" }, { ENOSYS, "ENOSYS" }, { EROFS, "EROFS" }, { EBUSY, "EBUSY" },
    { EAGAIN, "EAGAIN" }, { EISCONN, "EISCONN" }, { E2BIG, "E2BIG" }, { EPERM, "EPERM" },
};

static const char *error_name(int error)
{
    for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
        if (errors[i].number == error) {
            return errors[i].name;
        }
    }
    return error == ESRCH ? "ENOENT" : "EINVAL";
}

uint32_t wire_size(const struct xsd_sockmsg *head)
{
    return head->len > XENSTORE_PAYLOAD_MAX ? 0 : (uint32_t)sizeof(*head) + head->len;
}

/* --- taking apart --- */

int wire_words(const struct request *request, const char **words, int max)
{
    const char *at = request->body, *end = at + request->head.len;
    int nr = 0;

    while (at < end) {
        size_t len = strnlen(at, (size_t)(end - at));

        if (nr == max || at + len == end) {
            return -EINVAL;
        }
        words[nr++] = at;
        at += len + 1;
    }
    return nr;
}

int wire_number(const char *text, uint64_t most, uint64_t *number)
{
    uint64_t value = 0;

    if (!*text) {
        return -EINVAL;
    }
    for (; *text; text++) {
        if (*text < '0' || *text > '9' || value > (most - (uint64_t)(*text - '0')) / 10) {
            return -EINVAL;
        }
        value = value * 10 + (uint64_t)(*text - '0');
    }
    *number = value;
    return 0;
}

/* --- answers --- */

void wire_reply(struct request *request, const void *body, size_t len)
{
    conn_queue_reply(request->conn, &request->head, body, len);
}

void wire_reply_text(struct request *request, const char *text)
{
    wire_reply(request, text, strlen(text) + 1);
}

void wire_reply_ok(struct request *request)
{
    wire_reply_text(request, "OK");
}

static void reply_error(const struct request *request)
{
    const char *name = error_name(request->error);
    struct xsd_sockmsg head = request->head;

    head.type = XS_ERROR;
    conn_queue_reply(request->conn, &head, name, strlen(name) + 1);
}

/* --- doing --- */

/* NULL: there is no such request. */
static const struct op *op_of(const struct request *request)
{
    const struct op *op = &ops[request->head.type < XS_TYPE_COUNT ? request->head.type : 0];

    return request->head.type < XS_TYPE_COUNT && op->handler ? op : NULL;
}

static int dispatch(struct request *request)
{
    const struct op *op = op_of(request);

    if (!op) {
        return -ENOSYS;
    }
    if (op->flags & PRIVILEGED && !request->conn->domain->privileged) {
        return -EACCES;
    }
    request->txn = NULL;
    if (op->flags & IN_TXN && request->head.tx_id) {
        request->txn = txn_find(request->conn, request->head.tx_id);
        if (!request->txn) {
            return -ENOENT;
        }
    }
    return op->handler(request);
}

static void take(const struct request *request)
{
    conn_forget_input(request->conn);
    if (request->take) {
        SET(request->conn->in_pos, request->conn->in_pos + request->take);
    }
}

static int do_step(void *arg)
{
    struct request *request = arg;
    int rc;

    request->keep = false;
    take(request);
    rc = dispatch(request);
    if (rc < 0) {
        request->error = -rc;
        if (!request->keep) {
            return rc;
        }
        reply_error(request);
    }
    return 0;
}

/* A transaction that could not be applied is over all the same: its client thinks so. */
static int refuse_step(void *arg)
{
    struct request *request = arg;

    take(request);
    if (request->head.type == XS_TRANSACTION_END && request->error == ENOSPC) {
        struct txn *txn = txn_find(request->conn, request->head.tx_id);

        if (txn) {
            txn_drop(txn);
        }
    }
    reply_error(request);
    return 0;
}

static void trace(const struct request *request)
{
    const struct xsd_sockmsg *head = &request->head;
    const char *name = op_of(request) ? op_of(request)->name : "?";

    log_trace("%u/%u %s tx %u: %.*s%s%s\n", request->conn->domain->domid, request->conn->id, name,
              head->tx_id, (int)strnlen(request->body, head->len), request->body,
              request->error ? " -> " : "", request->error ? error_name(request->error) : "");
}

int wire_do(struct request *request)
{
    const struct op *op = op_of(request);
    int rc;

    request->error = 0;
    rc = op && op->flags & RELIEF ? peers_run_relief(do_step, request)
                                  : peers_run(do_step, request);
    if (rc < 0) {
        request->error = -rc;
        rc = peers_run_last(refuse_step, request);
    }
    if (log_is_tracing()) {
        trace(request);
    }
    return rc;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Many requests at once. Messages are made as they are queued, with their number in the batch as
 * id; the real ids and the transaction are filled in before sending. A failed queueing is kept
 * and reported by submit.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"
#include "xs_client.h"

struct request {
    size_t at;              /* of its message in out */
    uint32_t type;
    struct message *reply;
};

struct ctrl_batch {
    struct ctrl_store *store;
    struct bytes out;
    struct request *requests;
    unsigned int nr, room;
    int failed;             /* first failure to queue, */
    char failed_at[128];    /* and what it was */
};

int ctrl_batch_create(struct ctrl_store *store, struct ctrl_batch **batch)
{
    struct ctrl_batch *b = calloc(1, sizeof(*b));

    if (!b) {
        return fail_errno(store->ctrl, -ENOMEM, "xenstore: requests");
    }
    b->store = store;
    *batch = b;
    return 0;
}

static void drop_replies(struct ctrl_batch *batch)
{
    unsigned int i;

    for (i = 0; i < batch->nr; i++) {
        free(batch->requests[i].reply);
        batch->requests[i].reply = NULL;
    }
}

void ctrl_batch_reset(struct ctrl_batch *batch)
{
    drop_replies(batch);
    batch->nr = 0;
    batch->out.size = 0;
    batch->failed = 0;
}

void ctrl_batch_destroy(struct ctrl_batch *batch)
{
    if (batch) {
        drop_replies(batch);
        bytes_free(&batch->out);
        free(batch->requests);
        free(batch);
    }
}

static unsigned int queue_failed(struct ctrl_batch *batch, int rc, uint32_t type,
                                 const char *path)
{
    if (batch->failed == 0) {
        batch->failed = rc;
        snprintf(batch->failed_at, sizeof(batch->failed_at), "%s %s", wire_name(type), path);
    }
    return batch->nr;
}

static unsigned int queue(struct ctrl_batch *batch, uint32_t type, const struct piece *pieces,
                          unsigned int nr)
{
    struct request *grown;
    unsigned int room;
    size_t at = batch->out.size;
    int rc;

    if (batch->nr == batch->room) {
        room = batch->room ? batch->room * 2 : 64;
        grown = realloc(batch->requests, room * sizeof(*grown));
        if (!grown) {
            return queue_failed(batch, -ENOMEM, type, pieces[0].data);
        }
        batch->requests = grown;
        batch->room = room;
    }
    rc = wire_add(&batch->out, type, CTRL_STORE_NO_TX, batch->nr, pieces, nr);
    if (rc != 0) {
        return queue_failed(batch, rc, type, pieces[0].data);
    }
    batch->requests[batch->nr] = (struct request){ .at = at, .type = type };
    return batch->nr++;
}

static struct piece text_piece(const char *text)
{
    return (struct piece){ text, strlen(text) + 1 };
}

static unsigned int queue_path(struct ctrl_batch *batch, uint32_t type, const char *path)
{
    struct piece piece = text_piece(path);

    return queue(batch, type, &piece, 1);
}

unsigned int ctrl_batch_read(struct ctrl_batch *batch, const char *path)
{
    return queue_path(batch, XS_READ, path);
}

unsigned int ctrl_batch_write(struct ctrl_batch *batch, const char *path, const void *value,
                              size_t size)
{
    struct piece pieces[2] = { text_piece(path), { value, size } };

    return queue(batch, XS_WRITE, pieces, 2);
}

unsigned int ctrl_batch_printf(struct ctrl_batch *batch, const char *path, const char *format, ...)
{
    char text[CTRL_STORE_PAYLOAD_MAX + 1];
    va_list args;
    int length;

    va_start(args, format);
    length = vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    if (length < 0 || (size_t)length >= sizeof(text)) {
        return queue_failed(batch, -E2BIG, XS_WRITE, path);
    }
    return ctrl_batch_write(batch, path, text, (size_t)length);
}

unsigned int ctrl_batch_mkdir(struct ctrl_batch *batch, const char *path)
{
    return queue_path(batch, XS_MKDIR, path);
}

unsigned int ctrl_batch_remove(struct ctrl_batch *batch, const char *path)
{
    return queue_path(batch, XS_RM, path);
}

unsigned int ctrl_batch_list(struct ctrl_batch *batch, const char *path)
{
    return queue_path(batch, XS_DIRECTORY, path);
}

unsigned int ctrl_batch_set_perms(struct ctrl_batch *batch, const char *path,
                                  const struct ctrl_store_perm *perms, unsigned int nr)
{
    char text[CTRL_STORE_PAYLOAD_MAX];
    struct piece pieces[2] = { text_piece(path), { text, 0 } };
    int size = store_format_perms(perms, nr, text, sizeof(text));

    if (size < 0) {
        return queue_failed(batch, size, XS_SET_PERMS, path);
    }
    pieces[1].size = (size_t)size;
    return queue(batch, XS_SET_PERMS, pieces, 2);
}

unsigned int ctrl_batch_watch(struct ctrl_batch *batch, const char *path, const char *token)
{
    struct piece pieces[2] = { text_piece(path), text_piece(token) };

    return queue(batch, XS_WATCH, pieces, 2);
}

unsigned int ctrl_batch_introduce(struct ctrl_batch *batch, uint32_t domid, uint64_t mfn,
                                  uint32_t port)
{
    char text[3][24];
    struct piece pieces[3];

    snprintf(text[0], sizeof(text[0]), "%" PRIu32, domid);
    snprintf(text[1], sizeof(text[1]), "%" PRIu64, mfn);
    snprintf(text[2], sizeof(text[2]), "%" PRIu32, port);
    pieces[0] = text_piece(text[0]);
    pieces[1] = text_piece(text[1]);
    pieces[2] = text_piece(text[2]);
    return queue(batch, XS_INTRODUCE, pieces, 3);
}

unsigned int ctrl_batch_release(struct ctrl_batch *batch, uint32_t domid)
{
    char text[24];

    snprintf(text, sizeof(text), "%" PRIu32, domid);
    return queue_path(batch, XS_RELEASE, text);
}

/* Requests that a transaction does not take. */
static bool outside_tx(uint32_t type)
{
    return type == XS_WATCH || type == XS_INTRODUCE || type == XS_RELEASE;
}

static void fill_ids(struct ctrl_batch *batch, uint32_t tx, uint32_t first)
{
    struct xsd_sockmsg head;
    uint8_t *at;
    unsigned int i;

    for (i = 0; i < batch->nr; i++) {
        at = batch->out.data + batch->requests[i].at;
        memcpy(&head, at, sizeof(head));
        head.req_id = first + i;
        head.tx_id = outside_tx(batch->requests[i].type) ? CTRL_STORE_NO_TX : tx;
        memcpy(at, &head, sizeof(head));
    }
}

/* What a request was about, from its message. */
static const char *request_path(const struct ctrl_batch *batch, unsigned int number)
{
    return (const char *)batch->out.data + batch->requests[number].at +
           sizeof(struct xsd_sockmsg);
}

static bool may_be_missing(uint32_t type)
{
    return type == XS_READ || type == XS_DIRECTORY || type == XS_RM;
}

static int receive_all(struct ctrl_batch *batch, uint32_t first)
{
    struct request *request;
    unsigned int i;
    int rc;

    for (i = 0; i < batch->nr; i++) {
        request = &batch->requests[i];
        rc = wire_receive(batch->store, &request->reply);
        if (rc != 0) {
            return rc;
        }
        if (request->reply->head.req_id != first + i) {
            batch->store->broken = true;
            return ctrl_fail(batch->store->ctrl, -EPIPE,
                             "xenstore: an answer to another question");
        }
    }
    return 0;
}

/* The first request that failed sets the error. */
static int check_replies(struct ctrl_batch *batch)
{
    const struct request *request;
    unsigned int i;

    for (i = 0; i < batch->nr; i++) {
        request = &batch->requests[i];
        if (request->reply->head.type == XS_ERROR &&
            !(may_be_missing(request->type) &&
              wire_errno(request->reply->payload) == ENOENT)) {
            return store_reply_error(batch->store, request->reply, request->type,
                                     request_path(batch, i));
        }
    }
    return 0;
}

static int run(struct ctrl_batch *batch, uint32_t tx)
{
    uint32_t first = batch->store->next_id + 1;
    int rc;

    if (batch->failed) {
        return fail_errno(batch->store->ctrl, batch->failed, "xenstore: %s", batch->failed_at);
    }
    batch->store->next_id += batch->nr;
    drop_replies(batch);
    fill_ids(batch, tx, first);
    rc = wire_send(batch->store, &batch->out);
    rc = rc ? rc : receive_all(batch, first);
    if (rc != 0) {
        drop_replies(batch);
        return rc;
    }
    return check_replies(batch);
}

int ctrl_batch_submit(struct ctrl_batch *batch)
{
    return run(batch, CTRL_STORE_NO_TX);
}

static int run_in_tx(struct ctrl_store *store, uint32_t tx, void *arg)
{
    (void)store;
    return run(arg, tx);
}

int ctrl_batch_commit(struct ctrl_batch *batch)
{
    return ctrl_store_transaction(batch->store, run_in_tx, batch);
}

int ctrl_batch_reply(const struct ctrl_batch *batch, unsigned int number, const char **value)
{
    const struct message *reply;

    if (number >= batch->nr || !batch->requests[number].reply) {
        return -ENODATA;
    }
    reply = batch->requests[number].reply;
    if (reply->head.type == XS_ERROR) {
        return -wire_errno(reply->payload);
    }
    if (value) {
        *value = reply->payload;
    }
    return (int)reply->head.len;
}

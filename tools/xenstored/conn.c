/* SPDX-License-Identifier: BSD-2-Clause */
/* Connections and their queues. */
#include "conn.h"

#include <string.h>

#include <public/io/xs_wire.h>

#include "domain.h"
#include "log.h"
#include "peer.h"
#include "tree.h"
#include "txn.h"
#include "watch.h"

/* A socket's client that does not read loses its events when so much waits for it. */
#define SOCKET_OUT_MAX 0x1000000u
/* So many of a watch's last events are compared with a new one. */
#define EVENTS_COMPARED 16

struct conn *conn_make(enum conn_kind kind, struct domain *d)
{
    struct conn *conn = arena_alloc(sizeof(*conn));

    conn->kind = kind;
    conn->domain = d;
    conn->fd = -1;
    conn->id = store->next_conn;
    SET(store->next_conn, store->next_conn + 1);
    list_init(&conn->watches);
    list_init(&conn->txns);
    list_init(&conn->out);
    list_append(&store->conns, &conn->link);
    return conn;
}

/* --- output --- */

static struct message *make_message(struct conn *conn, size_t len)
{
    struct message *message = arena_alloc(sizeof(*message) + len);

    message->len = (uint32_t)len;
    list_init(&message->event);
    list_append(&conn->out, &message->link);
    SET(conn->out_bytes, conn->out_bytes + (uint32_t)len);
    domain_add_memory(conn->domain, (int64_t)(sizeof(*message) + len));
    peer_note_output(conn);
    return message;
}

static void drop_message(struct conn *conn, struct message *message)
{
    size_t size = sizeof(*message) + message->len;

    SET(conn->out_bytes, conn->out_bytes - message->len);
    if (!message->is_event) {
        SET(conn->out_replies, conn->out_replies - 1);
    }
    list_remove(&message->link);
    list_remove(&message->event);
    domain_add_memory(conn->domain, -(int64_t)size);
    arena_free(message, size);
}

void conn_queue_reply(struct conn *conn, const struct xsd_sockmsg *request, const void *body,
                      size_t len)
{
    struct message *message = make_message(conn, sizeof(*request) + len);
    struct xsd_sockmsg head = *request;

    head.len = (uint32_t)len;
    memcpy(message->bytes, &head, sizeof(head));
    if (len) {
        memcpy(message->bytes + sizeof(head), body, len);
    }
    SET(conn->out_replies, conn->out_replies + 1);
    domain_note_use(conn->domain);
}

/* The same event waits already: the client learns nothing from another one. */
static bool is_waiting(const struct watch *watch, const char *body, size_t len)
{
    const struct link *link = watch->events.prev;

    for (int i = 0; link != &watch->events && i < EVENTS_COMPARED; i++, link = link->prev) {
        const struct message *message = CONTAINER(link, struct message, event);

        if (message->len == sizeof(struct xsd_sockmsg) + len &&
            memcmp(message->bytes + sizeof(struct xsd_sockmsg), body, len) == 0) {
            return true;
        }
    }
    return false;
}

static bool has_room(const struct conn *conn)
{
    const struct domain *d = conn->domain;

    if (d->privileged ? conn->out_bytes < SOCKET_OUT_MAX
                      : d->memory < store->quota[QUOTA_MEMORY]) {
        return true;
    }
    log_say("A client of domain %u does not take its events; it loses some (%u bytes wait).",
            d->domid, conn->out_bytes);
    return false;
}

void conn_queue_event(struct conn *conn, struct watch *watch, const char *path, size_t len)
{
    static char body[NODE_NAME_MAX + XENSTORE_PAYLOAD_MAX + 2];
    struct xsd_sockmsg head = { .type = XS_WATCH_EVENT };
    size_t size = len + 1 + watch->token_len + 1;
    struct message *message;

    memcpy(body, path, len);
    body[len] = '\0';
    memcpy(body + len + 1, watch->token, watch->token_len);
    body[size - 1] = '\0';
    if (size > XENSTORE_PAYLOAD_MAX || is_waiting(watch, body, size) || !has_room(conn)) {
        return;
    }
    message = make_message(conn, sizeof(head) + size);
    head.len = (uint32_t)size;
    message->is_event = true;
    memcpy(message->bytes, &head, sizeof(head));
    memcpy(message->bytes + sizeof(head), body, size);
    list_append(&watch->events, &message->event);
}

size_t conn_peek(const struct conn *conn, char *to, size_t most)
{
    const struct link *link;
    size_t skip = conn->out_sent, got = 0;

    for (link = conn->out.next; link != &conn->out && got < most; link = link->next) {
        const struct message *message = CONTAINER(link, struct message, link);
        size_t part = message->len - skip;

        if (part > most - got) {
            part = most - got;
        }
        memcpy(to + got, message->bytes + skip, part);
        got += part;
        skip = 0;
    }
    return got;
}

void conn_sent(struct conn *conn, size_t bytes)
{
    bytes += conn->out_sent;
    while (!list_is_empty(&conn->out)) {
        struct message *message = CONTAINER(conn->out.next, struct message, link);

        if (message->len > bytes) {
            /* It cannot be taken for one that a new event would only repeat. */
            if (bytes) {
                list_remove(&message->event);
            }
            break;
        }
        bytes -= message->len;
        drop_message(conn, message);
    }
    SET(conn->out_sent, (uint32_t)bytes);
}

/* --- input --- */

void conn_keep_input(struct conn *conn, const char *bytes, size_t len)
{
    if (!conn->in) {
        SET(conn->in, arena_alloc(CONN_IN_MAX));
        domain_add_memory(conn->domain, CONN_IN_MAX);
    }
    arena_undo(conn->in + conn->in_len, len);
    memcpy(conn->in + conn->in_len, bytes, len);
    SET(conn->in_len, conn->in_len + (uint32_t)len);
}

void conn_forget_input(struct conn *conn)
{
    if (conn->in) {
        arena_free(conn->in, CONN_IN_MAX);
        domain_add_memory(conn->domain, -(int64_t)CONN_IN_MAX);
        SET(conn->in, NULL);
        SET(conn->in_len, 0);
    }
}

/* --- end --- */

void conn_reset(struct conn *conn)
{
    struct link *link, *next;

    watch_remove_all(conn);
    LIST_EACH(link, next, &conn->txns) {
        txn_drop(CONTAINER(link, struct txn, conn_link));
    }
    LIST_EACH(link, next, &conn->out) {
        drop_message(conn, CONTAINER(link, struct message, link));
    }
    SET(conn->out_sent, 0);
    conn_forget_input(conn);
}

void conn_drop(struct conn *conn)
{
    conn_reset(conn);
    peer_note_drop(conn);
    list_remove(&conn->link);
    arena_free(conn, sizeof(*conn));
}

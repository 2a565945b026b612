/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Connections: what waits to be sent to a client, and what a client leaves behind. In a step, but
 * for what says otherwise.
 */
#ifndef XENSTORED_CONN_H
#define XENSTORED_CONN_H

#include "store.h"

struct conn *conn_make(enum conn_kind kind, struct domain *d);
/* Its watches, transactions and messages go with it. */
void conn_drop(struct conn *conn);
/* The same, but the connection stays, as new. */
void conn_reset(struct conn *conn);

/* The client's last answer: its type, request number and transaction come from 'request'. */
struct xsd_sockmsg;
void conn_queue_reply(struct conn *conn, const struct xsd_sockmsg *request, const void *body,
                      size_t len);
void conn_queue_event(struct conn *conn, struct watch *watch, const char *path, size_t len);

/* Not in a step: copies up to 'most' bytes of what is to be sent; they stay queued. */
size_t conn_peek(const struct conn *conn, char *to, size_t most);
/* That many bytes were sent. */
void conn_sent(struct conn *conn, size_t bytes);

/* Keeps bytes of a request that has not come whole, behind those that are kept already. */
void conn_keep_input(struct conn *conn, const char *bytes, size_t len);
void conn_forget_input(struct conn *conn);

#endif

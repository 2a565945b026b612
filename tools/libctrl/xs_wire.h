/* SPDX-License-Identifier: BSD-2-Clause */
/* The wire of xenstore: messages out through a buffer, replies and events in, errors by name. */
#ifndef CTRL_XS_WIRE_H
#define CTRL_XS_WIRE_H

#include <libctrl/store.h>

#include <public/io/xs_wire.h>

/* A growing run of bytes. */
struct bytes {
    uint8_t *data;
    size_t size, room;
    bool failed;        /* something could not be added */
};

void bytes_add(struct bytes *bytes, const void *data, size_t size);
void bytes_free(struct bytes *bytes);

/* Part of a request's payload. */
struct piece {
    const void *data;
    size_t size;
};

#define PIECES_MAX 4

/* Appends one message. -E2BIG: the payload is too long; -ENOMEM. */
int wire_add(struct bytes *out, uint32_t type, uint32_t tx, uint32_t id,
             const struct piece *pieces, unsigned int nr);

/* The errno value (positive) of an error reply's text; EIO if it is none. */
int wire_errno(const char *text);
/* "READ" and so on, for messages. */
const char *wire_name(uint32_t type);

/* A message that came: header and payload with a zero byte behind it. */
struct message {
    struct message *next;
    struct xsd_sockmsg head;
    char payload[];
};

struct message_queue {
    struct message *first, **last;
};

struct ctrl_store {
    struct ctrl *ctrl;
    int fd;
    uint32_t next_id;
    bool broken;                /* the stream ended, or made no sense */
    struct bytes in;            /* bytes of messages that are not complete */
    struct message_queue events;
    struct message *event;      /* the last one given out */
};

/* Sends all bytes, taking in what comes meanwhile. A broken stream: -EPIPE. */
int wire_send(struct ctrl_store *store, const struct bytes *out);
/*
 * Waits for the next reply; events that come before are queued. *reply is the caller's to free.
 */
int wire_receive(struct ctrl_store *store, struct message **reply);
/* Takes in what has come, without waiting. */
int wire_poll(struct ctrl_store *store);

#endif

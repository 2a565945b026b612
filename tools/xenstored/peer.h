/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The process's own part of a connection: socket or mapped ring. It is not in the arena. What a
 * step does to connections becomes true for peers when the step is done: peers_settle().
 */
#ifndef XENSTORED_PEER_H
#define XENSTORED_PEER_H

#include "door.h"
#include "store.h"

#define PEER_IN_SIZE 8192

struct peer {
    struct peer *next, *prev;       /* of all */
    struct peer *next_ready;
    struct conn *conn;
    int fd;                         /* sockets */
    struct door_ring ring;
    bool is_new;                    /* made by the step that runs */
    bool is_connected;              /* its page was mapped by it */
    bool is_dropped;                /* by it */
    bool is_ready;                  /* in the queue of those that may have work */
    bool is_broken;                 /* the other side broke the rules: it is not served any more */
    bool wants_output;              /* polled for that */
    bool wants_no_input;            /* its requests must wait until it has read */
    uint32_t in_from, in_to;        /* what was received and not yet taken */
    char *in;
};

/* In a step: the connection's page and channel are there when the step is done. */
int peer_connect_ring(struct conn *conn, uint64_t mfn, uint32_t remote_port);
/*
 * In a step: the same for one that is connected, by another channel or by the same again. After a
 * failure it has none.
 */
int peer_reconnect_ring(struct conn *conn, uint64_t mfn, uint32_t remote_port);
/* In a step. */
void peer_note_drop(struct conn *conn);
void peer_note_output(struct conn *conn);

/* A socket's peer. NULL: no memory. */
struct peer *peer_of_socket(struct conn *conn, int fd);
/* NULL: no such port. */
struct peer *peer_of_port(uint32_t port);
struct peer *peers_first(void);

/* After a step: 'done' says whether it was done or undone. */
void peers_settle(bool done);
/* arena_run() and so on, then peers_settle(). */
int peers_run(int (*step)(void *arg), void *arg);
int peers_run_relief(int (*step)(void *arg), void *arg);
int peers_run_last(int (*step)(void *arg), void *arg);

/* The queue of peers that may have work. */
void peer_make_ready(struct peer *peer);
struct peer *peer_take_ready(void);
unsigned int peers_ready_count(void);

/* What the loop that polls sockets does when a peer's wishes change. */
extern void (*peer_on_socket)(struct peer *peer, bool closed);

#endif

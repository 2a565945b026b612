/* SPDX-License-Identifier: BSD-2-Clause */
/* Peers: their list, the queue of ready ones, and what follows from a step's end. */
#include "peer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <public/io/xs_wire.h>

#define FEATURES (XENSTORE_SERVER_FEATURE_RECONNECTION | XENSTORE_SERVER_FEATURE_ERROR)

void (*peer_on_socket)(struct peer *peer, bool closed);

static struct peer *all;
static struct peer **by_port;
static uint32_t nr_ports;
static struct peer *ready_first, *ready_last;
static unsigned int nr_ready;
static bool unsettled;

static struct peer *make(struct conn *conn)
{
    struct peer *peer = calloc(1, sizeof(*peer));

    if (!peer) {
        return NULL;
    }
    peer->conn = conn;
    peer->fd = -1;
    peer->next = all;
    if (all) {
        all->prev = peer;
    }
    all = peer;
    conn->peer = peer;
    return peer;
}

static void unqueue(struct peer *peer)
{
    struct peer **place = &ready_first, *before = NULL;

    while (*place && *place != peer) {
        before = *place;
        place = &before->next_ready;
    }
    if (*place) {
        *place = peer->next_ready;
        if (ready_last == peer) {
            ready_last = before;
        }
        nr_ready--;
    }
}

/* Ports are small numbers: they index a table. */
static int note_port(struct peer *peer)
{
    uint32_t port = peer->ring.port, more = nr_ports;
    struct peer **table;

    while (port >= more) {
        more = more ? more * 2 : 64;
    }
    if (more > nr_ports) {
        table = realloc(by_port, more * sizeof(*table));
        if (!table) {
            return -ENOMEM;
        }
        memset(table + nr_ports, 0, (more - nr_ports) * sizeof(*table));
        by_port = table;
        nr_ports = more;
    }
    by_port[port] = peer;
    return 0;
}

static void disconnect(struct peer *peer)
{
    if (peer->ring.page) {
        if (peer->ring.port < nr_ports) {
            by_port[peer->ring.port] = NULL;
        }
        door_disconnect(&peer->ring);
        peer->ring.page = NULL;
    }
}

static int connect_ring(struct peer *peer, uint64_t mfn, uint32_t remote_port)
{
    int rc = door_connect(peer->conn->domain->domid, mfn, remote_port, &peer->ring);

    if (rc) {
        peer->ring.page = NULL;
        return rc;
    }
    rc = note_port(peer);
    if (rc) {
        disconnect(peer);
        return rc;
    }
    peer->is_broken = false;
    peer->is_connected = true;
    unsettled = true;
    return 0;
}

static void destroy(struct peer *peer)
{
    if (peer->is_ready) {
        unqueue(peer);
    }
    if (peer->fd >= 0) {
        if (peer_on_socket) {
            peer_on_socket(peer, true);
        }
        close(peer->fd);
    }
    disconnect(peer);
    if (peer->prev) {
        peer->prev->next = peer->next;
    } else {
        all = peer->next;
    }
    if (peer->next) {
        peer->next->prev = peer->prev;
    }
    free(peer->in);
    free(peer);
}

struct peer *peer_of_socket(struct conn *conn, int fd)
{
    struct peer *peer = make(conn);

    if (peer) {
        peer->fd = fd;
    }
    return peer;
}

int peer_connect_ring(struct conn *conn, uint64_t mfn, uint32_t remote_port)
{
    struct peer *peer = make(conn);

    if (!peer) {
        return -ENOMEM;
    }
    peer->is_new = true;
    unsettled = true;
    return connect_ring(peer, mfn, remote_port);
}

int peer_reconnect_ring(struct conn *conn, uint64_t mfn, uint32_t remote_port)
{
    disconnect(conn->peer);
    conn->peer->is_broken = true;
    return connect_ring(conn->peer, mfn, remote_port);
}

void peer_note_drop(struct conn *conn)
{
    if (conn->peer) {
        conn->peer->is_dropped = true;
        unsettled = true;
    }
}

void peer_note_output(struct conn *conn)
{
    if (conn->peer) {
        peer_make_ready(conn->peer);
    }
}

/* The domain sees from now on what the store has taken and given. */
static void publish(struct peer *peer)
{
    struct xenstore_domain_interface *page = peer->ring.page;

    page->server_features = FEATURES;
    page->error = XENSTORE_ERROR_NONE;
    page->req_cons = peer->conn->in_pos;
    page->rsp_prod = peer->conn->out_pos;
    __atomic_store_n(&page->connection, XENSTORE_CONNECTED, __ATOMIC_RELEASE);
    door_notify(&peer->ring);
    peer_make_ready(peer);
}

void peers_settle(bool done)
{
    struct peer *peer, *next;

    if (!unsettled) {
        return;
    }
    unsettled = false;
    for (peer = all; peer; peer = next) {
        next = peer->next;
        if ((done && peer->is_dropped) || (!done && peer->is_new)) {
            destroy(peer);
            continue;
        }
        if (peer->is_connected) {
            publish(peer);
        }
        peer->is_new = peer->is_dropped = peer->is_connected = false;
    }
}

int peers_run(int (*step)(void *arg), void *arg)
{
    int rc = arena_run(step, arg);

    peers_settle(rc >= 0);
    return rc;
}

int peers_run_relief(int (*step)(void *arg), void *arg)
{
    int rc = arena_run_relief(step, arg);

    peers_settle(rc >= 0);
    return rc;
}

int peers_run_last(int (*step)(void *arg), void *arg)
{
    int rc = arena_run_last(step, arg);

    peers_settle(rc >= 0);
    return rc;
}

struct peer *peer_of_port(uint32_t port)
{
    return port < nr_ports ? by_port[port] : NULL;
}

struct peer *peers_first(void)
{
    return all;
}

void peer_make_ready(struct peer *peer)
{
    if (peer->is_ready) {
        return;
    }
    peer->is_ready = true;
    nr_ready++;
    peer->next_ready = NULL;
    if (ready_first) {
        ready_last->next_ready = peer;
    } else {
        ready_first = peer;
    }
    ready_last = peer;
}

struct peer *peer_take_ready(void)
{
    struct peer *peer = ready_first;

    if (peer) {
        ready_first = peer->next_ready;
        peer->is_ready = false;
        nr_ready--;
    }
    return peer;
}

unsigned int peers_ready_count(void)
{
    return nr_ready;
}

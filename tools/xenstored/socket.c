/* SPDX-License-Identifier: BSD-2-Clause */
/* Sockets. */
#include "socket.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "conn.h"
#include "domain.h"
#include "log.h"
#include "wire.h"

#define BACKLOG 128
/* Requests of one client before the others' turns. */
#define BATCH 8
#define OUT_CHUNK 16384
/* A client that lets so much wait must first read it. */
#define OUT_BYTES_MAX 0x100000u

int socket_listen(const char *path)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    mode_t mask;
    int fd, rc = 0;

    if (strlen(path) >= sizeof(address.sun_path)) {
        log_say("The path of the socket is too long: %s.", path);
        return -ENAMETOOLONG;
    }
    strcpy(address.sun_path, path);
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    unlink(path);
    mask = umask(0177);
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) || listen(fd, BACKLOG)) {
        rc = -errno;
        log_say("Cannot listen at %s: %s.", path, strerror(-rc));
        if (fd >= 0) {
            close(fd);
        }
    }
    umask(mask);
    return rc ? rc : fd;
}

/* --- coming and going --- */

static int make_step(void *arg)
{
    int *fd = arg;
    struct conn *conn = conn_make(CONN_SOCKET, domain_find(0));

    conn->fd = *fd;
    return peer_of_socket(conn, *fd) ? 0 : -ENOMEM;
}

static int drop_step(void *arg)
{
    conn_drop(arg);
    return 0;
}

static void drop(struct peer *peer)
{
    if (peers_run_last(drop_step, peer->conn)) {
        log_say("No memory to forget a client that left; its watches stay.");
        peer_on_socket(peer, true);
        peer->is_broken = true;
    }
}

void socket_accept(int listener)
{
    struct ucred who;
    socklen_t size = sizeof(who);
    int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

    if (fd < 0) {
        if (errno != EAGAIN && errno != ECONNABORTED) {
            log_say("Cannot accept a client: %s.", strerror(errno));
        }
        return;
    }
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &size) || who.uid != 0) {
        log_say("A client that is not root was sent away (user %u, process %d).",
                (unsigned int)who.uid, (int)who.pid);
        close(fd);
        return;
    }
    if (arena_run(make_step, &fd)) {
        log_say("No memory for one more client; it was sent away.");
        close(fd);
        return;
    }
    peer_on_socket(CONTAINER(store->conns.prev, struct conn, link)->peer, false);
}

/* --- output --- */

struct sent {
    struct conn *conn;
    size_t bytes;
};

static int sent_step(void *arg)
{
    struct sent *sent = arg;

    conn_sent(sent->conn, sent->bytes);
    return 0;
}

static void poll_for(struct peer *peer, bool output, bool no_input)
{
    if (output != peer->wants_output || no_input != peer->wants_no_input) {
        peer->wants_output = output;
        peer->wants_no_input = no_input;
        peer_on_socket(peer, false);
    }
}

/* False: the client is gone. */
static bool flush(struct peer *peer)
{
    static char bytes[OUT_CHUNK];
    struct sent sent = { .conn = peer->conn };
    bool blocked = false;

    while (!blocked && !list_is_empty(&peer->conn->out)) {
        size_t len = conn_peek(peer->conn, bytes, sizeof(bytes));
        ssize_t put = send(peer->fd, bytes, len, MSG_DONTWAIT | MSG_NOSIGNAL);

        if (put < 0 && errno != EAGAIN && errno != EINTR) {
            return false;
        }
        blocked = put < (ssize_t)len;
        sent.bytes = put > 0 ? (size_t)put : 0;
        if (sent.bytes && arena_run_last(sent_step, &sent)) {
            return false;
        }
    }
    poll_for(peer, blocked, peer->conn->out_bytes > OUT_BYTES_MAX);
    return true;
}

/* --- input --- */

static bool has_buffer(struct peer *peer)
{
    if (!peer->in) {
        peer->in = malloc(PEER_IN_SIZE);
    }
    return peer->in;
}

/* False: the client has closed its side, or is gone. */
static bool receive(struct peer *peer)
{
    uint32_t have = peer->in_to - peer->in_from;
    ssize_t got;

    if (!has_buffer(peer)) {
        return true;
    }
    memmove(peer->in, peer->in + peer->in_from, have);
    peer->in_from = 0;
    peer->in_to = have;
    /* The byte behind the last is for the zero behind a body. */
    got = recv(peer->fd, peer->in + have, PEER_IN_SIZE - 1 - have, MSG_DONTWAIT);
    if (got > 0) {
        peer->in_to += (uint32_t)got;
    }
    return got > 0 || (got < 0 && (errno == EAGAIN || errno == EINTR));
}

/* Bytes of the first request that is buffered; 0: it is not whole; UINT32_MAX: it never will be. */
static uint32_t whole_request(const struct peer *peer, struct xsd_sockmsg *head)
{
    uint32_t have = peer->in_to - peer->in_from, size;

    if (have < sizeof(*head)) {
        return 0;
    }
    memcpy(head, peer->in + peer->in_from, sizeof(*head));
    size = wire_size(head);
    if (!size) {
        return UINT32_MAX;
    }
    return have < size ? 0 : size;
}

/* False: what the client sent cannot be understood, or not be answered. */
static bool do_first(struct peer *peer, const struct xsd_sockmsg *head, uint32_t size)
{
    char *body = peer->in + peer->in_from + sizeof(*head);
    struct request request = { .conn = peer->conn, .head = *head, .body = body };
    char behind;
    int rc;

    if (size == UINT32_MAX) {
        return false;
    }
    behind = body[head->len];
    body[head->len] = '\0';
    rc = wire_do(&request);
    body[head->len] = behind;
    peer->in_from += size;
    return rc == 0;
}

bool socket_turn(struct peer *peer)
{
    struct xsd_sockmsg head;
    uint32_t size = 0;
    bool open = true;

    if (peer->is_broken) {
        return false;
    }
    if (!flush(peer)) {
        drop(peer);
        return false;
    }
    if (peer->wants_no_input) {
        return false;
    }
    if (!peer->in || !whole_request(peer, &head)) {
        open = receive(peer);
    }
    for (int i = 0; i < BATCH && peer->in && (size = whole_request(peer, &head)); i++) {
        if (!do_first(peer, &head, size)) {
            drop(peer);
            return false;
        }
    }
    if (!open || !flush(peer)) {
        drop(peer);
        return false;
    }
    return peer->in && whole_request(peer, &head);
}

/* --- to the next program and back --- */

static int keep_step(void *arg)
{
    struct peer *peer = arg;

    /* What an earlier restart kept that failed is in the buffer, too. */
    conn_forget_input(peer->conn);
    conn_keep_input(peer->conn, peer->in + peer->in_from, peer->in_to - peer->in_from);
    return 0;
}

int socket_keep_input(struct peer *peer)
{
    /* More than a request at most is done first: that is all that there is room for. */
    return peer->in && peer->in_to > peer->in_from ? arena_run(keep_step, peer) : 0;
}

static int forget_step(void *arg)
{
    conn_forget_input(arg);
    return 0;
}

int socket_take_over(struct conn *conn)
{
    struct peer *peer = peer_of_socket(conn, conn->fd);

    if (!peer || !has_buffer(peer)) {
        return -ENOMEM;
    }
    if (conn->in_len) {
        memcpy(peer->in, conn->in, conn->in_len);
        peer->in_to = conn->in_len;
    }
    return arena_run(forget_step, conn);
}

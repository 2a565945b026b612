/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The loop. Peers that may have work wait in a queue; each round gives each of them one turn, so
 * that one that asks without end costs the others one request a round.
 */
#include "loop.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "domain.h"
#include "log.h"
#include "ring.h"
#include "socket.h"

#define EVENTS 64

static struct {
    int epoll, listener, door, signals;
    bool restart, stop;
} loop = { .epoll = -1 };

/* Sockets are polled with their peer, the others with the place of their number. */
static int poll_for(int fd, uint32_t events, void *what)
{
    struct epoll_event event = { .events = events, .data.ptr = what };

    return epoll_ctl(loop.epoll, EPOLL_CTL_ADD, fd, &event) ? -errno : 0;
}

static void on_socket(struct peer *peer, bool closed)
{
    struct epoll_event event = { .events = 0, .data.ptr = peer };

    if (closed) {
        epoll_ctl(loop.epoll, EPOLL_CTL_DEL, peer->fd, NULL);
        return;
    }
    if (peer->wants_output) {
        event.events |= EPOLLOUT;
    }
    if (!peer->wants_no_input) {
        event.events |= EPOLLIN;
    }
    if (epoll_ctl(loop.epoll, EPOLL_CTL_MOD, peer->fd, &event) && errno == ENOENT) {
        epoll_ctl(loop.epoll, EPOLL_CTL_ADD, peer->fd, &event);
    }
}

int loop_open(int listener, int door, int signals)
{
    int rc;

    loop.epoll = epoll_create1(EPOLL_CLOEXEC);
    loop.listener = listener;
    loop.door = door;
    loop.signals = signals;
    rc = loop.epoll < 0 ? -errno : poll_for(listener, EPOLLIN, &loop.listener);
    if (!rc && door >= 0) {
        rc = poll_for(door, EPOLLIN, &loop.door);
    }
    if (!rc) {
        rc = poll_for(signals, EPOLLIN, &loop.signals);
    }
    if (rc) {
        log_say("Cannot wait for events: %s.", strerror(-rc));
    }
    peer_on_socket = on_socket;
    return rc;
}

int loop_add_sockets(void)
{
    for (struct peer *peer = peers_first(); peer; peer = peer->next) {
        if (peer->fd >= 0) {
            on_socket(peer, false);
        }
        peer_make_ready(peer);
    }
    return 0;
}

void loop_restart(void)
{
    loop.restart = true;
}

/* --- what came --- */

static void take_signal(void)
{
    struct signalfd_siginfo info;

    while (read(loop.signals, &info, sizeof(info)) == sizeof(info)) {
        switch (info.ssi_signo) {
        case SIGUSR1:
            loop.restart = true;
            break;
        case SIGTERM:
        case SIGINT:
            loop.stop = true;
            break;
        }
    }
}

static void take_events(void)
{
    struct peer *peer;
    uint32_t port;
    bool review = false;

    while (door_next_event(&port) == 0) {
        if (port == DOOR_PORT_DOM_EXC) {
            review = true;
        } else if ((peer = peer_of_port(port))) {
            peer_make_ready(peer);
        }
    }
    if (review) {
        domains_review();
    }
}

/* Accepting and reviewing change the peers that other events of the batch name: they come last. */
static void take_polled(const struct epoll_event *events, int nr)
{
    bool accept = false, door = false;

    for (int i = 0; i < nr; i++) {
        void *what = events[i].data.ptr;

        if (what == &loop.listener) {
            accept = true;
        } else if (what == &loop.door) {
            door = true;
        } else if (what == &loop.signals) {
            take_signal();
        } else {
            peer_make_ready(what);
        }
    }
    if (accept) {
        socket_accept(loop.listener);
    }
    if (door) {
        take_events();
    }
}

static void take_turn(struct peer *peer)
{
    if (peer->fd >= 0 ? socket_turn(peer) : ring_turn(peer)) {
        peer_make_ready(peer);
    }
}

/* One turn for each that is ready now; those that become so meanwhile wait for the next round. */
static void run_round(void)
{
    unsigned int turns = peers_ready_count();

    for (; turns && !loop.restart; turns--) {
        struct peer *peer = peer_take_ready();

        if (!peer) {
            return;
        }
        take_turn(peer);
    }
}

enum loop_end loop_run(void)
{
    struct epoll_event events[EVENTS];

    while (!loop.stop) {
        int nr = epoll_wait(loop.epoll, events, EVENTS, peers_ready_count() ? 0 : -1);

        if (nr < 0 && errno != EINTR) {
            log_say("Waiting for events failed: %s.", strerror(errno));
        }
        take_polled(events, nr);
        run_round();
        if (loop.restart) {
            loop.restart = false;
            return LOOP_RESTART;
        }
    }
    return LOOP_STOP;
}

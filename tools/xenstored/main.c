/* SPDX-License-Identifier: BSD-2-Clause */
/* xenstored: options, start and end. docs/interface/xenstore.md says what it is. */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conn.h"
#include "domain.h"
#include "door.h"
#include "log.h"
#include "loop.h"
#include "options.h"
#include "peer.h"
#include "restart.h"
#include "service.h"
#include "socket.h"

/* --- the state file --- */

static const char *open_problem(int rc)
{
    switch (rc) {
    case -EBUSY:
        return "another xenstored uses it";
    case -EPROTO:
        return "an xenstored with another layout of this file wrote it; start that version, or "
               "remove the file when no guest runs";
    case -EBADMSG:
        return "it is damaged, or no state file; remove it when no guest runs";
    case -ENOSPC:
        return "the file system is full; 2 MiB are needed";
    case -EADDRINUSE:
        return "the address at which it must be mapped is taken";
    default:
        return strerror(-rc);
    }
}

static int open_store(const struct options *options, enum arena_found *found)
{
    int rc = arena_open(options->state_path, found);

    if (!rc) {
        rc = *found == ARENA_NEW ? store_create() : store_adopt();
    }
    if (rc) {
        log_say("Cannot use the state file %s: %s.", options->state_path, open_problem(rc));
    }
    return rc;
}

static int set_quotas(void *arg)
{
    const struct options *options = arg;

    for (int kind = 0; kind < QUOTA_COUNT; kind++) {
        if (options->quota_given[kind]) {
            SET(store->quota[kind], options->quota[kind]);
        }
    }
    return 0;
}

/* --- what an earlier process left --- */

static int drop_conn(void *arg)
{
    conn_drop(arg);
    return 0;
}

static int doom_txns(void *arg)
{
    struct conn *conn = arg;
    struct link *link, *next;

    LIST_EACH(link, next, &conn->txns) {
        SET(CONTAINER(link, struct txn, conn_link)->doomed, true);
    }
    return 0;
}

static int reconnect(void *arg)
{
    struct conn *conn = arg;
    const struct domain *d = conn->domain;

    return peer_connect_ring(conn, d->mfn, d->remote_port);
}

static int lose_domain(void *arg)
{
    return domain_lose(arg);
}

/* Sockets are there only in a planned restart; else their clients saw them close. */
static void take_over_conn(struct conn *conn, bool planned)
{
    int rc;

    if (conn->kind == CONN_SOCKET) {
        rc = planned ? socket_take_over(conn) : -EPIPE;
        if (rc) {
            peers_run_last(drop_conn, conn);
        }
        return;
    }
    if (!planned) {
        arena_run_last(doom_txns, conn);
    }
    rc = peers_run(reconnect, conn);
    if (rc) {
        log_say("Domain %u cannot be connected again: %s.", conn->domain->domid, strerror(-rc));
        peers_run_last(lose_domain, conn->domain);
    }
}

static void take_over(bool planned)
{
    struct link *link, *next;

    LIST_EACH(link, next, &store->conns) {
        take_over_conn(CONTAINER(link, struct conn, link), planned);
    }
    domains_review();
}

/* --- start --- */

static int open_signals(void)
{
    sigset_t set;

    signal(SIGPIPE, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigprocmask(SIG_BLOCK, &set, NULL);
    return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

static void raise_limits(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

static int open_listener(const struct options *options)
{
    if (options->take_over_fd < 0) {
        return socket_listen(options->socket_path);
    }
    fcntl(options->take_over_fd, F_SETFD, FD_CLOEXEC);
    return options->take_over_fd;
}

/* dom0's kernel waits for the store: without a page of it there is no guest to serve. */
static int connect_local(const struct options *options)
{
    int rc;

    if (options->no_domains || domain_find(0)->conn) {
        return 0;
    }
    rc = domain_introduce_local();
    if (rc) {
        log_say("Cannot connect this domain's kernel (/proc/xen/xsd_kva, xsd_port): %s.",
                strerror(-rc));
    }
    return rc;
}

static int start(struct options *options, int *listener)
{
    enum arena_found found;
    bool planned = options->take_over_fd >= 0;
    int rc = open_store(options, &found);

    if (!rc && !options->no_domains) {
        rc = door_open();
    }
    if (!rc) {
        rc = arena_run(set_quotas, options);
    }
    if (rc) {
        return rc;
    }
    if (found == ARENA_OLD) {
        log_say("A store of %u nodes and %u domains was there; it goes on.", store->nr_nodes,
                store->nr_domains);
        take_over(planned);
    }
    *listener = open_listener(options);
    if (*listener < 0) {
        return *listener;
    }
    rc = loop_open(*listener, door_fd(), open_signals());
    rc = rc ? rc : connect_local(options);
    return rc ? rc : loop_add_sockets();
}

int main(int argc, char **argv)
{
    struct options options;
    int listener, rc = options_parse(&options, argc, argv);

    if (rc) {
        return rc < 0 ? 1 : 0;
    }
    restart_note(argc, argv);
    raise_limits();
    if (mkdir(options.folder, 0755) && errno != EEXIST) {
        log_say("Cannot make the folder %s: %s.", options.folder, strerror(errno));
        return 1;
    }
    if (!options.foreground && options.take_over_fd < 0) {
        service_detach();
    }
    if (!options.foreground && options.take_over_fd >= 0) {
        log_use_syslog();
    }
    if (options.trace && log_trace_to(options.trace)) {
        log_say("Cannot write the trace to %s.", options.trace);
        return 1;
    }
    if (start(&options, &listener)) {
        return 1;
    }
    service_ready(&options);
    if (!options.foreground) {
        log_use_syslog();
    }
    while (loop_run() == LOOP_RESTART) {
        restart_now(listener);
    }
    service_end(&options);
    return 0;
}

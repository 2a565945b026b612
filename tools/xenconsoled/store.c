/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which consoles there are.
 *
 * @introduceDomain and @releaseDomain say that some domain came or went: the hypervisor's list says
 * which. Each domain's folder /local/domain/N/console is watched with the token "N"; it says where
 * the ring is. A guest can write below its own folder: that costs it events, no more.
 */
#include "store.h"

#include "console.h"
#include "daemon.h"
#include "say.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include <libctrl/domain.h>
#include <libctrl/store.h>

#define RETRY_MS 1000u
/* Of the hypervisor's list of domains, at once. */
#define LIST_PART 256u

static const char token_new[] = "new", token_gone[] = "gone";

/* --- the connection --- */

static void store_ready(struct loop_source *source, uint32_t events)
{
    /* store_work() reads it: replies that waited for may have brought events along. */
    (void)source;
    (void)events;
}

static int connect_store(struct daemon *daemon)
{
    int rc = ctrl_store_open(daemon->ctrl, &daemon->store);

    if (rc < 0) {
        daemon->store = NULL;
        return rc;
    }
    rc = ctrl_store_watch(daemon->store, "@introduceDomain", token_new);
    if (rc == 0)
        rc = ctrl_store_watch(daemon->store, "@releaseDomain", token_gone);
    if (rc < 0) {
        ctrl_store_close(daemon->store);
        daemon->store = NULL;
        return rc;
    }
    daemon->store_source = (struct loop_source){ .fd = ctrl_store_fd(daemon->store),
                                                 .ready = store_ready };
    return loop_set(&daemon->loop, &daemon->store_source, EPOLLIN);
}

int store_start(struct daemon *daemon)
{
    int rc = connect_store(daemon);

    if (rc < 0) {
        daemon->store_retry_ms = loop_now_ms() + RETRY_MS;
        return rc;
    }
    for (struct console *console = daemon->first; console; console = console->next) {
        console->watched = false;
        console->told = false;
    }
    daemon->rescan = true;
    return 0;
}

void store_stop(struct daemon *daemon)
{
    if (!daemon->store)
        return;
    loop_set(&daemon->loop, &daemon->store_source, 0);
    ctrl_store_close(daemon->store);
    daemon->store = NULL;
}

/* A failure that is the connection's, and not the request's. */
static bool lost_store(struct daemon *daemon, int rc)
{
    if (rc != -EPIPE && rc != -ECONNRESET && rc != -EIO)
        return false;
    say("xenstored is gone. Consoles go on; new guests must wait until it is back.");
    store_stop(daemon);
    daemon->store_retry_ms = loop_now_ms() + RETRY_MS;
    return true;
}

int store_due(const struct daemon *daemon)
{
    uint64_t now;

    if (daemon->store)
        return daemon->rescan || daemon->store_more ? 0 : -1;
    now = loop_now_ms();
    return now >= daemon->store_retry_ms ? 0 : (int)(daemon->store_retry_ms - now);
}

/* --- one domain's console --- */

int store_tell_tty(struct daemon *daemon, uint32_t domid, const char *path)
{
    struct ctrl_store_perm perms[] = {
        { .domid = CTRL_DOM0 },
        { .domid = domid, .read = true },
    };
    struct ctrl_batch *batch;
    char node[64];
    int rc;

    if (!daemon->store)
        return -ENOTCONN;
    rc = ctrl_batch_create(daemon->store, &batch);
    if (rc < 0)
        return rc;
    snprintf(node, sizeof(node), "/local/domain/%u/console/tty", domid);
    ctrl_batch_printf(batch, node, "%s", path);
    ctrl_batch_set_perms(batch, node, perms, 2);
    rc = ctrl_batch_submit(batch);
    if (rc < 0)
        say("domain %u: %s.", domid, ctrl_error(daemon->ctrl));
    ctrl_batch_destroy(batch);
    return rc;
}

/* A number of the store, which the guest may have written. */
static int parse_number(const char *text, uint64_t *number)
{
    char *end;

    errno = 0;
    *number = strtoull(text, &end, 10);
    return errno || end == text || *end || text[0] == '-' ? -EINVAL : 0;
}

struct replies {
    const char *type, *ring, *port, *limit, *name;
};

/* False: not a console of ours, or not told completely yet. */
static bool understand(const struct replies *replies, struct console_place *place)
{
    uint64_t port, limit;

    if (replies->type && strcmp(replies->type, "xenconsoled") != 0)
        return false;
    if (!replies->ring || parse_number(replies->ring, &place->frame) < 0)
        return false;
    if (!replies->port || parse_number(replies->port, &port) < 0 || port == 0 || port > UINT32_MAX)
        return false;
    place->port = (uint32_t)port;
    place->limit = HISTORY_LIMIT;
    if (replies->limit && parse_number(replies->limit, &limit) == 0 && limit < HISTORY_LIMIT)
        place->limit = limit < HISTORY_KEPT ? HISTORY_KEPT : limit;
    place->name = replies->name ? replies->name : "";
    return true;
}

static int ask(struct daemon *daemon, struct ctrl_batch *batch, uint32_t domid,
               struct replies *replies)
{
    static const char *const nodes[] = {
        "console/type", "console/ring-ref", "console/port", "console/limit", "name",
    };
    const char **fields[] = { &replies->type, &replies->ring, &replies->port, &replies->limit,
                              &replies->name };
    unsigned int numbers[5];
    char path[64];
    int rc;

    for (unsigned int i = 0; i < 5; i++) {
        snprintf(path, sizeof(path), "/local/domain/%u/%s", domid, nodes[i]);
        numbers[i] = ctrl_batch_read(batch, path);
    }
    rc = ctrl_batch_submit(batch);
    if (rc < 0)
        say("domain %u: %s.", domid, ctrl_error(daemon->ctrl));
    for (unsigned int i = 0; i < 5; i++)
        if (ctrl_batch_reply(batch, numbers[i], fields[i]) < 0)
            *fields[i] = NULL;
    return rc;
}

/* Read where the console is, and follow. */
static int refresh(struct daemon *daemon, struct console *console)
{
    struct replies replies = { 0 };
    struct console_place place;
    struct ctrl_batch *batch;
    int rc = ctrl_batch_create(daemon->store, &batch);

    if (rc < 0)
        return rc;
    rc = ask(daemon, batch, console->domid, &replies);
    if (rc == 0 && understand(&replies, &place))
        console_attach(console, &place);
    ctrl_batch_destroy(batch);
    return rc;
}

static int watch(struct daemon *daemon, struct console *console)
{
    char path[64], token[16];
    int rc;

    snprintf(path, sizeof(path), "/local/domain/%u/console", console->domid);
    snprintf(token, sizeof(token), "%u", console->domid);
    rc = ctrl_store_watch(daemon->store, path, token);
    console->watched = rc == 0 || rc == -EEXIST;
    if (!console->watched)
        say("domain %u: %s.", console->domid, ctrl_error(daemon->ctrl));
    return rc;
}

static void unwatch(struct daemon *daemon, struct console *console)
{
    char path[64], token[16];

    if (!console->watched || !daemon->store)
        return;
    snprintf(path, sizeof(path), "/local/domain/%u/console", console->domid);
    snprintf(token, sizeof(token), "%u", console->domid);
    ctrl_store_unwatch(daemon->store, path, token);
    console->watched = false;
}

/* --- all domains --- */

static void see(struct daemon *daemon, const struct ctrl_domain_info *info)
{
    struct console *console = daemon->by_domid[info->domid];

    if (info->domid == CTRL_DOM0 || info->dying)
        return;
    /* The id has been used again since the last look. */
    if (console && memcmp(console->uuid, info->uuid, sizeof(console->uuid)) != 0 &&
        console->ring) {
        unwatch(daemon, console);
        console_end(console);
        console = NULL;
    }
    if (!console) {
        console = console_create(daemon, info->domid);
        if (!console) {
            say("domain %u: no memory for its console.", info->domid);
            return;
        }
    }
    memcpy(console->uuid, info->uuid, sizeof(console->uuid));
    console->seen = true;
    /* The watch fires at once, and that reads the rest. */
    if (!console->watched)
        watch(daemon, console);
    else if (!console->ring)
        refresh(daemon, console);
}

/* Sees all domains from an id on; returns how many there are. */
static int see_from(struct daemon *daemon, uint32_t first)
{
    static struct ctrl_domain_info infos[LIST_PART];
    int nr, all = 0;

    do {
        nr = ctrl_domain_list(daemon->ctrl, first, LIST_PART, infos);
        if (nr < 0) {
            say("%s.", ctrl_error(daemon->ctrl));
            return nr;
        }
        for (int i = 0; i < nr; i++)
            see(daemon, &infos[i]);
        if (nr > 0)
            first = infos[nr - 1].domid + 1;
        all += nr;
    } while (nr == (int)LIST_PART);
    daemon->next_domid = first;
    return all;
}

static void scan(struct daemon *daemon)
{
    daemon->rescan = false;
    for (struct console *console = daemon->first; console; console = console->next)
        console->seen = false;
    if (see_from(daemon, 0) < 0)
        return;
    for (struct console *console = daemon->first; console; console = console->next) {
        if (!console->seen && !console->ending) {
            unwatch(daemon, console);
            console_end(console);
        }
    }
}

/* A new domain has nearly always the next id: all are looked at only if there is none above. */
static void scan_new(struct daemon *daemon)
{
    if (see_from(daemon, daemon->next_domid) <= 0)
        daemon->rescan = true;
}

/* The writing of tty is our own: not worth to read all again. */
static bool is_ours(const char *path)
{
    size_t length = strlen(path);

    return length >= 4 && strcmp(path + length - 4, "/tty") == 0;
}

static int take_event(struct daemon *daemon, const struct ctrl_store_event *event)
{
    struct console *console;
    uint64_t domid;

    if (strcmp(event->token, token_gone) == 0) {
        daemon->rescan = true;
        return 0;
    }
    if (strcmp(event->token, token_new) == 0) {
        scan_new(daemon);
        return 0;
    }
    if (parse_number(event->token, &domid) < 0 || domid >= CTRL_DOMID_LIMIT ||
        is_ours(event->path))
        return 0;
    console = daemon->by_domid[domid];
    return console ? refresh(daemon, console) : 0;
}

void store_work(struct daemon *daemon)
{
    struct ctrl_store_event event;
    int rc;

    if (!daemon->store) {
        if (store_due(daemon) != 0 || store_start(daemon) < 0)
            return;
        say("xenstored is back.");
    }
    /* Not all at once: the guests' consoles come first again. */
    for (unsigned int i = 0; i < 64; i++) {
        rc = ctrl_store_next_event(daemon->store, &event);
        daemon->store_more = rc == 0;
        if (rc == -EAGAIN)
            break;
        if (rc == 0)
            rc = take_event(daemon, &event);
        if (rc < 0 && lost_store(daemon, rc))
            return;
    }
    if (daemon->rescan) {
        scan(daemon);
        daemon->store_more = true; /* new watches fire at once, perhaps along with a reply */
    }
}

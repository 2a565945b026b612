/* SPDX-License-Identifier: BSD-2-Clause */
/* One guest's console: how it comes and goes. pump.c moves its bytes. */
#include "console.h"

#include "pump.h"
#include "ring.h"
#include "say.h"
#include "store.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>

#include <libctrl/event.h>
#include <libctrl/grant.h>
#include <libctrl/memory.h>

struct console *console_create(struct daemon *daemon, uint32_t domid)
{
    struct console *console = calloc(1, sizeof(*console));

    if (!console)
        return NULL;
    console->daemon = daemon;
    console->domid = domid;
    console->port = -1;
    console->pty = (struct pty){ .master = -1, .watch = -1, .slave = -1 };
    console->limit = HISTORY_LIMIT;
    console->next = daemon->first;
    daemon->first = console;
    daemon->by_domid[domid] = console;
    return console;
}

static int set_port(struct daemon *daemon, uint32_t port, struct console *console)
{
    if (port >= daemon->ports) {
        size_t ports = (port + 64u) * 2;
        struct console **by_port = realloc(daemon->by_port, ports * sizeof(struct console *));

        if (!by_port)
            return -ENOMEM;
        memset(by_port + daemon->ports, 0, (ports - daemon->ports) * sizeof(struct console *));
        daemon->by_port = by_port;
        daemon->ports = ports;
    }
    daemon->by_port[port] = console;
    return 0;
}

static void unthrottle(struct console *console)
{
    if (console->throttled)
        console->daemon->throttled--;
    console->throttled = false;
}

/* --- ring and event channel --- */

static int map_ring(const struct console *console, uint64_t frame, void **ring, bool *granted)
{
    const struct daemon *daemon = console->daemon;
    const uint32_t ref = CTRL_GRANT_CONSOLE;

    *granted = daemon->grant && ctrl_grant_map(daemon->grant, console->domid, 1, &ref,
                                               PROT_READ | PROT_WRITE, ring) == 0;
    if (*granted)
        return 0;
    return ctrl_foreign_map(daemon->ctrl, console->domid, PROT_READ | PROT_WRITE, 1, &frame, NULL,
                            ring);
}

static void unmap_ring(const struct console *console, void *ring, bool granted)
{
    if (granted)
        ctrl_grant_unmap(console->daemon->grant, ring, 1);
    else
        ctrl_foreign_unmap(console->daemon->ctrl, ring, 1);
}

static void unbind_port(struct console *console)
{
    if (console->port < 0)
        return;
    unthrottle(console);
    console->daemon->by_port[console->port] = NULL;
    ctrl_event_unbind(console->daemon->event, (uint32_t)console->port);
    console->port = -1;
}

static void detach(struct console *console)
{
    unbind_port(console);
    if (console->ring)
        unmap_ring(console, console->ring, console->granted);
    console->ring = NULL;
}

static int bind_port(struct console *console, uint32_t remote_port)
{
    struct daemon *daemon = console->daemon;
    int port, rc;

    unbind_port(console);
    port = ctrl_event_bind_interdomain(daemon->event, console->domid, remote_port);
    if (port < 0) {
        say("domain %u: %s.", console->domid, ctrl_error(daemon->ctrl));
        return port;
    }
    rc = set_port(daemon, (uint32_t)port, console);
    if (rc < 0) {
        ctrl_event_unbind(daemon->event, (uint32_t)port);
        return rc;
    }
    console->port = port;
    console->remote_port = remote_port;
    return 0;
}

/* Ring and port together: without either, the console is not attached. */
static int connect_ring(struct console *console, const struct console_place *place)
{
    void *ring;
    bool granted;
    int rc = map_ring(console, place->frame, &ring, &granted);

    if (rc < 0) {
        say("domain %u: %s.", console->domid, ctrl_error(console->daemon->ctrl));
        return rc;
    }
    detach(console);
    rc = bind_port(console, place->port);
    if (rc < 0) {
        unmap_ring(console, ring, granted);
        return rc;
    }
    console->ring = ring;
    console->granted = granted;
    console->frame = place->frame;
    return 0;
}

/* --- log and pty --- */

static void open_log(struct console *console, const char *name)
{
    const struct options *options = &console->daemon->options;
    char *file;

    if (!options->log_guests || console->log.path)
        return;
    if (asprintf(&file, name[0] ? "guest-%s.log" : "guest-%s%u.log", name, console->domid) < 0)
        return;
    for (char *c = file; *c; c++)
        if (*c == '/')
            *c = '_';
    logfile_open(&console->log, &options->guest_rules, options->log_folder, file);
    free(file);
}

static void open_pty(struct console *console)
{
    int rc;

    if (console->pty.master >= 0)
        return;
    rc = pty_open(&console->pty, console->daemon->inotify_source.fd);
    if (rc < 0) {
        say("domain %u: no pseudo terminal: %s. Its console is logged, but \"xl console\" "
            "cannot show it.", console->domid, strerror(-rc));
        return;
    }
    console->source = (struct loop_source){ .fd = console->pty.master, .ready = pump_reader };
    if (console->pty.slave >= 0)
        console_opened(console);
}

int console_attach(struct console *console, const struct console_place *place)
{
    int rc = 0;

    console->limit = place->limit;
    if (!console->ring || place->frame != console->frame)
        rc = connect_ring(console, place);
    else if (console->port < 0 || place->port != console->remote_port)
        rc = bind_port(console, place->port);
    if (rc < 0)
        return rc;
    open_log(console, place->name);
    open_pty(console);
    if (console->pty.master >= 0 && !console->told)
        console->told = store_tell_tty(console->daemon, console->domid, console->pty.path) == 0;
    /* What was written before we came, and a guest that waits for room in a full ring. */
    pump_guest(console);
    return 0;
}

void console_opened(struct console *console)
{
    if (console->has_reader || console->ending)
        return;
    console->has_reader = true;
    history_rewind(&console->history);
    pump_watch_reader(console);
}

/* --- the end --- */

void console_end(struct console *console)
{
    struct daemon *daemon = console->daemon;

    if (console->ending)
        return;
    if (console->ring)
        pump_last(console);
    detach(console);
    logfile_close(&console->log);
    daemon->by_domid[console->domid] = NULL;
    console->ending = true;
    console->linger_end_ms = loop_now_ms() + LINGER_MS;
    daemon->ending++;
}

static void free_console(struct console *console)
{
    struct daemon *daemon = console->daemon;

    loop_set(&daemon->loop, &console->source, 0);
    if (console->pty.master >= 0)
        pty_close(&console->pty, daemon->inotify_source.fd);
    history_fini(&console->history);
    daemon->ending--;
    free(console);
}

static bool may_go(const struct console *console, uint64_t now)
{
    if (!console->has_reader || console->pty.slave >= 0 || now >= console->linger_end_ms)
        return true;
    /* What was written is not at the reader's side at once. */
    if (now + LINGER_MS < console->linger_end_ms + SETTLE_MS)
        return false;
    return history_pending(&console->history) == 0 && !pty_has_unread(&console->pty);
}

void console_reap(struct daemon *daemon)
{
    uint64_t now;

    if (!daemon->ending && !daemon->throttled)
        return;
    now = loop_now_ms();
    for (struct console **link = &daemon->first; *link;) {
        struct console *console = *link;

        if (console->throttled && now >= console->period_end_ms) {
            unthrottle(console);
            console_event(console);
        }
        if (console->ending && may_go(console, now)) {
            *link = console->next;
            free_console(console);
        } else {
            link = &console->next;
        }
    }
}

int console_due(const struct daemon *daemon)
{
    if (daemon->ending)
        return 20;
    return daemon->throttled ? (int)PERIOD_MS / 4 : -1;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* The daemon's work: what it listens to, and one round of serving it. */
#include "serve.h"

#include "console.h"
#include "daemon.h"
#include "hypervisor.h"
#include "say.h"
#include "store.h"

#include <stddef.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <libctrl/event.h>
#include <libctrl/grant.h>

#define OWNER(source, field) \
    ((struct daemon *)((char *)(source) - offsetof(struct daemon, field)))

static void event_ready(struct loop_source *source, uint32_t events)
{
    struct daemon *daemon = OWNER(source, event_source);

    (void)events;
    for (unsigned int i = 0; i < 64; i++) {
        int port = ctrl_event_pending(daemon->event);

        if (port < 0)
            return;
        if (port == daemon->hypervisor_port)
            hypervisor_event(daemon);
        else if ((size_t)port < daemon->ports && daemon->by_port[port])
            console_event(daemon->by_port[port]);
    }
}

/* An overflow has no watch: then anybody may have been opened. New consoles come first. */
static void terminal_opened(struct daemon *daemon, const struct inotify_event *event)
{
    for (struct console *c = daemon->first; c; c = c->next) {
        if (c->pty.watch >= 0 && (event->mask & IN_Q_OVERFLOW)) {
            console_opened(c);
        } else if (c->pty.watch >= 0 && event->wd == c->pty.watch) {
            console_opened(c);
            return;
        }
    }
}

static void inotify_ready(struct loop_source *source, uint32_t events)
{
    struct daemon *daemon = OWNER(source, inotify_source);
    char buffer[4096] __attribute__((aligned(__alignof__(struct inotify_event))));
    ssize_t size = read(source->fd, buffer, sizeof(buffer));

    (void)events;
    for (ssize_t at = 0; at < size;) {
        const struct inotify_event *event = (const struct inotify_event *)(buffer + at);

        terminal_opened(daemon, event);
        at += (ssize_t)(sizeof(*event) + event->len);
    }
}

static int open_devices(struct daemon *daemon)
{
    int rc = ctrl_event_open(daemon->ctrl, &daemon->event);

    if (rc < 0) {
        say("%s.", ctrl_error(daemon->ctrl));
        return rc;
    }
    if (ctrl_grant_open(daemon->ctrl, &daemon->grant) < 0) {
        say_more("%s. Rings are mapped without it.", ctrl_error(daemon->ctrl));
        daemon->grant = NULL;
    }
    daemon->event_source = (struct loop_source){ .fd = ctrl_event_fd(daemon->event),
                                                 .ready = event_ready };
    return loop_set(&daemon->loop, &daemon->event_source, EPOLLIN);
}

int serve_start(struct daemon *daemon)
{
    int rc = open_devices(daemon);

    if (rc < 0)
        return rc;
    daemon->inotify_source = (struct loop_source){ .fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK),
                                                   .ready = inotify_ready };
    if (daemon->inotify_source.fd >= 0)
        loop_set(&daemon->loop, &daemon->inotify_source, EPOLLIN);
    daemon->hypervisor_port = -1;
    if (daemon->options.log_hypervisor)
        hypervisor_start(daemon);
    if (store_start(daemon) < 0)
        say("%s. It is tried again each second.", ctrl_error(daemon->ctrl));
    store_work(daemon);
    return 0;
}

void serve_stop(struct daemon *daemon)
{
    while (daemon->first) {
        for (struct console *c = daemon->first; c; c = c->next) {
            console_end(c);
            c->linger_end_ms = 0;
        }
        console_reap(daemon);
    }
    store_stop(daemon);
    logfile_close(&daemon->hypervisor_log);
    if (daemon->inotify_source.fd >= 0)
        close(daemon->inotify_source.fd);
    if (daemon->grant)
        ctrl_grant_close(daemon->grant);
    ctrl_event_close(daemon->event);
    free(daemon->by_port);
}

void serve_reopen_logs(struct daemon *daemon)
{
    for (struct console *console = daemon->first; console; console = console->next)
        logfile_reopen(&console->log);
    logfile_reopen(&daemon->hypervisor_log);
}

static int sooner(int a, int b)
{
    if (a < 0 || b < 0)
        return a < 0 ? b : a;
    return a < b ? a : b;
}

void serve_round(struct daemon *daemon, int timeout_ms)
{
    int due = sooner(store_due(daemon), console_due(daemon));

    loop_wait(&daemon->loop, sooner(due, timeout_ms));
    store_work(daemon);
    console_reap(daemon);
}

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One guest's console: its ring, its event channel, a pty for readers, a log.
 *
 * A console is made when its domain appears, and is 'attached' once the store has said where its
 * ring is and it could be mapped. When the domain dies, what the ring still holds is taken and the
 * ring is let go at once, as it would keep the domain from being gone; the pty stays a little
 * while for a reader that has not read all.
 */
#ifndef CONSOLED_CONSOLE_H
#define CONSOLED_CONSOLE_H

#include "daemon.h"
#include "history.h"
#include "pty.h"

struct xencons_interface;

/* A guest that sends more events than this waits until the period ends. */
#define EVENTS_A_PERIOD 30u
#define PERIOD_MS       200u
/* How long a dead guest's reader may take, and what it gets at least. */
#define LINGER_MS       2000u
#define SETTLE_MS       100u

struct console {
    struct daemon *daemon;
    struct console *next;
    uint32_t domid;
    uint8_t uuid[16];
    bool seen;              /* by the scan of the domains that is going on */
    bool watched;           /* the store tells of changes */
    bool told;              /* the store has the pty's path */
    bool ending;            /* the domain is gone */

    struct xencons_interface *ring; /* NULL: not attached */
    bool granted;           /* how it was mapped */
    uint64_t frame;
    uint32_t remote_port;
    int port;               /* ours; -1: none */

    struct loop_source source;      /* the pty's master side */
    struct pty pty;
    bool has_reader;
    bool input_waits;       /* the guest takes no more bytes for now */
    bool output_waits;      /* the reader must take some before the guest may go on */
    struct history history;
    size_t limit;           /* of the history */
    struct logfile log;

    uint64_t period_end_ms;
    unsigned int events;    /* in this period */
    bool throttled;
    uint64_t linger_end_ms;
};

/* Where the ring is, as the store says. */
struct console_place {
    uint64_t frame;
    uint32_t port;
    size_t limit;
    const char *name;       /* the guest's */
};

/* A console that is not attached; NULL: no memory. */
struct console *console_create(struct daemon *daemon, uint32_t domid);

/*
 * Map the ring, take what it holds, make pty and log. For an attached console: follow a change of
 * the ring's place. -errno: nothing has changed.
 */
int console_attach(struct console *console, const struct console_place *place);

/* The domain is gone. The console will be freed by console_reap(). */
void console_end(struct console *console);

/* The guest's event. */
void console_event(struct console *console);

/* Somebody opened the pty. */
void console_opened(struct console *console);

/* What is due: ends of periods, readers that have read all. To be called after each round. */
void console_reap(struct daemon *daemon);

/* Milliseconds until console_reap() has something to do; -1: nothing. */
int console_due(const struct daemon *daemon);

#endif

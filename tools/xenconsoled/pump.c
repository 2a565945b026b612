/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Moves a console's bytes.
 *
 * Guest to reader: the ring is emptied at each event, so the guest never waits for a reader, unless
 * --overflow-data=keep was given. Reader to guest: the reader waits while the ring is full.
 */
#include "pump.h"

#include "console.h"
#include "ring.h"

#include <errno.h>
#include <poll.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <libctrl/event.h>

static void notify(const struct console *console)
{
    ctrl_event_notify(console->daemon->event, (uint32_t)console->port);
}

void pump_watch_reader(struct console *console)
{
    uint32_t events = 0;

    if (console->has_reader) {
        /* A hang-up is told in any case. */
        events = console->input_waits ? EPOLLRDHUP : EPOLLIN;
        if (history_pending(&console->history))
            events |= EPOLLOUT;
    }
    loop_set(&console->daemon->loop, &console->source, events);
}

static bool hung_up(const struct console *console)
{
    struct pollfd poll_one = { .fd = console->pty.master };

    return poll(&poll_one, 1, 0) == 1 && (poll_one.revents & POLLHUP);
}

static void reader_left(struct console *console)
{
    if (console->pty.slave >= 0)
        return;
    console->has_reader = false;
    pty_flush(&console->pty);
    if (!console->daemon->options.keep_output)
        history_skip(&console->history);
}

/* Give the reader what is pending, as far as it takes it. */
static void send_pending(struct console *console)
{
    const char *data;
    size_t size;
    ssize_t done;

    while (console->has_reader && (size = history_peek(&console->history, &data)) > 0) {
        done = write(console->pty.master, data, size);
        if (done <= 0)
            return;
        history_advance(&console->history, (size_t)done);
    }
}

static void add_output(struct console *console, const char *data, size_t size)
{
    bool keep = console->daemon->options.keep_output;

    logfile_write(&console->log, data, size);
    history_add(&console->history, data, size, console->limit);
    if (!console->has_reader && !keep)
        history_skip(&console->history);
}

/* True: the guest must wait for its reader. */
static bool must_wait(const struct console *console)
{
    return console->daemon->options.keep_output &&
           history_pending(&console->history) + RING_OUT_SIZE > console->limit;
}

static void take_output(struct console *console)
{
    char buffer[RING_OUT_SIZE];
    size_t size;

    console->output_waits = must_wait(console);
    if (console->output_waits)
        return;
    size = ring_take(console->ring, buffer);
    if (!size)
        return;
    notify(console);
    add_output(console, buffer, size);
}

/* From the reader to the guest; also from one that wrote and left before the guest took it all. */
static void take_input(struct console *console)
{
    char buffer[RING_IN_SIZE];
    size_t space = console->ring ? ring_space(console->ring) : 0;
    ssize_t size;

    console->input_waits = true;
    if (space == 0)
        return;
    size = read(console->pty.master, buffer, space);
    if (size > 0) {
        /* A guest that changed its index since may take less; that is its loss. */
        ring_put(console->ring, buffer, (size_t)size);
        notify(console);
        console->input_waits = !console->has_reader;
        return;
    }
    console->input_waits = false;
    if (size < 0 && errno == EIO && console->has_reader)
        reader_left(console);
}

void pump_guest(struct console *console)
{
    if (!console->ring)
        return;
    take_output(console);
    send_pending(console);
    if (console->input_waits)
        take_input(console);
    pump_watch_reader(console);
}

void pump_last(struct console *console)
{
    char buffer[RING_OUT_SIZE];
    size_t size = ring_take(console->ring, buffer);

    if (size)
        add_output(console, buffer, size);
    send_pending(console);
    pump_watch_reader(console);
}

void pump_reader(struct loop_source *source, uint32_t events)
{
    struct console *console =
        (struct console *)((char *)source - offsetof(struct console, source));

    if (events & (EPOLLIN | EPOLLHUP | EPOLLERR))
        take_input(console);
    /* It left what the guest does not take yet: do not ask for that until it does. */
    if (console->input_waits && (events & EPOLLHUP) && hung_up(console))
        reader_left(console);
    send_pending(console);
    if (console->output_waits && !must_wait(console))
        take_output(console);
    pump_watch_reader(console);
}

void console_event(struct console *console)
{
    struct daemon *daemon = console->daemon;
    uint64_t now = loop_now_ms();

    if (now >= console->period_end_ms) {
        console->period_end_ms = now + PERIOD_MS;
        console->events = 0;
    }
    if (console->events >= EVENTS_A_PERIOD) {
        /* Still masked: the guest's next event is ours when the period is over. */
        daemon->throttled += !console->throttled;
        console->throttled = true;
        return;
    }
    console->events++;
    pump_guest(console);
    ctrl_event_unmask(daemon->event, (uint32_t)console->port);
}

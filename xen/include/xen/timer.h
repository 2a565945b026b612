/* SPDX-License-Identifier: BSD-2-Clause */
/* One-shot timers, per-CPU queues. Handlers run in softirq context on the timer's CPU. */
#ifndef XEN_TIMER_H
#define XEN_TIMER_H

#include <xen/types.h>

struct timer {
    stime_t expires;
    void (*fn)(void *arg);
    void *arg;
    struct timer *child, *next, *prev; /* in its CPU's queue, see timer.c */
    uint16_t cpu;
    uint8_t state;
};

void timer_init(struct timer *t, void (*fn)(void *arg), void *arg, unsigned int cpu);
/* (Re)arms; a time in the past fires at once. Safe from any context, the handler included. */
void timer_set(struct timer *t, stime_t expires);
void timer_stop(struct timer *t);
/*
 * Stops for good, and waits until a running handler has finished (not from the handler itself,
 * nor with a lock that it takes). A timer that was never initialised is left alone.
 */
void timer_kill(struct timer *t);
/* From now on it fires on @cpu. A timer that was never initialised is left alone. */
void timer_migrate(struct timer *t, unsigned int cpu);
bool timer_is_queued(const struct timer *t);

/* Prepares the queue of @cpu; before the first timer_init() for it. */
void timer_init_cpu(unsigned int cpu);

#endif

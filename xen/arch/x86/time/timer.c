/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The interrupt that timers wait for: the local APIC's timer, by TSC deadline where the CPU can,
 * else by a count of its own clock. It may fire early (a long wait, a corrected rate): then the
 * timer softirq finds nothing due and programs it again.
 */
#include <asm/lapic.h>
#include <xen/hwirq.h>
#include <xen/softirq.h>
#include <xen/time.h>

#include "clock.h"

/* Longest wait; longer ones are programmed again. Nothing overflows below it. */
#define LONGEST_WAIT SECONDS(1000)

static struct scale ns_to_count;

static void timer_interrupt(void)
{
    softirq_raise(SOFTIRQ_TIMER);
}

/* The rate of the count; not needed in deadline mode. */
void lapic_timer_set_rate(uint64_t hz)
{
    ns_to_count = scale_of(hz, SECONDS(1));
}

void lapic_timer_register(void)
{
    irq_set_vector_handler(VECTOR_LAPIC_TIMER, timer_interrupt);
}

static void program_deadline(stime_t deadline)
{
    struct time_base base;
    uint64_t ahead;

    time_base_get(&base);
    /* Rounded up, so that the deadline has come when it fires. */
    ahead = deadline > (stime_t)base.ns
                ? scale_apply(base.to_tsc, (uint64_t)deadline - base.ns) + 2 : 0;
    lapic_timer_set_deadline(base.tsc + ahead - (uint64_t)tsc_adjustment());
}

static void program_count(stime_t wait)
{
    uint64_t count = scale_apply(ns_to_count, (uint64_t)wait) + 1;

    lapic_timer_set_count((uint32_t)MIN(count, UINT32_MAX));
}

void arch_timer_program(stime_t deadline)
{
    stime_t t, wait;

    if (deadline == INT64_MAX) {
        if (lapic_timer_is_deadline) {
            lapic_timer_set_deadline(0);
        } else {
            lapic_timer_set_count(0);
        }
        return;
    }
    t = now();
    if (deadline <= t) {
        softirq_raise(SOFTIRQ_TIMER);
        return;
    }
    wait = MIN(deadline - t, LONGEST_WAIT);
    if (lapic_timer_is_deadline) {
        program_deadline(t + wait);
    } else {
        program_count(wait);
    }
}

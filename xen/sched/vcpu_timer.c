/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The timers of a vCPU follow it to the CPU where it runs. The periodic one ticks only while the
 * vCPU runs; a tick that came due meanwhile is made up for when it runs again.
 */
#include <xen/time.h>

#include "run_queue.h"

/* What a new vCPU starts with. */
#define PERIOD_DEFAULT MILLISECS(10)

static void singleshot_fired(void *vcpu)
{
    sched_upcalls.vcpu_timer_fired(vcpu);
}

static void periodic_fired(void *vcpu)
{
    struct vcpu *v = vcpu;
    stime_t period = READ_ONCE(v->periodic_period), t = now();

    /* A vCPU that has just left its CPU must not be woken by this. */
    if (period > 0 && READ_ONCE(v->is_running)) {
        v->periodic_last = t;
        sched_upcalls.vcpu_timer_fired(v);
        timer_set(&v->periodic_timer, t + period);
    }
}

/* @v comes to run on this CPU. */
void vcpu_timers_enter(struct vcpu *v)
{
    stime_t period = READ_ONCE(v->periodic_period);

    timer_migrate(&v->singleshot_timer, v->cpu);
    timer_migrate(&v->poll_timer, v->cpu);
    timer_migrate(&v->periodic_timer, v->cpu);
    if (period > 0) {
        timer_set(&v->periodic_timer, v->periodic_last + period);
    }
}

void vcpu_timers_leave(struct vcpu *v)
{
    timer_stop(&v->periodic_timer);
}

void vcpu_periodic_timer_set(struct vcpu *v, stime_t period)
{
    stime_t t = now();

    WRITE_ONCE(v->periodic_last, t);
    WRITE_ONCE(v->periodic_period, period);
    if (period > 0) {
        timer_set(&v->periodic_timer, t + period);
    } else {
        timer_stop(&v->periodic_timer);
    }
}

void vcpu_timers_init(struct vcpu *v)
{
    timer_init(&v->singleshot_timer, singleshot_fired, v, v->cpu);
    timer_init(&v->periodic_timer, periodic_fired, v, v->cpu);
    v->periodic_period = PERIOD_DEFAULT;
}

void vcpu_timers_kill(struct vcpu *v)
{
    timer_kill(&v->singleshot_timer);
    timer_kill(&v->periodic_timer);
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* How long each vCPU has been running, runnable, blocked and offline. Lock: its run queue's. */
#include <public/vcpu.h>
#include <xen/time.h>

#include "run_queue.h"

void runstate_change(struct vcpu *v, int state, stime_t t)
{
    struct runstate *r = &v->sched->runstate;

    if (r->state != state) {
        if (t > r->entry_time) {
            r->time[r->state] += (uint64_t)(t - r->entry_time);
            r->entry_time = t;
        }
        r->state = state;
    }
}

int runstate_off_cpu(const struct vcpu *v)
{
    if (vcpu_is_runnable(v)) {
        return RUNSTATE_runnable;
    }
    return bit_test(&v->pause_flags, VPF_BLOCKED) ? RUNSTATE_blocked : RUNSTATE_offline;
}

void vcpu_runstate_get_at_entry(struct vcpu *v, struct runstate *out)
{
    unsigned long flags;
    struct run_queue *q = run_queue_lock(v, &flags);

    *out = v->sched->runstate;
    spin_unlock_irqrestore(&q->lock, flags);
}

void vcpu_runstate_get(struct vcpu *v, struct runstate *out)
{
    stime_t t;

    vcpu_runstate_get_at_entry(v, out);
    t = now();
    if (t > out->entry_time) {
        out->time[out->state] += (uint64_t)(t - out->entry_time);
    }
}

uint64_t vcpu_cpu_time(struct vcpu *v)
{
    struct runstate r;

    vcpu_runstate_get(v, &r);
    return r.time[RUNSTATE_running];
}

uint64_t sched_idle_time(unsigned int cpu)
{
    return vcpu_cpu_time(idle_vcpu[cpu]);
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* The scheduler's side of vCPUs and domains: their making and end, and affinity. */
#include <public/sched.h>
#include <public/vcpu.h>
#include <xen/alloc.h>
#include <xen/bug.h>
#include <xen/errno.h>
#include <xen/softirq.h>
#include <xen/time.h>

#include "run_queue.h"

/* Neighbouring vCPUs start on different CPUs. */
static unsigned int first_cpu(const struct vcpu *v)
{
    unsigned int cpu = cpumask_next(&cpu_online_map, 0);

    for (unsigned int i = v->id % MAX(nr_cpus_online, 1U); i > 0; i--) {
        unsigned int next = cpumask_next(&cpu_online_map, cpu + 1);

        cpu = next < NR_CPUS ? next : cpumask_next(&cpu_online_map, 0);
    }
    return cpu;
}

int sched_vcpu_init(struct vcpu *v)
{
    struct sched_vcpu *s = heap_new(struct sched_vcpu);

    if (s == NULL) {
        return -ENOMEM;
    }
    s->vcpu = v;
    list_init(&s->node);
    cpumask_fill(&s->hard);
    cpumask_fill(&s->soft);
    s->is_relative = true;
    s->runstate.state = RUNSTATE_offline;
    s->runstate.entry_time = now();
    v->cpu = first_cpu(v);
    v->sched = s;
    vcpu_timers_init(v);
    return 0;
}

void sched_vcpu_fini(struct vcpu *v)
{
    if (v->sched != NULL) {
        ASSERT(!v->is_running && !v->sched->is_queued);
        vcpu_timers_kill(v);
        heap_free(v->sched);
        v->sched = NULL;
    }
}

static void watchdog_fired(void *watchdog)
{
    const struct watchdog *w = watchdog;

    domain_shutdown(w->domain, SHUTDOWN_watchdog);
}

int sched_domain_init(struct domain *d)
{
    struct sched_domain *s = heap_new(struct sched_domain);
    unsigned int cpu = cpumask_next(&cpu_online_map, 0);

    if (s == NULL) {
        return -ENOMEM;
    }
    s->weight = WEIGHT_DEFAULT;
    s->shutdown_code = -1;
    timer_init(&s->refill, cap_refill, d, cpu);
    for (unsigned int i = 0; i < NR_WATCHDOGS; i++) {
        s->watchdog[i].domain = d;
        timer_init(&s->watchdog[i].timer, watchdog_fired, &s->watchdog[i], cpu);
    }
    d->sched = s;
    return 0;
}

void sched_domain_fini(struct domain *d)
{
    if (d->sched != NULL) {
        timer_kill(&d->sched->refill);
        for (unsigned int i = 0; i < NR_WATCHDOGS; i++) {
            timer_kill(&d->sched->watchdog[i].timer);
        }
        heap_free(d->sched);
        d->sched = NULL;
    }
}

/*
 * The affinity changed; the queue's lock is held until here. Leaves a CPU that is no longer in it,
 * and looks for the best place anew if it waits.
 */
static void affinity_apply(struct run_queue *q, struct vcpu *v, unsigned long flags)
{
    if (v->is_running) {
        if (!cpumask_test(&v->sched->hard, v->cpu)) {
            softirq_raise_cpu(v->cpu, SOFTIRQ_SCHEDULE);
        }
    } else if (v->sched->is_queued) {
        fair_dequeue(q, v);
    }
    spin_unlock_irqrestore(&q->lock, flags);
    vcpu_wake(v);
}

int vcpu_set_affinity(struct vcpu *v, const cpumask_t *hard, const cpumask_t *soft)
{
    cpumask_t usable = cpumask_and(hard, &cpu_online_map);
    struct sched_vcpu *s = v->sched;
    struct run_queue *q;
    unsigned long flags;

    if (cpumask_is_empty(&usable)) {
        return -EINVAL;
    }
    q = run_queue_lock(v, &flags);
    if (s->is_pinned) {
        s->saved_hard = *hard;
    } else {
        s->hard = *hard;
    }
    s->soft = *soft;
    affinity_apply(q, v, flags);
    return 0;
}

void vcpu_get_affinity(struct vcpu *v, cpumask_t *hard, cpumask_t *soft)
{
    unsigned long flags;
    struct run_queue *q = run_queue_lock(v, &flags);

    *hard = v->sched->is_pinned ? v->sched->saved_hard : v->sched->hard;
    *soft = v->sched->soft;
    spin_unlock_irqrestore(&q->lock, flags);
}

int vcpu_pin_override(struct vcpu *v, int cpu)
{
    struct sched_vcpu *s = v->sched;
    unsigned long flags;
    struct run_queue *q;

    if (cpu >= NR_CPUS || (cpu >= 0 && !cpumask_test(&cpu_online_map, (unsigned int)cpu))) {
        return -EINVAL;
    }
    q = run_queue_lock(v, &flags);
    if (cpu >= 0 ? s->is_pinned : !s->is_pinned) {
        spin_unlock_irqrestore(&q->lock, flags);
        return cpu >= 0 ? -EBUSY : -EINVAL;
    }
    if (cpu >= 0) {
        s->saved_hard = s->hard;
        s->hard = cpumask_of((unsigned int)cpu);
    } else {
        s->hard = s->saved_hard;
    }
    s->is_pinned = cpu >= 0;
    affinity_apply(q, v, flags);
    return 0;
}

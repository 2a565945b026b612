/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Fair shares of one CPU. A vCPU's virtual time advances while it runs, the slower the larger
 * its domain's weight; whoever is behind runs next. So over time each gets its weight's share.
 *
 * The queue's floor is the virtual time of its most backward vCPU, and never goes back. One that
 * wakes after a long sleep starts a little more than a slice behind the floor: enough to run at
 * once, too little to keep the others waiting. Who moves to another queue keeps its distance from
 * the floor.
 *
 * The running vCPU gives way to the first waiting one when it is a slice of virtual time ahead of
 * it, but not before it has run for the rate limit; both are the CPU's own (struct sched_params). A
 * timer is needed only while one waits.
 */
#include <public/vcpu.h>
#include <xen/time.h>

#include "run_queue.h"

#define WAKE_CREDIT MILLISECS(4) /* beyond the slice */
#define SHORTEST    MICROSECS(50) /* not worth a timer of its own */
#define RECHECK     MILLISECS(10)

static struct vcpu *queue_first(const struct run_queue *q)
{
    if (list_is_empty(&q->waiting)) {
        return NULL;
    }
    return list_entry(q->waiting.next, struct sched_vcpu, node)->vcpu;
}

uint32_t fair_weight(const struct vcpu *v)
{
    return v->is_idle ? 0 : READ_ONCE(v->domain->sched->weight);
}

static void floor_advance(struct run_queue *q)
{
    const struct vcpu *first = queue_first(q);
    int64_t least = INT64_MAX;

    if (!q->running->is_idle) {
        least = q->running->sched->vtime;
    }
    if (first != NULL) {
        least = MIN(least, first->sched->vtime);
    }
    if (least != INT64_MAX) {
        q->floor = MAX(q->floor, least);
    }
}

/* Accounts the running vCPU's time up to @t. */
void fair_charge(struct run_queue *q, stime_t t)
{
    struct vcpu *v = q->running;
    struct sched_vcpu *s = v->sched;
    stime_t ran = t - s->charged_until;

    if (!v->is_idle && ran > 0) {
        int64_t weight = fair_weight(v), units = ran * WEIGHT_DEFAULT + s->vtime_rest;

        /* The rest is kept: many short runs must not come for free. */
        s->vtime += units / weight;
        s->vtime_rest = (uint32_t)(units % weight);
        s->charged_until = t;
        cap_charge(v->domain, ran, t);
        floor_advance(q);
    }
}

void fair_enqueue(struct run_queue *q, struct vcpu *v, stime_t t)
{
    struct sched_vcpu *s = v->sched;
    struct list_node *pos = q->waiting.prev;

    /* The floor must be that of now. */
    fair_charge(q, t);
    if (s->is_relative) {
        s->vtime += q->floor;
        s->is_relative = false;
    }
    s->vtime = MAX(s->vtime, q->floor - q->params.slice - WAKE_CREDIT);
    while (pos != &q->waiting && list_entry(pos, struct sched_vcpu, node)->vtime > s->vtime) {
        pos = pos->prev;
    }
    list_insert(pos, &s->node);
    s->is_queued = true;
    s->queued_weight = fair_weight(v);
    q->waiting_load += s->queued_weight;
    if (q->nr_waiting++ == 0) {
        cpumask_set(&waiting_cpus, q->cpu);
    }
}

void fair_dequeue(struct run_queue *q, struct vcpu *v)
{
    struct sched_vcpu *s = v->sched;

    list_remove(&s->node);
    s->is_queued = false;
    q->waiting_load -= s->queued_weight;
    if (--q->nr_waiting == 0) {
        cpumask_clear(&waiting_cpus, q->cpu);
    }
}

/* @v, neither queued nor running, leaves @from's rule for the queue of @cpu. */
void fair_move(struct run_queue *from, struct vcpu *v, unsigned int cpu, stime_t t)
{
    fair_charge(from, t);
    if (!v->sched->is_relative) {
        v->sched->vtime -= from->floor;
        v->sched->is_relative = true;
    }
    v->cpu = cpu;
    v->sched->moved_at = t;
}

/*
 * When @running, charged up to @t, has to give way to the first that waits; not after @t: now.
 * INT64_MAX: nobody waits.
 */
stime_t fair_deadline(const struct run_queue *q, const struct vcpu *running, stime_t t)
{
    const struct vcpu *first = queue_first(q);
    int64_t lead;
    stime_t due;

    if (first == NULL) {
        return INT64_MAX;
    }
    if (running->is_idle) {
        return t;
    }
    lead = first->sched->vtime + q->params.slice - running->sched->vtime;
    due = t;
    if (lead > 0) {
        /* A very large lead would overflow below; it is looked at again in any case. */
        lead = MIN(lead, RECHECK * WEIGHT_DEFAULT) * fair_weight(running) / WEIGHT_DEFAULT;
        due += MAX(lead, SHORTEST);
    }
    due = MAX(due, running->sched->switched_in + q->params.rate_limit);
    return MIN(due, t + RECHECK);
}

/* The running vCPU yields: behind everybody who waits, but not much into its own debt. */
static void yield_apply(struct run_queue *q, struct sched_vcpu *s)
{
    const struct sched_vcpu *last = list_entry(q->waiting.prev, struct sched_vcpu, node);

    s->vtime = MAX(s->vtime, MIN(last->vtime, q->floor + q->params.slice));
}

/* Takes whose domain has used up its cap out of the queue's front. */
static struct vcpu *first_within_cap(struct run_queue *q)
{
    struct vcpu *v;

    while ((v = queue_first(q)) != NULL && cap_is_exhausted(v->domain)) {
        fair_dequeue(q, v);
        v->sched->is_parked = true;
    }
    return v;
}

/*
 * The vCPU to run from @t on: the running one, charged up to @t, or one taken from the queue; or
 * NULL.
 */
struct vcpu *fair_pick(struct run_queue *q, stime_t t)
{
    struct vcpu *prev = q->running, *first = first_within_cap(q);
    struct sched_vcpu *s = prev->sched;
    bool may_stay = !prev->is_idle && vcpu_is_runnable(prev) && cpumask_test(&s->hard, q->cpu);
    bool yields = s->yields;

    s->yields = false;
    if (may_stay && cap_is_exhausted(prev->domain)) {
        s->is_parked = true;
        may_stay = false;
    }
    if (may_stay && first != NULL && yields) {
        yield_apply(q, s);
    } else if (may_stay && fair_deadline(q, prev, t) > t) {
        return prev;
    }
    if (first != NULL) {
        fair_dequeue(q, first);
    }
    return first;
}

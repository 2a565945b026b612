/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which CPU: the place of a vCPU that wakes, what an idle CPU takes from others, and, where more
 * vCPUs want to run than there are CPUs, a rotation that lets each of them share in the emptier
 * ones.
 *
 * idle_cpus and waiting_cpus are hints, read without a lock. A CPU sets its idle bit before it
 * looks for work, and whoever queues a vCPU reads idle_cpus afterwards: one sees the other.
 * A second queue's lock is only ever tried.
 */
#include <xen/time.h>

#include "run_queue.h"

#define IMPROVE_AFTER MILLISECS(100)
#define SWAP_AFTER    MILLISECS(200)

cpumask_t idle_cpus;
cpumask_t waiting_cpus;

static unsigned int mask_next_wrapped(const cpumask_t *m, unsigned int from)
{
    unsigned int cpu = cpumask_next(m, from);

    return cpu < NR_CPUS ? cpu : cpumask_next(m, 0);
}

static uint32_t queue_load(const struct run_queue *q)
{
    return READ_ONCE(q->waiting_load) + READ_ONCE(q->running_weight);
}

/* Of equals, the next one from @from on: so that a rotation visits all of them. */
static unsigned int least_loaded(const cpumask_t *mask, unsigned int from)
{
    cpumask_t left = *mask;
    unsigned int cpu = from, best = NR_CPUS;

    while ((cpu = mask_next_wrapped(&left, cpu)) < NR_CPUS) {
        if (best == NR_CPUS || queue_load(run_queues[cpu]) < queue_load(run_queues[best])) {
            best = cpu;
        }
        cpumask_clear(&left, cpu);
    }
    return best;
}

/*
 * Where @v, which neither runs nor waits, should wait to run: an idle CPU of its soft affinity,
 * else of its hard affinity, else where it was, else the least loaded one. Near where it was, if
 * possible.
 */
unsigned int balance_place(const struct vcpu *v)
{
    const struct sched_vcpu *s = v->sched;
    cpumask_t hard = cpumask_and(&s->hard, &cpu_online_map);
    cpumask_t soft = cpumask_and(&hard, &s->soft);
    cpumask_t idle = cpumask_and(&soft, &idle_cpus);

    if (cpumask_is_empty(&idle)) {
        idle = cpumask_and(&hard, &idle_cpus);
    }
    if (!cpumask_is_empty(&idle)) {
        return mask_next_wrapped(&idle, v->cpu);
    }
    if (cpumask_test(&hard, v->cpu)) {
        return v->cpu;
    }
    return least_loaded(!cpumask_is_empty(&soft) ? &soft : &hard, v->cpu);
}

/*
 * The first in the other queue that may run here, by preference one that likes it here; none that
 * ran only just now, if the queue wants that.
 */
static struct vcpu *find_movable(const struct run_queue *from, unsigned int cpu, stime_t t)
{
    struct vcpu *found = NULL;
    struct list_node *pos;

    list_for_each(pos, &from->waiting) {
        struct sched_vcpu *s = list_entry(pos, struct sched_vcpu, node);

        if (cpumask_test(&s->hard, cpu) && !cap_is_exhausted(s->vcpu->domain) &&
            (from->params.move_delay == 0 || t - s->charged_until >= from->params.move_delay)) {
            if (cpumask_test(&s->soft, cpu)) {
                return s->vcpu;
            }
            if (found == NULL) {
                found = s->vcpu;
            }
        }
    }
    return found;
}

struct vcpu *balance_steal(struct run_queue *q, stime_t t, bool *retry)
{
    cpumask_t busy = waiting_cpus;
    unsigned int cpu = q->cpu;

    *retry = false;
    while ((cpu = mask_next_wrapped(&busy, cpu)) < NR_CPUS) {
        struct run_queue *from = run_queues[cpu];
        struct vcpu *v;

        cpumask_clear(&busy, cpu);
        if (from == q) {
            continue;
        }
        if (!spin_trylock(&from->lock)) {
            *retry = true;
            continue;
        }
        v = find_movable(from, q->cpu, t);
        if (v != NULL) {
            fair_dequeue(from, v);
            fair_move(from, v, q->cpu, t);
        }
        spin_unlock(&from->lock);
        if (v != NULL) {
            v->sched->vtime += q->floor;
            v->sched->is_relative = false;
            return v;
        }
    }
    return NULL;
}

/*
 * The waiting one that may run on @cpu and has been here longest, so that everybody's turn comes to
 * move; NULL also if the running one has been here longer: then it is better to wait for it.
 */
static struct vcpu *find_settled(const struct run_queue *q, unsigned int cpu)
{
    const struct sched_vcpu *running = q->running->sched;
    struct sched_vcpu *found = NULL;
    struct list_node *pos;

    list_for_each(pos, &q->waiting) {
        struct sched_vcpu *s = list_entry(pos, struct sched_vcpu, node);

        if (cpumask_test(&s->hard, cpu) && (found == NULL || s->moved_at < found->moved_at)) {
            found = s;
        }
    }
    if (found == NULL ||
        (cpumask_test(&running->hard, cpu) && running->moved_at < found->moved_at)) {
        return NULL;
    }
    return found->vcpu;
}

/* Where at least one of those that wait may run. */
static cpumask_t cpus_of_waiting(const struct run_queue *q)
{
    cpumask_t any = { { 0 } };
    struct list_node *pos;

    list_for_each(pos, &q->waiting) {
        any = cpumask_or(&any, &list_entry(pos, struct sched_vcpu, node)->hard);
    }
    return cpumask_and(&any, &cpu_online_map);
}

/*
 * @q has waiting vCPUs: moves one to the least loaded CPU, if that makes the loads more even, or,
 * less often, if it swaps them: that is what shares two CPUs fairly among three vCPUs.
 */
void balance_push(struct run_queue *q, stime_t t)
{
    struct run_queue *to;
    uint32_t lead;
    struct vcpu *v;
    cpumask_t cpus;

    if (t - q->last_balance < IMPROVE_AFTER) {
        return;
    }
    cpus = cpus_of_waiting(q);
    if (cpumask_is_empty(&cpus)) {
        return;
    }
    to = run_queues[least_loaded(&cpus, q->cpu + 1)];
    lead = MAX(queue_load(q), queue_load(to)) - queue_load(to);
    v = to != q ? find_settled(q, to->cpu) : NULL;
    if (v == NULL || v->sched->queued_weight > lead ||
        (v->sched->queued_weight == lead && t - q->last_balance < SWAP_AFTER) ||
        !spin_trylock(&to->lock)) {
        return;
    }
    fair_dequeue(q, v);
    fair_move(q, v, to->cpu, t);
    fair_enqueue(to, v, t);
    run_queue_tickle(to, v, t);
    /* A full interval passes on both CPUs before the next move. */
    q->last_balance = t;
    to->last_balance = t;
    spin_unlock(&to->lock);
}

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The scheduler's core: when a vCPU starts and stops running. Which one runs is fair.c's choice,
 * where it runs balance.c's.
 *
 * A vCPU is in one of three places, all guarded by the lock of the queue that v->cpu names:
 *   waiting  is_queued                    runnable, its registers in its struct
 *   on a CPU is_running, queue->running   until its registers are saved (sched_context_saved)
 *   neither                               not runnable, parked by its domain's cap, or just off
 *                                         a CPU
 * v->cpu changes only while the vCPU is not on a CPU.
 *
 * Block against wake. Whoever wakes clears the pause reason (an atomic operation), then calls
 * vcpu_wake(), which takes the queue's lock. Under that lock it finds the vCPU
 *   - neither waiting nor on a CPU: it queues it;
 *   - waiting: nothing is left to do;
 *   - on a CPU: schedule() has not decided yet, and will see it runnable, or it has decided
 *     against it, and sched_context_saved() will look again, under the same lock, and queue it.
 * So a wake-up is never lost, and a vCPU never runs before its registers are saved.
 * Blocking sets VPF_BLOCKED first and then looks for a deliverable event; sending makes the event
 * pending first and then tests VPF_BLOCKED. Both are full barriers: at least one sees the other.
 *
 * Locks: run queues (LOCK_RUN_QUEUE), interrupts off. No second one but by trylock (balance.c).
 */
#include <asm/cpu.h>
#include <asm/current.h>
#include <public/vcpu.h>
#include <xen/alloc.h>
#include <xen/arch.h>
#include <xen/bug.h>
#include <xen/errno.h>
#include <xen/softirq.h>
#include <xen/time.h>

#include "run_queue.h"

struct vcpu *idle_vcpu[NR_CPUS];
struct run_queue *run_queues[NR_CPUS];

static cpumask_t called_cpus; /* idle ones that were called to take what waits elsewhere */

/* Only gives the idle vCPUs an id; not in the list of domains. */
static struct domain idle_domain = { .id = DOMID_IDLE };

struct run_queue *run_queue_lock(const struct vcpu *v, unsigned long *flags)
{
    for (;;) {
        unsigned int cpu = READ_ONCE(v->cpu);
        struct run_queue *q = run_queues[cpu];

        *flags = spin_lock_irqsave(&q->lock);
        if (likely(v->cpu == cpu)) {
            return q;
        }
        spin_unlock_irqrestore(&q->lock, *flags);
    }
}

bool vcpu_is_runnable(const struct vcpu *v)
{
    return __atomic_load_n(&v->pause_flags, __ATOMIC_RELAXED) == 0 &&
           __atomic_load_n(&v->pause_count, __ATOMIC_RELAXED) == 0 &&
           __atomic_load_n(&v->domain->pause_count, __ATOMIC_RELAXED) == 0;
}

/* Calls an idle CPU that may run @v, which waits, to come and take it. */
static void call_idle_cpu(const struct vcpu *v)
{
    cpumask_t idle = cpumask_and(&v->sched->hard, &idle_cpus);
    unsigned int cpu = cpumask_next(&idle, 0);

    if (cpu < NR_CPUS && bit_test_and_clear_atomic(idle_cpus.bits, cpu)) {
        cpumask_set(&called_cpus, cpu);
        softirq_raise_cpu(cpu, SOFTIRQ_SCHEDULE);
    }
}

/* A called CPU has got work of its own meanwhile. Rare, so all are asked. */
static void pass_call_on(void)
{
    unsigned int cpu;

    for_each_cpu(cpu, &idle_cpus) {
        softirq_raise_cpu(cpu, SOFTIRQ_SCHEDULE);
    }
}

void run_queue_tickle(struct run_queue *q, const struct vcpu *v, stime_t t)
{
    stime_t due;

    if (q->running->is_idle) {
        cpumask_clear(&idle_cpus, q->cpu);
        softirq_raise_cpu(q->cpu, SOFTIRQ_SCHEDULE);
        return;
    }
    due = fair_deadline(q, q->running, t);
    if (due <= t) {
        softirq_raise_cpu(q->cpu, SOFTIRQ_SCHEDULE);
    } else if (!timer_is_queued(&q->slice) || due < q->slice.expires) {
        timer_set(&q->slice, due);
    }
    /* One may have fallen idle since the place was chosen. */
    call_idle_cpu(v);
}

/* Queues @v if it is runnable and neither waiting nor on a CPU; @leaves: it just left its CPU. */
static void vcpu_settle(struct vcpu *v, bool leaves)
{
    struct sched_vcpu *s = v->sched;
    unsigned long flags;
    struct run_queue *q = run_queue_lock(v, &flags);
    bool is_placed = false;

    if (leaves) {
        __atomic_store_n(&v->is_running, false, __ATOMIC_RELEASE);
    }
    while (!s->is_queued && !s->is_parked && !v->is_running && vcpu_is_runnable(v)) {
        unsigned int cpu = is_placed ? v->cpu : balance_place(v);
        stime_t t = now();

        is_placed = true;
        if (cpu != v->cpu) {
            fair_move(q, v, cpu, t);
            spin_unlock_irqrestore(&q->lock, flags);
            q = run_queue_lock(v, &flags);
            continue;
        }
        fair_enqueue(q, v, t);
        runstate_change(v, RUNSTATE_runnable, t);
        run_queue_tickle(q, v, t);
        if (leaves) {
            balance_push(q, t);
        }
    }
    /* Put off its CPU as runnable, and stopped before its registers were saved. */
    if (leaves && s->runstate.state == RUNSTATE_runnable && !vcpu_is_runnable(v)) {
        runstate_change(v, runstate_off_cpu(v), now());
    }
    spin_unlock_irqrestore(&q->lock, flags);
}

void vcpu_wake(struct vcpu *v)
{
    vcpu_settle(v, false);
}

void vcpu_unpark(struct vcpu *v)
{
    unsigned long flags;
    struct run_queue *q = run_queue_lock(v, &flags);
    bool was_parked = v->sched->is_parked;

    v->sched->is_parked = false;
    if (v->sched->is_queued) {
        /* Idle CPUs passed it by. */
        run_queue_tickle(q, v, now());
    }
    spin_unlock_irqrestore(&q->lock, flags);
    if (was_parked) {
        vcpu_wake(v);
    }
}

void vcpu_sleep(struct vcpu *v)
{
    unsigned long flags;
    struct run_queue *q = run_queue_lock(v, &flags);

    if (!vcpu_is_runnable(v)) {
        if (v->is_running) {
            softirq_raise_cpu(v->cpu, SOFTIRQ_SCHEDULE);
        } else {
            if (v->sched->is_queued) {
                fair_dequeue(q, v);
            }
            v->sched->is_parked = false;
            runstate_change(v, runstate_off_cpu(v), now());
        }
    }
    spin_unlock_irqrestore(&q->lock, flags);
}

void vcpu_unblock(struct vcpu *v)
{
    if (bit_test_and_clear_atomic(&v->pause_flags, VPF_BLOCKED)) {
        bit_clear_atomic(&v->pause_flags, VPF_POLLING);
        vcpu_wake(v);
    }
}

void vcpu_kick(struct vcpu *v)
{
    if (__atomic_load_n(&v->is_running, __ATOMIC_SEQ_CST)) {
        unsigned int cpu = READ_ONCE(v->cpu);

        if (cpu != smp_processor_id()) {
            arch_kick_cpu(cpu);
        }
    }
}

void vcpu_yield(void)
{
    current->sched->yields = true;
    softirq_raise(SOFTIRQ_SCHEDULE);
}

void vcpu_block_current(void)
{
    struct vcpu *v = current;

    bit_set_atomic(&v->pause_flags, VPF_BLOCKED);
    if (sched_upcalls.event_is_deliverable(v)) {
        bit_clear_atomic(&v->pause_flags, VPF_BLOCKED);
    } else {
        softirq_raise(SOFTIRQ_SCHEDULE);
    }
}

/* What runs next on @q's CPU from @t on. */
static struct vcpu *pick_next(struct run_queue *q, stime_t t)
{
    struct vcpu *next = fair_pick(q, t);
    bool was_called = bit_test(called_cpus.bits, q->cpu), retry = false;

    if (was_called) {
        cpumask_clear(&called_cpus, q->cpu);
        if (next != NULL) {
            pass_call_on();
        }
    }
    if (next == NULL) {
        /* Before looking elsewhere: whoever queues something from here on sees an idle CPU. */
        cpumask_set(&idle_cpus, q->cpu);
        next = balance_steal(q, t, &retry);
        if (next == NULL) {
            if (retry) {
                softirq_raise(SOFTIRQ_SCHEDULE);
            }
            return idle_vcpu[q->cpu];
        }
    }
    cpumask_clear(&idle_cpus, q->cpu);
    return next;
}

/* Those that came to an idle CPU together: one runs, the others may find another CPU. */
static void spread_waiting(const struct run_queue *q)
{
    struct list_node *pos;

    list_for_each(pos, &q->waiting) {
        call_idle_cpu(list_entry(pos, struct sched_vcpu, node)->vcpu);
    }
}

static void slice_program(struct run_queue *q, const struct vcpu *next, stime_t t)
{
    stime_t due = INT64_MAX;

    if (!next->is_idle) {
        due = cap_limit(next->domain, t, fair_deadline(q, next, t));
    }
    if (due == INT64_MAX) {
        timer_stop(&q->slice);
    } else {
        timer_set(&q->slice, due);
    }
}

/* SOFTIRQ_SCHEDULE. Does not return if another vCPU is to run. */
static void schedule(void)
{
    struct run_queue *q = run_queues[smp_processor_id()];
    unsigned long flags = spin_lock_irqsave(&q->lock);
    struct vcpu *prev = q->running, *next;
    stime_t t = now();

    ASSERT(prev == current);
    fair_charge(q, t);
    next = pick_next(q, t);
    if (next != prev) {
        runstate_change(prev, runstate_off_cpu(prev), t);
        runstate_change(next, RUNSTATE_running, t);
        next->sched->charged_until = t;
        next->sched->switched_in = t;
        next->is_running = true;
        q->running = next;
        q->running_weight = fair_weight(next);
        spread_waiting(q);
    }
    slice_program(q, next, t);
    spin_unlock(&q->lock);
    if (next == prev) {
        irq_restore(flags);
        return;
    }
    /* Interrupts stay off until the new vCPU is on. */
    if (!prev->is_idle) {
        vcpu_timers_leave(prev);
        arch_update_runstate_area(prev);
    }
    arch_context_switch(prev, next);
}

void sched_context_saved(struct vcpu *prev)
{
    struct vcpu *v = current;

    if (prev->is_idle) {
        prev->is_running = false;
    } else {
        vcpu_settle(prev, true);
    }
    if (!v->is_idle) {
        pvclock_update(v);
        vcpu_timers_enter(v);
        arch_update_runstate_area(v);
    }
}

void idle_loop(void)
{
    /* Finds out that this CPU is idle, or what there is to run. */
    softirq_raise(SOFTIRQ_SCHEDULE);
    for (;;) {
        softirq_run();
        if (buddy_scrub_some()) {
            continue;
        }
        irq_disable();
        if (softirq_is_pending(smp_processor_id())) {
            irq_enable();
        } else {
            arch_idle();
        }
    }
}

void sched_set_params(const cpumask_t *cpus, const struct sched_params *params)
{
    unsigned int cpu;

    for_each_cpu(cpu, cpus) {
        struct run_queue *q = run_queues[cpu];
        unsigned long flags = spin_lock_irqsave(&q->lock);

        q->params = *params;
        spin_unlock_irqrestore(&q->lock, flags);
        /* What runs may have to give way earlier. */
        softirq_raise_cpu(cpu, SOFTIRQ_SCHEDULE);
    }
}

static void slice_ended(void *queue)
{
    const struct run_queue *q = queue;

    softirq_raise_cpu(q->cpu, SOFTIRQ_SCHEDULE);
}

int sched_init_cpu(unsigned int cpu)
{
    struct run_queue *q = heap_new(struct run_queue);
    struct vcpu *v = heap_new(struct vcpu);
    struct sched_vcpu *s = heap_new(struct sched_vcpu);

    if (q == NULL || v == NULL || s == NULL) {
        heap_free(q);
        heap_free(v);
        heap_free(s);
        return -ENOMEM;
    }
    s->vcpu = v;
    list_init(&s->node);
    s->hard = cpumask_of(cpu);
    s->soft = s->hard;
    v->domain = &idle_domain;
    v->id = cpu;
    v->cpu = cpu;
    v->is_idle = true;
    v->is_running = true;
    v->sched = s;
    spin_init(&v->state_lock, LOCK_VCPU_STATE);

    spin_init(&q->lock, LOCK_RUN_QUEUE);
    q->cpu = cpu;
    q->running = v;
    q->params.rate_limit = SCHED_RATE_LIMIT_DEFAULT;
    q->params.slice = SCHED_SLICE_DEFAULT;
    list_init(&q->waiting);
    timer_init(&q->slice, slice_ended, q, cpu);
    idle_vcpu[cpu] = v;
    __atomic_store_n(&run_queues[cpu], q, __ATOMIC_RELEASE);
    softirq_register(SOFTIRQ_SCHEDULE, schedule);
    return 0;
}

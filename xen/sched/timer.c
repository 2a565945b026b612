/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Timers. Each CPU has a queue: a pairing heap threaded through the timers themselves, so that
 * setting one never allocates. A node's children are a list (child, then next); prev is the
 * elder sibling, or the parent for the first child. The root is the earliest timer.
 *
 * States: never initialised (0) -> idle <-> queued; killed is final. A handler runs with its
 * timer idle and the queue's lock released; queue->running names it meanwhile.
 *
 * Invariant: the CPU's timer interrupt, or a pending SOFTIRQ_TIMER, comes no later than the root
 * expires. It may come too early; then it is only programmed again.
 *
 * Lock: each queue's (LOCK_TIMER) guards the heap, and the fields of the timers whose cpu names
 * the queue. cpu changes only with both queues locked.
 */
#include <asm/cpu.h>
#include <asm/current.h>
#include <xen/bug.h>
#include <xen/cpumask.h>
#include <xen/softirq.h>
#include <xen/spinlock.h>
#include <xen/time.h>
#include <xen/timer.h>

enum timer_state { TIMER_NONE, TIMER_IDLE, TIMER_QUEUED, TIMER_KILLED };

struct timer_queue {
    struct spinlock lock;
    struct timer *root;
    struct timer *running; /* whose handler runs now */
    bool in_softirq;       /* the deadline is programmed when the softirq ends */
} aligned(64);

static struct timer_queue timer_queues[NR_CPUS];

static struct timer *heap_meld(struct timer *a, struct timer *b)
{
    if (a == NULL || b == NULL) {
        return a != NULL ? a : b;
    }
    if (b->expires < a->expires) {
        struct timer *t = a;

        a = b;
        b = t;
    }
    b->prev = a;
    b->next = a->child;
    if (b->next != NULL) {
        b->next->prev = b;
    }
    a->child = b;
    return a;
}

/* Makes one heap of a list of siblings: melds neighbours, then the pairs from last to first. */
static struct timer *heap_meld_siblings(struct timer *list)
{
    struct timer *pairs = NULL, *root = NULL;

    while (list != NULL) {
        struct timer *a = list, *b = a->next;

        list = b != NULL ? b->next : NULL;
        a->prev = NULL;
        a->next = NULL;
        if (b != NULL) {
            b->prev = NULL;
            b->next = NULL;
        }
        a = heap_meld(a, b);
        a->next = pairs;
        pairs = a;
    }
    while (pairs != NULL) {
        struct timer *next = pairs->next;

        pairs->next = NULL;
        root = heap_meld(root, pairs);
        pairs = next;
    }
    return root;
}

static void queue_insert(struct timer_queue *q, struct timer *t)
{
    t->child = NULL;
    t->next = NULL;
    t->prev = NULL;
    t->state = TIMER_QUEUED;
    q->root = heap_meld(q->root, t);
}

static void queue_remove(struct timer_queue *q, struct timer *t)
{
    struct timer *below = heap_meld_siblings(t->child);

    if (q->root == t) {
        q->root = below;
    } else {
        if (t->prev->child == t) {
            t->prev->child = t->next;
        } else {
            t->prev->next = t->next;
        }
        if (t->next != NULL) {
            t->next->prev = t->prev;
        }
        q->root = heap_meld(q->root, below);
    }
    t->child = NULL;
    t->next = NULL;
    t->prev = NULL;
    t->state = TIMER_IDLE;
}

/* The root of @cpu's queue got earlier: upholds the invariant. */
static void queue_program(const struct timer_queue *q, unsigned int cpu)
{
    if (cpu != smp_processor_id()) {
        softirq_raise_cpu(cpu, SOFTIRQ_TIMER);
    } else if (!q->in_softirq) {
        arch_timer_program(q->root->expires);
    }
}

static struct timer_queue *timer_lock(const struct timer *t, unsigned long *flags)
{
    for (;;) {
        unsigned int cpu = READ_ONCE(t->cpu);
        struct timer_queue *q = &timer_queues[cpu];

        *flags = spin_lock_irqsave(&q->lock);
        if (likely(t->cpu == cpu)) {
            return q;
        }
        spin_unlock_irqrestore(&q->lock, *flags);
    }
}

void timer_init(struct timer *t, void (*fn)(void *arg), void *arg, unsigned int cpu)
{
    *t = (struct timer){ .fn = fn, .arg = arg, .cpu = (uint16_t)cpu, .state = TIMER_IDLE };
}

void timer_set(struct timer *t, stime_t expires)
{
    unsigned long flags;
    struct timer_queue *q = timer_lock(t, &flags);

    ASSERT(t->state != TIMER_NONE);
    if (t->state != TIMER_KILLED) {
        if (t->state == TIMER_QUEUED) {
            queue_remove(q, t);
        }
        t->expires = expires;
        queue_insert(q, t);
        if (q->root == t) {
            queue_program(q, t->cpu);
        }
    }
    spin_unlock_irqrestore(&q->lock, flags);
}

static void timer_stop_as(struct timer *t, enum timer_state state)
{
    unsigned long flags;
    struct timer_queue *q = timer_lock(t, &flags);

    if (t->state == TIMER_QUEUED) {
        queue_remove(q, t);
    }
    if (t->state != TIMER_KILLED) {
        t->state = state;
    }
    spin_unlock_irqrestore(&q->lock, flags);
}

void timer_stop(struct timer *t)
{
    /* The common case, which needs no lock: whoever queues it at this moment comes after us. */
    if (READ_ONCE(t->state) == TIMER_QUEUED) {
        timer_stop_as(t, TIMER_IDLE);
    }
}

void timer_kill(struct timer *t)
{
    unsigned int cpu;

    if (t->state == TIMER_NONE) {
        return;
    }
    timer_stop_as(t, TIMER_KILLED);
    /* It may have migrated since its handler was called, so look at every queue. */
    for_each_cpu(cpu, &cpu_online_map) {
        while (__atomic_load_n(&timer_queues[cpu].running, __ATOMIC_ACQUIRE) == t) {
            cpu_relax();
        }
    }
}

void timer_migrate(struct timer *t, unsigned int cpu)
{
    struct timer_queue *to = &timer_queues[cpu];
    unsigned int from;

    while (t->state != TIMER_NONE && (from = READ_ONCE(t->cpu)) != cpu) {
        struct timer_queue *q = &timer_queues[from];
        unsigned long flags = irq_save();

        spin_lock_pair(&q->lock, &to->lock);
        if (t->cpu == from) {
            bool queued = t->state == TIMER_QUEUED;

            if (queued) {
                queue_remove(q, t);
            }
            t->cpu = (uint16_t)cpu;
            if (queued) {
                queue_insert(to, t);
                if (to->root == t) {
                    queue_program(to, cpu);
                }
            }
        }
        spin_unlock_pair(&q->lock, &to->lock);
        irq_restore(flags);
    }
}

bool timer_is_queued(const struct timer *t)
{
    return READ_ONCE(t->state) == TIMER_QUEUED;
}

/*
 * Runs what has expired by the time it starts. No handler arms a timer for the past again and
 * again.
 */
static void timer_softirq(void)
{
    struct timer_queue *q = &timer_queues[smp_processor_id()];
    unsigned long flags = spin_lock_irqsave(&q->lock);
    stime_t due = now();
    struct timer *t;

    q->in_softirq = true;
    while ((t = q->root) != NULL && t->expires <= due) {
        void (*fn)(void *arg) = t->fn;
        void *arg = t->arg;

        queue_remove(q, t);
        q->running = t;
        spin_unlock_irqrestore(&q->lock, flags);
        fn(arg);
        flags = spin_lock_irqsave(&q->lock);
        /* The handler may have freed the timer: only its address is used from here on. */
        __atomic_store_n(&q->running, NULL, __ATOMIC_RELEASE);
    }
    q->in_softirq = false;
    arch_timer_program(q->root != NULL ? q->root->expires : INT64_MAX);
    spin_unlock_irqrestore(&q->lock, flags);
}

void timer_init_cpu(unsigned int cpu)
{
    spin_init(&timer_queues[cpu].lock, LOCK_TIMER);
    softirq_register(SOFTIRQ_TIMER, timer_softirq);
}

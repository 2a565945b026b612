/* SPDX-License-Identifier: BSD-2-Clause */
/* Private to xen/sched: the run queues, and what the scheduler knows of vCPUs and domains. */
#ifndef SCHED_RUN_QUEUE_H
#define SCHED_RUN_QUEUE_H

#include <xen/cpumask.h>
#include <xen/domain.h>
#include <xen/list.h>
#include <xen/sched.h>
#include <xen/spinlock.h>
#include <xen/timer.h>

#define WEIGHT_DEFAULT 256
#define WEIGHT_MAX     65535
#define NR_WATCHDOGS   2

struct sched_vcpu {
    struct list_node node;    /* in the waiting list of v->cpu's queue, if is_queued */
    struct vcpu *vcpu;
    int64_t vtime;            /* virtual ns; relative to the queue's floor if is_relative */
    uint32_t vtime_rest;      /* of the division by the weight */
    stime_t charged_until;    /* while running: accounted up to here */
    stime_t switched_in;      /* while running: since when */
    stime_t moved_at;         /* when it came to v->cpu's queue */
    uint32_t queued_weight;
    bool is_queued;
    bool is_relative;
    bool is_parked;           /* runnable, but its domain is above its cap */
    bool yields;
    bool is_pinned;           /* hard is temporary, saved_hard the real one */
    cpumask_t hard, soft, saved_hard;
    struct runstate runstate;
};

struct watchdog {
    struct timer timer;
    struct domain *domain;
    bool in_use;              /* domain's shutdown_lock */
};

struct sched_domain {
    uint32_t weight;
    uint32_t cap;             /* percent of one CPU; 0: none */
    int64_t budget;           /* ns left in this cap period; atomic */
    struct timer refill;
    int shutdown_code;        /* announced; -1: none. shutdown_lock */
    struct watchdog watchdog[NR_WATCHDOGS];
};

struct run_queue {
    struct spinlock lock;     /* LOCK_RUN_QUEUE */
    unsigned int cpu;
    struct vcpu *running;     /* current of the CPU, or about to be */
    struct list_node waiting; /* by vtime */
    unsigned int nr_waiting;
    uint32_t waiting_load;    /* sum of the waiting ones' queued_weight */
    uint32_t running_weight;
    int64_t floor;            /* virtual time of the queue; never goes back */
    struct timer slice;       /* when the running vCPU has to give way */
    stime_t last_balance;
    struct sched_params params;
};

extern struct run_queue *run_queues[NR_CPUS];
extern cpumask_t idle_cpus;    /* that run their idle vCPU and are not yet called to work */
extern cpumask_t waiting_cpus; /* whose queue has a waiting vCPU */

/* core.c: the queue of v->cpu, locked. */
struct run_queue *run_queue_lock(const struct vcpu *v, unsigned long *flags);
/* core.c: a vCPU was queued on @q, whose lock is held: sees that it runs when it's due. */
void run_queue_tickle(struct run_queue *q, const struct vcpu *v, stime_t t);
/* core.c: its domain may run again. */
void vcpu_unpark(struct vcpu *v);

/* fair.c. The queue's lock is held. */
uint32_t fair_weight(const struct vcpu *v);
void fair_charge(struct run_queue *q, stime_t t);
void fair_enqueue(struct run_queue *q, struct vcpu *v, stime_t t);
void fair_dequeue(struct run_queue *q, struct vcpu *v);
void fair_move(struct run_queue *from, struct vcpu *v, unsigned int cpu, stime_t t);
struct vcpu *fair_pick(struct run_queue *q, stime_t t);
stime_t fair_deadline(const struct run_queue *q, const struct vcpu *running, stime_t t);

/* balance.c. The lock of the vCPU's queue, or of @q, is held. */
unsigned int balance_place(const struct vcpu *v);
/* Something that waits elsewhere, now of @q; else NULL, with *retry if a queue was busy. */
struct vcpu *balance_steal(struct run_queue *q, stime_t t, bool *retry);
void balance_push(struct run_queue *q, stime_t t);

/* cap.c */
bool cap_is_exhausted(const struct domain *d);
void cap_charge(struct domain *d, stime_t ran, stime_t t);
/* The earlier of @deadline and the end of the budget. */
stime_t cap_limit(const struct domain *d, stime_t t, stime_t deadline);
void cap_refill(void *domain);

/* runstate.c. The queue's lock is held. */
void runstate_change(struct vcpu *v, int state, stime_t t);
/* The state of a vCPU that does not run. */
int runstate_off_cpu(const struct vcpu *v);

/* vcpu_timer.c */
void vcpu_timers_init(struct vcpu *v);
void vcpu_timers_enter(struct vcpu *v);
void vcpu_timers_leave(struct vcpu *v);
void vcpu_timers_kill(struct vcpu *v);

#endif

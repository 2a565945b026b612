/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The scheduler. A vCPU is runnable while none of its pause reasons holds. Each CPU has a run
 * queue; the switch happens in SOFTIRQ_SCHEDULE, on the way back to a guest or out of idle.
 */
#ifndef XEN_SCHED_H
#define XEN_SCHED_H

#include <xen/cpumask.h>
#include <xen/types.h>

struct domain;
struct vcpu;
struct sched_poll;

/* vcpu->pause_flags: reasons not to run; atomic bits. */
#define VPF_DOWN     0
#define VPF_BLOCKED  1
#define VPF_POLLING  2 /* SCHEDOP_poll; together with VPF_BLOCKED */

/* Prepares the run queue of @cpu; its idle vCPU exists. */
int sched_init_cpu(unsigned int cpu);
/* Scheduling state of a new vCPU, placed on some CPU. 0 or -ENOMEM. */
int sched_vcpu_init(struct vcpu *v);
void sched_vcpu_fini(struct vcpu *v);
int sched_domain_init(struct domain *d);
void sched_domain_fini(struct domain *d);

bool vcpu_is_runnable(const struct vcpu *v);
/* Re-evaluates after a pause reason was cleared: queues @v if it is runnable. Any context. */
void vcpu_wake(struct vcpu *v);
/* Clears VPF_BLOCKED (and polling) and wakes. */
void vcpu_unblock(struct vcpu *v);
/* If @v runs on another CPU, makes it pass the exit path soon, so that it sees new events. */
void vcpu_kick(struct vcpu *v);
/* Counted. _sync also waits until @v is off its CPU and its state is saved in the struct. */
void vcpu_pause(struct vcpu *v);
void vcpu_pause_sync(struct vcpu *v);
void vcpu_unpause(struct vcpu *v);
void domain_pause(struct domain *d);
void domain_pause_sync(struct domain *d);
void domain_unpause(struct domain *d);
/* The running vCPU gives way; takes effect at the next exit to the guest. */
void vcpu_yield(void);
/* The running vCPU blocks until an event is deliverable (SCHEDOP_block). */
void vcpu_block_current(void);
/* The CPUs @v may run on changed. 0, or -EINVAL for an empty set. */
int vcpu_set_affinity(struct vcpu *v, const cpumask_t *hard, const cpumask_t *soft);
/* Temporary: cpu >= 0 pins, -1 lifts. -EBUSY if pinned already. */
int vcpu_pin_override(struct vcpu *v, int cpu);

/* Nanoseconds in each RUNSTATE_* and the current one. */
struct runstate;
void vcpu_runstate_get(struct vcpu *v, struct runstate *out);
struct runstate {
    int state;
    stime_t entry_time;
    uint64_t time[4];
};
uint64_t vcpu_cpu_time(struct vcpu *v);

/* Shuts a domain down (SHUTDOWN_*): stops its vCPUs, tells whoever watches. dom0: the machine. */
void domain_shutdown(struct domain *d, unsigned int reason);
void domain_resume(struct domain *d);

/* The idle loop of this CPU. */
void idle_loop(void) __attribute__((__noreturn__));

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The scheduler. A vCPU is runnable while none of its pause reasons holds. Each CPU has a run
 * queue; the switch happens in SOFTIRQ_SCHEDULE, on the way back to a guest or out of idle.
 */
#ifndef XEN_SCHED_H
#define XEN_SCHED_H

#include <xen/compiler.h>
#include <xen/cpumask.h>
#include <xen/types.h>

struct domain;
struct vcpu;

/* vcpu->pause_flags: reasons not to run; atomic bits. */
#define VPF_DOWN     0
#define VPF_BLOCKED  1
#define VPF_POLLING  2 /* SCHEDOP_poll; together with VPF_BLOCKED */

/* The idle vCPU of each CPU, once sched_init_cpu() made it. */
extern struct vcpu *idle_vcpu[NR_CPUS];

/* Makes the idle vCPU and the run queue of @cpu, whose timer queue exists. 0 or -ENOMEM. */
must_check int sched_init_cpu(unsigned int cpu);
/* Scheduling state of a new vCPU, placed on some CPU; also its timers. 0 or -ENOMEM. */
must_check int sched_vcpu_init(struct vcpu *v);
/* The vCPU runs no more, and never will. */
void sched_vcpu_fini(struct vcpu *v);
must_check int sched_domain_init(struct domain *d);
void sched_domain_fini(struct domain *d);

/*
 * The second half of a switch: called by arch_context_switch() on the CPU, in the address space
 * of the new current vCPU, once @prev's registers are in its struct. From here on @prev may run
 * elsewhere. Brings the new vCPU's clock, timers and runstate area up to date.
 */
void sched_context_saved(struct vcpu *prev);

bool vcpu_is_runnable(const struct vcpu *v);
/* Re-evaluates after a pause reason was cleared: queues @v if it is runnable. Any context. */
void vcpu_wake(struct vcpu *v);
/* Re-evaluates after a pause reason was set: @v stops soon if it runs. Any context. */
void vcpu_sleep(struct vcpu *v);
/* Clears VPF_BLOCKED (and polling) and wakes. */
void vcpu_unblock(struct vcpu *v);
/* If @v runs on another CPU, makes it pass the exit path soon, so that it sees new events. */
void vcpu_kick(struct vcpu *v);
/*
 * Counted. _sync also waits until @v is off its CPU and its state is saved in the struct; two
 * CPUs must not wait for each other's vCPUs, so callers hold LOCK_DOMCTL's turn. The running
 * vCPU itself is not waited for: it stops at the next exit to the guest.
 */
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
/* The CPUs @v may run on changed. 0, or -EINVAL if none of them is online. */
int vcpu_set_affinity(struct vcpu *v, const cpumask_t *hard, const cpumask_t *soft);
void vcpu_get_affinity(struct vcpu *v, cpumask_t *hard, cpumask_t *soft);
/*
 * Temporary: cpu >= 0 pins, -1 lifts. -EBUSY if pinned already, -EINVAL: no such CPU, or not
 * pinned.
 */
int vcpu_pin_override(struct vcpu *v, int cpu);

/* Share of a domain: @weight relative to others (1-65535); @cap percent of one CPU, 0: no limit. */
struct sched_share {
    uint32_t weight;
    uint32_t cap;
};
void domain_get_share(const struct domain *d, struct sched_share *share);
/* -EINVAL. */
int domain_set_share(struct domain *d, const struct sched_share *share);

/* How the vCPUs on a CPU take turns. */
struct sched_params {
    stime_t rate_limit; /* a vCPU that could go on runs at least this long; 0: no such promise */
    stime_t slice;      /* gives way when it has run that much more than the next, by weight */
    stime_t move_delay; /* for so long after it ran, no idle CPU takes it */
};
#define SCHED_RATE_LIMIT_DEFAULT MILLISECS(1)
#define SCHED_SLICE_DEFAULT      MILLISECS(2)
/* From now on, on these CPUs. */
void sched_set_params(const cpumask_t *cpus, const struct sched_params *params);

/* Nanoseconds in each RUNSTATE_* and the current one. */
struct runstate {
    int state;
    stime_t entry_time;
    uint64_t time[4];
};
/* Up to now. */
void vcpu_runstate_get(struct vcpu *v, struct runstate *out);
/* As of entry_time, which is what guests see in memory. */
void vcpu_runstate_get_at_entry(struct vcpu *v, struct runstate *out);
uint64_t vcpu_cpu_time(struct vcpu *v);
/* How long an online CPU has idled. */
uint64_t sched_idle_time(unsigned int cpu);

/* VIRQ_TIMER every @period ns while the vCPU runs; 0: never. */
void vcpu_periodic_timer_set(struct vcpu *v, stime_t period);

/* Shuts a domain down (SHUTDOWN_*): stops its vCPUs, tells whoever watches. dom0: the machine. */
void domain_shutdown(struct domain *d, unsigned int reason);
void domain_resume(struct domain *d);
/* VCPUOP_down, and the like; the last vCPU's end is the domain's. It goes on when brought up. */
void vcpu_take_down(struct vcpu *v);
/*
 * The reason that the next shutdown will report, whatever it says itself (SCHEDOP_shutdown_code).
 */
void domain_set_shutdown_code(struct domain *d, unsigned int reason);
/*
 * SCHEDOP_watchdog: @id 0 starts a new one and returns its id; else restarts @id, or stops it for
 * @seconds 0. -EINVAL, -ENOSPC.
 */
int domain_watchdog(struct domain *d, unsigned int id, unsigned int seconds);

/* Debug key: the run queues. */
void sched_dump(void);

/* The idle loop of this CPU. */
void idle_loop(void) __attribute__((__noreturn__));

/* What the layers above owe the scheduler; the one instance is in control/sched_op.c. */
struct sched_upcalls {
    bool (*event_is_deliverable)(const struct vcpu *v);
    void (*vcpu_timer_fired)(struct vcpu *v);      /* VIRQ_TIMER */
    /* VIRQ_DOM_EXC, or if it suspended of its own accord its subscriber's event. */
    void (*domain_was_shut_down)(struct domain *d, bool suspended);
};
extern const struct sched_upcalls sched_upcalls;

#endif

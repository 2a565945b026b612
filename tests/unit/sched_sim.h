/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A machine of several CPUs for the scheduler and its timers: simulated time, softirqs, context
 * switches. One CPU executes at a time; sim_run() jumps from one timer to the next.
 */
#ifndef SCHED_SIM_H
#define SCHED_SIM_H

#include <xen/domain.h>
#include <xen/sched.h>
#include <xen/softirq.h>
#include <xen/time.h>

#include "../../xen/sched/run_queue.h"

#define SIM_CPUS 8

struct sim_cpu {
    struct vcpu *current;
    struct vcpu *leaving;  /* switched from, not yet saved */
    uint64_t softirqs;
    stime_t deadline;
    unsigned int kicks;
    unsigned int switches;
    unsigned int programmed; /* calls of arch_timer_program with a deadline */
};

extern struct sim_cpu sim_cpus[SIM_CPUS];
extern stime_t sim_time;
/* Whether a switch stops half way, until sim_finish_switch(). */
extern bool sim_split_switches;
/* Called where another CPU may act between two steps of this one, no lock being held. */
extern void (*sim_interleave)(void);
/* The answer of event_is_deliverable(). */
extern bool (*sim_is_deliverable)(const struct vcpu *v);
extern unsigned int sim_virqs[MAX_VCPUS]; /* VIRQ_TIMER by vCPU id */
extern unsigned int sim_dom_exc;
extern const char *sim_machine_end;

void sim_init(unsigned int nr_cpus);
void sim_fini(void);
struct domain *sim_domain(domid_t id, unsigned int nr_vcpus, uint32_t weight, uint32_t cap);
void sim_domain_free(struct domain *d);
/* vCPUs are created down. */
void sim_vcpu_up(struct vcpu *v);

/* Makes @cpu the one that executes. */
void sim_enter(unsigned int cpu);
/* Runs the pending softirqs of a CPU that isn't in the middle of a switch. */
void sim_softirqs(unsigned int cpu);
void sim_finish_switch(unsigned int cpu);
/* All CPUs, until nothing is pending. */
void sim_settle(void);
/* Lets @ns pass. */
void sim_run(stime_t ns);
/* The vCPU running on @cpu, or NULL if it is idle. */
struct vcpu *sim_running(unsigned int cpu);
/* Runs @fn, which may end the machine: sim_machine_end then says how. */
void sim_until_end(void (*fn)(void *), void *arg);
/* The invariants of run queues and vCPUs. */
void sim_check(struct domain *const *domains, unsigned int nr);

#endif

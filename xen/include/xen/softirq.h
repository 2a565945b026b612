/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Deferred work of a CPU, run with interrupts on before it returns to a guest or goes idle.
 * Each number has one handler.
 */
#ifndef XEN_SOFTIRQ_H
#define XEN_SOFTIRQ_H

#include <xen/cpumask.h>

enum softirq {
    SOFTIRQ_TIMER,
    SOFTIRQ_SCHEDULE,
    SOFTIRQ_DEBUG_KEY,
    SOFTIRQ_MACHINE_CHECK,
    SOFTIRQ_TIME_CALIBRATE,
    NR_SOFTIRQS
};

void softirq_register(enum softirq nr, void (*handler)(void));
/* On this CPU; safe in interrupt context. */
void softirq_raise(enum softirq nr);
/* On another CPU: interrupts it if it isn't already pending there. */
void softirq_raise_cpu(unsigned int cpu, enum softirq nr);
bool softirq_is_pending(unsigned int cpu);
/* Runs all pending handlers; may not return to its caller (the scheduler switches stacks). */
void softirq_run(void);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/* System time, wallclock, and the guests' view of them. */
#ifndef XEN_TIME_H
#define XEN_TIME_H

#include <xen/types.h>

struct domain;
struct vcpu;

#define SECONDS(n) ((stime_t)(n) * 1000000000)
#define MILLISECS(n) ((stime_t)(n) * 1000000)
#define MICROSECS(n) ((stime_t)(n) * 1000)

/* Nanoseconds since boot; monotonic across CPUs. Any context. */
stime_t now(void);
/* Busy wait. */
void udelay(unsigned int us);

extern uint32_t cpu_khz; /* of the TSC */

/* Finds clock sources and calibrates the TSC. Boot CPU, once, ACPI tables parsed. */
void time_init(void);
/* Takes over the boot CPU's time base on a secondary CPU. */
void time_init_cpu(void);
/* Programs this CPU's one-shot interrupt; in the past: at once. INT64_MAX: none. */
void arch_timer_program(stime_t deadline);

/* Writes the vCPU's vcpu_time_info (and its secondary copy, if @v is current). */
void pvclock_update(struct vcpu *v);
/* Writes the domain's wallclock into shared_info. */
void wallclock_update_domain(struct domain *d);
/* dom0 says what time it is: UTC at the given system time. Updates all domains. */
void wallclock_set(uint64_t secs, uint32_t nsecs, stime_t system_time);
/* Seconds since 1970 at system time 0, for tools. */
uint64_t wallclock_base(uint32_t *nsec);

#endif

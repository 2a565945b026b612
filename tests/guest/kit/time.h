/* SPDX-License-Identifier: BSD-2-Clause */
/* Time and timers of a test guest. */
#ifndef GUEST_KIT_TIME_H
#define GUEST_KIT_TIME_H

#include <stdbool.h>
#include <stdint.h>

#include <public/xen.h>

#define MILLISECS(ms) ((ms) * 1000000UL)

static inline uint64_t rdtsc(void)
{
    uint32_t lo, hi;

    __asm__ volatile("lfence; rdtsc" : "=a"(lo), "=d"(hi) : : "memory");
    return ((uint64_t)hi << 32) | lo;
}

/* System time, read from one vCPU's time area; and from this vCPU's. */
uint64_t time_read(const volatile struct vcpu_time_info *t);
uint64_t time_now(void);

long timer_set_singleshot(uint64_t abs_ns, uint32_t flags);
long timer_stop_periodic(unsigned int vcpu);

/* Spins (yielding) until *counter reaches want or ns have passed; true: reached. */
bool wait_count(const volatile unsigned int *counter, unsigned int want, uint64_t ns);
void wait_ns(uint64_t ns);

#endif

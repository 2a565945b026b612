/* SPDX-License-Identifier: BSD-2-Clause */
/* The CPU's instructions for host tests: no interrupts; the TSC and waiting are the test's. */
#ifndef ASM_CPU_H
#define ASM_CPU_H

#include <xen/compiler.h>
#include <xen/types.h>

/* Called while something waits for another CPU: the test lets that CPU go on. */
void fake_cpu_relax(void);
uint64_t fake_rdtsc(void);

static inline void cpu_relax(void)
{
    fake_cpu_relax();
}

static inline void irq_disable(void)
{
}

static inline void irq_enable(void)
{
}

static inline unsigned long irq_save(void)
{
    return 0;
}

static inline void irq_restore(unsigned long f)
{
    (void)f;
}

static inline bool irq_is_enabled(void)
{
    return true;
}

static inline uint64_t rdtsc(void)
{
    return fake_rdtsc();
}

static inline uint64_t rdtsc_ordered(void)
{
    return fake_rdtsc();
}

#endif

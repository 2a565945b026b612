/* SPDX-License-Identifier: BSD-2-Clause */
/* Pending bits a CPU, set by anybody, taken by their own CPU only. */
#include <xen/arch.h>
#include <xen/percpu.h>
#include <xen/softirq.h>

DEFINE_PER_CPU(uint64_t, softirq_bits);
static void (*handlers[NR_SOFTIRQS])(void);

void softirq_register(enum softirq nr, void (*handler)(void))
{
    handlers[nr] = handler;
}

void softirq_raise(enum softirq nr)
{
    bit_set_atomic(&this_cpu(softirq_bits), nr);
}

void softirq_raise_cpu(unsigned int cpu, enum softirq nr)
{
    if (!bit_test_and_set_atomic(&per_cpu(softirq_bits, cpu), nr) && cpu != smp_processor_id()) {
        arch_kick_cpu(cpu);
    }
}

bool softirq_is_pending(unsigned int cpu)
{
    return READ_ONCE(per_cpu(softirq_bits, cpu)) != 0;
}

void softirq_run(void)
{
    uint64_t bits;

    while ((bits = READ_ONCE(this_cpu(softirq_bits))) != 0) {
        unsigned int nr = __builtin_ctzl(bits);

        bit_clear_atomic(&this_cpu(softirq_bits), nr);
        handlers[nr]();
    }
}

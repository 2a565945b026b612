/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Cross-CPU calls: one call at a time machine-wide. The caller publishes function and argument,
 * interrupts the targets and waits for their count to reach zero.
 */
#include <asm/cpu.h>
#include <xen/bug.h>
#include <xen/hwirq.h>
#include <xen/percpu.h>
#include <xen/smp_call.h>
#include <xen/spinlock.h>

static struct spinlock call_lock = SPINLOCK_INIT(LOCK_SMP_CALL);
static void (*call_fn)(void *);
static void *call_arg;
static unsigned int call_waiting; /* targets that have not finished */

void smp_call(const cpumask_t *mask, void (*fn)(void *), void *arg)
{
    unsigned int self = smp_processor_id();
    cpumask_t others = cpumask_and(mask, &cpu_online_map);
    bool self_too = cpumask_test(&others, self);

    ASSERT(irq_is_enabled());
    cpumask_clear(&others, self);
    if (!cpumask_is_empty(&others)) {
        spin_lock(&call_lock);
        call_fn = fn;
        call_arg = arg;
        __atomic_store_n(&call_waiting, cpumask_weight(&others), __ATOMIC_RELEASE);
        ipi_send_mask(&others, VECTOR_SMP_CALL);
    }
    if (self_too) {
        unsigned long f = irq_save();

        fn(arg);
        irq_restore(f);
    }
    if (!cpumask_is_empty(&others)) {
        while (__atomic_load_n(&call_waiting, __ATOMIC_ACQUIRE) != 0) {
            cpu_relax();
        }
        spin_unlock(&call_lock);
    }
}

void smp_call_handle(void)
{
    call_fn(call_arg);
    __atomic_fetch_sub(&call_waiting, 1, __ATOMIC_RELEASE);
}

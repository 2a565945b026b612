/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * TLB shootdown. One request at a time: published, interrupted for, and counted down.
 * A clock of full flushes lets tlb_flush_since() skip CPUs that flushed anyway.
 */
#include <asm/cpu.h>
#include <xen/bug.h>
#include <xen/hwirq.h>
#include <xen/init.h>
#include <xen/percpu.h>
#include <xen/spinlock.h>
#include <xen/tlb.h>

enum flush_kind { FLUSH_ALL, FLUSH_PAGE, FLUSH_CACHE };

static struct spinlock flush_lock = SPINLOCK_INIT(LOCK_TLB);
static enum flush_kind flush_kind;
static uint64_t flush_va;
static cpumask_t flush_waiting;

static uint32_t flush_clock = 1;
DEFINE_PER_CPU(uint32_t, last_flush);

void tlb_flush_local(void)
{
    unsigned long f = irq_save();
    uint32_t t = __atomic_add_fetch(&flush_clock, 1, __ATOMIC_SEQ_CST);
    unsigned long cr4 = read_cr4();

    if (cr4 & CR4_PGE) {
        write_cr4(cr4 & ~CR4_PGE);
        write_cr4(cr4);
    } else {
        write_cr3(read_cr3());
    }
    this_cpu(last_flush) = t;
    irq_restore(f);
}

void tlb_flush_page_local(uint64_t va)
{
    invlpg(va);
}

static void flush_here(enum flush_kind kind, uint64_t va)
{
    switch (kind) {
    case FLUSH_ALL:
        tlb_flush_local();
        break;
    case FLUSH_PAGE:
        tlb_flush_page_local(va);
        break;
    case FLUSH_CACHE:
        wbinvd();
        break;
    }
}

static void flush_interrupt(void)
{
    unsigned int cpu = smp_processor_id();

    if (cpumask_test(&flush_waiting, cpu)) {
        flush_here(flush_kind, flush_va);
        cpumask_clear(&flush_waiting, cpu);
    }
}

void __init tlb_init(void)
{
    irq_set_vector_handler(VECTOR_TLB_FLUSH, flush_interrupt);
}

static void flush_others(const cpumask_t *mask, enum flush_kind kind, uint64_t va)
{
    /* Waiting for the lock with interrupts on, so that another's request is served meanwhile. */
    ASSERT(irq_is_enabled());
    spin_lock(&flush_lock);
    flush_kind = kind;
    flush_va = va;
    flush_waiting = *mask;
    ipi_send_mask(mask, VECTOR_TLB_FLUSH);
    while (!cpumask_is_empty(&flush_waiting)) {
        cpu_relax();
        barrier();
    }
    spin_unlock(&flush_lock);
}

static void flush(const cpumask_t *mask, enum flush_kind kind, uint64_t va)
{
    unsigned int self = smp_processor_id();
    cpumask_t others = cpumask_and(mask, &cpu_online_map);

    if (cpumask_test(mask, self)) {
        flush_here(kind, va);
    }
    cpumask_clear(&others, self);
    if (!cpumask_is_empty(&others)) {
        flush_others(&others, kind, va);
    }
}

void tlb_flush_mask(const cpumask_t *mask)
{
    flush(mask, FLUSH_ALL, 0);
}

void tlb_flush_page_mask(const cpumask_t *mask, uint64_t va)
{
    flush(mask, FLUSH_PAGE, va);
}

void cache_flush_mask(const cpumask_t *mask)
{
    flush(mask, FLUSH_CACHE, 0);
}

uint32_t tlb_stamp(void)
{
    return READ_ONCE(flush_clock);
}

void tlb_flush_since(const cpumask_t *mask, uint32_t stamp)
{
    cpumask_t stale = { { 0 } };
    unsigned int cpu;
    bool any = false;

    for_each_cpu(cpu, mask) {
        /* A difference in the sense of a clock that wraps. */
        if ((int32_t)(READ_ONCE(per_cpu(last_flush, cpu)) - stamp) <= 0) {
            bit_set(stale.bits, cpu);
            any = true;
        }
    }
    if (any) {
        tlb_flush_mask(&stale);
    }
}

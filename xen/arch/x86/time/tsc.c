/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * System time from the TSC. One time base serves all CPUs: it gives the time at one TSC value and
 * the rate from there on. Where TSCs are not in step, each CPU adds what its own lacks.
 *
 * The base is written by one CPU at a time (LOCK_TIME), and read without a lock, by NMI handlers
 * too: there are two copies; the writer fills the one that is not in use, then switches. A reader
 * that was overtaken by two writes tries again.
 */
#include <asm/cpu.h>
#include <xen/percpu.h>
#include <xen/spinlock.h>
#include <xen/time.h>

#include "clock.h"

uint32_t cpu_khz;

static struct spinlock base_lock = SPINLOCK_INIT(LOCK_TIME);
static struct time_base bases[2];
static uint32_t base_serial; /* odd: bases[1] is in use */

DEFINE_PER_CPU(int64_t, tsc_lack);  /* what this CPU's TSC lacks */
DEFINE_PER_CPU(stime_t, now_floor); /* now() may not fall below this */

uint64_t tsc_synced(void)
{
    return rdtsc_ordered() + (uint64_t)this_cpu(tsc_lack);
}

int64_t tsc_adjustment(void)
{
    return this_cpu(tsc_lack);
}

void tsc_set_adjustment(int64_t lack)
{
    this_cpu(tsc_lack) = lack;
    this_cpu(now_floor) = 0;
}

static stime_t base_time(const struct time_base *b, uint64_t tsc)
{
    int64_t delta = (int64_t)(tsc - b->tsc);

    /* Another CPU's TSC may be a few ticks behind the one that set the base. */
    return (stime_t)(b->ns + (delta > 0 ? scale_apply(b->to_ns, (uint64_t)delta) : 0));
}

stime_t now(void)
{
    stime_t t, floor = this_cpu(now_floor);
    uint32_t serial;

    do {
        serial = __atomic_load_n(&base_serial, __ATOMIC_ACQUIRE);
        t = base_time(&bases[serial & 1], tsc_synced());
        __atomic_thread_fence(__ATOMIC_ACQUIRE);
    } while (unlikely(serial != __atomic_load_n(&base_serial, __ATOMIC_RELAXED)));
    return t > floor ? t : floor;
}

void time_base_get(struct time_base *out)
{
    uint32_t serial;

    do {
        serial = __atomic_load_n(&base_serial, __ATOMIC_ACQUIRE);
        *out = bases[serial & 1];
        __atomic_thread_fence(__ATOMIC_ACQUIRE);
    } while (serial != __atomic_load_n(&base_serial, __ATOMIC_RELAXED));
}

static void base_write_locked(uint64_t tsc, uint64_t ns, uint64_t hz)
{
    bases[(base_serial + 1) & 1] = (struct time_base){
        .tsc = tsc,
        .ns = ns,
        .to_ns = scale_of(SECONDS(1), hz),
        .to_tsc = scale_of(hz, SECONDS(1)),
    };
    __atomic_store_n(&base_serial, base_serial + 1, __ATOMIC_RELEASE);
}

void time_base_set(uint64_t tsc, uint64_t ns, uint64_t hz)
{
    unsigned long flags = spin_lock_irqsave(&base_lock);

    base_write_locked(tsc, ns, hz);
    spin_unlock_irqrestore(&base_lock, flags);
}

void time_base_change_rate(uint64_t hz)
{
    unsigned long flags = spin_lock_irqsave(&base_lock);
    uint64_t tsc = tsc_synced();

    base_write_locked(tsc, (uint64_t)base_time(&bases[base_serial & 1], tsc), hz);
    spin_unlock_irqrestore(&base_lock, flags);
}

void tsc_adjust(int64_t delta)
{
    unsigned long flags = irq_save();

    this_cpu(now_floor) = now();
    this_cpu(tsc_lack) += delta;
    irq_restore(flags);
}

void udelay(unsigned int us)
{
    uint64_t start = rdtsc();
    struct time_base base;
    uint64_t ticks;

    time_base_get(&base);
    if (base.to_tsc.mul != 0) {
        ticks = scale_apply(base.to_tsc, us * 1000UL);
    } else {
        /* Not calibrated yet: no CPU that runs us is faster than this. */
        ticks = us * 6000UL;
    }
    while (rdtsc() - start < ticks) {
        cpu_relax();
    }
}

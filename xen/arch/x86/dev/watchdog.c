/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Watchdog, option "watchdog": a performance counter of each CPU raises an NMI about once a
 * second of running time; if the CPU's own timer did not fire for watchdog_timeout= such
 * seconds, the CPU is stuck with interrupts off, and the machine panics with its registers.
 * An idle CPU counts no cycles, so it gets no NMIs.
 */
#include <asm/cpu.h>
#include <asm/cpufeature.h>
#include <asm/current.h>
#include <asm/lapic.h>
#include <asm/nmi.h>
#include <asm/trap.h>
#include <xen/bug.h>
#include <xen/console.h>
#include <xen/param.h>
#include <xen/percpu.h>
#include <xen/time.h>
#include <xen/timer.h>

#define MSR_INTEL_SELECT  0x186
#define MSR_INTEL_COUNTER 0xc1
#define INTEL_CYCLES      0x3c
#define MSR_AMD_SELECT    0xc0010000
#define MSR_AMD_COUNTER   0xc0010004
#define AMD_CYCLES        0x76

#define SELECT_USER   (1UL << 16)
#define SELECT_KERNEL (1UL << 17)
#define SELECT_INT    (1UL << 20)
#define SELECT_ENABLE (1UL << 22)

#define COUNTER_BITS  31 /* what a write can set on every CPU; the upper bits follow bit 31 */

#define ALIVE_PERIOD SECONDS(1)
#define DEFAULT_TIMEOUT 5

struct watchdog_cpu {
    struct timer timer;
    uint32_t alive;      /* counted by the timer */
    uint32_t seen;       /* alive at the last NMI */
    uint32_t misses;     /* NMIs since it changed */
    bool is_on;
};

static DEFINE_PER_CPU(struct watchdog_cpu, watchdog);
static bool opt_watchdog;
static unsigned int opt_timeout = DEFAULT_TIMEOUT;
PARAM_BOOL("watchdog", opt_watchdog);
PARAM_UINT("watchdog_timeout", opt_timeout);

static uint32_t select_msr, counter_msr;
static uint64_t select_value, period;

static void count_alive(void *arg)
{
    struct watchdog_cpu *w = arg;

    w->alive++;
    timer_set(&w->timer, now() + ALIVE_PERIOD);
}

static bool find_counter(void)
{
    uint64_t event;

    if (boot_cpu.vendor == VENDOR_INTEL && boot_cpu.max_leaf >= 0xa && (cpuid(0xa, 0).a & 0xff)) {
        select_msr = MSR_INTEL_SELECT;
        counter_msr = MSR_INTEL_COUNTER;
        event = INTEL_CYCLES;
    } else if (boot_cpu.vendor == VENDOR_AMD || boot_cpu.vendor == VENDOR_HYGON) {
        select_msr = MSR_AMD_SELECT;
        counter_msr = MSR_AMD_COUNTER;
        event = AMD_CYCLES;
    } else {
        return false;
    }
    select_value = event | SELECT_USER | SELECT_KERNEL | SELECT_INT;
    period = MIN((uint64_t)cpu_khz * 1000, (1UL << COUNTER_BITS) - 1);
    return true;
}

/* False if the counter is not really there: emulators accept the writes and forget them. */
static bool start_counter(void)
{
    uint64_t v = 0;

    if (!wrmsr_safe(select_msr, 0) || !wrmsr_safe(counter_msr, (uint64_t)-(int64_t)period) ||
        !wrmsr_safe(select_msr, select_value) || !rdmsr_safe(select_msr, &v) ||
        v != select_value) {
        return false;
    }
    lapic_set_counter_nmi(true);
    wrmsr(select_msr, select_value | SELECT_ENABLE);
    return true;
}

void watchdog_init_cpu(void)
{
    struct watchdog_cpu *w = &this_cpu(watchdog);

    if (!period) {
        return;
    }
    timer_init(&w->timer, count_alive, w, smp_processor_id());
    timer_set(&w->timer, now() + ALIVE_PERIOD);
    w->is_on = start_counter();
    if (!w->is_on) {
        timer_stop(&w->timer);
        log_warn("CPU%u: the watchdog is off: no usable performance counter\n",
                 smp_processor_id());
    }
}

void watchdog_init(void)
{
    if (!opt_watchdog) {
        if (opt_timeout != DEFAULT_TIMEOUT) {
            log_warn("Command line: option \"watchdog_timeout\" has no effect without watchdog.\n");
        }
        return;
    }
    if (!find_counter() || !opt_timeout) {
        log_warn("Command line: option \"watchdog\" has no effect: %s.\n",
                 opt_timeout ? "this CPU has no usable performance counter"
                             : "watchdog_timeout is 0");
        period = 0;
        return;
    }
    watchdog_init_cpu();
}

bool watchdog_nmi(struct cpu_regs *r)
{
    struct watchdog_cpu *w = &this_cpu(watchdog);
    uint64_t count;

    if (!w->is_on) {
        return false;
    }
    count = rdmsr(counter_msr);
    if (count & (1UL << COUNTER_BITS)) {
        return false; /* still below zero: it did not overflow, so the NMI is another's */
    }
    if (w->alive != w->seen) {
        w->seen = w->alive;
        w->misses = 0;
    } else if (++w->misses >= opt_timeout) {
        console_force_unlock();
        trap_dump(r);
        panic("Watchdog: CPU %u has not run its timers for %u seconds", smp_processor_id(),
              w->misses);
    }
    wrmsr(counter_msr, (uint64_t)-(int64_t)period);
    lapic_set_counter_nmi(true); /* some CPUs mask the entry when it fires */
    return true;
}

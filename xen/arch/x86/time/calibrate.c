/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How fast the TSC runs. At boot it is measured for 10 ms, unless the CPU or a hypervisor below
 * tells; then it is measured in the background over ever longer spans against the platform clock,
 * which soon brings the error below a few ppm. A correction changes the rate, never the time.
 *
 * A TSC whose rate varies is measured over the last second only. State: boot CPU, timer softirq.
 */
#include <asm/cpufeature.h>
#include <asm/current.h>
#include <asm/lapic.h>
#include <xen/bug.h>
#include <xen/console.h>
#include <xen/init.h>
#include <xen/time.h>
#include <xen/timer.h>

#include "clock.h"

#define BOOT_WINDOW_HZ    100 /* 1/s: 10 ms */
#define FIRST_INTERVAL    MILLISECS(200)
#define LONGEST_INTERVAL  SECONDS(60)
#define UNSTEADY_INTERVAL SECONDS(1)

static const struct clocksource *platform;
static struct clock_pair origin; /* where the measured span began */
static uint64_t tsc_hz;
static stime_t interval = FIRST_INTERVAL;
static struct timer timer;
static bool tscs_differ;

/* Constant rate in all power states. What a hypervisor below shows us is so in practice. */
static bool tsc_is_steady(void)
{
    return cpu_has(HAS_INVARIANT_TSC) || cpu_has(HAS_HYPERVISOR);
}

/* What the CPU says: its crystal's rate and the ratio (SDM, CPUID leaf 15H). 0: nothing. */
static uint64_t __init hz_from_cpu(void)
{
    struct cpuid_regs r;

    if (boot_cpu.max_leaf < 0x15) {
        return 0;
    }
    r = cpuid(0x15, 0);
    return r.a != 0 && r.b != 0 && r.c != 0 ? (uint64_t)r.c * r.b / r.a : 0;
}

/* What a hypervisor below says in leaf 0x40000010 (kHz). 0: nothing. */
static uint64_t __init hz_from_hypervisor(void)
{
    if (!cpu_has(HAS_HYPERVISOR) || cpuid(0x40000000, 0).a < 0x40000010) {
        return 0;
    }
    return cpuid(0x40000010, 0).a * 1000UL;
}

static const struct clocksource *__init find_platform_clock(void)
{
    const struct clocksource *c = hpet_probe();

    if (c == NULL) {
        c = pmtimer_probe();
    }
    return c != NULL ? c : pit_probe();
}

/* TSC rate over the span from @a to @b, given about how fast it runs (0: the span has no wrap). */
static uint64_t rate_between(const struct clock_pair *a, const struct clock_pair *b, uint64_t about)
{
    uint64_t span = b->tsc - a->tsc;
    uint64_t estimate = about != 0 ? mul_div(span, platform->hz, about) : 0;
    uint64_t ticks = clocksource_elapsed(platform, a->ticks, b->ticks, estimate);

    return ticks != 0 ? mul_div(span, platform->hz, ticks) : 0;
}

/* Measures the TSC (if its rate is not known) and the LAPIC timer in the same 10 ms. */
static void __init measure(void)
{
    uint64_t mask = clocksource_mask(platform), window = platform->hz / BOOT_WINDOW_HZ;
    uint64_t lapic_start, lapic_span, lapic_ticks;
    struct clock_pair end;

    lapic_start = rdtsc_ordered();
    if (!lapic_timer_is_deadline) {
        lapic_timer_set_count(UINT32_MAX);
    }
    while (((platform->read() - origin.ticks) & mask) < window) {
        cpu_relax();
    }
    lapic_ticks = UINT32_MAX - (lapic_timer_is_deadline ? 0 : lapic_timer_read());
    lapic_span = rdtsc_ordered() - lapic_start;
    clock_pair_read(platform, 5, &end);
    if (tsc_hz == 0) {
        tsc_hz = rate_between(&origin, &end, 0);
    }
    if (!lapic_timer_is_deadline) {
        lapic_timer_set_count(0);
        lapic_timer_set_rate(mul_div(MAX(lapic_ticks, 1UL), tsc_hz, lapic_span));
    }
}

/* Another look at the rate. False if the reading was disturbed. */
static bool refine(void)
{
    struct clock_pair p;
    uint64_t hz;

    clock_pair_read(platform, 8, &p);
    if ((p.width + origin.width) * 20000 > p.tsc - origin.tsc) {
        return false;
    }
    hz = rate_between(&origin, &p, tsc_hz);
    if (!tsc_is_steady()) {
        origin = p;
    } else if (hz > tsc_hz + tsc_hz / 1000 || hz < tsc_hz - tsc_hz / 1000) {
        /* Not drift: one of the clocks was stopped or set. Begin anew. */
        log_warn("Clock: the TSC and the %s disagree by more than 0.1 %%; measuring again.\n",
                 platform->name);
        origin = p;
        return false;
    }
    if (hz > tsc_hz + tsc_hz / 1000000 || hz < tsc_hz - tsc_hz / 1000000) {
        log_debug("Clock: TSC %lu Hz, was %lu Hz.\n", hz, tsc_hz);
        tsc_hz = hz;
        time_base_change_rate(hz);
        pvclock_refresh_all();
    }
    return true;
}

static void calibrate(void *arg)
{
    bool is_first = interval == FIRST_INTERVAL;
    bool ok = platform->is_shared || refine();

    (void)arg;
    if (is_first || tscs_differ) {
        tscs_differ = tsc_sync_all(tsc_hz) || tscs_differ;
    }
    if (!tsc_is_steady()) {
        interval = UNSTEADY_INTERVAL;
    } else if (ok) {
        interval = MIN(interval * 4, LONGEST_INTERVAL);
    }
    timer_set(&timer, now() + interval);
}

void __init time_init(void)
{
    const char *how = "told by the CPU";

    platform = find_platform_clock();
    tsc_hz = hz_from_cpu();
    if (tsc_hz == 0) {
        tsc_hz = hz_from_hypervisor();
        how = "told by the hypervisor below";
    }
    if (platform == NULL) {
        panic("No clock: the machine has neither HPET, nor ACPI PM timer, nor 8254");
    }
    lapic_timer_choose(true);
    clock_pair_read(platform, 5, &origin);
    if (tsc_hz == 0) {
        how = "measured";
    }
    if (tsc_hz == 0 || !lapic_timer_is_deadline) {
        measure();
    }
    if (tsc_hz < 1000000) {
        panic("The TSC does not run, or the %s runs away", platform->name);
    }
    cpu_khz = (uint32_t)(tsc_hz / 1000);
    time_base_set(tsc_synced(), 0, tsc_hz);
    lapic_timer_register();
    log_info("Clock: TSC %u.%03u MHz (%s), platform clock %s, timer by %s.\n", cpu_khz / 1000,
             cpu_khz % 1000, how, platform->name,
             lapic_timer_is_deadline ? "TSC deadline" : "LAPIC count");
    wallclock_init();
    timer_init(&timer, calibrate, NULL, smp_processor_id());
    timer_set(&timer, now() + FIRST_INTERVAL);
}

/*
 * A secondary CPU. Its TSC normally is in step with the boot CPU's; if it is off by more than the
 * platform clock can hide, it's brought near, and tsc_sync_all() does the rest later.
 */
void time_init_cpu(void)
{
    uint64_t estimate, ticks;
    struct clock_pair p;
    int64_t lack;

    clock_pair_read(platform, 5, &p);
    estimate = p.tsc > origin.tsc ? mul_div(p.tsc - origin.tsc, platform->hz, tsc_hz) : 0;
    ticks = clocksource_elapsed(platform, origin.ticks, p.ticks, estimate);
    lack = (int64_t)(origin.tsc + mul_div(ticks, tsc_hz, platform->hz) - p.tsc);
    if (lack > (int64_t)tsc_hz / 1000 || lack < -(int64_t)tsc_hz / 1000) {
        tsc_set_adjustment(lack);
        tscs_differ = true;
        log_warn("Clock: the TSC of CPU %u is not in step: %ld ticks added.\n",
                 smp_processor_id(), lack);
    }
}

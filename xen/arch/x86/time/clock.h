/* SPDX-License-Identifier: BSD-2-Clause */
/* Private to xen/arch/x86/time: scaling, the clock sources, and the time base that now() reads. */
#ifndef X86_TIME_CLOCK_H
#define X86_TIME_CLOCK_H

#include <asm/scale.h>
#include <xen/compiler.h>
#include <xen/types.h>

/* a * b / c without overflow in between; UINT64_MAX if the result has no room. */
uint64_t mul_div(uint64_t a, uint64_t b, uint64_t c);

/* A counter that runs at a fixed rate, apart from the CPU's. */
struct clocksource {
    const char *name;
    uint64_t hz;
    unsigned int bits;     /* after which it wraps */
    bool is_shared;        /* dom0 may use it as well: good for boot only */
    uint64_t (*read)(void);
};

/* hpet.c, pmtimer.c, pit.c: NULL if the machine has none that works. */
const struct clocksource *hpet_probe(void);
const struct clocksource *pmtimer_probe(void);
const struct clocksource *pit_probe(void);

static inline uint64_t clocksource_mask(const struct clocksource *c)
{
    return c->bits >= 64 ? UINT64_MAX : (1UL << c->bits) - 1;
}

/*
 * Ticks from reading @from to reading @to, when about @estimate must have passed (wraps included).
 */
uint64_t clocksource_elapsed(const struct clocksource *c, uint64_t from, uint64_t to,
                             uint64_t estimate);

/* The same instant on two clocks; width: TSC ticks within which the reading lies. */
struct clock_pair {
    uint64_t ticks;
    uint64_t tsc;
    uint64_t width;
};
/* The best of @tries readings. */
void clock_pair_read(const struct clocksource *c, unsigned int tries, struct clock_pair *out);

/* tsc.c: from TSC value @tsc on, at which the time is @ns, the TSC runs at @hz. */
struct time_base {
    uint64_t tsc;
    uint64_t ns;
    struct scale to_ns;
    struct scale to_tsc;
};
void time_base_set(uint64_t tsc, uint64_t ns, uint64_t hz);
/* Changes the rate from now on; time continues. */
void time_base_change_rate(uint64_t hz);
void time_base_get(struct time_base *out);
/* TSC of this CPU, as if it were in step with the boot CPU's. */
uint64_t tsc_synced(void);
/* Adds to what this CPU's TSC lacks; now() never goes back on it for that. */
void tsc_adjust(int64_t delta);
/* Sets it, before the CPU has used now(). */
void tsc_set_adjustment(int64_t lack);
int64_t tsc_adjustment(void);

/*
 * tsc_sync.c: compares this CPU's TSC with those of all others and adjusts them, if they differ by
 * more than could be a measuring error. Interrupts on. True if any needed it.
 */
bool tsc_sync_all(uint64_t hz);

/* pvclock.c: the rate changed: all CPUs tell the vCPU they run. */
void pvclock_refresh_all(void);

/* timer.c: the handler; and the LAPIC timer's rate, if it is not the TSC. */
void lapic_timer_register(void);
void lapic_timer_set_rate(uint64_t hz);

/* wallclock.c: reads the CMOS clock, and starts to look for a second's edge. */
void wallclock_init(void);

#endif

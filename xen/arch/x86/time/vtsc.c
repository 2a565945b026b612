/* SPDX-License-Identifier: BSD-2-Clause */
/* The TSC that a domain reads (asm/vtsc.h). */
#include <asm/cpu.h>
#include <asm/vtsc.h>
#include <xen/domain.h>
#include <xen/time.h>

void vtsc_set(struct domain *d, enum tsc_mode mode, uint32_t khz, uint64_t elapsed,
              uint32_t incarnation)
{
    uint64_t hz;

    khz = khz != 0 ? khz : cpu_khz;
    hz = khz * 1000UL;
    d->arch.tsc = (struct domain_tsc){
        .mode = mode,
        .is_emulated = mode == TSC_MODE_EMULATE || (mode == TSC_MODE_DEFAULT && khz != cpu_khz),
        .khz = mode == TSC_MODE_NATIVE ? 0 : khz,
        .incarnation = incarnation + 1,
        .start = (stime_t)((uint64_t)now() - elapsed),
        .to_ns = scale_of(SECONDS(1), hz),
        .from_ns = scale_of(hz, SECONDS(1)),
    };
}

static uint64_t at(const struct domain_tsc *t, stime_t when)
{
    return scale_apply(t->from_ns, (uint64_t)when - (uint64_t)t->start);
}

uint64_t vtsc_elapsed(const struct domain *d)
{
    const struct domain_tsc *t = &d->arch.tsc;

    return t->mode == TSC_MODE_NATIVE ? 0 : (uint64_t)now() - (uint64_t)t->start;
}

uint64_t vtsc_read(const struct domain *d)
{
    const struct domain_tsc *t = &d->arch.tsc;

    return t->is_emulated ? at(t, now()) : rdtsc_ordered();
}

struct vcpu_time_info vtsc_time_info(const struct domain *d)
{
    const struct domain_tsc *t = &d->arch.tsc;
    stime_t when = now();

    return (struct vcpu_time_info){
        .tsc_timestamp = at(t, when),
        .system_time = (uint64_t)when,
        .tsc_to_system_mul = t->to_ns.mul,
        .tsc_shift = t->to_ns.shift,
    };
}

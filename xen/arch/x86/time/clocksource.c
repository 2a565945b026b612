/* SPDX-License-Identifier: BSD-2-Clause */
/* Reading a platform clock: wraps, and the pairing of its value with the TSC's. */
#include <asm/cpu.h>

#include "clock.h"

uint64_t clocksource_elapsed(const struct clocksource *c, uint64_t from, uint64_t to,
                             uint64_t estimate)
{
    uint64_t mask = clocksource_mask(c);
    uint64_t part = (to - from) & mask;

    if (c->bits >= 64) {
        return part;
    }
    /* The number of whole wraps that brings the sum nearest to the estimate. */
    if (estimate > part) {
        part += (estimate - part + mask / 2) / (mask + 1) * (mask + 1);
    }
    return part;
}

void clock_pair_read(const struct clocksource *c, unsigned int tries, struct clock_pair *out)
{
    unsigned long flags = irq_save();

    out->width = UINT64_MAX;
    for (unsigned int i = 0; i < tries; i++) {
        uint64_t before = tsc_synced();
        uint64_t ticks = c->read();
        uint64_t width = tsc_synced() - before;

        if (width < out->width) {
            *out = (struct clock_pair){ .ticks = ticks, .tsc = before + width / 2, .width = width };
        }
    }
    irq_restore(flags);
}

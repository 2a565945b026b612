/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Channel 2 of the 8254 timer, the last resort. It's the speaker's, which dom0 may use later: so it
 * serves at boot only.
 */
#include <asm/cpu.h>
#include <xen/init.h>

#include "clock.h"

#define PIT_HZ       1193182
#define PIT_CHANNEL2 0x42
#define PIT_MODE     0x43
#define SPEAKER      0x61

#define SPEAKER_GATE 1
#define SPEAKER_DATA 2
#define PIT_MODE_RATE2  0xb4 /* channel 2, low byte then high, rate generator */
#define PIT_MODE_LATCH2 0x80

/* It counts down from 65536. */
static uint64_t pit_read(void)
{
    uint16_t count;

    outb(PIT_MODE, PIT_MODE_LATCH2);
    count = inb(PIT_CHANNEL2);
    count |= (uint16_t)(inb(PIT_CHANNEL2) << 8);
    return (uint16_t)-count;
}

static const struct clocksource pit_clock = {
    .name = "8254 timer", .hz = PIT_HZ, .bits = 16, .is_shared = true, .read = pit_read,
};

const struct clocksource *__init pit_probe(void)
{
    uint64_t first;

    outb(SPEAKER, (uint8_t)((inb(SPEAKER) & ~SPEAKER_DATA) | SPEAKER_GATE));
    outb(PIT_MODE, PIT_MODE_RATE2);
    outb(PIT_CHANNEL2, 0);
    outb(PIT_CHANNEL2, 0);
    first = pit_read();
    for (unsigned int i = 0; i < 1000; i++) {
        if (pit_read() != first) {
            return &pit_clock;
        }
    }
    return NULL;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* The ACPI power-management timer (ACPI 6.4, 4.8.3.3): 3.579545 MHz, 24 or 32 bits. */
#include <asm/acpi.h>
#include <asm/cpu.h>
#include <xen/init.h>

#include "clock.h"

#define PM_TIMER_HZ 3579545

static uint16_t pm_timer_port;

/* Some chipsets show a value in transition now and then: two later readings must agree with it. */
static uint64_t pm_timer_read(void)
{
    uint32_t a, b = inl(pm_timer_port);

    for (unsigned int i = 0; i < 10; i++) {
        a = b;
        b = inl(pm_timer_port);
        if (((b - a) & 0xffffff) < 0x1000) {
            break;
        }
    }
    return b;
}

static struct clocksource pm_clock = {
    .name = "ACPI PM timer", .hz = PM_TIMER_HZ, .read = pm_timer_read,
};

const struct clocksource *__init pmtimer_probe(void)
{
    uint64_t first;

    if (acpi.pm_timer.space != ACPI_SPACE_IO || acpi.pm_timer.address == 0 ||
        acpi.pm_timer.address > 0xfffc) {
        return NULL;
    }
    pm_timer_port = (uint16_t)acpi.pm_timer.address;
    pm_clock.bits = acpi.pm_timer_32bit ? 32 : 24;
    first = pm_timer_read();
    for (unsigned int i = 0; i < 1000; i++) {
        if (pm_timer_read() != first) {
            return &pm_clock;
        }
    }
    return NULL;
}

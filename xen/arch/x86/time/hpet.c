/* SPDX-License-Identifier: BSD-2-Clause */
/* The HPET's main counter (IA-PC HPET specification 1.0a). Its comparators are not used. */
#include <asm/acpi.h>
#include <xen/console.h>
#include <xen/init.h>
#include <xen/iocaps.h>
#include <xen/ioremap.h>

#include "clock.h"

#define HPET_ID      0x000 /* period in femtoseconds in the high half */
#define HPET_CONFIG  0x010
#define HPET_COUNTER 0x0f0
#define HPET_SIZE    0x400

#define HPET_ID_64BIT      (1U << 13)
#define HPET_CONFIG_ENABLE 1U
#define HPET_MAX_PERIOD    100000000U
#define FS_PER_SECOND      1000000000000000UL

static volatile char *hpet;

static uint32_t hpet_read32(unsigned int reg)
{
    return *(volatile uint32_t *)(hpet + reg);
}

static uint64_t hpet_read_counter64(void)
{
    return *(volatile uint64_t *)(hpet + HPET_COUNTER);
}

static uint64_t hpet_read_counter32(void)
{
    return hpet_read32(HPET_COUNTER);
}

static struct clocksource hpet_clock = { .name = "HPET" };

const struct clocksource *__init hpet_probe(void)
{
    uint32_t period, config;

    if (acpi.hpet_address == 0) {
        return NULL;
    }
    /* The clock is the hypervisor's: dom0 may read it. */
    iocaps_make_readonly(maddr_to_mfn(maddr(acpi.hpet_address)),
                         maddr_to_mfn(maddr(acpi.hpet_address)));
    hpet = ioremap(maddr(acpi.hpet_address), HPET_SIZE);
    period = hpet_read32(HPET_ID + 4);
    if (period == 0 || period > HPET_MAX_PERIOD) {
        log_warn("HPET: period %u fs is not possible; the HPET is not used.\n", period);
        return NULL;
    }
    config = hpet_read32(HPET_CONFIG);
    *(volatile uint32_t *)(hpet + HPET_CONFIG) = config | HPET_CONFIG_ENABLE;
    hpet_clock.hz = FS_PER_SECOND / period;
    if (hpet_read32(HPET_ID) & HPET_ID_64BIT) {
        hpet_clock.bits = 64;
        hpet_clock.read = hpet_read_counter64;
    } else {
        hpet_clock.bits = 32;
        hpet_clock.read = hpet_read_counter32;
    }
    return &hpet_clock;
}

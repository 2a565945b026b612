/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Turning the machine off and resetting it. Several ways exist and none works everywhere: each
 * is tried, and given a moment, in turn; the last one, a triple fault, always works.
 * Runs in any context, with interrupts off and the other CPUs stopped.
 */
#include <asm/acpi.h>
#include <asm/cpu.h>
#include <asm/lapic.h>
#include <asm/ioapic.h>
#include <asm/pci.h>
#include <asm/power.h>
#include <asm/trap.h>
#include <xen/arch.h>
#include <xen/console.h>
#include <xen/errno.h>
#include <xen/iocaps.h>
#include <xen/ioremap.h>
#include <xen/param.h>
#include <xen/string.h>
#include <xen/time.h>

#define PM1_SLEEP_TYPE_SHIFT 10
#define PM1_SLEEP_TYPE       0x1c00
#define PM1_SLEEP_ENABLE     0x2000
#define SLEEP_CONTROL_TYPE_SHIFT 2
#define SLEEP_CONTROL_ENABLE 0x20

#define KEYBOARD_STATUS   0x64
#define KEYBOARD_BUSY     0x02
#define KEYBOARD_RESET    0xfe
#define PORT_RESET        0xcf9
#define BDA_REBOOT_FLAG   0x472 /* where the BIOS looks: 0x1234 skips its memory test */

enum reboot_way { REBOOT_ACPI, REBOOT_KEYBOARD, REBOOT_PCI, REBOOT_TRIPLE, NR_REBOOT_WAYS };

static enum reboot_way first_way = REBOOT_ACPI;
static bool never_reboot, is_warm;
static volatile uint8_t *reset_memory; /* the reset register, if it lies in memory */
static volatile uint16_t *bda_flag;

/* Xen's letters: t[riple], k[bd], a[cpi], p[ci], n[o], w[arm], c[old], separated by commas. */
static int parse_reboot(const char *value)
{
    for (const char *s = value; s; s = strchr(s, ',') ? strchr(s, ',') + 1 : NULL) {
        switch (*s) {
        case 'a':
            first_way = REBOOT_ACPI;
            break;
        case 'k':
            first_way = REBOOT_KEYBOARD;
            break;
        case 'p':
            first_way = REBOOT_PCI;
            break;
        case 't':
            first_way = REBOOT_TRIPLE;
            break;
        case 'n':
            never_reboot = true;
            break;
        case 'w':
        case 'c':
            is_warm = *s == 'w';
            break;
        default:
            return -EINVAL;
        }
    }
    return 0;
}
PARAM_CUSTOM("reboot", parse_reboot);

void power_init(void)
{
    if (acpi.pm_timer.address && acpi.pm_timer.space == ACPI_SPACE_IO) {
        /* A clock of the hypervisor's own. */
        iocaps_reserve_ports((unsigned int)acpi.pm_timer.address & 0xffff,
                             ((unsigned int)acpi.pm_timer.address & 0xffff) + 3);
    }
    if (acpi.has_reset && acpi.reset.space == ACPI_SPACE_MEMORY) {
        reset_memory = ioremap(maddr(acpi.reset.address), 1);
    }
    bda_flag = ioremap(maddr(BDA_REBOOT_FLAG), sizeof(*bda_flag));
}

static void quiet_machine(void)
{
    irq_disable();
    arch_stop_other_cpus();
    ioapic_shutdown();
}

static void pause_ms(unsigned int ms)
{
    if (cpu_khz) {
        udelay(ms * 1000);
    }
}

/* Only ports: no PC has its PM1 registers in memory. */
static void write_pm1(const struct acpi_gas *g, uint16_t value)
{
    if (g->address && g->space == ACPI_SPACE_IO) {
        outw((uint16_t)g->address, value);
    }
}

/* The bits besides the sleep field belong to dom0's power management: keep them. */
static void write_sleep(uint16_t pm1a, uint16_t pm1b)
{
    write_pm1(&acpi.pm1a_control, pm1a & ~PM1_SLEEP_ENABLE);
    write_pm1(&acpi.pm1b_control, pm1b & ~PM1_SLEEP_ENABLE);
    wbinvd();
    write_pm1(&acpi.pm1a_control, pm1a | PM1_SLEEP_ENABLE);
    write_pm1(&acpi.pm1b_control, pm1b | PM1_SLEEP_ENABLE);
    pause_ms(1000);
}

static void sleep_reduced(uint8_t type)
{
    const struct acpi_gas *g = &acpi.sleep_control;

    if (g->address && g->space == ACPI_SPACE_IO) {
        outb((uint16_t)g->address, (uint8_t)(type << SLEEP_CONTROL_TYPE_SHIFT) |
                                       SLEEP_CONTROL_ENABLE);
        pause_ms(1000);
    }
}

int power_enter_s5(uint16_t pm1a, uint16_t pm1b)
{
    if (!acpi.pm1a_control.address || acpi.pm1a_control.space != ACPI_SPACE_IO) {
        return -ENODEV;
    }
    printk("dom0 turns the machine off (ACPI S5).\n");
    quiet_machine();
    write_sleep(pm1a, pm1b);
    machine_power_off();
}

void machine_power_off(void)
{
    quiet_machine();
    if (acpi.has_s5 && acpi.hw_reduced) {
        sleep_reduced(acpi.s5_type_a);
    } else if (acpi.has_s5) {
        write_sleep((uint16_t)(acpi.s5_type_a << PM1_SLEEP_TYPE_SHIFT),
                    (uint16_t)(acpi.s5_type_b << PM1_SLEEP_TYPE_SHIFT));
    }
    printk("The machine did not turn itself off. It is safe to do so by hand.\n");
    for (;;) {
        arch_stop_cpu();
    }
}

static void reset_acpi(void)
{
    const struct acpi_gas *g = &acpi.reset;

    if (!acpi.has_reset) {
        return;
    }
    switch (g->space) {
    case ACPI_SPACE_IO:
        outb((uint16_t)g->address, acpi.reset_value);
        break;
    case ACPI_SPACE_MEMORY:
        if (reset_memory) {
            *reset_memory = acpi.reset_value;
        }
        break;
    case ACPI_SPACE_PCI:
        pci_config_write((struct pci_sbdf){ 0, 0, (uint8_t)((g->address >> 32 & 31) << 3 |
                                                            (g->address >> 16 & 7)) },
                         g->address & 0xff, 1, acpi.reset_value);
        break;
    default:
        break;
    }
}

static void reset_keyboard(void)
{
    for (unsigned int n = 0; n < 10; n++) {
        for (unsigned int i = 0; i < 0x10000 && (inb(KEYBOARD_STATUS) & KEYBOARD_BUSY); i++) {
            cpu_relax();
        }
        outb(KEYBOARD_STATUS, KEYBOARD_RESET);
        pause_ms(5);
    }
}

static void reset_pci(void)
{
    outb(PORT_RESET, 0x02);
    pause_ms(1);
    outb(PORT_RESET, 0x06);
}

/* No interrupt table: the fault cannot be delivered, nor the double fault that follows. */
static void reset_triple(void)
{
    const struct {
        uint16_t limit;
        uint64_t base;
    } __attribute__((__packed__)) none = { 0, 0 };

    __asm__ __volatile__("lidt %0; int3" :: "m"(none));
}

void machine_restart(void)
{
    static void (*const ways[NR_REBOOT_WAYS])(void) = {
        reset_acpi, reset_keyboard, reset_pci, reset_triple,
    };

    quiet_machine();
    if (never_reboot) {
        printk("The machine is stopped (reboot=no was given): reset it by hand.\n");
        for (;;) {
            arch_stop_cpu();
        }
    }
    if (bda_flag) {
        *bda_flag = is_warm ? 0x1234 : 0;
    }
    for (unsigned int i = 0;; i++) {
        ways[((unsigned int)first_way + i) % NR_REBOOT_WAYS]();
        pause_ms(100);
    }
}

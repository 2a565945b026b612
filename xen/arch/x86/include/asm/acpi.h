/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the hypervisor reads from the static ACPI tables (boot/acpi.c). Filled once, before
 * the clocks and interrupt controllers start; constant afterwards. AML is dom0's business.
 */
#ifndef ASM_ACPI_H
#define ASM_ACPI_H

#include <xen/compiler.h>
#include <xen/config.h>
#include <xen/types.h>

#define ACPI_MAX_IOAPICS   16
#define ACPI_MAX_OVERRIDES 16
#define ACPI_MAX_LINT_NMIS 16
#define ACPI_MAX_MCFG      16

#define ACPI_ALL_CPUS UINT32_MAX

#define ACPI_SPACE_MEMORY 0
#define ACPI_SPACE_IO     1
#define ACPI_SPACE_PCI    2

/* A register as the tables name it; address 0: there is none. */
struct acpi_gas {
    uint8_t space;
    uint8_t bit_width;
    uint8_t bit_offset;
    uint8_t access_size;
    uint64_t address;
};

struct acpi_cpu {
    uint32_t apic_id;
    uint32_t acpi_id;
    bool enabled;        /* false: may be added at run time only */
};

struct acpi_ioapic {
    uint32_t id;
    uint32_t gsi_base;
    uint64_t address;
};

/* ISA interrupt @irq arrives at @gsi. */
struct acpi_override {
    uint8_t irq;
    bool level;
    bool active_low;
    uint32_t gsi;
};

/* LINT pin @lint of CPU @acpi_id (or ACPI_ALL_CPUS) is wired to NMI. */
struct acpi_lint_nmi {
    uint32_t acpi_id;
    uint8_t lint;
    bool level;
    bool active_low;
};

struct acpi_mcfg {
    uint64_t address;    /* of bus 0, even if start_bus is above it */
    uint16_t segment;
    uint8_t start_bus;
    uint8_t end_bus;
};

struct acpi_info {
    maddr_t rsdp;

    /* MADT */
    uint64_t lapic_address;
    bool has_8259;       /* PCAT_COMPAT */
    unsigned int nr_cpus;        /* entries of cpus[], in the table's order */
    unsigned int nr_cpus_beyond; /* enabled CPUs that cpus[] has no room for */
    struct acpi_cpu cpus[NR_CPUS];
    unsigned int nr_ioapics;
    struct acpi_ioapic ioapics[ACPI_MAX_IOAPICS];
    unsigned int nr_overrides;
    struct acpi_override overrides[ACPI_MAX_OVERRIDES];
    unsigned int nr_lint_nmis;
    struct acpi_lint_nmi lint_nmis[ACPI_MAX_LINT_NMIS];

    /* FADT */
    uint16_t sci_irq;
    bool sci_level, sci_active_low; /* after overrides */
    uint16_t smi_port;
    bool hw_reduced;
    bool pm_timer_32bit;
    bool has_reset;
    uint8_t century;     /* CMOS register of the century; 0: none */
    uint8_t reset_value;
    uint16_t boot_arch;  /* FADT IAPC_BOOT_ARCH */
    struct acpi_gas pm1a_event, pm1b_event;
    struct acpi_gas pm1a_control, pm1b_control;
    struct acpi_gas pm_timer;
    struct acpi_gas reset;
    struct acpi_gas sleep_control, sleep_status;

    /* DSDT: the values of object _S5 for the PM1 control registers, if it is a plain package */
    bool has_s5;
    uint8_t s5_type_a, s5_type_b;

    /* HPET; address 0: none */
    uint64_t hpet_address;
    uint16_t hpet_min_tick;

    unsigned int nr_mcfg;
    struct acpi_mcfg mcfg[ACPI_MAX_MCFG];
};

#define ACPI_BOOT_ARCH_8042    (1U << 1)
#define ACPI_BOOT_ARCH_NO_VGA  (1U << 2)
#define ACPI_BOOT_ARCH_NO_CMOS (1U << 5)

extern struct acpi_info acpi;

/* Where a BIOS keeps the RSDP: EBDA and 0xe0000-0xfffff. Address 0: not there. */
maddr_t acpi_scan_rsdp(void);
/*
 * Reads all tables from @rsdp on. 0, or -EINVAL with one sentence in @why that names the table.
 * *out is then undefined.
 */
must_check int acpi_read_tables(maddr_t rsdp, struct acpi_info *out, char *why, size_t size);
/* Fills acpi; @rsdp as the boot loader gave it, or address 0: scan. Panics if it is broken. */
void acpi_init(maddr_t rsdp);

/* GSI, trigger and polarity of an ISA interrupt, by the overrides. */
struct acpi_override acpi_isa_irq(unsigned int irq);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Memory-mapped PCI configuration space, from the ACPI table MCFG. A range is used only once dom0
 * confirmed that the firmware reserved it: many tables were wrong. A bus's megabyte is mapped
 * when it is first needed, for good.
 * Lock: map_lock, for the mapping; a pointer once written never changes.
 */
#include <asm/acpi.h>
#include <asm/pci.h>
#include <xen/alloc.h>
#include <xen/console.h>
#include <xen/errno.h>
#include <xen/ioremap.h>
#include <xen/spinlock.h>

#define BUS_SHIFT   20
#define DEVFN_SHIFT 12

struct mmcfg_range {
    bool usable;
    char **bus; /* by bus number; NULL: not mapped */
};

static struct mmcfg_range ranges[ACPI_MAX_MCFG];
static struct spinlock map_lock = SPINLOCK_INIT(LOCK_IOAPIC);

void mmcfg_init(void)
{
    for (unsigned int i = 0; i < acpi.nr_mcfg; i++) {
        const struct acpi_mcfg *m = &acpi.mcfg[i];

        log_info("PCI: segment %04x buses %02x-%02x at %#lx\n", m->segment, m->start_bus,
                 m->end_bus, (unsigned long)m->address);
    }
}

static int set_usable(unsigned int i, bool usable)
{
    if (usable && !ranges[i].bus) {
        ranges[i].bus = heap_alloc_array(256, sizeof(char *));
        if (!ranges[i].bus) {
            return -ENOMEM;
        }
    }
    WRITE_ONCE(ranges[i].usable, usable);
    return 0;
}

int mmcfg_reserved(uint64_t address, uint16_t segment, uint8_t start_bus, uint8_t end_bus,
                   bool reserved)
{
    for (unsigned int i = 0; i < acpi.nr_mcfg; i++) {
        const struct acpi_mcfg *m = &acpi.mcfg[i];

        if (m->address == address && m->segment == segment && m->start_bus == start_bus &&
            m->end_bus == end_bus) {
            return set_usable(i, reserved);
        }
    }
    return -ENODEV;
}

static char *map_bus(unsigned int i, uint8_t bus)
{
    unsigned long flags = spin_lock_irqsave(&map_lock);
    char *p = ranges[i].bus[bus];

    if (!p) {
        p = ioremap(maddr(acpi.mcfg[i].address + ((uint64_t)bus << BUS_SHIFT)), MiB(1));
        WRITE_ONCE(ranges[i].bus[bus], p);
    }
    spin_unlock_irqrestore(&map_lock, flags);
    return p;
}

volatile void *mmcfg_find(struct pci_sbdf s)
{
    for (unsigned int i = 0; i < acpi.nr_mcfg; i++) {
        const struct acpi_mcfg *m = &acpi.mcfg[i];

        if (READ_ONCE(ranges[i].usable) && m->segment == s.segment && s.bus >= m->start_bus &&
            s.bus <= m->end_bus) {
            char *p = READ_ONCE(ranges[i].bus[s.bus]);

            p = p ? p : map_bus(i, s.bus);
            return p ? p + ((unsigned int)s.devfn << DEVFN_SHIFT) : NULL;
        }
    }
    return NULL;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * PCI configuration cycles: the address and data ports for the first 256 bytes of segment 0,
 * memory-mapped space for the rest. And dom0's own use of the ports: it gets a latched address of
 * its own, and what it writes passes pci_filter_write().
 * Lock: cycle_lock holds the address port between its two accesses.
 */
#include <asm/cpu.h>
#include <asm/pci.h>
#include <xen/domain.h>
#include <xen/spinlock.h>

#define PORT_ADDRESS 0xcf8
#define PORT_DATA    0xcfc
#define ENABLE       0x80000000U

static struct spinlock cycle_lock = SPINLOCK_INIT(LOCK_PCI_CYCLE);

static bool is_port_reachable(struct pci_sbdf s, unsigned int reg)
{
    return s.segment == 0 && reg < 256;
}

static uint32_t cycle_address(struct pci_sbdf s, unsigned int reg)
{
    return ENABLE | (uint32_t)s.bus << 16 | (uint32_t)s.devfn << 8 | (reg & 0xfc);
}

static uint32_t read_port(struct pci_sbdf s, unsigned int reg, unsigned int size)
{
    unsigned long flags = spin_lock_irqsave(&cycle_lock);
    uint16_t port = (uint16_t)(PORT_DATA + (reg & 3));
    uint32_t v;

    outl(PORT_ADDRESS, cycle_address(s, reg));
    v = size == 1 ? inb(port) : size == 2 ? inw(port) : inl(port);
    spin_unlock_irqrestore(&cycle_lock, flags);
    return v;
}

static void write_port(struct pci_sbdf s, unsigned int reg, unsigned int size, uint32_t value)
{
    unsigned long flags = spin_lock_irqsave(&cycle_lock);
    uint16_t port = (uint16_t)(PORT_DATA + (reg & 3));

    outl(PORT_ADDRESS, cycle_address(s, reg));
    if (size == 1) {
        outb(port, (uint8_t)value);
    } else if (size == 2) {
        outw(port, (uint16_t)value);
    } else {
        outl(port, value);
    }
    spin_unlock_irqrestore(&cycle_lock, flags);
}

uint32_t pci_config_read(struct pci_sbdf s, unsigned int reg, unsigned int size)
{
    volatile char *p;

    if (is_port_reachable(s, reg)) {
        return read_port(s, reg, size);
    }
    p = mmcfg_find(s);
    if (!p) {
        return UINT32_MAX >> (32 - 8 * size);
    }
    return size == 1 ? *(volatile uint8_t *)(p + reg)
                     : size == 2 ? *(volatile uint16_t *)(p + reg)
                                 : *(volatile uint32_t *)(p + reg);
}

void pci_config_write(struct pci_sbdf s, unsigned int reg, unsigned int size, uint32_t value)
{
    volatile char *p;

    if (is_port_reachable(s, reg)) {
        write_port(s, reg, size, value);
        return;
    }
    p = mmcfg_find(s);
    if (!p) {
        return;
    }
    if (size == 1) {
        *(volatile uint8_t *)(p + reg) = (uint8_t)value;
    } else if (size == 2) {
        *(volatile uint16_t *)(p + reg) = (uint16_t)value;
    } else {
        *(volatile uint32_t *)(p + reg) = value;
    }
}

/* Splits the latched address; false if no cycle would be made. */
static bool decode_latch(const struct domain *d, unsigned int port, unsigned int size,
                         struct pci_sbdf *s, unsigned int *reg)
{
    uint32_t latch = d->arch.pci_cf8;

    if (!d->is_hardware || !(latch & ENABLE) || (port & 3) + size > 4) {
        return false;
    }
    *s = (struct pci_sbdf){ 0, (uint8_t)(latch >> 16), (uint8_t)(latch >> 8) };
    *reg = (latch & 0xfc) + (port & 3);
    return true;
}

uint32_t pci_port_read(struct domain *d, unsigned int port, unsigned int size)
{
    struct pci_sbdf s;
    unsigned int reg;

    if (port == PORT_ADDRESS && size == 4) {
        return d->arch.pci_cf8;
    }
    if (port >= PORT_DATA && decode_latch(d, port, size, &s, &reg)) {
        return read_port(s, reg, size);
    }
    return UINT32_MAX >> (32 - 8 * size);
}

void pci_port_write(struct domain *d, unsigned int port, unsigned int size, uint32_t value)
{
    struct pci_sbdf s;
    unsigned int reg;

    if (port == PORT_ADDRESS && size == 4) {
        d->arch.pci_cf8 = value;
    } else if (port >= PORT_DATA && decode_latch(d, port, size, &s, &reg) &&
               pci_filter_write(s, reg, size, &value)) {
        write_port(s, reg, size, value);
    }
}

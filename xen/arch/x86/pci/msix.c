/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The device's side of MSI and MSI-X (PCI Local Bus Specification 3.0, 6.8): writing messages
 * and mask bits to configuration space or to the MSI-X table. The table's frames are read-only to
 * guests while it is in use. Enabling is left to dom0's driver.
 */
#include <asm/mmio.h>
#include <asm/msi.h>
#include <xen/errno.h>
#include <xen/ioremap.h>

#define MSI_ADDRESS_LOW  4
#define MSI_ADDRESS_HIGH 8

#define MSIX_ENTRY_SIZE  16
#define ENTRY_ADDRESS_LOW  0 /* in 32-bit words */
#define ENTRY_ADDRESS_HIGH 1
#define ENTRY_DATA         2
#define ENTRY_CONTROL      3
#define ENTRY_MASKED       1U

#define BAR_IO     1U
#define BAR_64BIT  4U

/* Physical address in a memory BAR, or 0. */
static uint64_t read_bar(struct pci_sbdf s, unsigned int bar)
{
    unsigned int reg = PCI_BAR0 + 4 * bar;
    uint32_t low;
    uint64_t high = 0;

    if (bar > 5) {
        return 0;
    }
    low = pci_config_read(s, reg, 4);
    if (low & BAR_IO) {
        return 0;
    }
    if ((low & 6) == BAR_64BIT && bar < 5) {
        high = pci_config_read(s, reg + 4, 4);
    }
    return high << 32 | (low & ~15U);
}

/*
 * Maps the table, and takes it from guests. A virtual function's BARs are in its physical function:
 * there dom0's word for the address is all there is.
 */
int msix_open_table(struct pci_device *dev, uint64_t table_base)
{
    uint32_t len = (uint32_t)dev->msix_size * MSIX_ENTRY_SIZE;
    uint64_t base = dev->is_virtual_function ? table_base : read_bar(dev->sbdf, dev->msix_bar);
    uint64_t address = base + dev->msix_offset;

    if (!base || (!dev->is_virtual_function &&
                  !(pci_config_read(dev->sbdf, PCI_COMMAND, 2) & PCI_COMMAND_MEMORY))) {
        return -ENXIO;
    }
    if (dev->msix_in_use) {
        return 0;
    }
    if (mmio_protect(maddr(address), len)) {
        return -ENOSPC;
    }
    if (!dev->msix_table || dev->msix_table_address != address || dev->msix_mapped_size < len) {
        dev->msix_table = ioremap(maddr(address), len);
        dev->msix_table_address = address;
        dev->msix_mapped_size = len;
    }
    return 0;
}

void msix_close_table(struct pci_device *dev)
{
    if (dev->msix_table && !dev->msix_in_use) {
        mmio_unprotect(maddr(dev->msix_table_address), (uint64_t)dev->msix_size * MSIX_ENTRY_SIZE);
    }
}

static volatile uint32_t *msix_entry(const struct msi_entry *e)
{
    return e->dev->msix_table + e->index * (MSIX_ENTRY_SIZE / 4);
}

void msi_write_mask(const struct msi_entry *e, bool masked)
{
    unsigned int reg = e->cap + (e->is_64bit ? 16U : 12U);
    uint32_t bits;

    if (e->is_msix) {
        msix_entry(e)[ENTRY_CONTROL] = masked ? ENTRY_MASKED : 0;
        (void)msix_entry(e)[ENTRY_CONTROL]; /* the write has reached the device */
    } else if (e->is_maskable) {
        bits = pci_config_read(e->dev->sbdf, reg, 4);
        pci_config_write(e->dev->sbdf, reg, 4, masked ? bits | 1 : bits & ~1U);
    }
}

void msi_write_message(const struct msi_entry *e)
{
    const struct msi_message *m = &e->message;
    struct pci_sbdf s = e->dev->sbdf;
    volatile uint32_t *t;

    if (e->is_msix) {
        t = msix_entry(e);
        t[ENTRY_ADDRESS_LOW] = m->address_low;
        t[ENTRY_ADDRESS_HIGH] = m->address_high;
        t[ENTRY_DATA] = m->data;
        return;
    }
    pci_config_write(s, e->cap + MSI_ADDRESS_LOW, 4, m->address_low);
    if (e->is_64bit) {
        pci_config_write(s, e->cap + MSI_ADDRESS_HIGH, 4, m->address_high);
    }
    pci_config_write(s, e->cap + (e->is_64bit ? 12U : 8U), 2, m->data);
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* Message signalled interrupts. irq/msi.c says what is sent, pci/msix.c writes it to devices. */
#ifndef ASM_MSI_H
#define ASM_MSI_H

#include <asm/irq.h>
#include <asm/pci.h>
#include <xen/compiler.h>
#include <xen/list.h>
#include <xen/types.h>

struct msi_message {
    uint32_t address_low, address_high, data;
};

/* One vector of a device. Made and destroyed under pci_lock; the message under the irq's lock. */
struct msi_entry {
    struct list_node node;     /* in the device's msis */
    struct pci_device *dev;
    struct irq_desc *desc;
    bool is_msix;
    bool is_64bit, is_maskable; /* MSI only */
    uint8_t cap;
    uint16_t index;            /* in the table, or of the vectors */
    struct msi_message message;
};

extern const struct irq_chip msi_chip;

/*
 * One interrupt for entry @index of the device's MSI-X table, or its single MSI (@index 0 and
 * !@is_msix). @table_base: physical address of the table's BAR as dom0 sees it; 0: read the BAR.
 * Lock: pci_lock. 0, -ENODEV, -EINVAL, -EEXIST, -ENOMEM, -ENOSPC.
 */
must_check int msi_create(struct pci_sbdf sbdf, bool is_msix, unsigned int index,
                          uint64_t table_base, struct irq_desc **out);
void msi_destroy(struct msi_entry *e);
/* Writes all messages of a device again (after it was reset or slept). Lock: pci_lock. -ENODEV. */
must_check int msi_restore(struct pci_sbdf sbdf);

/* pci/msix.c: the device's side. */
must_check int msix_open_table(struct pci_device *dev, uint64_t table_base);
void msix_close_table(struct pci_device *dev);
void msi_write_message(const struct msi_entry *e);
void msi_write_mask(const struct msi_entry *e, bool masked);

#endif

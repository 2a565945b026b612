/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Message signalled interrupts: what message a device sends (Intel SDM vol. 3, 11.11), and the
 * life of an entry. Lock: the PCI lock for making and destroying, the irq's for the message.
 */
#include <asm/current.h>
#include <asm/lapic.h>
#include <asm/msi.h>
#include <xen/alloc.h>
#include <xen/errno.h>

#define MSI_ADDRESS     0xfee00000U
#define MSI_DEST_SHIFT  12

#define MSI_CONTROL          2
#define MSI_CONTROL_VECTORS  0x0070 /* log2 of how many are enabled */
#define MSI_CONTROL_64BIT    0x0080
#define MSI_CONTROL_MASKABLE 0x0100

static void msi_mask(struct irq_desc *desc)
{
    desc->is_masked = true;
    msi_write_mask(desc->msi, true);
}

static void msi_unmask(struct irq_desc *desc)
{
    desc->is_masked = false;
    msi_write_mask(desc->msi, false);
}

/* Masked meanwhile, where the device can: a half-written message must not be sent. */
static void msi_retarget(struct irq_desc *desc)
{
    struct msi_entry *e = desc->msi;

    if (!desc->is_masked) {
        msi_write_mask(e, true);
    }
    e->message.address_low = MSI_ADDRESS | cpu_apic_id[desc->cpu] << MSI_DEST_SHIFT;
    e->message.address_high = 0;
    e->message.data = desc->vector;
    msi_write_message(e);
    if (!desc->is_masked) {
        msi_write_mask(e, false);
    }
}

const struct irq_chip msi_chip = { msi_mask, msi_unmask, msi_retarget };

static bool is_taken(const struct pci_device *dev, bool is_msix, unsigned int index)
{
    struct list_node *n;

    list_for_each(n, &dev->msis) {
        const struct msi_entry *e = list_entry(n, struct msi_entry, node);

        if (e->is_msix != is_msix || e->index == index) {
            return true; /* the same entry, or the other kind */
        }
    }
    return false;
}

/* The device's part: capability, table, one vector only. */
static int prepare_device(struct pci_device *dev, struct msi_entry *e, uint64_t table_base)
{
    uint16_t control;

    if (e->is_msix) {
        return msix_open_table(dev, table_base);
    }
    control = (uint16_t)pci_config_read(dev->sbdf, dev->msi_cap + MSI_CONTROL, 2);
    e->cap = dev->msi_cap;
    e->is_64bit = control & MSI_CONTROL_64BIT;
    e->is_maskable = control & MSI_CONTROL_MASKABLE;
    pci_config_write(dev->sbdf, dev->msi_cap + MSI_CONTROL, 2,
                     control & ~(uint32_t)MSI_CONTROL_VECTORS);
    return 0;
}

/* Gives @e an irq with a vector, and writes its message, masked. */
static int start_entry(struct msi_entry *e)
{
    struct irq_desc *desc = irq_alloc_msi(e);
    unsigned long flags;
    int rc;

    if (!desc) {
        return -ENOSPC;
    }
    e->desc = desc;
    flags = spin_lock_irqsave(&desc->lock);
    rc = vector_assign(desc, smp_processor_id());
    if (!rc) {
        desc->chip->mask(desc);
        desc->chip->retarget(desc);
    }
    spin_unlock_irqrestore(&desc->lock, flags);
    if (rc) {
        irq_free_msi(desc);
    }
    return rc;
}

int msi_create(struct pci_sbdf sbdf, bool is_msix, unsigned int index, uint64_t table_base,
               struct irq_desc **out)
{
    struct pci_device *dev = pci_device_find(sbdf);
    struct msi_entry *e;
    int rc;

    if (!dev || !(is_msix ? dev->msix_cap : dev->msi_cap)) {
        return -ENODEV;
    }
    if (is_msix ? index >= dev->msix_size : index != 0) {
        return -EINVAL;
    }
    if (is_taken(dev, is_msix, index)) {
        return -EEXIST;
    }
    e = heap_new(struct msi_entry);
    if (!e) {
        return -ENOMEM;
    }
    e->dev = dev;
    e->is_msix = is_msix;
    e->index = (uint16_t)index;
    rc = prepare_device(dev, e, table_base);
    if (rc) {
        heap_free(e);
        return rc;
    }
    dev->msix_in_use += is_msix;
    rc = start_entry(e);
    if (rc) {
        dev->msix_in_use -= is_msix;
        if (is_msix) {
            msix_close_table(dev);
        }
        heap_free(e);
        return rc;
    }
    list_append(&dev->msis, &e->node);
    *out = e->desc;
    return 0;
}

void msi_destroy(struct msi_entry *e)
{
    struct pci_device *dev = e->dev;

    msi_write_mask(e, true);
    irq_free_msi(e->desc);
    list_remove(&e->node);
    if (e->is_msix) {
        dev->msix_in_use--;
        msix_close_table(dev);
    }
    heap_free(e);
}

int msi_restore(struct pci_sbdf sbdf)
{
    struct pci_device *dev = pci_device_find(sbdf);
    struct list_node *n;

    if (!dev) {
        return -ENODEV;
    }
    list_for_each(n, &dev->msis) {
        struct msi_entry *e = list_entry(n, struct msi_entry, node);
        unsigned long flags = spin_lock_irqsave(&e->desc->lock);

        msi_write_mask(e, true);
        msi_write_message(e);
        msi_write_mask(e, e->desc->is_masked);
        spin_unlock_irqrestore(&e->desc->lock, flags);
    }
    return 0;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The list of PCI functions that dom0 reported, and what the hypervisor knows of each: where
 * its MSI capabilities are. Lock: LOCK_PCI guards the list and the devices in it.
 */
#include <asm/msi.h>
#include <asm/pci.h>
#include <xen/alloc.h>
#include <xen/console.h>
#include <xen/domain.h>
#include <xen/errno.h>
#include <xen/spinlock.h>

#define MAX_CAPS 48 /* 192 bytes behind the header, four or more each: a longer list is a loop */

#define MSIX_CONTROL 2
#define MSIX_TABLE   4

static struct spinlock list_lock = SPINLOCK_INIT(LOCK_PCI);
static struct list_node devices = LIST_INIT(devices);

void pci_lock(void)
{
    spin_lock(&list_lock);
}

void pci_unlock(void)
{
    spin_unlock(&list_lock);
}

static bool is_same(struct pci_sbdf a, struct pci_sbdf b)
{
    return a.segment == b.segment && a.bus == b.bus && a.devfn == b.devfn;
}

struct pci_device *pci_device_find(struct pci_sbdf sbdf)
{
    struct list_node *n;

    list_for_each(n, &devices) {
        struct pci_device *dev = list_entry(n, struct pci_device, node);

        if (is_same(dev->sbdf, sbdf)) {
            return dev;
        }
    }
    return NULL;
}

uint8_t pci_find_capability(struct pci_sbdf s, uint8_t id)
{
    uint8_t at;

    if (pci_config_read(s, PCI_VENDOR_ID, 2) == 0xffff ||
        !(pci_config_read(s, PCI_STATUS, 2) & PCI_STATUS_CAPS)) {
        return 0;
    }
    at = pci_config_read(s, PCI_CAP_POINTER, 1) & 0xfc;
    for (unsigned int i = 0; i < MAX_CAPS && at >= 0x40; i++) {
        uint16_t head = (uint16_t)pci_config_read(s, at, 2);

        if ((head & 0xff) == id) {
            return at;
        }
        at = (head >> 8) & 0xfc;
    }
    return 0;
}

static void find_msi_caps(struct pci_device *dev)
{
    uint32_t table;

    dev->msi_cap = pci_find_capability(dev->sbdf, PCI_CAP_MSI);
    dev->msix_cap = pci_find_capability(dev->sbdf, PCI_CAP_MSIX);
    if (dev->msix_cap) {
        table = pci_config_read(dev->sbdf, dev->msix_cap + MSIX_TABLE, 4);
        dev->msix_bar = table & 7;
        dev->msix_offset = table & ~7U;
        dev->msix_size =
            (uint16_t)((pci_config_read(dev->sbdf, dev->msix_cap + MSIX_CONTROL, 2) & 0x7ff) + 1);
    }
}

int pci_device_add(struct pci_sbdf sbdf, bool is_virtual, struct pci_sbdf physical_function)
{
    struct pci_device *dev;

    pci_lock();
    dev = pci_device_find(sbdf);
    if (!dev) {
        dev = heap_new(struct pci_device);
        if (!dev) {
            pci_unlock();
            return -ENOMEM;
        }
        dev->sbdf = sbdf;
        list_init(&dev->msis);
        list_append(&devices, &dev->node);
    }
    dev->is_virtual_function = is_virtual;
    dev->physical_function = physical_function;
    dev->owner = hardware_domain;
    find_msi_caps(dev);
    pci_unlock();
    return 0;
}

int pci_device_remove(struct pci_sbdf sbdf)
{
    struct pci_device *dev;
    int rc = 0;

    pci_lock();
    dev = pci_device_find(sbdf);
    if (!dev) {
        rc = -ENODEV;
    } else if (!list_is_empty(&dev->msis)) {
        rc = -EBUSY;
    } else {
        list_remove(&dev->node);
        heap_free(dev);
    }
    pci_unlock();
    return rc;
}

void pci_dump(void)
{
    struct list_node *n, *m;

    list_for_each(n, &devices) {
        const struct pci_device *dev = list_entry(n, struct pci_device, node);

        printk(PCI_SBDF_FMT " d%d", PCI_SBDF_ARG(dev->sbdf), dev->owner ? dev->owner->id : -1);
        list_for_each(m, &dev->msis) {
            const struct msi_entry *e = list_entry(m, struct msi_entry, node);

            printk(" %s%u:irq %u", e->is_msix ? "msix" : "msi", e->index, e->desc->irq);
        }
        printk("\n");
    }
}

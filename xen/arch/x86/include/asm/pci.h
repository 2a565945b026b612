/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * PCI: configuration access, the list of devices that dom0 reports, and dom0's own accesses
 * through the ports 0xcf8-0xcff. dom0 owns all devices; the hypervisor keeps for itself what
 * an MSI says (address, data, mask).
 */
#ifndef ASM_PCI_H
#define ASM_PCI_H

#include <xen/compiler.h>
#include <xen/list.h>
#include <xen/types.h>

struct domain;
struct msi_entry;

/* Where a function is. devfn: device in bits 3-7, function in bits 0-2. */
struct pci_sbdf {
    uint16_t segment;
    uint8_t bus;
    uint8_t devfn;
};

#define PCI_SBDF_FMT    "%04x:%02x:%02x.%u"
#define PCI_SBDF_ARG(s) (s).segment, (s).bus, (s).devfn >> 3, (s).devfn & 7

struct pci_device {
    struct list_node node;     /* in the list of all devices; LOCK_PCI, as all below */
    struct pci_sbdf sbdf;
    bool is_virtual_function;
    struct pci_sbdf physical_function;
    struct domain *owner;      /* dom0, or NULL */

    uint8_t msi_cap;           /* offset of the capability; 0: none */
    uint8_t msix_cap;
    uint8_t msi_vectors;       /* entries in use */
    uint16_t msix_size;        /* entries of the table */
    uint16_t msix_in_use;
    uint8_t msix_bar;          /* BAR that holds the table */
    uint32_t msix_offset;
    uint64_t msix_table_address;
    volatile uint32_t *msix_table; /* mapped while msix_in_use */
    uint32_t msix_mapped_size;
    struct list_node msis;     /* struct msi_entry */
};

#define PCI_VENDOR_ID      0x00
#define PCI_COMMAND        0x04
#define PCI_COMMAND_MEMORY 0x0002
#define PCI_STATUS         0x06
#define PCI_STATUS_CAPS    0x0010
#define PCI_HEADER_TYPE    0x0e
#define PCI_BAR0           0x10
#define PCI_CAP_POINTER    0x34
#define PCI_CAP_MSI        0x05
#define PCI_CAP_MSIX       0x11

/* config.c. @size 1, 2 or 4, aligned; what cannot be reached reads as all ones. Any context. */
uint32_t pci_config_read(struct pci_sbdf sbdf, unsigned int reg, unsigned int size);
void pci_config_write(struct pci_sbdf sbdf, unsigned int reg, unsigned int size, uint32_t value);

/* mmcfg.c: memory-mapped configuration space. */
void mmcfg_init(void);
/* dom0 confirms that the firmware reserved the range. 0, -ENODEV (unknown range). */
must_check int mmcfg_reserved(uint64_t address, uint16_t segment, uint8_t start_bus,
                              uint8_t end_bus, bool reserved);
/* The function's 4 KiB, or NULL. */
volatile void *mmcfg_find(struct pci_sbdf sbdf);

/* device.c. Lock: pci_lock. */
void pci_lock(void);
void pci_unlock(void);
/* Lock held; NULL: not reported. */
struct pci_device *pci_device_find(struct pci_sbdf sbdf);
/* Adds a device for the hardware domain; again: changes nothing. 0, -ENOMEM, -EINVAL. */
must_check int pci_device_add(struct pci_sbdf sbdf, bool is_virtual,
                              struct pci_sbdf physical_function);
/* -ENODEV; -EBUSY while it has interrupts. */
must_check int pci_device_remove(struct pci_sbdf sbdf);
/* Offset of a capability, or 0. */
uint8_t pci_find_capability(struct pci_sbdf sbdf, uint8_t id);
void pci_dump(void);

/*
 * dom0's accesses to the configuration ports, already known to lie in 0xcf8-0xcff.
 * Reads of what isn't there, or isn't permitted, give all ones; such writes vanish.
 */
uint32_t pci_port_read(struct domain *d, unsigned int port, unsigned int size);
void pci_port_write(struct domain *d, unsigned int port, unsigned int size, uint32_t value);
/* What remains of a guest's write: false: nothing. */
bool pci_filter_write(struct pci_sbdf sbdf, unsigned int reg, unsigned int size, uint32_t *value);

#endif

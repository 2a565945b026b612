/* SPDX-License-Identifier: BSD-2-Clause */
/* Interrupts, ports and PCI devices of the machine. See docs/interface/physdev_op.md. */
#ifndef PUBLIC_PHYSDEV_H
#define PUBLIC_PHYSDEV_H

#include "xen.h"

#define PHYSDEVOP_IRQ_UNMASK_NOTIFY  4 /* obsolete */
#define PHYSDEVOP_irq_status_query   5
#define PHYSDEVOP_set_iopl           6
#define PHYSDEVOP_set_iobitmap       7
#define PHYSDEVOP_apic_read          8
#define PHYSDEVOP_apic_write         9
#define PHYSDEVOP_alloc_irq_vector   10
#define PHYSDEVOP_free_irq_vector    11
#define PHYSDEVOP_eoi                12
#define PHYSDEVOP_map_pirq           13
#define PHYSDEVOP_unmap_pirq         14
#define PHYSDEVOP_manage_pci_add     15
#define PHYSDEVOP_manage_pci_remove  16
#define PHYSDEVOP_pirq_eoi_gmfn_v1   17
#define PHYSDEVOP_restore_msi        19
#define PHYSDEVOP_manage_pci_add_ext 20
#define PHYSDEVOP_setup_gsi          21
#define PHYSDEVOP_get_free_pirq      23
#define PHYSDEVOP_pci_mmcfg_reserved 24
#define PHYSDEVOP_pci_device_add     25
#define PHYSDEVOP_pci_device_remove  26
#define PHYSDEVOP_restore_msi_ext    27
#define PHYSDEVOP_pirq_eoi_gmfn_v2   28
#define PHYSDEVOP_dbgp_op            29
#define PHYSDEVOP_prepare_msix       30
#define PHYSDEVOP_release_msix       31

/* physdev_irq_status_query.flags. */
#define XENIRQSTAT_needs_eoi (1u << 0)
#define XENIRQSTAT_shared    (1u << 1)

/* physdev_map_pirq.type. */
#define MAP_PIRQ_TYPE_MSI       0
#define MAP_PIRQ_TYPE_GSI       1
#define MAP_PIRQ_TYPE_UNKNOWN   2
#define MAP_PIRQ_TYPE_MSI_SEG   3
#define MAP_PIRQ_TYPE_MULTI_MSI 4

/* physdev_pci_mmcfg_reserved.flags. */
#define XEN_PCI_MMCFG_RESERVED 0x1

/* physdev_pci_device_add.flags. */
#define XEN_PCI_DEV_EXTFN  0x1
#define XEN_PCI_DEV_VIRTFN 0x2
#define XEN_PCI_DEV_PXM    0x4

/* physdev_dbgp_op.op and .bus. */
#define PHYSDEVOP_DBGP_RESET_PREPARE 1
#define PHYSDEVOP_DBGP_RESET_DONE    2
#define PHYSDEVOP_DBGP_BUS_UNKNOWN   0
#define PHYSDEVOP_DBGP_BUS_PCI       1

struct physdev_eoi {
    uint32_t irq;
};
XEN_ABI_SIZE(struct physdev_eoi, 4, "physdev_op.md");

struct physdev_pirq_eoi_gmfn {
    xen_pfn_t gmfn;
};
XEN_ABI_SIZE(struct physdev_pirq_eoi_gmfn, 8, "physdev_op.md");

struct physdev_irq_status_query {
    uint32_t irq;
    uint32_t flags; /* out */
};
XEN_ABI_SIZE(struct physdev_irq_status_query, 8, "physdev_op.md");

struct physdev_set_iopl {
    uint32_t iopl;
};
XEN_ABI_SIZE(struct physdev_set_iopl, 4, "physdev_op.md");

struct physdev_set_iobitmap {
    XEN_GUEST_PTR(uint8_t) bitmap;
    uint32_t nr_ports;
};
XEN_ABI_SIZE(struct physdev_set_iobitmap, 16, "physdev_op.md");

struct physdev_apic {
    uint64_t apic_physbase;
    uint32_t reg;
    uint32_t value; /* in or out */
};
XEN_ABI_SIZE(struct physdev_apic, 16, "physdev_op.md");

struct physdev_irq {
    uint32_t irq;
    uint32_t vector; /* out */
};
XEN_ABI_SIZE(struct physdev_irq, 8, "physdev_op.md");

struct physdev_map_pirq {
    domid_t domid;
    int32_t type;
    int32_t index;    /* the GSI */
    int32_t pirq;     /* in: wanted number, or -1; out: the number given */
    int32_t bus;      /* bits 16 and up: the segment, for MSI_SEG */
    int32_t devfn;
    int32_t entry_nr; /* entry of the MSI-X table, or count of MSI vectors */
    uint64_t table_base;
};
XEN_ABI_SIZE(struct physdev_map_pirq, 40, "physdev_op.md");
XEN_ABI_OFFSET(struct physdev_map_pirq, type, 4, "physdev_op.md");
XEN_ABI_OFFSET(struct physdev_map_pirq, pirq, 12, "physdev_op.md");
XEN_ABI_OFFSET(struct physdev_map_pirq, entry_nr, 24, "physdev_op.md");
XEN_ABI_OFFSET(struct physdev_map_pirq, table_base, 32, "physdev_op.md");

struct physdev_unmap_pirq {
    domid_t domid;
    int32_t pirq;
};
XEN_ABI_SIZE(struct physdev_unmap_pirq, 8, "physdev_op.md");

struct physdev_manage_pci {
    uint8_t bus;
    uint8_t devfn;
};
XEN_ABI_SIZE(struct physdev_manage_pci, 2, "physdev_op.md");

struct physdev_restore_msi {
    uint8_t bus;
    uint8_t devfn;
};
XEN_ABI_SIZE(struct physdev_restore_msi, 2, "physdev_op.md");

struct physdev_manage_pci_ext {
    uint8_t bus;
    uint8_t devfn;
    uint32_t is_extfn;
    uint32_t is_virtfn;
    struct {
        uint8_t bus;
        uint8_t devfn;
    } physfn;
};
XEN_ABI_SIZE(struct physdev_manage_pci_ext, 16, "physdev_op.md");

struct physdev_setup_gsi {
    int32_t gsi;
    uint8_t triggering; /* 0 edge, 1 level */
    uint8_t polarity;   /* 0 active high, 1 active low */
};
XEN_ABI_SIZE(struct physdev_setup_gsi, 8, "physdev_op.md");
XEN_ABI_OFFSET(struct physdev_setup_gsi, polarity, 5, "physdev_op.md");

struct physdev_get_free_pirq {
    int32_t type;
    uint32_t pirq; /* out */
};
XEN_ABI_SIZE(struct physdev_get_free_pirq, 8, "physdev_op.md");

struct physdev_pci_mmcfg_reserved {
    uint64_t address;
    uint16_t segment;
    uint8_t start_bus;
    uint8_t end_bus;
    uint32_t flags;
};
XEN_ABI_SIZE(struct physdev_pci_mmcfg_reserved, 16, "physdev_op.md");

struct physdev_pci_device_add {
    uint16_t seg;
    uint8_t bus;
    uint8_t devfn;
    uint32_t flags;
    struct {
        uint8_t bus;
        uint8_t devfn;
    } physfn;
    uint32_t optarr[]; /* with XEN_PCI_DEV_PXM: the proximity domain */
};
XEN_ABI_SIZE(struct physdev_pci_device_add, 12, "physdev_op.md");
XEN_ABI_OFFSET(struct physdev_pci_device_add, optarr, 12, "physdev_op.md");

typedef struct physdev_pci_device {
    uint16_t seg;
    uint8_t bus;
    uint8_t devfn;
} physdev_pci_device_t;
XEN_ABI_SIZE(struct physdev_pci_device, 4, "physdev_op.md");

struct physdev_dbgp_op {
    uint8_t op;
    uint8_t bus;
    union {
        struct physdev_pci_device pci;
    } u;
};
XEN_ABI_SIZE(struct physdev_dbgp_op, 6, "physdev_op.md");

#endif /* PUBLIC_PHYSDEV_H */

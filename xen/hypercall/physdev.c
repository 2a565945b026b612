/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * physdev_op: how dom0 announces interrupts and PCI functions, and virtual I/O privilege.
 * Page: docs/interface/physdev_op.md. Every argument is copied in once and checked as a copy.
 */
#include <asm/ioapic.h>
#include <asm/irq.h>
#include <asm/msi.h>
#include <asm/page.h>
#include <asm/pci.h>
#include <asm/current.h>
#include <public/physdev.h>
#include <xen/domain.h>
#include <xen/errno.h>
#include <xen/hypercall.h>
#include <xen/usercopy.h>

#define MAX_PORTS 65536

static long do_eoi(void *arg)
{
    struct physdev_eoi op;

    return read_guest(&op, arg) ? pirq_eoi(current->domain, op.irq) : -EFAULT;
}

static long do_eoi_map(void *arg)
{
    struct physdev_pirq_eoi_gmfn op;

    return read_guest(&op, arg) ? pirq_set_eoi_map(current->domain, gfn(op.gmfn)) : -EFAULT;
}

static long do_status_query(void *arg)
{
    struct physdev_irq_status_query op;
    int flags;

    if (!read_guest(&op, arg)) {
        return -EFAULT;
    }
    flags = pirq_status(current->domain, op.irq);
    if (flags < 0) {
        return flags;
    }
    op.flags = (uint32_t)flags;
    return write_guest(arg, &op) ? 0 : -EFAULT;
}

static long do_set_iopl(void *arg)
{
    struct physdev_set_iopl op;

    if (!read_guest(&op, arg)) {
        return -EFAULT;
    }
    if (op.iopl > 3) {
        return -EINVAL;
    }
    current->arch.iopl = (uint8_t)op.iopl;
    return 0;
}

static long do_set_iobitmap(void *arg)
{
    struct physdev_set_iobitmap op;

    if (!read_guest(&op, arg)) {
        return -EFAULT;
    }
    if (op.nr_ports > MAX_PORTS ||
        !guest_range_ok((uint64_t)op.bitmap, (op.nr_ports + 7) / 8)) {
        return -EINVAL;
    }
    current->arch.iobmp = (uint64_t)op.bitmap;
    current->arch.iobmp_limit = op.nr_ports;
    return 0;
}

static long do_apic_read(void *arg)
{
    struct physdev_apic op;
    int rc;

    if (!read_guest(&op, arg)) {
        return -EFAULT;
    }
    rc = ioapic_read_register(op.apic_physbase, op.reg, &op.value);
    if (rc) {
        return rc;
    }
    return write_guest(arg, &op) ? 0 : -EFAULT;
}

/* The entries are the hypervisor's: what a guest would write there has no effect. */
static long do_apic_write(void *arg)
{
    struct physdev_apic op;
    uint32_t value;

    if (!read_guest(&op, arg)) {
        return -EFAULT;
    }
    return ioapic_read_register(op.apic_physbase, op.reg, &value);
}

/* Vectors are given out by the hypervisor when an interrupt is bound; dom0 only wants to hear 0. */
static long do_alloc_irq_vector(void *arg)
{
    struct physdev_irq op;

    if (!read_guest(&op, arg)) {
        return -EFAULT;
    }
    op.vector = op.irq;
    return write_guest(arg, &op) ? 0 : -EFAULT;
}

static int map_gsi(struct domain *d, const struct physdev_map_pirq *op)
{
    struct irq_desc *desc;

    if (op->index < 0 || (unsigned int)op->index >= nr_gsis) {
        return -EINVAL;
    }
    if (op->index == 0) {
        return -EPERM; /* the system timer's */
    }
    desc = irq_desc_get((unsigned int)op->index);
    return desc ? pirq_map(d, desc, op->pirq) : -EINVAL;
}

static int map_msi(struct domain *d, const struct physdev_map_pirq *op, unsigned int segment)
{
    const struct pci_sbdf sbdf = { (uint16_t)segment, (uint8_t)op->bus, (uint8_t)op->devfn };
    bool is_msix = op->table_base != 0;
    struct irq_desc *desc;
    int rc;

    if (op->entry_nr < 0) {
        return -EINVAL;
    }
    pci_lock();
    rc = msi_create(sbdf, is_msix, is_msix ? (unsigned int)op->entry_nr : 0, op->table_base,
                    &desc);
    pci_unlock();
    if (rc) {
        return rc;
    }
    rc = pirq_map(d, desc, op->pirq);
    if (rc < 0) {
        pci_lock();
        msi_destroy(desc->msi);
        pci_unlock();
    }
    return rc;
}

static int map_by_type(struct domain *d, const struct physdev_map_pirq *op)
{
    switch (op->type) {
    case MAP_PIRQ_TYPE_GSI:
        return map_gsi(d, op);
    case MAP_PIRQ_TYPE_MSI:
        return map_msi(d, op, 0);
    case MAP_PIRQ_TYPE_MSI_SEG:
        return map_msi(d, op, (uint32_t)op->bus >> 16);
    case MAP_PIRQ_TYPE_MULTI_MSI:
        /* Several vectors need an IOMMU to be moved one by one; there is none. */
        return op->entry_nr == 1 ? map_msi(d, op, (uint32_t)op->bus >> 16) : -EOPNOTSUPP;
    default:
        return -EINVAL;
    }
}

/* Interrupts are the hardware domain's to give, to itself and to others. */
static int get_irq_target(domid_t id, struct domain **out)
{
    int rc = domain_get_target(id, out);

    if (rc == 0 && !current->domain->is_hardware) {
        domain_put(*out);
        rc = -EPERM;
    }
    return rc;
}

static long do_map_pirq(void *arg)
{
    struct physdev_map_pirq op;
    struct domain *d;
    int rc;

    if (!read_guest(&op, arg)) {
        return -EFAULT;
    }
    rc = get_irq_target(op.domid, &d);
    if (rc) {
        return rc;
    }
    rc = map_by_type(d, &op);
    if (rc >= 0) {
        op.pirq = rc;
        rc = write_guest(arg, &op) ? 0 : -EFAULT;
    }
    domain_put(d);
    return rc;
}

static long do_unmap_pirq(void *arg)
{
    struct physdev_unmap_pirq op;
    struct domain *d;
    int rc;

    if (!read_guest(&op, arg)) {
        return -EFAULT;
    }
    rc = get_irq_target(op.domid, &d);
    if (!rc) {
        rc = op.pirq < 0 ? -EINVAL : pirq_unmap(d, (unsigned int)op.pirq);
        domain_put(d);
    }
    return rc;
}

static long do_setup_gsi(void *arg)
{
    struct physdev_setup_gsi op;

    if (!read_guest(&op, arg)) {
        return -EFAULT;
    }
    return op.gsi < 0 ? -EINVAL
                      : irq_setup_gsi((unsigned int)op.gsi, op.triggering != 0, op.polarity != 0);
}

static long do_mmcfg_reserved(void *arg)
{
    struct physdev_pci_mmcfg_reserved op;

    if (!read_guest(&op, arg)) {
        return -EFAULT;
    }
    return mmcfg_reserved(op.address, op.segment, op.start_bus, op.end_bus,
                          op.flags & XEN_PCI_MMCFG_RESERVED);
}

/* An optional proximity domain behind the structure is not read: memory has no nodes here. */
static long do_device_add(void *arg)
{
    struct physdev_pci_device_add op;
    struct pci_sbdf physfn;

    if (!read_guest(&op, arg)) {
        return -EFAULT;
    }
    physfn = (struct pci_sbdf){ op.seg, op.physfn.bus, op.physfn.devfn };
    return pci_device_add((struct pci_sbdf){ op.seg, op.bus, op.devfn },
                          op.flags & XEN_PCI_DEV_VIRTFN, physfn);
}

static long do_manage_add(void *arg)
{
    struct physdev_manage_pci op;
    const struct pci_sbdf none = { 0 };

    if (!read_guest(&op, arg)) {
        return -EFAULT;
    }
    return pci_device_add((struct pci_sbdf){ 0, op.bus, op.devfn }, false, none);
}

static long do_manage_add_ext(void *arg)
{
    struct physdev_manage_pci_ext op;
    struct pci_sbdf physfn;

    if (!read_guest(&op, arg)) {
        return -EFAULT;
    }
    physfn = (struct pci_sbdf){ 0, op.physfn.bus, op.physfn.devfn };
    return pci_device_add((struct pci_sbdf){ 0, op.bus, op.devfn }, op.is_virtfn != 0, physfn);
}

/* Operations on one function: @wide: the argument names a segment. */
static long do_device_op(void *arg, bool wide, int (*fn)(struct pci_sbdf sbdf))
{
    struct physdev_pci_device op;
    struct physdev_restore_msi narrow;

    if (wide) {
        return read_guest(&op, arg) ? fn((struct pci_sbdf){ op.seg, op.bus, op.devfn }) : -EFAULT;
    }
    return read_guest(&narrow, arg) ? fn((struct pci_sbdf){ 0, narrow.bus, narrow.devfn })
                                    : -EFAULT;
}

static int restore_locked(struct pci_sbdf sbdf)
{
    int rc;

    pci_lock();
    rc = msi_restore(sbdf);
    pci_unlock();
    return rc;
}

/* Handing a function's MSI-X table to another domain comes with passthrough. */
static int refuse_msix_handover(struct pci_sbdf sbdf)
{
    int rc;

    pci_lock();
    rc = pci_device_find(sbdf) ? -EOPNOTSUPP : -ENODEV;
    pci_unlock();
    return rc;
}

/* No debug port is ever in use by the hypervisor: a reset of one needs no preparation. */
static long do_debug_port(void *arg)
{
    struct physdev_dbgp_op op;

    return read_guest(&op, arg) ? 0 : -EFAULT;
}

/* What only the hardware domain may do. */
static long hardware_op(int cmd, void *arg)
{
    if (!current->domain->is_hardware) {
        return -EPERM;
    }
    switch (cmd) {
    case PHYSDEVOP_apic_read:
        return do_apic_read(arg);
    case PHYSDEVOP_apic_write:
        return do_apic_write(arg);
    case PHYSDEVOP_alloc_irq_vector:
        return do_alloc_irq_vector(arg);
    case PHYSDEVOP_setup_gsi:
        return do_setup_gsi(arg);
    case PHYSDEVOP_pci_mmcfg_reserved:
        return do_mmcfg_reserved(arg);
    case PHYSDEVOP_pci_device_add:
        return do_device_add(arg);
    case PHYSDEVOP_manage_pci_add:
        return do_manage_add(arg);
    case PHYSDEVOP_manage_pci_add_ext:
        return do_manage_add_ext(arg);
    case PHYSDEVOP_pci_device_remove:
        return do_device_op(arg, true, pci_device_remove);
    case PHYSDEVOP_manage_pci_remove:
        return do_device_op(arg, false, pci_device_remove);
    case PHYSDEVOP_restore_msi_ext:
        return do_device_op(arg, true, restore_locked);
    case PHYSDEVOP_restore_msi:
        return do_device_op(arg, false, restore_locked);
    case PHYSDEVOP_prepare_msix:
    case PHYSDEVOP_release_msix:
        return do_device_op(arg, true, refuse_msix_handover);
    case PHYSDEVOP_dbgp_op:
        return do_debug_port(arg);
    default:
        return -ENOSYS;
    }
}

long hypercall_physdev_op(int cmd, void *arg)
{
    switch (cmd) {
    case PHYSDEVOP_eoi:
        return do_eoi(arg);
    case PHYSDEVOP_pirq_eoi_gmfn_v2:
        return do_eoi_map(arg);
    case PHYSDEVOP_irq_status_query:
        return do_status_query(arg);
    case PHYSDEVOP_set_iopl:
        return do_set_iopl(arg);
    case PHYSDEVOP_set_iobitmap:
        return do_set_iobitmap(arg);
    case PHYSDEVOP_map_pirq:
        return do_map_pirq(arg);
    case PHYSDEVOP_unmap_pirq:
        return do_unmap_pirq(arg);
    /* Not built: notification by unmasking alone, and choosing a pirq before it is mapped. */
    case PHYSDEVOP_IRQ_UNMASK_NOTIFY:
    case PHYSDEVOP_pirq_eoi_gmfn_v1:
    case PHYSDEVOP_get_free_pirq:
        return -ENOSYS;
    case PHYSDEVOP_apic_read ... PHYSDEVOP_alloc_irq_vector:
    case PHYSDEVOP_manage_pci_add ... PHYSDEVOP_manage_pci_remove:
    case PHYSDEVOP_restore_msi ... PHYSDEVOP_setup_gsi:
    case PHYSDEVOP_pci_mmcfg_reserved ... PHYSDEVOP_restore_msi_ext:
    case PHYSDEVOP_dbgp_op ... PHYSDEVOP_release_msix:
        return hardware_op(cmd, arg);
    default:
        return -ENOSYS;
    }
}

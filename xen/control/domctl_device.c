/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * domctl: what of the machine's devices a domain may touch. Nobody can give what he doesn't have.
 */
#include "domctl.h"

#include <asm/current.h>
#include <asm/irq.h>
#include <xen/arch.h>
#include <xen/errno.h>
#include <xen/iocaps.h>

#define NR_PORTS 0x10000U

int domctl_iomem_permission(struct domain *d, struct xen_domctl *op)
{
    const struct xen_domctl_iomem_permission *p = &op->u.iomem_permission;
    uint64_t last = p->first_mfn + p->nr_mfns - 1;

    if (last < p->first_mfn) {
        return -EINVAL;
    }
    if (!iocaps_mfns_permitted(current->domain, mfn(p->first_mfn), mfn(last))) {
        return -EPERM;
    }
    return iocaps_permit_mfns(d, mfn(p->first_mfn), mfn(last), p->allow_access != 0);
}

int domctl_ioport_permission(struct domain *d, struct xen_domctl *op)
{
    const struct xen_domctl_ioport_permission *p = &op->u.ioport_permission;

    if (p->first_port >= NR_PORTS || p->nr_ports == 0 || p->nr_ports > NR_PORTS - p->first_port) {
        return -EINVAL;
    }
    if (!iocaps_ports_permitted(current->domain, p->first_port, p->first_port + p->nr_ports - 1)) {
        return -EPERM;
    }
    return iocaps_permit_ports(d, p->first_port, p->first_port + p->nr_ports - 1,
                               p->allow_access != 0);
}

/* An interrupt by the caller's own number for it; it must have one. */
int domctl_irq_permission(struct domain *d, struct xen_domctl *op)
{
    const struct xen_domctl_irq_permission *p = &op->u.irq_permission;
    unsigned int irq;

    if (p->pirq >= arch_nr_pirqs(current->domain)) {
        return -EINVAL;
    }
    irq = pirq_to_irq(current->domain, p->pirq);
    if (irq == IRQ_NONE || !iocaps_irq_permitted(current->domain, irq)) {
        return -EPERM;
    }
    return iocaps_permit_irqs(d, irq, irq, p->allow_access != 0);
}

/*
 * Devices are given by their frames, ports and interrupts; to let them into a domain's memory
 * takes an IOMMU.
 */
int domctl_no_iommu(struct domain *d, struct xen_domctl *op)
{
    (void)d;
    (void)op;
    return -EOPNOTSUPP;
}

/*
 * Guest frames are mapped to device memory only where the hypervisor keeps the map. PV domains map
 * it themselves, if they are permitted: here is only asked whether the caller could give it.
 */
int domctl_memory_mapping(struct domain *d, struct xen_domctl *op)
{
    const struct xen_domctl_memory_mapping *m = &op->u.memory_mapping;
    uint64_t last = m->first_mfn + m->nr_mfns - 1;

    (void)d;
    if (m->nr_mfns == 0 || last < m->first_mfn || m->first_gfn + m->nr_mfns - 1 < m->first_gfn) {
        return -EINVAL;
    }
    return iocaps_mfns_permitted(current->domain, mfn(m->first_mfn), mfn(last)) ? 0 : -EPERM;
}

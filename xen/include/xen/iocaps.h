/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What of the machine's devices a domain may touch: frames outside RAM, I/O ports, interrupts.
 *
 * The hardware domain has everything but what the hypervisor keeps for itself; any other domain has
 * nothing until it is given something.
 */
#ifndef XEN_IOCAPS_H
#define XEN_IOCAPS_H

#include <xen/compiler.h>
#include <xen/types.h>

struct domain;

/* 0 or -ENOMEM. */
int iocaps_domain_init(struct domain *d);
void iocaps_domain_fini(struct domain *d);

/* Frames outside RAM; RAM is never a matter of this. */
bool iocaps_mfn_permitted(const struct domain *d, mfn_t m);
/* All of [first, last]. */
bool iocaps_mfns_permitted(const struct domain *d, mfn_t first, mfn_t last);
/* All of [first, last]. */
bool iocaps_ports_permitted(const struct domain *d, unsigned int first, unsigned int last);
bool iocaps_irq_permitted(const struct domain *d, unsigned int irq);
/* Whether the domain drives devices, so that it may choose cache attributes. */
bool iocaps_has_devices(const struct domain *d);

/* Gives or takes [first, last]. 0, -EINVAL (backwards), -ENOMEM (as rangeset.h). */
int iocaps_permit_mfns(struct domain *d, mfn_t first, mfn_t last, bool permit);
int iocaps_permit_ports(struct domain *d, unsigned int first, unsigned int last, bool permit);
int iocaps_permit_irqs(struct domain *d, unsigned int first, unsigned int last, bool permit);

/*
 * The hypervisor's own, refused to every domain: before the hardware domain is created. Read-only
 * frames may be mapped, but writable mappings silently become read-only.
 */
void iocaps_reserve_mfns(mfn_t first, mfn_t last);
void iocaps_reserve_ports(unsigned int first, unsigned int last);
void iocaps_reserve_irq(unsigned int irq);
void iocaps_make_readonly(mfn_t first, mfn_t last);
bool iocaps_mfn_readonly(mfn_t m);

#endif

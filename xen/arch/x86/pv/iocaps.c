/* SPDX-License-Identifier: BSD-2-Clause */
/* Permissions for the machine's devices: three sets of ranges for each domain. */
#include <asm/cpufeature.h>
#include <asm/mmio.h>
#include <xen/alloc.h>
#include <xen/bug.h>
#include <xen/domain.h>
#include <xen/errno.h>
#include <xen/init.h>
#include <xen/iocaps.h>
#include <xen/rangeset.h>

#define MAX_RESERVED 32
#define MAX_IRQ      4095U

struct domain_iocaps {
    struct rangeset mfns, ports, irqs;
};

/* The hypervisor's own. Written at boot only. */
static struct reserved {
    unsigned int nr;
    struct range r[MAX_RESERVED];
} reserved_mfns, reserved_ports, reserved_irqs, readonly_mfns;

/* Everything in [0, last] but what is reserved. */
static int rangeset_fill(struct rangeset *s, uint64_t last, const struct reserved *except)
{
    int rc = rangeset_add(s, 0, last);

    for (unsigned int i = 0; rc == 0 && i < except->nr; i++) {
        rc = rangeset_remove(s, except->r[i].first, except->r[i].last);
    }
    return rc;
}

int iocaps_domain_init(struct domain *d)
{
    struct domain_iocaps *c = heap_new(struct domain_iocaps);
    int rc = 0;

    if (c == NULL) {
        return -ENOMEM;
    }
    rangeset_init(&c->mfns);
    rangeset_init(&c->ports);
    rangeset_init(&c->irqs);
    if (d->is_hardware) {
        uint64_t last = (1UL << (boot_cpu.phys_bits - PAGE_SHIFT)) - 1;

        rc = rangeset_fill(&c->mfns, last, &reserved_mfns);
        rc = rc != 0 ? rc : rangeset_fill(&c->ports, 0xffff, &reserved_ports);
        rc = rc != 0 ? rc : rangeset_fill(&c->irqs, MAX_IRQ, &reserved_irqs);
    }
    d->arch.iocaps = c;
    if (rc != 0) {
        iocaps_domain_fini(d);
    }
    return rc;
}

void iocaps_domain_fini(struct domain *d)
{
    struct domain_iocaps *c = d->arch.iocaps;

    if (c != NULL) {
        rangeset_free(&c->mfns);
        rangeset_free(&c->ports);
        rangeset_free(&c->irqs);
        heap_free(c);
        d->arch.iocaps = NULL;
    }
}

bool iocaps_mfn_permitted(const struct domain *d, mfn_t m)
{
    return iocaps_mfns_permitted(d, m, m);
}

bool iocaps_mfns_permitted(const struct domain *d, mfn_t first, mfn_t last)
{
    return d->arch.iocaps != NULL && rangeset_contains(&d->arch.iocaps->mfns, first.n, last.n);
}

bool iocaps_ports_permitted(const struct domain *d, unsigned int first, unsigned int last)
{
    return d->arch.iocaps != NULL && rangeset_contains(&d->arch.iocaps->ports, first, last);
}

bool iocaps_irq_permitted(const struct domain *d, unsigned int irq)
{
    return d->arch.iocaps != NULL && rangeset_contains(&d->arch.iocaps->irqs, irq, irq);
}

bool iocaps_has_devices(const struct domain *d)
{
    struct domain_iocaps *c = d->arch.iocaps;

    return c != NULL && (!rangeset_is_empty(&c->mfns) || !rangeset_is_empty(&c->ports));
}

static int change(struct rangeset *s, uint64_t first, uint64_t last, bool permit)
{
    return permit ? rangeset_add(s, first, last) : rangeset_remove(s, first, last);
}

int iocaps_permit_mfns(struct domain *d, mfn_t first, mfn_t last, bool permit)
{
    return change(&d->arch.iocaps->mfns, first.n, last.n, permit);
}

int iocaps_permit_ports(struct domain *d, unsigned int first, unsigned int last, bool permit)
{
    return change(&d->arch.iocaps->ports, first, last, permit);
}

int iocaps_permit_irqs(struct domain *d, unsigned int first, unsigned int last, bool permit)
{
    return change(&d->arch.iocaps->irqs, first, last, permit);
}

static void reserve(struct reserved *s, uint64_t first, uint64_t last)
{
    /* The number of devices that the hypervisor itself drives is small and fixed. */
    BUG_ON(s->nr == MAX_RESERVED || first > last);
    s->r[s->nr++] = (struct range){ first, last };
}

void iocaps_reserve_mfns(mfn_t first, mfn_t last)
{
    reserve(&reserved_mfns, first.n, last.n);
}

void iocaps_reserve_ports(unsigned int first, unsigned int last)
{
    reserve(&reserved_ports, first, last);
}

void iocaps_reserve_irq(unsigned int irq)
{
    reserve(&reserved_irqs, irq, irq);
}

void iocaps_make_readonly(mfn_t first, mfn_t last)
{
    reserve(&readonly_mfns, first.n, last.n);
}

bool iocaps_mfn_readonly(mfn_t m)
{
    for (unsigned int i = 0; i < readonly_mfns.nr; i++) {
        if (m.n >= readonly_mfns.r[i].first && m.n <= readonly_mfns.r[i].last) {
            return true;
        }
    }
    return mmio_is_read_only(m);
}

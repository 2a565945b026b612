/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Owns the pirqs of a domain: its own numbers for machine interrupts. Below nr_gsis a pirq is
 * normally the GSI of the same number; MSIs get the numbers above.
 *
 * A pirq is free, mapped (it names an irq) or bound (a port gets its interrupts).
 * Lock: domain_pirqs.lock for changes. EOI reads the table without it: a descriptor is never
 * freed, and knows which domain it belongs to.
 */
#include <asm/irq.h>
#include <asm/msi.h>
#include <public/physdev.h>
#include <xen/alloc.h>
#include <xen/arch.h>
#include <xen/bitmap.h>
#include <xen/domain.h>
#include <xen/errno.h>
#include <xen/mm.h>

#define MSI_PIRQS_HARDWARE 1024
#define MSI_PIRQS_OTHER    32

struct domain_pirqs {
    struct spinlock lock; /* LOCK_PIRQ */
    unsigned int nr;
    uint64_t *bound;      /* bitmap */
    struct irq_desc *desc[]; /* nr; NULL: free */
};

unsigned int arch_nr_pirqs(const struct domain *d)
{
    return d->arch.pirqs ? d->arch.pirqs->nr : 0;
}

int pirq_domain_init(struct domain *d)
{
    unsigned int nr = nr_gsis + (d->is_hardware ? MSI_PIRQS_HARDWARE : MSI_PIRQS_OTHER);
    struct domain_pirqs *p = heap_alloc(sizeof(*p) + nr * sizeof(p->desc[0]));

    if (!p) {
        return -ENOMEM;
    }
    p->bound = heap_alloc_array(BITMAP_WORDS(nr), sizeof(uint64_t));
    if (!p->bound) {
        heap_free(p);
        return -ENOMEM;
    }
    spin_init(&p->lock, LOCK_PIRQ);
    p->nr = nr;
    d->arch.pirqs = p;
    d->arch.pirq_eoi_map = INVALID_MFN;
    return 0;
}

void pirq_domain_fini(struct domain *d)
{
    if (d->arch.pirqs) {
        heap_free(d->arch.pirqs->bound);
        heap_free(d->arch.pirqs);
        d->arch.pirqs = NULL;
    }
}

/* The descriptor of a mapped pirq, or NULL. */
static struct irq_desc *lookup(const struct domain *d, unsigned int pirq)
{
    const struct domain_pirqs *p = d->arch.pirqs;

    return p && pirq < p->nr ? READ_ONCE(p->desc[pirq]) : NULL;
}

unsigned int pirq_to_irq(const struct domain *d, unsigned int pirq)
{
    const struct irq_desc *desc = lookup(d, pirq);

    return desc ? desc->irq : IRQ_NONE;
}

/* The pirq that already names @desc, or nr. Lock held. */
static unsigned int find_pirq(const struct domain_pirqs *p, const struct irq_desc *desc)
{
    unsigned int pirq = 0;

    while (pirq < p->nr && p->desc[pirq] != desc) {
        pirq++;
    }
    return pirq;
}

/* GSIs by preference at their own number, MSIs above all GSIs. */
static unsigned int find_free(const struct domain_pirqs *p, const struct irq_desc *desc)
{
    unsigned int pirq = desc->msi ? nr_gsis : 16;

    if (!desc->msi && !p->desc[desc->irq]) {
        return desc->irq;
    }
    while (pirq < p->nr && p->desc[pirq]) {
        pirq++;
    }
    return pirq;
}

int pirq_map(struct domain *d, struct irq_desc *desc, int wanted)
{
    struct domain_pirqs *p = d->arch.pirqs;
    unsigned int existing, pirq;
    int rc;

    spin_lock(&p->lock);
    existing = find_pirq(p, desc);
    pirq = wanted >= 0 ? (unsigned int)wanted
                       : existing < p->nr ? existing : find_free(p, desc);
    if (pirq >= p->nr) {
        rc = wanted >= 0 ? -EINVAL : -ENOSPC;
    } else if ((existing < p->nr && existing != pirq) || (p->desc[pirq] && p->desc[pirq] != desc)) {
        rc = -EINVAL; /* one of the two is in use with another */
    } else {
        WRITE_ONCE(p->desc[pirq], desc);
        rc = (int)pirq;
    }
    spin_unlock(&p->lock);
    return rc;
}

static void set_eoi_bit(struct domain *d, unsigned int pirq, bool needed)
{
    if (!d->arch.pirq_eoi_bits) {
        return;
    }
    if (needed) {
        bit_set_atomic(d->arch.pirq_eoi_bits, pirq);
    } else {
        bit_clear_atomic(d->arch.pirq_eoi_bits, pirq);
    }
}

/* Lock held. */
static void unbind(struct domain *d, unsigned int pirq)
{
    struct domain_pirqs *p = d->arch.pirqs;

    if (bit_test(p->bound, pirq)) {
        bit_clear(p->bound, pirq);
        set_eoi_bit(d, pirq, false);
        irq_unbind_guest(p->desc[pirq], d);
    }
}

int pirq_unmap(struct domain *d, unsigned int pirq)
{
    struct domain_pirqs *p = d->arch.pirqs;
    struct irq_desc *desc;

    if (!p || pirq >= p->nr) {
        return -EINVAL;
    }
    spin_lock(&p->lock);
    desc = p->desc[pirq];
    if (desc) {
        unbind(d, pirq);
        WRITE_ONCE(p->desc[pirq], NULL);
    }
    spin_unlock(&p->lock);
    if (!desc) {
        return -EINVAL;
    }
    if (desc->msi) {
        pci_lock();
        msi_destroy(desc->msi);
        pci_unlock();
    }
    return 0;
}

void pirq_domain_relinquish(struct domain *d)
{
    struct domain_pirqs *p = d->arch.pirqs;
    struct page_info *map;

    if (!p) {
        return;
    }
    for (unsigned int pirq = 0; pirq < p->nr; pirq++) {
        struct irq_desc *desc = p->desc[pirq];

        if (desc && !pirq_unmap(d, pirq)) {
            irq_synchronize(desc);
        }
    }
    spin_lock(&p->lock);
    map = d->arch.pirq_eoi_bits ? mfn_to_page(d->arch.pirq_eoi_map) : NULL;
    d->arch.pirq_eoi_bits = NULL;
    d->arch.pirq_eoi_map = INVALID_MFN;
    spin_unlock(&p->lock);
    if (map) {
        page_put_and_type(map);
    }
}

int arch_pirq_bind(struct vcpu *v, unsigned int pirq, bool share)
{
    struct domain *d = v->domain;
    struct domain_pirqs *p = d->arch.pirqs;
    int rc;

    if (!p || pirq >= p->nr) {
        return -EINVAL;
    }
    spin_lock(&p->lock);
    if (!p->desc[pirq]) {
        rc = -EPERM;
    } else if (bit_test(p->bound, pirq)) {
        rc = -EEXIST;
    } else {
        rc = irq_bind_guest(p->desc[pirq], d, pirq, share, v->cpu);
    }
    if (!rc) {
        bit_set(p->bound, pirq);
        set_eoi_bit(d, pirq, p->desc[pirq]->is_level);
    }
    spin_unlock(&p->lock);
    return rc;
}

void arch_pirq_unbind(struct domain *d, unsigned int pirq)
{
    struct domain_pirqs *p = d->arch.pirqs;

    if (p && pirq < p->nr) {
        spin_lock(&p->lock);
        unbind(d, pirq);
        spin_unlock(&p->lock);
    }
}

int pirq_eoi(struct domain *d, unsigned int pirq)
{
    struct irq_desc *desc = lookup(d, pirq);

    if (!desc || !bit_test(d->arch.pirqs->bound, pirq)) {
        return -EINVAL;
    }
    if (desc->is_level) {
        irq_guest_eoi(desc, d);
    }
    return 0;
}

void arch_pirq_eoi(struct domain *d, unsigned int pirq)
{
    (void)pirq_eoi(d, pirq);
}

void arch_pirq_set_affinity(struct domain *d, unsigned int pirq, const struct vcpu *v)
{
    struct irq_desc *desc = lookup(d, pirq);

    if (desc) {
        irq_set_affinity(desc, v->cpu);
    }
}

int pirq_status(const struct domain *d, unsigned int pirq)
{
    const struct irq_desc *desc = lookup(d, pirq);

    if (!d->arch.pirqs || pirq >= d->arch.pirqs->nr) {
        return -EINVAL;
    }
    /* Without the map of EOI bits a guest cannot be told later, so it must always say EOI. */
    return XENIRQSTAT_needs_eoi | (desc && desc->nr_guests > 1 ? XENIRQSTAT_shared : 0);
}

int pirq_set_eoi_map(struct domain *d, gfn_t gfn)
{
    struct domain_pirqs *p = d->arch.pirqs;
    mfn_t frame = mfn(gfn.n); /* paravirtual guests name machine frames */
    struct page_info *pg;
    int rc = 0;

    if (!p || p->nr > PAGE_SIZE * 8 || !mfn_is_ram(frame)) {
        return -EINVAL;
    }
    pg = mfn_to_page(frame);
    if (page_get_and_type(pg, d, PGT_WRITABLE)) {
        return -EINVAL;
    }
    spin_lock(&p->lock);
    if (d->arch.pirq_eoi_bits) {
        rc = -EBUSY;
    } else {
        d->arch.pirq_eoi_map = frame;
        d->arch.pirq_eoi_bits = mfn_to_virt(frame);
        for (unsigned int pirq = 0; pirq < p->nr; pirq++) {
            set_eoi_bit(d, pirq, bit_test(p->bound, pirq) && p->desc[pirq]->is_level);
        }
    }
    spin_unlock(&p->lock);
    if (rc) {
        page_put_and_type(pg);
    }
    return rc;
}

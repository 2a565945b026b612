/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Permissions for the machine's devices: three sets of ranges for each domain.
 *
 * A set is a sorted array of ranges that neither overlap nor touch. Readers take no lock: a writer
 * builds a new array and publishes it by one pointer store; the old array is kept until the next
 * change of the same set, by when no reader can still be in it, as changes come one domctl at a
 * time and readers don't sleep.
 *
 * Lock: changes are serialised by the domctl lock, or happen at boot.
 */
#include <asm/cpufeature.h>
#include <asm/mmio.h>
#include <xen/alloc.h>
#include <xen/bug.h>
#include <xen/domain.h>
#include <xen/errno.h>
#include <xen/init.h>
#include <xen/iocaps.h>
#include <xen/string.h>

#define MAX_RANGES   1024
#define MAX_RESERVED 32
#define MAX_IRQ      4095U

struct range {
    uint64_t first, last;
};

struct range_array {
    unsigned int nr;
    struct range r[];
};

struct rangeset {
    struct range_array *now;      /* NULL: empty */
    struct range_array *previous; /* perhaps still being read */
};

struct domain_iocaps {
    struct rangeset mfns, ports, irqs;
};

/* The hypervisor's own. Written at boot only. */
static struct reserved {
    unsigned int nr;
    struct range r[MAX_RESERVED];
} reserved_mfns, reserved_ports, reserved_irqs, readonly_mfns;

static bool rangeset_contains(const struct rangeset *s, uint64_t first, uint64_t last)
{
    const struct range_array *a = __atomic_load_n(&s->now, __ATOMIC_ACQUIRE);
    unsigned int low = 0, high = a != NULL ? a->nr : 0;

    /* The range with the greatest first that isn't above ours, if any, is at low - 1. */
    while (low < high) {
        unsigned int mid = (low + high) / 2;

        if (a->r[mid].first <= first) {
            low = mid + 1;
        } else {
            high = mid;
        }
    }
    return low > 0 && a->r[low - 1].last >= last;
}

static void append(struct range_array *a, uint64_t first, uint64_t last)
{
    if (a->nr > 0 && a->r[a->nr - 1].last + 1 >= first) {
        a->r[a->nr - 1].last = MAX(a->r[a->nr - 1].last, last);
    } else {
        a->r[a->nr++] = (struct range){ first, last };
    }
}

static void publish(struct rangeset *s, struct range_array *fresh)
{
    heap_free(s->previous);
    s->previous = s->now;
    __atomic_store_n(&s->now, fresh, __ATOMIC_RELEASE);
}

static int rangeset_change(struct rangeset *s, uint64_t first, uint64_t last, bool add)
{
    const struct range_array *old = s->now;
    unsigned int nr = old != NULL ? old->nr : 0;
    struct range_array *fresh;
    bool added = !add;

    if (first > last) {
        return -EINVAL;
    }
    if (nr >= MAX_RANGES) {
        return -ENOMEM;
    }
    fresh = heap_alloc(sizeof(*fresh) + (nr + 2) * sizeof(struct range));
    if (fresh == NULL) {
        return -ENOMEM;
    }
    for (unsigned int i = 0; i < nr; i++) {
        struct range r = old->r[i];

        if (!added && first < r.first) {
            append(fresh, first, last);
            added = true;
        }
        if (add || r.last < first || r.first > last) {
            append(fresh, r.first, r.last);
            continue;
        }
        if (r.first < first) {
            append(fresh, r.first, first - 1);
        }
        if (r.last > last) {
            fresh->r[fresh->nr++] = (struct range){ last + 1, r.last };
        }
    }
    if (!added) {
        append(fresh, first, last);
    }
    publish(s, fresh);
    return 0;
}

static void rangeset_free(struct rangeset *s)
{
    heap_free(s->now);
    heap_free(s->previous);
    s->now = NULL;
    s->previous = NULL;
}

/* Everything in [0, last] but what is reserved. */
static int rangeset_fill(struct rangeset *s, uint64_t last, const struct reserved *except)
{
    int rc = rangeset_change(s, 0, last, true);

    for (unsigned int i = 0; rc == 0 && i < except->nr; i++) {
        rc = rangeset_change(s, except->r[i].first, except->r[i].last, false);
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

static bool is_filled(const struct rangeset *s)
{
    const struct range_array *a = __atomic_load_n(&s->now, __ATOMIC_ACQUIRE);

    return a != NULL && a->nr > 0;
}

bool iocaps_has_devices(const struct domain *d)
{
    return d->arch.iocaps != NULL &&
           (is_filled(&d->arch.iocaps->mfns) || is_filled(&d->arch.iocaps->ports));
}

int iocaps_permit_mfns(struct domain *d, mfn_t first, mfn_t last, bool permit)
{
    return rangeset_change(&d->arch.iocaps->mfns, first.n, last.n, permit);
}

int iocaps_permit_ports(struct domain *d, unsigned int first, unsigned int last, bool permit)
{
    return rangeset_change(&d->arch.iocaps->ports, first, last, permit);
}

int iocaps_permit_irqs(struct domain *d, unsigned int first, unsigned int last, bool permit)
{
    return rangeset_change(&d->arch.iocaps->irqs, first, last, permit);
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

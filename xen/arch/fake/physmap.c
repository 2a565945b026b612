/* SPDX-License-Identifier: BSD-2-Clause */
/* Guest frame numbers (xen/arch.h) where all domains are paravirtual. */
#include <xen/arch.h>
#include <xen/bug.h>
#include <xen/mm.h>

bool arch_is_translated(const struct domain *d)
{
    (void)d;
    return false;
}

mfn_t arch_machine_frame(const struct domain *d, uint64_t frame)
{
    (void)d;
    return mfn(frame);
}

struct page_info *arch_frame_get(struct domain *d, uint64_t frame, bool read_only)
{
    struct page_info *pg = mfn_to_page(mfn(frame));

    if (!mfn_is_ram(mfn(frame))) {
        return NULL;
    }
    if (read_only) {
        return page_get(pg, d) ? pg : NULL;
    }
    return page_get_and_type(pg, d, PGT_WRITABLE) == 0 ? pg : NULL;
}

bool arch_vcpu_has_interrupt(const struct vcpu *v)
{
    (void)v;
    return false;
}

void arch_vcpu_upcall(struct vcpu *v)
{
    (void)v;
    BUG();
}

int arch_physmap_add(struct domain *d, uint64_t gfn, mfn_t m, unsigned int order)
{
    (void)d;
    (void)gfn;
    (void)m;
    (void)order;
    BUG();
}

int arch_physmap_remove(struct domain *d, uint64_t gfn, struct page_info **pg)
{
    (void)d;
    (void)gfn;
    (void)pg;
    BUG();
}

void arch_physmap_flush(struct domain *d)
{
    (void)d;
    BUG();
}

int arch_physmap_add_shared(struct domain *d, uint64_t gfn, mfn_t m)
{
    (void)d;
    (void)gfn;
    (void)m;
    BUG();
}

uint64_t arch_physmap_max_gfn(const struct domain *d)
{
    (void)d;
    BUG();
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* What the portable modules know of guest frame numbers (xen/arch.h), for both kinds of domain. */
#include <asm/hvm.h>
#include <xen/arch.h>
#include <xen/domain.h>
#include <xen/errno.h>
#include <xen/m2p.h>
#include <xen/mm.h>

bool arch_is_translated(const struct domain *d)
{
    return is_hvm(d);
}

bool arch_vcpu_has_interrupt(const struct vcpu *v)
{
    return is_hvm(v->domain) && hvm_has_interrupt(v);
}

struct page_info *arch_frame_get(struct domain *d, uint64_t frame, bool read_only)
{
    struct page_info *pg = mfn_to_page(mfn(frame));

    if (is_hvm(d)) {
        return p2m_get_page(d, frame, !read_only);
    }
    if (!mfn_is_ram(mfn(frame))) {
        return NULL;
    }
    if (read_only) {
        return page_get(pg, d) ? pg : NULL;
    }
    return page_get_and_type(pg, d, PGT_WRITABLE) == 0 ? pg : NULL;
}

mfn_t arch_machine_frame(const struct domain *d, uint64_t frame)
{
    mfn_t m;

    if (likely(!is_hvm(d))) {
        return mfn(frame);
    }
    return p2m_lookup(d, frame, &m) == P2M_RAM ? m : INVALID_MFN;
}

int arch_physmap_remove(struct domain *d, uint64_t gfn, struct page_info **pg)
{
    enum p2m_type type;
    mfn_t m;
    int rc = p2m_clear(d, gfn, &m, &type);

    if (rc != 0) {
        return rc;
    }
    *pg = NULL;
    switch (type) {
    case P2M_RAM:
        m2p_set(m, M2P_INVALID);
        *pg = mfn_to_page(m);
        return 0;
    case P2M_GRANT_RW:
    case P2M_GRANT_RO:
        p2m_flush(d);
        p2m_put_page(mfn_to_page(m), type == P2M_GRANT_RW);
        return 0;
    case P2M_SHARED:
        return 0;
    default:
        return -EINVAL;
    }
}

void arch_physmap_flush(struct domain *d)
{
    p2m_flush(d);
}

/* Whatever is mapped in the range goes, before something new comes. */
static int make_room(struct domain *d, uint64_t gfn, uint64_t nr)
{
    uint64_t end = gfn + nr;

    for (gfn = p2m_find_mapped(d, gfn, end); gfn < end; gfn = p2m_find_mapped(d, gfn, end)) {
        struct page_info *pg;
        int rc = arch_physmap_remove(d, gfn, &pg);

        if (rc != 0) {
            return rc;
        }
        p2m_flush(d);
        if (pg != NULL) {
            domain_release_page(d, pg);
        }
    }
    return 0;
}

int arch_physmap_add(struct domain *d, uint64_t gfn, mfn_t m, unsigned int order)
{
    int rc = make_room(d, gfn, 1UL << order);

    if (rc == 0) {
        rc = p2m_set(d, gfn, m, order, P2M_RAM);
    }
    for (uint64_t k = 0; rc == 0 && k < 1UL << order; k++) {
        m2p_set(mfn(m.n + k), gfn + k);
    }
    return rc;
}

int arch_physmap_add_shared(struct domain *d, uint64_t gfn, mfn_t m)
{
    int rc = make_room(d, gfn, 1);

    return rc == 0 ? p2m_set(d, gfn, m, 0, P2M_SHARED) : rc;
}

uint64_t arch_physmap_max_gfn(const struct domain *d)
{
    return d->arch.hvm->p2m.max_gfn;
}

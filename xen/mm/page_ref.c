/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * General references to frames, and what happens when the last one goes.
 *
 * A frame of a domain is on its owner's list from domain_assign_pages() until its count reaches
 * zero, even if the owner gave up its own reference (PGC_ALLOCATED) long before: what is still
 * mapped somewhere still counts as the owner's memory. A frame of the hypervisor's own (PGC_HV)
 * that is shared with a domain is on no list; its base reference is dropped by
 * page_unshare_and_free().
 *
 * No lock: the count is atomic, and whoever brings it to zero owns the frame from then on.
 */
#include <public/xen.h>
#include <xen/alloc.h>
#include <xen/bug.h>
#include <xen/domain.h>
#include <xen/m2p.h>
#include <xen/mm_inline.h>
#include <xen/tlb.h>

#include "owner.h"

bool page_get(struct page_info *pg, const struct domain *d)
{
    return page_get_owned(pg, d->id);
}

void page_put(struct page_info *pg)
{
    page_put_fast(pg);
}

void page_last_put(struct page_info *pg)
{
    struct domain *d = NULL;
    uint64_t c = READ_ONCE(pg->count);

    BUG_ON((c & PGC_COUNT_MASK) != 0 || (pg->type & PGT_COUNT_MASK) != 0);
    if (pg->owner != DOMID_INVALID) {
        d = owner_unlink_page(pg);
    }
    m2p_set(page_to_mfn(pg), M2P_INVALID);
    pg->type = PGT_NONE;
    /* CPUs may hold stale translations of it until they flush; the allocator looks at it. */
    pg->tlb_stamp = tlb_stamp();
    WRITE_ONCE(pg->count, 0);
    pages_free(pg, 0);
    if (d != NULL) {
        domain_put(d);
    }
}

void page_share_with_domain(struct page_info *pg, struct domain *d, bool writable)
{
    BUG_ON(pg->count != PGC_HV);
    pg->owner = d->id;
    pg->type = writable ? PGT_WRITABLE | PGT_VALIDATED | 1 : PGT_NONE | 1;
    /* The type's reference, which is the hypervisor's. */
    __atomic_store_n(&pg->count, PGC_HV | 1, __ATOMIC_RELEASE);
}

void page_unshare_and_free(struct page_info *pg)
{
    BUG_ON(!(pg->count & PGC_HV) || (pg->type & PGT_COUNT_MASK) == 0);
    m2p_set(page_to_mfn(pg), M2P_INVALID);
    WRITE_ONCE(pg->owner, DOMID_INVALID);
    __atomic_fetch_and(&pg->count, ~PGC_HV, __ATOMIC_SEQ_CST);
    (void)page_put_type_fast(pg, false);
}

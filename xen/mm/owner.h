/* SPDX-License-Identifier: BSD-2-Clause */
/* Between the files of mm: from a frame to its owner, and the owner's claim. */
#ifndef XEN_MM_OWNER_H
#define XEN_MM_OWNER_H

#include <xen/alloc.h>
#include <xen/mm.h>

/*
 * Takes @pg, which is unreferenced, off its owner's list. Returns the owner if that was its last
 * frame: the caller drops the reference that a domain's frames hold.
 */
struct domain *owner_unlink_page(struct page_info *pg);

/*
 * claim.c. Before an allocation of @nr frames for @d: ALLOC_CLAIMED, if the claim covers it, else
 * 0. After it claim_settle() must be called with this.
 */
unsigned int claim_begin(struct domain *d, uint64_t nr);
/* @took: the allocator gave the frames; @kept: and the domain has them. */
void claim_settle(struct domain *d, uint64_t nr, unsigned int flag, bool took, bool kept);
/* @nr frames of @d are about to be free again. Its memory lock is held. */
static inline void claim_regain(struct domain_memory *m, uint64_t nr)
{
    if (unlikely(m->claimed != 0) && buddy_claim(nr, false) == 0) {
        m->claimed += nr;
    }
}

#endif

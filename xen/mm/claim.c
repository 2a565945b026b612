/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Claims (XENMEM_claim_pages): free frames that are promised to a domain, so that building it does
 * not run out half-way. The frames themselves stay with the allocator, which knows how many of its
 * free frames are promised; d->memory.claimed says how many of them are @d's. A frame that the
 * domain gets uses up one of its claim, one that it gives back while it has a claim is promised to
 * it again.
 *
 * Lock: the domain's memory lock for its claimed; the allocator's for the sum. The sum of all
 * domains' claims is never more than the allocator's, and is the same when no allocation is under
 * way.
 */
#include <xen/domain.h>
#include <xen/errno.h>

#include "owner.h"

void domain_release_claim(struct domain *d)
{
    spin_lock(&d->memory.lock);
    buddy_unclaim(d->memory.claimed);
    d->memory.claimed = 0;
    spin_unlock(&d->memory.lock);
}

int domain_claim_pages(struct domain *d, uint64_t total)
{
    struct domain_memory *m = &d->memory;
    int rc = 0;

    spin_lock(&m->lock);
    if (READ_ONCE(d->state) != DOMAIN_ALIVE || m->claimed != 0 || total <= m->tot_pages ||
               total > m->max_pages) {
        rc = -EINVAL;
    } else {
        rc = buddy_claim(total - m->tot_pages, true);
        if (rc == 0) {
            m->claimed = total - m->tot_pages;
        }
    }
    spin_unlock(&m->lock);
    return rc;
}

unsigned int claim_begin(struct domain *d, uint64_t nr)
{
    struct domain_memory *m = &d->memory;
    unsigned int flag = 0;

    if (READ_ONCE(m->claimed) == 0) {
        return 0;
    }
    spin_lock(&m->lock);
    if (m->claimed >= nr) {
        m->claimed -= nr;
        flag = ALLOC_CLAIMED;
    }
    spin_unlock(&m->lock);
    return flag;
}

void claim_settle(struct domain *d, uint64_t nr, unsigned int flag, bool took, bool kept)
{
    struct domain_memory *m = &d->memory;

    if (flag == 0 && (!kept || READ_ONCE(m->claimed) == 0)) {
        return;
    }
    spin_lock(&m->lock);
    if (flag == 0) {
        /* It was too small to cover them, but what it covers is there now. */
        uint64_t covered = MIN(nr, m->claimed);

        m->claimed -= covered;
        buddy_unclaim(covered);
    } else if (!took && READ_ONCE(d->state) == DOMAIN_ALIVE) {
        m->claimed += nr;
    } else if (!took) {
        buddy_unclaim(nr);
    } else if (!kept && READ_ONCE(d->state) == DOMAIN_ALIVE && buddy_claim(nr, true) == 0) {
        m->claimed += nr;
    }
    spin_unlock(&m->lock);
}

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * References to frames: general (page_ref.c) and typed (page_type.c), and the memory of a
 * domain (domain_memory.c). The essay is in page_type.c; the page is docs/interface/mmu.md.
 */
#ifndef XEN_MM_H
#define XEN_MM_H

#include <xen/compiler.h>
#include <xen/frame_table.h>
#include <xen/spinlock.h>

struct domain;
struct vcpu;

/* A domain's frames. */
struct domain_memory {
    struct spinlock lock;   /* LOCK_DOMAIN_MEMORY: the list and the totals */
    uint32_t list;          /* first frame, or PAGE_LIST_END */
    uint64_t tot_pages;     /* on the list */
    uint64_t max_pages;
    uint64_t hv_pages;      /* PGC_HV frames shared with the domain */
};

/* One general reference, if @pg belongs to @d. False otherwise (also if the count is about to overflow). */
must_check bool page_get(struct page_info *pg, const struct domain *d);
/* Drops one; the last one gives the frame back to the allocator. Any context without locks above LOCK_BUDDY. */
void page_put(struct page_info *pg);
/*
 * One type reference, validating the contents if the type is new.
 * 0; -EINVAL (other type in use, or the contents are refused); -EBUSY (an entry's frame is in
 * use otherwise); -ERESTART (preempted in the middle: partial state is kept in @pg, call again).
 * Only with @preemptible may -ERESTART be returned.
 */
must_check int page_get_type(struct page_info *pg, uint64_t type, bool preemptible);
/* Drops one; the last one of a table devalidates it. Only with @preemptible: -ERESTART. */
int page_put_type(struct page_info *pg, bool preemptible);
/* Both. 0, -EINVAL, -EBUSY, -EPERM. Not preemptible. */
must_check int page_get_and_type(struct page_info *pg, const struct domain *d, uint64_t type);
void page_put_and_type(struct page_info *pg);
/* Another type reference to a page that has the type and is validated; else false. Never validates. */
must_check bool page_get_same_type(struct page_info *pg, uint64_t type);

int domain_memory_init(struct domain *d);
/*
 * Makes 2^order frames (count 0) pages of @d: PGC_ALLOCATED, on its list. 0, or -E2BIG past
 * max_pages, -EINVAL if @d is dying.
 */
int domain_assign_pages(struct domain *d, struct page_info *pg, unsigned int order);
/* pages_alloc + assign; NULL if either fails. */
struct page_info *domain_alloc_pages(struct domain *d, unsigned int order, unsigned int flags);
/* Takes a frame from @d's list while its ALLOCATED reference is all that is left (exchange). -EINVAL, -EBUSY. */
int domain_steal_page(struct domain *d, struct page_info *pg);
/* Gives back all frames of a dying domain; preemptible: -ERESTART. */
int domain_relinquish_memory(struct domain *d);

/*
 * A frame of the hypervisor's own (shared_info, grant table) becomes mappable by @d: writable or
 * read-only. Pairs with unshare, which requires that no mapping is left (returns -EBUSY).
 */
void page_share_with_domain(struct page_info *pg, struct domain *d, bool writable);

/* Debug builds: the invariants of one page. */
void page_check(const struct page_info *pg);

/* What arch owes: validates all entries of @pg as a table of @type; see page_get_type for errors. */
int arch_validate_page(struct page_info *pg, uint64_t type, bool preemptible);
int arch_devalidate_page(struct page_info *pg, uint64_t type, bool preemptible);

#endif

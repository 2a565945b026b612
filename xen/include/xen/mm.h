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
struct vnuma;

/* A domain's frames. */
struct domain_memory {
    struct spinlock lock;   /* LOCK_DOMAIN_MEMORY: the lists and the totals */
    uint32_t list;          /* first frame, or PAGE_LIST_END */
    uint32_t given_up;      /* the same, of frames that a dying domain no longer holds itself */
    uint64_t tot_pages;     /* on both lists */
    uint64_t max_pages;
    uint64_t claimed;       /* free frames that are promised to it (mm/claim.c) */
    struct memory_map *map; /* what the toolstack shows the domain; NULL: nothing. Under the lock */
    struct vnuma *vnuma;    /* what nodes it shows; control/vnuma.c. Under the lock */
};

/* A memory map as the guest sees it: entries of the ABI's packed form. */
struct memory_map {
    uint32_t nr;
    struct memory_map_entry {
        uint64_t addr;
        uint64_t size;
        uint32_t type;
    } __attribute__((__packed__)) e[];
};

/* One general reference, if @pg belongs to @d. False otherwise. */
must_check bool page_get(struct page_info *pg, const struct domain *d);
/*
 * Drops one; the last one gives the frame back to the allocator. May take the owner's memory
 * lock and may drop the last reference to the owner: no lock from LOCK_DOMAIN_MEMORY on may be
 * held.
 */
void page_put(struct page_info *pg);

/* The domain that owns @pg; valid while the caller holds a reference to @pg. NULL: no domain. */
struct domain *page_owner(const struct page_info *pg);

/*
 * One type reference, which is also a general one; validates the contents if the type is new.
 * The caller holds a general reference meanwhile, and keeps it.
 * 0; -EINVAL (other type in use, or the contents are refused); -EBUSY, -EPERM (an entry is
 * refused, as for a single entry); -ERESTART only with @preemptible (call again).
 * With @preemptible, a page that was refused or preempted may be left partial: the caller
 * of the hypervisor's own accord calls page_settle() until it returns 0, or the owner calls again.
 */
must_check int page_get_type(struct page_info *pg, uint64_t type, bool preemptible);
/*
 * Drops one; the last one of a table devalidates it. Only with @preemptible: -ERESTART; then the
 * reference is gone already, and page_settle() finishes the work.
 */
int page_put_type(struct page_info *pg, bool preemptible);
/* Devalidates a page that preemption left partial. No-op on any other. 0 or -ERESTART. */
int page_settle(struct page_info *pg, bool preemptible);
/*
 * page_get() and page_get_type() in one: a single reference that implies both. -EINVAL, -EBUSY,
 * -EPERM.
 */
must_check int page_get_and_type(struct page_info *pg, const struct domain *d, uint64_t type);
void page_put_and_type(struct page_info *pg);
/*
 * Another type reference to a page that has the type and is validated; else false. Never validates.
 */
must_check bool page_get_same_type(struct page_info *pg, uint64_t type);

/*
 * Pins: a type reference that belongs to the page itself. As page_get_type; -EINVAL if it is
 * pinned.
 */
must_check int page_pin(struct page_info *pg, uint64_t type);
/* -EINVAL if it is not pinned; -ERESTART: call again. */
must_check int page_unpin(struct page_info *pg);

int domain_memory_init(struct domain *d);
/* The last reference to the domain is gone, so it has no pages. */
void domain_memory_fini(struct domain *d);
/*
 * Makes 2^order frames (count 0) pages of @d: PGC_ALLOCATED, on its list. 0, or -E2BIG past
 * max_pages, -EINVAL if @d is dying.
 */
int domain_assign_pages(struct domain *d, struct page_info *pg, unsigned int order);
/* pages_alloc + assign; NULL if either fails. */
struct page_info *domain_alloc_pages(struct domain *d, unsigned int order, unsigned int flags);
/*
 * mm/claim.c: promises @d the frames that it lacks to have @total. -EINVAL: it has a promise, or
 * that many frames, or may not have them, or is dying; -ENOMEM.
 */
must_check int domain_claim_pages(struct domain *d, uint64_t total);
void domain_release_claim(struct domain *d);
/*
 * Takes a frame from @d's list while its ALLOCATED reference is all that is left (exchange). Its
 * count is 0 afterwards, as after pages_alloc(). -EINVAL: not @d's, or in use.
 */
int domain_steal_page(struct domain *d, struct page_info *pg);
/* Gives up the owner's own reference, once. The frame goes when it is no longer used. */
void domain_release_page(struct domain *d, struct page_info *pg);
/* Gives back all frames of a dying domain; preemptible: -ERESTART. */
int domain_relinquish_memory(struct domain *d);

/*
 * A frame of the hypervisor's own (shared_info, grant table, M2P) becomes mappable by @d: writable
 * or read-only.
 */
void page_share_with_domain(struct page_info *pg, struct domain *d, bool writable);
/*
 * Ends that: no new mappings; the frame is freed when the last one is gone. The caller must not
 * free it.
 */
void page_unshare_and_free(struct page_info *pg);

/* Debug builds: the invariants of one page. */
void page_check(const struct page_info *pg);

/*
 * What arch owes: takes the references of the entries from nr_validated on, adjusting them, and
 * moves nr_validated along. On any error [0, nr_validated) hold theirs. -ERESTART only with
 * @preemptible.
 */
int arch_validate_page(struct page_info *pg, uint64_t type, bool preemptible);
/* Drops those of [0, nr_validated), downwards. 0 or -ERESTART. */
int arch_devalidate_page(struct page_info *pg, uint64_t type, bool preemptible);

#endif

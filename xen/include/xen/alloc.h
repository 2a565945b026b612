/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Page frames (buddy.c) and small objects (heap.c).
 *
 * Free frames are scrubbed lazily: a freed block is zeroed when it is allocated again, or by an
 * idle CPU before that. RAM counts as dirty when boot hands it over. Every allocation returns
 * zeroed memory unless ALLOC_DIRTY says the caller overwrites it at once.
 */
#ifndef XEN_ALLOC_H
#define XEN_ALLOC_H

#include <xen/compiler.h>
#include <xen/frame_table.h>

#define MAX_ORDER 18 /* 1 GiB */

#define ALLOC_DIRTY   0x100U         /* contents need not be zero: caller overwrites all of it */
#define ALLOC_CLAIMED 0x200U         /* of the frames that were promised: the promise is used up */
#define ALLOC_BITS(n) ((n) & 0xffU)  /* every address below 2^n; 0: anywhere */

/*
 * Hands RAM [start, end) to the allocator: known to the frame table, its page_info zero-filled.
 * Boot only.
 */
void buddy_add(mfn_t start, mfn_t end);
/*
 * 2^order contiguous frames, naturally aligned, owner DOMID_INVALID, count 0; NULL if there are
 * none. No CPU has a stale translation of them: that may take an interrupt to others, so
 * interrupts are on. Prefers high addresses, so that low memory is left for those who need it.
 */
struct page_info *pages_alloc(unsigned int order, unsigned int flags);
/*
 * Gives back what pages_alloc returned (or a naturally aligned part). No reference may remain.
 * The contents count as secret: they're scrubbed before reuse.
 */
void pages_free(struct page_info *pg, unsigned int order);
/* The same for @nr frames in a row, of whatever allocations. */
void pages_free_run(struct page_info *pg, uint64_t nr);
/* Scrubs 64 KiB or less of free memory; false when none is dirty. Called when idle. */
bool buddy_scrub_some(void);

/*
 * Promises @nr free frames: only allocations with ALLOC_CLAIMED can have them. -ENOMEM: that many
 * are not free beyond what is promised; not asked with !must_be_free, for frames that are about to
 * be freed.
 */
must_check int buddy_claim(uint64_t nr, bool must_be_free);
void buddy_unclaim(uint64_t nr);
uint64_t buddy_claimed_pages(void);

/* Also the promised ones. */
uint64_t buddy_free_pages(void);
uint64_t buddy_dirty_pages(void);
uint64_t buddy_total_pages(void);
/* Free frames below 2^bits bytes. */
uint64_t buddy_free_pages_below(unsigned int bits);

/* One zeroed page for the hypervisor itself (PGC_HV), at its direct-map address; NULL: none. */
void *hv_page_alloc(void);
void *hv_pages_alloc(unsigned int order);
void hv_page_free(void *p);
void hv_pages_free(void *p, unsigned int order);

/* Zeroed object, aligned to 16 bytes (to 64 from 64 bytes on); NULL: no memory. */
void *heap_alloc(size_t size);
/* n * size without overflow. */
void *heap_alloc_array(size_t n, size_t size);
void heap_free(void *p);

#define heap_new(type) ((type *)heap_alloc(sizeof(type)))

#endif

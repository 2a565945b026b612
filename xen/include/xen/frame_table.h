/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One struct page_info for each RAM frame, and the two counts everything else rests on.
 *
 * General count (count): references that keep the frame from being freed. A frame given to a
 * domain has PGC_ALLOCATED, which accounts for one reference.
 * Type count (type): references that need the frame to be of its current type. Types exclude
 * each other while the count is not zero. A frame may change its type only at count zero.
 * Each type reference is accompanied by a general reference.
 */
#ifndef XEN_FRAME_TABLE_H
#define XEN_FRAME_TABLE_H

#include <asm/page.h>
#include <xen/bitmap.h>
#include <xen/types.h>

struct page_info {
    uint64_t count;   /* PGC_*; atomic */
    uint64_t type;    /* PGT_*; atomic */
    domid_t owner;    /* changes only while count is 0, or under the owner's memory lock */
    uint8_t order;    /* of a free block, at its head */
    uint8_t flags;    /* PGF_*: of a free block */
    union {
        struct {      /* while validated as a table, or partially so */
            uint16_t nr_validated;  /* entries [0, n) hold their references */
            int16_t linear;         /* >0: tables of its own level that map it; <0: that it maps */
        };
        uint32_t tlb_stamp; /* while the type count is 0: when the last mapping may have gone */
    };
    uint32_t next;    /* links by frame number: free list, or the owner's page list */
    uint32_t prev;
};
_Static_assert(sizeof(struct page_info) == 32, "frame table entry");

#define PGC_ALLOCATED  (1UL << 63) /* the owner's own reference is held */
#define PGC_HV         (1UL << 62) /* the hypervisor's, perhaps shared with the owner */
#define PGC_FREE       (1UL << 61) /* in the buddy allocator */
#define PGC_BROKEN     (1UL << 60)
#define PGC_COUNT_MASK ((1UL << 48) - 1)

#define PGT_NONE       (0UL << 60)
#define PGT_L1         (1UL << 60)
#define PGT_L2         (2UL << 60)
#define PGT_L3         (3UL << 60)
#define PGT_L4         (4UL << 60)
#define PGT_SEG_DESC   (5UL << 60)
#define PGT_WRITABLE   (7UL << 60)
#define PGT_TYPE_MASK  (15UL << 60)
#define PGT_PINNED     (1UL << 59)
#define PGT_VALIDATED  (1UL << 58)
#define PGT_PARTIAL    (1UL << 57) /* (de)validation was preempted; nr_validated tells how far */
#define PGT_COUNT_MASK ((1UL << 48) - 1)

#define PGF_DIRTY 1 /* of a free block: not scrubbed */
#define PGF_SLAB  2 /* of a hypervisor page: small objects of the heap */
#define PGF_LARGE 4 /* of a hypervisor page: head of a large object, 2^order pages */

#define PAGE_LIST_END UINT32_MAX

/*
 * A zero-filled entry is that of a frame which nobody uses: owner and type mean nothing while
 * count is 0. tlb_stamp survives freeing; the allocator looks at it and sets it to 0.
 */

#define FRAME_LIMIT (1UL << 29) /* RAM at and above 2 TiB is not used */

/* Highest RAM frame + 1. */
extern uint64_t max_mfn;

/*
 * Boot only: [start, end) is RAM that has a page_info each (free, or the image's, or a module's).
 * Comes before buddy_add() of any part of it. Frames from FRAME_LIMIT on are left out.
 */
void frame_table_add_ram(mfn_t start, mfn_t end);

/* Bit n: the 2 MiB from frame n << RAM_CHUNK_SHIFT on are RAM throughout. */
#define RAM_CHUNK_SHIFT 9
extern uint64_t ram_chunks[BITMAP_WORDS(FRAME_LIMIT >> RAM_CHUNK_SHIFT)];
/* The same question for a frame of a chunk that is not. */
bool mfn_is_ram_in_part(mfn_t m);

/* Whether @m is RAM with a page_info (given to anybody, free, or the hypervisor's). */
static inline bool mfn_is_ram(mfn_t m)
{
    uint64_t chunk = m.n >> RAM_CHUNK_SHIFT;

    if (__builtin_expect(m.n >= max_mfn, 0)) {
        return false;
    }
    return __builtin_expect((ram_chunks[chunk / 64] >> (chunk % 64)) & 1, 1) ||
           mfn_is_ram_in_part(m);
}

static inline struct page_info *mfn_to_page(mfn_t m)
{
    return (struct page_info *)FRAME_TABLE_START + m.n;
}

static inline mfn_t page_to_mfn(const struct page_info *pg)
{
    return mfn((uint64_t)(pg - (struct page_info *)FRAME_TABLE_START));
}

static inline void *page_to_virt(const struct page_info *pg)
{
    return mfn_to_virt(page_to_mfn(pg));
}

static inline struct page_info *virt_to_page(const void *p)
{
    return mfn_to_page(virt_to_mfn(p));
}

#endif

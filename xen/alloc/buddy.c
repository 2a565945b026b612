/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The page allocator: free blocks of 2^order frames, naturally aligned.
 *
 * A block is described by the page_info of its first frame (count PGC_FREE, order, PGF_DIRTY,
 * links); the other entries of a free block have count 0. Zone z holds the blocks whose first
 * frame has z as its highest bit. Frame 0 is never used, so no block crosses zones, and
 * "below 2^n bytes" means exactly the zones below n - 12.
 *
 * Buddies merge only if both are clean or both are dirty: otherwise either the dirt would be
 * lost, or the scrubber's work. Pairs that stay apart for that reason are counted, and are
 * merged after all when an allocation would fail.
 *
 * A frame that was freed may still be in TLBs, and a guest might write to it through them. That
 * ends before it's scrubbed or given out: its tlb_stamp tells which CPUs have to flush.
 *
 * Frames can be promised (XENMEM_claim_pages): they stay in the lists, and who has no promise can
 * have only what is free beyond them.
 *
 * Lock: buddy. Scrubbing and flushing happen outside it, on blocks that are on no list.
 */
#include <public/xen.h>
#include <xen/alloc.h>
#include <xen/bug.h>
#include <xen/compiler.h>
#include <xen/errno.h>
#include <xen/spinlock.h>
#include <xen/string.h>
#include <xen/tlb.h>

#define NR_ZONES    32
#define SCRUB_ORDER 4 /* what the idle scrubber takes at a time */

enum { CLEAN, DIRTY, NR_KINDS };

static struct {
    struct spinlock lock;
    uint32_t head[NR_ZONES][NR_KINDS][MAX_ORDER + 1]; /* valid where nonempty has its bit */
    uint32_t nonempty[NR_ZONES][NR_KINDS];            /* bit n: there are blocks of order n */
    uint32_t zones;                                   /* bit n: zone n has free frames */
    uint64_t zone_free[NR_ZONES];                     /* frames */
    uint64_t dirty;
    uint64_t in_scrubber; /* frames that it has taken out to come back clean: still free */
    uint64_t total;
    uint64_t claimed;     /* promised */
    uint64_t mixed_pairs; /* free buddies of one order, one clean and one dirty */
} buddy = { .lock = SPINLOCK_INIT(LOCK_BUDDY) };

static unsigned int zone_of(uint64_t frame)
{
    return 63U - (unsigned int)__builtin_clzl(frame);
}

static bool is_free_block(uint64_t frame, unsigned int order)
{
    const struct page_info *pg;

    if (frame == 0 || !mfn_is_ram(mfn(frame))) {
        return false;
    }
    pg = mfn_to_page(mfn(frame));
    return READ_ONCE(pg->count) == PGC_FREE && pg->order == order;
}

static unsigned int kind_of(uint64_t frame)
{
    return mfn_to_page(mfn(frame))->flags & PGF_DIRTY ? DIRTY : CLEAN;
}

static void block_link(uint64_t frame, unsigned int order, unsigned int kind)
{
    struct page_info *pg = mfn_to_page(mfn(frame));
    unsigned int zone = zone_of(frame);
    uint32_t *head = &buddy.head[zone][kind][order];

    pg->order = (uint8_t)order;
    pg->flags = kind == DIRTY ? PGF_DIRTY : 0;
    pg->prev = PAGE_LIST_END;
    pg->next = PAGE_LIST_END;
    if (buddy.nonempty[zone][kind] & (1U << order)) {
        pg->next = *head;
        mfn_to_page(mfn(*head))->prev = (uint32_t)frame;
    }
    *head = (uint32_t)frame;
    buddy.nonempty[zone][kind] |= 1U << order;
    WRITE_ONCE(pg->count, PGC_FREE);

    buddy.zone_free[zone] += 1UL << order;
    buddy.zones |= 1U << zone;
    if (kind == DIRTY) {
        buddy.dirty += 1UL << order;
    }
}

static void block_unlink(uint64_t frame)
{
    struct page_info *pg = mfn_to_page(mfn(frame));
    unsigned int zone = zone_of(frame), order = pg->order, kind = kind_of(frame);

    if (pg->next != PAGE_LIST_END) {
        mfn_to_page(mfn(pg->next))->prev = pg->prev;
    }
    if (pg->prev != PAGE_LIST_END) {
        mfn_to_page(mfn(pg->prev))->next = pg->next;
    } else if (pg->next != PAGE_LIST_END) {
        buddy.head[zone][kind][order] = pg->next;
    } else {
        buddy.nonempty[zone][kind] &= ~(1U << order);
    }
    pg->flags = 0;
    pg->order = 0;
    WRITE_ONCE(pg->count, 0);

    buddy.zone_free[zone] -= 1UL << order;
    if (buddy.zone_free[zone] == 0) {
        buddy.zones &= ~(1U << zone);
    }
    if (kind == DIRTY) {
        buddy.dirty -= 1UL << order;
    }
    /* Of a kind they would have been one block. */
    if (is_free_block(frame ^ (1UL << order), order)) {
        buddy.mixed_pairs--;
    }
}

/* Adds a block, merged with its buddies as far as possible. */
static void block_insert(uint64_t frame, unsigned int order, unsigned int kind)
{
    while (order < MAX_ORDER) {
        uint64_t other = frame ^ (1UL << order);

        if (!is_free_block(other, order)) {
            break;
        }
        if (kind_of(other) != kind) {
            buddy.mixed_pairs++;
            break;
        }
        block_unlink(other);
        frame &= ~(1UL << order);
        order++;
    }
    block_link(frame, order, kind);
}

/* Merges every mixed pair; what they form is dirty. */
static void merge_mixed_pairs(void)
{
    for (unsigned int zone = 0; zone < NR_ZONES; zone++) {
        for (unsigned int order = 0; order < MAX_ORDER; order++) {
            uint32_t frame, next;

            if (buddy.mixed_pairs == 0) {
                return;
            }
            if (!(buddy.nonempty[zone][DIRTY] & (1U << order))) {
                continue;
            }
            for (frame = buddy.head[zone][DIRTY][order]; frame != PAGE_LIST_END; frame = next) {
                uint64_t other = frame ^ (1UL << order);

                /* Stays valid: what is merged below goes to lists of higher orders. */
                next = mfn_to_page(mfn(frame))->next;
                if (is_free_block(other, order)) {
                    block_unlink(frame);
                    block_unlink(other);
                    block_insert(MIN((uint64_t)frame, other), order + 1, DIRTY);
                }
            }
        }
    }
}

/* Takes 2^order frames from the first block of a list that isn't empty, the upper ones of it. */
static uint64_t block_take(unsigned int zone, unsigned int kind, unsigned int list,
                           unsigned int order)
{
    uint64_t frame = buddy.head[zone][kind][list];

    block_unlink(frame);
    while (list > order) {
        list--;
        block_link(frame, list, kind);
        frame += 1UL << list;
    }
    return frame;
}

/*
 * The smallest block of the wanted kind that has 2^order frames, else of the other kind; 0: none.
 * The kind comes first: idle CPUs clean the small dirty blocks, which then merge again.
 */
static uint64_t zone_take(unsigned int zone, unsigned int order, unsigned int *kind)
{
    uint32_t fits = buddy.nonempty[zone][*kind] & (~0U << order);

    if (fits == 0) {
        fits = buddy.nonempty[zone][*kind ^ 1] & (~0U << order);
        if (fits == 0) {
            return 0;
        }
        *kind ^= 1;
    }
    return block_take(zone, *kind, (unsigned int)__builtin_ctz(fits), order);
}

/* From the highest of the zones below @limit that can serve. */
static uint64_t zones_take(unsigned int limit, unsigned int order, unsigned int *kind)
{
    /* No block is larger than its zone's number says. */
    uint32_t zones = buddy.zones & (uint32_t)((1UL << limit) - 1) & (~0U << order);

    while (zones != 0) {
        unsigned int zone = 31U - (unsigned int)__builtin_clz(zones);
        uint64_t frame = zone_take(zone, order, kind);

        if (frame != 0) {
            return frame;
        }
        zones &= ~(1U << zone);
    }
    return 0;
}

/* How many zones lie wholly below 2^bits bytes; 0: no limit. */
static unsigned int zones_below(unsigned int bits)
{
    if (bits == 0 || bits >= NR_ZONES + PAGE_SHIFT) {
        return NR_ZONES;
    }
    return bits > PAGE_SHIFT ? bits - PAGE_SHIFT : 0;
}

/* The later of two stamps; 0 is earlier than all, and the clock wraps. */
static always_inline uint32_t newer_stamp(uint32_t newest, uint32_t stamp)
{
    return stamp != 0 && (newest == 0 || (int32_t)(stamp - newest) > 0) ? stamp : newest;
}

/* No CPU can reach frames of this stamp by a stale translation from here on. Interrupts are on. */
static void flush_stale(uint32_t stamp)
{
    if (stamp != 0) {
        tlb_flush_since(&cpu_online_map, stamp);
    }
}

/* Of the naturally aligned block that starts at @frame and ends by @end. */
static unsigned int largest_order(uint64_t frame, uint64_t end)
{
    unsigned int order = MIN((unsigned int)__builtin_ctzl(frame), zone_of(end - frame));

    return MIN(order, (unsigned int)MAX_ORDER);
}

void buddy_add(mfn_t start, mfn_t end)
{
    uint64_t frame = MAX(start.n, 1UL), last = MIN(end.n, FRAME_LIMIT);
    unsigned long flags;

    if (frame >= last) {
        return;
    }
    BUG_ON(!mfn_is_ram(mfn(frame)) || !mfn_is_ram(mfn(last - 1)));
    flags = spin_lock_irqsave(&buddy.lock);
    buddy.total += last - frame;
    while (frame < last) {
        unsigned int order = largest_order(frame, last);

        block_insert(frame, order, DIRTY);
        frame += 1UL << order;
    }
    spin_unlock_irqrestore(&buddy.lock, flags);
}

/* Frames that are free in the first zones; in all: also those in the scrubber. Under the lock. */
static uint64_t free_below(unsigned int zones)
{
    uint64_t sum = zones == NR_ZONES ? buddy.in_scrubber : 0;

    for (unsigned int zone = 0; zone < zones; zone++) {
        sum += buddy.zone_free[zone];
    }
    return sum;
}

/* 2^order frames, or 0. Under the lock. */
static uint64_t frames_take(unsigned int order, unsigned int flags, unsigned int *kind)
{
    unsigned int limit = zones_below(flags & 0xff);
    uint64_t frame;

    if (unlikely(buddy.claimed != 0) && !(flags & ALLOC_CLAIMED) &&
        free_below(NR_ZONES) < buddy.claimed + (1UL << order)) {
        return 0;
    }
    frame = zones_take(limit, order, kind);
    if (frame == 0 && buddy.mixed_pairs != 0) {
        merge_mixed_pairs();
        frame = zones_take(limit, order, kind);
    }
    if (frame != 0 && (flags & ALLOC_CLAIMED)) {
        BUG_ON(buddy.claimed < 1UL << order);
        buddy.claimed -= 1UL << order;
    }
    return frame;
}

struct page_info *pages_alloc(unsigned int order, unsigned int flags)
{
    unsigned int kind = flags & ALLOC_DIRTY ? DIRTY : CLEAN;
    struct page_info *pg;
    uint32_t newest = 0;
    unsigned long irqs;
    uint64_t frame;

    if (order > MAX_ORDER) {
        return NULL;
    }
    irqs = spin_lock_irqsave(&buddy.lock);
    frame = frames_take(order, flags, &kind);
    spin_unlock_irqrestore(&buddy.lock, irqs);
    if (frame == 0) {
        return NULL;
    }

    pg = mfn_to_page(mfn(frame));
    for (uint64_t i = 0; i < 1UL << order; i++) {
        newest = newer_stamp(newest, pg[i].tlb_stamp);
        pg[i].count = 0;
        pg[i].type = 0;
        pg[i].owner = DOMID_INVALID;
        pg[i].order = 0;
        pg[i].flags = 0;
        pg[i].tlb_stamp = 0;
    }
    flush_stale(newest);
    if (kind == DIRTY && !(flags & ALLOC_DIRTY)) {
        memset(page_to_virt(pg), 0, PAGE_SIZE << order);
    }
    return pg;
}

/* Debug builds: a free block that contains the frame would have its head at one of these places. */
static void check_not_free(uint64_t frame)
{
    for (unsigned int order = 0; order <= MAX_ORDER; order++) {
        ASSERT(!is_free_block(frame & ~((1UL << order) - 1), order));
    }
}

void pages_free_run(struct page_info *pg, uint64_t nr)
{
    uint64_t frame = page_to_mfn(pg).n, end = frame + nr;
    unsigned long flags;

    BUG_ON(frame == 0);
    for (uint64_t i = 0; i < nr; i++) {
        BUG_ON(READ_ONCE(pg[i].count) != 0 || (pg[i].type & PGT_COUNT_MASK) != 0);
        pg[i].owner = DOMID_INVALID;
    }
    flags = spin_lock_irqsave(&buddy.lock);
    while (frame < end) {
        unsigned int order = largest_order(frame, end);

        check_not_free(frame);
        block_insert(frame, order, DIRTY);
        frame += 1UL << order;
    }
    spin_unlock_irqrestore(&buddy.lock, flags);
}

void pages_free(struct page_info *pg, unsigned int order)
{
    BUG_ON(order > MAX_ORDER || (page_to_mfn(pg).n & ((1UL << order) - 1)) != 0);
    pages_free_run(pg, 1UL << order);
}

bool buddy_scrub_some(void)
{
    unsigned long flags = spin_lock_irqsave(&buddy.lock);
    struct page_info *pg;
    unsigned int order = 0;
    uint32_t newest = 0;
    uint64_t frame = 0;

    for (unsigned int zone = NR_ZONES; buddy.dirty != 0 && zone-- > 0 && frame == 0;) {
        uint32_t orders = buddy.nonempty[zone][DIRTY];

        if (orders != 0) {
            unsigned int list = (unsigned int)__builtin_ctz(orders);

            order = MIN(list, (unsigned int)SCRUB_ORDER);
            frame = block_take(zone, DIRTY, list, order);
            buddy.in_scrubber += 1UL << order;
        }
    }
    spin_unlock_irqrestore(&buddy.lock, flags);
    if (frame == 0) {
        return false;
    }

    pg = mfn_to_page(mfn(frame));
    for (uint64_t i = 0; i < 1UL << order; i++) {
        newest = newer_stamp(newest, pg[i].tlb_stamp);
        pg[i].tlb_stamp = 0;
    }
    flush_stale(newest);
    memset(page_to_virt(pg), 0, PAGE_SIZE << order);
    flags = spin_lock_irqsave(&buddy.lock);
    block_insert(frame, order, CLEAN);
    buddy.in_scrubber -= 1UL << order;
    spin_unlock_irqrestore(&buddy.lock, flags);
    return true;
}

uint64_t buddy_free_pages_below(unsigned int bits)
{
    unsigned long flags = spin_lock_irqsave(&buddy.lock);
    uint64_t sum = free_below(zones_below(bits));

    spin_unlock_irqrestore(&buddy.lock, flags);
    return sum;
}

uint64_t buddy_free_pages(void)
{
    return buddy_free_pages_below(0);
}

int buddy_claim(uint64_t nr, bool must_be_free)
{
    unsigned long flags = spin_lock_irqsave(&buddy.lock);
    uint64_t free = free_below(NR_ZONES);
    int rc = -ENOMEM;

    if (!must_be_free || (nr <= free && buddy.claimed <= free - nr)) {
        buddy.claimed += nr;
        rc = 0;
    }
    spin_unlock_irqrestore(&buddy.lock, flags);
    return rc;
}

void buddy_unclaim(uint64_t nr)
{
    unsigned long flags = spin_lock_irqsave(&buddy.lock);

    BUG_ON(nr > buddy.claimed);
    buddy.claimed -= nr;
    spin_unlock_irqrestore(&buddy.lock, flags);
}

uint64_t buddy_claimed_pages(void)
{
    return READ_ONCE(buddy.claimed);
}

uint64_t buddy_dirty_pages(void)
{
    return READ_ONCE(buddy.dirty);
}

uint64_t buddy_total_pages(void)
{
    return buddy.total;
}

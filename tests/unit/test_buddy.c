/* SPDX-License-Identifier: BSD-2-Clause */
/* The page allocator against a model: one state per frame, and the contents of memory. */
#include "unit.h"

#include "../../xen/arch/fake/machine.h"
#include <public/xen.h>
#include <xen/alloc.h>
#include <xen/errno.h>
#include <xen/tlb.h>

#define NR_FRAMES  (1UL << 21) /* 8 GiB of addresses */
#define RAM_START  0x100UL
#define LOW_END    0x9f03UL
#define HIGH_START 0x100000UL
#define HIGH_END   0x104801UL
#define MAX_BLOCKS 4096

/* Owner of each frame: 0 free, else block number + 1. */
static uint32_t taken[NR_FRAMES];
static struct {
    uint64_t frame;
    unsigned int order;
} blocks[MAX_BLOCKS];
static uint64_t model_free;

static int setup(void **state)
{
    (void)state;
    fake_machine_init(NR_FRAMES);
    frame_table_add_ram(mfn(RAM_START), mfn(0x9000));
    frame_table_add_ram(mfn(0x9000), mfn(LOW_END));
    frame_table_add_ram(mfn(HIGH_START), mfn(HIGH_END));
    buddy_add(mfn(RAM_START), mfn(0x9000));
    buddy_add(mfn(0x9000), mfn(LOW_END));
    buddy_add(mfn(HIGH_START), mfn(HIGH_END));
    model_free = (LOW_END - RAM_START) + (HIGH_END - HIGH_START);
    return 0;
}

static void test_ram_map(void **state)
{
    (void)state;
    assert_int_equal(max_mfn, HIGH_END);
    assert_false(mfn_is_ram(mfn(RAM_START - 1)));
    assert_true(mfn_is_ram(mfn(RAM_START)));
    assert_true(mfn_is_ram(mfn(0x9000)));
    assert_true(mfn_is_ram(mfn(LOW_END - 1)));
    assert_false(mfn_is_ram(mfn(LOW_END)));
    assert_false(mfn_is_ram(mfn(HIGH_START - 1)));
    assert_true(mfn_is_ram(mfn(HIGH_END - 1)));
    assert_false(mfn_is_ram(mfn(HIGH_END)));
    assert_false(mfn_is_ram(INVALID_MFN));
}

static uint64_t *words_of(uint64_t frame)
{
    return mfn_to_virt(mfn(frame));
}

static bool take(unsigned int slot, unsigned int order, unsigned int flags)
{
    struct page_info *pg = pages_alloc(order, flags);
    unsigned int bits = flags & 0xff;
    uint64_t frame;

    assert_int_equal(fake_locks_held, 0);
    if (pg == NULL) {
        return false;
    }
    frame = page_to_mfn(pg).n;
    assert_int_equal(frame & ((1UL << order) - 1), 0);
    if (bits != 0) {
        assert_true((frame + (1UL << order)) << PAGE_SHIFT <= 1UL << bits);
    }
    for (uint64_t i = frame; i < frame + (1UL << order); i++) {
        assert_true(mfn_is_ram(mfn(i)));
        assert_int_equal(taken[i], 0);
        assert_int_equal(mfn_to_page(mfn(i))->count, 0);
        assert_int_equal(mfn_to_page(mfn(i))->type, 0);
        assert_int_equal(mfn_to_page(mfn(i))->owner, DOMID_INVALID);
        if (!(flags & ALLOC_DIRTY)) {
            assert_int_equal(words_of(i)[0] | words_of(i)[511], 0);
        }
        words_of(i)[0] = words_of(i)[511] = i;
        taken[i] = slot + 1;
    }
    blocks[slot].frame = frame;
    blocks[slot].order = order;
    model_free -= 1UL << order;
    return true;
}

static void give(uint64_t frame, unsigned int order)
{
    for (uint64_t i = frame; i < frame + (1UL << order); i++) {
        assert_int_equal(words_of(i)[0], i);
        taken[i] = 0;
    }
    pages_free(mfn_to_page(mfn(frame)), order);
    assert_int_equal(fake_locks_held, 0);
    model_free += 1UL << order;
}

static void give_slot(unsigned int slot, uint64_t *seed)
{
    uint64_t frame = blocks[slot].frame, half;
    unsigned int order = blocks[slot].order;

    blocks[slot].frame = 0;
    if (order > 0 && unit_random(seed) % 4 == 0) {
        half = 1UL << (order - 1);
        give(frame + half, order - 1);
        give(frame, order - 1);
    } else {
        give(frame, order);
    }
}

static void test_random(void **state)
{
    uint64_t seed = unit_seed("buddy");

    (void)state;
    for (unsigned int step = 0; step < 200000; step++) {
        unsigned int slot = unit_random(&seed) % MAX_BLOCKS;
        unsigned int kind = unit_random(&seed) % 16;
        unsigned int order = kind == 0 ? 9 : kind < 4 ? 5 : (unsigned int)unit_random(&seed) % 3;
        unsigned int flags = unit_random(&seed) % 3 == 0 ? ALLOC_DIRTY : 0;

        if (unit_random(&seed) % 4 == 0) {
            flags |= ALLOC_BITS(18 + unit_random(&seed) % 18);
        }
        if (blocks[slot].frame != 0) {
            give_slot(slot, &seed);
        } else {
            take(slot, order, flags);
        }
        if (unit_random(&seed) % 8 == 0) {
            buddy_scrub_some();
        }
        assert_int_equal(buddy_free_pages(), model_free);
        assert_true(buddy_dirty_pages() <= model_free);
    }
    for (unsigned int slot = 0; slot < MAX_BLOCKS; slot++) {
        if (blocks[slot].frame != 0) {
            give_slot(slot, &seed);
        }
    }
    assert_int_equal(buddy_free_pages(), buddy_total_pages());
}

/* Half of a block clean, half dirty: the whole can still be allocated, and is zero. */
static void test_mixed_merge(void **state)
{
    unsigned int order = 13, n = 0;

    (void)state;
    for (unsigned int i = 0; i < 300; i++) {
        assert_true(buddy_scrub_some());
    }
    assert_true(buddy_dirty_pages() < buddy_free_pages());
    while (take(n, order, 0)) {
        n++;
    }
    assert_int_equal(n, (HIGH_END - HIGH_START) / (1UL << order) + 3);
    while (n-- > 0) {
        uint64_t frame = blocks[n].frame;

        blocks[n].frame = 0;
        give(frame, order);
    }
}

static void test_scrub_all(void **state)
{
    unsigned int rounds = 0;

    (void)state;
    while (buddy_scrub_some()) {
        assert_true(++rounds < 100000);
    }
    assert_int_equal(buddy_dirty_pages(), 0);
    assert_int_equal(buddy_free_pages(), buddy_total_pages());
    for (uint64_t i = HIGH_START; i < HIGH_END; i++) {
        assert_int_equal(words_of(i)[0] | words_of(i)[511], 0);
    }
}

static void test_limit_and_preference(void **state)
{
    struct page_info *pg = pages_alloc(0, 0);

    (void)state;
    assert_true(page_to_mfn(pg).n >= HIGH_START);
    pages_free(pg, 0);
    pg = pages_alloc(0, ALLOC_BITS(32));
    assert_true(page_to_mfn(pg).n < LOW_END);
    pages_free(pg, 0);
    assert_null(pages_alloc(0, ALLOC_BITS(20)));
    assert_null(pages_alloc(0, ALLOC_BITS(12)));
    assert_null(pages_alloc(0, ALLOC_BITS(3)));
    assert_null(pages_alloc(MAX_ORDER, 0));
    assert_null(pages_alloc(MAX_ORDER + 1, 0));
    assert_int_equal(buddy_free_pages_below(32), LOW_END - RAM_START);
    assert_int_equal(buddy_free_pages_below(24), 0x1000 - RAM_START);
}

/* Frames that were mapped are flushed from TLBs once, before they are given out or scrubbed. */
static void test_stale_translations(void **state)
{
    struct page_info *pg = pages_alloc(2, 0);
    uint32_t before = fake_tlb_clock, list = PAGE_LIST_END;

    (void)state;
    pg[0].tlb_stamp = before - 1;
    pg[3].tlb_stamp = before;
    pages_free(pg, 2);
    for (pg = pages_alloc(0, 0); pg != NULL; pg = pages_alloc(0, 0)) {
        assert_int_equal(pg->tlb_stamp, 0);
        pg->next = list;
        list = (uint32_t)page_to_mfn(pg).n;
    }
    assert_int_equal(fake_tlb_clock, before + 1);
    while (list != PAGE_LIST_END) {
        pg = mfn_to_page(mfn(list));
        list = pg->next;
        pages_free(pg, 0);
    }

    pg = pages_alloc(0, 0);
    pg->tlb_stamp = tlb_stamp();
    pages_free(pg, 0);
    while (buddy_scrub_some()) {
        continue;
    }
    assert_int_equal(fake_tlb_clock, before + 2);
}

/* Promised frames are for those with a promise only; what is free includes them. */
static void test_claims(void **state)
{
    uint64_t free = buddy_free_pages();
    struct page_info *pg;

    (void)state;
    assert_int_equal(buddy_claim(free + 1, true), -ENOMEM);
    assert_int_equal(buddy_claim(free - 2, true), 0);
    assert_int_equal(buddy_claimed_pages(), free - 2);
    assert_int_equal(buddy_free_pages(), free);
    assert_int_equal(buddy_claim(3, true), -ENOMEM);
    assert_int_equal(buddy_claim(2, true), 0);
    assert_null(pages_alloc(0, 0));
    buddy_unclaim(1);
    pg = pages_alloc(0, 0);
    assert_non_null(pg);
    assert_null(pages_alloc(0, 0));
    pages_free(pg, 0);
    assert_null(pages_alloc(1, 0));
    pg = pages_alloc(1, ALLOC_CLAIMED);
    assert_non_null(pg);
    assert_int_equal(buddy_claimed_pages(), free - 3);
    pages_free(pg, 1);
    /* What is about to be freed may be promised before it is. */
    assert_int_equal(buddy_claim(4, false), 0);
    assert_null(pages_alloc(0, 0));
    buddy_unclaim(free + 1);
    expect_bug(buddy_unclaim(1));
    expect_bug((void)pages_alloc(0, ALLOC_CLAIMED));
    assert_int_equal(buddy_free_pages(), free - 1);
}

static void test_misuse(void **state)
{
    struct page_info *pg = pages_alloc(3, 0);

    (void)state;
    expect_bug(pages_free(pg + 1, 1));
    pg[2].count = 1;
    expect_bug(pages_free(pg, 3));
    pg[2].count = 0;
    pages_free(pg, 3);
    expect_bug(pages_free(pg, 3));
    expect_bug(pages_free(pg + 2, 0));
    expect_bug(pages_free(pg, MAX_ORDER + 1));
    expect_bug(buddy_add(mfn(LOW_END), mfn(LOW_END + 1)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ram_map),
        cmocka_unit_test(test_limit_and_preference),
        cmocka_unit_test(test_mixed_merge),
        cmocka_unit_test(test_random),
        cmocka_unit_test(test_scrub_all),
        cmocka_unit_test(test_stale_translations),
        cmocka_unit_test(test_misuse),
        cmocka_unit_test(test_claims),
    };

    return cmocka_run_group_tests(tests, setup, NULL);
}

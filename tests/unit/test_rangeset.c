/* SPDX-License-Identifier: BSD-2-Clause */
/* Sets of ranges, against an array of bits; at the ends of numbers; without memory. */
#include "unit.h"

#include "../../xen/arch/fake/machine.h"
#include <xen/alloc.h>
#include <xen/errno.h>
#include <xen/rangeset.h>

#define NR_FRAMES 2048UL
#define NUMBERS   300U
#define LIMIT     1024U /* of ranges in a set */

static struct rangeset set;

static int start_machine(void **state)
{
    (void)state;
    fake_machine_init(NR_FRAMES);
    frame_table_add_ram(mfn(1), mfn(NR_FRAMES));
    buddy_add(mfn(1), mfn(NR_FRAMES));
    return 0;
}

static int setup(void **state)
{
    (void)state;
    rangeset_init(&set);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    rangeset_free(&set);
    assert_int_equal(fake_locks_held, 0);
    return 0;
}

static void check_sorted(void)
{
    for (unsigned int i = 0; i < set.nr; i++) {
        assert_true(set.r[i].first <= set.r[i].last);
        assert_true(i == 0 || set.r[i - 1].last + 1 < set.r[i].first);
    }
}

static void pick(uint64_t *seed, uint64_t *first, uint64_t *last)
{
    uint64_t length = unit_random(seed) % 12;

    *first = unit_random(seed) % NUMBERS;
    *last = MIN(*first + length, (uint64_t)NUMBERS - 1);
}

static void test_random(void **state)
{
    static bool model[NUMBERS];
    uint64_t seed = unit_seed("rangeset");

    (void)state;
    memset(model, 0, sizeof(model));
    for (unsigned int step = 0; step < 50000; step++) {
        bool add = unit_random(&seed) % 2, all = true;
        uint64_t first, last;

        pick(&seed, &first, &last);
        assert_int_equal(add ? rangeset_add(&set, first, last) : rangeset_remove(&set, first, last),
                         0);
        for (uint64_t n = first; n <= last; n++) {
            model[n] = add;
        }
        check_sorted();
        pick(&seed, &first, &last);
        for (uint64_t n = first; n <= last; n++) {
            all = all && model[n];
        }
        assert_int_equal(rangeset_contains(&set, first, last), all);
    }
}

static void test_ends(void **state)
{
    (void)state;
    assert_true(rangeset_is_empty(&set));
    assert_false(rangeset_contains(&set, 0, 0));
    assert_int_equal(rangeset_remove(&set, 0, UINT64_MAX), 0);
    assert_int_equal(rangeset_add(&set, 2, 1), -EINVAL);
    assert_int_equal(rangeset_remove(&set, 2, 1), -EINVAL);
    assert_int_equal(rangeset_add(&set, UINT64_MAX, UINT64_MAX), 0);
    assert_int_equal(rangeset_add(&set, 0, 0), 0);
    assert_int_equal(rangeset_add(&set, 0, UINT64_MAX - 1), 0);
    assert_int_equal(set.nr, 1);
    assert_true(rangeset_contains(&set, 0, UINT64_MAX));
    assert_int_equal(rangeset_remove(&set, 0, 0), 0);
    assert_int_equal(rangeset_remove(&set, UINT64_MAX, UINT64_MAX), 0);
    assert_true(rangeset_contains(&set, 1, UINT64_MAX - 1));
    assert_false(rangeset_contains(&set, 0, 1));
    assert_int_equal(rangeset_remove(&set, 0, UINT64_MAX), 0);
    assert_true(rangeset_is_empty(&set));
}

static void test_limit(void **state)
{
    (void)state;
    for (unsigned int i = 0; i < LIMIT; i++) {
        assert_int_equal(rangeset_add(&set, i * 10, i * 10 + 5), 0);
    }
    assert_int_equal(rangeset_add(&set, LIMIT * 10, LIMIT * 10), -ENOMEM);
    assert_int_equal(rangeset_remove(&set, 2, 3), -ENOMEM);
    assert_true(rangeset_contains(&set, 0, 5));
    assert_int_equal(rangeset_remove(&set, 0, 5), 0);
    assert_int_equal(rangeset_remove(&set, 0, UINT64_MAX), 0);
    assert_true(rangeset_is_empty(&set));
}

/* What needs no memory works without. */
static void test_no_memory(void **state)
{
    struct range before;
    void *head = NULL, **p;

    (void)state;
    for (unsigned int i = 0; i < 4; i++) {
        assert_int_equal(rangeset_add(&set, i * 10, i * 10 + 5), 0);
    }
    for (size_t size = PAGE_SIZE; size >= 16; size /= 2) {
        while ((p = heap_alloc(size)) != NULL) {
            *p = head;
            head = p;
        }
    }
    before = set.r[1];
    assert_int_equal(rangeset_add(&set, 100, 100), -ENOMEM);
    assert_int_equal(rangeset_remove(&set, 12, 13), -ENOMEM);
    assert_int_equal(set.nr, 4);
    assert_memory_equal(&set.r[1], &before, sizeof(before));
    assert_int_equal(rangeset_add(&set, 6, 9), 0);
    assert_true(rangeset_contains(&set, 0, 15));
    assert_int_equal(rangeset_remove(&set, 12, 13), 0);
    assert_int_equal(rangeset_remove(&set, 0, 1000), 0);
    assert_true(rangeset_is_empty(&set));
    while (head != NULL) {
        p = head;
        head = *p;
        heap_free(p);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_random, setup, teardown),
        cmocka_unit_test_setup_teardown(test_ends, setup, teardown),
        cmocka_unit_test_setup_teardown(test_limit, setup, teardown),
        cmocka_unit_test_setup_teardown(test_no_memory, setup, teardown),
    };

    return cmocka_run_group_tests(tests, start_machine, NULL);
}

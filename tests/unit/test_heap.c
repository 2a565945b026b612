/* SPDX-License-Identifier: BSD-2-Clause */
/* The heap: zeroed, aligned, disjoint objects; misuse is caught; memory comes back. */
#include "unit.h"

#include "../../xen/arch/fake/machine.h"
#include <xen/alloc.h>

#define NR_FRAMES 8192UL
#define NR_SLOTS  2000

static struct {
    uint8_t *p;
    size_t size;
} slots[NR_SLOTS];

static int setup(void **state)
{
    (void)state;
    fake_machine_init(NR_FRAMES);
    frame_table_add_ram(mfn(1), mfn(NR_FRAMES));
    buddy_add(mfn(1), mfn(NR_FRAMES));
    return 0;
}

static void drop(unsigned int i)
{
    for (size_t k = 0; k < slots[i].size; k++) {
        assert_int_equal(slots[i].p[k], (uint8_t)i);
    }
    heap_free(slots[i].p);
    slots[i].p = NULL;
}

static void fill(unsigned int i, size_t size)
{
    uint8_t *p = heap_alloc(size);

    if (p == NULL) {
        return;
    }
    assert_int_equal((uintptr_t)p % (size >= 64 ? 64 : 16), 0);
    for (size_t k = 0; k < size; k++) {
        assert_int_equal(p[k], 0);
    }
    memset(p, (int)i, size);
    slots[i].p = p;
    slots[i].size = size;
}

static void test_random(void **state)
{
    uint64_t seed = unit_seed("heap");

    (void)state;
    for (unsigned int step = 0; step < 100000; step++) {
        unsigned int i = unit_random(&seed) % NR_SLOTS;

        if (slots[i].p != NULL) {
            drop(i);
        } else {
            fill(i, unit_random(&seed) % (unit_random(&seed) % 20 == 0 ? 20000 : 2100));
        }
        assert_int_equal(fake_locks_held, 0);
    }
    for (unsigned int i = 0; i < NR_SLOTS; i++) {
        if (slots[i].p != NULL) {
            drop(i);
        }
    }
    /* One slab of each class may be kept. */
    assert_in_range(buddy_total_pages() - buddy_free_pages(), 0, 16);
}

static void test_exhaustion(void **state)
{
    uint64_t before = buddy_free_pages();
    void *head = NULL;
    void **p;

    (void)state;
    while ((p = heap_alloc(5000)) != NULL) {
        *p = head;
        head = p;
    }
    assert_null(heap_alloc(1UL << 40));
    assert_null(heap_alloc_array(1UL << 33, 1UL << 33));
    while (head != NULL) {
        p = head;
        head = *p;
        heap_free(p);
    }
    assert_int_equal(buddy_free_pages(), before);
}

static void test_hv_pages(void **state)
{
    uint64_t *p = hv_pages_alloc(2);

    (void)state;
    for (unsigned int i = 0; i < 4; i++) {
        assert_int_equal(virt_to_page(p)[i].count, PGC_HV);
    }
    for (unsigned int i = 0; i < 4 * 512; i++) {
        assert_int_equal(p[i], 0);
    }
    virt_to_page(p)[3].count |= 1;
    expect_bug(hv_pages_free(p, 2));
    virt_to_page(p)->count = virt_to_page(p)[1].count = virt_to_page(p)[2].count = PGC_HV;
    virt_to_page(p)[3].count = PGC_HV;
    hv_pages_free(p, 2);
    expect_bug(hv_pages_free(p, 2));
    hv_page_free(NULL);
}

static void test_misuse(void **state)
{
    char *p = heap_alloc(100), *large = heap_alloc(9000);

    (void)state;
    expect_bug(heap_free(p + 16));
    expect_bug(heap_free(p + 1));
    expect_bug(heap_free(large + 64));
    expect_bug(heap_free(large + PAGE_SIZE));
    heap_free(p);
    expect_bug(heap_free(p));
    heap_free(large);
    expect_bug(heap_free(large));
    heap_free(NULL);

    p = heap_alloc(48);
    heap_free(p);
    p[20] = 1; /* write after free */
    expect_bug(heap_alloc(48));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hv_pages),
        cmocka_unit_test(test_random),
        cmocka_unit_test(test_exhaustion),
        cmocka_unit_test(test_misuse),
    };

    return cmocka_run_group_tests(tests, setup, NULL);
}

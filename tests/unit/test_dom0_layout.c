/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The control domain's first memory: a Debian kernel's layout by the numbers, the
 * corners, and for random kernels the rules that every layout obeys.
 */
#include "unit.h"

#include <asm/dom0.h>
#include <asm/page.h>
#include <xen/errno.h>

/* linux-image-6.1: 16 MiB to 74 MiB, with the notes INIT_P2M and MOD_START_PFN. */
static const struct kernel_image debian = {
    .paddr_start = 0x1000000,
    .paddr_end = 0x4a00000,
    .virt_base = 0xffffffff80000000,
    .virt_start = 0xffffffff81000000,
    .virt_end = 0xffffffff84a00000,
    .init_p2m = 0x8000000000,
    .hypercall_page = KERNEL_NOTE_UNSET,
    .mod_start_pfn = true,
};

static void assert_part(const struct dom0_part *part, uint64_t pfn, uint64_t va, uint64_t pages)
{
    assert_int_equal(part->pfn, pfn);
    assert_true(part->va == va);
    assert_int_equal(part->pages, pages);
}

static void test_debian(void **state)
{
    struct dom0_layout l;
    const char *why = NULL;

    (void)state;
    /* 512 MiB, an initrd of 10 MiB and a byte. */
    assert_int_equal(dom0_layout_compute(&l, &debian, 131072, (10 << 20) + 1, &why), 0);
    assert_true(l.v_start == 0xffffffff80000000);
    assert_part(&l.start_info, 0x4a00, 0xffffffff84a00000, 1);
    /* 76 MiB: 38 L1, and one each of the others. */
    assert_part(&l.tables, 0x4a01, 0xffffffff84a01000, 41);
    assert_part(&l.stack, 0x4a2a, 0xffffffff84a2a000, 1);
    assert_true(l.v_end == 0xffffffff84c00000);
    assert_int_equal(l.nr_mapped, 0x4c00);
    assert_part(&l.initrd, 0x4c00, 0, 2561);
    assert_true(l.p2m_is_separate);
    assert_part(&l.p2m, 0x4c00 + 2561, 0x8000000000, 256);
    /* 1 MiB of list: one table of each level. */
    assert_int_equal(l.p2m_table_pages, 3);
    assert_int_equal(l.pages_needed, 0x4c00 + 2561 + 256 + 3);
}

static void test_all_mapped(void **state)
{
    struct kernel_image image = debian;
    struct dom0_layout l;
    const char *why = NULL;

    (void)state;
    image.init_p2m = KERNEL_NOTE_UNSET;
    image.mod_start_pfn = false;
    image.virt_end = 0xffffffff84a00001;
    assert_int_equal(dom0_layout_compute(&l, &image, 131072, 8192, &why), 0);
    assert_part(&l.initrd, 0x4a01, 0xffffffff84a01000, 2);
    assert_part(&l.p2m, 0x4a03, 0xffffffff84a03000, 256);
    assert_part(&l.start_info, 0x4b03, 0xffffffff84b03000, 1);
    assert_int_equal(l.tables.pfn, 0x4b04);
    assert_false(l.p2m_is_separate);
    assert_int_equal(l.p2m_table_pages, 0);
    assert_int_equal(l.pages_needed, l.nr_mapped);
}

/* At least 512 KiB are free behind the stack. */
static void test_spare_room(void **state)
{
    struct kernel_image image = debian;
    struct dom0_layout l;
    const char *why = NULL;

    (void)state;
    /* Kernel, start_info, 41 tables and stack end exactly 512 KiB before 80 MiB: */
    image.virt_end = 0xffffffff85000000 - (512 << 10) - (1 + 43 + 1) * PAGE_SIZE;
    assert_int_equal(dom0_layout_compute(&l, &image, 131072, 0, &why), 0);
    assert_int_equal(l.tables.pages, 43);
    assert_true(l.v_end == 0xffffffff85000000);
    image.virt_end += 1;
    assert_int_equal(dom0_layout_compute(&l, &image, 131072, 0, &why), 0);
    assert_true(l.v_end == 0xffffffff85400000);
    assert_int_equal(l.tables.pages, 45);
}

static void test_too_little_memory(void **state)
{
    struct dom0_layout l = { .v_start = 77 };
    const char *why = NULL;
    uint64_t needed;

    (void)state;
    assert_int_equal(dom0_layout_compute(&l, &debian, 16384, 10 << 20, &why), -ENOMEM);
    assert_non_null(why);
    assert_int_equal(l.v_start, 77);
    needed = l.pages_needed;
    assert_int_equal(needed, 0x4c00 + 2560 + 32 + 3);
    /* The list grows with the memory, here by less than it. */
    assert_int_equal(dom0_layout_compute(&l, &debian, needed + 32, 10 << 20, &why), 0);
}

static void test_large_memory(void **state)
{
    struct dom0_layout l;
    const char *why = NULL;

    (void)state;
    /* 1 TiB: 2 GiB of list in 1024 L1, 2 L2, 1 L3. */
    assert_int_equal(dom0_layout_compute(&l, &debian, 1ull << 28, 0, &why), 0);
    assert_int_equal(l.p2m.pages, 1 << 19);
    assert_int_equal(l.p2m_table_pages, 1024 + 2 + 1);
}

static void assert_refused(const struct kernel_image *image, uint64_t nr_pages, const char *name)
{
    struct dom0_layout l = { .v_start = 77 };
    const char *why = NULL;

    assert_int_equal(dom0_layout_compute(&l, image, nr_pages, 1 << 20, &why), -EINVAL);
    assert_non_null(why);
    if (!strstr(why, name)) {
        fail_msg("\"%s\" does not name \"%s\"", why, name);
    }
    assert_int_equal(l.v_start, 77);
}

static void test_impossible_addresses(void **state)
{
    static const uint64_t bad_p2m[] = {
        0x8000000800,           /* not a page's */
        0x800000000000,         /* not canonical */
        0x7ffffffff000,         /* runs into the gap */
        0xffff800000000000,     /* the hypervisor's */
        0xffff87ffffffffff,
        0xffffff8000000000,     /* the root entry of the kernel */
        0xfffffffffffff000,     /* past the end */
    };
    /* Before, behind, and reaching out of the initial mapping. */
    static const uint64_t bad_page[] = {
        0xffffffff7ffff000, 0xffffffff84c00000, 0xffffffff84bff001, 0xffffffff84c00001,
    };
    struct kernel_image image;
    struct dom0_layout l;
    const char *why;
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(bad_p2m) / sizeof(bad_p2m[0]); i++) {
        image = debian;
        image.init_p2m = bad_p2m[i];
        assert_refused(&image, 131072, "INIT_P2M");
    }
    for (i = 0; i < sizeof(bad_page) / sizeof(bad_page[0]); i++) {
        image = debian;
        image.hypercall_page = bad_page[i];
        assert_refused(&image, 131072, "HYPERCALL_PAGE");
    }
    image.hypercall_page = 0xffffffff84bff000;
    assert_int_equal(dom0_layout_compute(&l, &image, 131072, 0, &why), 0);
    image = debian;
    image.virt_base = 0xffff870000000000;
    image.virt_end = 0xffff870004a00000;
    assert_refused(&image, 131072, "VIRT_BASE");
    image.virt_base = 0x7fffff000000;
    image.virt_end = 0x800001000000;
    assert_refused(&image, 131072, "VIRT_BASE");
    /* A list behind the kernel that wraps around the end of the address space. */
    image = debian;
    image.init_p2m = KERNEL_NOTE_UNSET;
    assert_refused(&image, 1ull << 28, "VIRT_BASE");
    image.virt_end = 0xfffffffffff00000;
    assert_refused(&image, 1024, "VIRT_BASE");
}

static void assert_part_inside(const struct dom0_layout *l, const struct dom0_part *part,
                               uint64_t *next)
{
    assert_true(part->va == *next);
    assert_true(part->va - l->v_start == part->pfn << PAGE_SHIFT);
    *next += part->pages << PAGE_SHIFT;
    assert_true(*next <= l->v_end);
}

static void test_rules_hold(void **state)
{
    uint64_t seed = unit_seed("dom0_layout"), next, l1s;
    struct kernel_image image;
    struct dom0_layout l;
    const char *why;
    int round, built = 0;

    (void)state;
    for (round = 0; round < 20000; round++) {
        uint64_t pages = 1024 + unit_random(&seed) % (1 << unit_random(&seed) % 23);
        uint64_t initrd = unit_random(&seed) % (64 << 20);

        image = debian;
        if (unit_random(&seed) % 2) {
            image.virt_base = (unit_random(&seed) & 0x7fff) << 32;
        }
        image.virt_end = image.virt_base + 1 + unit_random(&seed) % (512 << 20);
        if (unit_random(&seed) % 2) {
            image.init_p2m = KERNEL_NOTE_UNSET;
        }
        image.mod_start_pfn = unit_random(&seed) % 2;
        if (dom0_layout_compute(&l, &image, pages, initrd, &why) != 0) {
            continue;
        }

        built++;
        next = ROUND_UP(image.virt_end, PAGE_SIZE);
        if (!image.mod_start_pfn) {
            assert_part_inside(&l, &l.initrd, &next);
        }
        if (!l.p2m_is_separate) {
            assert_part_inside(&l, &l.p2m, &next);
        }
        assert_part_inside(&l, &l.start_info, &next);
        assert_part_inside(&l, &l.tables, &next);
        assert_part_inside(&l, &l.stack, &next);
        assert_true(l.v_end - next >= 512 << 10);
        assert_int_equal(l.v_end & ((4 << 20) - 1), 0);
        l1s = dom0_layout_tables(l.v_start, l.v_end, 1);
        assert_true(l1s * 512 >= l.nr_mapped);
        assert_true(l.tables.pages >= 3 + l1s);
        /* One fewer would not have been enough, unless it moved the end. */
        assert_true(l.tables.pages <= 7 + l1s);
        assert_true(l.pages_needed <= pages);
    }
    assert_true(built > 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_debian),
        cmocka_unit_test(test_all_mapped),
        cmocka_unit_test(test_spare_room),
        cmocka_unit_test(test_too_little_memory),
        cmocka_unit_test(test_large_memory),
        cmocka_unit_test(test_impossible_addresses),
        cmocka_unit_test(test_rules_hold),
    };

    return cmocka_run_group_tests_name("dom0_layout", tests, NULL, NULL);
}

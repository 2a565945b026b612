/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Scenario: a domain gives frames back and gets others, as a balloon driver does. Counts
 * instead of errnos, clean pages, the machine-to-physical table in step, larger extents.
 */
#include <public/memory.h>

#include "check.h"
#include "hypercall.h"
#include "kit.h"
#include "mm.h"

#define PAGES 32

static uint64_t frames[PAGES], pfns[PAGES];

static long memory_op(unsigned int cmd, const void *arg)
{
    return hypercall_2(__HYPERVISOR_memory_op, cmd, arg);
}

static long reserve(unsigned int cmd, void *list, unsigned long nr, unsigned int order)
{
    struct xen_memory_reservation op = {
        .extent_start = list, .nr_extents = nr, .extent_order = order, .domid = DOMID_SELF,
    };

    return memory_op(cmd, &op);
}

static long current_pages(void)
{
    struct xen_memory_domain op = { .domid = DOMID_SELF };

    return memory_op(XENMEM_current_reservation, &op);
}

static void test_round_trip(void)
{
    long before = current_pages();
    unsigned int wrong = 0;

    for (unsigned int i = 0; i < PAGES; i++) {
        pfns[i] = pfn_alloc();
        frames[i] = pfn_to_mfn(pfns[i]);
        CHECK_EQ(va_map_flush(window(0), make_pte(frames[i], PTE_DATA)), 0);
        *(volatile uint64_t *)window(0) = 0x5ec7e7;
    }
    CHECK_EQ(va_map_flush(window(0), 0), 0);
    CHECK_EQ(reserve(XENMEM_decrease_reservation, frames, PAGES, 0), PAGES);
    CHECK_EQ(current_pages(), before - PAGES);
    for (unsigned int i = 0; i < PAGES; i++)
        wrong += M2P[frames[i]] != M2P_INVALID;
    CHECK_EQ(wrong, 0);
    CHECK(va_map_flush(window(0), make_pte(frames[0], PTE_DATA)) < 0);
    CHECK_EQ(reserve(XENMEM_decrease_reservation, frames, 1, 0), 0);

    for (unsigned int i = 0; i < PAGES; i++)
        frames[i] = pfns[i];
    CHECK_EQ(reserve(XENMEM_populate_physmap, frames, PAGES, 0), PAGES);
    CHECK_EQ(current_pages(), before);
    for (unsigned int i = 0; i < PAGES; i++) {
        pfn_set_mfn(pfns[i], frames[i]);
        CHECK_EQ(M2P[frames[i]], pfns[i]);
        CHECK_EQ(va_map_flush(window(0), make_pte(frames[i], PTE_DATA)), 0);
        for (unsigned int j = 0; j < 512; j++)
            wrong += ((volatile uint64_t *)window(0))[j] != 0;
    }
    CHECK_EQ(wrong, 0);
    CHECK_EQ(va_map_flush(window(0), 0), 0);
}

/* A frame that is still mapped can be given back; it stays readable until it is unmapped. */
static void test_mapped(void)
{
    uint64_t *page = page_alloc();
    uint64_t pfn = virt_to_pfn(page), mfn = virt_to_mfn(page);
    long before = current_pages();

    page[0] = 0x1234;
    frames[0] = mfn;
    CHECK_EQ(reserve(XENMEM_decrease_reservation, frames, 1, 0), 1);
    CHECK_EQ(page[0], 0x1234);
    CHECK_EQ(va_map_flush(page, 0), 0);
    CHECK_EQ(current_pages(), before - 1);
    frames[0] = pfn;
    CHECK_EQ(reserve(XENMEM_populate_physmap, frames, 1, 0), 1);
    pfn_set_mfn(pfn, frames[0]);
    CHECK_EQ(va_map_flush(page, make_pte(frames[0], PTE_DATA)), 0);
}

static void test_stops(void)
{
    frames[0] = pfn_to_mfn(pfn_alloc());
    frames[1] = 0xfed00;
    frames[2] = pfn_to_mfn(pfn_alloc());
    CHECK_EQ(reserve(XENMEM_decrease_reservation, frames, 3, 0), 1);
    frames[0] = 0x7fffffffff;
    CHECK_EQ(reserve(XENMEM_decrease_reservation, frames, 1, 0), 0);
    CHECK_EQ(reserve(XENMEM_decrease_reservation, (void *)0x1000, 1, 0), 0);
    CHECK_EQ(reserve(XENMEM_populate_physmap, (void *)0x1000, 1, 0), 0);
    CHECK_EQ(reserve(XENMEM_populate_physmap, frames, 1, 19), 0);
    CHECK_EQ(reserve(XENMEM_populate_physmap, frames, 1, ~0u), 0);
    CHECK_EQ(reserve(XENMEM_populate_physmap, frames, 0, 0), 0);
    CHECK_EQ(memory_op(XENMEM_populate_physmap, (void *)0x1000), 0);
    CHECK_EQ(memory_op(XENMEM_decrease_reservation, (void *)0x1000), 0);

    struct xen_memory_reservation op = {
        .extent_start = frames, .nr_extents = 1, .domid = 999,
    };
    CHECK_EQ(memory_op(XENMEM_populate_physmap, &op), 0);
    op.nr_extents = ~0UL;
    op.domid = DOMID_SELF;
    CHECK_EQ(memory_op(XENMEM_populate_physmap, &op), 0);
}

/* A large extent is contiguous and aligned; its pages are consecutive pfns. */
static void test_order(void)
{
    uint64_t first = pfn_alloc();

    for (unsigned int i = 0; i < 16; i++) {
        frames[i] = pfn_to_mfn(first + i);
        if (i)
            CHECK_EQ(pfn_alloc(), first + i);
    }
    CHECK_EQ(reserve(XENMEM_decrease_reservation, frames, 16, 0), 16);
    frames[0] = first;
    if (reserve(XENMEM_populate_physmap, frames, 1, 4) != 1) {
        CHECK(false);
        return;
    }
    CHECK_EQ(frames[0] & 15, 0);
    for (unsigned int i = 0; i < 16; i++)
        CHECK_EQ(M2P[frames[0] + i], first + i);
    CHECK_EQ(reserve(XENMEM_decrease_reservation, frames, 1, 4), 1);
    for (unsigned int i = 0; i < 16; i++)
        CHECK_EQ(M2P[frames[0] + i], M2P_INVALID);
}

void test_main(void)
{
    kit_init();
    test_round_trip();
    test_mapped();
    test_stops();
    test_order();
}

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Scenario: a kernel without the INIT_P2M note. The frame list must stand behind the kernel
 * in the initial mapping, and start_info must say so.
 */
#include "check.h"
#include "kit.h"
#include "mm.h"

void test_main(void)
{
    const struct start_info *si;

    kit_init();
    si = start_info;
    CHECK(si->mfn_list > VIRT_BASE);
    CHECK_EQ(si->mfn_list & (PAGE_SIZE - 1), 0);
    CHECK(si->mfn_list < si->pt_base);
    CHECK_EQ(si->nr_p2m_frames, 0);
    CHECK_EQ(si->flags & SIF_MOD_START_PFN, 0);
    for (uint64_t pfn = 0; pfn < si->nr_pages; pfn += 61)
        CHECK_EQ(M2P[pfn_to_mfn(pfn)], pfn);
}

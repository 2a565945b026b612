/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Scenario: two vCPUs work on the same tables at once: one maps pages through an L1,
 * writable and read-only, the other makes the same pages tables and ordinary again. Every
 * outcome is one of the documented ones, and at the end no reference is left over.
 */
#include <public/errno.h>

#include "check.h"
#include "event.h"
#include "hypercall.h"
#include "kit.h"
#include "mm.h"
#include "smp.h"
#include "time.h"
#include "trap.h"

#define ROUNDS 3000

static uint64_t pages[4][512] __attribute__((aligned(4096)));
static uint64_t shared_l1[512] __attribute__((aligned(4096)));
static volatile unsigned int other_done, other_wrong, stop;

static bool expected(long rc)
{
    return rc == 0 || rc == -XEN_EINVAL || rc == -XEN_EBUSY || rc == -XEN_EAGAIN;
}

/* Turns the pages into tables and back, all the time. */
static void other_vcpu(void *arg)
{
    (void)arg;
    timer_stop_periodic(1);
    for (unsigned int i = 0; i < ROUNDS && !stop; i++) {
        uint64_t mfn = virt_to_mfn(pages[i & 3]);

        if (mmuext_one(MMUEXT_PIN_L1_TABLE, mfn, 0) == 0) {
            if (mmuext_one(MMUEXT_UNPIN_TABLE, mfn, 0))
                other_wrong++;
        }
    }
    other_done = 1;
}

static void change_entries(void)
{
    for (unsigned int i = 0; i < ROUNDS; i++) {
        uint64_t mfn = virt_to_mfn(pages[i & 3]);
        uint64_t slot = (virt_to_mfn(shared_l1) << PAGE_SHIFT) + i % 512 * 8;
        long rc;

        rc = mmu_update_one(slot, make_pte(mfn, i & 4 ? PTE_DATA : PTE_RO), NULL, DOMID_SELF);
        if (!expected(rc))
            CHECK_EQ(rc, 0);
        rc = mmu_update_one(slot, 0, NULL, DOMID_SELF);
        if (rc)
            CHECK_EQ(rc, 0);
    }
}

/* Now that nothing maps the pages, each can be anything again. */
static void check_nothing_left(void)
{
    for (unsigned int i = 0; i < 4; i++) {
        CHECK_EQ(mmuext_one(MMUEXT_PIN_L2_TABLE, virt_to_mfn(pages[i]), 0), 0);
        CHECK_EQ(mmuext_one(MMUEXT_UNPIN_TABLE, virt_to_mfn(pages[i]), 0), 0);
        CHECK_EQ(page_make_writable(pages[i]), 0);
    }
    CHECK_EQ(table_unpin(shared_l1), 0);
}

void test_main(void)
{
    kit_init();
    timer_stop_periodic(0);
    for (unsigned int i = 0; i < 4; i++)
        CHECK_EQ(page_make_readonly(pages[i]), 0);
    CHECK_EQ(table_pin(shared_l1, 1), 0);
    CHECK_EQ(smp_start(1, other_vcpu, NULL), 0);
    change_entries();
    CHECK(wait_count(&other_done, 1, MILLISECS(20000)));
    CHECK_EQ(other_wrong, 0);
    check_nothing_left();
}

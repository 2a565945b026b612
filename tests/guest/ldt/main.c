/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Scenario: SET_LDT. Arguments; selectors loaded through a read-only mapped page, which gets
 * its type at the first use; pages that can't be used, where the load itself faults.
 */
#include <public/errno.h>

#include "check.h"
#include "hypercall.h"
#include "kit.h"
#include "mm.h"
#include "trap.h"

#define DATA_DPL3 0x00cff3000000ffffUL

static uint64_t ldt[1024] __attribute__((aligned(4096)));

static long set_ldt(const volatile void *va, uint64_t entries)
{
    return mmuext_one(MMUEXT_SET_LDT, (uint64_t)va, entries);
}

static void load(uint16_t selector)
{
    TRY("mov %w0, %%ds", : : "r"(selector));
}

static void test_arguments(void)
{
    CHECK_EQ(set_ldt((uint8_t *)ldt + 8, 8), -XEN_EINVAL);
    CHECK_EQ(set_ldt(ldt, 8193), -XEN_EINVAL);
    CHECK_EQ(set_ldt((void *)HYPERVISOR_VIRT_START, 8), -XEN_EINVAL);
    CHECK_EQ(set_ldt(window(7), 8), 0);
    CHECK_EQ(set_ldt(NULL, 0), 0);
}

static void test_load(void)
{
    ldt[1] = DATA_DPL3;
    CHECK_EQ(set_ldt(ldt, 1024), 0);
    /* Mapped writable: the hypervisor can't use the page, the kernel sees a fault on it. */
    load(0xf);
    CHECK_EQ(trap_last.vector, 14);
    CHECK_EQ(trap_last.error, 0);
    CHECK_EQ(trap_last.cr2, (uint64_t)ldt + 8);

    CHECK_EQ(page_make_readonly(ldt), 0);
    load(0xf);
    CHECK_EQ(trap_last.vector, TRAP_NONE);
    CHECK_EQ(page_make_writable(ldt), -XEN_EBUSY);
    load(0x17); /* null descriptor */
    CHECK_EQ(trap_last.vector, 13);
    CHECK_EQ(trap_last.error, 0x14);
    load(1024 * 8 + 7); /* beyond the limit */
    CHECK_EQ(trap_last.vector, 13);
    CHECK_EQ(trap_last.error, 1024 * 8 + 4);
    load(0);
}

static void test_unmapped(void)
{
    CHECK_EQ(set_ldt(window(7), 16), 0);
    load(0xf);
    CHECK_EQ(trap_last.vector, 14);
    CHECK_EQ(trap_last.error, 0);
    CHECK_EQ(trap_last.cr2, (uint64_t)window(7) + 8);
}

void test_main(void)
{
    kit_init();
    test_arguments();
    test_load();
    CHECK_EQ(set_ldt(NULL, 0), 0);
    CHECK_EQ(page_make_writable(ldt), 0);
    test_unmapped();
}

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Scenario: set_segment_base, the bases in kernel and user mode, and the swap of GS between
 * the two on every way in and out.
 */
#include <public/errno.h>

#include "check.h"
#include "cpu.h"
#include "hypercall.h"
#include "kit.h"
#include "mm.h"
#include "user.h"

static uint64_t fs_area = 0xf5, kernel_gs_area = 0x95, user_gs_area = 0x75;

static long set_base(unsigned int which, uint64_t base)
{
    return hypercall_2(__HYPERVISOR_set_segment_base, which, base);
}

static void user_read_bases(void)
{
    __asm__ volatile("mov %%fs:0, %%rdi; mov %%gs:0, %%rsi; syscall" : : : "memory");
}

static uint64_t kernel_gs_value(void)
{
    uint64_t value;

    __asm__ volatile("mov %%gs:0, %0" : "=r"(value));
    return value;
}

static void test_bases(void)
{
    uint64_t value;

    CHECK_EQ(set_base(SEGBASE_FS, (uint64_t)&fs_area), 0);
    CHECK_EQ(set_base(SEGBASE_GS_KERNEL, (uint64_t)&kernel_gs_area), 0);
    CHECK_EQ(set_base(SEGBASE_GS_USER, (uint64_t)&user_gs_area), 0);
    __asm__ volatile("mov %%fs:0, %0" : "=r"(value));
    CHECK_EQ(value, 0xf5);
    CHECK_EQ(kernel_gs_value(), 0x95);
    CHECK_EQ(msr_read(0xc0000100), &fs_area);
    CHECK_EQ(msr_read(0xc0000101), &kernel_gs_area);
    CHECK_EQ(msr_read(0xc0000102), &user_gs_area);

    CHECK_EQ(user_run(user_read_bases), TRAP_SYSCALL);
    CHECK_EQ(trap_last.rdi, 0xf5);
    CHECK_EQ(trap_last.rsi, 0x75);
    CHECK_EQ(kernel_gs_value(), 0x95);
}

static void test_refused(void)
{
    for (unsigned int which = SEGBASE_FS; which <= SEGBASE_GS_KERNEL; which++)
        CHECK_EQ(set_base(which, 0x0000800000000000), -XEN_EINVAL);
    CHECK_EQ(set_base(4, 0), -XEN_EINVAL);
    CHECK_EQ(msr_read(0xc0000102), &user_gs_area);
}

/* A selector that can't be loaded becomes NUL, and the call says 0 all the same. */
static void test_user_selector(void)
{
    CHECK_EQ(set_base(SEGBASE_GS_USER_SEL, 0x7ffb), 0);
    CHECK_EQ(msr_read(0xc0000102), 0);
    CHECK_EQ(kernel_gs_value(), 0x95);
    CHECK_EQ(set_base(SEGBASE_GS_USER, (uint64_t)&user_gs_area), 0);
    CHECK_EQ(set_base(SEGBASE_GS_USER_SEL, 0), 0);
    CHECK_EQ(msr_read(0xc0000102), 0);
}

void test_main(void)
{
    kit_init();
    user_init();
    test_bases();
    test_refused();
    test_user_selector();
}

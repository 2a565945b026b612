/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Scenario: debug registers by hypercall and by instruction, and the traps they make: data
 * breakpoints, single step, ICEBP.
 */
#include <public/errno.h>

#include "check.h"
#include "hypercall.h"
#include "kit.h"
#include "mm.h"
#include "trap.h"

#define DR6_INIT 0xffff0ff0UL
#define DR7_WRITE_8 (1UL << 10 | 1UL << 0 | 9UL << 16)

static volatile uint64_t watched;

static long set_dr(unsigned int reg, uint64_t value)
{
    return hypercall_2(__HYPERVISOR_set_debugreg, reg, value);
}

static long get_dr(unsigned int reg)
{
    return hypercall_1(__HYPERVISOR_get_debugreg, reg);
}

static void test_values(void)
{
    for (unsigned int reg = 0; reg < 4; reg++) {
        CHECK_EQ(set_dr(reg, 0x1000 + reg), 0);
        CHECK_EQ(get_dr(reg), 0x1000 + reg);
        CHECK_EQ(set_dr(reg, HYPERVISOR_VIRT_START), -XEN_EPERM);
        CHECK_EQ(set_dr(reg, 0x0000800000000000), -XEN_EPERM);
        CHECK_EQ(get_dr(reg), 0x1000 + reg);
        CHECK_EQ(set_dr(reg, 0), 0);
    }
    CHECK_EQ(set_dr(6, 0), 0);
    CHECK_EQ(get_dr(6), DR6_INIT);
    CHECK_EQ(set_dr(6, 1UL << 32), -XEN_EINVAL);
    CHECK_EQ(set_dr(7, 0), 0);
    CHECK_EQ(get_dr(7), 0x400);
    CHECK_EQ(set_dr(7, 1UL << 32), -XEN_EINVAL);
    CHECK_EQ(set_dr(7, 1UL << 13), -XEN_EPERM); /* GD */
    CHECK_EQ(set_dr(7, 0x20001), -XEN_EPERM);   /* I/O breakpoint without CR4.DE */
    CHECK_EQ(set_dr(8, 0), -XEN_ENODEV);
    CHECK_EQ(get_dr(8), -XEN_ENODEV);
    CHECK_EQ(set_dr(~0u, 0), -XEN_ENODEV);
}

static void test_instructions(void)
{
    uint64_t value = 0;

    TRY("mov %0, %%dr2", : : "r"(0x2345UL));
    CHECK_EQ(trap_last.vector, TRAP_NONE);
    CHECK_EQ(get_dr(2), 0x2345);
    TRY("mov %%dr2, %0", : "+r"(value));
    CHECK_EQ(value, 0x2345);
    TRY("mov %0, %%dr2", : : "r"(HYPERVISOR_VIRT_START));
    CHECK_EQ(trap_last.vector, 13);
    TRY("mov %%dr6, %0", : "+r"(value));
    CHECK_EQ(trap_last.vector, TRAP_NONE);
    TRY("mov %%dr7, %0", : "+r"(value));
    CHECK_EQ(trap_last.vector, TRAP_NONE);
    CHECK_EQ(value & 0x400, 0x400);
    CHECK_EQ(set_dr(2, 0), 0);
}

static void test_breakpoint(void)
{
    CHECK_EQ(set_dr(6, 0), 0);
    CHECK_EQ(set_dr(0, (uint64_t)&watched), 0);
    CHECK_EQ(set_dr(7, DR7_WRITE_8), 0);
    TRY("movq $5, %0", : "=m"(watched));
    CHECK_EQ(trap_last.vector, 1);
    CHECK_EQ(trap_last.rip, trap_last.next);
    CHECK_EQ(trap_last.cs, GUEST_CS & ~3);
    CHECK_EQ(watched, 5);
    CHECK_EQ(get_dr(6), 0xffff0ff1);
    CHECK_EQ(set_dr(7, 0), 0);
    TRY("movq $6, %0", : "=m"(watched));
    CHECK_EQ(trap_last.vector, TRAP_NONE);
    CHECK_EQ(set_dr(0, 0), 0);
}

static void test_single_step(void)
{
    CHECK_EQ(set_dr(6, 0), 0);
    TRY_AT("pushfq; orq $0x100, (%%rsp); popfq", "nop", "pushfq; andq $~0x100, (%%rsp); popfq",
           : : : "memory", "cc");
    CHECK_EQ(trap_last.vector, 1);
    CHECK_EQ(trap_last.rip, trap_last.next);
    CHECK_EQ(trap_last.rflags & X86_FLAG_TF, X86_FLAG_TF);
    CHECK_EQ(trap_last.live_rflags & X86_FLAG_TF, 0);
    CHECK_EQ(get_dr(6) & 0x4000, 0x4000);
    TRY(".byte 0xf1"); /* ICEBP */
    if (trap_last.vector == 6) {
        check_skip_part("icebp", "this QEMU raises #UD for ICEBP");
        return;
    }
    CHECK_EQ(trap_last.vector, 1);
    CHECK_EQ(trap_last.rip, trap_last.next);
}

void test_main(void)
{
    kit_init();
    test_values();
    test_instructions();
    test_breakpoint();
    test_single_step();
}

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Scenario: the FPU. fpu_taskswitch makes the next use raise #NM, once; registers survive
 * blocking and another vCPU's use; CR4.OSXSAVE and XSETBV where the CPU has them.
 */
#include <public/sched.h>

#include "check.h"
#include "cpu.h"
#include "event.h"
#include "hypercall.h"
#include "kit.h"
#include "mm.h"
#include "smp.h"
#include "time.h"

static volatile unsigned int running, stop;

static void other_vcpu(void *arg)
{
    uint64_t value = 0x2222222222222222;

    (void)arg;
    timer_stop_periodic(1);
    while (!stop) {
        __asm__ volatile("movq %0, %%xmm3" : : "r"(value) : "memory");
        running = 1;
        hypercall_2(__HYPERVISOR_sched_op, SCHEDOP_yield, 0);
    }
}

static void test_taskswitch(void)
{
    uint64_t value = 0x1111111111111111, back = 0;

    TRY("movq %0, %%xmm3", : : "r"(value));
    CHECK_EQ(trap_last.vector, TRAP_NONE);
    CHECK_EQ(hypercall_1(__HYPERVISOR_fpu_taskswitch, 1), 0);
    TRY("movq %%xmm3, %0", : "+r"(back));
    CHECK_EQ(trap_last.vector, 7);
    CHECK_EQ(trap_last.rip, trap_last.insn);
    CHECK_EQ(trap_last.has_error, false);
    /* The trap has cleared TS. */
    TRY("movq %%xmm3, %0", : "+r"(back));
    CHECK_EQ(trap_last.vector, TRAP_NONE);
    CHECK_EQ(back, value);
    CHECK_EQ(hypercall_1(__HYPERVISOR_fpu_taskswitch, 1), 0);
    CHECK_EQ(hypercall_1(__HYPERVISOR_fpu_taskswitch, 0), 0);
    TRY("movq %%xmm3, %0", : "+r"(back));
    CHECK_EQ(trap_last.vector, TRAP_NONE);
}

static void test_kept(void)
{
    uint64_t value = 0x3333333333333333, back = 0;

    CHECK_EQ(smp_start(1, other_vcpu, NULL), 0);
    CHECK(wait_count(&running, 1, MILLISECS(5000)));
    __asm__ volatile("movq %0, %%xmm3" : : "r"(value));
    for (unsigned int i = 0; i < 20; i++) {
        struct sched_poll op = { .timeout = time_now() + MILLISECS(1) };

        CHECK_EQ(hypercall_2(__HYPERVISOR_sched_op, SCHEDOP_poll, &op), 0);
        hypercall_2(__HYPERVISOR_sched_op, SCHEDOP_yield, 0);
    }
    __asm__ volatile("movq %%xmm3, %0" : "=r"(back));
    CHECK_EQ(back, value);
    stop = 1;
}

static void xsetbv(uint32_t reg, uint64_t value)
{
    TRY("xsetbv", : : "c"(reg), "a"((uint32_t)value), "d"((uint32_t)(value >> 32)));
}

static void test_xsave(void)
{
    uint64_t cr4 = 0;
    uint32_t lo = 0, hi = 0, offered;

    if (!(cpuid_forced(1, 0).c >> 26 & 1)) {
        xsetbv(0, 1);
        CHECK_EQ(trap_last.vector, 6);
        return;
    }
    offered = cpuid_forced(0xd, 0).a;
    TRY("mov %%cr4, %0", : "+r"(cr4));
    TRY("mov %0, %%cr4", : : "r"(cr4 | 1UL << 18));
    CHECK_EQ(trap_last.vector, TRAP_NONE);
    xsetbv(0, offered);
    CHECK_EQ(trap_last.vector, TRAP_NONE);
    TRY("xgetbv", : "=a"(lo), "=d"(hi) : "c"(0));
    CHECK_EQ(trap_last.vector, TRAP_NONE);
    CHECK_EQ(lo, offered);
    CHECK_EQ(hi, 0);
    CHECK_EQ(cpuid_forced(0xd, 0).b, cpuid_forced(0xd, 0).c);
    xsetbv(0, 2); /* SSE without x87 */
    CHECK_EQ(trap_last.vector, 13);
    xsetbv(0, offered | 1UL << 62);
    CHECK_EQ(trap_last.vector, 13);
    xsetbv(1, 1);
    CHECK_EQ(trap_last.vector, 13);
    xsetbv(0, 1);
    CHECK_EQ(trap_last.vector, TRAP_NONE);
    CHECK(cpuid_forced(0xd, 0).b < cpuid_forced(0xd, 0).c);
}

void test_main(void)
{
    kit_init();
    timer_stop_periodic(0);
    test_taskswitch();
    test_kept();
    test_xsave();
}

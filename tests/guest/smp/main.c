/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Scenario: a second vCPU. Its context at the start, with the kernel's own selectors as a
 * Linux kernel gives them; down and up again, continuing behind the call; both running at
 * the same time.
 */
#include <public/errno.h>
#include <public/vcpu.h>

#include "check.h"
#include "event.h"
#include "hypercall.h"
#include "kit.h"
#include "mm.h"
#include "smp.h"
#include "time.h"
#include "trap.h"

#define ROUNDS 100000

static struct vcpu_guest_context ctx;
static volatile unsigned int stage, rounds[2];
static volatile uint64_t seen_cs, seen_ss, seen_rflags, seen_gs, seen_ds;
static uint64_t gdt[512] __attribute__((aligned(4096)));
static uint64_t gs_area[1] = { 0x1234 };

static void second(void *arg)
{
    uint64_t v;

    (void)arg;
    __asm__ volatile("mov %%cs, %0" : "=r"(v));
    seen_cs = v & 0xffff;
    __asm__ volatile("mov %%ss, %0" : "=r"(v));
    seen_ss = v & 0xffff;
    __asm__ volatile("mov %%ds, %0" : "=r"(v));
    seen_ds = v & 0xffff;
    __asm__ volatile("pushfq; pop %0" : "=r"(v));
    seen_rflags = v;
    __asm__ volatile("mov %%gs:0, %0" : "=r"(v));
    seen_gs = v;
    stage = 1;
    CHECK_EQ(vcpu_op(VCPUOP_down, 1, NULL), 0);
    /* Brought up again: the call returns. */
    stage = 2;
    while (stage == 2)
        __asm__ volatile("pause");
    for (unsigned int i = 0; i < ROUNDS; i++) {
        __atomic_add_fetch(&rounds[0], 1, __ATOMIC_SEQ_CST);
        rounds[1]++;
    }
    stage = 4;
}

static void fill_context(void)
{
    smp_context(&ctx, 1, second, NULL);
    ctx.gdt_frames[0] = virt_to_mfn(gdt);
    ctx.gdt_ents = 16;
    ctx.user_regs.cs = 0x10;
    ctx.user_regs.ss = 0x18;
    ctx.user_regs.ds = 0x2b;
    ctx.user_regs.es = 0x2b;
    ctx.user_regs.rflags = 0x1000;
    ctx.kernel_ss = 0x18;
    ctx.gs_base_kernel = (uint64_t)gs_area;
}

static void test_refused_contexts(void)
{
    CHECK_EQ(vcpu_op(VCPUOP_up, 1, NULL), -XEN_EINVAL);
    CHECK_EQ(vcpu_op(VCPUOP_is_up, 1, NULL), 0);
    CHECK_EQ(vcpu_op(VCPUOP_initialise, 1, (void *)0x1000), -XEN_EFAULT);
    CHECK_EQ(vcpu_op(VCPUOP_initialise, 20, &ctx), -XEN_ENOENT);
    ctx.ctrlreg[3] = 0xfed00UL << PAGE_SHIFT;
    CHECK_EQ(vcpu_op(VCPUOP_initialise, 1, &ctx), -XEN_EINVAL);
    fill_context();
    ctx.gdt_frames[0] = virt_to_mfn(gs_area);
    CHECK_EQ(vcpu_op(VCPUOP_initialise, 1, &ctx), -XEN_EINVAL);
    fill_context();
    ctx.user_regs.rip = 0x0000800000000000;
    CHECK_EQ(vcpu_op(VCPUOP_initialise, 1, &ctx), -XEN_EINVAL);
    fill_context();
    ctx.gs_base_kernel = 0x0000800000000000;
    CHECK_EQ(vcpu_op(VCPUOP_initialise, 1, &ctx), -XEN_EINVAL);
    fill_context();
}

static void test_start(void)
{
    CHECK_EQ(vcpu_op(VCPUOP_initialise, 1, &ctx), 0);
    CHECK_EQ(vcpu_op(VCPUOP_initialise, 1, &ctx), -XEN_EEXIST);
    CHECK_EQ(vcpu_op(VCPUOP_is_up, 1, NULL), 0);
    CHECK_EQ(stage, 0);
    CHECK_EQ(vcpu_op(VCPUOP_up, 1, NULL), 0);
    CHECK(wait_count(&stage, 1, MILLISECS(5000)));
    CHECK_EQ(seen_cs, 0x13);
    CHECK_EQ(seen_ss, 0x1b);
    CHECK_EQ(seen_ds, 0x2b);
    CHECK_EQ(seen_gs, 0x1234);
    CHECK_EQ(seen_rflags & X86_FLAG_IF, X86_FLAG_IF);
    CHECK_EQ(seen_rflags & X86_FLAG_IOPL, 0);
    /* The descriptors of a GDT are turned into ring 3. */
    CHECK_EQ((gdt[2] >> 45) & 3, 3);
    CHECK_EQ((gdt[3] >> 45) & 3, 3);
}

static void test_down_and_up(void)
{
    uint64_t end = time_now() + MILLISECS(5000);

    while (vcpu_op(VCPUOP_is_up, 1, NULL) != 0 && time_now() < end)
        wait_ns(MILLISECS(1));
    CHECK_EQ(vcpu_op(VCPUOP_is_up, 1, NULL), 0);
    CHECK_EQ(stage, 1);
    CHECK_EQ(vcpu_op(VCPUOP_up, 1, NULL), 0);
    CHECK(wait_count(&stage, 2, MILLISECS(5000)));
    CHECK_EQ(vcpu_op(VCPUOP_is_up, 1, NULL), 1);
    CHECK_EQ(vcpu_op(VCPUOP_up, 1, NULL), 0);
}

static void test_parallel(void)
{
    stage = 3;
    for (unsigned int i = 0; i < ROUNDS; i++)
        __atomic_add_fetch(&rounds[0], 1, __ATOMIC_SEQ_CST);
    CHECK(wait_count(&stage, 4, MILLISECS(10000)));
    CHECK_EQ(rounds[0], 2 * ROUNDS);
}

void test_main(void)
{
    kit_init();
    gdt[2] = 0x00af9b000000ffff; /* 0x10: kernel code, DPL 0 */
    gdt[3] = 0x00cf93000000ffff; /* 0x18: kernel data, DPL 0 */
    gdt[5] = 0x00cff3000000ffff; /* 0x28: user data */
    CHECK_EQ(page_make_readonly(gdt), 0);
    fill_context();
    test_refused_contexts();
    test_start();
    test_down_and_up();
    test_parallel();
}

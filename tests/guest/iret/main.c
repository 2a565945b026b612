/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Scenario: the iret hypercall. What reaches user mode and the kernel from its frame, and the
 * exceptions for frames that the CPU would refuse: #GP, as if raised at the target.
 */
#include "check.h"
#include "event.h"
#include "kit.h"
#include "mm.h"
#include "trap.h"
#include "user.h"

#define VGCF_IN_SYSCALL_BIT 0x100
#define NON_CANONICAL 0x0000800000000000UL
#define USER_RSP ((uint64_t)user_stack + sizeof(user_stack) - 8)
#define USER_KERNEL_SP ((uint64_t)user_kernel_stack + sizeof(user_kernel_stack))

extern char user_report[], kernel_report[], user_tf[], user_tf_next[], user_push[];

/* Hands RFLAGS over in RDI, RCX in RSI and R11 in RDX; AC must be off for the rest. */
__asm__(".pushsection .user.text, \"ax\", @progbits\n"
        "user_report: pushfq; pop %rdi; mov %rcx, %rsi; mov %r11, %rdx; syscall\n"
        "kernel_report: pushfq; pop %rdi; mov %rcx, %rsi; mov %r11, %rdx; mov %cs, %ebx; ud2\n"
        "user_tf: nop\n"
        "user_tf_next: nop; ud2\n"
        "user_push: push %rax; ud2\n"
        ".popsection\n");

static struct iret_frame frame_at(const void *code)
{
    return user_frame((void (*)(void))code);
}

static void test_user_flags(void)
{
    static const uint64_t kept[] = {
        X86_FLAG_CF, X86_FLAG_ZF, X86_FLAG_DF, X86_FLAG_NT, X86_FLAG_ID, X86_FLAG_AC,
    };
    struct iret_frame frame;

    for (unsigned int i = 0; i < sizeof(kept) / sizeof(kept[0]); i++) {
        frame = frame_at(user_report);
        frame.rflags |= kept[i];
        user_enter(&frame);
        CHECK_EQ(trap_last.vector, TRAP_SYSCALL);
        CHECK_EQ(trap_last.rdi, X86_FLAG_ONE | X86_FLAG_IF | kept[i]);
    }
    frame = frame_at(user_report);
    frame.rflags |= X86_FLAG_IOPL | 0x20000;
    user_enter(&frame);
    CHECK_EQ(trap_last.rdi, X86_FLAG_ONE | X86_FLAG_IF);

    frame = frame_at(user_tf);
    frame.rflags |= X86_FLAG_TF;
    user_enter(&frame);
    CHECK_EQ(trap_last.vector, 1);
    CHECK_EQ(trap_last.rip, user_tf_next);
    CHECK_EQ(trap_last.rflags & X86_FLAG_TF, X86_FLAG_TF);
    CHECK_EQ(trap_last.live_rflags & X86_FLAG_TF, 0);
}

static void test_registers(void)
{
    struct iret_frame frame = frame_at(user_report);

    frame.rax = 0x1122334455667788;
    frame.rcx = 0x2233445566778899;
    frame.r11 = 0x33445566778899aa;
    user_enter(&frame);
    CHECK_EQ(trap_last.rax, frame.rax);
    CHECK_EQ(trap_last.rsi, frame.rcx);
    CHECK_EQ(trap_last.rdx, frame.r11);
    CHECK_EQ(trap_last.rsp, frame.rsp);

    frame.flags = VGCF_IN_SYSCALL_BIT;
    user_enter(&frame);
    CHECK_EQ(trap_last.rax, frame.rax);
    CHECK_EQ(trap_last.rsi, user_report);
    CHECK_EQ(trap_last.rdx, frame.rflags);
}

/* IF=0 masks events; the CPU's own IF stays set. */
static void test_event_mask(void)
{
    struct iret_frame frame = frame_at(user_report);

    frame.rflags = X86_FLAG_ONE;
    user_enter(&frame);
    CHECK_EQ(trap_last.vector, TRAP_SYSCALL);
    CHECK_EQ(trap_last.rdi, X86_FLAG_ONE | X86_FLAG_IF);
    CHECK_EQ(trap_last.saved_mask, 1);
    CHECK_EQ(trap_last.rflags & X86_FLAG_IF, 0);
}

static void iret_to(void *arg)
{
    trap_iret_to(arg);
}

static uint8_t other_stack[4096] __attribute__((aligned(16)));

/* CS with RPL 0 stays in kernel mode, with the frame's own stack. */
static void test_kernel_target(void)
{
    struct iret_frame frame = frame_at(kernel_report);
    uint64_t top = (uint64_t)other_stack + sizeof(other_stack);

    frame.cs = GUEST_CS & ~3;
    frame.ss = GUEST_SS;
    frame.rsp = top;
    frame.rcx = 5;
    CHECK(trap_catch(iret_to, &frame));
    CHECK_EQ(trap_last.vector, 6);
    CHECK_EQ(trap_last.cs, GUEST_CS & ~3);
    CHECK_EQ(trap_last.rbx, GUEST_CS);
    CHECK_EQ(trap_last.rsi, 5);
    CHECK_EQ(trap_last.rdi & X86_FLAG_IF, X86_FLAG_IF);
    CHECK_EQ(trap_last.base, top - 7 * 8);
    CHECK_EQ(trap_last.saved_mask, 0);
}

static void check_bad_user_frame(const struct iret_frame *frame, uint64_t error, uint64_t ss)
{
    user_enter(frame);
    CHECK_EQ(trap_last.vector, 13);
    CHECK_EQ(trap_last.error, error);
    CHECK_EQ(trap_last.rip, frame->rip);
    CHECK_EQ(trap_last.cs, frame->cs | 3);
    CHECK_EQ(trap_last.ss, ss);
    CHECK_EQ(trap_last.rsp, frame->rsp);
    CHECK_EQ(trap_last.base, USER_KERNEL_SP - 8 * 8);
}

static void test_refused_frames(void)
{
    struct iret_frame frame = frame_at(user_report);

    frame.ss = 0;
    check_bad_user_frame(&frame, 0, 3);
    frame = frame_at(user_report);
    frame.cs = 0x7ffb;
    check_bad_user_frame(&frame, 0x7ff8, USER_SS);
    frame = frame_at(user_report);
    frame.ss = 0x7ffb;
    check_bad_user_frame(&frame, 0x7ff8, 0x7ffb);
    frame = frame_at(user_report);
    frame.rip = NON_CANONICAL;
    check_bad_user_frame(&frame, 0, USER_SS);

    /* A non-canonical user stack is accepted; its first use faults. */
    frame = frame_at(user_push);
    frame.rsp = NON_CANONICAL + PAGE_SIZE;
    user_enter(&frame);
    CHECK(trap_last.vector == 12 || trap_last.vector == 13);
    CHECK_EQ(trap_last.rip, user_push);
    if (trap_last.vector == 13)
        check_skip_part("stack-fault", "this QEMU raises #GP for a non-canonical stack, not #SS");
}

static void test_refused_kernel_frame(void)
{
    struct iret_frame frame = frame_at(kernel_report);
    uint64_t top = (uint64_t)other_stack + sizeof(other_stack);

    frame.cs = GUEST_CS & ~3;
    frame.ss = 0;
    frame.rsp = top;
    CHECK(trap_catch(iret_to, &frame));
    CHECK_EQ(trap_last.vector, 13);
    CHECK_EQ(trap_last.error, 0);
    CHECK_EQ(trap_last.cs, GUEST_CS & ~3);
    CHECK_EQ(trap_last.rip, kernel_report);
    CHECK_EQ(trap_last.rsp, top);
    CHECK_EQ(trap_last.ss, 3);
    CHECK_EQ(trap_last.base, top - 8 * 8);
}

void test_main(void)
{
    kit_init();
    user_init();
    test_user_flags();
    test_registers();
    test_event_mask();
    test_kernel_target();
    test_refused_frames();
    test_refused_kernel_frame();
}

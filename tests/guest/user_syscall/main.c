/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Scenario: SYSCALL and SYSENTER from user mode: the frame that the registered entry sees,
 * the event mask, and #UD where nothing is registered.
 */
#include <public/callback.h>

#include "check.h"
#include "cpu.h"
#include "event.h"
#include "hypercall.h"
#include "kit.h"
#include "trap.h"
#include "user.h"

#define USER_FLAGS (X86_FLAG_DF | X86_FLAG_CF | X86_FLAG_ZF | X86_FLAG_ID)

extern char user_call_begin[], user_call_end[], user_call_insn[], user_sysenter_begin[];

__asm__(".pushsection .user.text, \"ax\", @progbits\n"
        "user_call_begin:\n"
        "mov $0x11, %edi; mov $0x22, %esi; mov $0x33, %edx; mov $0x44, %r10d\n"
        "mov $0x55, %r8d; mov $0x66, %r9d; mov $0x77, %ebx; mov $0x1234, %eax\n"
        "user_call_insn: syscall\n"
        "user_call_end: ud2\n"
        "user_sysenter_begin: sysenter; ud2\n"
        ".popsection\n");

static void user_enter_at(const void *code, uint64_t flags)
{
    struct iret_frame frame = user_frame((void (*)(void))code);

    frame.rflags |= flags;
    user_enter(&frame);
}

static void test_syscall(void)
{
    user_enter_at(user_call_begin, USER_FLAGS);
    CHECK_EQ(trap_last.vector, TRAP_SYSCALL);
    CHECK_EQ(trap_last.rip, user_call_end);
    CHECK_EQ(trap_last.rcx, user_call_end);
    CHECK_EQ(trap_last.r11, trap_last.rflags);
    CHECK_EQ(trap_last.rflags & USER_FLAGS, USER_FLAGS);
    CHECK_EQ(trap_last.rflags & X86_FLAG_IF, X86_FLAG_IF);
    CHECK_EQ(trap_last.cs, GUEST_CS);
    CHECK_EQ(trap_last.ss, GUEST_SS);
    CHECK_EQ(trap_last.rsp, (uint64_t)user_stack + sizeof(user_stack) - 8);
    CHECK_EQ(trap_last.base, (uint64_t)user_kernel_stack + sizeof(user_kernel_stack) - 7 * 8);
    CHECK_EQ(trap_last.live_cs, GUEST_CS);
    CHECK_EQ(trap_last.live_ss, GUEST_SS);
    CHECK_EQ(trap_last.live_rflags & (X86_FLAG_TF | X86_FLAG_NT | X86_FLAG_AC), 0);
    CHECK_EQ(trap_last.live_rflags & X86_FLAG_IF, X86_FLAG_IF);
    CHECK_EQ(trap_last.rax, 0x1234);
    CHECK_EQ(trap_last.rdi, 0x11);
    CHECK_EQ(trap_last.rsi, 0x22);
    CHECK_EQ(trap_last.rdx, 0x33);
    CHECK_EQ(trap_last.r10, 0x44);
    CHECK_EQ(trap_last.r8, 0x55);
    CHECK_EQ(trap_last.r9, 0x66);
    CHECK_EQ(trap_last.rbx, 0x77);
}

static void test_mask(void)
{
    CHECK_EQ(trap_last.saved_mask, 0);
    CHECK_EQ(trap_last.mask, 1);
    CHECK_EQ(trap_set_callback(CALLBACKTYPE_syscall, 0, TRAP_STUB(TRAP_SYSCALL)), 0);
    user_enter_at(user_call_begin, 0);
    CHECK_EQ(trap_last.vector, TRAP_SYSCALL);
    CHECK_EQ(trap_last.mask, 0);
    events_disable();
}

static void test_unregistered(void)
{
    CHECK_EQ(trap_set_callback(CALLBACKTYPE_syscall, 0, 0), 0);
    user_enter_at(user_call_begin, 0);
    CHECK_EQ(trap_last.vector, 6);
    CHECK_EQ(trap_last.rip, user_call_insn);
    CHECK_EQ(trap_last.cs, GUEST_CS);
    CHECK_EQ(trap_set_callback(CALLBACKTYPE_syscall, CALLBACKF_mask_events,
                               TRAP_STUB(TRAP_SYSCALL)), 0);
}

/* An AMD CPU has no SYSENTER in long mode, so the registration cannot matter. */
static void test_sysenter(void)
{
    long rc = trap_set_callback(CALLBACKTYPE_sysenter, CALLBACKF_mask_events,
                                TRAP_STUB(TRAP_SYSENTER));

    if (!cpu_is_amd()) {
        check_skip_part("sysenter", "the CPU is not an AMD one");
        return;
    }
    CHECK_EQ(rc, 0);
    user_enter_at(user_sysenter_begin, 0);
    CHECK_EQ(trap_last.vector, 6);
    CHECK_EQ(trap_last.rip, user_sysenter_begin);
}

void test_main(void)
{
    kit_init();
    user_init();
    test_syscall();
    test_mask();
    test_unregistered();
    test_sysenter();
}

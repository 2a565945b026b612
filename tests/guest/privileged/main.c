/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Scenario: the other privileged and sensitive instructions in the guest kernel: which raise
 * #GP or #UD, which run, which are carried out.
 */
#include <public/physdev.h>

#include "check.h"
#include "cpu.h"
#include "event.h"
#include "hypercall.h"
#include "kit.h"
#include "mm.h"

static uint8_t table_register[16] __attribute__((aligned(16)));

#define CHECK_TRAP(want, insn, ...)                                               \
    do {                                                                          \
        TRY(insn, __VA_ARGS__);                                                   \
        check_equal(__FILE__, __LINE__, insn, trap_last.vector, (want));          \
    } while (0)

static void test_protected(void)
{
    CHECK_TRAP(13, "hlt");
    CHECK_TRAP(13, "cli");
    CHECK_TRAP(13, "sti");
    CHECK_TRAP(13, "lgdt %0", : : "m"(table_register));
    CHECK_TRAP(13, "lidt %0", : : "m"(table_register));
    CHECK_TRAP(13, "lldt %w0", : : "r"(0));
    CHECK_TRAP(13, "ltr %w0", : : "r"(0));
    CHECK_TRAP(13, "lmsw %w0", : : "r"(0));
    CHECK_TRAP(13, "invlpg %0", : : "m"(table_register));
    CHECK_TRAP(13, "invd");
    CHECK_TRAP(13, "swapgs");
    CHECK_TRAP(13, "sysretq");
    CHECK_TRAP(13, "rdpmc", : : "c"(0) : "rax", "rdx");
}

static void test_undefined(void)
{
    CHECK_TRAP(6, "ud2");
    CHECK_TRAP(6, "vmcall");
    CHECK_TRAP(6, "vmmcall");
    CHECK_TRAP(6, ".byte 0x0f, 0x01, 0xca"); /* CLAC */
    CHECK_TRAP(6, ".byte 0x0f, 0x01, 0xcb"); /* STAC */
}

static void test_free(void)
{
    uint64_t value = 0;

    CHECK_TRAP(TRAP_NONE, "sgdt %0", : "=m"(table_register));
    CHECK_TRAP(TRAP_NONE, "sidt %0", : "=m"(table_register));
    CHECK_TRAP(TRAP_NONE, "sldt %w0", : "+r"(value));
    CHECK_TRAP(TRAP_NONE, "str %w0", : "+r"(value));
    CHECK_TRAP(TRAP_NONE, "smsw %w0", : "+r"(value));
    CHECK_TRAP(TRAP_NONE, "lar %w1, %0", : "+r"(value) : "r"(GUEST_CS) : "cc");
    CHECK_EQ(value & 0xff00, 0xfb00);
    CHECK_TRAP(TRAP_NONE, "lsl %w1, %0", : "+r"(value) : "r"(GUEST_CS) : "cc");
    CHECK_TRAP(TRAP_NONE, "verw %w0", : : "r"(GUEST_SS) : "cc");
    CHECK_TRAP(TRAP_NONE, "rdtsc", : : : "rax", "rdx");
    CHECK_TRAP(TRAP_NONE, "wbinvd");
    CHECK_TRAP(TRAP_NONE, "clts");
}

/* IF can't be changed by POPF, nor IOPL. */
static void test_popf(void)
{
    uint64_t flags;

    TRY_AT("pushfq; pop %%rax; xor $0x3200, %%rax; push %%rax", "popfq", "pushfq; pop %0",
           : "=r"(flags) : : "rax", "cc");
    CHECK_EQ(trap_last.vector, TRAP_NONE);
    CHECK_EQ(flags & (X86_FLAG_IF | X86_FLAG_IOPL), X86_FLAG_IF);
}

/* With a virtual IOPL of 1 CLI and STI run, and change nothing. */
static void test_iopl(void)
{
    struct physdev_set_iopl op = { .iopl = 1 };

    CHECK_EQ(hypercall_2(__HYPERVISOR_physdev_op, PHYSDEVOP_set_iopl, &op), 0);
    CHECK_TRAP(TRAP_NONE, "sti");
    CHECK_EQ(vcpu_info_self()->evtchn_upcall_mask, 1);
    vcpu_info_self()->evtchn_upcall_mask = 0;
    CHECK_TRAP(TRAP_NONE, "cli");
    CHECK_EQ(vcpu_info_self()->evtchn_upcall_mask, 0);
    vcpu_info_self()->evtchn_upcall_mask = 1;
}

void test_main(void)
{
    kit_init();
    test_protected();
    test_undefined();
    test_free();
    test_popf();
    test_iopl();
}

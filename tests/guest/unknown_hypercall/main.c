/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Scenario: hypercall numbers that do not exist, and registers around a call. The whole RAX
 * is the number; only RAX, RCX and R11 change; sub-ops that do not exist say so.
 */
#include <public/callback.h>
#include <public/errno.h>
#include <public/event_channel.h>
#include <public/grant_table.h>
#include <public/memory.h>
#include <public/physdev.h>
#include <public/sched.h>
#include <public/version.h>

#include "check.h"
#include "hypercall.h"
#include "kit.h"
#include "mm.h"

static uint8_t argument[4096] __attribute__((aligned(8)));

static void test_numbers(void)
{
    static const unsigned int absent[] = { 11, 27, 38, 39, 43, 47, 56, 60, 63, 64, 127, 1000 };

    for (unsigned int i = 0; i < sizeof(absent) / sizeof(absent[0]); i++)
        CHECK_EQ(hypercall_2(absent[i], 0, 0), -XEN_ENOSYS);
    CHECK_EQ(hypercall_2(~0UL, 0, 0), -XEN_ENOSYS);
    CHECK_EQ(hypercall_2((1UL << 32) | __HYPERVISOR_xen_version, XENVER_version, 0), -XEN_ENOSYS);
    CHECK_EQ(hypercall_2(1UL << 63, 0, 0), -XEN_ENOSYS);
    for (unsigned int nr = __HYPERVISOR_arch_2; nr <= __HYPERVISOR_arch_7; nr++)
        CHECK_EQ(hypercall_2(nr, 0, 0), -XEN_ENOSYS);
}

static void test_sub_ops(void)
{
    CHECK_EQ(hypercall_2(__HYPERVISOR_sched_op, 99, argument), -XEN_ENOSYS);
    CHECK_EQ(hypercall_2(__HYPERVISOR_event_channel_op, 99, argument), -XEN_ENOSYS);
    CHECK_EQ(hypercall_2(__HYPERVISOR_memory_op, 63, argument), -XEN_ENOSYS);
    CHECK_EQ(hypercall_3(__HYPERVISOR_grant_table_op, 99, argument, 1), -XEN_ENOSYS);
    CHECK_EQ(hypercall_3(__HYPERVISOR_vcpu_op, 99, 0, argument), -XEN_ENOSYS);
    CHECK_EQ(hypercall_2(__HYPERVISOR_callback_op, 99, argument), -XEN_ENOSYS);
    CHECK_EQ(hypercall_3(__HYPERVISOR_console_io, 99, 1, argument),
             is_initial_domain() ? -XEN_ENOSYS : -XEN_EPERM);
    CHECK_EQ(hypercall_2(__HYPERVISOR_vm_assist, 99, 0), -XEN_ENOSYS);
    if (is_initial_domain())
        CHECK_EQ(hypercall_2(__HYPERVISOR_physdev_op, 99, argument), -XEN_ENOSYS);
}

/* Every register but RAX, RCX and R11 comes back, and so does CF. */
static void test_registers(void)
{
    uint64_t in[16], out[16], rflags;

    for (unsigned int i = 0; i < 16; i++)
        in[i] = 0x1010101010101010UL * i + 7;
    in[0] = __HYPERVISOR_xen_version;
    in[1] = XENVER_version;
    __asm__ volatile("push %%rbp; push %1; push %2; mov %0, %%rcx\n"
                     "mov (%%rcx), %%rax; mov 8(%%rcx), %%rdi; mov 16(%%rcx), %%rsi\n"
                     "mov 24(%%rcx), %%rdx; mov 32(%%rcx), %%r10; mov 40(%%rcx), %%r8\n"
                     "mov 48(%%rcx), %%r9; mov 56(%%rcx), %%r12; mov 64(%%rcx), %%r13\n"
                     "mov 72(%%rcx), %%r14; mov 80(%%rcx), %%r15; mov 88(%%rcx), %%rbp\n"
                     "stc; syscall; mov 8(%%rsp), %%rcx; mov (%%rsp), %%r11\n"
                     "mov %%rax, (%%rcx); mov %%rdi, 8(%%rcx); mov %%rsi, 16(%%rcx)\n"
                     "mov %%rdx, 24(%%rcx); mov %%r10, 32(%%rcx); mov %%r8, 40(%%rcx)\n"
                     "mov %%r9, 48(%%rcx); mov %%r12, 56(%%rcx); mov %%r13, 64(%%rcx)\n"
                     "mov %%r14, 72(%%rcx); mov %%r15, 80(%%rcx); mov %%rbp, 88(%%rcx)\n"
                     "pushfq; popq (%%r11); pop %2; pop %1; pop %%rbp"
                     : : "b"(in), "S"(out), "D"(&rflags)
                     : "rax", "rcx", "rdx", "r8", "r9", "r10", "r11", "r12", "r13", "r14",
                       "r15", "memory", "cc");
    CHECK_EQ(out[0], 0x40011);
    for (unsigned int i = 1; i < 12; i++)
        CHECK_EQ(out[i], in[i]);
    CHECK_EQ(rflags & 1, 1);
}

static void test_vm_assist(void)
{
    static const unsigned int valid[] = { 0, 1, 2, 3, 4, 5, 32 };

    for (unsigned int i = 0; i < sizeof(valid) / sizeof(valid[0]); i++) {
        CHECK_EQ(hypercall_2(__HYPERVISOR_vm_assist, VMASST_CMD_enable, valid[i]), 0);
        CHECK_EQ(hypercall_2(__HYPERVISOR_vm_assist, VMASST_CMD_disable, valid[i]), 0);
    }
    CHECK_EQ(hypercall_2(__HYPERVISOR_vm_assist, VMASST_CMD_enable, 6), -XEN_EINVAL);
    CHECK_EQ(hypercall_2(__HYPERVISOR_vm_assist, VMASST_CMD_enable, 31), -XEN_EINVAL);
    CHECK_EQ(hypercall_2(__HYPERVISOR_vm_assist, VMASST_CMD_enable, 64), -XEN_EINVAL);
}

void test_main(void)
{
    kit_init();
    test_numbers();
    test_sub_ops();
    test_registers();
    test_vm_assist();
}

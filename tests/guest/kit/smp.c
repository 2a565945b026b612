/* SPDX-License-Identifier: BSD-2-Clause */
/* Starts vCPUs by vcpu_op initialise and up, with flat selectors and no GDT. */
#include "smp.h"

#include "hypercall.h"
#include "mm.h"
#include "trap.h"

#define STACK_SIZE 32768UL

static uint8_t stacks[SMP_MAX][STACK_SIZE] __attribute__((aligned(32768)));
static struct vcpu_guest_context start_context[SMP_MAX];

struct smp_call {
    void (*fn)(void *);
    void *arg;
};
static struct smp_call calls[SMP_MAX];

unsigned int smp_self(void)
{
    uintptr_t sp = (uintptr_t)__builtin_frame_address(0);

    if (sp < (uintptr_t)stacks || sp >= (uintptr_t)stacks + sizeof(stacks))
        return 0;
    return (unsigned int)((sp - (uintptr_t)stacks) / STACK_SIZE);
}

long vcpu_op(unsigned int cmd, unsigned int vcpu, void *arg)
{
    return hypercall_3(__HYPERVISOR_vcpu_op, cmd, vcpu, arg);
}

static void smp_main(void)
{
    struct smp_call *call = &calls[smp_self()];

    call->fn(call->arg);
    for (;;)
        vcpu_op(VCPUOP_down, smp_self(), NULL);
}

void smp_context(struct vcpu_guest_context *ctx, unsigned int vcpu, void (*fn)(void *), void *arg)
{
    uint64_t top = (uint64_t)stacks[vcpu] + STACK_SIZE;

    calls[vcpu] = (struct smp_call){ .fn = fn, .arg = arg };
    *ctx = (struct vcpu_guest_context){ .flags = VGCF_in_kernel };
    ctx->user_regs.rip = (uint64_t)smp_main;
    ctx->user_regs.rsp = top - 8;
    ctx->user_regs.cs = GUEST_CS;
    ctx->user_regs.ss = GUEST_SS;
    ctx->user_regs.rflags = X86_FLAG_IF;
    ctx->kernel_ss = GUEST_SS;
    ctx->kernel_sp = top;
    for (unsigned int i = 0; i < 32; i++) {
        ctx->trap_ctxt[i].vector = (uint8_t)i;
        ctx->trap_ctxt[i].cs = GUEST_CS;
        ctx->trap_ctxt[i].address = TRAP_STUB(i);
    }
    ctx->ctrlreg[3] = virt_to_mfn((void *)start_info->pt_base) << PAGE_SHIFT;
    ctx->event_callback_eip = TRAP_STUB(TRAP_EVENT);
    ctx->failsafe_callback_eip = TRAP_STUB(TRAP_FAILSAFE);
}

long smp_start(unsigned int vcpu, void (*fn)(void *), void *arg)
{
    long rc;

    smp_context(&start_context[vcpu], vcpu, fn, arg);
    rc = vcpu_op(VCPUOP_initialise, vcpu, &start_context[vcpu]);
    return rc ? rc : vcpu_op(VCPUOP_up, vcpu, NULL);
}

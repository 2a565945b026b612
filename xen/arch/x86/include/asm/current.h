/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a CPU knows of itself sits at the top of its stack: the guest's register frame, then
 * struct cpu_info. It's found from the stack pointer, so GS stays the guest's.
 */
#ifndef ASM_CURRENT_H
#define ASM_CURRENT_H

#include <asm/regs.h>
#include <xen/compiler.h>
#include <xen/config.h>

struct vcpu;

struct cpu_info {
    struct cpu_regs guest_regs; /* must be first: the hardware pushes into its end */
    struct vcpu *running;
    uint64_t percpu_offset;
    uint32_t cpu;
    uint32_t preempt_count;
    uint64_t reserved;
};
_Static_assert((sizeof(struct cpu_info) - sizeof(struct cpu_regs)) % 16 == 0,
               "the CPU aligns its pushes to 16 bytes");

static always_inline struct cpu_info *cpu_info(void)
{
    unsigned long sp;

    __asm__("mov %%rsp, %0" : "=r"(sp));
    return (struct cpu_info *)((sp | (STACK_SIZE - 1)) + 1) - 1;
}

#define current            (cpu_info()->running)
#define guest_regs()       (&cpu_info()->guest_regs)
#define smp_processor_id() (cpu_info()->cpu)

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/* Structure offsets for assembly: compiled to text, from which the build takes the numbers. */
#include <asm/current.h>
#include <asm/domain.h>
#include <xen/domain.h>

#define DEFINE(sym, val) __asm__ __volatile__("\n#->" #sym " %0" :: "i"(val))
#define REG(f) DEFINE(REGS_##f, offsetof(struct cpu_regs, f))

void offsets(void);
void offsets(void)
{
    REG(r15);
    REG(r14);
    REG(r13);
    REG(r12);
    REG(rbp);
    REG(rbx);
    REG(r11);
    REG(r10);
    REG(r9);
    REG(r8);
    REG(rax); REG(rcx); REG(rdx); REG(rsi); REG(rdi);
    REG(error_code); REG(entry_vector); REG(rip); REG(cs); REG(rflags); REG(rsp); REG(ss);
    DEFINE(REGS_SIZE, sizeof(struct cpu_regs));
    DEFINE(INFO_SIZE, sizeof(struct cpu_info));
    DEFINE(INFO_current, offsetof(struct cpu_info, running));
    DEFINE(INFO_percpu_offset, offsetof(struct cpu_info, percpu_offset));
    DEFINE(INFO_cpu, offsetof(struct cpu_info, cpu));

    DEFINE(VCPU_info, offsetof(struct vcpu, info));
    DEFINE(VCPU_kernel_mode, offsetof(struct vcpu, arch.kernel_mode));
    DEFINE(VCPU_exit_work, offsetof(struct vcpu, arch.exit_work));
    DEFINE(VCPU_kernel_sp, offsetof(struct vcpu, arch.kernel_sp));
    DEFINE(VCPU_syscall_address, offsetof(struct vcpu, arch.syscall_cb.address));
    DEFINE(VINFO_upcall_pending, offsetof(struct vcpu_info, evtchn_upcall_pending));
    DEFINE(VINFO_upcall_mask, offsetof(struct vcpu_info, evtchn_upcall_mask));
}

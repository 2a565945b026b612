/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The paravirtual CPU: how control goes to the guest kernel and back (pv/bounce.c, iret.c,
 * callback.c, context.c). Docs: docs/interface/cpu.md.
 */
#ifndef ASM_PV_H
#define ASM_PV_H

#include <asm/regs.h>
#include <xen/compiler.h>
#include <xen/types.h>

struct vcpu;

/*
 * Delivers an exception to the guest kernel: pushes its frame now and redirects @regs to the
 * handler. Without a handler, or with a stack that can't be written, the domain is crashed.
 * @error is used by vectors that have an error code.
 */
void pv_inject(struct vcpu *v, struct cpu_regs *regs, unsigned int vector, uint32_t error);
/* The same for #PF: @cr2 goes to vcpu_info, and the error code's U bit says the guest's mode. */
void pv_inject_page_fault(struct vcpu *v, struct cpu_regs *regs, uint64_t cr2, uint32_t error);
/* INT n with the trap table's own privilege level: vector n past the instruction, or #GP at it. */
void pv_soft_interrupt(struct vcpu *v, struct cpu_regs *regs, unsigned int vector,
                       unsigned int length);

/* Called by entry.S. */
void pv_bounce_syscall(struct vcpu *v, struct cpu_regs *regs);
void pv_bounce_syscall32(struct vcpu *v, struct cpu_regs *regs);
void pv_bounce_sysenter(struct vcpu *v, struct cpu_regs *regs);
void pv_bounce_event(struct vcpu *v, struct cpu_regs *regs);
void pv_bounce_failsafe(struct vcpu *v, struct cpu_regs *regs);
void pv_iret(struct vcpu *v, struct cpu_regs *regs);
void pv_exit_work(struct vcpu *v, struct cpu_regs *regs);
void hypercall_iret_entry(void);

/* Kernel mode <-> user mode of the running vCPU: GS bases and root table. */
void pv_toggle_mode(struct vcpu *v);
/*
 * After guest_table or guest_table_user changed: v->arch.cr3, and if @v runs here, the register
 * with a full TLB flush.
 */
void pv_load_cr3(struct vcpu *v);
/* A fault inside @v's descriptor window: true if the page is there now. */
bool pv_window_fault(struct vcpu *v, uint64_t va);
/*
 * The guest's own address of what lies at @va in its window; other addresses are returned as they
 * are.
 */
uint64_t pv_window_to_guest(const struct vcpu *v, uint64_t va);
/* What of @value the guest may have in its CR4: bits that it chooses and its CPU policy offers. */
uint64_t pv_guest_cr4(const struct vcpu *v, uint64_t value);
/* CR4 as the hardware must have it while @v runs. */
unsigned long pv_hw_cr4(const struct vcpu *v);
/* Waits for the guest: an NMI. */
void pv_raise_nmi(struct vcpu *v);

#endif

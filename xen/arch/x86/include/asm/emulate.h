/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Instructions carried out for a PV guest, since at CPL 3 the CPU refuses them. Which ones, and
 * their effect: docs/interface/emulation.md. Called with interrupts on and no lock held.
 */
#ifndef ASM_EMULATE_H
#define ASM_EMULATE_H

#include <asm/regs.h>
#include <xen/types.h>

struct insn;
struct vcpu;

/*
 * A #GP of the guest that no INT n explains. True: the instruction at RIP is done, or another fault
 * was injected in its place. False: the #GP is the guest's.
 */
bool pv_emulate_privileged(struct vcpu *v, struct cpu_regs *r);
/* A #UD: true if it was the prefix UD2 "xen" before CPUID, now done. */
bool pv_emulate_forced(struct vcpu *v, struct cpu_regs *r);
/*
 * A write fault of the guest kernel at @cr2, which is mapped read-only. True: done. False: the
 * fault is the guest's.
 */
bool pv_emulate_pt_write(struct vcpu *v, struct cpu_regs *r, uint64_t cr2);

/* What emul_priv.c and emul_io.c owe each other: IN, OUT, INS, OUTS. As pv_emulate_privileged(). */
bool pv_emulate_io(struct vcpu *v, struct cpu_regs *r, const struct insn *i);

/* More than the longest instruction. */
struct guest_code {
    union {
        uint8_t bytes[16];
        uint64_t words[2];
    };
};
/* The bytes at @rip, as many as can be read. Returns how many. */
unsigned int pv_fetch_code(struct guest_code *code, uint64_t rip);
/* Base of the segment that the instruction's memory operand is in. @v runs. */
uint64_t pv_segment_base(const struct vcpu *v, const struct insn *i);
/* Whether the guest's code segment is a 64-bit one. */
bool pv_code_is_64bit(const struct cpu_regs *r);
/* Past an instruction that was carried out: RIP moves on, RF goes. A single step is reported. */
void pv_retire(struct vcpu *v, struct cpu_regs *r, unsigned int length);

#endif

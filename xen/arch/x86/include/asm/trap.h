/* SPDX-License-Identifier: BSD-2-Clause */
/* Entry and exit of the hypervisor: tables of the CPU, exceptions, and fatal dumps. */
#ifndef ASM_TRAP_H
#define ASM_TRAP_H

#include <asm/regs.h>
#include <xen/types.h>

struct vcpu;

/* Selectors in the hypervisor's GDT page (the guest's see public/arch-x86_64.h). */
#define HV_GDT_FIRST  0xe000
#define HV_CS         0xe008
#define HV_DS         0xe010
#define GUEST_CS32    0xe023
#define GUEST_SS      0xe02b
#define GUEST_CS      0xe033
#define HV_TSS        0xe040
#define HV_LDT        0xe050
#define HV_GDT_LIMIT  0xefff

/* cpu_regs.entry_vector of a SYSCALL that may return by SYSRET. */
#define ENTRY_SYSCALL 0x100

/* Exceptions on the boot stack, before there is memory for anything else: they end in a dump. */
void trap_init_early(void);
/* Builds GDT, TSS, IDT and stacks of @cpu, in its own area. Panics without memory. */
void trap_prepare_cpu(unsigned int cpu);
/* Loads them on the running CPU and sets the SYSCALL registers. */
void trap_init_cpu(unsigned int cpu);
/* The CPU's permanent stack: where its next reset_stack_and_jump lands. */
void *cpu_stack_top(unsigned int cpu);
/* The frame that holds @cpu's GDT page, for the vCPU window. */
mfn_t cpu_gdt_mfn(unsigned int cpu);
/* GDTR := the CPU's own page (idle), or the window of @v. */
void gdt_load_own(void);
void gdt_load_vcpu(const struct vcpu *v);
/* The TSS's LDT descriptor := @base, @entries (0: none), and LLDT. */
void ldt_load(uint64_t base, unsigned int entries);

static inline bool regs_from_guest(const struct cpu_regs *r)
{
    return (r->cs & 3) == 3;
}

/* Prints registers and a symbolised backtrace: of a frame, or of the caller. */
void trap_dump(const struct cpu_regs *regs);
void trap_dump_here(void);
/* "name+0x12" of a text address, or the number. */
void symbol_print(uint64_t addr);
/* Name and offset; NULL if @addr is not text. */
const char *symbol_find(uint64_t addr, uint64_t *offset);

/* For panic(). */
void arch_stop_cpu(void);
void arch_stop_other_cpus(void);
void arch_panic_delay(unsigned int seconds);

/* Entry points of entry.S. */
void exit_to_guest(void) __attribute__((__noreturn__));
void trap_dispatch(struct cpu_regs *regs);

/* Leaves the present stack for the CPU's empty one and continues at @fn. */
#define reset_stack_and_jump(fn)                                          \
    do {                                                                  \
        __asm__ __volatile__("mov %0, %%rsp\n\txor %%ebp, %%ebp\n\tjmp *%1" \
                             :: "r"(cpu_info()), "r"(fn) : "memory");     \
        __builtin_unreachable();                                          \
    } while (0)

#endif

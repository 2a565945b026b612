/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A CPU's own 128 KiB of virtual memory: tables, the entry stub, and a 64 KiB stack region with
 * the interrupt stacks below the ordinary one. Pages that are not named stay unmapped: guards.
 */
#ifndef ASM_CPU_AREA_H
#define ASM_CPU_AREA_H

#define GDT_OFFSET     0x0000
#define TSS_OFFSET     0x1000
#define SCRATCH_OFFSET 0x1800  /* in the TSS page: the guest's stack pointer during SYSCALL */
#define STUB_OFFSET    0x2000
#define STACK_OFFSET   0x10000 /* STACK_SIZE aligned */
#define IST_DF_PAGE    1       /* pages of the stack region */
#define IST_NMI_PAGE   3
#define IST_MCE_PAGE   5
#define IST_DB_PAGE    7
#define MAIN_STACK_PAGE 9
#define STACK_PAGES    16

/*
 * Where a frame from a guest ends: sizeof(struct cpu_info) - sizeof(struct cpu_regs) below the top.
 */
#define STACK_REGS_END (0x20000 - 32)

#endif

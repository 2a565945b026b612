/* SPDX-License-Identifier: BSD-2-Clause */
/* Machine checks (dev/mce.c). */
#ifndef ASM_MCE_H
#define ASM_MCE_H

struct cpu_regs;

/* Called by the exception dispatcher: on the interrupt's own stack unless a guest was running. Interrupts are off. */
void mce_handle(struct cpu_regs *regs);

#endif

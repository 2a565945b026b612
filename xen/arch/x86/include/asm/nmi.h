/* SPDX-License-Identifier: BSD-2-Clause */
/* Non-maskable interrupts and machine checks: dev/nmi.c, dev/watchdog.c, dev/mce.c. */
#ifndef ASM_NMI_H
#define ASM_NMI_H

#include <asm/regs.h>
#include <xen/types.h>

/* From the exception entry, on their own stacks, perhaps in the middle of anything. */
void nmi_handle(struct cpu_regs *r);
void mce_handle(struct cpu_regs *r);

/* Clears and enables this CPU's machine-check banks. On each CPU, once. */
void mce_init_cpu(void);

/* Option watchdog: each CPU must run its timers within the timeout, or the machine panics. */
void watchdog_init(void);
void watchdog_init_cpu(void);
/* Whether the NMI was the watchdog's. */
bool watchdog_nmi(struct cpu_regs *r);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/* A CPU's control registers and MSRs at its start. */
#ifndef ASM_CPU_INIT_H
#define ASM_CPU_INIT_H

struct vcpu;

/*
 * CR4, EFER, PAT, XCR0. Once on each CPU, after cpu_identify(); needs no exceptions, so before or
 * after the CPU's tables are loaded.
 */
void cpu_init(void);

/* One line about speculative execution: what the CPU is open to, what is done. Boot CPU. */
void mitigations_report(void);
/* Barrier between two vCPUs, where the CPU has one: from context switches. */
void mitigations_switch(const struct vcpu *next);

#endif

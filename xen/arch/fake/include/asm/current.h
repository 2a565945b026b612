/* SPDX-License-Identifier: BSD-2-Clause */
/* One CPU, whose running vCPU the test sets. */
#ifndef ASM_CURRENT_H
#define ASM_CURRENT_H

#include <asm/regs.h>
#include <xen/compiler.h>
#include <xen/config.h>

struct vcpu;

extern struct vcpu *fake_current;
extern struct cpu_regs fake_guest_regs;
extern unsigned int fake_cpu;

#define current            fake_current
#define guest_regs()       (&fake_guest_regs)
#define smp_processor_id() fake_cpu

#endif

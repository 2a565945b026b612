/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Debug registers of PV vCPUs (pv/debugreg.c). The CPU's are touched only for a vCPU that has a
 * breakpoint armed.
 */
#ifndef ASM_DEBUGREG_H
#define ASM_DEBUGREG_H

#include <xen/compiler.h>
#include <xen/types.h>

struct vcpu;

#define DR6_DEFAULT   0xffff0ff0UL
#define DR7_DEFAULT   0x00000400UL
#define DR7_ANY_ARMED 0x000000ffUL

/* MOV DR and set_debugreg. @v runs, or isn't running. -EPERM, -EINVAL, -ENODEV. */
must_check int debugreg_set(struct vcpu *v, unsigned int reg, uint64_t value);
/* 0 or -ENODEV. */
must_check int debugreg_get(const struct vcpu *v, unsigned int reg, uint64_t *value);

/* Context switches. Saving disarms the CPU's. */
void debugreg_load(const struct vcpu *v);
void debugreg_save(const struct vcpu *v);

#endif

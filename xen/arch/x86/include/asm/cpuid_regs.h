/* SPDX-License-Identifier: BSD-2-Clause */
/* What one CPUID leaf gives: EAX, EBX, ECX, EDX. */
#ifndef ASM_CPUID_REGS_H
#define ASM_CPUID_REGS_H

#include <xen/types.h>

struct cpuid_regs {
    uint32_t a, b, c, d;
};

#endif

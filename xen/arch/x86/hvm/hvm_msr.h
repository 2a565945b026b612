/* SPDX-License-Identifier: BSD-2-Clause */
/* MSRs and CPUID as hardware-assisted guests see them (hvm/msr.c, hvm/cpuid.c). */
#ifndef HVM_MSR_H
#define HVM_MSR_H

#include <asm/cpuid_regs.h>
#include <xen/compiler.h>
#include <xen/types.h>

struct vcpu;

#define MTRR_CAP 0x508UL /* eight ranges, fixed ones, WC */

/* Of the running vCPU. False: #GP. */
must_check bool hvm_msr_read(struct vcpu *v, uint32_t msr, uint64_t *value);
must_check bool hvm_msr_write(struct vcpu *v, uint32_t msr, uint64_t value);

void hvm_cpuid(const struct vcpu *v, uint32_t leaf, uint32_t subleaf, struct cpuid_regs *out);

#endif

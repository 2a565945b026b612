/* SPDX-License-Identifier: BSD-2-Clause */
/* Model-specific registers as PV guests see them (cpu/msr.c): docs/interface/emulation.md. */
#ifndef ASM_MSR_H
#define ASM_MSR_H

#include <xen/compiler.h>
#include <xen/types.h>

struct vcpu;

/* RDMSR and WRMSR of the running vCPU. False: #GP. */
must_check bool msr_guest_read(struct vcpu *v, uint32_t msr, uint64_t *value);
must_check bool msr_guest_write(struct vcpu *v, uint32_t msr, uint64_t value);

/* Those that all kinds of guests have alike. False: #GP. */
must_check bool msr_common_read(const struct vcpu *v, uint32_t msr, uint64_t *value);
must_check bool msr_common_write(struct vcpu *v, uint32_t msr, uint64_t value);

/* Loads what belongs to a vCPU: TSC_AUX. From context switches. */
void msr_vcpu_load(const struct vcpu *v);

/* Bases of the running vCPU; by RDGSBASE and the like while it has CR4.FSGSBASE, else by MSR. */
uint64_t fs_base_read(const struct vcpu *v);
uint64_t gs_base_read(const struct vcpu *v);
void fs_base_write(const struct vcpu *v, uint64_t base);
void gs_base_write(const struct vcpu *v, uint64_t base);
/* That of the mode which is not running. */
uint64_t gs_inactive_read(void);
void gs_inactive_write(uint64_t base);

#endif

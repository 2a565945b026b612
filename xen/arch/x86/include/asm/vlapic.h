/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The virtual local APIC of a hardware-assisted vCPU (hvm/vlapic.c): Intel SDM vol. 3, chapter 11.
 * xAPIC registers by memory at the fixed address, x2APIC registers by MSR.
 */
#ifndef ASM_VLAPIC_H
#define ASM_VLAPIC_H

#include <xen/compiler.h>
#include <xen/types.h>

struct vcpu;

#define VLAPIC_BASE 0xfee00000UL

/* 0 or -ENOMEM. */
must_check int vlapic_init(struct vcpu *v);
void vlapic_fini(struct vcpu *v);
/* The id that the tools' ACPI tables give to @v's APIC. */
uint32_t vlapic_id(const struct vcpu *v);
/* The state after INIT; the id and the base stay. */
void vlapic_reset(struct vcpu *v);

/* An edge-triggered interrupt for @v, from any context. */
void vlapic_raise(struct vcpu *v, uint8_t vector);
/* The vector that would be taken next, or -1. */
int vlapic_highest_pending(const struct vcpu *v);
/* That vector was taken. */
void vlapic_accept(struct vcpu *v, int vector);

/* IA32_APIC_BASE of the running vCPU. False: #GP. */
uint64_t vlapic_base(const struct vcpu *v);
must_check bool vlapic_set_base(struct vcpu *v, uint64_t value);
/* x2APIC MSRs 0x800-0x8ff of the running vCPU. False: #GP. */
must_check bool vlapic_read_msr(struct vcpu *v, uint32_t msr, uint64_t *value);
must_check bool vlapic_write_msr(struct vcpu *v, uint32_t msr, uint64_t value);
/* Whether the guest-physical address is the running vCPU's APIC page. */
bool vlapic_has_address(const struct vcpu *v, uint64_t gpa);
/* Registers by memory, of the running vCPU, at an offset that is a multiple of 4. */
uint32_t vlapic_read(struct vcpu *v, unsigned int offset);
void vlapic_write(struct vcpu *v, unsigned int offset, uint32_t value);

#endif

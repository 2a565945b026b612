/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * x87, SSE and extended state of vCPUs (cpu/fpu.c). Switched eagerly: the registers hold the
 * state of the running vCPU, or of the last one while the CPU idles.
 */
#ifndef ASM_FPU_H
#define ASM_FPU_H

#include <xen/compiler.h>
#include <xen/types.h>

struct vcpu;

#define XCR0_X87     (1UL << 0)
#define XCR0_SSE     (1UL << 1)
#define XCR0_AVX     (1UL << 2)
#define XCR0_AVX512  (7UL << 5)
/* What guests may be offered. */
#define XCR0_OFFERED (XCR0_X87 | XCR0_SSE | XCR0_AVX | XCR0_AVX512)

/* Each CPU, by cpu_init(). */
void fpu_cpu_init(void);
/* The bits of XCR0 that the machine has and guests may be offered; 0: no XSAVE. */
uint64_t fpu_host_xcr0(void);

/* The state after reset. 0 or -ENOMEM. */
must_check int fpu_vcpu_init(struct vcpu *v);
void fpu_vcpu_fini(struct vcpu *v);
/* Registers to memory, of the vCPU whose state they hold. */
void fpu_save(struct vcpu *v);
/* Memory to registers, with XCR0 and CR0.TS. */
void fpu_restore(struct vcpu *v);
/* #NM of the running vCPU: its virtual CR0.TS goes. */
void fpu_guest_trap(struct vcpu *v);
/* Virtual CR0.TS of the running vCPU. */
void fpu_set_task_switched(struct vcpu *v, bool set);
/* State of a vCPU that doesn't run := a 512-byte FXSAVE image. -EINVAL: reserved bits of MXCSR. */
must_check int fpu_set_from_context(struct vcpu *v, const void *fxsave512);
/* The reverse. */
void fpu_get_context(const struct vcpu *v, void *fxsave512);
/*
 * The whole state of a vCPU that doesn't run, as an XSAVE area in the standard format, for saved
 * domains. Size 0: the machine has no XSAVE, and FXSAVE images say it all.
 */
size_t fpu_area_size(void);
void fpu_get_area(const struct vcpu *v, void *area);
/*
 * -EINVAL: XCR0 or the area, which may be shorter, has what the machine or the format doesn't
 * allow.
 */
must_check int fpu_set_area(struct vcpu *v, uint64_t xcr0, const void *area, size_t size);
/* XSETBV of the running vCPU. False: #GP. */
must_check bool fpu_set_xcr0(struct vcpu *v, uint32_t index, uint64_t value);

#endif

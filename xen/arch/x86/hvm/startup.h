/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * INIT and SIPI (hvm/startup.c): a vCPU's way from the reset state through real mode. Both are
 * noted by the sender; the vCPU sets its registers itself when it is next put on a CPU.
 */
#ifndef HVM_STARTUP_H
#define HVM_STARTUP_H

#include <xen/types.h>

struct vcpu;

void hvm_startup_init(struct vcpu *v);
void hvm_startup_sipi(struct vcpu *v, uint8_t vector);
/* On the vCPU's CPU, before its registers are loaded. */
void hvm_startup_enter(struct vcpu *v);

#endif

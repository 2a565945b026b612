/* SPDX-License-Identifier: BSD-2-Clause */
/* More vCPUs. vCPU n > 0 runs on its own stack; any other stack is vCPU 0's. */
#ifndef GUEST_KIT_SMP_H
#define GUEST_KIT_SMP_H

#include <stdint.h>

#include <public/xen.h>
#include <public/vcpu.h>

#define SMP_MAX 8

unsigned int smp_self(void);
long vcpu_op(unsigned int cmd, unsigned int vcpu, void *arg);

/* Fills a context that runs fn(arg) on vcpu's stack, with the kit's traps and tables. */
void smp_context(struct vcpu_guest_context *ctx, unsigned int vcpu, void (*fn)(void *), void *arg);
/* Initialises the vCPU and brings it up. When fn returns, the vCPU goes down. */
long smp_start(unsigned int vcpu, void (*fn)(void *), void *arg);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/* Runs a function on other CPUs, in interrupt context there, and waits until all have finished. */
#ifndef XEN_SMP_CALL_H
#define XEN_SMP_CALL_H

#include <xen/cpumask.h>

/* Interrupts must be on. The calling CPU runs @fn too if it is in @mask. */
void smp_call(const cpumask_t *mask, void (*fn)(void *), void *arg);
/* The call interrupt's handler. */
void smp_call_handle(void);

#endif

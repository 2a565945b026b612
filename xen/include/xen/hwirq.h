/* SPDX-License-Identifier: BSD-2-Clause */
/* Hardware interrupts of the hypervisor's own (UART, HPET) and the IPI vectors. */
#ifndef XEN_HWIRQ_H
#define XEN_HWIRQ_H

#include <xen/cpumask.h>
#include <xen/types.h>

/* Vectors. 0x20-0xef are given to devices by irq/vector.c. */
#define VECTOR_FIRST_DYNAMIC 0x22
#define VECTOR_LAST_DYNAMIC  0xef
#define VECTOR_LEGACY_SYSCALL 0x80 /* never given out: the guests' int 0x80 */
#define VECTOR_LAPIC_TIMER   0xf9
#define VECTOR_SMP_CALL      0xfa
#define VECTOR_EVENT_CHECK   0xfb
#define VECTOR_TLB_FLUSH     0xfc
#define VECTOR_LAPIC_ERROR   0xfe
#define VECTOR_SPURIOUS      0xff

/* Runs the handler of a hardware vector: called by the entry code with interrupts off. */
void irq_dispatch(unsigned int vector);
/* A fixed vector's handler (IPIs, LAPIC timer); it runs with interrupts off, after the EOI. */
void irq_set_vector_handler(unsigned int vector, void (*fn)(void));
/* Claims a GSI for the hypervisor itself. 0, -EBUSY, -EINVAL, -ENOSPC. */
int irq_request_gsi(unsigned int gsi, void (*fn)(void *arg), void *arg, const char *name);

/* Sends an interprocessor interrupt. */
void ipi_send(unsigned int cpu, unsigned int vector);
void ipi_send_mask(const cpumask_t *mask, unsigned int vector);
void ipi_send_nmi(unsigned int cpu);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/* Bring-up of the other CPUs (boot/smp.c). */
#ifndef ASM_SMP_H
#define ASM_SMP_H

/* Interrupts between CPUs. Boot CPU, after irq_init(). */
void smp_init(void);
/* Starts every CPU that the MADT lists as usable; those that don't answer are named and left. */
void smp_boot_others(void);

#endif

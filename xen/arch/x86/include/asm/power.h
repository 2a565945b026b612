/* SPDX-License-Identifier: BSD-2-Clause */
/* Turning the machine off and resetting it; see also xen/arch.h. */
#ifndef ASM_POWER_H
#define ASM_POWER_H

#include <xen/compiler.h>
#include <xen/types.h>

/* Maps the reset register if it lies in memory. Once, after acpi_init and own_pt_init. */
void power_init(void);
/*
 * dom0 prepared the sleep state S5 and gives the values of the PM1 control registers.
 * -ENODEV without registers; else does not return.
 */
must_check int power_enter_s5(uint16_t pm1a, uint16_t pm1b);

#endif

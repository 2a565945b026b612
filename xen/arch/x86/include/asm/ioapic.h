/* SPDX-License-Identifier: BSD-2-Clause */
/* The IO-APICs: one redirection entry for each GSI. */
#ifndef ASM_IOAPIC_H
#define ASM_IOAPIC_H

#include <asm/irq.h>
#include <xen/types.h>

extern const struct irq_chip ioapic_chip;

/* Maps all IO-APICs and masks every pin; returns the number of GSIs. Panics if there are none. */
unsigned int ioapic_init(void);
bool ioapic_has_gsi(unsigned int gsi);
/* Writes the whole entry of @desc's GSI: vector, destination, trigger, polarity; masked. */
void ioapic_program(struct irq_desc *desc);
/* A register as dom0 reads it, by the IO-APIC's physical address. -EINVAL: no such IO-APIC. */
must_check int ioapic_read_register(uint64_t address, uint32_t reg, uint32_t *value);
/* Masks every pin: the machine is about to stop. */
void ioapic_shutdown(void);

#endif

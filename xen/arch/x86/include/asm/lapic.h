/* SPDX-License-Identifier: BSD-2-Clause */
/* The local APIC of this CPU: xAPIC (memory mapped) or x2APIC (MSRs). */
#ifndef ASM_LAPIC_H
#define ASM_LAPIC_H

#include <xen/config.h>
#include <xen/types.h>

/* APIC id of each CPU by hypervisor number; filled by lapic_init_cpu and by CPU bring-up. */
extern uint32_t cpu_apic_id[NR_CPUS];

/* Boot CPU, after acpi_init: chooses the mode, maps the registers, then lapic_init_cpu(). */
void lapic_init(void);
/* Enables this CPU's APIC in the chosen mode, with timer masked and NMI pins as the MADT says. */
void lapic_init_cpu(void);
/* Quiet before the machine stops or restarts: no interrupt reaches this CPU any more. */
void lapic_shutdown_cpu(void);

uint32_t lapic_id(void);
void lapic_eoi(void);
bool lapic_is_x2apic(void);

/* Overflow of a performance counter raises an NMI on this CPU. */
void lapic_set_counter_nmi(bool on);

/* Bring-up of another CPU; @apic_id from the MADT. Returns when the command was accepted. */
void lapic_send_init(uint32_t apic_id);
void lapic_send_startup(uint32_t apic_id, uint8_t page);

/*
 * The timer, VECTOR_LAPIC_TIMER. In deadline mode only lapic_timer_set_deadline works, else only
 * lapic_timer_set_count. The count runs at the (calibrated by the time module) bus clock / 16.
 */
extern bool lapic_timer_is_deadline;
/* Before lapic_init_cpu: TSC-deadline if @deadline and the CPU has it. */
void lapic_timer_choose(bool deadline);
/* Fires when the TSC reaches @tsc; 0 disarms. */
void lapic_timer_set_deadline(uint64_t tsc);
/* Fires after @count ticks; 0 disarms. */
void lapic_timer_set_count(uint32_t count);
/* Ticks left. */
uint32_t lapic_timer_read(void);

#endif

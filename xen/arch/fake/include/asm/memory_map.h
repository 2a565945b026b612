/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The fixed places of the hypervisor's address space, as memory of the test program. See machine.c.
 */
#ifndef ASM_MEMORY_MAP_H
#define ASM_MEMORY_MAP_H

#include <stdint.h>

extern uint64_t fake_frame_table, fake_ram, fake_m2p;

#define L4_SLOT_FIRST_HV  256
#define L4_SLOT_LAST_HV   271
#define L4_SLOT_M2P_RO    256
#define L4_SLOT_DOMAIN    257
#define L4_SLOT_IMAGE     258

#define HV_VIRT_START     0xffff800000000000UL
#define HV_VIRT_END       0xffff880000000000UL

#define M2P_RO_START      0xffff800000000000UL
#define M2P_RO_END        0xffff804000000000UL
#define VCPU_WINDOW_START 0xffff808000000000UL
#define VCPU_WINDOW_SHIFT 17
#define VCPU_WINDOW_LDT   0x10000UL

#define FRAME_TABLE_START fake_frame_table
#define M2P_RW_START      fake_m2p
#define DIRECT_MAP_START  fake_ram

#endif

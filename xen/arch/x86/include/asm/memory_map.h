/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The virtual address space. Root-table slots 256-271 belong to the hypervisor, the rest to
 * the guest. Slot 256 is the only one a guest sees (read-only M2P).
 */
#ifndef ASM_MEMORY_MAP_H
#define ASM_MEMORY_MAP_H

#define L4_SLOT_FIRST_HV  256
#define L4_SLOT_LAST_HV   271
#define L4_SLOT_M2P_RO    256
#define L4_SLOT_DOMAIN    257
#define L4_SLOT_IMAGE     258

#define HV_VIRT_START     0xffff800000000000UL
#define HV_VIRT_END       0xffff880000000000UL

/* Slot 256: machine-to-physical table as guests read it. */
#define M2P_RO_START      0xffff800000000000UL
#define M2P_RO_END        0xffff804000000000UL

/* Slot 257: differs by domain; one window a vCPU with its GDT and LDT pages. */
#define VCPU_WINDOW_START 0xffff808000000000UL
#define VCPU_WINDOW_SHIFT 17 /* 16 GDT pages, then 16 LDT pages */
#define VCPU_WINDOW_LDT   0x10000UL

/* Slot 258: the image (VA = IMAGE_START + load address), per-CPU areas, device mappings. */
#define IMAGE_START       0xffff810000000000UL
#define CPU_AREA_START    0xffff810040000000UL
#define CPU_AREA_SHIFT    17
#define IOREMAP_START     0xffff810080000000UL
#define IOREMAP_END       0xffff810100000000UL

/* Slot 259: struct page_info of every RAM frame, sparse. */
#define FRAME_TABLE_START 0xffff818000000000UL
#define FRAME_TABLE_END   0xffff820000000000UL

/* Slot 260: the machine-to-physical table, writable. */
#define M2P_RW_START      0xffff820000000000UL
#define M2P_RW_END        0xffff824000000000UL

/* Slots 262-271: all RAM, never executable. */
#define DIRECT_MAP_START  0xffff830000000000UL
#define DIRECT_MAP_END    0xffff880000000000UL

#endif

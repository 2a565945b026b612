/* SPDX-License-Identifier: BSD-2-Clause */
/* The hypervisor's own page tables (mm/own_pt.c). */
#ifndef ASM_OWN_PT_H
#define ASM_OWN_PT_H

#include <asm/page.h>

/*
 * The root table that stands for no guest: idle CPUs run on it, and guests' root tables copy its
 * slots 256-271.
 */
extern pte_t hv_l4_template[PT_ENTRIES];

/*
 * Adds a mapping with the largest pages that fit; @size in whole pages. Existing mappings are
 * replaced. Panics without memory.
 */
void own_pt_map(uint64_t va, maddr_t a, uint64_t size, pte_t flags);
/* Removes one 4 KiB page on this CPU's view. */
void own_pt_unmap_page(uint64_t va);

#endif

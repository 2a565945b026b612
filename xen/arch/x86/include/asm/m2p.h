/* SPDX-License-Identifier: BSD-2-Clause */
/* The frames of the machine-to-physical table itself. */
#ifndef ASM_M2P_H
#define ASM_M2P_H

#include <xen/types.h>

/*
 * Creates dom_io and dom_xen, and gives the table's frames to dom_xen. Boot, once the heap works.
 */
void m2p_init_owners(void);
/* 2 MiB pieces of the table, and the first frame of each: INVALID_MFN for a hole. */
unsigned int m2p_nr_chunks(void);
mfn_t m2p_chunk_mfn(unsigned int chunk);

#endif

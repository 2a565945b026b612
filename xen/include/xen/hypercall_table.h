/* SPDX-License-Identifier: BSD-2-Clause */
/* The table that entry code and multicall share. */
#ifndef XEN_HYPERCALL_TABLE_H
#define XEN_HYPERCALL_TABLE_H

#include <xen/types.h>

#define NR_HYPERCALLS 64

typedef long (*hypercall_fn)(unsigned long, unsigned long, unsigned long, unsigned long,
                             unsigned long);

extern const hypercall_fn hypercall_table[NR_HYPERCALLS];

/* A call of a hardware-assisted guest in 32-bit mode (compat.c); it is never -ERESTART. */
long hypercall_32(uint32_t nr, const uint32_t args[5]);

#endif

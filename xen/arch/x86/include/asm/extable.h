/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The exception table: instructions of the hypervisor that may fault, and where to go on. Entries
 * are pairs of offsets from their own place.
 */
#ifndef ASM_EXTABLE_H
#define ASM_EXTABLE_H

#define EXTABLE(fault, fixup)                   \
    ".section .extable, \"a\"\n"                \
    ".balign 8\n"                               \
    ".long (" #fault ") - .\n"                  \
    ".long (" #fixup ") - .\n"                  \
    ".previous\n"

#ifndef __ASSEMBLY__
#include <xen/types.h>

/* The address to continue at after a fault at @rip, or 0. */
uint64_t extable_find(uint64_t rip);
#endif

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/* Where each CPU's copy of the .percpu template lies. */
#ifndef ASM_PERCPU_H
#define ASM_PERCPU_H

#include <asm/current.h>

extern unsigned long percpu_offset[NR_CPUS];

#define this_percpu_offset() (cpu_info()->percpu_offset)

#endif

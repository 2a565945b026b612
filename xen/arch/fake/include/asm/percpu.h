/* SPDX-License-Identifier: BSD-2-Clause */
/* One CPU: its copy of the per-CPU variables is the template. */
#ifndef ASM_PERCPU_H
#define ASM_PERCPU_H

#include <asm/current.h>

extern unsigned long percpu_offset[NR_CPUS];

#define this_percpu_offset() (percpu_offset[fake_cpu])

#endif

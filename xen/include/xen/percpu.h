/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Per-CPU variables, all zero at first: DEFINE_PER_CPU reserves a place in .percpu; every CPU has a
 * copy at template + offset. this_cpu() is valid in any context, since the hypervisor never
 * migrates between CPUs while it runs.
 */
#ifndef XEN_PERCPU_H
#define XEN_PERCPU_H

#include <asm/percpu.h>

#define DEFINE_PER_CPU(type, name) \
    section(".percpu") __typeof__(type) percpu_##name
#define DECLARE_PER_CPU(type, name) extern __typeof__(type) percpu_##name

#define per_cpu(name, cpu) \
    (*(__typeof__(&percpu_##name))((char *)&percpu_##name + percpu_offset[cpu]))
#define this_cpu(name) \
    (*(__typeof__(&percpu_##name))((char *)&percpu_##name + this_percpu_offset()))

/* Allocates the copy of @cpu, zero-filled. 0 or -ENOMEM. */
int percpu_init_cpu(unsigned int cpu);

#endif

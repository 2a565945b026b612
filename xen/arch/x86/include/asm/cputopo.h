/* SPDX-License-Identifier: BSD-2-Clause */
/* Where a CPU is: its core and socket, from its APIC id (cpu/topology.c). */
#ifndef ASM_CPUTOPO_H
#define ASM_CPUTOPO_H

#include <xen/types.h>

struct cpu_topology {
    uint32_t socket;
    uint32_t core;             /* within the socket */
    uint32_t threads_per_core; /* of those online */
    uint32_t cores_per_socket;
};

/* Of an online CPU. */
struct cpu_topology cputopo_of(unsigned int cpu);

#endif

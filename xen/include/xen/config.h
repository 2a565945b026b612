/* SPDX-License-Identifier: BSD-2-Clause */
/* Constants of the build. Choices are made on the boot command line, not here. */
#ifndef XEN_CONFIG_H
#define XEN_CONFIG_H

#define NR_CPUS           256
#define MAX_VCPUS         128  /* per domain */
#define XENIOS_VERSION    "0.1"
/* The interface version that guests and tools see. */
#define ABI_VERSION_MAJOR 4
#define ABI_VERSION_MINOR 17

/* Per-CPU stack: a power of two, naturally aligned; see asm/current.h. */
#define STACK_ORDER 4
#define STACK_SIZE  (4096UL << STACK_ORDER)

#endif

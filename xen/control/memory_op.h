/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the files of memory_op share. @start is the number of extents that were done before the call
 * was preempted.
 */
#ifndef CONTROL_MEMORY_OP_H
#define CONTROL_MEMORY_OP_H

/* The command's low bits are the operation, the bits above hold start. */
#define CMD_SHIFT 6
#define CMD_MASK  ((1UL << CMD_SHIFT) - 1)

typedef long memory_op_fn(unsigned long start, void *arg);

/* memory_tools.c */
memory_op_fn memory_set_memory_map, memory_acquire_resource, memory_claim_pages,
    memory_reserved_device_memory_map;

/* physmap_op.c */
memory_op_fn memory_add_to_physmap, memory_add_to_physmap_batch, memory_remove_from_physmap;

/* vnuma.c */
memory_op_fn memory_get_vnumainfo;

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/* The machine's memory map as firmware gave it: sorted, without overlaps. Constant after boot. */
#ifndef XEN_E820_H
#define XEN_E820_H

#include <xen/types.h>

#define E820_MAX 128

#define E820_RAM      1
#define E820_RESERVED 2
#define E820_ACPI     3
#define E820_NVS      4
#define E820_UNUSABLE 5

struct e820_entry {
    uint64_t addr;
    uint64_t size;
    uint32_t type;
};

struct e820_map {
    unsigned int nr;
    struct e820_entry e[E820_MAX];
};

extern struct e820_map host_e820;

/*
 * Sorts @map, drops empty entries and resolves overlaps in favour of the higher type, so that
 * doubtful memory is never taken for RAM. Entries past E820_MAX are dropped from the top.
 */
void e820_normalise(struct e820_map *map);
/* Bytes of RAM. */
uint64_t e820_ram_bytes(const struct e820_map *map);

#endif

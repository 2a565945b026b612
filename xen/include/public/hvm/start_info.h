/* SPDX-License-Identifier: BSD-2-Clause */
/* What a PVH kernel finds through EBX when it starts. All addresses are guest physical. */
#ifndef PUBLIC_HVM_START_INFO_H
#define PUBLIC_HVM_START_INFO_H

#include "../abi_check.h"

#define XEN_HVM_START_MAGIC_VALUE 0x336ec578

/* Types of the memory map: those of E820. */
#define XEN_HVM_MEMMAP_TYPE_RAM      1
#define XEN_HVM_MEMMAP_TYPE_RESERVED 2
#define XEN_HVM_MEMMAP_TYPE_ACPI     3
#define XEN_HVM_MEMMAP_TYPE_NVS      4
#define XEN_HVM_MEMMAP_TYPE_UNUSABLE 5
#define XEN_HVM_MEMMAP_TYPE_DISABLED 6
#define XEN_HVM_MEMMAP_TYPE_PMEM     7

#ifndef __ASSEMBLER__

struct hvm_start_info {
    uint32_t magic;
    uint32_t version; /* 1: the memory map is there */
    uint32_t flags;
    uint32_t nr_modules;
    uint64_t modlist_paddr;
    uint64_t cmdline_paddr;
    uint64_t rsdp_paddr;
    uint64_t memmap_paddr;
    uint32_t memmap_entries;
    uint32_t reserved;
};
XEN_ABI_SIZE(struct hvm_start_info, 56, "boot.md");
XEN_ABI_OFFSET(struct hvm_start_info, modlist_paddr, 16, "boot.md");
XEN_ABI_OFFSET(struct hvm_start_info, memmap_entries, 48, "boot.md");

struct hvm_modlist_entry {
    uint64_t paddr;
    uint64_t size;
    uint64_t cmdline_paddr;
    uint64_t reserved;
};
XEN_ABI_SIZE(struct hvm_modlist_entry, 32, "boot.md");

struct hvm_memmap_table_entry {
    uint64_t addr;
    uint64_t size;
    uint32_t type;
    uint32_t reserved;
};
XEN_ABI_SIZE(struct hvm_memmap_table_entry, 24, "boot.md");

#endif /* __ASSEMBLER__ */
#endif /* PUBLIC_HVM_START_INFO_H */

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What dom0 may know of the UEFI firmware: copied from its system table at boot (dev/efi.c).
 * The hypervisor calls no firmware services.
 */
#ifndef ASM_EFI_H
#define ASM_EFI_H

#include <xen/types.h>

#define EFI_VENDOR_MAX 100 /* 16-bit characters, with the terminator */

struct efi_info {
    bool present;
    uint32_t version;          /* of the system table */
    uint32_t runtime_version;
    uint64_t config_table;
    uint32_t config_entries;
    uint32_t vendor_revision;
    uint16_t vendor[EFI_VENDOR_MAX];
};

extern struct efi_info efi;

/* Boot only. An unreadable table is reported; then dom0 is told that there is no UEFI. */
void efi_init(maddr_t system_table);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reads the UEFI system table that the boot loader named (UEFI 2.10, 4.3). Boot services
 * are gone by then, so pointers in it are physical addresses of memory that the firmware keeps.
 */
#include <asm/efi.h>
#include <xen/console.h>
#include <xen/ioremap.h>
#include <xen/string.h>

#define SYSTEM_TABLE_SIGNATURE  0x5453595320494249UL /* "IBI SYST" */
#define RUNTIME_TABLE_SIGNATURE 0x56524553544e5552UL /* "RUNTSERV" */
#define MAX_CONFIG_ENTRIES      1024

struct table_header {
    uint64_t signature;
    uint32_t revision;
    uint32_t size;
    uint32_t crc32;
    uint32_t reserved;
};

struct system_table {
    struct table_header header;
    uint64_t vendor;
    uint32_t vendor_revision;
    uint32_t pad;
    uint64_t console_in_handle, console_in;
    uint64_t console_out_handle, console_out;
    uint64_t error_handle, error;
    uint64_t runtime_services;
    uint64_t boot_services;
    uint64_t nr_config;
    uint64_t config_table;
};
_Static_assert(sizeof(struct system_table) == 120, "UEFI 4.3.1");

struct efi_info efi;

static void copy_vendor(uint64_t address)
{
    const uint16_t *p = address && !(address & 1)
                            ? firmware_map(maddr(address), sizeof(efi.vendor)) : NULL;

    for (unsigned int i = 0; p && i < EFI_VENDOR_MAX - 1 && p[i]; i++) {
        efi.vendor[i] = p[i];
    }
}

void efi_init(maddr_t address)
{
    const struct system_table *t;
    const struct table_header *runtime;

    if (!address.a) {
        return;
    }
    t = firmware_map(address, sizeof(*t));
    if (!t || t->header.signature != SYSTEM_TABLE_SIGNATURE || t->nr_config > MAX_CONFIG_ENTRIES) {
        log_warn("UEFI: the system table at %#lx is broken: dom0 will not see it\n",
                 (unsigned long)address.a);
        return;
    }
    efi.version = t->header.revision;
    efi.config_table = t->config_table;
    efi.config_entries = (uint32_t)t->nr_config;
    efi.vendor_revision = t->vendor_revision;
    copy_vendor(t->vendor);
    runtime = t->runtime_services ? firmware_map(maddr(t->runtime_services), sizeof(*runtime))
                                  : NULL;
    if (runtime && runtime->signature == RUNTIME_TABLE_SIGNATURE) {
        efi.runtime_version = runtime->revision;
    }
    efi.present = true;
    log_info("UEFI %u.%02u, %u configuration tables\n", efi.version >> 16,
             (efi.version & 0xffff) / 10, efi.config_entries);
}

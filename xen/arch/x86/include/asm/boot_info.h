/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the boot loader handed over, the same for multiboot 1 and 2 (boot/multiboot.c). Strings
 * are copies; modules stay where they were loaded until dom0 is built.
 */
#ifndef ASM_BOOT_INFO_H
#define ASM_BOOT_INFO_H

#include <xen/types.h>

#define BOOT_MAX_MODULES  8
#define BOOT_CMDLINE_SIZE 2048 /* more than any reader takes: what is too long is noticed */

struct boot_module {
    maddr_t start;
    uint64_t size;
    char cmdline[BOOT_CMDLINE_SIZE];
};

/* A linear framebuffer or the text screen, for dom0's console. */
struct boot_video {
    bool present, is_text;
    uint64_t base;
    uint32_t pitch, width, height;
    uint8_t bpp;
    uint8_t red_pos, red_size, green_pos, green_size, blue_pos, blue_size;
};

struct boot_info {
    char loader[64];
    char cmdline[BOOT_CMDLINE_SIZE]; /* options only: the image's name is dropped */
    unsigned int nr_modules;
    struct boot_module module[BOOT_MAX_MODULES];
    maddr_t rsdp;                    /* address of the loader's copy; 0: scan for it */
    maddr_t efi_system_table;        /* 0: booted by a BIOS */
    struct boot_video video;
    maddr_t info_start;              /* the loader's own structure, to be kept until read */
    uint64_t info_size;
};

extern struct boot_info boot_info;

/*
 * Reads the loader's structure at @info; fills boot_info and host_e820. NULL, or a sentence on
 * what can't be used: for the caller to print once there is a console.
 */
const char *multiboot_read(uint32_t magic, maddr_t info);

/*
 * Memory before the buddy allocator exists (boot/early_mem.c): zeroed, page aligned, never freed.
 * Avoids everything that was reserved. Panics when there is none.
 */
void early_reserve(maddr_t start, uint64_t size);
void *early_alloc(uint64_t size, uint64_t align);
/* The same, with undefined contents, and NULL if there is no such piece. */
void *early_alloc_raw(uint64_t size, uint64_t align);
/* Hands all RAM that is neither reserved nor allocated to the buddy allocator. */
void early_mem_finish(void);
/* Gives the frames of [start, start+size) to the buddy, after their last use. */
void early_free_range(maddr_t start, uint64_t size);

/* The hypervisor's tables (mm/own_pt.c). */
void own_pt_init(void);
/* The buddy allocator is up: tables come from there now. */
void own_pt_use_buddy(void);
/* Drops the identity map and makes init memory inaccessible; frees it. */
void own_pt_finish(void);
/* Load address of the image minus its link address. */
extern uint64_t image_load_offset;

static inline maddr_t image_to_maddr(const void *p)
{
    return maddr((uint64_t)p - 0xffff810000000000UL + image_load_offset);
}

#endif

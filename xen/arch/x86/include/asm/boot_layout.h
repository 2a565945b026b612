/* SPDX-License-Identifier: BSD-2-Clause */
/* Numbers that the boot assembly shares with C: plain macros, so that both can read them. */
#ifndef ASM_BOOT_LAYOUT_H
#define ASM_BOOT_LAYOUT_H

#define IMAGE_VA           0xffff810000000000
#define IMAGE_SLOT         258
#define DIRECT_MAP_SLOT    262

#define MB1_HEADER_MAGIC   0x1badb002
#define MB1_FLAGS          0x00010003 /* page-aligned modules, memory information, address fields */
#define MB1_LOADER_MAGIC   0x2badb002
#define MB2_HEADER_MAGIC   0xe85250d6
#define MB2_LOADER_MAGIC   0x36d76289

#define BOOT_CS            8     /* of the loader's first 64-bit mode */
#define BOOT_STACK_SIZE    65536 /* STACK_SIZE */
#define BOOT_INFO_SIZE     200   /* sizeof(struct cpu_info) */

/* Where a secondary CPU starts, in real mode: a page below 1 MiB, chosen at boot. */
#define TRAMPOLINE_MAX     0x9f000

#endif

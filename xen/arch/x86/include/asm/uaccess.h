/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * SMAP: the hypervisor may touch user pages only between guest_access_begin() and _end(). The
 * instructions are NOPs in the image; boot turns them into STAC and CLAC where the CPU has SMAP
 * (.smap_sites lists their places).
 */
#ifndef ASM_UACCESS_H
#define ASM_UACCESS_H

#ifdef __ASSEMBLY__

/* On entry from a guest: its AC flag must not open the door. */
.macro ASM_CLAC
661:    .byte   0x0f, 0x1f, 0x00
        .pushsection .smap_sites, "a", @progbits
        .long   661b - ., 0xca
        .popsection
.endm

#else

#include <xen/compiler.h>

#define SMAP_SITE(op)                              \
    "661: .byte 0x0f, 0x1f, 0x00\n"                \
    ".pushsection .smap_sites, \"a\", @progbits\n" \
    ".long 661b - ., " #op "\n"                    \
    ".popsection\n"

static always_inline void guest_access_begin(void)
{
    __asm__ __volatile__(SMAP_SITE(0xcb) ::: "memory");
}

static always_inline void guest_access_end(void)
{
    __asm__ __volatile__(SMAP_SITE(0xca) ::: "memory");
}

/* Boot, while the text is still writable. */
void smap_patch_sites(void);

#endif

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Builder of the paravirtual control domain: where everything lies in its first
 * memory (dom0_layout.c, arithmetic only), and the building itself (dom0_build.c,
 * dom0_tables.c). Boot only. Interface: docs/interface/boot.md.
 */
#ifndef ASM_DOM0_H
#define ASM_DOM0_H

#include <xen/compiler.h>
#include <xen/kernel_image.h>
#include <xen/types.h>

struct boot_video;
struct domain;

/* What a control domain is made of. */
struct dom0_source {
    const struct kernel_image *image;
    const void *initrd;             /* initrd_size bytes; none if that is 0 */
    uint64_t initrd_size;
    const char *cmdline;            /* the kernel's, without the image's name */
    const struct boot_video *video; /* the screen as the loader left it; NULL: text */
    bool is_efi;                    /* it was set up by EFI */
    uint64_t nr_pages;              /* the domain's size */
};

/*
 * Gives an empty domain, whose max_pages allows it and whose vCPU 0 exists, memory, a kernel
 * that is ready to start, and vCPU 0 its registers (is_initialised; the caller clears
 * VPF_DOWN and unpauses). -EINVAL: the kernel cannot be laid out; -ENOMEM: the domain's memory
 * is too small, or was not to be had; *why is a sentence for the console that says so. On error
 * the domain is left as it is, to be destroyed.
 */
must_check int dom0_build(struct domain *d, const struct dom0_source *source, const char **why);

/* Bytes [start, start + size) of pfns, or of the initial mapping. */
struct dom0_part {
    uint64_t pfn;       /* of its first frame */
    uint64_t va;        /* virtual address, or 0: not mapped */
    uint64_t pages;
};

/*
 * The pseudo-physical frames are contiguous from pfn 0. The first nr_mapped of them are mapped
 * at [v_start, v_end), in order; in these lie the kernel and the mapped parts. Behind them come
 * the initrd and the frame list, if the kernel does not want them mapped there.
 */
struct dom0_layout {
    uint64_t v_start, v_end;
    uint64_t nr_mapped;

    struct dom0_part initrd;        /* no pages: none */
    struct dom0_part start_info;    /* with the VGA information behind it */
    struct dom0_part tables;        /* of the initial mapping: L4, L3s, L2s, L1s */
    struct dom0_part stack;

    /* The frame list; with INIT_P2M, its va is what the kernel asked for, outside the mapping. */
    struct dom0_part p2m;
    bool p2m_is_separate;
    uint64_t p2m_table_pages;       /* frames behind the list's, of the tables that map it there */

    uint64_t pages_needed;          /* the least that the domain can have */
};

/*
 * Lays out a control domain of nr_pages frames. -EINVAL: the kernel's addresses cannot be
 * mapped, *why names the note; -ENOMEM: nr_pages is less than pages_needed, which is set (for
 * this nr_pages) while the rest is not.
 */
must_check int dom0_layout_compute(struct dom0_layout *layout, const struct kernel_image *image,
                                   uint64_t nr_pages, uint64_t initrd_size, const char **why);

/* Page tables of one level that cover [start, end): level 1 maps 2 MiB a table, and so on. */
uint64_t dom0_layout_tables(uint64_t start, uint64_t end, unsigned int level);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A kernel that was opened (build_elf.c), as the other parts of the builder see it. The numbers are
 * those of the ELF file and its notes, checked.
 */
#ifndef CTRL_KERNEL_H
#define CTRL_KERNEL_H

#include <libctrl/build.h>

/* file_size bytes of the ELF file from offset on go to pfn * 4096 + at; the rest stays zero. */
struct kernel_segment {
    uint64_t offset;
    uint64_t file_size;
    uint64_t paddr;         /* from the kernel's pfn 0 */
};

#define KERNEL_SEGMENTS_MAX 128u

struct ctrl_kernel {
    struct ctrl_kernel_info info;
    char name[256];
    const uint8_t *elf;
    int fd;                 /* the file, if its bytes from elf_offset on are the ELF file; or -1 */
    uint64_t elf_offset;
    void *file;             /* the file, mapped */
    size_t file_size;
    void *unpacked;         /* its ELF file, if it was compressed */
    uint64_t virt_end;      /* of the loaded kernel */
    unsigned int nr_segments;
    struct kernel_segment segments[KERNEL_SEGMENTS_MAX];
};

/* --- build_unpack.c --- */

/*
 * Unpacks a payload into memory that free() takes. -ELIBACC: no decompressor; -EINVAL: damaged;
 * -ENOMEM. The error is set.
 */
int kernel_unpack(struct ctrl *ctrl, const char *name, enum ctrl_kernel_format format,
                  const void *data, size_t size, size_t unpacked_size, void **unpacked);

/* --- build_layout.c --- */

/* Frames of a part, in the order of pfns, and where the guest sees them (0: it does not). */
struct build_part {
    uint64_t pfn, pages, va;
};

/*
 * pfns are contiguous from 0. [0, nr_mapped) are mapped at virt_base on; behind them come the
 * ramdisk and the frame list, if the kernel wants these apart.
 */
struct build_layout {
    uint64_t v_start, v_end, nr_mapped;
    struct build_part ramdisk, p2m, start_info, store, console, tables, stack;
    struct build_part p2m_tables;   /* no pages: the list is part of the mapping */
    uint64_t pages_needed;
};

/* -EINVAL: addresses; -ENOMEM: nr_pages is too little, pages_needed is set. The error is set. */
int build_lay_out(struct ctrl *ctrl, const struct ctrl_kernel *kernel, uint64_t nr_pages,
                  uint64_t ramdisk_size, struct build_layout *layout);

/*
 * Where the parts of a PVH guest lie, in bytes from 0 on: the kernel where it wants to be, behind
 * it start_info with all it points at, then the ramdisk. Errors as above.
 */
struct pvh_layout {
    uint64_t start_info, ramdisk;
    uint64_t low_pages;             /* of its memory, below the hole; the rest begins at 4 GiB */
    uint64_t pages_needed;
};

int pvh_lay_out(struct ctrl *ctrl, const struct ctrl_kernel *kernel, uint64_t nr_pages,
                uint64_t ramdisk_size, struct pvh_layout *layout);

/* Tables of one level (1 to 3) that cover [start, end). */
uint64_t build_tables_of(uint64_t start, uint64_t end, unsigned int level);

#endif

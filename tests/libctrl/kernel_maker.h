/* SPDX-License-Identifier: BSD-2-Clause */
/* Kernel files for tests: a small ELF kernel with the notes wanted, as a descriptor. */
#ifndef LIBCTRL_TEST_KERNEL_MAKER_H
#define LIBCTRL_TEST_KERNEL_MAKER_H

#include "../unit/elf_maker.h"

#include <sys/mman.h>
#include <unistd.h>

#include <public/elfnote.h>

#define MADE_BASE  0xffffffff80000000ull
#define MADE_ENTRY 0xffffffff81000000ull

/* A file in memory with these bytes. */
static inline int kernel_file(const void *data, size_t size)
{
    int fd = memfd_create("kernel", MFD_CLOEXEC);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, data, size), size);
    return fd;
}

#define KERNEL_IMAGE_HEAD 1024

/* What stands in front of a packed kernel of size bytes in a bzImage: one sector of setup code. */
static inline void kernel_image_head(uint8_t head[KERNEL_IMAGE_HEAD], uint32_t size)
{
    memset(head, 0, KERNEL_IMAGE_HEAD);
    head[0x1f1] = 1;
    memcpy(head + 0x202, "HdrS", 4);
    head[0x206] = 0x0f;
    head[0x207] = 0x02;
    memcpy(head + 0x24c, &size, 4);
}

static inline void kernel_notes(struct elf_maker *m)
{
    elf_maker_init(m);
    elf_maker_number(m, XEN_ELFNOTE_ENTRY, MADE_ENTRY);
    elf_maker_number(m, XEN_ELFNOTE_VIRT_BASE, MADE_BASE);
    elf_maker_number(m, XEN_ELFNOTE_PADDR_OFFSET, 0);
    elf_maker_text(m, XEN_ELFNOTE_XEN_VERSION, "xen-3.0");
    elf_maker_text(m, XEN_ELFNOTE_GUEST_OS, "linux");
    elf_maker_text(m, XEN_ELFNOTE_LOADER, "generic");
}

static inline int kernel_made(const struct elf_maker *m)
{
    uint8_t *file = elf_maker_file(m);
    int fd = kernel_file(file, ELF_MAKER_SIZE);

    free(file);
    return fd;
}

#endif

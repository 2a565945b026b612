/* SPDX-License-Identifier: BSD-2-Clause */
/* The boot module, which is the ELF image of a guest. */
#ifndef GUEST_BUILDER_ELF_IMAGE_H
#define GUEST_BUILDER_ELF_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct elf_image {
    uint64_t entry;
    uint64_t end; /* of the highest segment, with its zeroes */
    uint64_t init_p2m;       /* of the ELF notes; 0: none */
    uint64_t hypercall_page;
    unsigned int nr_segments;
    struct {
        uint64_t va, offset, size;
    } segment[8];
};

/* Zeroes beyond its end. */
void module_read(uint64_t offset, void *to, size_t size);
/* False: no module, or none that can be loaded. */
bool elf_image_read(struct elf_image *image);

#endif

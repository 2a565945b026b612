/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From a boot module to a kernel that can be loaded: the container (bzImage,
 * gzip, bare ELF), then the ELF file and what its Xen notes ask for. The input
 * is not trusted. On failure, *why is a sentence for the console; it lasts.
 * Used at boot, and by the control library for guests. Interface: docs/interface/boot.md.
 */
#ifndef XEN_KERNEL_IMAGE_H
#define XEN_KERNEL_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <xen/compiler.h>
#include <xen/elf.h>

/* Neither a module nor what it unpacks to may be larger. */
#define KERNEL_PAYLOAD_MAX (1ul << 30)

enum payload_format { PAYLOAD_ELF, PAYLOAD_GZIP, PAYLOAD_XZ, PAYLOAD_ZSTD };

/* The ELF file inside a module, perhaps compressed. */
struct kernel_payload {
    enum payload_format format;
    const uint8_t *data;        /* inside the module */
    size_t size;
    size_t unpacked_size;       /* as the container states it; never 0; size for an ELF */
};

/* A note that was not there. */
#define KERNEL_NOTE_UNSET UINT64_MAX

/* What the builder needs to know of a kernel. Pointers lead into the ELF file. */
struct kernel_image {
    struct elf_file elf;

    /* Physical range the PT_LOAD segments take, in bytes; p_paddr as in the file. */
    uint64_t paddr_start;
    uint64_t paddr_end;
    /* A segment's address as the kernel sees it: p_paddr + virt_offset. */
    uint64_t virt_offset;
    uint64_t virt_start;        /* of paddr_start */
    uint64_t virt_end;          /* of paddr_end */

    uint64_t virt_base;         /* virtual address of pfn 0 */
    uint64_t paddr_offset;      /* p_paddr of pfn 0 */
    uint64_t entry;             /* virtual */
    uint64_t hypercall_page;    /* virtual, or KERNEL_NOTE_UNSET */
    uint64_t init_p2m;          /* virtual, or KERNEL_NOTE_UNSET: behind the kernel */
    uint64_t phys32_entry;      /* physical, of a PVH guest; or KERNEL_NOTE_UNSET */
    bool mod_start_pfn;         /* the initrd is named by its pfn and need not be mapped */

    uint32_t features_required;  /* bits XENFEAT_* */
    uint32_t features_supported;
    bool supported_features_given;

    /* Empty if not given. */
    struct elf_text guest_os;
    struct elf_text guest_version;
    struct elf_text loader;
    struct elf_text xen_version;
    struct elf_text pae_mode;
    struct elf_text features;
};

/*
 * Finds the ELF file in a module. -ENOEXEC: not a kernel; -EOPNOTSUPP: a
 * compression that cannot be unpacked, named in *why; -EINVAL: damaged.
 */
must_check int kernel_payload_find(const void *module, size_t size,
                                   struct kernel_payload *payload, const char **why);

/* "ELF", "gzip", "XZ", "zstd". */
const char *payload_format_name(enum payload_format format);

/*
 * Reads an unpacked kernel and checks that it can run, by the rules of Xen
 * 4.17. -ENOEXEC: not a 64-bit x86 ELF file, or no Xen notes; -EINVAL:
 * segments or notes that cannot be; -EOPNOTSUPP: the kernel asks for what
 * there is not. *why names the note.
 */
must_check int kernel_image_read(const void *elf, size_t size, struct kernel_image *image,
                                 const char **why);

/*
 * The same for a PVH guest: 32-bit ELF files too, and the note PHYS32_ENTRY is all that matters.
 * Segments are loaded at their p_paddr: virt_base, virt_offset and paddr_offset are 0.
 */
must_check int kernel_image_read_pvh(const void *elf, size_t size, struct kernel_image *image,
                                     const char **why);

/* As kernel_image_read(); -EOPNOTSUPP also if it cannot be the control domain. */
must_check int kernel_image_parse(const void *elf, size_t size, struct kernel_image *image,
                                  const char **why);

#endif

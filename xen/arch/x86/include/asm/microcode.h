/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Processor microcode from a boot module, option ucode=. dev/microcode_file.c finds the right
 * piece of a container and depends on nothing else; dev/microcode.c loads it.
 */
#ifndef ASM_MICROCODE_H
#define ASM_MICROCODE_H

#include <xen/types.h>

/* A piece of a container, all checked: inside the buffer, checksum right, for this CPU. */
struct microcode_patch {
    const uint8_t *data;  /* what the CPU is given, header included */
    uint32_t size;
    uint32_t revision;
};

/*
 * The newest update in @file above @revision. Intel: by signature (CPUID 1 EAX) and platform id (a
 * bit, 0 if the CPU has none). AMD: by signature, through the container's table of equals.
 * False if there is none; damage ends the search, what was found before it counts.
 */
bool microcode_find_intel(const uint8_t *file, size_t size, uint32_t signature, uint32_t platform,
                          uint32_t revision, struct microcode_patch *out);
bool microcode_find_amd(const uint8_t *file, size_t size, uint32_t signature, uint32_t revision,
                        struct microcode_patch *out);
/* A member of the uncompressed cpio archive (newc) at the start of an initrd; NULL: not there. */
const uint8_t *microcode_find_in_cpio(const uint8_t *archive, size_t size, const char *name,
                                      size_t *member_size);

/* Boot CPU: finds an update in the modules and loads it. Modules are still in place. */
void microcode_init(void);
/* The same update on another CPU. */
void microcode_load_cpu(void);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Finds the kernel's ELF file in a boot module (kernel_image.h): in a bzImage,
 * in a gzip file, or bare. Invariant: a payload lies inside the module.
 */
#include <xen/errno.h>
#include <xen/init.h>
#include <xen/kernel_image.h>
#include <xen/string.h>
#include <xen/types.h>

/* The Linux boot protocol's header: file offsets, and values. */
enum bzimage_constant {
    BZIMAGE_SETUP_SECTORS = 0x1f1,
    BZIMAGE_MAGIC = 0x202,
    BZIMAGE_VERSION = 0x206,
    BZIMAGE_PAYLOAD_OFFSET = 0x248,
    BZIMAGE_PAYLOAD_LENGTH = 0x24c,
    BZIMAGE_HEADER_END = 0x250,
    BZIMAGE_SECTOR = 512,
    BZIMAGE_SETUP_SECTORS_DEFAULT = 4,
    BZIMAGE_VERSION_MIN = 0x208,    /* first with a payload offset */
};

/* A compressed payload ends in its unpacked size, 4 bytes, little-endian. */
#define SIZE_TRAILER 4

static uint32_t __init payload_u32(const uint8_t *p)
{
    return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

const char *__init payload_format_name(enum payload_format format)
{
    switch (format) {
    case PAYLOAD_GZIP:
        return "gzip";
    case PAYLOAD_XZ:
        return "XZ";
    case PAYLOAD_ZSTD:
        return "zstd";
    case PAYLOAD_ELF:
        break;
    }
    return "ELF";
}

#define CANNOT_UNPACK(name) \
    "The kernel is compressed with " name ". Use one compressed with gzip, XZ or zstd."

/* 0 and the format, or -EOPNOTSUPP and the name of a known one, or -ENOEXEC. */
static int __init payload_recognise(const uint8_t *data, size_t size,
                                    enum payload_format *format, const char **why)
{
    static const struct {
        const char *why;            /* NULL: can be unpacked */
        enum payload_format format;
        unsigned char length;
        unsigned char magic[6];
    } known[] = {
        { NULL, PAYLOAD_ELF, 4, { 0x7f, 'E', 'L', 'F' } },
        { NULL, PAYLOAD_GZIP, 2, { 0x1f, 0x8b } },
        { NULL, PAYLOAD_XZ, 6, { 0xfd, '7', 'z', 'X', 'Z', 0x00 } },
        { NULL, PAYLOAD_ZSTD, 4, { 0x28, 0xb5, 0x2f, 0xfd } },
        { CANNOT_UNPACK("bzip2"), 0, 3, { 'B', 'Z', 'h' } },
        { CANNOT_UNPACK("LZMA (not XZ)"), 0, 3, { 0x5d, 0x00, 0x00 } },
        { CANNOT_UNPACK("LZO"), 0, 4, { 0x89, 'L', 'Z', 'O' } },
        { CANNOT_UNPACK("LZ4"), 0, 4, { 0x02, 0x21, 0x4c, 0x18 } },
        { CANNOT_UNPACK("LZ4"), 0, 4, { 0x04, 0x22, 0x4d, 0x18 } },
    };
    size_t i;

    for (i = 0; i < ARRAY_SIZE(known); i++) {
        if (size < known[i].length || memcmp(data, known[i].magic, known[i].length) != 0) {
            continue;
        }
        if (known[i].why) {
            *why = known[i].why;
            return -EOPNOTSUPP;
        }
        *format = known[i].format;
        return 0;
    }
    return -ENOEXEC;
}

/* Completes a payload whose bytes and format are known. */
static int __init payload_complete(struct kernel_payload *payload, const char **why)
{
    payload->unpacked_size = payload->size;
    if (payload->format == PAYLOAD_ELF) {
        return 0;
    }
    if (payload->size <= SIZE_TRAILER) {
        *why = "The kernel's compressed payload is cut off. Copy the kernel file again.";
        return -EINVAL;
    }
    payload->unpacked_size = payload_u32(payload->data + payload->size - SIZE_TRAILER);
    if (payload->unpacked_size == 0 || payload->unpacked_size > KERNEL_PAYLOAD_MAX) {
        *why = "The kernel's unpacked size is zero or above 1 GiB. Copy the kernel file again.";
        return -EINVAL;
    }
    return 0;
}

static int __init bzimage_find(const uint8_t *image, size_t size, struct kernel_payload *payload,
                               const char **why)
{
    uint32_t version = image[BZIMAGE_VERSION] | image[BZIMAGE_VERSION + 1] << 8;
    uint64_t setup = image[BZIMAGE_SETUP_SECTORS];
    uint64_t start, length;
    int rc;

    if (version < BZIMAGE_VERSION_MIN) {
        *why = "The kernel is a bzImage older than boot protocol 2.08. Use a newer kernel.";
        return -EOPNOTSUPP;
    }
    if (setup == 0) {
        setup = BZIMAGE_SETUP_SECTORS_DEFAULT;
    }
    start = (setup + 1) * BZIMAGE_SECTOR + payload_u32(image + BZIMAGE_PAYLOAD_OFFSET);
    length = payload_u32(image + BZIMAGE_PAYLOAD_LENGTH);
    if (length == 0 || start > size || length > size - start) {
        *why = "The kernel is a bzImage that is cut off. Copy the kernel file again.";
        return -EINVAL;
    }
    payload->data = image + start;
    payload->size = length;
    rc = payload_recognise(payload->data, payload->size, &payload->format, why);
    if (rc == -ENOEXEC) {
        *why = "The kernel is a bzImage with an unknown compression. "
               "Use one compressed with gzip, XZ or zstd.";
        rc = -EOPNOTSUPP;
    }
    return rc ? rc : payload_complete(payload, why);
}

int __init kernel_payload_find(const void *module, size_t size, struct kernel_payload *payload,
                               const char **why)
{
    struct kernel_payload found = { .data = module, .size = size };
    const uint8_t *image = module;
    int rc;

    if (size > KERNEL_PAYLOAD_MAX) {
        *why = "The kernel module is larger than 1 GiB.";
        return -EINVAL;
    }
    if (size >= BZIMAGE_HEADER_END && memcmp(image + BZIMAGE_MAGIC, "HdrS", 4) == 0) {
        rc = bzimage_find(image, size, &found, why);
    } else {
        rc = payload_recognise(image, size, &found.format, why);
        if (rc == -ENOEXEC) {
            *why = "The first module is neither a bzImage nor an ELF file. "
                   "Give the kernel first, then the initrd.";
        } else if (rc == 0 && (found.format == PAYLOAD_XZ || found.format == PAYLOAD_ZSTD)) {
            /* Such a file does not end in its unpacked size, as the payload of a bzImage does. */
            *why = "The kernel is a bare XZ or zstd file. Give a bzImage, or an ELF file.";
            rc = -EOPNOTSUPP;
        }
        rc = rc ? rc : payload_complete(&found, why);
    }
    if (rc == 0) {
        *payload = found;
    }
    return rc;
}

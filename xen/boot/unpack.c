/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Unpacking of kernel payloads (unpack.h): chooses the decoder, runs it in the
 * environment it needs, and says what went wrong. No state but the small arena
 * from which a decoder's need is asked.
 */
#include <xen/errno.h>
#include <xen/init.h>
#include <xen/string.h>
#include <xen/unpack.h>

#include "unpack/libs.h"

/* What zlib and libzstd allocate at most is fixed, and far below this. */
#define SMALL_ARENA (512u << 10)
/* What liblzma allocates beside the dictionary that it reports, and rounding. */
#define XZ_ARENA_SPARE (64u << 10)
/* Larger dictionaries are of no use to a payload of KERNEL_PAYLOAD_MAX. */
#define XZ_ARENA_MAX (KERNEL_PAYLOAD_MAX + (16u << 20))

struct unpack_method {
    int (*unpack)(struct unpack_stream *stream);
    const char *damaged;
    const char *lacking;
};

#define DAMAGED(format)                                                             \
    "The kernel's " format " data is damaged, cut off, or of another size than it states. " \
    "Copy the kernel file again."
#define LACKING(format) \
    "The kernel's " format " data uses a method that is not known. Recompress the kernel."

static const struct unpack_method *__init unpack_method(enum payload_format format)
{
    static const struct unpack_method gzip = {
        unpack_gzip,
        DAMAGED("gzip"),
        LACKING("gzip"),
    };
    static const struct unpack_method xz = {
        unpack_xz,
        DAMAGED("XZ"),
        LACKING("XZ"),
    };
    static const struct unpack_method zstd = {
        unpack_zstd,
        DAMAGED("zstd"),
        LACKING("zstd"),
    };

    switch (format) {
    case PAYLOAD_GZIP:
        return &gzip;
    case PAYLOAD_XZ:
        return &xz;
    case PAYLOAD_ZSTD:
        return &zstd;
    case PAYLOAD_ELF:
        break;
    }
    return NULL;
}

struct unpack_call {
    const struct unpack_method *method;
    struct unpack_stream stream;
};

static int __init unpack_call(void *arg)
{
    struct unpack_call *call = arg;

    return call->method->unpack(&call->stream);
}

static int __init unpack_explain(const struct unpack_method *method, int rc, const char **why)
{
    switch (rc) {
    case -ENOMEM:
        *why = "The kernel needs more working memory to be unpacked than was set aside.";
        return rc;
    case -EOPNOTSUPP:
        *why = method->lacking;
        return rc;
    default:
        *why = method->damaged;
        return -EINVAL;
    }
}

int __init unpack_arena_size(const struct kernel_payload *payload, size_t *size, const char **why)
{
    static uint8_t arena[16384] __initdata;
    struct unpack_call call = {
        .method = unpack_method(payload->format),
        .stream = { .in = payload->data, .in_size = payload->size },
    };
    int rc;

    if (payload->format != PAYLOAD_XZ) {
        *size = call.method ? SMALL_ARENA : 0;
        return 0;
    }
    /*
     * An XZ stream's first block names its dictionary. Given less than any
     * dictionary, and no output, liblzma tells the need before it allocates.
     */
    call.stream.arena = arena;
    call.stream.arena_size = sizeof(arena);
    rc = unpack_run(unpack_call, &call);
    if (rc != -ENOMEM || call.stream.arena_wanted == 0) {
        return unpack_explain(call.method, rc == 0 || rc == -ENOMEM ? -EINVAL : rc, why);
    }
    if (call.stream.arena_wanted > XZ_ARENA_MAX) {
        *why = "The kernel's XZ dictionary is larger than 1 GiB. Recompress the kernel.";
        return -EOPNOTSUPP;
    }
    *size = call.stream.arena_wanted + XZ_ARENA_SPARE;
    return 0;
}

int __init unpack_payload(const struct kernel_payload *payload, void *out, void *arena,
                          size_t arena_size, const char **why)
{
    struct unpack_call call = {
        .method = unpack_method(payload->format),
        .stream = {
            .in = payload->data,
            .in_size = payload->size,
            .out = out,
            .out_size = payload->unpacked_size,
            .arena = arena,
            .arena_size = arena_size,
        },
    };
    int rc;

    if (!call.method) {
        memcpy(out, payload->data, payload->size);
        return 0;
    }
    rc = unpack_run(unpack_call, &call);
    if (rc == 0 && call.stream.out_used != payload->unpacked_size) {
        rc = -EINVAL;
    }
    return rc ? unpack_explain(call.method, rc, why) : 0;
}

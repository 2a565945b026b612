/* SPDX-License-Identifier: BSD-2-Clause */
/* XZ through liblzma. Part of unpack_libs.o. */
#include <lzma.h>

#include <xen/errno.h>

#include "libs.h"

/*
 * liblzma chooses its CRC64 code in a constructor. unpack.mk gathers the
 * constructors of all libraries between these two.
 */
typedef void unpack_constructor_fn(void);
/* Hidden: clang would look them up through a table that this image has not. */
#define LOCAL __attribute__((visibility("hidden")))
extern LOCAL unpack_constructor_fn *const unpack_constructors_start[];
extern LOCAL unpack_constructor_fn *const unpack_constructors_end[];

int unpack_xz(struct unpack_stream *stream)
{
    unpack_constructor_fn *const *constructor;
    uint64_t memory = stream->arena_size;
    lzma_ret rc;
    size_t in_used = 0;

    unpack_shim_use(stream);
    for (constructor = unpack_constructors_start; constructor < unpack_constructors_end;
         constructor++) {
        (*constructor)();
    }

    stream->out_used = 0;
    rc = lzma_stream_buffer_decode(&memory, 0, NULL, stream->in, &in_used, stream->in_size,
                                   stream->out, &stream->out_used, stream->out_size);
    switch (rc) {
    case LZMA_OK:
        return 0;
    case LZMA_MEMLIMIT_ERROR:
        stream->arena_wanted = memory;
        return -ENOMEM;
    case LZMA_MEM_ERROR:
        return -ENOMEM;
    case LZMA_OPTIONS_ERROR:
    case LZMA_UNSUPPORTED_CHECK:
        return -EOPNOTSUPP;
    default:
        return -EINVAL;
    }
}

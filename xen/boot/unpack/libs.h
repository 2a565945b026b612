/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Between unpack.c and the object unpack_libs.o, which holds the decoders, the
 * libraries behind them and what these need of C. Only these functions are
 * visible outside that object. They run inside unpack_run().
 */
#ifndef XEN_BOOT_UNPACK_LIBS_H
#define XEN_BOOT_UNPACK_LIBS_H

#include <stddef.h>
#include <stdint.h>

struct unpack_stream {
    const uint8_t *in;
    size_t in_size;
    uint8_t *out;
    size_t out_size;
    size_t out_used;        /* result: bytes written */
    uint8_t *arena;         /* all that the library may allocate */
    size_t arena_size;
    size_t arena_used;
    size_t arena_wanted;    /* result of -ENOMEM, where the format tells: the need in bytes */
};

/*
 * Unpack one stream from the start of in; bytes behind its end are ignored.
 * 0; -EINVAL: damaged, cut off, or too large for out; -ENOMEM: the arena is too
 * small; -EOPNOTSUPP: a method the library lacks.
 */
int unpack_gzip(struct unpack_stream *stream);
int unpack_xz(struct unpack_stream *stream);
int unpack_zstd(struct unpack_stream *stream);

/* shim.c: whose arena malloc() takes from. */
void unpack_shim_use(struct unpack_stream *stream);

#endif

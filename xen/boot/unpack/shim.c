/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The C library as far as liblzma, libzstd and zlib use it. Memory comes from
 * the arena of the stream being unpacked, upwards only: a stream is unpacked
 * in one call, and nothing is reused. Memory and string functions are the
 * hypervisor's.
 */
#include <stdint.h>
#include <string.h>

#include <xen/errno.h>
#include <xen/unpack.h>

#include "libs.h"

#define ARENA_ALIGN 16

/* Called by the libraries. */
void *malloc(size_t size);
void *calloc(size_t count, size_t size);
void free(void *p);
void __stack_chk_fail(void);
void unpack_missing(void);
unsigned long long ZSTD_trace_decompress_begin(const void *context);
void ZSTD_trace_decompress_end(unsigned long long trace, const void *what);

static struct unpack_stream *shim_stream;

void unpack_shim_use(struct unpack_stream *stream)
{
    shim_stream = stream;
    stream->arena_used = -(uintptr_t)stream->arena & (ARENA_ALIGN - 1);
}

void *malloc(size_t size)
{
    struct unpack_stream *s = shim_stream;
    size_t left;
    void *p;

    if (s->arena_used > s->arena_size) {
        return NULL;
    }
    left = s->arena_size - s->arena_used;
    if (size > left || left - size < ARENA_ALIGN) {
        return NULL;
    }
    p = s->arena + s->arena_used;
    s->arena_used += (size + ARENA_ALIGN - 1) & ~(size_t)(ARENA_ALIGN - 1);
    return p;
}

void *calloc(size_t count, size_t size)
{
    size_t bytes;
    void *p;

    if (__builtin_mul_overflow(count, size, &bytes)) {
        return NULL;
    }
    p = malloc(bytes);
    if (p) {
        memset(p, 0, bytes);
    }
    return p;
}

void free(void *p)
{
    (void)p;
}

/* A library wrote over its stack: nothing it says counts any more. */
void __stack_chk_fail(void)
{
    unpack_exit(-EINVAL);
}

/* Stands for library functions of formats that are not unpacked (unpack.mk). */
void unpack_missing(void)
{
    unpack_exit(-EOPNOTSUPP);
}

/*
 * Hooks that libzstd leaves for a tracer, by weak references. Linked as missing, they
 * would be calls to address 0, which the image is too far from. 0: do not trace.
 */
unsigned long long ZSTD_trace_decompress_begin(const void *context)
{
    (void)context;
    return 0;
}

void ZSTD_trace_decompress_end(unsigned long long trace, const void *what)
{
    (void)trace;
    (void)what;
}

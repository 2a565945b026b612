/* SPDX-License-Identifier: BSD-2-Clause */
/* gzip (RFC 1952) through zlib. Part of unpack_libs.o. */
#include <zlib.h>

#include <xen/errno.h>

#include "libs.h"

/* Largest window, and expect a gzip header. */
#define GZIP_WINDOW_BITS (15 + 16)

int unpack_gzip(struct unpack_stream *stream)
{
    z_stream z = { 0 };
    int rc;

    /* zlib counts in 32 bits; payloads are far smaller (KERNEL_PAYLOAD_MAX). */
    if (stream->in_size > UINT32_MAX || stream->out_size > UINT32_MAX) {
        return -EINVAL;
    }
    unpack_shim_use(stream);
    z.next_in = (z_const Bytef *)stream->in;
    z.avail_in = stream->in_size;
    z.next_out = stream->out;
    z.avail_out = stream->out_size;
    if (inflateInit2(&z, GZIP_WINDOW_BITS) != Z_OK) {
        return -ENOMEM;
    }
    rc = inflate(&z, Z_FINISH);
    stream->out_used = z.total_out;

    if (rc == Z_STREAM_END) {
        return 0;
    }
    if (rc == Z_MEM_ERROR) {
        return -ENOMEM;
    }
    return -EINVAL;
}

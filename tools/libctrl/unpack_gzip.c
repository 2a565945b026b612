/* SPDX-License-Identifier: BSD-2-Clause */
/* The gzip module (unpack.h), over zlib. */
#include <errno.h>
#include <limits.h>

#define ZLIB_CONST
#include <zlib.h>

#include "unpack.h"

extern const struct ctrl_unpack ctrl_unpack;

#define GZIP_HEADER 16  /* tells zlib to expect gzip's header and trailer */

static int unpack(const void *in, size_t size, void *out, size_t out_size)
{
    z_stream stream = {
        .next_in = in, .avail_in = size < UINT_MAX ? (uInt)size : UINT_MAX,
        .next_out = out, .avail_out = (uInt)out_size,
    };
    int rc;

    if (out_size > UINT_MAX) {
        return -EINVAL;
    }
    if (inflateInit2(&stream, GZIP_HEADER + MAX_WBITS) != Z_OK) {
        return -ENOMEM;
    }
    rc = inflate(&stream, Z_FINISH);
    inflateEnd(&stream);
    if (rc == Z_MEM_ERROR) {
        return -ENOMEM;
    }
    return rc == Z_STREAM_END && stream.avail_out == 0 ? 0 : -EINVAL;
}

const struct ctrl_unpack ctrl_unpack = { unpack };

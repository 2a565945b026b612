/* SPDX-License-Identifier: BSD-2-Clause */
/* The zstd module (unpack.h), over libzstd. */
#include <errno.h>

#include <zstd.h>

#include "unpack.h"

extern const struct ctrl_unpack ctrl_unpack;

static int unpack(const void *in, size_t size, void *out, size_t out_size)
{
    size_t frame = ZSTD_findFrameCompressedSize(in, size), rc;
    ZSTD_DCtx *context;

    if (ZSTD_isError(frame)) {
        return -EINVAL;
    }
    context = ZSTD_createDCtx();
    if (!context) {
        return -ENOMEM;
    }
    rc = ZSTD_decompressDCtx(context, out, out_size, in, frame);
    ZSTD_freeDCtx(context);
    return rc == out_size ? 0 : -EINVAL;
}

const struct ctrl_unpack ctrl_unpack = { unpack };

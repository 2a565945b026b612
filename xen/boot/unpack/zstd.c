/* SPDX-License-Identifier: BSD-2-Clause */
/* zstd through libzstd. Part of unpack_libs.o. */
#include <zstd.h>
#include <zstd_errors.h>

#include <xen/errno.h>

#include "libs.h"

int unpack_zstd(struct unpack_stream *stream)
{
    ZSTD_DCtx *context;
    size_t frame, rc;

    unpack_shim_use(stream);
    stream->out_used = 0;
    /* Exactly one frame: the decoder would take what follows for another one. */
    frame = ZSTD_findFrameCompressedSize(stream->in, stream->in_size);
    if (ZSTD_isError(frame)) {
        return -EINVAL;
    }
    context = ZSTD_createDCtx();
    if (!context) {
        return -ENOMEM;
    }
    rc = ZSTD_decompressDCtx(context, stream->out, stream->out_size, stream->in, frame);
    if (!ZSTD_isError(rc)) {
        stream->out_used = rc;
        return 0;
    }
    switch (ZSTD_getErrorCode(rc)) {
    case ZSTD_error_memory_allocation:
        return -ENOMEM;
    case ZSTD_error_version_unsupported:
    case ZSTD_error_frameParameter_unsupported:
    case ZSTD_error_dictionary_wrong:
        return -EOPNOTSUPP;
    default:
        return -EINVAL;
    }
}

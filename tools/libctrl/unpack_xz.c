/* SPDX-License-Identifier: BSD-2-Clause */
/* The XZ module (unpack.h), over liblzma. */
#include <errno.h>
#include <stdint.h>

#include <lzma.h>

#include "unpack.h"

extern const struct ctrl_unpack ctrl_unpack;

#define MEMORY_LIMIT (256ull << 20)

static int unpack(const void *in, size_t size, void *out, size_t out_size)
{
    uint64_t limit = MEMORY_LIMIT;
    size_t in_pos = 0, out_pos = 0;
    lzma_ret rc = lzma_stream_buffer_decode(&limit, 0, NULL, in, &in_pos, size, out, &out_pos,
                                            out_size);

    if (rc == LZMA_MEM_ERROR || rc == LZMA_MEMLIMIT_ERROR) {
        return -ENOMEM;
    }
    return rc == LZMA_OK && out_pos == out_size ? 0 : -EINVAL;
}

const struct ctrl_unpack ctrl_unpack = { unpack };

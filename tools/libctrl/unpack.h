/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a decompressor's module offers. Each is a shared object that is loaded when a kernel needs
 * it: unpack-gzip.so, unpack-xz.so, unpack-zstd.so.
 */
#ifndef CTRL_UNPACK_H
#define CTRL_UNPACK_H

#include <stddef.h>

#define CTRL_UNPACK_SYMBOL "ctrl_unpack"

struct ctrl_unpack {
    /*
     * Unpacks exactly out_size bytes; what follows the compressed stream is ignored. 0, -ENOMEM, or
     * -EINVAL: damaged, or another size.
     */
    int (*unpack)(const void *in, size_t size, void *out, size_t out_size);
};

#endif

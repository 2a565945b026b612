/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The console of a domain: two byte streams in one shared page. Indices run freely and are cut to
 * the ring's size on use. Neither side trusts the other's index.
 */
#ifndef PUBLIC_IO_CONSOLE_H
#define PUBLIC_IO_CONSOLE_H

#include "../abi_check.h"

typedef uint32_t XENCONS_RING_IDX;

#define MASK_XENCONS_IDX(idx, ring) ((idx) & (sizeof(ring) - 1))

struct xencons_interface {
    char in[1024];  /* to the domain */
    char out[2048]; /* from the domain */
    XENCONS_RING_IDX in_cons;
    XENCONS_RING_IDX in_prod;
    XENCONS_RING_IDX out_cons;
    XENCONS_RING_IDX out_prod;
};
XEN_ABI_SIZE(struct xencons_interface, 3088, "boot.md");
XEN_ABI_OFFSET(struct xencons_interface, in_cons, 3072, "boot.md");
XEN_ABI_OFFSET(struct xencons_interface, out_prod, 3084, "boot.md");

#endif /* PUBLIC_IO_CONSOLE_H */

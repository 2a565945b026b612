/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Compile-time checks used by every public header, and how a guest pointer is written in one.
 *
 * Both sides of the interface are compiled separately and must agree on each byte, so each
 * structure states its size and the offsets that padding could move. A mismatch stops the build
 * and names the page of docs/interface that describes the structure.
 */
#ifndef PUBLIC_ABI_CHECK_H
#define PUBLIC_ABI_CHECK_H

#ifndef __ASSEMBLER__

#include <stddef.h>
#include <stdint.h>

#define XEN_ABI_SIZE(type, size, page)                                                             \
    _Static_assert(sizeof(type) == (size),                                                         \
                   #type " must be " #size " bytes, see docs/interface/" page)

#define XEN_ABI_OFFSET(type, field, offset, page)                                                  \
    _Static_assert(offsetof(type, field) == (offset),                                              \
                   #type "." #field " must be at " #offset ", see docs/interface/" page)

/*
 * An address in the caller's memory, 64 bits wide. The side that receives it must never follow
 * it directly, only through its checked copy functions.
 */
#define XEN_GUEST_PTR(type) type *

_Static_assert(sizeof(XEN_GUEST_PTR(void)) == 8, "the interface is for 64-bit callers only");

#endif /* __ASSEMBLER__ */
#endif /* PUBLIC_ABI_CHECK_H */

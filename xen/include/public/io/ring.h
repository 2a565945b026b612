/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Layout of the ring that the two halves of a split driver share. Requests and responses use the
 * same slots. Indices run freely; a slot is the index modulo the number of slots, a power of two.
 * Each side keeps its consumer index to itself. How the ring is worked is the drivers' matter.
 */
#ifndef PUBLIC_IO_RING_H
#define PUBLIC_IO_RING_H

#include "../abi_check.h"

typedef uint32_t RING_IDX;

/* Bytes before the first slot. */
#define XEN_RING_HEADER_SIZE 64

/*
 * Declares union NAME_sring_entry and struct NAME_sring.
 * req_event and rsp_event: the producer that moves its index past it sends an event.
 */
#define DEFINE_RING_TYPES(name, req_type, rsp_type)                                                \
    union name##_sring_entry {                                                                     \
        req_type req;                                                                              \
        rsp_type rsp;                                                                              \
    };                                                                                             \
    struct name##_sring {                                                                          \
        RING_IDX req_prod;                                                                         \
        RING_IDX req_event;                                                                        \
        RING_IDX rsp_prod;                                                                         \
        RING_IDX rsp_event;                                                                        \
        uint8_t pvt[4];                                                                            \
        uint8_t __pad[44];                                                                         \
        union name##_sring_entry ring[];                                                           \
    };                                                                                             \
    XEN_ABI_OFFSET(struct name##_sring, req_event, 4, "README.md");                                \
    XEN_ABI_OFFSET(struct name##_sring, rsp_prod, 8, "README.md");                                 \
    XEN_ABI_OFFSET(struct name##_sring, ring, XEN_RING_HEADER_SIZE, "README.md")

/* Slots of a ring in the given number of bytes: the largest power of two that fits. */
#define XEN_RING_SLOTS(name, bytes)                                                                \
    (1u << (31 - __builtin_clz((uint32_t)(((bytes) - XEN_RING_HEADER_SIZE) /                       \
                                          sizeof(union name##_sring_entry)))))

#endif /* PUBLIC_IO_RING_H */

/* SPDX-License-Identifier: BSD-2-Clause */
/* The page that a guest's console shares with us: docs/interface/console.md. */
#include "ring.h"

#include <string.h>

#include <public/io/console.h>

_Static_assert(RING_OUT_SIZE == sizeof(((struct xencons_interface *)0)->out), "console.md");
_Static_assert(RING_IN_SIZE == sizeof(((struct xencons_interface *)0)->in), "console.md");

size_t ring_take(struct xencons_interface *ring, char buffer[RING_OUT_SIZE])
{
    XENCONS_RING_IDX prod = __atomic_load_n(&ring->out_prod, __ATOMIC_ACQUIRE);
    XENCONS_RING_IDX cons = __atomic_load_n(&ring->out_cons, __ATOMIC_RELAXED);
    XENCONS_RING_IDX size = prod - cons;
    size_t start = MASK_XENCONS_IDX(cons, ring->out);
    size_t first;

    if (size == 0 || size > RING_OUT_SIZE)
        return 0;
    first = size < RING_OUT_SIZE - start ? size : RING_OUT_SIZE - start;
    memcpy(buffer, ring->out + start, first);
    memcpy(buffer + first, ring->out, size - first);
    /* Behind the copy: from here on the guest may overwrite what was copied. */
    __atomic_store_n(&ring->out_cons, prod, __ATOMIC_SEQ_CST);
    return size;
}

static size_t space_behind(struct xencons_interface *ring, XENCONS_RING_IDX prod)
{
    XENCONS_RING_IDX used = prod - __atomic_load_n(&ring->in_cons, __ATOMIC_ACQUIRE);

    return used > RING_IN_SIZE ? 0 : RING_IN_SIZE - used;
}

size_t ring_space(struct xencons_interface *ring)
{
    return space_behind(ring, __atomic_load_n(&ring->in_prod, __ATOMIC_RELAXED));
}

size_t ring_put(struct xencons_interface *ring, const char *data, size_t size)
{
    XENCONS_RING_IDX prod = __atomic_load_n(&ring->in_prod, __ATOMIC_RELAXED);
    size_t space = space_behind(ring, prod);
    size_t start = MASK_XENCONS_IDX(prod, ring->in);
    size_t first;

    if (size > space)
        size = space;
    first = size < RING_IN_SIZE - start ? size : RING_IN_SIZE - start;
    memcpy(ring->in + start, data, first);
    memcpy(ring->in, data + first, size - first);
    __atomic_store_n(&ring->in_prod, prod + (XENCONS_RING_IDX)size, __ATOMIC_SEQ_CST);
    return size;
}

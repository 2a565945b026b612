/* SPDX-License-Identifier: BSD-2-Clause */
/* Bit operations on arrays of 64-bit words; the *_atomic forms are safe against other CPUs. */
#ifndef XEN_BITMAP_H
#define XEN_BITMAP_H

#include <xen/types.h>

#define BITMAP_WORDS(bits) (((bits) + 63) / 64)

static inline bool bit_test(const uint64_t *map, unsigned int bit)
{
    return (__atomic_load_n(&map[bit / 64], __ATOMIC_RELAXED) >> (bit % 64)) & 1;
}

static inline void bit_set(uint64_t *map, unsigned int bit)
{
    map[bit / 64] |= 1UL << (bit % 64);
}

static inline void bit_clear(uint64_t *map, unsigned int bit)
{
    map[bit / 64] &= ~(1UL << (bit % 64));
}

/* Returns the bit's former value. */
static inline bool bit_test_and_set_atomic(uint64_t *map, unsigned int bit)
{
    uint64_t m = 1UL << (bit % 64);

    return (__atomic_fetch_or(&map[bit / 64], m, __ATOMIC_SEQ_CST) & m) != 0;
}

static inline bool bit_test_and_clear_atomic(uint64_t *map, unsigned int bit)
{
    uint64_t m = 1UL << (bit % 64);

    return (__atomic_fetch_and(&map[bit / 64], ~m, __ATOMIC_SEQ_CST) & m) != 0;
}

static inline void bit_set_atomic(uint64_t *map, unsigned int bit)
{
    __atomic_fetch_or(&map[bit / 64], 1UL << (bit % 64), __ATOMIC_SEQ_CST);
}

static inline void bit_clear_atomic(uint64_t *map, unsigned int bit)
{
    __atomic_fetch_and(&map[bit / 64], ~(1UL << (bit % 64)), __ATOMIC_SEQ_CST);
}

/* The first set (clear) bit at or after @from, or @bits if there is none. */
unsigned int bitmap_find_next(const uint64_t *map, unsigned int bits, unsigned int from);
unsigned int bitmap_find_next_zero(const uint64_t *map, unsigned int bits, unsigned int from);
unsigned int bitmap_weight(const uint64_t *map, unsigned int bits);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/* Searches in bitmaps, a word at a time. */
#include <xen/bitmap.h>

static unsigned int find_next(const uint64_t *map, unsigned int bits, unsigned int from,
                              uint64_t invert)
{
    while (from < bits) {
        uint64_t word = (map[from / 64] ^ invert) >> (from % 64);

        if (word != 0) {
            from += __builtin_ctzl(word);
            return MIN(from, bits);
        }
        from = (from / 64 + 1) * 64;
    }
    return bits;
}

unsigned int bitmap_find_next(const uint64_t *map, unsigned int bits, unsigned int from)
{
    return find_next(map, bits, from, 0);
}

unsigned int bitmap_find_next_zero(const uint64_t *map, unsigned int bits, unsigned int from)
{
    return find_next(map, bits, from, ~0UL);
}

unsigned int bitmap_weight(const uint64_t *map, unsigned int bits)
{
    unsigned int n = 0;

    for (unsigned int i = 0; i < bits / 64; i++) {
        n += __builtin_popcountl(map[i]);
    }
    if (bits % 64 != 0) {
        n += __builtin_popcountl(map[bits / 64] & ((1UL << (bits % 64)) - 1));
    }
    return n;
}

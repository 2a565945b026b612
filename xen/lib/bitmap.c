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

/* Without POPCNT, which not every CPU has: sums of neighbouring fields, twice as wide each time. */
static unsigned int word_weight(uint64_t w)
{
    w -= (w >> 1) & 0x5555555555555555UL;
    w = (w & 0x3333333333333333UL) + ((w >> 2) & 0x3333333333333333UL);
    w = (w + (w >> 4)) & 0x0f0f0f0f0f0f0f0fUL;
    return (unsigned int)((w * 0x0101010101010101UL) >> 56);
}

unsigned int bitmap_weight(const uint64_t *map, unsigned int bits)
{
    unsigned int n = 0;

    for (unsigned int i = 0; i < bits / 64; i++) {
        n += word_weight(map[i]);
    }
    if (bits % 64 != 0) {
        n += word_weight(map[bits / 64] & ((1UL << (bits % 64)) - 1));
    }
    return n;
}

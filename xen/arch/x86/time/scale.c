/* SPDX-License-Identifier: BSD-2-Clause */
/* Arithmetic on clocks. */
#include "clock.h"

/* Divides 128 bits by 64, bit by bit (the compiler would call its library). UINT64_MAX: no room. */
static uint64_t div128(unsigned __int128 n, uint64_t d)
{
    uint64_t hi = (uint64_t)(n >> 64), lo = (uint64_t)n, quotient = 0;

    if (hi >= d) {
        return UINT64_MAX;
    }
    for (int bit = 63; bit >= 0; bit--) {
        bool carry = hi >> 63;

        hi = hi << 1 | lo >> 63;
        lo <<= 1;
        if (carry || hi >= d) {
            hi -= d;
            quotient |= 1UL << bit;
        }
    }
    return quotient;
}

uint64_t mul_div(uint64_t a, uint64_t b, uint64_t c)
{
    return div128((unsigned __int128)a * b, c);
}

struct scale scale_of(uint64_t num, uint64_t den)
{
    int shift = 0;

    /* Brings num / den into [1/2, 1): then mul has exactly 32 bits. */
    for (; num >= den; shift++) {
        den <<= 1;
    }
    for (; num << 1 < den; shift--) {
        num <<= 1;
    }
    return (struct scale){ .mul = (uint32_t)mul_div(num, 1UL << 32, den), .shift = (int8_t)shift };
}

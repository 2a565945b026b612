/* SPDX-License-Identifier: BSD-2-Clause */
/* Fractions to turn ticks into nanoseconds with, and the other way round (time/scale.c). */
#ifndef ASM_SCALE_H
#define ASM_SCALE_H

#include <xen/types.h>

/*
 * Multiplies by a fraction: (x << shift) * mul >> 32, shift < 0 to the right. It's how guests are
 * told to turn TSC ticks into ns, so guest and hypervisor get the same result.
 */
struct scale {
    uint32_t mul;
    int8_t shift;
};

/* The scale num / den, both in [1, 2^62]; mul has its top bit set. */
struct scale scale_of(uint64_t num, uint64_t den);

static inline uint64_t scale_apply(struct scale s, uint64_t x)
{
    x = s.shift >= 0 ? x << s.shift : x >> -s.shift;
    return (uint64_t)(((unsigned __int128)x * s.mul) >> 32);
}

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/* Instructions that a PV kernel's hypervisor emulates; each leaves its outcome in trap_last. */
#ifndef GUEST_KIT_CPU_H
#define GUEST_KIT_CPU_H

#include <stdbool.h>
#include <stdint.h>

#include "trap.h"

struct cpuid {
    uint32_t a, b, c, d;
};

/* The CPU's own CPUID, and the one that the hypervisor answers. */
static inline struct cpuid cpuid_plain(uint32_t leaf, uint32_t subleaf)
{
    struct cpuid r;

    __asm__ volatile("cpuid" : "=a"(r.a), "=b"(r.b), "=c"(r.c), "=d"(r.d)
                     : "0"(leaf), "2"(subleaf));
    return r;
}

static inline struct cpuid cpuid_forced(uint32_t leaf, uint32_t subleaf)
{
    struct cpuid r;

    __asm__ volatile(".byte 0x0f, 0x0b, 0x78, 0x65, 0x6e; cpuid"
                     : "=a"(r.a), "=b"(r.b), "=c"(r.c), "=d"(r.d) : "0"(leaf), "2"(subleaf));
    return r;
}

static inline bool cpu_is_amd(void)
{
    return cpuid_plain(0, 0).b == 0x68747541;
}

static inline uint64_t msr_read(uint32_t msr)
{
    uint32_t lo = 0, hi = 0;

    TRY("rdmsr", : "+a"(lo), "+d"(hi) : "c"(msr));
    return ((uint64_t)hi << 32) | lo;
}

static inline void msr_write(uint32_t msr, uint64_t value)
{
    TRY("wrmsr", : : "c"(msr), "a"((uint32_t)value), "d"((uint32_t)(value >> 32)) : "memory");
}

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The kit of hardware-assisted test guests (kit.c, head.S): long mode, physical memory mapped one
 * to one, interrupts off, no SSE. print.h, check.h and string.h are the other guests'.
 */
#ifndef GUEST_PVH_PVH_H
#define GUEST_PVH_PVH_H

#include <stdbool.h>
#include <stdint.h>

#include <public/hvm/start_info.h>
#include <public/xen.h>

#define AP_START 0x8000UL
#define LAPIC(offset) (*(volatile uint32_t *)(0xfee00000UL + (offset)))
#define VECTOR_CALLBACK 0xf3

extern uint32_t pvh_start_info;

/* The test, and where other vCPUs come, once each, if it starts them. */
void test_main(void);
void test_other_vcpu(void);

long pvh_hypercall(unsigned int nr, unsigned long a1, unsigned long a2, unsigned long a3,
                   unsigned long a4);
#define hypercall(nr, a, b) pvh_hypercall(nr, (unsigned long)(a), (unsigned long)(b), 0, 0)

uint64_t hvm_param(uint32_t index);
long hvm_set_param(uint32_t index, uint64_t value);

/* What came last of each vector, and how often. */
struct trap_seen {
    volatile unsigned int count;
    volatile uint64_t error, rip, cr2;
};
extern struct trap_seen trap_seen[256];
/* Called in the handler of an interrupt; NULL: nothing. */
extern void (*volatile on_interrupt)(unsigned int vector);
extern volatile uint64_t trap_resume;

/*
 * Executes an instruction that may fault; how many exceptions of @vector it raised, 0 or 1. The
 * rest are operands, as in an asm statement.
 */
#define TRY(vector, instruction, ...)                                                   \
    ({                                                                                  \
        unsigned int before_ = trap_seen[vector].count;                                 \
        __asm__ volatile("lea 1f(%%rip), %%r10; mov %%r10, trap_resume(%%rip); "        \
                         instruction "; 1: movq $0, trap_resume(%%rip)" __VA_ARGS__);   \
        trap_seen[vector].count - before_;                                              \
    })

struct cpuid {
    uint32_t a, b, c, d;
};

static inline struct cpuid cpuid(uint32_t leaf)
{
    struct cpuid r;

    __asm__ volatile("cpuid" : "=a"(r.a), "=b"(r.b), "=c"(r.c), "=d"(r.d) : "0"(leaf), "2"(0));
    return r;
}

static inline bool cpu_is_amd(void)
{
    return cpuid(0).b == 0x68747541;
}

/* By the name of the CPU: QEMU's own emulation. */
static inline bool cpu_is_qemus(void)
{
    return cpuid(0x80000002).a == 0x554d4551;
}

static inline uint64_t read_msr(uint32_t msr)
{
    uint32_t low, high;

    __asm__ volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(msr));
    return low | (uint64_t)high << 32;
}

static inline void write_msr(uint32_t msr, uint64_t value)
{
    __asm__ volatile("wrmsr" : : "c"(msr), "a"((uint32_t)value), "d"((uint32_t)(value >> 32))
                     : "memory");
}

#endif

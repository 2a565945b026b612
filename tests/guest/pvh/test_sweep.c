/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Scenario: a hardware-assisted guest that asks for everything: all MSRs of the usual ranges are
 * read and written back, CPUID leaves, the local APIC's registers with random values, accesses of
 * all sizes where no memory is, wrong hypercalls. The guest lives, and so does its hypervisor.
 */
#include <public/errno.h>

#include "check.h"
#include "print.h"
#include "pvh.h"

#define GP              13
#define HYPERCALL_PAGE  0x40000000U
#define EFER            0xc0000080U
#define ICR             0x300
#define ICR_HIGH        0x310
#define SPIV            0xf0

static uint64_t seed = 0x9e3779b97f4a7c15UL;

static uint64_t random_number(void)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return seed;
}

/* What would end the guest, or write into its memory. */
static bool may_write(uint32_t msr)
{
    return msr != HYPERCALL_PAGE && msr != EFER && (msr < 0x800 || msr > 0x8ff) && msr != 0x1b;
}

static void sweep_msrs(uint32_t first, uint32_t last)
{
    unsigned int there = 0, kept = 0;

    for (uint32_t msr = first; msr <= last; msr++) {
        uint32_t low = 0, high = 0;

        if (TRY(GP, "rdmsr", : "+a"(low), "+d"(high) : "c"(msr) : "r10", "memory"))
            continue;
        there++;
        if (may_write(msr) &&
            !TRY(GP, "wrmsr", : : "c"(msr), "a"(low), "d"(high) : "r10", "memory"))
            kept++;
        /* Whatever it is, bits that nothing has: refused, or of no effect on what runs here. */
        if (may_write(msr) && msr >= 0x200 && msr < 0xc0000000)
            (void)TRY(GP, "wrmsr", : : "c"(msr), "a"(low ^ 0x55550000), "d"(high ^ 0x5500)
                      : "r10", "memory");
    }
    printk("MSRs %x to %x: %u are there, %u take what they gave\n", first, last, there, kept);
    CHECK(there <= last - first);
}

static void sweep_cpuid(void)
{
    for (unsigned int i = 0; i < 3000; i++) {
        uint64_t r = random_number();
        uint32_t base = i % 3 == 0 ? 0x80000000 : i % 3 == 1 ? 0x40000000 : 0;
        uint32_t a = (uint32_t)(r & 0x3ff) | base;
        uint32_t c = (uint32_t)(r >> 40);

        __asm__ volatile("cpuid" : "+a"(a), "+c"(c) : : "rbx", "rdx");
    }
    CHECK_EQ(cpuid(0x40000000).a >> 16, 0x4000);
}

static void sweep_lapic(void)
{
    for (unsigned int i = 0; i < 3000; i++) {
        unsigned int offset = (unsigned int)random_number() & 0xfff;
        volatile uint8_t *bytes = (volatile uint8_t *)0xfee00000UL;

        (void)bytes[offset];
        (void)LAPIC(offset & 0xffc);
        if ((offset & 0xff0) != ICR && (offset & 0xff0) != ICR_HIGH)
            LAPIC(offset & 0xff0) = (uint32_t)random_number() & ~0x200U;
    }
    LAPIC(SPIV) = 0x1ff;
    CHECK_EQ(LAPIC(SPIV), 0x1ff);
}

static void sweep_holes(void)
{
    for (unsigned int i = 0; i < 300; i++) {
        uint64_t at = 0x40000000UL + (random_number() & 0x3fffffff);

        CHECK_EQ(*(volatile uint8_t *)at, 0xff);
        CHECK_EQ(*(volatile uint16_t *)at, 0xffff);
        CHECK_EQ(*(volatile uint64_t *)at, ~0UL);
        *(volatile uint32_t *)at = 0;
    }
}

/* Numbers that there are not, and arguments that lead nowhere; what ends a guest is left out. */
static void sweep_hypercalls(void)
{
    static const unsigned int wrong[] = { 0, 1, 3, 5, 13, 26, 39, 50, 62, 63 };

    for (unsigned int i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        long rc = hypercall(wrong[i], random_number(), random_number());

        CHECK(rc == -XEN_ENOSYS || rc == -XEN_EFAULT || rc == -XEN_EINVAL || rc == -XEN_EPERM);
    }
    CHECK_EQ(hypercall(__HYPERVISOR_memory_op, 7, 0x800000000000UL), -XEN_EFAULT);
    CHECK_EQ(hypercall(__HYPERVISOR_xen_version, 1, 0xfffffffff000UL), -XEN_EFAULT);
}

void test_main(void)
{
    sweep_msrs(0, 0x1fff);
    sweep_msrs(0x40000000, 0x400000ff);
    sweep_msrs(0xc0000000, 0xc00001ff);
    sweep_msrs(0xc0010000, 0xc00102ff);
    sweep_cpuid();
    sweep_lapic();
    sweep_holes();
    sweep_hypercalls();
}

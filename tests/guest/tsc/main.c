/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Scenario: the TSC, be it the CPU's or an emulated one: it runs at the rate that the CPUID leaf of
 * time says, it goes with the system time, and user mode has it unless the kernel forbids that.
 */
#include <public/hvm/hvm_op.h>
#include <public/xen.h>

#include "check.h"
#include "cpu.h"
#include "hypercall.h"
#include "kit.h"
#include "time.h"
#include "trap.h"
#include "user.h"

#define TIME_LEAF   0x40000003
#define IS_EMULATED 1U
#define CR4_TSD     4UL
#define GP          13
#define TRIES       1000

/* TSC and system time at the same instant, but for 'apart' ns. */
struct instant {
    uint64_t tsc, ns, apart;
};

static uint64_t system_time(void)
{
    struct xen_hvm_get_time op = { 0 };

    CHECK_EQ(hypercall_2(__HYPERVISOR_hvm_op, HVMOP_get_time, &op), 0);
    return op.now;
}

/* The best of many readings: the emulator may be put off its CPU in any of them. */
static struct instant read_both(void)
{
    struct instant best = { .apart = ~0UL };

    for (unsigned int i = 0; i < TRIES; i++) {
        uint64_t before = system_time(), tsc = rdtsc(), after = system_time();

        if (after - before < best.apart)
            best = (struct instant){ tsc, before, after - before };
    }
    return best;
}

static void test_rate(uint32_t khz)
{
    struct instant a = read_both(), b;
    uint64_t ns, ticks, off;

    wait_ns(MILLISECS(50));
    b = read_both();
    ns = b.ns - a.ns;
    ticks = (b.tsc - a.tsc) * 1000000 / khz;
    off = ticks > ns ? ticks - ns : ns - ticks;
    CHECK(ns >= MILLISECS(50));
    CHECK(off <= a.apart + b.apart + ns / 500);
}

static void test_system_time(void)
{
    uint64_t apart = ~0UL, off = 0;

    for (unsigned int i = 0; i < TRIES; i++) {
        uint64_t before = system_time(), mine = time_now(), after = system_time();

        if (after - before < apart) {
            apart = after - before;
            off = mine > before ? mine - before : before - mine;
        }
    }
    CHECK(off <= apart + MILLISECS(1));
}

static uint64_t read_cr4(void)
{
    uint64_t value;

    __asm__ volatile("mov %%cr4, %0" : "=r"(value));
    return value;
}

static void write_cr4(uint64_t value)
{
    __asm__ volatile("mov %0, %%cr4" : : "r"(value) : "memory");
}

static uint64_t user_tsc[2];

static void read_in_user_mode(void)
{
    user_tsc[0] = rdtsc();
    user_tsc[1] = rdtsc();
    user_exit(0);
}

static void test_user_mode(void)
{
    uint64_t before = rdtsc();

    user_run(read_in_user_mode);
    CHECK(user_tsc[0] > before);
    CHECK(user_tsc[1] > user_tsc[0]);
    CHECK(rdtsc() > user_tsc[1]);
    write_cr4(read_cr4() | CR4_TSD);
    CHECK_EQ(user_run(read_in_user_mode), GP);
    CHECK(rdtsc() > user_tsc[1]);
    write_cr4(read_cr4() & ~CR4_TSD);
}

/* What the tools have chosen: an emulated TSC of 1.5 GHz, of a domain that has run for 5 s. */
static void test_chosen(struct cpuid leaf)
{
    if (leaf.a & IS_EMULATED)
        CHECK(leaf.d > 0);
    if (leaf.b == 1) {
        CHECK_EQ(leaf.c, 1500000);
        CHECK(rdtsc() > 7500000000);
        CHECK(rdtsc() < 90000000000);
    }
}

void test_main(void)
{
    struct cpuid leaf = cpuid_forced(TIME_LEAF, 0), machine = cpuid_forced(TIME_LEAF, 2);

    kit_init();
    user_init();
    test_rate(leaf.c != 0 ? leaf.c : machine.a);
    test_system_time();
    test_user_mode();
    test_chosen(leaf);
}

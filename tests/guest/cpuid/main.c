/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Scenario: CPUID by the emulation prefix: the hypervisor's own leaves, the features that a
 * PV kernel must and must not see, and the prefix before anything else, which is #UD.
 */
#include "check.h"
#include "cpu.h"
#include "kit.h"
#include "mm.h"

static void test_hypervisor_leaves(void)
{
    struct cpuid r = cpuid_forced(0x40000000, 0);

    CHECK_EQ(r.a, 0x40000005);
    CHECK_EQ(r.b, 0x566e6558);
    CHECK_EQ(r.c, 0x65584d4d);
    CHECK_EQ(r.d, 0x4d4d566e);
    r = cpuid_forced(0x40000001, 0);
    CHECK_EQ(r.a, 0x00040011);
    CHECK_EQ(r.b | r.c | r.d, 0);
    r = cpuid_forced(0x40000002, 0);
    CHECK_EQ(r.a, 1);
    CHECK_EQ(r.b, 0x40000000);
    CHECK_EQ(r.c, 1);
    CHECK_EQ(r.d, 0);
    r = cpuid_forced(0x40000003, 0);
    if (is_initial_domain()) {
        CHECK_EQ(r.b, 0);
        CHECK_EQ(r.c, 0);
        CHECK_EQ(r.d, 0);
    }
    r = cpuid_forced(0x40000003, 2);
    CHECK(r.a > 100000);
    CHECK_EQ(r.b | r.c | r.d, 0);
    r = cpuid_forced(0x40000004, 0);
    CHECK_EQ(r.a, 0);
    r = cpuid_forced(0x40000005, 0);
    CHECK_EQ(r.a, 0);
    CHECK_EQ(r.b, 0x1d); /* 512 MiB of machine */
    CHECK_EQ(r.c | r.d, 0);
    r = cpuid_forced(0x40000006, 0);
    CHECK_EQ(r.a | r.b | r.c | r.d, 0);
    r = cpuid_forced(0x40000100, 0);
    CHECK_EQ(r.a | r.b | r.c | r.d, 0);
}

static void check_bits(uint32_t value, uint32_t shown, uint32_t hidden)
{
    CHECK_EQ(value & shown, shown);
    CHECK_EQ(value & hidden, 0);
}

static void test_features(void)
{
    struct cpuid plain = cpuid_plain(1, 0);
    struct cpuid r = cpuid_forced(1, 0);

    CHECK_EQ(r.a, plain.a);
    /* FPU TSC MSR PAE MCE CX8 APIC(dom0) MCA CMOV PAT CLFLUSH MMX FXSR SSE SSE2; not VME PSE
     * PGE PSE36. */
    check_bits(r.d, 0x0780c1f1 | (is_initial_domain() ? 1U << 9 : 0), 1U << 1 | 1U << 3 | 1U << 17);
    CHECK_EQ(r.d & 1U << 13, 0);
    /* SSE3, CX16 and the hypervisor bit; not MONITOR, VMX, PCID, x2APIC, TSC deadline. */
    check_bits(r.c, 1U | 1U << 13 | 1U << 31,
               1U << 3 | 1U << 5 | 1U << 17 | 1U << 21 | 1U << 24);
    /* OSXSAVE follows XSAVE, before CR4 says so. */
    CHECK_EQ(r.c >> 27 & 1, r.c >> 26 & 1);
    CHECK_EQ(r.b >> 24, 0);

    r = cpuid_forced(7, 0);
    /* Not SMEP, INVPCID, RTM's friends SMAP, TSC_ADJUST; not UMIP, PKU, LA57. */
    check_bits(r.b, 0, 1U << 1 | 1U << 7 | 1U << 10 | 1U << 20);
    check_bits(r.c, 0, 1U << 2 | 1U << 3 | 1U << 4 | 1U << 16);

    r = cpuid_forced(0x80000001, 0);
    /* SYSCALL NX LM; not 1 GiB pages. */
    check_bits(r.d, 1U << 11 | 1U << 20 | 1U << 29, 1U << 26);
    check_bits(r.c, 0, 1U << 2); /* SVM */
}

static void test_names(void)
{
    struct cpuid plain = cpuid_plain(0, 0), forced = cpuid_forced(0, 0);

    CHECK_EQ(forced.b, plain.b);
    CHECK_EQ(forced.c, plain.c);
    CHECK_EQ(forced.d, plain.d);
    for (uint32_t leaf = 0x80000002; leaf <= 0x80000004; leaf++) {
        plain = cpuid_plain(leaf, 0);
        forced = cpuid_forced(leaf, 0);
        CHECK_EQ(forced.a, plain.a);
        CHECK_EQ(forced.d, plain.d);
    }
    forced = cpuid_forced(0x80000008, 0);
    CHECK_EQ(forced.a & 0xffff, cpuid_plain(0x80000008, 0).a & 0xffff);
}

static void test_empty_leaves(void)
{
    static const uint32_t leaves[] = { 5, 6, 0xa, 0xb };

    for (unsigned int i = 0; i < sizeof(leaves) / sizeof(leaves[0]); i++) {
        struct cpuid r = cpuid_forced(leaves[i], 0);

        CHECK_EQ(r.a | r.b | r.c | r.d, 0);
    }
}

static void test_prefix(void)
{
    uint32_t a = 0x40000001, b, c = 0, d;

    TRY(".byte 0x0f, 0x0b, 0x78, 0x65, 0x6e; cpuid", : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
    CHECK_EQ(trap_last.vector, TRAP_NONE);
    CHECK_EQ(a, 0x00040011);
    TRY(".byte 0x0f, 0x0b, 0x78, 0x65, 0x6e; nop");
    CHECK_EQ(trap_last.vector, 6);
    CHECK_EQ(trap_last.rip, trap_last.insn);
    TRY(".byte 0x0f, 0x0b, 0x78, 0x65, 0x6e; rdtsc", : : : "rax", "rdx");
    CHECK_EQ(trap_last.vector, 6);
    TRY(".byte 0x0f, 0x0b, 0x78, 0x65, 0x6f; cpuid", : : : "rax", "rbx", "rcx", "rdx");
    CHECK_EQ(trap_last.vector, 6);
}

void test_main(void)
{
    kit_init();
    test_hypervisor_leaves();
    test_features();
    test_names();
    test_empty_leaves();
    test_prefix();
}

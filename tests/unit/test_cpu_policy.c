/* SPDX-License-Identifier: BSD-2-Clause */
/* CPU policies and the MSR table: what a PV guest is shown, from made-up machines. */
#include "unit.h"

#include <asm/cpuid.h>
#include <public/arch-x86_64.h>

#include "../../xen/arch/x86/cpu/msr_table.h"

#define BIT(n) (1U << (n))

static void machine(struct cpu_policy *raw, bool amd, uint32_t xcr0)
{
    memset(raw, 0xff, sizeof(*raw));
    raw->basic[0] = amd ? (struct cpuid_regs){ 0x20, 0x68747541, 0x444d4163, 0x69746e65 }
                        : (struct cpuid_regs){ 0x20, 0x756e6547, 0x6c65746e, 0x49656e69 };
    raw->basic[1].a = 0x000306c3;
    raw->feat[0].a = 2;
    raw->ext[0].a = 0x80000028;
    raw->ext[8].a = 0x3030;
    raw->xstate[0] = (struct cpuid_regs){ xcr0, 576, 2696, 0 };
    for (unsigned int n = 2; n < POLICY_XSTATE_LEAVES; n++) {
        raw->xstate[n] = (struct cpuid_regs){ 0, 0, 0, 0 };
    }
    raw->xstate[2] = (struct cpuid_regs){ 256, 576, 0, 0 };
    raw->xstate[5] = (struct cpuid_regs){ 64, 1088, 0, 0 };
    raw->xstate[6] = (struct cpuid_regs){ 512, 1152, 0, 0 };
    raw->xstate[7] = (struct cpuid_regs){ 1024, 1664, 0, 0 };
    raw->xstate[9] = (struct cpuid_regs){ 8, 2688, 0, 0 };
}

static void derive(struct cpu_policy *pv, struct cpu_policy *host, bool amd, uint32_t xcr0)
{
    struct cpu_policy raw;

    machine(&raw, amd, xcr0);
    policy_derive_host(host, &raw);
    policy_derive_pv(pv, host);
}

static void test_hidden(void **state)
{
    struct cpu_policy pv, host;

    (void)state;
    derive(&pv, &host, false, 0x2e7);
    assert_int_equal(pv.basic[0].a, 0xd);
    assert_int_equal(pv.basic[1].a, 0x000306c3);
    assert_int_equal(pv.basic[1].b, 0xffff);
    /* VME PSE MTRR PGE PSE36 PSN DS HTT TM PBE */
    assert_int_equal(pv.basic[1].d & (BIT(1) | BIT(3) | BIT(12) | BIT(13) | BIT(17) | BIT(18) |
                                      BIT(21) | BIT(28) | BIT(29) | BIT(31)),
                     0);
    assert_int_equal(pv.basic[1].d, 0x0fc9cbf5 | 0x4000);
    /* MONITOR VMX SMX EIST PDCM PCID X2APIC TSC_DEADLINE OSXSAVE */
    assert_int_equal(pv.basic[1].c & (BIT(3) | BIT(5) | BIT(6) | BIT(7) | BIT(15) | BIT(17) |
                                      BIT(21) | BIT(24) | BIT(27)),
                     0);
    assert_int_equal(pv.basic[1].c & (BIT(31) | BIT(26) | BIT(13)), BIT(31) | BIT(26) | BIT(13));
    /* TSC_ADJUST SGX HLE SMEP INVPCID RTM RDT MPX SMAP */
    assert_int_equal(pv.feat[0].b & (BIT(1) | BIT(2) | BIT(4) | BIT(7) | BIT(10) | BIT(11) |
                                     BIT(12) | BIT(14) | BIT(15) | BIT(20) | BIT(25)),
                     0);
    /* UMIP PKU OSPKE CET_SS LA57 PKS */
    assert_int_equal(pv.feat[0].c & (BIT(2) | BIT(3) | BIT(4) | BIT(7) | BIT(16) | BIT(31)), 0);
    /* CET_IBT, SPEC_CTRL and its relatives */
    assert_int_equal(pv.feat[0].d & (BIT(20) | 0xfc000000), 0);
    /* FRED LKGS */
    assert_int_equal(pv.feat[1].a & (BIT(17) | BIT(18)), 0);
    assert_int_equal(pv.ext[1].d & (BIT(26) | BIT(3) | BIT(13) | BIT(12)), 0);
    assert_int_equal(pv.ext[1].c & BIT(2), 0);
    assert_int_equal(pv.xstate[1].a, 7);
    for (unsigned int leaf = 5; leaf <= 0xc; leaf++) {
        struct cpuid_regs none = { 0 };

        assert_memory_equal(&pv.basic[leaf], &none, sizeof(none));
    }
}

static void test_vendors(void **state)
{
    struct cpu_policy intel, amd, host;

    (void)state;
    derive(&intel, &host, false, 7);
    derive(&amd, &host, true, 7);
    assert_true(intel.basic[1].d & BIT(11));
    assert_false(amd.basic[1].d & BIT(11)); /* SYSENTER */
    assert_int_equal(intel.ext[0].a, 0x80000008);
    assert_int_equal(amd.ext[0].a, 0x80000021);
    assert_int_equal(amd.ext[0x21].a, BIT(2) | BIT(6));
    assert_null(policy_find(&intel, 0x80000021, 0)->a ? "shown" : NULL);
    policy_adjust_dom0(&amd, &host);
    assert_true(amd.basic[1].d & BIT(12));
    assert_true(amd.ext[1].d & BIT(12));
    assert_true(amd.ext[7].d & BIT(8));
    policy_adjust_domu(&intel, 2);
    assert_true(intel.basic[1].d & BIT(28));
    assert_int_equal(intel.basic[1].b >> 16, 2);
}

/* Registers and the features that need them come and go together; AMX, MPX and PKRU never come. */
static void test_xstate(void **state)
{
    struct cpu_policy pv, host;

    (void)state;
    derive(&pv, &host, false, 0x602e7);
    assert_int_equal(policy_xcr0(&pv), 0xe7);
    assert_int_equal(pv.xstate[0].c, 1664 + 1024);
    assert_true(pv.feat[0].b & BIT(16));
    derive(&pv, &host, false, 7);
    assert_int_equal(policy_xcr0(&pv), 7);
    assert_int_equal(pv.xstate[0].c, 832);
    assert_int_equal(pv.xstate[9].a, 0);
    assert_true(pv.basic[1].c & BIT(28));
    assert_false(pv.feat[0].b & (BIT(16) | BIT(31)));
    derive(&pv, &host, false, 3);
    assert_int_equal(pv.xstate[0].c, 576);
    assert_false(pv.basic[1].c & BIT(28));
    assert_false(pv.feat[0].b & BIT(5));
    assert_true(pv.basic[1].c & BIT(26));
}

static void test_leaf_list(void **state)
{
    struct cpu_policy pv, host;
    struct xen_cpuid_leaf leaf, last = { 0 };
    unsigned int iterator = 0, n = 0;

    (void)state;
    derive(&pv, &host, true, 7);
    while (policy_next_leaf(&pv, &iterator, &leaf)) {
        uint32_t sub = leaf.subleaf == XEN_CPUID_NO_SUBLEAF ? 0 : leaf.subleaf;

        assert_memory_equal(&leaf.a, policy_find(&pv, leaf.leaf, sub), 16);
        if (n > 0) {
            assert_true(leaf.leaf > last.leaf ||
                        (leaf.leaf == last.leaf && leaf.subleaf > last.subleaf));
        }
        last = leaf;
        n++;
    }
    assert_int_equal(n,
                     11 + POLICY_CACHE_LEAVES + POLICY_FEAT_LEAVES + POLICY_XSTATE_LEAVES + 0x22);
    assert_int_equal(last.leaf, 0x80000021);
}

static void test_find(void **state)
{
    struct cpu_policy pv, host;

    (void)state;
    derive(&pv, &host, false, 7);
    assert_ptr_equal(policy_find(&pv, 7, 1), &pv.feat[1]);
    assert_ptr_equal(policy_find(&pv, 1, 77), &pv.basic[1]);
    assert_int_equal(policy_find(&pv, 7, 2)->a, 0);
    assert_int_equal(policy_find(&pv, 0xe, 0)->a, 0);
    assert_int_equal(policy_find(&pv, 0x40000000, 0)->a, 0);
    assert_int_equal(policy_find(&pv, 0xffffffff, 0)->a, 0);
}

static void test_msr_table(void **state)
{
    unsigned int nr;
    const struct msr_row *rows = msr_table_rows(&nr);

    (void)state;
    for (unsigned int n = 0; n < nr; n++) {
        assert_true(rows[n].first <= rows[n].last);
        /* The search stops at the first greater number; no row hides another of its vendor. */
        for (unsigned int m = n + 1; m < nr; m++) {
            assert_true(rows[m].first >= rows[n].first);
            if (rows[m].vendor == rows[n].vendor || rows[m].vendor == MSR_ANY ||
                rows[n].vendor == MSR_ANY) {
                assert_true(rows[m].first > rows[n].last);
            }
        }
        assert_true(rows[n].read <= MSR_REAL_DOM0);
        assert_true(rows[n].write == MSR_FAULT || rows[n].write >= MSR_DROP);
        assert_ptr_equal(msr_table_find(rows[n].last, rows[n].vendor), &rows[n]);
    }
    assert_null(msr_table_find(0x3a, MSR_AMD));
    assert_non_null(msr_table_find(0x3a, MSR_INTEL));
    assert_null(msr_table_find(0x48, MSR_INTEL));
    assert_null(msr_table_find(0xffffffff, MSR_AMD));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hidden), cmocka_unit_test(test_vendors),
        cmocka_unit_test(test_xstate), cmocka_unit_test(test_leaf_list),
        cmocka_unit_test(test_find),   cmocka_unit_test(test_msr_table),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

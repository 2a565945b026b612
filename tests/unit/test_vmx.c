/* SPDX-License-Identifier: BSD-2-Clause */
/* VT-x without the CPU: controls by capabilities, events, segment rights, control registers. */
#include "unit.h"

#include <asm/cpuid.h>

#include "../../xen/arch/x86/hvm/engine.h"
#include "../../xen/arch/x86/hvm/vmx/controls.h"
#include "../../xen/arch/x86/hvm/vmx/vmcs_fields.h"

#define LONG_MODE (EFER_LME | EFER_LMA)
#define PAGING    (CR0_PE | CR0_PG)

/* A capability MSR: what is always set, what may be. */
static uint64_t caps(uint32_t always, uint32_t possible)
{
    return always | (uint64_t)possible << 32;
}

static void test_controls(void **state)
{
    uint32_t got = 0x55;

    (void)state;
    assert_true(vmx_controls_adjust(caps(0x16, 0xff), 0x81, 0x40, &got));
    assert_int_equal(got, 0x16 | 0x81 | 0x40);
    /* What is only wanted is left out where it is not. */
    assert_true(vmx_controls_adjust(caps(0x16, 0x9f), 0x81, 0x40, &got));
    assert_int_equal(got, 0x16 | 0x81);
    /* What is needed must be; then nothing is written. */
    got = 0x55;
    assert_false(vmx_controls_adjust(caps(0x16, 0x7f), 0x81, 0x40, &got));
    assert_int_equal(got, 0x55);
    assert_true(vmx_controls_adjust(caps(0, ~0U), 1U << 31, 0, &got));
    assert_int_equal(got, 1U << 31);
}

static void test_event_info(void **state)
{
    struct hvm_event e = { .type = HVM_EVENT_INTERRUPT, .vector = 0xf3 };

    (void)state;
    assert_int_equal(vmx_event_info(&e, true), 0x800000f3);
    e = (struct hvm_event){ .type = HVM_EVENT_NMI, .vector = 2 };
    assert_int_equal(vmx_event_info(&e, true), 0x80000202);
    e = (struct hvm_event){ .type = HVM_EVENT_EXCEPTION, .vector = 6 };
    assert_int_equal(vmx_event_info(&e, true), 0x80000306);
    e = (struct hvm_event){ .type = HVM_EVENT_EXCEPTION, .vector = 13, .has_error = true };
    assert_int_equal(vmx_event_info(&e, true), 0x80000b0d);
    /* An entry into real mode with an error code would be refused. */
    assert_int_equal(vmx_event_info(&e, false), 0x8000030d);
}

static void test_vectoring(void **state)
{
    struct hvm_event e;

    (void)state;
    vmx_event_from_info(0x80000b0e, 7, &e);
    assert_int_equal(e.type, HVM_EVENT_EXCEPTION);
    assert_int_equal(e.vector, 14);
    assert_true(e.has_error);
    assert_int_equal(e.error, 7);
    vmx_event_from_info(0x80000020, 7, &e);
    assert_int_equal(e.type, HVM_EVENT_INTERRUPT);
    assert_int_equal(e.vector, 0x20);
    assert_false(e.has_error);
    assert_int_equal(e.error, 0);
    vmx_event_from_info(0x80000202, 0, &e);
    assert_int_equal(e.type, HVM_EVENT_NMI);
    /* Software's own (4, 5, 6) come again with their instruction. */
    for (uint32_t type = 4; type <= 6; type++) {
        vmx_event_from_info(0x80000003 | type << 8, 0, &e);
        assert_int_equal(e.type, HVM_EVENT_NONE);
    }
    vmx_event_from_info(0x00000b0e, 7, &e);
    assert_int_equal(e.type, HVM_EVENT_NONE);
}

/* Every event that an exit cuts short goes in again as it was. */
static void test_round_trip(void **state)
{
    static const uint8_t types[] = { HVM_EVENT_INTERRUPT, HVM_EVENT_NMI, HVM_EVENT_EXCEPTION };

    (void)state;
    for (unsigned int t = 0; t < ARRAY_SIZE(types); t++) {
        for (unsigned int vector = 0; vector < 256; vector++) {
            struct hvm_event e = { .type = types[t], .vector = (uint8_t)vector,
                                   .has_error = (vector & 1) != 0 }, again;

            e.error = e.has_error ? 0x1234 : 0;
            vmx_event_from_info(vmx_event_info(&e, true), e.error, &again);
            assert_int_equal(again.type, e.type);
            assert_int_equal(again.vector, e.vector);
            assert_int_equal(again.has_error, e.has_error);
            assert_int_equal(again.error, e.error);
        }
    }
}

static void test_rights(void **state)
{
    (void)state;
    assert_int_equal(vmx_rights(0xc9b), 0xc09b);
    assert_int_equal(vmx_rights(0xa9b), 0xa09b);
    assert_int_equal(vmx_rights(0), RIGHTS_UNUSABLE);
    assert_int_equal(vmx_rights(0x013), RIGHTS_UNUSABLE); /* not present */
    assert_int_equal(vmx_attr(0xc0f3), 0xcf3);
    assert_int_equal(vmx_attr(RIGHTS_UNUSABLE | 0xc093), 0);
    for (uint16_t attr = 0x80; attr < 0x1000; attr = (uint16_t)(attr + 1) | 0x80) {
        assert_int_equal(vmx_attr(vmx_rights(attr)), attr);
    }
}

static void test_cr4_allowed(void **state)
{
    static struct cpu_policy p;
    uint64_t none = vmx_cr4_allowed(&p), all;

    (void)state;
    assert_int_equal(none, 1UL << 8);
    memset(&p, 0xff, sizeof(p));
    all = vmx_cr4_allowed(&p);
    /* Not VMXE, SMXE, LA57 or anything from 23 on, whatever the policy says. */
    assert_int_equal(all & (1UL << 12 | 1UL << 13 | 1UL << 14 | ~0x7fffffUL), 0);
    p.feat[0].b = ~(1U << 20);
    assert_int_equal(vmx_cr4_allowed(&p), all & ~CR4_SMAP);
}

static void test_cr0(void **state)
{
    struct vmx_mode m = { .cr0 = CR0_ET };

    (void)state;
    assert_true(vmx_cr0_is_valid(&m, CR0_PE | CR0_ET));
    assert_true(vmx_cr0_is_valid(&m, PAGING));
    assert_false(vmx_cr0_is_valid(&m, CR0_PG));
    assert_false(vmx_cr0_is_valid(&m, CR0_PE | 1UL << 32));
    assert_false(vmx_cr0_is_valid(&m, CR0_PE | 1UL << 29));
    assert_true(vmx_cr0_is_valid(&m, CR0_PE | 3UL << 29));
    /* Into long mode with PAE only, and from a segment that isn't 64-bit code already. */
    m.efer = EFER_LME;
    assert_false(vmx_cr0_is_valid(&m, PAGING));
    m.cr4 = CR4_PAE;
    assert_true(vmx_cr0_is_valid(&m, PAGING));
    m.is_64bit = true;
    assert_false(vmx_cr0_is_valid(&m, PAGING));
    /* Out of it: not from 64-bit code, not with PCIDs; other bits as one likes. */
    m = (struct vmx_mode){ PAGING, CR4_PAE, LONG_MODE, true };
    assert_false(vmx_cr0_is_valid(&m, CR0_PE));
    assert_true(vmx_cr0_is_valid(&m, PAGING | CR0_TS));
    m.is_64bit = false;
    assert_true(vmx_cr0_is_valid(&m, CR0_PE));
    m.cr4 |= CR4_PCIDE;
    assert_false(vmx_cr0_is_valid(&m, CR0_PE));
}

static void test_cr4(void **state)
{
    struct vmx_mode m = { PAGING, CR4_PAE, LONG_MODE, true };
    uint64_t allowed = CR4_PAE | CR4_PGE | CR4_PCIDE;

    (void)state;
    assert_true(vmx_cr4_is_valid(&m, CR4_PAE | CR4_PGE | CR4_PCIDE, allowed));
    assert_false(vmx_cr4_is_valid(&m, CR4_PGE, allowed));
    assert_false(vmx_cr4_is_valid(&m, CR4_PAE | CR4_SMEP, allowed));
    m.efer = 0;
    assert_true(vmx_cr4_is_valid(&m, CR4_PGE, allowed));
    assert_false(vmx_cr4_is_valid(&m, CR4_PCIDE, allowed));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_controls),   cmocka_unit_test(test_event_info),
        cmocka_unit_test(test_vectoring),  cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_rights),     cmocka_unit_test(test_cr4_allowed),
        cmocka_unit_test(test_cr0),        cmocka_unit_test(test_cr4),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

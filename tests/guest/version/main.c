/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Scenario: each xen_version sub-op: its value or the shape of its text, features by role,
 * and its errors.
 */
#include <public/errno.h>
#include <public/version.h>

#include "check.h"
#include "hypercall.h"
#include "kit.h"
#include "mm.h"
#include "string.h"

#define BAD_POINTER ((void *)0x1000)

static union {
    char text[1024];
    struct xen_compile_info compile;
    struct xen_platform_parameters platform;
    struct xen_feature_info feature;
    uint8_t handle[16];
} out;

static long version(unsigned int cmd, void *arg)
{
    return hypercall_2(__HYPERVISOR_xen_version, cmd, arg);
}

/* Text of at most max - 1 characters, ended by a zero. */
static void check_text(const char *text, unsigned int max)
{
    unsigned int len = 0;

    while (len < max && text[len])
        len++;
    CHECK(len < max);
}

static void fill(uint8_t value)
{
    memset(&out, value, sizeof(out));
}

static void test_texts(void)
{
    fill('x');
    CHECK_EQ(version(XENVER_extraversion, &out), 0);
    check_text(out.text, XEN_EXTRAVERSION_LEN);
    fill('x');
    CHECK_EQ(version(XENVER_capabilities, &out), 0);
    check_text(out.text, XEN_CAPABILITIES_INFO_LEN);
    CHECK(text_contains(out.text, "xen-3.0-x86_64"));
    fill('x');
    CHECK_EQ(version(XENVER_changeset, &out), 0);
    check_text(out.text, XEN_CHANGESET_INFO_LEN);
    fill('x');
    CHECK_EQ(version(XENVER_compile_info, &out), 0);
    check_text(out.compile.compiler, sizeof(out.compile.compiler));
    check_text(out.compile.compile_date, sizeof(out.compile.compile_date));
    fill('x');
    CHECK_EQ(version(XENVER_commandline, &out), 0);
    if (is_initial_domain())
        CHECK(text_contains(out.text, "com1=115200,8n1"));
    else
        CHECK(text_contains(out.text, "<denied>"));
}

static void test_numbers(void)
{
    CHECK_EQ(version(XENVER_version, NULL), 0x40011);
    CHECK_EQ(version(XENVER_pagesize, NULL), PAGE_SIZE);
    CHECK_EQ(version(XENVER_pagesize, &out), -XEN_EINVAL);
    fill(0);
    CHECK_EQ(version(XENVER_platform_parameters, &out), 0);
    CHECK_EQ(out.platform.virt_start, HYPERVISOR_VIRT_START);
    CHECK_EQ(version(XENVER_guest_handle, &out), 0);
}

static void test_features(void)
{
    fill(0);
    CHECK_EQ(version(XENVER_get_features, &out), 0);
    CHECK_EQ(out.feature.submap, is_initial_domain() ? 0x228f0 : 0x220e0);
    out.feature.submap_idx = 1;
    CHECK_EQ(version(XENVER_get_features, &out), -XEN_EINVAL);
    out.feature.submap_idx = ~0u;
    CHECK_EQ(version(XENVER_get_features, &out), -XEN_EINVAL);
}

static void test_errors(void)
{
    static const unsigned int with_output[] = {
        XENVER_extraversion, XENVER_compile_info, XENVER_capabilities, XENVER_changeset,
        XENVER_platform_parameters, XENVER_get_features, XENVER_guest_handle, XENVER_commandline,
    };

    for (unsigned int i = 0; i < sizeof(with_output) / sizeof(with_output[0]); i++) {
        CHECK_EQ(version(with_output[i], BAD_POINTER), -XEN_EFAULT);
        CHECK_EQ(version(with_output[i], (void *)HYPERVISOR_VIRT_START), -XEN_EFAULT);
    }
    CHECK_EQ(version(11, &out), -XEN_ENOSYS);
    CHECK_EQ(version(~0u, &out), -XEN_ENOSYS);
}

void test_main(void)
{
    kit_init();
    test_numbers();
    test_texts();
    test_features();
    test_errors();
}

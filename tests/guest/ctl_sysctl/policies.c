/* SPDX-License-Identifier: BSD-2-Clause */
/* CPU policies and feature sets. */
#include <public/errno.h>

#include "check.h"
#include "control.h"
#include "parts.h"

static struct xen_cpuid_leaf leaves[256];
static struct xen_msr_entry msrs[16];

static void test_policy(uint32_t index)
{
    struct xen_sysctl op = {
        .u.cpu_policy = {
            .index = index, .nr_leaves = 256, .nr_msrs = 16, .leaves = leaves, .msrs = msrs,
        },
    };

    CHECK_EQ(sysctl(&op, XEN_SYSCTL_get_cpu_policy), 0);
    CHECK(op.u.cpu_policy.nr_leaves > 10);
    CHECK_EQ(leaves[0].leaf, 0);
    CHECK_EQ(leaves[0].subleaf, XEN_CPUID_NO_SUBLEAF);
    op.u.cpu_policy.nr_leaves = 3;
    CHECK_EQ(sysctl(&op, XEN_SYSCTL_get_cpu_policy), -XEN_ENOBUFS);
}

static void test_features(uint32_t index)
{
    uint32_t words[40];
    struct xen_sysctl op = { .u.cpu_featureset = { .index = index } };

    CHECK_EQ(sysctl(&op, XEN_SYSCTL_get_cpu_featureset), 0);
    CHECK(op.u.cpu_featureset.nr_features >= 14 && op.u.cpu_featureset.nr_features < 40);
    op.u.cpu_featureset.features = words;
    CHECK_EQ(sysctl(&op, XEN_SYSCTL_get_cpu_featureset), 0);
    CHECK(words[0] & 1);
    op.u.cpu_featureset.nr_features = 1;
    CHECK_EQ(sysctl(&op, XEN_SYSCTL_get_cpu_featureset), -XEN_ENOBUFS);
}

void test_policies(void)
{
    struct xen_sysctl op = { .u.cpu_policy.index = 4 };

    CHECK_EQ(sysctl(&op, XEN_SYSCTL_get_cpu_policy), 0);
    CHECK(op.u.cpu_policy.nr_leaves > 10);
    CHECK(op.u.cpu_policy.nr_msrs > 0);
    op.u.cpu_policy.index = 6;
    CHECK_EQ(sysctl(&op, XEN_SYSCTL_get_cpu_policy), -XEN_EINVAL);
    test_policy(XEN_SYSCTL_cpu_policy_raw);
    test_policy(XEN_SYSCTL_cpu_policy_host);
    test_policy(XEN_SYSCTL_cpu_policy_pv_max);
    test_policy(XEN_SYSCTL_cpu_policy_pv_default);
    test_features(XEN_SYSCTL_cpu_featureset_raw);
    test_features(XEN_SYSCTL_cpu_featureset_host);
    test_features(XEN_SYSCTL_cpu_featureset_pv);
    op.u.cpu_featureset.index = 6;
    op.u.cpu_featureset.features = (void *)leaves;
    CHECK_EQ(sysctl(&op, XEN_SYSCTL_get_cpu_featureset), -XEN_EINVAL);
    CHECK_EQ(sysctl(&op, XEN_SYSCTL_get_cpu_levelling_caps), 0);
}

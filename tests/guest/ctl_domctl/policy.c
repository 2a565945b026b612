/* SPDX-License-Identifier: BSD-2-Clause */
/* CPU policy, address size, clocks. */
#include <public/errno.h>

#include "check.h"
#include "parts.h"

#define ROOM 256

static struct xen_cpuid_leaf leaves[ROOM];
static struct xen_msr_entry msrs[16];

static struct xen_cpuid_leaf *leaf(uint32_t nr, uint32_t number)
{
    for (uint32_t i = 0; i < nr; i++)
        if (leaves[i].leaf == number)
            return &leaves[i];
    return NULL;
}

static struct xen_domctl room(void)
{
    return (struct xen_domctl){
        .u.cpu_policy = { .nr_leaves = ROOM, .nr_msrs = 16, .leaves = leaves, .msrs = msrs },
    };
}

static void test_cpu_policy(unsigned int id)
{
    struct xen_domctl op = room();
    struct xen_cpuid_leaf *one;

    CHECK_EQ(domctl(&op, XEN_DOMCTL_get_cpu_policy, id), 0);
    CHECK(op.u.cpu_policy.nr_leaves > 10);
    one = leaf(op.u.cpu_policy.nr_leaves, 1);
    if (!CHECK(one != NULL))
        return;
    /* SSE3 can be taken away, MONITOR can't be had. */
    CHECK(one->c & 1);
    one->c &= ~1U;
    one->c |= 1U << 3;
    CHECK_EQ(domctl(&op, XEN_DOMCTL_set_cpu_policy, id), 0);
    CHECK_EQ(op.u.cpu_policy.err_leaf, 0);
    op = room();
    CHECK_EQ(domctl(&op, XEN_DOMCTL_get_cpu_policy, id), 0);
    one = leaf(op.u.cpu_policy.nr_leaves, 1);
    CHECK_EQ(one->c & 9, 0);

    op.u.cpu_policy.nr_leaves = 2;
    CHECK_EQ(domctl(&op, XEN_DOMCTL_get_cpu_policy, id), -XEN_ENOBUFS);
    op = room();
    op.u.cpu_policy.leaves = (void *)0x1000;
    CHECK_EQ(domctl(&op, XEN_DOMCTL_get_cpu_policy, id), -XEN_EFAULT);
    CHECK_EQ(domctl(&op, XEN_DOMCTL_set_cpu_policy, 0), -XEN_EINVAL);
    op = room();
    op.u.cpu_policy.nr_leaves = 1;
    op.u.cpu_policy.nr_msrs = 0;
    leaves[0] = (struct xen_cpuid_leaf){ .leaf = 0x70000000, .subleaf = XEN_CPUID_NO_SUBLEAF };
    CHECK_EQ(domctl(&op, XEN_DOMCTL_set_cpu_policy, id), -XEN_ERANGE);
    CHECK_EQ(op.u.cpu_policy.err_leaf, 0x70000000);
    op.u.cpu_policy.nr_leaves = 100000;
    CHECK_EQ(domctl(&op, XEN_DOMCTL_set_cpu_policy, id), -XEN_E2BIG);
    op.u.cpu_policy.nr_leaves = 1;
    op.u.cpu_policy.leaves = (void *)0x1000;
    CHECK_EQ(domctl(&op, XEN_DOMCTL_set_cpu_policy, id), -XEN_EFAULT);
    op.u.cpu_policy.leaves = leaves;
    op.u.cpu_policy.nr_leaves = 0;
    op.u.cpu_policy.nr_msrs = 1;
    msrs[0] = (struct xen_msr_entry){ .idx = 0x174 };
    CHECK_EQ(domctl(&op, XEN_DOMCTL_set_cpu_policy, id), -XEN_ERANGE);
    CHECK_EQ(op.u.cpu_policy.err_msr, 0x174);
}

static void test_clocks(unsigned int id)
{
    struct xen_domctl op = { .u.tsc_info.tsc_mode = 0 };

    CHECK_EQ(domctl(&op, XEN_DOMCTL_settscinfo, id), 0);
    CHECK_EQ(domctl(&op, XEN_DOMCTL_gettscinfo, id), 0);
    CHECK_EQ(op.u.tsc_info.tsc_mode, 0);
    CHECK(op.u.tsc_info.gtsc_khz != 0);
    CHECK_EQ(op.u.tsc_info.incarnation, 1);
    CHECK_EQ(domctl(&op, XEN_DOMCTL_settscinfo, 0), -XEN_EINVAL);
    CHECK_EQ(domctl(&op, XEN_DOMCTL_gettscinfo, 0), -XEN_EINVAL);
    op.u.tsc_info.tsc_mode = 2;
    CHECK_EQ(domctl(&op, XEN_DOMCTL_settscinfo, id), 0);
    CHECK_EQ(domctl(&op, XEN_DOMCTL_gettscinfo, id), 0);
    CHECK_EQ(op.u.tsc_info.tsc_mode, 2);
    CHECK_EQ(op.u.tsc_info.gtsc_khz, 0);
    CHECK_EQ(op.u.tsc_info.elapsed_nsec, 0);
    for (uint32_t mode = 3; mode < 6; mode++) {
        op.u.tsc_info.tsc_mode = mode;
        CHECK_EQ(domctl(&op, XEN_DOMCTL_settscinfo, id), -XEN_EINVAL);
    }
    op.u.tsc_info = (struct xen_domctl_tsc_info){
        .tsc_mode = 1, .gtsc_khz = 123456, .incarnation = 7, .elapsed_nsec = 1000000000,
    };
    CHECK_EQ(domctl(&op, XEN_DOMCTL_settscinfo, id), 0);
    CHECK_EQ(domctl(&op, XEN_DOMCTL_gettscinfo, id), 0);
    CHECK_EQ(op.u.tsc_info.tsc_mode, 1);
    CHECK_EQ(op.u.tsc_info.gtsc_khz, 123456);
    CHECK_EQ(op.u.tsc_info.incarnation, 8);
    CHECK(op.u.tsc_info.elapsed_nsec > 1000000000);
    op.u.tsc_info = (struct xen_domctl_tsc_info){ .tsc_mode = 0 };
    CHECK_EQ(domctl(&op, XEN_DOMCTL_settscinfo, id), 0);
    op.u.settimeoffset.time_offset_seconds = -3600;
    CHECK_EQ(domctl(&op, XEN_DOMCTL_settimeoffset, id), 0);
}

void test_policy(unsigned int id)
{
    struct xen_domctl op = { 0 };

    test_cpu_policy(id);
    CHECK_EQ(domctl(&op, XEN_DOMCTL_get_address_size, id), 0);
    CHECK_EQ(op.u.address_size.size, 64);
    CHECK_EQ(domctl(&op, XEN_DOMCTL_set_address_size, id), 0);
    op.u.address_size.size = 32;
    CHECK_EQ(domctl(&op, XEN_DOMCTL_set_address_size, id), -XEN_EOPNOTSUPP);
    op.u.address_size.size = 16;
    CHECK_EQ(domctl(&op, XEN_DOMCTL_set_address_size, id), -XEN_EINVAL);
    test_clocks(id);
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* Affinity, nodes, weight and cap. */
#include <public/errno.h>

#include "check.h"
#include "parts.h"

static void test_affinity(unsigned int id)
{
    uint64_t hard = 1, soft = 3;
    struct xen_domctl op = {
        .u.vcpuaffinity = {
            .vcpu = 0, .flags = XEN_VCPUAFFINITY_HARD | XEN_VCPUAFFINITY_SOFT,
            .cpumap_hard = { (uint8_t *)&hard, 64 }, .cpumap_soft = { (uint8_t *)&soft, 64 },
        },
    };

    CHECK_EQ(domctl(&op, XEN_DOMCTL_getvcpuaffinity, id), 0);
    CHECK_EQ(hard, 1);
    CHECK_EQ(soft, 1);
    hard = 1;
    CHECK_EQ(domctl(&op, XEN_DOMCTL_setvcpuaffinity, id), 0);
    CHECK_EQ(hard, 1);
    hard = soft = 0;
    op.u.vcpuaffinity.cpumap_hard.nr_bits = 5;
    CHECK_EQ(domctl(&op, XEN_DOMCTL_getvcpuaffinity, id), 0);
    CHECK_EQ(hard, 1);
    hard = 1UL << 40;
    op.u.vcpuaffinity.cpumap_hard.nr_bits = 64;
    op.u.vcpuaffinity.flags = XEN_VCPUAFFINITY_HARD;
    CHECK_EQ(domctl(&op, XEN_DOMCTL_setvcpuaffinity, id), -XEN_EINVAL);
    op.u.vcpuaffinity.flags = 0;
    CHECK_EQ(domctl(&op, XEN_DOMCTL_setvcpuaffinity, id), -XEN_EINVAL);
    op.u.vcpuaffinity.flags = XEN_VCPUAFFINITY_SOFT;
    op.u.vcpuaffinity.cpumap_soft.bitmap = NULL;
    CHECK_EQ(domctl(&op, XEN_DOMCTL_setvcpuaffinity, id), -XEN_EINVAL);
    op.u.vcpuaffinity.cpumap_soft.bitmap = (void *)0x1000;
    CHECK_EQ(domctl(&op, XEN_DOMCTL_setvcpuaffinity, id), -XEN_EFAULT);
    CHECK_EQ(domctl(&op, XEN_DOMCTL_getvcpuaffinity, id), -XEN_EFAULT);
    op.u.vcpuaffinity.vcpu = 2;
    CHECK_EQ(domctl(&op, XEN_DOMCTL_getvcpuaffinity, id), -XEN_EINVAL);
    CHECK_EQ(domctl(&op, XEN_DOMCTL_setvcpuaffinity, id), -XEN_EINVAL);
}

static void test_nodes(unsigned int id)
{
    uint64_t nodes = 0;
    struct xen_domctl op = { .u.nodeaffinity.nodemap = { (uint8_t *)&nodes, 64 } };

    CHECK_EQ(domctl(&op, XEN_DOMCTL_getnodeaffinity, id), 0);
    CHECK(nodes & 1);
    /* As it was asked for; nodes that aren't there don't count. */
    nodes = 5;
    CHECK_EQ(domctl(&op, XEN_DOMCTL_setnodeaffinity, id), 0);
    nodes = 0;
    CHECK_EQ(domctl(&op, XEN_DOMCTL_getnodeaffinity, id), 0);
    CHECK_EQ(nodes, 5);
    nodes = 2;
    CHECK_EQ(domctl(&op, XEN_DOMCTL_setnodeaffinity, id), -XEN_EINVAL);
    nodes = 0;
    CHECK_EQ(domctl(&op, XEN_DOMCTL_setnodeaffinity, id), -XEN_EINVAL);
    nodes = 1;
    CHECK_EQ(domctl(&op, XEN_DOMCTL_setnodeaffinity, id), 0);
    op.u.nodeaffinity.nodemap.bitmap = (void *)0x1000;
    CHECK_EQ(domctl(&op, XEN_DOMCTL_setnodeaffinity, id), -XEN_EFAULT);
    CHECK_EQ(domctl(&op, XEN_DOMCTL_getnodeaffinity, id), -XEN_EFAULT);
}

static void test_share(unsigned int id)
{
    struct xen_domctl op = {
        .u.scheduler_op = { .sched_id = XEN_SCHEDULER_CREDIT2, .cmd = XEN_DOMCTL_SCHEDOP_getinfo },
    };

    CHECK_EQ(domctl(&op, XEN_DOMCTL_scheduler_op, id), 0);
    CHECK_EQ(op.u.scheduler_op.u.credit2.weight, 256);
    CHECK_EQ(op.u.scheduler_op.u.credit2.cap, 0);
    op.u.scheduler_op.cmd = XEN_DOMCTL_SCHEDOP_putinfo;
    op.u.scheduler_op.u.credit2.weight = 1000;
    op.u.scheduler_op.u.credit2.cap = 50;
    CHECK_EQ(domctl(&op, XEN_DOMCTL_scheduler_op, id), 0);
    op.u.scheduler_op.cmd = XEN_DOMCTL_SCHEDOP_getinfo;
    CHECK_EQ(domctl(&op, XEN_DOMCTL_scheduler_op, id), 0);
    CHECK_EQ(op.u.scheduler_op.u.credit2.weight, 1000);
    CHECK_EQ(op.u.scheduler_op.u.credit2.cap, 50);
    /* At most what all its vCPUs can use; weight 0 leaves it. */
    op.u.scheduler_op.cmd = XEN_DOMCTL_SCHEDOP_putinfo;
    op.u.scheduler_op.u.credit2.cap = 201;
    CHECK_EQ(domctl(&op, XEN_DOMCTL_scheduler_op, id), -XEN_EINVAL);
    op.u.scheduler_op.u.credit2.cap = 200;
    op.u.scheduler_op.u.credit2.weight = 0;
    CHECK_EQ(domctl(&op, XEN_DOMCTL_scheduler_op, id), 0);
    op.u.scheduler_op.cmd = XEN_DOMCTL_SCHEDOP_getinfo;
    CHECK_EQ(domctl(&op, XEN_DOMCTL_scheduler_op, id), 0);
    CHECK_EQ(op.u.scheduler_op.u.credit2.weight, 1000);
    CHECK_EQ(op.u.scheduler_op.u.credit2.cap, 200);
    op.u.scheduler_op.cmd = 99;
    CHECK_EQ(domctl(&op, XEN_DOMCTL_scheduler_op, id), -XEN_EINVAL);
    op.u.scheduler_op.cmd = XEN_DOMCTL_SCHEDOP_getvcpuinfo;
    CHECK_EQ(domctl(&op, XEN_DOMCTL_scheduler_op, id), -XEN_EINVAL);
    op.u.scheduler_op.cmd = XEN_DOMCTL_SCHEDOP_getinfo;
    op.u.scheduler_op.sched_id = XEN_SCHEDULER_RTDS;
    CHECK_EQ(domctl(&op, XEN_DOMCTL_scheduler_op, id), -XEN_EINVAL);
}

void test_sched(unsigned int id)
{
    test_affinity(id);
    test_nodes(id);
    test_share(id);
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* The nodes that a domain is told of: set by the tools, read by it or by them. */
#include <public/errno.h>
#include <public/memory.h>

#include "check.h"
#include "hypercall.h"
#include "parts.h"
#include "string.h"

#define NODES 2
#define VCPUS 2

static uint32_t distance[NODES * NODES] = { 10, 20, 20, 10 }, nodes[VCPUS] = { 1, 0 };
static uint32_t physical[NODES] = { 0, 0 };
static struct xen_vmemrange ranges[2] = {
    { 0, 0x1000000, 0, 0 }, { 0x1000000, 0x2000000, 0, 1 },
};

static struct xen_domctl good(void)
{
    return (struct xen_domctl){
        .u.vnuma = {
            .nr_vnodes = NODES, .nr_vmemranges = 2, .nr_vcpus = VCPUS, .vdistance = distance,
            .vcpu_to_vnode = nodes, .vnode_to_pnode = physical, .vmemrange = ranges,
        },
    };
}

#define BAD(field, value, rc)                                           \
    do {                                                                \
        struct xen_domctl op_ = good();                                 \
                                                                        \
        op_.u.vnuma.field = (value);                                    \
        CHECK_EQ(domctl(&op_, XEN_DOMCTL_setvnumainfo, id), (rc));      \
    } while (0)

static void test_set(unsigned int id)
{
    struct xen_domctl op = good();

    BAD(nr_vnodes, 0, -XEN_EINVAL);
    BAD(nr_vnodes, 33, -XEN_EINVAL);
    BAD(nr_vnodes, 0xffffffff, -XEN_EINVAL);
    BAD(nr_vmemranges, 171, -XEN_EINVAL);
    BAD(nr_vcpus, 1, -XEN_EINVAL);
    BAD(pad, 1, -XEN_EINVAL);
    BAD(vdistance, NULL, -XEN_EFAULT);
    BAD(vcpu_to_vnode, (void *)0x1000, -XEN_EFAULT);
    BAD(vnode_to_pnode, NULL, -XEN_EFAULT);
    BAD(vmemrange, NULL, -XEN_EFAULT);
    nodes[1] = NODES;
    CHECK_EQ(domctl(&op, XEN_DOMCTL_setvnumainfo, id), -XEN_E2BIG);
    nodes[1] = 0;
    physical[1] = 64;
    CHECK_EQ(domctl(&op, XEN_DOMCTL_setvnumainfo, id), -XEN_E2BIG);
    physical[1] = 0;
    ranges[1].flags = 1;
    CHECK_EQ(domctl(&op, XEN_DOMCTL_setvnumainfo, id), -XEN_EINVAL);
    ranges[1].flags = 0;
    CHECK_EQ(domctl(&op, XEN_DOMCTL_setvnumainfo, id), 0);
    CHECK_EQ(domctl(&op, XEN_DOMCTL_setvnumainfo, id), 0);
}

static long get(unsigned int id, struct xen_vnuma_topology_info *t)
{
    t->domid = (domid_t)id;
    return hypercall_2(__HYPERVISOR_memory_op, XENMEM_get_vnumainfo, t);
}

static void test_get(unsigned int id)
{
    uint32_t got_distance[NODES * NODES], got_nodes[VCPUS];
    struct xen_vmemrange got_ranges[2];
    struct xen_vnuma_topology_info room = {
        .nr_vnodes = NODES + 1, .nr_vcpus = VCPUS, .nr_vmemranges = 2,
        .vdistance.h = got_distance, .vcpu_to_vnode.h = got_nodes, .vmemrange.h = got_ranges,
    }, t = room;

    CHECK_EQ(get(id, &t), 0);
    CHECK_EQ(t.nr_vnodes, NODES);
    CHECK_EQ(memcmp(got_distance, distance, sizeof(distance)), 0);
    CHECK_EQ(memcmp(got_nodes, nodes, sizeof(nodes)), 0);
    CHECK_EQ(memcmp(got_ranges, ranges, sizeof(ranges)), 0);
    t = (struct xen_vnuma_topology_info){ 0 };
    CHECK_EQ(get(id, &t), -XEN_ENOBUFS);
    CHECK_EQ(t.nr_vnodes, NODES);
    CHECK_EQ(t.nr_vcpus, VCPUS);
    CHECK_EQ(t.nr_vmemranges, 2);
    t = room;
    t.nr_vcpus = 1;
    CHECK_EQ(get(id, &t), -XEN_ENOBUFS);
    t = room;
    t.vdistance.h = NULL;
    CHECK_EQ(get(id, &t), -XEN_EFAULT);
    t = room;
    t.pad = 1;
    CHECK_EQ(get(id, &t), -XEN_EINVAL);
    CHECK_EQ(hypercall_2(__HYPERVISOR_memory_op, XENMEM_get_vnumainfo, 0x1000), -XEN_EFAULT);
}

void test_vnuma(unsigned int id)
{
    struct xen_vnuma_topology_info t = { 0 };

    CHECK_EQ(get(id, &t), -XEN_EOPNOTSUPP);
    CHECK_EQ(get(NO_DOMAIN, &t), -XEN_ESRCH);
    test_set(id);
    test_get(id);
}

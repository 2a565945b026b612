/* SPDX-License-Identifier: BSD-2-Clause */
/* Memory that is held back for a domain. */
#include <public/errno.h>
#include <public/memory.h>

#include "builder.h"
#include "check.h"
#include "hypercall.h"
#include "parts.h"

static long claim(unsigned int id, uint64_t total)
{
    struct xen_memory_reservation r = { .nr_extents = total, .domid = (domid_t)id };

    return hypercall_2(__HYPERVISOR_memory_op, XENMEM_claim_pages, &r);
}

static long change(unsigned int id, unsigned int cmd, uint64_t *frame)
{
    struct xen_memory_reservation r = {
        .extent_start = frame, .nr_extents = 1, .domid = (domid_t)id,
    };

    return hypercall_2(__HYPERVISOR_memory_op, cmd, &r);
}

/* Of the domain, and of the machine. */
static void check_outstanding(unsigned int id, uint64_t want)
{
    struct xen_domctl_getdomaininfo info;
    struct xen_sysctl op = { 0 };

    CHECK(domain_info(id, &info));
    CHECK_EQ(info.outstanding_pages, want);
    CHECK_EQ(sysctl(&op, XEN_SYSCTL_physinfo), 0);
    CHECK_EQ(op.u.physinfo.outstanding_pages, want);
}

static void set_limit(unsigned int id, uint64_t pages)
{
    struct xen_domctl op = { .u.max_mem.max_memkb = pages * 4 };

    CHECK_EQ(domctl(&op, XEN_DOMCTL_max_mem, id), 0);
}

static void test_errors(unsigned int id, uint64_t has)
{
    struct xen_memory_reservation r = { .nr_extents = has + 1, .domid = (domid_t)id };
    uint64_t frame;

    set_limit(id, has + 20);
    CHECK_EQ(claim(id, has), -XEN_EINVAL);
    CHECK_EQ(claim(id, has + 21), -XEN_EINVAL);
    CHECK_EQ(claim(NO_DOMAIN, 1), -XEN_EINVAL);
    CHECK_EQ(claim(DOMID_SELF, 0), -XEN_EINVAL);
    r.extent_order = 1;
    CHECK_EQ(hypercall_2(__HYPERVISOR_memory_op, XENMEM_claim_pages, &r), -XEN_EINVAL);
    r.extent_order = 0;
    r.mem_flags = 1;
    CHECK_EQ(hypercall_2(__HYPERVISOR_memory_op, XENMEM_claim_pages, &r), -XEN_EINVAL);
    r.mem_flags = 0;
    r.extent_start = &frame;
    CHECK_EQ(hypercall_2(__HYPERVISOR_memory_op, XENMEM_claim_pages, &r), -XEN_EINVAL);
    CHECK_EQ(hypercall_2(__HYPERVISOR_memory_op, XENMEM_claim_pages, 0x1000), -XEN_EFAULT);
    CHECK_EQ(claim(id, 0), 0);
    set_limit(id, 1UL << 30);
    CHECK_EQ(claim(id, 1UL << 28), -XEN_ENOMEM);
    check_outstanding(id, 0);
}

/* It goes down with each frame that comes, and up with each that is given back. */
static void test_count(unsigned int id, uint64_t has)
{
    uint64_t frame = 5;

    set_limit(id, has + 20);
    CHECK_EQ(claim(id, has + 10), 0);
    check_outstanding(id, 10);
    CHECK_EQ(claim(id, has + 11), -XEN_EINVAL);
    CHECK_EQ(change(id, XENMEM_populate_physmap, &frame), 1);
    check_outstanding(id, 9);
    CHECK_EQ(change(id, XENMEM_decrease_reservation, &frame), 1);
    check_outstanding(id, 10);
    CHECK_EQ(claim(id, 0), 0);
    check_outstanding(id, 0);
}

/* Every other port is a range of its own, so the list of ranges grows until memory ends. */
static void test_no_memory_for_ports(unsigned int id)
{
    struct xen_domctl op = { .u.ioport_permission = { .nr_ports = 1, .allow_access = 1 } };
    long rc = 0;

    for (unsigned int port = 0x1001; rc == 0 && port < 0xf000; port += 2) {
        op.u.ioport_permission.first_port = port;
        rc = domctl(&op, XEN_DOMCTL_ioport_permission, id);
    }
    CHECK_EQ(rc, -XEN_ENOMEM);
    op.u.ioport_permission.first_port = 0x1000;
    op.u.ioport_permission.nr_ports = 0xe000;
    op.u.ioport_permission.allow_access = 0;
    CHECK_EQ(domctl(&op, XEN_DOMCTL_ioport_permission, id), 0);
}

/* The largest tables take more than what is left. */
static void test_no_memory_for_nodes(unsigned int id)
{
    static uint32_t distance[32 * 32], nodes[2], physical[32];
    static struct xen_vmemrange ranges[170];
    struct xen_domctl op = {
        .u.vnuma = {
            .nr_vnodes = 32, .nr_vmemranges = 170, .nr_vcpus = 2, .vdistance = distance,
            .vcpu_to_vnode = nodes, .vnode_to_pnode = physical, .vmemrange = ranges,
        },
    };

    CHECK_EQ(domctl(&op, XEN_DOMCTL_setvnumainfo, id), -XEN_ENOMEM);
}

/* Nearly all of free memory: others can't have it, the domain can. */
static void test_held_back(unsigned int id, uint64_t has)
{
    unsigned int other = (unsigned int)guest_create_empty(1), got = 0;
    uint64_t frame = 5, free = machine_free_pages_settled(), most = free - 16;
    struct xen_domctl vcpus = { .u.max_vcpus.max = 1 };

    set_limit(id, has + free);
    set_limit(other, 1000);
    CHECK_EQ(claim(id, has + most), 0);
    CHECK_EQ(claim(other, 900), -XEN_ENOMEM);
    while (got < 900 && change(other, XENMEM_populate_physmap, &frame) == 1)
        got++;
    CHECK(got <= 16);
    CHECK_EQ(domctl(&vcpus, XEN_DOMCTL_max_vcpus, other), -XEN_ENOMEM);
    CHECK_EQ(guest_create_empty(1), -XEN_ENOMEM);
    test_no_memory_for_ports(id);
    test_no_memory_for_nodes(id);
    frame = 5;
    CHECK_EQ(change(id, XENMEM_populate_physmap, &frame), 1);
    check_outstanding(id, most - 1);
    CHECK_EQ(change(id, XENMEM_decrease_reservation, &frame), 1);
    CHECK_EQ(claim(id, 0), 0);
    CHECK_EQ(change(other, XENMEM_populate_physmap, &frame), 1);
    /* Death ends a claim. */
    CHECK_EQ(claim(other, 500), 0);
    CHECK_EQ(domain_destroy(other), 0);
    check_outstanding(id, 0);
}

void test_claims(unsigned int id)
{
    struct xen_domctl_getdomaininfo info;

    CHECK(domain_info(id, &info));
    test_errors(id, info.tot_pages);
    test_count(id, info.tot_pages);
    test_held_back(id, info.tot_pages);
    set_limit(id, 100);
}

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Scenario: each sysctl as the tools use it, and each of its errors: the machine, its CPUs and
 * memory, the console, the list of domains, CPU policies, pools of CPUs.
 */
#include <public/errno.h>

#include "builder.h"
#include "check.h"
#include "control.h"
#include "hypercall.h"
#include "kit.h"
#include "mm.h"
#include "parts.h"
#include "string.h"

static void test_machine(void)
{
    struct xen_sysctl op = { 0 };
    struct xen_sysctl_cpuinfo info[8];
    struct xen_sysctl_physinfo *p = &op.u.physinfo;

    CHECK_EQ(sysctl(&op, XEN_SYSCTL_physinfo), 0);
    CHECK_EQ(p->nr_cpus, NR_TEST_CPUS);
    CHECK_EQ(p->max_cpu_id, NR_TEST_CPUS - 1);
    CHECK_EQ(p->nr_nodes, 1);
    CHECK(p->capabilities & XEN_SYSCTL_PHYSCAP_pv);
    CHECK(p->capabilities & XEN_SYSCTL_PHYSCAP_gnttab_v1);
    CHECK(p->cpu_khz > 100000);
    CHECK(p->free_pages > 0 && p->free_pages < p->total_pages);
    CHECK(p->max_mfn >= p->free_pages);
    CHECK_EQ(p->outstanding_pages, 0);
    CHECK(p->hw_cap[0] & 1);

    op.u.getcpuinfo.max_cpus = 8;
    op.u.getcpuinfo.info = info;
    CHECK_EQ(sysctl(&op, XEN_SYSCTL_getcpuinfo), 0);
    CHECK_EQ(op.u.getcpuinfo.nr_cpus, NR_TEST_CPUS);
    CHECK(info[1].idletime > 0);
    op.u.getcpuinfo.info = (void *)0x1000;
    CHECK_EQ(sysctl(&op, XEN_SYSCTL_getcpuinfo), -XEN_EFAULT);

    memset(&op.u, 0, sizeof(op.u));
    op.u.availheap.node = -1;
    CHECK_EQ(sysctl(&op, XEN_SYSCTL_availheap), 0);
    CHECK(op.u.availheap.avail_bytes > 0);
    op.u.availheap.node = 1;
    CHECK_EQ(sysctl(&op, XEN_SYSCTL_availheap), 0);
    CHECK_EQ(op.u.availheap.avail_bytes, 0);
    op.u.availheap.node = -1;
    op.u.availheap.min_bitwidth = 60;
    CHECK_EQ(sysctl(&op, XEN_SYSCTL_availheap), 0);
    CHECK_EQ(op.u.availheap.avail_bytes, 0);
}

static void test_topology(void)
{
    struct xen_sysctl_cputopo cpu[8];
    struct xen_sysctl_meminfo memory[4];
    struct physdev_pci_device dev[2] = { { .bus = 0 }, { .bus = 0xee } };
    uint32_t distance[16], nodes[2];
    struct physdev_pci_device_add add = { .bus = 0 };
    struct xen_sysctl op = { 0 };

    CHECK_EQ(sysctl(&op, XEN_SYSCTL_cputopoinfo), 0);
    CHECK_EQ(op.u.cputopoinfo.num_cpus, NR_TEST_CPUS);
    op.u.cputopoinfo.num_cpus = 8;
    op.u.cputopoinfo.cputopo = cpu;
    CHECK_EQ(sysctl(&op, XEN_SYSCTL_cputopoinfo), 0);
    CHECK_EQ(op.u.cputopoinfo.num_cpus, NR_TEST_CPUS);
    CHECK_EQ(cpu[0].node, 0);
    CHECK(cpu[0].core != cpu[1].core || cpu[0].socket != cpu[1].socket);
    op.u.cputopoinfo.cputopo = (void *)0x1000;
    CHECK_EQ(sysctl(&op, XEN_SYSCTL_cputopoinfo), -XEN_EFAULT);

    memset(&op.u, 0, sizeof(op.u));
    CHECK_EQ(sysctl(&op, XEN_SYSCTL_numainfo), 0);
    CHECK_EQ(op.u.numainfo.num_nodes, 1);
    op.u.numainfo.num_nodes = 4;
    op.u.numainfo.meminfo = memory;
    op.u.numainfo.distance = distance;
    CHECK_EQ(sysctl(&op, XEN_SYSCTL_numainfo), 0);
    CHECK_EQ(op.u.numainfo.num_nodes, 1);
    CHECK(memory[0].memsize > memory[0].memfree);
    CHECK_EQ(distance[0], 10);

    memset(&op.u, 0, sizeof(op.u));
    CHECK_EQ(sysctl(&op, XEN_SYSCTL_pcitopoinfo), -XEN_EINVAL);
    CHECK_EQ(hypercall_2(__HYPERVISOR_physdev_op, PHYSDEVOP_pci_device_add, &add), 0);
    op.u.pcitopoinfo.num_devs = 2;
    op.u.pcitopoinfo.devs = dev;
    op.u.pcitopoinfo.nodes = nodes;
    CHECK_EQ(sysctl(&op, XEN_SYSCTL_pcitopoinfo), 0);
    /* Firmware says nothing about nodes. */
    CHECK_EQ(nodes[0], XEN_INVALID_NODE_ID);
    CHECK_EQ(nodes[1], XEN_INVALID_DEV);
    op.u.pcitopoinfo.nodes = (void *)0x1000;
    CHECK_EQ(sysctl(&op, XEN_SYSCTL_pcitopoinfo), -XEN_EFAULT);
    memset(&op.u, 0, sizeof(op.u));
    CHECK_EQ(sysctl(&op, XEN_SYSCTL_psr_cmt_op), -XEN_ENODEV);
    CHECK_EQ(sysctl(&op, XEN_SYSCTL_psr_alloc), -XEN_ENODEV);
    CHECK_EQ(sysctl(&op, XEN_SYSCTL_coverage_op), -XEN_EOPNOTSUPP);
}

static void test_console(void)
{
    static char text[4096];
    struct xen_sysctl op = { .u.readconsole = { .buffer = text, .count = sizeof(text) } };
    uint32_t first;

    CHECK_EQ(sysctl(&op, XEN_SYSCTL_readconsole), 0);
    first = op.u.readconsole.count;
    CHECK(first > 100);
    op.u.readconsole.count = 10;
    CHECK_EQ(sysctl(&op, XEN_SYSCTL_readconsole), 0);
    CHECK_EQ(op.u.readconsole.count, 10);
    op.u.readconsole.incremental = 1;
    op.u.readconsole.count = 10;
    CHECK_EQ(sysctl(&op, XEN_SYSCTL_readconsole), 0);
    CHECK_EQ(op.u.readconsole.count, 10);
    op.u.readconsole = (struct xen_sysctl_readconsole){ .buffer = (void *)0x1000, .count = 10 };
    CHECK_EQ(sysctl(&op, XEN_SYSCTL_readconsole), -XEN_EFAULT);

    op.u.debug_keys.keys = "h";
    op.u.debug_keys.nr_keys = 1;
    CHECK_EQ(sysctl(&op, XEN_SYSCTL_debug_keys), 0);
    op.u.debug_keys.keys = (void *)0x1000;
    CHECK_EQ(sysctl(&op, XEN_SYSCTL_debug_keys), -XEN_EFAULT);
}

static void test_domain_list(void)
{
    static struct xen_domctl_getdomaininfo list[8];
    struct xen_sysctl op = { .u.getdomaininfolist = { .max_domains = 8, .buffer = list } };
    unsigned int a = (unsigned int)guest_create_empty(1), b = (unsigned int)guest_create_empty(1);

    CHECK_EQ(sysctl(&op, XEN_SYSCTL_getdomaininfolist), 0);
    CHECK_EQ(op.u.getdomaininfolist.num_domains, 3);
    CHECK_EQ(list[0].domain, 0);
    CHECK_EQ(list[1].domain, a);
    CHECK_EQ(list[2].domain, b);
    CHECK(list[0].flags & XEN_DOMINF_running);
    op.u.getdomaininfolist.first_domain = (domid_t)b;
    op.u.getdomaininfolist.max_domains = 1;
    CHECK_EQ(sysctl(&op, XEN_SYSCTL_getdomaininfolist), 0);
    CHECK_EQ(op.u.getdomaininfolist.num_domains, 1);
    CHECK_EQ(list[0].domain, b);
    op.u.getdomaininfolist.buffer = (void *)0x1000;
    CHECK_EQ(sysctl(&op, XEN_SYSCTL_getdomaininfolist), -XEN_EFAULT);
    CHECK_EQ(domain_destroy(a), 0);
    CHECK_EQ(domain_destroy(b), 0);
}

static void test_scheduler(void)
{
    struct xen_sysctl op = { 0 };

    CHECK_EQ(sysctl(&op, XEN_SYSCTL_sched_id), 0);
    CHECK_EQ(op.u.sched_id.sched_id, XEN_SCHEDULER_CREDIT2);
}

void test_main(void)
{
    kit_init();
    if (!is_initial_domain()) {
        check_skip("sysctl is the control domain's");
        return;
    }
    test_machine();
    test_topology();
    test_console();
    test_domain_list();
    test_scheduler();
    test_parameters();
    test_policies();
    test_pools();
}

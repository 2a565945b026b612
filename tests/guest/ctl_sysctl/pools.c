/* SPDX-License-Identifier: BSD-2-Clause */
/* Pools of CPUs: made, filled, moved to, emptied; and what they refuse. */
#include <public/errno.h>

#include <public/sched.h>

#include "builder.h"
#include "check.h"
#include "control.h"
#include "hypercall.h"
#include "parts.h"
#include "time.h"

#define ANY XEN_SYSCTL_CPUPOOL_PAR_ANY

static uint64_t cpus;

static struct xen_sysctl op;

static long pool(uint32_t cmd, uint32_t id, uint32_t cpu)
{
    op = (struct xen_sysctl){
        .u.cpupool_op = {
            .op = cmd, .cpupool_id = id, .cpu = cpu, .sched_id = XEN_SCHEDULER_CREDIT2,
            .cpumap = { (uint8_t *)&cpus, 64 },
        },
    };
    return sysctl(&op, XEN_SYSCTL_cpupool_op);
}

static long move(uint32_t id, uint32_t domain)
{
    op = (struct xen_sysctl){
        .u.cpupool_op = {
            .op = XEN_SYSCTL_CPUPOOL_OP_MOVEDOMAIN, .cpupool_id = id, .domid = domain,
        },
    };
    return sysctl(&op, XEN_SYSCTL_cpupool_op);
}

static void test_info(void)
{
    uint64_t end = time_now() + MILLISECS(5000);

    /* Domains that were destroyed may be counted until the last CPU has seen that they are gone. */
    do {
        hypercall_2(__HYPERVISOR_sched_op, SCHEDOP_yield, 0);
        cpus = 0;
        CHECK_EQ(pool(XEN_SYSCTL_CPUPOOL_OP_INFO, 0, 0), 0);
    } while (op.u.cpupool_op.n_dom != 1 && time_now() < end);
    CHECK_EQ(op.u.cpupool_op.cpupool_id, 0);
    CHECK_EQ(op.u.cpupool_op.sched_id, XEN_SCHEDULER_CREDIT2);
    CHECK_EQ(op.u.cpupool_op.n_dom, 1);
    CHECK_EQ(cpus, (1 << NR_TEST_CPUS) - 1);
    CHECK_EQ(pool(XEN_SYSCTL_CPUPOOL_OP_INFO, 1, 0), -XEN_ENOENT);
    CHECK_EQ(pool(XEN_SYSCTL_CPUPOOL_OP_FREEINFO, 0, 0), 0);
    CHECK_EQ(cpus, 0);
    CHECK_EQ(pool(99, 0, 0), -XEN_ENOSYS);
}

static void test_moves(uint32_t id)
{
    unsigned int domain = (unsigned int)guest_create_empty(1);
    struct xen_domctl d = { .u.max_vcpus.max = 1 };
    struct xen_domctl_getdomaininfo info;

    CHECK_EQ(domctl(&d, XEN_DOMCTL_max_vcpus, domain), 0);
    CHECK_EQ(move(id, domain), 0);
    CHECK(domain_info(domain, &info));
    CHECK_EQ(info.cpupool, id);
    CHECK_EQ(pool(XEN_SYSCTL_CPUPOOL_OP_INFO, id, 0), 0);
    CHECK_EQ(op.u.cpupool_op.n_dom, 1);
    CHECK_EQ(cpus, 2);
    CHECK_EQ(pool(XEN_SYSCTL_CPUPOOL_OP_DESTROY, id, 0), -XEN_EBUSY);
    CHECK_EQ(pool(XEN_SYSCTL_CPUPOOL_OP_RMCPU, id, 1), -XEN_EBUSY);
    /* Only the pool's CPUs count. */
    cpus = 1;
    d.u.vcpuaffinity = (struct xen_domctl_vcpuaffinity){
        .flags = XEN_VCPUAFFINITY_HARD, .cpumap_hard = { (uint8_t *)&cpus, 64 },
    };
    CHECK_EQ(domctl(&d, XEN_DOMCTL_setvcpuaffinity, domain), -XEN_EINVAL);
    cpus = 3;
    CHECK_EQ(domctl(&d, XEN_DOMCTL_setvcpuaffinity, domain), 0);
    CHECK_EQ(cpus, 2);
    CHECK_EQ(domctl(&d, XEN_DOMCTL_getvcpuaffinity, domain), 0);
    CHECK_EQ(cpus, 3);
    CHECK_EQ(move(77, domain), -XEN_ENOENT);
    CHECK_EQ(move(id, 0), -XEN_EPERM);
    CHECK_EQ(move(0, 0), -XEN_EPERM);
    CHECK_EQ(move(77, 0), -XEN_EPERM);
    CHECK_EQ(move(id, 0x7000), -XEN_ESRCH);
    CHECK_EQ(move(id, 0x7ff0), -XEN_ESRCH);
    CHECK_EQ(move(0, domain), 0);
    CHECK_EQ(domain_destroy(domain), 0);
}

/* Of the schedulers there are. */
static void test_schedulers(void)
{
    static const uint32_t missing[] = { 0, XEN_SCHEDULER_RTDS, 99 };

    for (unsigned int i = 0; i < sizeof(missing) / sizeof(missing[0]); i++) {
        op = (struct xen_sysctl){
            .u.cpupool_op = {
                .op = XEN_SYSCTL_CPUPOOL_OP_CREATE, .cpupool_id = 9, .sched_id = missing[i],
            },
        };
        CHECK_EQ(sysctl(&op, XEN_SYSCTL_cpupool_op), -XEN_ENOENT);
    }
}

/* No domain comes into a pool where it couldn't run. */
static void test_without_cpus(uint32_t id)
{
    unsigned int domain = (unsigned int)guest_create_empty(1);
    struct xen_domctl d = {
        .u.createdomain = {
            .max_vcpus = 1, .max_evtchn_port = 1023, .max_grant_frames = -1,
            .max_maptrack_frames = -1, .grant_opts = XEN_DOMCTL_GRANT_version(1),
            .cpupool_id = id,
        },
    };

    CHECK_EQ(move(id, domain), -XEN_ENOENT);
    CHECK_EQ(domctl(&d, XEN_DOMCTL_createdomain, 0), -XEN_ENODEV);
    CHECK_EQ(domain_destroy(domain), 0);
}

void test_pools(void)
{
    uint32_t id;

    test_info();
    CHECK_EQ(pool(XEN_SYSCTL_CPUPOOL_OP_DESTROY, 0, 0), -XEN_EBUSY);
    CHECK_EQ(pool(XEN_SYSCTL_CPUPOOL_OP_DESTROY, 5, 0), -XEN_ENOENT);
    CHECK_EQ(pool(XEN_SYSCTL_CPUPOOL_OP_CREATE, 0, 0), -XEN_EEXIST);
    test_schedulers();
    CHECK_EQ(pool(XEN_SYSCTL_CPUPOOL_OP_CREATE, ANY, 0), 0);
    id = op.u.cpupool_op.cpupool_id;
    CHECK_EQ(id, 1);
    test_without_cpus(id);
    CHECK_EQ(pool(XEN_SYSCTL_CPUPOOL_OP_ADDCPU, id, 1), -XEN_ENODEV);
    CHECK_EQ(pool(XEN_SYSCTL_CPUPOOL_OP_ADDCPU, id, 200), -XEN_EINVAL);
    CHECK_EQ(pool(XEN_SYSCTL_CPUPOOL_OP_ADDCPU, 77, 1), -XEN_ENOENT);
    CHECK_EQ(pool(XEN_SYSCTL_CPUPOOL_OP_RMCPU, id, 1), -XEN_EADDRNOTAVAIL);
    CHECK_EQ(pool(XEN_SYSCTL_CPUPOOL_OP_RMCPU, 5, 1), -XEN_ENOENT);
    CHECK_EQ(pool(XEN_SYSCTL_CPUPOOL_OP_RMCPU, 0, 1), 0);
    CHECK_EQ(pool(XEN_SYSCTL_CPUPOOL_OP_RMCPU, 0, 0), -XEN_EINVAL);
    CHECK_EQ(pool(XEN_SYSCTL_CPUPOOL_OP_FREEINFO, 0, 0), 0);
    CHECK_EQ(cpus, 2);
    CHECK_EQ(pool(XEN_SYSCTL_CPUPOOL_OP_ADDCPU, id, ANY), 0);
    test_moves(id);
    CHECK_EQ(pool(XEN_SYSCTL_CPUPOOL_OP_DESTROY, id, 0), -XEN_EBUSY);
    CHECK_EQ(pool(XEN_SYSCTL_CPUPOOL_OP_RMCPU, id, ANY), 0);
    CHECK_EQ(pool(XEN_SYSCTL_CPUPOOL_OP_DESTROY, id, 0), 0);
    CHECK_EQ(pool(XEN_SYSCTL_CPUPOOL_OP_ADDCPU, 0, 1), 0);
    test_info();
}

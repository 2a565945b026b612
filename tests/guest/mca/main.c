/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Scenario: the machine check call, as dom0's log driver uses it: which CPUs there are. What was
 * recorded is asked for, but need not be offered.
 */
#include <public/errno.h>
#include <public/mca.h>
#include <public/version.h>

#include "check.h"
#include "hypercall.h"
#include "kit.h"
#include "mm.h"
#include "string.h"

#define CPUS 2

static struct mcinfo_logical_cpu info[CPUS + 1];

static long mca(struct xen_mc *op, uint32_t cmd)
{
    op->cmd = cmd;
    op->interface_version = XEN_MCA_INTERFACE_VERSION;
    return hypercall_1(__HYPERVISOR_mca, op);
}

static void test_stranger(void)
{
    struct xen_mc op = { 0 };

    CHECK_EQ(mca(&op, XEN_MC_physcpuinfo), -XEN_EPERM);
    CHECK_EQ(mca(&op, XEN_MC_mceinject), -XEN_EPERM);
    CHECK_EQ(mca(&op, 99), -XEN_EPERM);
}

static void test_errors(void)
{
    struct xen_mc op = { .cmd = XEN_MC_physcpuinfo, .interface_version = 1 };

    CHECK_EQ(hypercall_1(__HYPERVISOR_mca, &op), -XEN_EACCES);
    CHECK_EQ(hypercall_1(__HYPERVISOR_mca, 0x1000), -XEN_EFAULT);
    CHECK_EQ(mca(&op, 0), -XEN_EINVAL);
    CHECK_EQ(mca(&op, 99), -XEN_EINVAL);
    CHECK_EQ(mca(&op, XEN_MC_notifydomain), -XEN_EINVAL);
    op.u.mc_physcpuinfo = (struct xen_mc_physcpuinfo){ .ncpus = CPUS, .info = (void *)0x1000 };
    CHECK_EQ(mca(&op, XEN_MC_physcpuinfo), -XEN_EFAULT);
    op.u.mc_physcpuinfo = (struct xen_mc_physcpuinfo){ .ncpus = 0, .info = info };
    CHECK_EQ(mca(&op, XEN_MC_physcpuinfo), -XEN_EINVAL);
}

static void test_number(void)
{
    struct xen_mc op = { 0 };

    CHECK_EQ(mca(&op, XEN_MC_physcpuinfo), 0);
    CHECK_EQ(op.u.mc_physcpuinfo.ncpus, CPUS);
}

/* Xen 4.17 writes beyond its own buffer then. */
static void test_little_room(void)
{
    struct xen_mc op = { .u.mc_physcpuinfo = { .ncpus = 1, .info = info } };
    char extra[16];

    CHECK_EQ(hypercall_2(__HYPERVISOR_xen_version, XENVER_extraversion, extra), 0);
    if (memcmp(extra, ".xenios", 8) != 0) {
        check_skip_part("little-room", "this hypervisor would end");
        return;
    }
    memset(info, 0x55, sizeof(info));
    CHECK_EQ(mca(&op, XEN_MC_physcpuinfo), 0);
    CHECK_EQ(op.u.mc_physcpuinfo.ncpus, 1);
    CHECK_EQ(info[0].mc_cpunr, 0);
    CHECK_EQ(info[1].mc_cpunr, 0x55555555);
}

static void test_cpus(void)
{
    struct xen_mc op = { .u.mc_physcpuinfo = { .ncpus = CPUS + 1, .info = info } };
    uint32_t a, b, c, d;

    memset(info, 0x55, sizeof(info));
    CHECK_EQ(mca(&op, XEN_MC_physcpuinfo), 0);
    CHECK_EQ(op.u.mc_physcpuinfo.ncpus, CPUS);
    CHECK_EQ(info[CPUS].mc_cpunr, 0x55555555);
    __asm__ volatile("cpuid" : "=a"(a), "=b"(b), "=c"(c), "=d"(d) : "a"(0), "c"(0));
    for (unsigned int i = 0; i < CPUS; i++) {
        CHECK_EQ(info[i].mc_cpunr, i);
        CHECK_EQ(info[i].mc_apicid, i);
        CHECK_EQ(info[i].mc_chipid, 0);
        CHECK_EQ(info[i].mc_coreid, i);
        CHECK_EQ(info[i].mc_threadid, 0);
        CHECK_EQ(info[i].mc_ncores_active, CPUS);
        CHECK_EQ(info[i].mc_nthreads, 1);
        CHECK(info[i].mc_family != 0);
        CHECK_EQ(info[i].mc_cpu_caps[0] & (1U << 4), 1U << 4); /* TSC */
        CHECK_EQ(memcmp(info[i].mc_vendorid, &b, 4), 0);
        CHECK_EQ(memcmp(info[i].mc_vendorid + 4, &d, 4), 0);
        CHECK_EQ(memcmp(info[i].mc_vendorid + 8, &c, 4), 0);
        CHECK_EQ(info[i].mc_nmsrvals, 1);
        CHECK_EQ(info[i].mc_msrvalues[0].reg, 0x179);
        CHECK(info[i].mc_msrvalues[0].value != 0);
    }
}

static void test_fetch(void)
{
    static struct mc_info records;
    struct xen_mc op = { .u.mc_fetch = { .flags = XEN_MC_NONURGENT, .data = &records } };
    long rc = mca(&op, XEN_MC_fetch);

    if (rc == -XEN_ENOSYS) {
        check_skip_part("fetch", "the hypervisor keeps no records of machine checks");
        return;
    }
    CHECK_EQ(rc, 0);
    CHECK_EQ(op.u.mc_fetch.flags, XEN_MC_NODATA);
}

void test_main(void)
{
    kit_init();
    if (!is_initial_domain()) {
        test_stranger();
        return;
    }
    test_errors();
    test_number();
    test_little_room();
    test_cpus();
    test_fetch();
}

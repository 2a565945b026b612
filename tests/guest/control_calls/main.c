/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Scenario: the first checks of domctl, sysctl, the machine check call and others that only
 * tools use: interface versions, unknown commands and domains, in the order that tools see.
 */
#include <public/errno.h>
#include <public/hvm/hvm_op.h>

#include "check.h"
#include "hypercall.h"
#include "kit.h"
#include "mm.h"
#include "string.h"

#define DOMCTL_VERSION 0x15
#define SYSCTL_VERSION 0x15
#define DOMCTL_pausedomain 3
#define SYSCTL_physinfo 3
#define DOMCTL_destroydomain 2

static union control_arg {
    struct {
        uint32_t cmd, version;
        uint16_t domain;
    } domctl;
    struct {
        uint32_t cmd, version;
    } sysctl;
    struct xen_hvm_param hvm;
    struct xen_hvm_get_time time;
    uint8_t bytes[256];
} arg;

static long domctl(uint32_t cmd, uint32_t version, uint16_t domain)
{
    arg.domctl.cmd = cmd;
    arg.domctl.version = version;
    arg.domctl.domain = domain;
    return hypercall_1(__HYPERVISOR_domctl, &arg);
}

static long sysctl(uint32_t cmd, uint32_t version)
{
    arg.sysctl.cmd = cmd;
    arg.sysctl.version = version;
    return hypercall_1(__HYPERVISOR_sysctl, &arg);
}

static void test_domctl(void)
{
    if (domctl(DOMCTL_pausedomain, DOMCTL_VERSION, 999) == -XEN_ENOSYS) {
        check_skip_part("domctl", "the hypervisor has no domctl yet");
        return;
    }
    CHECK_EQ(domctl(DOMCTL_pausedomain, DOMCTL_VERSION - 1, 0), -XEN_EACCES);
    CHECK_EQ(domctl(DOMCTL_pausedomain, DOMCTL_VERSION, 999), -XEN_ESRCH);
    CHECK_EQ(domctl(9999, DOMCTL_VERSION, 999), -XEN_ESRCH);
    CHECK_EQ(domctl(9999, DOMCTL_VERSION, 0), -XEN_ENOSYS);
    CHECK_EQ(domctl(DOMCTL_pausedomain, DOMCTL_VERSION, 0), -XEN_EINVAL);
    CHECK_EQ(domctl(DOMCTL_destroydomain, DOMCTL_VERSION, 0), -XEN_EINVAL);
    CHECK_EQ(domctl(DOMCTL_destroydomain, DOMCTL_VERSION, DOMID_SELF), -XEN_ESRCH);
    CHECK_EQ(hypercall_1(__HYPERVISOR_domctl, 0x1000), -XEN_EFAULT);
}

static void test_sysctl(void)
{
    if (sysctl(SYSCTL_physinfo, SYSCTL_VERSION - 1) == -XEN_ENOSYS) {
        check_skip_part("sysctl", "the hypervisor has no sysctl yet");
        return;
    }
    CHECK_EQ(sysctl(SYSCTL_physinfo, SYSCTL_VERSION - 1), -XEN_EACCES);
    CHECK_EQ(sysctl(9999, SYSCTL_VERSION), -XEN_ENOSYS);
    CHECK_EQ(hypercall_1(__HYPERVISOR_sysctl, 0x1000), -XEN_EFAULT);
}

static void test_hvm_op(void)
{
    memset(&arg, 0, sizeof(arg));
    CHECK_EQ(hypercall_2(__HYPERVISOR_hvm_op, 99, &arg), -XEN_ENOSYS);
    for (unsigned int op = HVMOP_set_param; op <= HVMOP_get_param; op++) {
        arg.hvm = (struct xen_hvm_param){ .domid = 0 };
        CHECK_EQ(hypercall_2(__HYPERVISOR_hvm_op, op, &arg), -XEN_EINVAL);
        arg.hvm.domid = DOMID_SELF;
        CHECK_EQ(hypercall_2(__HYPERVISOR_hvm_op, op, &arg), -XEN_EINVAL);
        arg.hvm.domid = 999;
        CHECK_EQ(hypercall_2(__HYPERVISOR_hvm_op, op, &arg), -XEN_ESRCH);
        CHECK_EQ(hypercall_2(__HYPERVISOR_hvm_op, op, 0x1000), -XEN_EFAULT);
    }
    arg.time.now = 0;
    CHECK_EQ(hypercall_2(__HYPERVISOR_hvm_op, HVMOP_get_time, &arg), 0);
    CHECK(arg.time.now != 0);
    memset(&arg, 0, sizeof(arg));
    CHECK_EQ(hypercall_2(__HYPERVISOR_hvm_op, HVMOP_pagetable_dying, &arg), -XEN_EINVAL);
    CHECK_EQ(hypercall_2(__HYPERVISOR_hvm_op, HVMOP_set_evtchn_upcall_vector, &arg), -XEN_EINVAL);
}

void test_main(void)
{
    kit_init();
    if (!is_initial_domain()) {
        check_skip("these calls are the control domain's");
        return;
    }
    test_domctl();
    test_sysctl();
    test_hvm_op();
    CHECK_EQ(hypercall_3(__HYPERVISOR_xenpmu_op, 0, &arg, 0), -XEN_EOPNOTSUPP);
}

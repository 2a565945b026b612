/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Scenario: the errors of vcpu_op: which vCPUs exist, unknown commands, and what comes first
 * when several things are wrong.
 */
#include <public/errno.h>
#include <public/vcpu.h>

#include "check.h"
#include "hypercall.h"
#include "kit.h"
#include "mm.h"
#include "smp.h"

void test_main(void)
{
    struct vcpu_get_physid physid = { 0 };

    kit_init();
    CHECK_EQ(vcpu_op(VCPUOP_is_up, 0, NULL), 1);
    CHECK_EQ(vcpu_op(VCPUOP_is_up, 1, NULL), 0);
    CHECK_EQ(vcpu_op(VCPUOP_is_up, 2, NULL), -XEN_ENOENT);
    CHECK_EQ(vcpu_op(VCPUOP_is_up, 8191, NULL), -XEN_ENOENT);
    CHECK_EQ(vcpu_op(VCPUOP_is_up, ~0u, NULL), -XEN_ENOENT);
    CHECK_EQ(vcpu_op(99, 0, NULL), -XEN_ENOSYS);
    CHECK_EQ(vcpu_op(99, 2, NULL), -XEN_ENOENT);
    CHECK_EQ(vcpu_op(VCPUOP_down, 1, NULL), 0);
    CHECK_EQ(vcpu_op(VCPUOP_up, 0, NULL), 0);
    CHECK_EQ(vcpu_op(VCPUOP_get_physid, 0, &physid), -XEN_EINVAL);
    CHECK_EQ(vcpu_op(VCPUOP_send_nmi, 2, NULL), -XEN_ENOENT);
}

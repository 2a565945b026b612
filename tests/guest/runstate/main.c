/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Scenario: runstate. The hypercall and the registered area agree, the times add up to the
 * time passed, blocking is counted as such, and the update flag appears only when asked for.
 */
#include <public/errno.h>
#include <public/sched.h>
#include <public/vcpu.h>

#include "check.h"
#include "event.h"
#include "hypercall.h"
#include "kit.h"
#include "mm.h"
#include "smp.h"
#include "time.h"

static struct vcpu_runstate_info info, area, other;

static uint64_t total(const struct vcpu_runstate_info *r)
{
    return r->time[0] + r->time[1] + r->time[2] + r->time[3];
}

static void test_get(void)
{
    struct vcpu_runstate_info later;
    uint64_t passed;

    CHECK_EQ(vcpu_op(VCPUOP_get_runstate_info, 0, &info), 0);
    CHECK_EQ(info.state, RUNSTATE_running);
    CHECK(info.state_entry_time <= time_now());
    wait_ns(MILLISECS(10));
    CHECK_EQ(vcpu_op(VCPUOP_get_runstate_info, 0, &later), 0);
    passed = total(&later) - total(&info);
    CHECK(passed >= MILLISECS(10));
    CHECK(passed < MILLISECS(5000));
    CHECK(later.time[RUNSTATE_running] > info.time[RUNSTATE_running]);
    CHECK_EQ(vcpu_op(VCPUOP_get_runstate_info, 1, &other), 0);
    CHECK_EQ(other.state, RUNSTATE_offline);
    CHECK_EQ(vcpu_op(VCPUOP_get_runstate_info, 0, (void *)0x1000), -XEN_EFAULT);
    CHECK_EQ(vcpu_op(VCPUOP_get_runstate_info, 20, &info), -XEN_ENOENT);
}

static long register_area(uint64_t address)
{
    struct vcpu_register_runstate_memory_area op = { .addr.p = address };

    return vcpu_op(VCPUOP_register_runstate_memory_area, 0, &op);
}

static void test_area(void)
{
    struct sched_poll op = { 0 };
    uint64_t blocked;

    CHECK_EQ(register_area((uint64_t)&area), 0);
    CHECK_EQ(area.state, RUNSTATE_running);
    blocked = area.time[RUNSTATE_blocked];
    op.timeout = time_now() + MILLISECS(30);
    CHECK_EQ(hypercall_2(__HYPERVISOR_sched_op, SCHEDOP_poll, &op), 0);
    CHECK_EQ(area.state, RUNSTATE_running);
    CHECK(area.time[RUNSTATE_blocked] - blocked >= MILLISECS(20));
    CHECK(area.state_entry_time <= time_now());
    CHECK_EQ(area.state_entry_time & XEN_RUNSTATE_UPDATE, 0);

    /* An address where nothing is mapped is remembered, the hypervisor's own is refused. */
    CHECK_EQ(register_area((uint64_t)window(9)), 0);
    op.timeout = time_now() + MILLISECS(5);
    CHECK_EQ(hypercall_2(__HYPERVISOR_sched_op, SCHEDOP_poll, &op), 0);
    CHECK_EQ(register_area(HYPERVISOR_VIRT_START), -XEN_EFAULT);
    CHECK_EQ(register_area((uint64_t)&area), 0);
    CHECK_EQ(vcpu_op(VCPUOP_register_runstate_memory_area, 0, (void *)0x1000), -XEN_EFAULT);
}

void test_main(void)
{
    kit_init();
    CHECK_EQ(timer_stop_periodic(0), 0);
    test_get();
    test_area();
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* Parameters of the schedulers, of pool 0 (credit2) and of one that is made for credit. */
#include <public/errno.h>

#include "check.h"
#include "control.h"
#include "parts.h"

#define NO_POOL 77

static struct xen_sysctl op;

static long schedop(uint32_t cmd, uint32_t scheduler, uint32_t pool)
{
    op.u.scheduler_op.cmd = cmd;
    op.u.scheduler_op.sched_id = scheduler;
    op.u.scheduler_op.cpupool_id = pool;
    return sysctl(&op, XEN_SYSCTL_scheduler_op);
}

static uint32_t rate_limit(void)
{
    op.u.scheduler_op.u.sched_credit2.ratelimit_us = 0xffffffff;
    CHECK_EQ(schedop(XEN_SYSCTL_SCHEDOP_getinfo, XEN_SCHEDULER_CREDIT2, 0), 0);
    return op.u.scheduler_op.u.sched_credit2.ratelimit_us;
}

static long set_rate_limit(uint32_t us)
{
    op.u.scheduler_op.u.sched_credit2.ratelimit_us = us;
    return schedop(XEN_SYSCTL_SCHEDOP_putinfo, XEN_SCHEDULER_CREDIT2, 0);
}

static void test_credit2(void)
{
    CHECK_EQ(rate_limit(), 1000);
    CHECK_EQ(set_rate_limit(XEN_SYSCTL_SCHED_RATELIMIT_MIN), 0);
    CHECK_EQ(rate_limit(), XEN_SYSCTL_SCHED_RATELIMIT_MIN);
    CHECK_EQ(set_rate_limit(XEN_SYSCTL_SCHED_RATELIMIT_MAX), 0);
    CHECK_EQ(rate_limit(), XEN_SYSCTL_SCHED_RATELIMIT_MAX);
    CHECK_EQ(set_rate_limit(0), 0);
    CHECK_EQ(rate_limit(), 0);
    CHECK_EQ(set_rate_limit(1), -XEN_EINVAL);
    CHECK_EQ(set_rate_limit(XEN_SYSCTL_SCHED_RATELIMIT_MIN - 1), -XEN_EINVAL);
    CHECK_EQ(set_rate_limit(XEN_SYSCTL_SCHED_RATELIMIT_MAX + 1), -XEN_EINVAL);
    CHECK_EQ(rate_limit(), 0);
    CHECK_EQ(set_rate_limit(1000), 0);
}

static long set_credit(uint32_t pool, uint32_t slice, uint32_t limit, uint32_t delay)
{
    op.u.scheduler_op.u.sched_credit =
        (struct xen_sysctl_credit_schedule){ slice, limit, delay };
    return schedop(XEN_SYSCTL_SCHEDOP_putinfo, XEN_SCHEDULER_CREDIT, pool);
}

static void check_credit(uint32_t pool, uint32_t slice, uint32_t limit, uint32_t delay)
{
    const struct xen_sysctl_credit_schedule *c = &op.u.scheduler_op.u.sched_credit;

    op.u.scheduler_op.u.sched_credit = (struct xen_sysctl_credit_schedule){ 7, 7, 7 };
    CHECK_EQ(schedop(XEN_SYSCTL_SCHEDOP_getinfo, XEN_SCHEDULER_CREDIT, pool), 0);
    CHECK_EQ(c->tslice_ms, slice);
    CHECK_EQ(c->ratelimit_us, limit);
    CHECK_EQ(c->vcpu_migr_delay_us, delay);
}

static void test_credit(uint32_t pool)
{
    check_credit(pool, 30, 1000, 0);
    CHECK_EQ(set_credit(pool, 1, 1000, 0), 0);
    check_credit(pool, 1, 1000, 0);
    CHECK_EQ(set_credit(pool, 1000, 500000, 100000), 0);
    check_credit(pool, 1000, 500000, 100000);
    CHECK_EQ(set_credit(pool, 30, 0, 0), 0);
    CHECK_EQ(set_credit(pool, 0, 1000, 0), -XEN_EINVAL);
    CHECK_EQ(set_credit(pool, 1001, 1000, 0), -XEN_EINVAL);
    CHECK_EQ(set_credit(pool, 30, 50, 0), -XEN_EINVAL);
    CHECK_EQ(set_credit(pool, 1000, 500001, 0), -XEN_EINVAL);
    CHECK_EQ(set_credit(pool, 30, 30001, 0), -XEN_EINVAL);
    CHECK_EQ(set_credit(pool, 30, 1000, 100001), -XEN_EINVAL);
    check_credit(pool, 30, 0, 0);
}

static void test_errors(void)
{
    CHECK_EQ(schedop(99, XEN_SCHEDULER_CREDIT2, 0), -XEN_EINVAL);
    CHECK_EQ(schedop(XEN_SYSCTL_SCHEDOP_getinfo, XEN_SCHEDULER_CREDIT, 0), -XEN_EINVAL);
    CHECK_EQ(schedop(XEN_SYSCTL_SCHEDOP_putinfo, XEN_SCHEDULER_CREDIT, 0), -XEN_EINVAL);
    CHECK_EQ(schedop(XEN_SYSCTL_SCHEDOP_getinfo, XEN_SCHEDULER_CREDIT2, NO_POOL), -XEN_ESRCH);
}

void test_parameters(void)
{
    struct xen_sysctl p = {
        .u.cpupool_op = {
            .op = XEN_SYSCTL_CPUPOOL_OP_CREATE, .cpupool_id = 3, .sched_id = XEN_SCHEDULER_CREDIT,
        },
    };

    test_credit2();
    test_errors();
    CHECK_EQ(sysctl(&p, XEN_SYSCTL_cpupool_op), 0);
    test_credit(3);
    p.u.cpupool_op.op = XEN_SYSCTL_CPUPOOL_OP_DESTROY;
    CHECK_EQ(sysctl(&p, XEN_SYSCTL_cpupool_op), 0);
}

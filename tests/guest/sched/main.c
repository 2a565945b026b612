/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Scenario: the smaller scheduler calls: yield, block with an event pending, watchdogs and
 * their numbers, pinning, and what is not known.
 */
#include <public/errno.h>
#include <public/sched.h>

#include "check.h"
#include "event.h"
#include "hypercall.h"
#include "kit.h"
#include "mm.h"
#include "time.h"

static long sched_op(unsigned int cmd, const void *arg)
{
    return hypercall_2(__HYPERVISOR_sched_op, cmd, arg);
}

static long watchdog(uint32_t id, uint32_t timeout)
{
    struct sched_watchdog op = { .id = id, .timeout = timeout };

    return sched_op(SCHEDOP_watchdog, &op);
}

static void test_watchdogs(void)
{
    long id = watchdog(0, 100), second;

    CHECK_EQ(id, 1);
    second = watchdog(0, 100);
    CHECK_EQ(second, 2);
    /* The reference gives this one as 32 bits. */
    CHECK_EQ((int32_t)watchdog(0, 100), -XEN_ENOSPC);
    CHECK_EQ(watchdog((uint32_t)id, 100), 0);
    CHECK_EQ(watchdog((uint32_t)id, 0), 0);
    CHECK_EQ(watchdog((uint32_t)id, 0), -XEN_EINVAL);
    CHECK_EQ(watchdog(0, 100), id);
    CHECK_EQ(watchdog((uint32_t)id, 0), 0);
    CHECK_EQ(watchdog((uint32_t)second, 0), 0);
    CHECK_EQ(watchdog(99, 10), -XEN_EINVAL);
}

static void test_pin(void)
{
    struct sched_pin_override op = { .pcpu = 0 };

    if (!is_initial_domain()) {
        CHECK_EQ(sched_op(SCHEDOP_pin_override, &op), -XEN_EPERM);
        return;
    }
    op.pcpu = 4000;
    CHECK_EQ(sched_op(SCHEDOP_pin_override, &op), -XEN_EINVAL);
    op.pcpu = 0;
    CHECK_EQ(sched_op(SCHEDOP_pin_override, &op), 0);
    CHECK_EQ(sched_op(SCHEDOP_pin_override, &op), -XEN_EBUSY);
    op.pcpu = -1;
    CHECK_EQ(sched_op(SCHEDOP_pin_override, &op), 0);
}

static void test_block(void)
{
    unsigned int port = (unsigned int)event_bind_ipi(0);

    CHECK_EQ(event_send(port), 0);
    CHECK_EQ(sched_op(SCHEDOP_block, NULL), 0);
    CHECK_EQ(event_count[port], 1);
    events_disable();
    CHECK_EQ(sched_op(SCHEDOP_yield, NULL), 0);
    CHECK_EQ(event_close(port), 0);
}

static void test_errors(void)
{
    CHECK_EQ(sched_op(SCHEDOP_shutdown, (void *)0x1000), -XEN_EFAULT);
    CHECK_EQ(sched_op(SCHEDOP_watchdog, (void *)0x1000), -XEN_EFAULT);
    CHECK_EQ(sched_op(SCHEDOP_pin_override, (void *)0x1000),
             is_initial_domain() ? -XEN_EFAULT : -XEN_EPERM);
    CHECK_EQ(sched_op(8, NULL), -XEN_ENOSYS);
    CHECK_EQ(sched_op(~0u, NULL), -XEN_ENOSYS);
}

void test_main(void)
{
    kit_init();
    CHECK_EQ(timer_stop_periodic(0), 0);
    test_watchdogs();
    test_pin();
    test_block();
    test_errors();
}

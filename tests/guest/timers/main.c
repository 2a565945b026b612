/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Scenario: the timers of a vCPU. One-shot in the future, in the past, replaced and stopped;
 * periodic, also the one that runs from the start; set_timer_op; and the errors.
 */
#include <public/errno.h>
#include <public/vcpu.h>

#include "check.h"
#include "event.h"
#include "hypercall.h"
#include "kit.h"
#include "mm.h"
#include "smp.h"
#include "time.h"

static unsigned int port;

static unsigned int fired(void)
{
    return event_count[port];
}

static void forget(void)
{
    event_count[port] = 0;
}

static bool fires_within(uint64_t ns)
{
    return wait_count(&event_count[port], 1, ns);
}

static long set_periodic(uint64_t period_ns)
{
    struct vcpu_set_periodic_timer op = { .period_ns = period_ns };

    return vcpu_op(VCPUOP_set_periodic_timer, 0, &op);
}

/* A new vCPU has a timer of 10 ms. */
static void test_initial_period(void)
{
    uint64_t start = time_now(), took;

    CHECK(wait_count(&event_count[port], 5, MILLISECS(3000)));
    took = time_now() - start;
    CHECK(took > MILLISECS(30));
    CHECK_EQ(timer_stop_periodic(0), 0);
    wait_ns(MILLISECS(15));
    forget();
    CHECK(!fires_within(MILLISECS(50)));
}

static void test_singleshot(void)
{
    uint64_t deadline = time_now() + MILLISECS(30);

    forget();
    CHECK_EQ(timer_set_singleshot(deadline, 0), 0);
    CHECK(fires_within(MILLISECS(2000)));
    CHECK(time_now() >= deadline);
    wait_ns(MILLISECS(20));
    CHECK_EQ(fired(), 1);
}

/* A deadline that has passed fires at once; the flag for it is ignored. */
static void test_past(void)
{
    static const uint64_t past[] = { 0, 1, ~0UL };

    for (unsigned int i = 0; i < 3; i++) {
        forget();
        CHECK_EQ(timer_set_singleshot(past[i], 0), 0);
        CHECK(fires_within(MILLISECS(2000)));
    }
    forget();
    CHECK_EQ(timer_set_singleshot(time_now() - MILLISECS(1), VCPU_SSHOTTMR_future), 0);
    CHECK(fires_within(MILLISECS(2000)));
}

static void test_replaced_and_stopped(void)
{
    uint64_t second = time_now() + MILLISECS(120);

    forget();
    CHECK_EQ(timer_set_singleshot(second - MILLISECS(100), 0), 0);
    CHECK_EQ(timer_set_singleshot(second, 0), 0);
    CHECK(fires_within(MILLISECS(2000)));
    CHECK(time_now() >= second);
    forget();
    CHECK_EQ(timer_set_singleshot(time_now() + MILLISECS(20), 0), 0);
    CHECK_EQ(vcpu_op(VCPUOP_stop_singleshot_timer, 0, NULL), 0);
    CHECK(!fires_within(MILLISECS(60)));
}

static void test_periodic(void)
{
    uint64_t start;

    forget();
    start = time_now();
    CHECK_EQ(set_periodic(MILLISECS(5)), 0);
    CHECK(wait_count(&event_count[port], 6, MILLISECS(3000)));
    CHECK(time_now() - start >= MILLISECS(20));
    CHECK_EQ(timer_stop_periodic(0), 0);
    CHECK_EQ(set_periodic(MILLISECS(1) - 1), -XEN_EINVAL);
    CHECK_EQ(set_periodic(0), -XEN_EINVAL);
    CHECK_EQ(set_periodic(1UL << 62), -XEN_EINVAL);
}

static long set_timer(uint64_t abs_ns)
{
    return hypercall_1(__HYPERVISOR_set_timer_op, abs_ns);
}

static void test_set_timer_op(void)
{
    uint64_t start;

    wait_ns(MILLISECS(12));
    forget();
    CHECK_EQ(set_timer(time_now() + MILLISECS(20)), 0);
    CHECK(fires_within(MILLISECS(2000)));
    forget();
    CHECK_EQ(set_timer(1), 0);
    CHECK(fires_within(MILLISECS(2000)));
    /* 0 stops the timer; a negative time fires after 100 ms. */
    forget();
    CHECK_EQ(set_timer(time_now() + MILLISECS(20)), 0);
    CHECK_EQ(set_timer(0), 0);
    CHECK(!fires_within(MILLISECS(60)));
    start = time_now();
    CHECK_EQ(set_timer(~0UL), 0);
    CHECK(fires_within(MILLISECS(2000)));
    CHECK(time_now() - start >= MILLISECS(90));
}

static void test_errors(void)
{
    struct vcpu_set_singleshot_timer op = { 0 };

    CHECK_EQ(vcpu_op(VCPUOP_set_singleshot_timer, 20, &op), -XEN_ENOENT);
    CHECK_EQ(vcpu_op(VCPUOP_set_singleshot_timer, 0, (void *)0x1000), -XEN_EFAULT);
    CHECK_EQ(vcpu_op(VCPUOP_set_periodic_timer, 0, (void *)0x1000), -XEN_EFAULT);
    CHECK_EQ(vcpu_op(VCPUOP_set_singleshot_timer, 1, &op), -XEN_EINVAL);
    CHECK_EQ(vcpu_op(VCPUOP_stop_singleshot_timer, 1, NULL), -XEN_EINVAL);
    CHECK_EQ(vcpu_op(VCPUOP_stop_periodic_timer, 1, NULL), 0);
}

void test_main(void)
{
    long rc;

    kit_init();
    rc = event_bind_virq(VIRQ_TIMER, 0);
    CHECK(rc > 0);
    port = (unsigned int)rc;
    events_enable();
    test_initial_period();
    test_singleshot();
    test_past();
    test_replaced_and_stopped();
    test_periodic();
    test_set_timer_op();
    test_errors();
    events_disable();
}

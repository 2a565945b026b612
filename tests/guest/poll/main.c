/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Scenario: sched_op poll: it returns when a polled port is pending, masked or not, or at
 * the deadline, never changes the event mask, and refuses bad arguments. A second vCPU wakes
 * the poller by a masked port, as paravirtual spinlocks do.
 */
#include <public/errno.h>
#include <public/sched.h>

#include "check.h"
#include "event.h"
#include "hypercall.h"
#include "kit.h"
#include "mm.h"
#include "smp.h"
#include "time.h"

static evtchn_port_t ports[129];
static unsigned int port;
static volatile unsigned int wakers_left;

static long poll(unsigned int nr, uint64_t timeout)
{
    struct sched_poll op = { .ports = ports, .nr_ports = nr, .timeout = timeout };

    return hypercall_2(__HYPERVISOR_sched_op, SCHEDOP_poll, &op);
}

static void test_pending(void)
{
    uint64_t start = time_now();

    ports[0] = port;
    CHECK_EQ(event_send(port), 0);
    CHECK_EQ(poll(1, 0), 0);
    CHECK_EQ(poll(1, start + MILLISECS(10000)), 0);
    CHECK(time_now() - start < MILLISECS(5000));
    CHECK(port_is_pending(port));
    CHECK_EQ(vcpu_info_self()->evtchn_upcall_mask, 1);
}

static void test_deadline(void)
{
    uint64_t start = time_now();

    port_clear_pending(port);
    CHECK_EQ(poll(1, start + MILLISECS(30)), 0);
    CHECK(time_now() - start >= MILLISECS(29));
    start = time_now();
    CHECK_EQ(poll(0, start + MILLISECS(30)), 0);
    CHECK(time_now() - start >= MILLISECS(29));
    CHECK_EQ(poll(1, 1), 0);
    CHECK_EQ(vcpu_info_self()->evtchn_upcall_mask, 1);
}

static void test_errors(void)
{
    for (unsigned int i = 0; i < 129; i++)
        ports[i] = port;
    CHECK_EQ(poll(129, 1), -XEN_EINVAL);
    CHECK_EQ(poll(128, 1), 0);
    ports[3] = EVTCHN_2L_NR_CHANNELS;
    CHECK_EQ(poll(4, 1), -XEN_EINVAL);
    ports[3] = port;
    CHECK_EQ(hypercall_2(__HYPERVISOR_sched_op, SCHEDOP_poll, 0x1000), -XEN_EFAULT);
    struct sched_poll op = { .ports = (evtchn_port_t *)0x1000, .nr_ports = 1, .timeout = 1 };
    CHECK_EQ(hypercall_2(__HYPERVISOR_sched_op, SCHEDOP_poll, &op), -XEN_EFAULT);
}

static void waker(void *arg)
{
    (void)arg;
    while (wakers_left) {
        wait_ns(MILLISECS(2));
        event_send(port);
        wakers_left--;
    }
}

/* The port is masked all the time, and each wake-up is a 0 to 1 change of its pending bit. */
static void test_masked_port(void)
{
    uint64_t end = time_now() + MILLISECS(10000);
    unsigned int wakes = 0;

    port_set_mask(port, true);
    port_clear_pending(port);
    ports[0] = port;
    wakers_left = 20;
    CHECK_EQ(smp_start(1, waker, NULL), 0);
    while (wakers_left && time_now() < end) {
        CHECK_EQ(poll(1, end), 0);
        if (port_is_pending(port))
            wakes++;
        port_clear_pending(port);
    }
    CHECK_EQ(wakers_left, 0);
    CHECK(wakes > 0);
    CHECK(port_is_masked(port));
    CHECK_EQ(vcpu_info_self()->evtchn_upcall_pending, 0);
}

void test_main(void)
{
    long rc;

    kit_init();
    CHECK_EQ(timer_stop_periodic(0), 0);
    rc = event_bind_ipi(0);
    CHECK(rc > 0);
    port = (unsigned int)rc;
    test_pending();
    vcpu_info_self()->evtchn_upcall_pending = 0;
    vcpu_info_self()->evtchn_pending_sel = 0;
    test_deadline();
    test_errors();
    test_masked_port();
}

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Scenario: events between vCPUs: IPIs both ways, moving an interdomain port and a global
 * VIRQ to the other vCPU, per-vCPU timers, and waking a blocked vCPU.
 */
#include <public/errno.h>
#include <public/event_channel.h>
#include <public/sched.h>

#include "check.h"
#include "event.h"
#include "hypercall.h"
#include "kit.h"
#include "mm.h"
#include "smp.h"
#include "time.h"

#define PINGS 200

static unsigned int ping, pong;
static volatile unsigned int ready, stop, blocks;

static long block(void)
{
    return hypercall_2(__HYPERVISOR_sched_op, SCHEDOP_block, 0);
}

static void other_vcpu(void *arg)
{
    unsigned int answered = 0;

    (void)arg;
    timer_stop_periodic(1);
    ready = 1;
    while (!stop) {
        events_disable();
        if (event_count[ping] == answered && !stop) {
            block();
            blocks++;
        }
        events_enable();
        for (; answered < event_count[ping]; answered++)
            event_send(pong);
    }
    events_disable();
}

static void test_ping_pong(void)
{
    for (unsigned int i = 1; i <= PINGS; i++) {
        CHECK_EQ(event_send(ping), 0);
        if (!CHECK(wait_count(&event_count[pong], i, MILLISECS(3000))))
            return;
    }
    CHECK_EQ(event_vcpu[ping], 1);
    CHECK_EQ(event_vcpu[pong], 0);
    CHECK(blocks > 0);
}

static void test_moved_port(void)
{
    unsigned int offer = (unsigned int)event_alloc_unbound(DOMID_SELF, DOMID_SELF);
    unsigned int bound = (unsigned int)event_bind_interdomain(DOMID_SELF, offer);
    unsigned int before;

    CHECK(wait_count(&event_count[bound], 1, MILLISECS(3000)));
    CHECK_EQ(event_vcpu[bound], 0);
    CHECK_EQ(event_bind_vcpu(bound, 1), 0);
    before = event_count[bound];
    CHECK_EQ(event_send(offer), 0);
    CHECK(wait_count(&event_count[bound], before + 1, MILLISECS(3000)));
    CHECK_EQ(event_vcpu[bound], 1);
    CHECK_EQ(event_bind_vcpu(ping, 0), -XEN_EINVAL);
    CHECK_EQ(event_close(bound), 0);
    CHECK_EQ(event_close(offer), 0);
}

static void test_virqs(void)
{
    long timer0 = event_bind_virq(VIRQ_TIMER, 0);
    long timer1 = event_bind_virq(VIRQ_TIMER, 1);
    long global = event_bind_virq(VIRQ_DOM_EXC, 0);

    CHECK(timer0 > 0);
    CHECK(timer1 > 0);
    CHECK_EQ(event_bind_virq(VIRQ_TIMER, 1), -XEN_EEXIST);
    CHECK_EQ(event_bind_vcpu((unsigned int)timer1, 0), -XEN_EINVAL);
    if (is_initial_domain()) {
        CHECK(global > 0);
        CHECK_EQ(event_bind_vcpu((unsigned int)global, 1), 0);
        CHECK_EQ(event_bind_virq(VIRQ_CONSOLE, 1), -XEN_EINVAL);
    }
    event_count[timer0] = 0;
    event_count[timer1] = 0;
    CHECK_EQ(timer_set_singleshot(time_now() + MILLISECS(5), 0), 0);
    CHECK(wait_count(&event_count[timer0], 1, MILLISECS(3000)));
    CHECK_EQ(event_vcpu[timer0], 0);
    CHECK_EQ(event_count[timer1], 0);
}

/* Block with an event pending returns at once; block clears the mask. */
static void test_block(void)
{
    unsigned int port = (unsigned int)event_bind_ipi(0);
    uint64_t start = time_now();

    events_disable();
    CHECK_EQ(event_send(port), 0);
    CHECK_EQ(event_count[port], 0);
    CHECK_EQ(block(), 0);
    CHECK_EQ(event_count[port], 1);
    CHECK_EQ(vcpu_info_self()->evtchn_upcall_mask, 0);
    events_disable();
    CHECK_EQ(timer_set_singleshot(time_now() + MILLISECS(20), 0), 0);
    CHECK_EQ(block(), 0);
    CHECK(time_now() - start >= MILLISECS(20));
    CHECK_EQ(vcpu_info_self()->evtchn_upcall_mask, 0);
}

void test_main(void)
{
    kit_init();
    CHECK_EQ(timer_stop_periodic(0), 0);
    ping = (unsigned int)event_bind_ipi(1);
    pong = (unsigned int)event_bind_ipi(0);
    CHECK_EQ(smp_start(1, other_vcpu, NULL), 0);
    CHECK(wait_count(&ready, 1, MILLISECS(5000)));
    events_enable();
    test_ping_pong();
    test_moved_port();
    test_virqs();
    test_block();
    stop = 1;
    event_send(ping);
    events_disable();
}

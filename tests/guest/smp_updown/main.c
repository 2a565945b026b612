/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Scenario: all vCPUs that the domain has are started, taken down and brought up again at run time,
 * by themselves and by another. What runs nowhere gets no further; an event that comes meanwhile
 * waits for it.
 */
#include <public/errno.h>
#include <public/vcpu.h>

#include "check.h"
#include "event.h"
#include "kit.h"
#include "smp.h"
#include "time.h"

#define ROUNDS 20
#define SOON   MILLISECS(20000)

/* The numbers of the public runstates. */
#define OFFLINE 3

static volatile unsigned int ups[SMP_MAX], beats[SMP_MAX];
static volatile bool spins;

static void worker(void *arg)
{
    unsigned int self = smp_self();

    (void)arg;
    timer_stop_periodic(self);
    for (;;) {
        ups[self]++;
        if (spins) {
            events_enable();
            while (spins)
                beats[self]++;
            events_disable();
        }
        vcpu_op(VCPUOP_down, self, NULL);
    }
}

static bool is_up(unsigned int vcpu)
{
    return vcpu_op(VCPUOP_is_up, vcpu, NULL) == 1;
}

static bool wait_down(unsigned int vcpu)
{
    uint64_t end = time_now() + SOON;

    while (is_up(vcpu) && time_now() < end)
        __asm__ volatile("pause");
    return !is_up(vcpu);
}

/* Each takes itself down. */
static void test_themselves(unsigned int nr)
{
    for (unsigned int i = 1; i < nr; i++) {
        CHECK_EQ(vcpu_op(VCPUOP_up, i, NULL), -XEN_EINVAL);
        CHECK_EQ(smp_start(i, worker, NULL), 0);
    }
    for (unsigned int round = 1; round <= ROUNDS; round++) {
        for (unsigned int i = 1; i < nr; i++) {
            CHECK(wait_count(&ups[i], round, SOON));
            CHECK(wait_down(i));
            CHECK_EQ(ups[i], round);
        }
        for (unsigned int i = 1; i < nr; i++)
            CHECK_EQ(vcpu_op(VCPUOP_up, i, NULL), 0);
    }
    for (unsigned int i = 1; i < nr; i++)
        CHECK(wait_count(&ups[i], ROUNDS + 1, SOON) && wait_down(i));
}

static bool goes_on(unsigned int vcpu)
{
    return wait_count(&beats[vcpu], beats[vcpu] + 1000, SOON);
}

/* It may be on its CPU for a moment longer. */
static bool wait_offline(unsigned int vcpu)
{
    uint64_t end = time_now() + SOON;
    struct vcpu_runstate_info state = { 0 };

    while (state.state != OFFLINE && time_now() < end) {
        wait_ns(MILLISECS(1));
        CHECK_EQ(vcpu_op(VCPUOP_get_runstate_info, vcpu, &state), 0);
    }
    return state.state == OFFLINE;
}

static void stop_and_go(unsigned int vcpu, unsigned int port)
{
    unsigned int seen, events = event_count[port];

    CHECK(goes_on(vcpu));
    CHECK_EQ(vcpu_op(VCPUOP_down, vcpu, NULL), 0);
    CHECK(!is_up(vcpu));
    CHECK(wait_offline(vcpu));
    seen = beats[vcpu];
    CHECK_EQ(event_send(port), 0);
    wait_ns(MILLISECS(20));
    CHECK_EQ(beats[vcpu], seen);
    CHECK_EQ(event_count[port], events);
    CHECK(port_is_pending(port));
    CHECK_EQ(vcpu_op(VCPUOP_down, vcpu, NULL), 0);
    CHECK_EQ(vcpu_op(VCPUOP_up, vcpu, NULL), 0);
    CHECK_EQ(vcpu_op(VCPUOP_up, vcpu, NULL), 0);
    CHECK(goes_on(vcpu));
    CHECK(wait_count(&event_count[port], events + 1, SOON));
    CHECK_EQ(event_vcpu[port], vcpu);
}

/* Another one takes them down in the middle of their work. */
static void test_another(unsigned int nr)
{
    unsigned int ports[SMP_MAX];

    spins = true;
    for (unsigned int i = 1; i < nr; i++) {
        ports[i] = (unsigned int)event_bind_ipi(i);
        CHECK_EQ(vcpu_op(VCPUOP_up, i, NULL), 0);
    }
    for (unsigned int round = 0; round < 3; round++)
        for (unsigned int i = 1; i < nr; i++)
            stop_and_go(i, ports[i]);
    spins = false;
    for (unsigned int i = 1; i < nr; i++) {
        CHECK(wait_down(i));
        CHECK_EQ(event_close(ports[i]), 0);
    }
}

void test_main(void)
{
    unsigned int nr = 1;

    kit_init();
    timer_stop_periodic(0);
    while (nr < SMP_MAX && vcpu_op(VCPUOP_is_up, nr, NULL) >= 0)
        nr++;
    CHECK_EQ(vcpu_op(VCPUOP_is_up, nr, NULL), -XEN_ENOENT);
    CHECK_EQ(vcpu_op(VCPUOP_up, nr, NULL), -XEN_ENOENT);
    CHECK_EQ(vcpu_op(VCPUOP_down, nr, NULL), -XEN_ENOENT);
    test_themselves(nr);
    test_another(nr);
}

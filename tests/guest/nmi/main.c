/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Scenario: vcpu_op send_nmi, to oneself and to another vCPU, with the handler registered by
 * callback_op. NMIs do not nest: a second one waits for the iret of the first. One that comes
 * before there is a handler is lost, and does no harm.
 */
#include <public/callback.h>
#include <public/vcpu.h>

#include "check.h"
#include "event.h"
#include "hypercall.h"
#include "kit.h"
#include "mm.h"
#include "smp.h"
#include "time.h"
#include "trap.h"

static volatile unsigned int nmis[2], nested, running, stop;
static unsigned int resend;
static struct trap_record seen;

static bool hook(struct trap_frame *frame, struct trap_record *record)
{
    unsigned int self = smp_self();
    unsigned int before;

    (void)frame;
    if (record->vector != 2)
        return false;
    nmis[self]++;
    seen = *record;
    if (resend) {
        resend = 0;
        before = nmis[0];
        vcpu_op(VCPUOP_send_nmi, 0, NULL);
        if (nmis[0] != before)
            nested++;
    }
    return true;
}

static void other_vcpu(void *arg)
{
    (void)arg;
    running = 1;
    while (!stop)
        __asm__ volatile("pause");
}

/* The kit has put a handler into the trap table. */
static void test_without_handler(void)
{
    struct callback_unregister nmi = { .type = CALLBACKTYPE_nmi };

    CHECK_EQ(hypercall_2(__HYPERVISOR_callback_op, CALLBACKOP_unregister, &nmi), 0);
    CHECK_EQ(vcpu_op(VCPUOP_send_nmi, 0, NULL), 0);
}

void test_main(void)
{
    kit_init();
    timer_stop_periodic(0);
    trap_hook = hook;
    events_disable();
    test_without_handler();
    CHECK_EQ(trap_set_callback(CALLBACKTYPE_nmi, 0, TRAP_STUB(2)), 0);
    CHECK_EQ(nmis[0], 0);

    CHECK_EQ(vcpu_op(VCPUOP_send_nmi, 0, NULL), 0);
    CHECK_EQ(nmis[0], 1);
    CHECK_EQ(seen.cs, GUEST_CS & ~3);
    CHECK_EQ(seen.saved_mask, 1);
    CHECK_EQ(seen.has_error, false);
    events_enable();
    CHECK_EQ(vcpu_op(VCPUOP_send_nmi, 0, NULL), 0);
    CHECK_EQ(nmis[0], 2);
    CHECK_EQ(seen.saved_mask, 0);
    events_disable();

    resend = 1;
    CHECK_EQ(vcpu_op(VCPUOP_send_nmi, 0, NULL), 0);
    CHECK_EQ(nmis[0], 4);
    CHECK_EQ(nested, 0);

    CHECK_EQ(smp_start(1, other_vcpu, NULL), 0);
    CHECK(wait_count(&running, 1, MILLISECS(5000)));
    CHECK_EQ(vcpu_op(VCPUOP_send_nmi, 1, NULL), 0);
    CHECK(wait_count(&nmis[1], 1, MILLISECS(5000)));
    stop = 1;
}

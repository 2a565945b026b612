/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Scenario: event channels of one vCPU, two-level ABI: delivery and masking, the states of a
 * port, IPIs and VIRQs, unbound ports, and every errno of the sub-ops.
 */
#include <public/errno.h>
#include <public/event_channel.h>

#include "check.h"
#include "event.h"
#include "kit.h"
#include "mm.h"
#include "time.h"

#define ABSENT_VCPU 20
#define BAD_POINTER ((void *)0x1000)

static void test_delivery(void)
{
    unsigned int port = (unsigned int)event_bind_ipi(0);
    struct vcpu_info *info = vcpu_info_self();

    CHECK_EQ(event_status(port), EVTCHNSTAT_ipi);
    /* Masked for the vCPU: pending, but no upcall. */
    CHECK_EQ(event_send(port), 0);
    CHECK(port_is_pending(port));
    CHECK_EQ(info->evtchn_upcall_pending, 1);
    CHECK_EQ(info->evtchn_pending_sel, 1UL << (port / 64));
    CHECK_EQ(event_count[port], 0);
    events_enable();
    CHECK_EQ(event_count[port], 1);
    CHECK_EQ(info->evtchn_upcall_pending, 0);
    CHECK_EQ(info->evtchn_pending_sel, 0);
    /* Unmasked: delivered before the call returns. */
    CHECK_EQ(event_send(port), 0);
    CHECK_EQ(event_count[port], 2);
    CHECK_EQ(info->evtchn_upcall_mask, 0);
    events_disable();
    CHECK_EQ(event_close(port), 0);
    CHECK_EQ(event_status(port), EVTCHNSTAT_closed);
}

static void test_port_mask(void)
{
    unsigned int port = (unsigned int)event_bind_ipi(0);
    struct vcpu_info *info = vcpu_info_self();

    port_set_mask(port, true);
    CHECK_EQ(event_send(port), 0);
    CHECK(port_is_pending(port));
    CHECK_EQ(info->evtchn_upcall_pending, 0);
    CHECK_EQ(info->evtchn_pending_sel, 0);
    /* Clearing the bit by hand delivers nothing; the hypercall does. */
    port_set_mask(port, false);
    CHECK_EQ(event_unmask(port), 0);
    CHECK_EQ(info->evtchn_upcall_pending, 0);
    port_set_mask(port, true);
    CHECK_EQ(event_unmask(port), 0);
    CHECK(!port_is_masked(port));
    CHECK_EQ(info->evtchn_upcall_pending, 1);
    CHECK_EQ(info->evtchn_pending_sel, 1UL << (port / 64));
    /* Pending already: a second send changes nothing. */
    info->evtchn_upcall_pending = 0;
    info->evtchn_pending_sel = 0;
    CHECK_EQ(event_send(port), 0);
    CHECK_EQ(info->evtchn_upcall_pending, 0);
    CHECK_EQ(event_close(port), 0);
    CHECK(!port_is_pending(port));
}

static void test_virqs(void)
{
    long port = event_bind_virq(VIRQ_DEBUG, 0);
    long global;

    CHECK(port > 0);
    CHECK_EQ(event_status((unsigned int)port), EVTCHNSTAT_virq);
    CHECK_EQ(event_bind_virq(VIRQ_DEBUG, 0), -XEN_EEXIST);
    CHECK_EQ(event_send((unsigned int)port), -XEN_EINVAL);
    CHECK_EQ(event_bind_vcpu((unsigned int)port, 0), -XEN_EINVAL);
    CHECK_EQ(event_close((unsigned int)port), 0);
    CHECK_EQ(event_bind_virq(NR_VIRQS, 0), -XEN_EINVAL);
    CHECK_EQ(event_bind_virq(~0u, 0), -XEN_EINVAL);
    CHECK_EQ(event_bind_virq(VIRQ_DEBUG, ABSENT_VCPU), -XEN_ENOENT);
    CHECK_EQ(event_bind_virq(VIRQ_CONSOLE, 1), -XEN_EINVAL);
    for (unsigned int virq = 0; virq < NR_VIRQS; virq++) {
        port = event_bind_virq(virq, 0);
        if (virq == VIRQ_ARGO || virq == 5)
            continue;
        CHECK(port > 0);
        if (port > 0)
            CHECK_EQ(event_close((unsigned int)port), 0);
    }
    global = event_bind_virq(VIRQ_DOM_EXC, 0);
    CHECK(global > 0);
    CHECK_EQ(event_bind_vcpu((unsigned int)global, 0), 0);
    CHECK_EQ(event_bind_vcpu((unsigned int)global, ABSENT_VCPU), -XEN_ENOENT);
    CHECK_EQ(event_close((unsigned int)global), 0);
}

static void test_timer_port(void)
{
    long port = event_bind_virq(VIRQ_TIMER, 0);

    CHECK(port > 0);
    CHECK_EQ(event_bind_vcpu((unsigned int)port, 0), -XEN_EINVAL);
    CHECK_EQ(event_close((unsigned int)port), 0);
}

static void test_unbound(void)
{
    long port = event_alloc_unbound(DOMID_SELF, DOMID_SELF);

    CHECK(port > 0);
    CHECK_EQ(event_status((unsigned int)port), EVTCHNSTAT_unbound);
    CHECK_EQ(event_send((unsigned int)port), 0);
    CHECK(!port_is_pending((unsigned int)port));
    CHECK_EQ(event_bind_vcpu((unsigned int)port, 0), 0);
    CHECK_EQ(event_unmask((unsigned int)port), 0);
    CHECK_EQ(event_close((unsigned int)port), 0);
    CHECK_EQ(event_alloc_unbound(DOMID_SELF, 999) > 0, true);
    CHECK_EQ(event_alloc_unbound(999, DOMID_SELF), -XEN_ESRCH);
}

static void test_ipis(void)
{
    long port = event_bind_ipi(0);

    CHECK(port > 0);
    CHECK_EQ(event_bind_vcpu((unsigned int)port, 0), -XEN_EINVAL);
    CHECK_EQ(event_bind_ipi(ABSENT_VCPU), -XEN_ENOENT);
    CHECK_EQ(event_close((unsigned int)port), 0);
}

static void test_refused_ports(void)
{
    static const unsigned int ports[] = { 0, 60, EVTCHN_2L_NR_CHANNELS, 1 << 17, ~0u };

    for (unsigned int i = 0; i < sizeof(ports) / sizeof(ports[0]); i++) {
        CHECK_EQ(event_close(ports[i]), -XEN_EINVAL);
        CHECK_EQ(event_send(ports[i]), -XEN_EINVAL);
        CHECK_EQ(event_bind_vcpu(ports[i], 0), -XEN_EINVAL);
    }
    CHECK_EQ(event_status(0), EVTCHNSTAT_closed);
    CHECK_EQ(event_unmask(0), 0);
    for (unsigned int i = 2; i < sizeof(ports) / sizeof(ports[0]); i++) {
        CHECK_EQ(event_status(ports[i]), -XEN_EINVAL);
        CHECK_EQ(event_unmask(ports[i]), -XEN_EINVAL);
    }
}

static void test_arguments(void)
{
    struct evtchn_status status = { .dom = 999, .port = 1 };
    struct evtchn_set_priority priority = { .port = 1 };
    struct evtchn_expand_array expand = { .array_gfn = virt_to_pfn(&status) };

    for (unsigned int cmd = 0; cmd <= EVTCHNOP_set_priority; cmd++)
        CHECK_EQ(event_op(cmd, BAD_POINTER), -XEN_EFAULT);
    CHECK_EQ(event_op(15, BAD_POINTER), -XEN_ENOSYS);
    CHECK_EQ(event_op(EVTCHNOP_status, &status), -XEN_ESRCH);
    CHECK_EQ(event_op(EVTCHNOP_set_priority, &priority), -XEN_ENOSYS);
    CHECK_EQ(event_op(EVTCHNOP_expand_array, &expand), -XEN_EOPNOTSUPP);
}

void test_main(void)
{
    kit_init();
    CHECK_EQ(timer_stop_periodic(0), 0);
    test_delivery();
    test_port_mask();
    test_virqs();
    test_timer_port();
    test_unbound();
    test_ipis();
    test_refused_ports();
    test_arguments();
}

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Event channels: random binding, sending and closing against a model of the ports; results of
 * each call; polling and notification with the 2-level ABI.
 */
#include "event_guest.h"

#include "../../xen/arch/fake/guests.h"
#include "../../xen/arch/fake/machine.h"
#include <asm/current.h>
#include <xen/console.h>
#include <xen/domain.h>
#include <xen/errno.h>
#include <xen/sched.h>

static void test_random_two_level(void **state)
{
    (void)state;
    random_seed = unit_seed("event");
    random_steps(60000);
}

/* ------------------------------------------------------------------------ */
/* Single points of the ABI */

static void test_errors(void **state)
{
    struct evtchn_status s;
    struct evtchn_reset reset = { .dom = 99 };
    uint32_t port, bad = 77;

    (void)state;
    assert_int_equal(call_alloc_unbound(99, 0, &port), -ESRCH);
    assert_int_equal(call_bind_interdomain(99, 1, &port), -ESRCH);
    assert_int_equal(call_status(99, 1, &s), -ESRCH);
    assert_int_equal(EVENT_OP(reset, &reset), -ESRCH);
    assert_int_equal(hypercall_event_channel_op(15, &reset), -ENOSYS);
    assert_int_equal(hypercall_event_channel_op(-1, &reset), -ENOSYS);
    assert_int_equal(call_send(bad), -EINVAL);
    assert_int_equal(call_close(0), -EINVAL);
    assert_int_equal(call_status(DOMID_SELF, 5000, &s), -EINVAL);

    fake_fault_start = (uint64_t)&s;
    fake_fault_len = sizeof(s);
    assert_int_equal(EVENT_OP(status, &s), -EFAULT);
    fake_fault_len = 0;

    /* A foreign domain needs the right to control it. */
    assert_int_equal(call_alloc_unbound(guests[1].d->id, guests[0].d->id, &port), 0);
    assert_int_equal(call_status(guests[1].d->id, port, &s), 0);
    assert_int_equal(s.status, EVTCHNSTAT_unbound);
    reset.dom = guests[1].d->id;
    assert_int_equal(EVENT_OP(reset, &reset), -EINVAL); /* not paused */
    guest_run(&guests[1], 0);
    assert_int_equal(call_alloc_unbound(guests[0].d->id, guests[1].d->id, &port), -EPERM);
    assert_int_equal(call_status(guests[0].d->id, 1, &s), -EPERM);
}

/* A port whose number cannot be told is closed again. */
static void test_result_not_writable(void **state)
{
    uint32_t port;

    (void)state;
    fake_write_fault = true;
    assert_int_equal(call_bind_ipi(0, &port), -EFAULT);
    fake_write_fault = false;
    assert_int_equal(guests[0].d->events->nr_open, 0);
}

/*
 * S14: a masked port wakes; flags are gone when it returns at once; only a change to pending
 * wakes.
 */
static void test_poll(void **state)
{
    const uint64_t polling = (1UL << VPF_BLOCKED) | (1UL << VPF_POLLING);
    struct guest *g = &guests[0];
    struct vcpu *v = g->d->vcpu[1];
    uint32_t a, b, many[129] = { 0 }, ports[2];

    (void)state;
    assert_int_equal(call_bind_ipi(1, &a), 0);
    assert_int_equal(call_bind_ipi(1, &b), 0);
    ports[0] = a;
    ports[1] = b;
    guest_mask(g, a);
    guest_mask(g, b);
    guest_run(g, 1);

    assert_int_equal(call_poll(ports, 1, 0), 0);
    assert_int_equal(v->pause_flags, polling);
    call_send(b);
    assert_int_equal(v->pause_flags, polling);
    call_send(a);
    assert_int_equal(v->pause_flags, 0);
    assert_int_equal(v->info->evtchn_upcall_pending, 0);

    /* Pending now: no wait. */
    assert_int_equal(call_poll(ports, 2, 0), 0);
    assert_int_equal(v->pause_flags, 0);
    assert_int_equal(g->d->events->pollers[0], 0);

    bit_clear(g->d->shared_info->evtchn_pending, a);
    assert_int_equal(call_poll(ports, 1, 12345), 0);
    assert_int_equal(v->poll_timer.expires, 12345);
    v->poll_timer.fn(v->poll_timer.arg);
    assert_int_equal(v->pause_flags, 0);
    /* The stale bit goes with the next event. */
    assert_int_equal(g->d->events->pollers[0], 2);
    call_send(a);
    assert_int_equal(g->d->events->pollers[0], 0);

    bit_clear(g->d->shared_info->evtchn_pending, a);
    bit_clear(g->d->shared_info->evtchn_pending, b);
    assert_int_equal(call_poll(ports, 2, 0), 0);
    call_send(b);
    assert_int_equal(v->pause_flags, 0);
    bit_clear(g->d->shared_info->evtchn_pending, b);

    /* An upcall that is due ends it at once; one that's masked does not. */
    v->info->evtchn_upcall_pending = 1;
    assert_int_equal(call_poll(ports, 1, 0), 0);
    assert_int_equal(v->pause_flags, 0);
    v->info->evtchn_upcall_mask = 1;
    assert_int_equal(call_poll(ports, 1, 0), 0);
    assert_int_equal(v->pause_flags, polling);
    vcpu_unblock(v);
    v->info->evtchn_upcall_pending = 0;

    ports[0] = 5000;
    assert_int_equal(call_poll(ports, 1, 0), -EINVAL);
    assert_int_equal(v->pause_flags, 0);
    assert_int_equal(call_poll(many, 129, 0), -EINVAL);
    assert_int_equal(call_poll(many, 0, 0), 0);
    vcpu_unblock(v);
}

static void test_notification(void **state)
{
    struct guest *g = &guests[0];
    struct vcpu *v = g->d->vcpu[2];
    uint32_t port;

    (void)state;
    assert_int_equal(call_bind_ipi(2, &port), 0);
    fake_kicks = 0;
    v->pause_flags = 1UL << VPF_BLOCKED;
    call_send(port);
    assert_int_equal(v->pause_flags, 0);
    assert_int_equal(fake_kicks, 1);
    assert_int_equal(v->info->evtchn_pending_sel, 1UL << (port / 64));
    assert_true(event_is_deliverable(v));
    v->info->evtchn_upcall_mask = 1;
    assert_false(event_is_deliverable(v));
    call_send(port);
    assert_int_equal(fake_kicks, 1);

    /* To oneself: no interrupt. */
    guest_run(g, 2);
    bit_clear(g->d->shared_info->evtchn_pending, port);
    v->info->evtchn_upcall_pending = 0;
    v->info->evtchn_pending_sel = 0;
    call_send(port);
    assert_int_equal(fake_kicks, 1);
    assert_int_equal(v->info->evtchn_upcall_pending, 1);
}

static void test_console(void **state)
{
    uint32_t port;

    (void)state;
    assert_int_equal(call_bind_virq(VIRQ_CONSOLE, 0, &port), 0);
    console_input_notify();
    assert_true(bit_test(guests[0].d->shared_info->evtchn_pending, port));
}

/* A global VIRQ goes to the domain named for it, and back to dom0 when that one dies. */
static void test_virq_handler(void **state)
{
    struct domain *d = guests[1].d;
    uint32_t at_dom0, port;

    (void)state;
    assert_int_equal(call_bind_virq(VIRQ_DOM_EXC, 0, &at_dom0), 0);
    guest_run(&guests[1], 0);
    assert_int_equal(call_bind_virq(VIRQ_DOM_EXC, 0, &port), 0);
    assert_int_equal(event_virq_set_handler(VIRQ_TIMER, d), -EINVAL);
    assert_int_equal(event_virq_set_handler(NR_VIRQS, d), -EINVAL);
    assert_int_equal(event_virq_set_handler(VIRQ_DOM_EXC, d), 0);
    event_virq_global(VIRQ_DOM_EXC);
    assert_true(bit_test(d->shared_info->evtchn_pending, port));
    assert_false(bit_test(guests[0].d->shared_info->evtchn_pending, at_dom0));
    d->state = DOMAIN_DYING;
    assert_int_equal(event_domain_close_all(d), 0);
    event_virq_global(VIRQ_DOM_EXC);
    assert_true(bit_test(guests[0].d->shared_info->evtchn_pending, at_dom0));
    assert_int_equal(event_virq_set_handler(VIRQ_DOM_EXC, d), -EINVAL);
}

static void test_dying_domain(void **state)
{
    uint32_t port;

    (void)state;
    guests[0].d->state = DOMAIN_DYING;
    assert_int_equal(call_bind_ipi(0, &port), -EINVAL);
    guests[0].d->state = DOMAIN_ALIVE;
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, guests_setup, guests_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_random_two_level),
        CASE(test_errors),
        CASE(test_result_not_writable),
        CASE(test_poll),
        CASE(test_notification),
        CASE(test_console),
        CASE(test_virq_handler),
        CASE(test_dying_domain),
    };

    return cmocka_run_group_tests(tests, guests_group_setup, NULL);
}

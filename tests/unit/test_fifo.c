/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The FIFO ABI against guests that consume as the protocol says: set-up and its errors, order,
 * events that move between queues, late pages, reset, and words full of nonsense.
 */
#include "event_guest.h"

#include "../../xen/arch/fake/guests.h"
#include "../../xen/arch/fake/machine.h"
#include <asm/current.h>
#include <xen/domain.h>
#include <xen/errno.h>

static void test_fifo_errors(void **state)
{
    struct guest *g = &guests[0];
    struct page_info *pg = fake_page_create(g->d), *foreign = fake_page_create(guests[1].d);
    struct evtchn_init_control op = { .control_gfn = page_to_mfn(pg).n };
    struct evtchn_expand_array expand = { .array_gfn = page_to_mfn(pg).n };
    struct evtchn_set_priority prio = { .port = 1, .priority = 3 };

    (void)state;
    assert_int_equal(EVENT_OP(set_priority, &prio), -ENOSYS);
    assert_int_equal(EVENT_OP(expand_array, &expand), -EOPNOTSUPP);
    op.vcpu = NR_VCPUS;
    assert_int_equal(EVENT_OP(init_control, &op), -ENOENT);
    op.vcpu = 0;
    op.offset = 4;
    assert_int_equal(EVENT_OP(init_control, &op), -EINVAL);
    op.offset = PAGE_SIZE - 64;
    assert_int_equal(EVENT_OP(init_control, &op), -EINVAL);
    op.offset = UINT32_MAX - 7;
    assert_int_equal(EVENT_OP(init_control, &op), -EINVAL);
    op.offset = PAGE_SIZE - 72;
    op.control_gfn = page_to_mfn(foreign).n;
    assert_int_equal(EVENT_OP(init_control, &op), -EINVAL);
    op.control_gfn = ~0UL;
    assert_int_equal(EVENT_OP(init_control, &op), -EINVAL);
    op.control_gfn = page_to_mfn(pg).n;
    assert_int_equal(EVENT_OP(init_control, &op), 0);
    assert_int_equal(EVENT_OP(init_control, &op), -EINVAL);
    assert_int_equal(pg->count, 2);
    prio.priority = 16;
    assert_int_equal(EVENT_OP(set_priority, &prio), -EINVAL);
    expand.array_gfn = page_to_mfn(foreign).n;
    assert_int_equal(EVENT_OP(expand_array, &expand), -EINVAL);
    expand.array_gfn = page_to_mfn(pg).n;
    assert_int_equal(EVENT_OP(expand_array, &expand), 0);
    assert_int_equal(EVENT_OP(expand_array, &expand), -ENOSPC);
    assert_int_equal(pg->count, 3);
    assert_int_equal(foreign->count, 1);
    event_fifo_disable(g->d);
    assert_int_equal(pg->count, 1);
}

static void test_fifo_order(void **state)
{
    struct guest *g = &guests[0];
    struct evtchn_set_priority prio = { .priority = 2 };
    uint32_t port[6];

    (void)state;
    guest_use_fifo(g);
    for (unsigned int i = 0; i < 6; i++) {
        assert_int_equal(call_bind_ipi(1, &port[i]), 0);
        model_open(g, port[i], EVTCHNSTAT_ipi, 1);
        call_unmask(port[i]);
    }
    prio.port = port[4];
    EVENT_OP(set_priority, &prio);
    for (unsigned int i = 0; i < 6; i++) {
        call_send(port[5 - i]);
        model_raise(g, port[5 - i]);
    }
    guest_consume(g);
    assert_int_equal(fifo_nr_consumed, 6);
    assert_int_equal(fifo_consumed[0], port[4]);
    assert_int_equal(fifo_consumed[1], port[5]);
    for (unsigned int i = 2; i < 6; i++) {
        assert_int_equal(fifo_consumed[i], port[5 - i]);
    }
}

static void raise_all(struct guest *g, const uint32_t *virq, const uint32_t *port, unsigned int nr)
{
    for (unsigned int i = 0; i < nr; i++) {
        event_virq_global(virq[i]);
        model_raise(g, port[i]);
    }
}

/*
 * Port 0 was the last in its queue and has moved to another one, where port 1 follows it. Port 2
 * in the former queue must not be linked behind port 0. Once to another priority, once to another
 * vCPU.
 */
static void test_fifo_move(void **state)
{
    static const uint32_t virq[3] = { VIRQ_CONSOLE, VIRQ_DOM_EXC, VIRQ_CON_RING };
    struct guest *g = &guests[0];
    struct evtchn_set_priority prio = { .priority = 3 };
    uint32_t port[3];

    (void)state;
    guest_use_fifo(g);
    for (unsigned int i = 0; i < 3; i++) {
        assert_int_equal(call_bind_virq(virq[i], 0, &port[i]), 0);
        model_open(g, port[i], EVTCHNSTAT_virq, 0);
        call_unmask(port[i]);
    }
    raise_all(g, virq, port, 1);
    guest_consume(g);
    for (unsigned int i = 0; i < 2; i++) {
        prio.port = port[i];
        EVENT_OP(set_priority, &prio);
    }
    raise_all(g, virq, port, 3);
    guest_consume(g);

    prio.port = port[2];
    EVENT_OP(set_priority, &prio);
    raise_all(g, virq, port, 1);
    guest_consume(g);
    for (unsigned int i = 0; i < 2; i++) {
        assert_int_equal(call_bind_vcpu(port[i], 1), 0);
        g->port[port[i]].vcpu = 1;
    }
    raise_all(g, virq, port, 3);
    guest_consume(g);
}

/* Events of a port whose word is missing come when the page does. */
static void test_fifo_late_page(void **state)
{
    struct guest *g = &guests[0];
    struct evtchn_init_control init = { .vcpu = 0 };
    struct evtchn_expand_array expand;
    uint32_t before, after;

    (void)state;
    assert_int_equal(call_bind_ipi(0, &before), 0);
    guest_mask(g, before);
    call_send(before);
    g->control_pg[0] = fake_page_create(g->d);
    g->control[0] = page_to_virt(g->control_pg[0]);
    init.control_gfn = page_to_mfn(g->control_pg[0]).n;
    assert_int_equal(EVENT_OP(init_control, &init), 0);
    assert_int_equal(call_bind_ipi(0, &after), 0);
    call_send(after);
    assert_true(event_port_is_pending(g->d, event_port_lookup(g->d, before), before));
    assert_true(event_port_is_pending(g->d, event_port_lookup(g->d, after), after));
    assert_int_equal(g->d->vcpu[0]->info->evtchn_upcall_pending, 0);

    g->words_pg = fake_page_create(g->d);
    g->words = page_to_virt(g->words_pg);
    expand.array_gfn = page_to_mfn(g->words_pg).n;
    assert_int_equal(EVENT_OP(expand_array, &expand), 0);
    g->fifo = true;
    g->port[before].pending = g->port[after].pending = true;
    guest_consume(g);
    assert_int_equal(fifo_nr_consumed, 2);
}

/* After a reset the 2-level ABI is back, and the pages are the guest's again. */
static void test_fifo_reset(void **state)
{
    struct evtchn_reset reset = { .dom = DOMID_SELF };
    struct guest *g = &guests[0];
    uint32_t port;
    long rc;

    (void)state;
    guest_use_fifo(g);
    for (unsigned int i = 0; i < 100; i++) {
        assert_int_equal(call_bind_ipi(0, &port), 0);
    }
    fake_preempt_every = 10;
    for (rc = -ERESTART; rc == -ERESTART;) {
        rc = EVENT_OP(reset, &reset);
    }
    assert_int_equal(rc, 0);
    assert_int_equal(g->words_pg->count, 1);
    assert_int_equal(g->control_pg[2]->count, 1);
    g->fifo = false;
    assert_int_equal(call_bind_ipi(0, &port), 0);
    assert_int_equal(port, 1);
    call_send(port);
    assert_true(bit_test(g->d->shared_info->evtchn_pending, port));
}

/* Words full of nonsense, before every call: nothing breaks but the guest's own events. */
static void test_fifo_hostile(void **state)
{
    struct guest *g = &guests[0];
    uint32_t port;

    (void)state;
    random_seed = unit_seed("hostile");
    guest_use_fifo(g);
    for (unsigned int i = 0; i < 60; i++) {
        assert_int_equal(call_bind_ipi(i % NR_VCPUS, &port), 0);
    }
    for (unsigned int step = 0; step < 100000; step++) {
        g->words[random_below(80)] = (uint32_t)unit_random(&random_seed);
        g->control[random_below(NR_VCPUS)]->head[random_below(16)] = (uint32_t)unit_random(
            &random_seed);
        g->control[random_below(NR_VCPUS)]->ready = (uint32_t)unit_random(&random_seed);
        port = 1 + random_below(60);
        if (random_below(2)) {
            call_send(port);
        } else if (random_below(2)) {
            call_unmask(port);
        } else {
            struct evtchn_set_priority op = { .port = port, .priority = random_below(16) };

            EVENT_OP(set_priority, &op);
        }
    }
    assert_int_equal(fake_locks_held, 0);
}

static void test_random_fifo(void **state)
{
    (void)state;
    random_seed = unit_seed("fifo");
    for (unsigned int i = 0; i < NR_DOMAINS; i++) {
        guest_use_fifo(&guests[i]);
    }
    random_steps(60000);
}

/* One domain changes over in the middle of everything. */
static void test_random_change_over(void **state)
{
    (void)state;
    random_seed = unit_seed("change_over");
    random_steps(3000);
    guest_consume(&guests[0]);
    guest_consume(&guests[1]);
    memset(guests[1].d->shared_info->evtchn_mask, 0, 512);
    for (uint32_t port = 1; port <= MAX_PORT; port++) {
        if (guests[1].port[port].pending) {
            bit_clear(guests[1].d->shared_info->evtchn_pending, port);
            guests[1].port[port].pending = false;
        }
    }
    guest_use_fifo(&guests[1]);
    random_steps(3000);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, guests_setup, guests_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_fifo_errors),
        CASE(test_fifo_order),
        CASE(test_fifo_move),
        CASE(test_fifo_late_page),
        CASE(test_fifo_reset),
        CASE(test_fifo_hostile),
        CASE(test_random_fifo),
        CASE(test_random_change_over),
    };

    return cmocka_run_group_tests(tests, guests_group_setup, NULL);
}

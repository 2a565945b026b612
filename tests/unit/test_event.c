/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Event channels: random binding, sending and closing against a model of the ports; results of each
 * call; polling; the FIFO ABI against a guest that consumes as the protocol says.
 */
#include "unit.h"

#include "../../xen/arch/fake/guests.h"
#include "../../xen/arch/fake/machine.h"
#include "../../xen/event/port.h"
#include <asm/current.h>
#include <public/sched.h>
#include <xen/alloc.h>
#include <xen/console.h>
#include <xen/domain.h>
#include <xen/errno.h>
#include <xen/sched.h>

#define NR_DOMAINS 2
#define NR_VCPUS   3
#define MAX_PORT   150 /* two buckets of ports */
#define WORDS      1024

/* What the test believes of a port. */
struct model_port {
    int state; /* EVTCHNSTAT_* */
    unsigned int vcpu;
    unsigned int remote_dom, number;
    bool pending;
};

/* A guest: model and its side of the ABIs. */
static struct guest {
    struct domain *d;
    struct model_port port[MAX_PORT + 1];
    bool fifo;
    event_word_t *words;
    struct page_info *words_pg, *control_pg[NR_VCPUS];
    struct evtchn_fifo_control_block *control[NR_VCPUS];
    uint32_t head[NR_VCPUS][EVTCHN_FIFO_MAX_QUEUES];
} guests[NR_DOMAINS];

static void run_as(struct guest *g, unsigned int vcpu)
{
    fake_current = g->d->vcpu[vcpu];
}

static struct guest guest_make(domid_t id)
{
    struct guest g = { .d = fake_domain_create(id, NR_VCPUS) };

    assert_int_equal(event_domain_init(g.d, MAX_PORT), 0);
    for (unsigned int i = 0; i < NR_VCPUS; i++) {
        assert_int_equal(event_vcpu_init(g.d->vcpu[i]), 0);
    }
    return g;
}

static void guest_unmake(struct guest *g)
{
    while (event_domain_close_all(g->d) != 0) {
        continue;
    }
    for (unsigned int i = 0; i < NR_VCPUS; i++) {
        event_vcpu_fini(g->d->vcpu[i]);
    }
    event_domain_fini(g->d);
    assert_true(fake_domain_is_unreferenced(g->d));
    if (g->words_pg != NULL) {
        assert_int_equal(g->words_pg->count, 1);
        assert_int_equal(g->control_pg[0]->count, 1);
    }
}

static int group_setup(void **state)
{
    (void)state;
    fake_guests_init();
    return 0;
}

static domid_t next_id;

static int setup(void **state)
{
    (void)state;
    memset(guests, 0, sizeof(guests));
    fake_may_control = true;
    fake_preempt_every = 0;
    for (unsigned int i = 0; i < NR_DOMAINS; i++) {
        guests[i] = guest_make(next_id++);
    }
    hardware_domain = guests[0].d;
    guests[0].d->is_control = true;
    run_as(&guests[0], 0);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    for (unsigned int i = 0; i < NR_DOMAINS; i++) {
        guest_unmake(&guests[i]);
    }
    /* fake_domain_create() keeps few of them; make room. */
    for (unsigned int i = 0; i < NR_DOMAINS; i++) {
        fake_domain_destroy(guests[i].d);
    }
    return 0;
}

/* ------------------------------------------------------------------------ */
/* The calls */

#define EVENT_OP(cmd, op) hypercall_event_channel_op(EVTCHNOP_##cmd, op)

static long alloc_unbound(domid_t dom, domid_t remote, uint32_t *port)
{
    struct evtchn_alloc_unbound op = { .dom = dom, .remote_dom = remote };
    long rc = EVENT_OP(alloc_unbound, &op);

    *port = op.port;
    return rc;
}

static long bind_interdomain(domid_t dom, uint32_t remote_port, uint32_t *port)
{
    struct evtchn_bind_interdomain op = { .remote_dom = dom, .remote_port = remote_port };
    long rc = EVENT_OP(bind_interdomain, &op);

    *port = op.local_port;
    return rc;
}

static long bind_virq(uint32_t virq, uint32_t vcpu, uint32_t *port)
{
    struct evtchn_bind_virq op = { .virq = virq, .vcpu = vcpu };
    long rc = EVENT_OP(bind_virq, &op);

    *port = op.port;
    return rc;
}

static long bind_ipi(uint32_t vcpu, uint32_t *port)
{
    struct evtchn_bind_ipi op = { .vcpu = vcpu };
    long rc = EVENT_OP(bind_ipi, &op);

    *port = op.port;
    return rc;
}

static long bind_pirq(uint32_t pirq, uint32_t *port)
{
    struct evtchn_bind_pirq op = { .pirq = pirq };
    long rc = EVENT_OP(bind_pirq, &op);

    *port = op.port;
    return rc;
}

static long bind_vcpu(uint32_t port, uint32_t vcpu)
{
    struct evtchn_bind_vcpu op = { .port = port, .vcpu = vcpu };

    return EVENT_OP(bind_vcpu, &op);
}

static long close_port(uint32_t port)
{
    struct evtchn_close op = { .port = port };

    return EVENT_OP(close, &op);
}

static long send(uint32_t port)
{
    struct evtchn_send op = { .port = port };

    return EVENT_OP(send, &op);
}

static long unmask(uint32_t port)
{
    struct evtchn_unmask op = { .port = port };

    return EVENT_OP(unmask, &op);
}

static long status(domid_t dom, uint32_t port, struct evtchn_status *op)
{
    memset(op, 0xee, sizeof(*op));
    op->dom = dom;
    op->port = port;
    return EVENT_OP(status, op);
}

static long poll(uint32_t *ports, unsigned int nr, uint64_t timeout)
{
    struct sched_poll op = { .ports = ports, .nr_ports = nr, .timeout = timeout };

    return event_poll(&op);
}

/* ------------------------------------------------------------------------ */
/* The guest's side */

static bool is_masked(struct guest *g, uint32_t port)
{
    return g->fifo ? (g->words[port] >> EVTCHN_FIFO_MASKED) & 1
                   : bit_test(g->d->shared_info->evtchn_mask, port);
}

static void set_mask(struct guest *g, uint32_t port)
{
    if (g->fifo) {
        g->words[port] |= 1U << EVTCHN_FIFO_MASKED;
    } else {
        bit_set(g->d->shared_info->evtchn_mask, port);
    }
}

/* Handles a port: it must be pending in the model, and is no longer. */
static void handle(struct guest *g, uint32_t port)
{
    assert_true(port <= MAX_PORT);
    assert_true(g->port[port].pending);
    g->port[port].pending = false;
    if (g->fifo) {
        g->words[port] &= ~(1U << EVTCHN_FIFO_PENDING);
    } else {
        bit_clear(g->d->shared_info->evtchn_pending, port);
    }
}

static void consume_two_level(struct guest *g, struct vcpu_info *info)
{
    struct shared_info *s = g->d->shared_info;
    uint64_t sel = info->evtchn_pending_sel;

    info->evtchn_pending_sel = 0;
    for (; sel != 0; sel &= sel - 1) {
        unsigned int w = (unsigned int)__builtin_ctzl(sel);
        uint64_t bits = s->evtchn_pending[w] & ~s->evtchn_mask[w];

        for (; bits != 0; bits &= bits - 1) {
            handle(g, w * 64 + (unsigned int)__builtin_ctzl(bits));
        }
    }
}

static unsigned int nr_consumed;
static uint32_t consumed[MAX_PORT + 1];

static void consume_fifo(struct guest *g, unsigned int vcpu)
{
    struct evtchn_fifo_control_block *control = g->control[vcpu];
    uint32_t ready = control->ready;

    nr_consumed = 0;
    control->ready = 0;
    while (ready != 0) {
        unsigned int q = (unsigned int)__builtin_ctz(ready);
        uint32_t port = g->head[vcpu][q] != 0 ? g->head[vcpu][q] : control->head[q];
        event_word_t word;

        assert_in_range(port, 1, MAX_PORT);
        word = g->words[port];
        assert_true((word >> EVTCHN_FIFO_LINKED) & 1);
        g->words[port] = word & ~((1U << EVTCHN_FIFO_LINKED) | EVTCHN_FIFO_LINK_MASK);
        g->head[vcpu][q] = word & EVTCHN_FIFO_LINK_MASK;
        if (g->head[vcpu][q] == 0) {
            ready &= ~(1U << q);
        }
        if ((word >> EVTCHN_FIFO_MASKED) == 2) {
            handle(g, port);
            consumed[nr_consumed++] = port;
        }
    }
}

/* Every vCPU that was told looks for events; then none may be left. */
static void consume_all(struct guest *g)
{
    for (unsigned int i = 0; i < NR_VCPUS; i++) {
        struct vcpu_info *info = g->d->vcpu[i]->info;

        if (!info->evtchn_upcall_pending) {
            continue;
        }
        info->evtchn_upcall_pending = 0;
        if (g->fifo) {
            consume_fifo(g, i);
        } else {
            consume_two_level(g, info);
        }
    }
    for (uint32_t port = 1; port <= MAX_PORT; port++) {
        if (g->port[port].pending && !is_masked(g, port)) {
            fail_msg("domain %u: the event of port %u was lost", g->d->id, port);
        }
    }
}

static void use_fifo(struct guest *g)
{
    struct evtchn_expand_array expand;
    struct evtchn_init_control init = { .offset = 0 };

    g->words_pg = fake_page_create(g->d);
    g->words = page_to_virt(g->words_pg);
    for (unsigned int i = 0; i < WORDS; i++) {
        g->words[i] = 1U << EVTCHN_FIFO_MASKED;
    }
    for (unsigned int i = 0; i < NR_VCPUS; i++) {
        g->control_pg[i] = fake_page_create(g->d);
        g->control[i] = page_to_virt(g->control_pg[i]);
        init.control_gfn = page_to_mfn(g->control_pg[i]).n;
        init.vcpu = i;
        run_as(g, 0);
        assert_int_equal(EVENT_OP(init_control, &init), 0);
        assert_int_equal(init.link_bits, EVTCHN_FIFO_LINK_BITS);
    }
    expand.array_gfn = page_to_mfn(g->words_pg).n;
    assert_int_equal(EVENT_OP(expand_array, &expand), 0);
    g->fifo = true;
    for (unsigned int i = 1; i <= MAX_PORT; i++) {
        unmask(i);
    }
}

/* ------------------------------------------------------------------------ */
/* The model */

static struct guest *guest_of(unsigned int id)
{
    for (unsigned int i = 0; i < NR_DOMAINS; i++) {
        if (guests[i].d->id == id) {
            return &guests[i];
        }
    }
    return NULL;
}

static bool has_free_port(const struct guest *g)
{
    for (unsigned int i = 1; i <= MAX_PORT; i++) {
        if (g->port[i].state == EVTCHNSTAT_closed) {
            return true;
        }
    }
    return false;
}

static void model_raise(struct guest *g, uint32_t port)
{
    struct vcpu_info *info = g->d->vcpu[g->port[port].vcpu]->info;

    if (!g->port[port].pending && !is_masked(g, port)) {
        assert_int_equal(info->evtchn_upcall_pending, 1);
    }
    g->port[port].pending = true;
}

static uint32_t model_virq_port(struct guest *g, uint32_t virq, unsigned int vcpu)
{
    for (uint32_t i = 1; i <= MAX_PORT; i++) {
        const struct model_port *p = &g->port[i];

        if (p->state == EVTCHNSTAT_virq && p->number == virq &&
            (p->vcpu == vcpu || !event_virq_is_per_vcpu(virq))) {
            return i;
        }
    }
    return 0;
}

static uint32_t model_pirq_port(struct guest *g, uint32_t pirq)
{
    for (uint32_t i = 1; i <= MAX_PORT; i++) {
        if (g->port[i].state == EVTCHNSTAT_pirq && g->port[i].number == pirq) {
            return i;
        }
    }
    return 0;
}

/* A new port must be the lowest free one. */
static struct model_port *model_open(struct guest *g, uint32_t port, int state, unsigned int vcpu)
{
    struct model_port *p = &g->port[port];

    assert_in_range(port, 1, MAX_PORT);
    for (uint32_t i = 1; i < port; i++) {
        assert_int_not_equal(g->port[i].state, EVTCHNSTAT_closed);
    }
    assert_int_equal(p->state, EVTCHNSTAT_closed);
    memset(p, 0, sizeof(*p));
    p->state = state;
    p->vcpu = vcpu;
    return p;
}

static void check_port(struct guest *g, uint32_t port)
{
    const struct model_port *p = &g->port[port];
    struct evtchn_status s;
    long rc;

    run_as(g, 0);
    rc = status(DOMID_SELF, port, &s);
    if (rc == -EINVAL) {
        assert_int_equal(p->state, EVTCHNSTAT_closed);
        return;
    }
    assert_int_equal(rc, 0);
    assert_int_equal(s.status, p->state);
    assert_int_equal(s.vcpu, p->vcpu);
    switch (p->state) {
    case EVTCHNSTAT_unbound:
        assert_int_equal(s.u.unbound.dom, p->remote_dom);
        break;
    case EVTCHNSTAT_interdomain:
        assert_int_equal(s.u.interdomain.dom, p->remote_dom);
        assert_int_equal(s.u.interdomain.port, p->number);
        break;
    case EVTCHNSTAT_virq:
    case EVTCHNSTAT_pirq:
        assert_int_equal(s.u.virq, p->number);
        break;
    default:
        break;
    }
    assert_int_equal(event_port_is_pending(g->d, event_port_lookup(g->d, port), port), p->pending);
}

static void check_all(void)
{
    for (unsigned int i = 0; i < NR_DOMAINS; i++) {
        for (uint32_t port = 1; port <= MAX_PORT; port++) {
            check_port(&guests[i], port);
        }
    }
    assert_int_equal(fake_locks_held, 0);
}

/* ------------------------------------------------------------------------ */
/* Random steps: each does one call and predicts its result */

static uint64_t seed;

static uint32_t any(uint32_t n)
{
    return (uint32_t)(unit_random(&seed) % n);
}

static void step_alloc_unbound(struct guest *g)
{
    struct guest *remote = &guests[any(NR_DOMAINS)];
    uint32_t port;
    long rc = alloc_unbound(DOMID_SELF, remote->d->id, &port);

    if (!has_free_port(g)) {
        assert_int_equal(rc, -ENOSPC);
        return;
    }
    assert_int_equal(rc, 0);
    model_open(g, port, EVTCHNSTAT_unbound, 0)->remote_dom = remote->d->id;
}

static void step_bind_interdomain(struct guest *g)
{
    struct guest *remote = &guests[any(NR_DOMAINS)];
    uint32_t remote_port = any(MAX_PORT + 20), port;
    struct model_port *peer = &remote->port[MIN(remote_port, MAX_PORT)], *p;
    long rc = bind_interdomain(remote->d->id, remote_port, &port);

    if (remote_port == 0 || remote_port > MAX_PORT || peer->state != EVTCHNSTAT_unbound ||
        peer->remote_dom != g->d->id) {
        assert_true(rc == -EINVAL || (rc == -ENOSPC && !has_free_port(g)));
        return;
    }
    if (!has_free_port(g)) {
        assert_int_equal(rc, -ENOSPC);
        return;
    }
    assert_int_equal(rc, 0);
    p = model_open(g, port, EVTCHNSTAT_interdomain, 0);
    p->remote_dom = remote->d->id;
    p->number = remote_port;
    peer->state = EVTCHNSTAT_interdomain;
    peer->number = port;
    model_raise(g, port);
}

static void step_bind_virq(struct guest *g)
{
    uint32_t virq = any(NR_VIRQS + 2), vcpu = any(NR_VCPUS + 1), port;
    bool global = !event_virq_is_per_vcpu(virq);
    long rc = bind_virq(virq, vcpu, &port);

    if (virq >= NR_VIRQS || (global && vcpu != 0)) {
        assert_int_equal(rc, -EINVAL);
    } else if (vcpu >= NR_VCPUS) {
        assert_int_equal(rc, -ENOENT);
    } else if (model_virq_port(g, virq, vcpu) != 0) {
        assert_int_equal(rc, -EEXIST);
    } else if (!has_free_port(g)) {
        assert_int_equal(rc, -ENOSPC);
    } else {
        assert_int_equal(rc, 0);
        model_open(g, port, EVTCHNSTAT_virq, vcpu)->number = virq;
    }
}

static void step_bind_ipi(struct guest *g)
{
    uint32_t vcpu = any(NR_VCPUS + 1), port;
    long rc = bind_ipi(vcpu, &port);

    if (vcpu >= NR_VCPUS) {
        assert_int_equal(rc, -ENOENT);
    } else if (!has_free_port(g)) {
        assert_int_equal(rc, -ENOSPC);
    } else {
        assert_int_equal(rc, 0);
        model_open(g, port, EVTCHNSTAT_ipi, vcpu);
    }
}

static void step_bind_pirq(struct guest *g)
{
    uint32_t pirq = any(FAKE_NR_PIRQS + 2), port;
    long rc;

    if (pirq < FAKE_NR_PIRQS && fake_pirq_is_bound[pirq] && model_pirq_port(g, pirq) == 0) {
        return; /* the other domain has it: not this module's business */
    }
    fake_pirq_result = any(8) == 0 ? -EBUSY : 0;
    rc = bind_pirq(pirq, &port);
    if (pirq >= FAKE_NR_PIRQS) {
        assert_int_equal(rc, -EINVAL);
    } else if (model_pirq_port(g, pirq) != 0) {
        assert_int_equal(rc, -EEXIST);
    } else if (!has_free_port(g)) {
        assert_int_equal(rc, -ENOSPC);
    } else if (fake_pirq_result != 0) {
        assert_int_equal(rc, -EBUSY);
    } else {
        assert_int_equal(rc, 0);
        model_open(g, port, EVTCHNSTAT_pirq, 0)->number = pirq;
    }
}

static void step_bind_vcpu(struct guest *g)
{
    uint32_t port = any(MAX_PORT + 20), vcpu = any(NR_VCPUS + 1);
    struct model_port *p = &g->port[MIN(port, MAX_PORT)];
    long rc = bind_vcpu(port, vcpu);

    if (vcpu >= NR_VCPUS) {
        assert_int_equal(rc, -ENOENT);
    } else if (port == 0 || port > MAX_PORT || p->state == EVTCHNSTAT_closed ||
               p->state == EVTCHNSTAT_ipi ||
               (p->state == EVTCHNSTAT_virq && event_virq_is_per_vcpu(p->number))) {
        assert_int_equal(rc, -EINVAL);
    } else {
        assert_int_equal(rc, 0);
        p->vcpu = vcpu;
    }
}

static void step_close(struct guest *g)
{
    uint32_t port = any(MAX_PORT + 20);
    struct model_port *p = &g->port[MIN(port, MAX_PORT)];
    long rc = close_port(port);

    if (port == 0 || port > MAX_PORT || p->state == EVTCHNSTAT_closed) {
        assert_int_equal(rc, -EINVAL);
        return;
    }
    assert_int_equal(rc, 0);
    if (p->state == EVTCHNSTAT_interdomain) {
        struct model_port *peer = &guest_of(p->remote_dom)->port[p->number];

        peer->state = EVTCHNSTAT_unbound;
        peer->remote_dom = g->d->id;
    }
    memset(p, 0, sizeof(*p));
}

static void step_send(struct guest *g)
{
    uint32_t port = any(MAX_PORT + 20);
    struct model_port *p = &g->port[MIN(port, MAX_PORT)];
    long rc = send(port);

    if (port == 0 || port > MAX_PORT || p->state == EVTCHNSTAT_closed ||
        p->state == EVTCHNSTAT_virq || p->state == EVTCHNSTAT_pirq) {
        assert_int_equal(rc, -EINVAL);
        return;
    }
    assert_int_equal(rc, 0);
    if (p->state == EVTCHNSTAT_interdomain) {
        model_raise(guest_of(p->remote_dom), p->number);
    } else if (p->state == EVTCHNSTAT_ipi) {
        model_raise(g, port);
    }
}

static void step_virq(struct guest *g)
{
    uint32_t virq = any(NR_VIRQS), vcpu = any(NR_VCPUS), port;

    if (event_virq_is_per_vcpu(virq)) {
        event_virq_vcpu(g->d->vcpu[vcpu], virq);
    } else {
        g = &guests[0];
        vcpu = 0;
        event_virq_global(virq);
    }
    port = model_virq_port(g, virq, vcpu);
    if (port != 0) {
        model_raise(g, port);
    }
}

static void step_pirq(struct guest *g)
{
    uint32_t pirq = any(FAKE_NR_PIRQS), port = model_pirq_port(g, pirq);

    assert_int_equal(event_pirq(g->d, pirq), port != 0);
    if (port != 0) {
        model_raise(g, port);
    }
}

static void step_mask(struct guest *g)
{
    uint32_t port = 1 + any(MAX_PORT);

    if (any(2)) {
        set_mask(g, port);
    } else if (event_port_lookup(g->d, port) != NULL) {
        assert_int_equal(unmask(port), 0);
        assert_false(is_masked(g, port));
    }
}

static void step_priority(struct guest *g)
{
    struct evtchn_set_priority op = { .port = 1 + any(MAX_PORT), .priority = any(18) };
    long rc = EVENT_OP(set_priority, &op);

    if (!g->fifo) {
        assert_int_equal(rc, -ENOSYS);
    } else if (op.priority > 15 || g->port[op.port].state == EVTCHNSTAT_closed) {
        assert_int_equal(rc, -EINVAL);
    } else {
        assert_int_equal(rc, 0);
    }
}

static void run_random(unsigned int steps)
{
    static void (*const step[])(struct guest *g) = {
        step_alloc_unbound, step_bind_interdomain, step_bind_interdomain, step_bind_virq,
        step_bind_ipi,      step_bind_pirq,        step_bind_vcpu,        step_close,
        step_close,         step_send,             step_send,             step_send,
        step_virq,          step_pirq,             step_mask,             step_priority,
    };

    for (unsigned int i = 0; i < steps; i++) {
        struct guest *g = &guests[any(NR_DOMAINS)];

        run_as(g, any(NR_VCPUS));
        step[any(ARRAY_SIZE(step))](g);
        if (any(4) == 0) {
            consume_all(&guests[any(NR_DOMAINS)]);
        }
        if (i % 64 == 0) {
            check_all();
        }
    }
    check_all();
}

static void test_random_two_level(void **state)
{
    (void)state;
    seed = unit_seed("event");
    run_random(60000);
}

static void test_random_fifo(void **state)
{
    (void)state;
    seed = unit_seed("fifo");
    for (unsigned int i = 0; i < NR_DOMAINS; i++) {
        use_fifo(&guests[i]);
    }
    run_random(60000);
}

/* One domain changes over in the middle of everything. */
static void test_random_change_over(void **state)
{
    (void)state;
    seed = unit_seed("change_over");
    run_random(3000);
    consume_all(&guests[0]);
    consume_all(&guests[1]);
    memset(guests[1].d->shared_info->evtchn_mask, 0, 512);
    for (uint32_t port = 1; port <= MAX_PORT; port++) {
        if (guests[1].port[port].pending) {
            bit_clear(guests[1].d->shared_info->evtchn_pending, port);
            guests[1].port[port].pending = false;
        }
    }
    use_fifo(&guests[1]);
    run_random(3000);
}

/* ------------------------------------------------------------------------ */
/* Single points of the ABI */

static void test_errors(void **state)
{
    struct evtchn_status s;
    struct evtchn_reset reset = { .dom = 99 };
    uint32_t port, bad = 77;

    (void)state;
    assert_int_equal(alloc_unbound(99, 0, &port), -ESRCH);
    assert_int_equal(bind_interdomain(99, 1, &port), -ESRCH);
    assert_int_equal(status(99, 1, &s), -ESRCH);
    assert_int_equal(EVENT_OP(reset, &reset), -ESRCH);
    assert_int_equal(hypercall_event_channel_op(15, &reset), -ENOSYS);
    assert_int_equal(hypercall_event_channel_op(-1, &reset), -ENOSYS);
    assert_int_equal(send(bad), -EINVAL);
    assert_int_equal(close_port(0), -EINVAL);
    assert_int_equal(status(DOMID_SELF, 5000, &s), -EINVAL);

    fake_fault_start = (uint64_t)&s;
    fake_fault_len = sizeof(s);
    assert_int_equal(EVENT_OP(status, &s), -EFAULT);
    fake_fault_len = 0;

    /* A foreign domain needs the right to control it. */
    assert_int_equal(alloc_unbound(guests[1].d->id, guests[0].d->id, &port), 0);
    assert_int_equal(status(guests[1].d->id, port, &s), 0);
    assert_int_equal(s.status, EVTCHNSTAT_unbound);
    reset.dom = guests[1].d->id;
    assert_int_equal(EVENT_OP(reset, &reset), -EINVAL); /* not paused */
    run_as(&guests[1], 0);
    assert_int_equal(alloc_unbound(guests[0].d->id, guests[1].d->id, &port), -EPERM);
    assert_int_equal(status(guests[0].d->id, 1, &s), -EPERM);
}

/* A port whose number cannot be told is closed again. */
static void test_result_not_writable(void **state)
{
    uint32_t port;

    (void)state;
    fake_write_fault = true;
    assert_int_equal(bind_ipi(0, &port), -EFAULT);
    fake_write_fault = false;
    assert_int_equal(guests[0].d->events->nr_open, 0);
}

/* S14: a masked port wakes; flags are gone when it returns at once; only a change to pending wakes. */
static void test_poll(void **state)
{
    const uint64_t polling = (1UL << VPF_BLOCKED) | (1UL << VPF_POLLING);
    struct guest *g = &guests[0];
    struct vcpu *v = g->d->vcpu[1];
    uint32_t a, b, many[129] = { 0 }, ports[2];

    (void)state;
    assert_int_equal(bind_ipi(1, &a), 0);
    assert_int_equal(bind_ipi(1, &b), 0);
    ports[0] = a;
    ports[1] = b;
    set_mask(g, a);
    set_mask(g, b);
    run_as(g, 1);

    assert_int_equal(poll(ports, 1, 0), 0);
    assert_int_equal(v->pause_flags, polling);
    send(b);
    assert_int_equal(v->pause_flags, polling);
    send(a);
    assert_int_equal(v->pause_flags, 0);
    assert_int_equal(v->info->evtchn_upcall_pending, 0);

    /* Pending now: no wait. */
    assert_int_equal(poll(ports, 2, 0), 0);
    assert_int_equal(v->pause_flags, 0);
    assert_int_equal(g->d->events->pollers[0], 0);

    bit_clear(g->d->shared_info->evtchn_pending, a);
    assert_int_equal(poll(ports, 1, 12345), 0);
    assert_int_equal(v->poll_timer.expires, 12345);
    v->poll_timer.fn(v->poll_timer.arg);
    assert_int_equal(v->pause_flags, 0);
    /* The stale bit goes with the next event. */
    assert_int_equal(g->d->events->pollers[0], 2);
    send(a);
    assert_int_equal(g->d->events->pollers[0], 0);

    bit_clear(g->d->shared_info->evtchn_pending, a);
    bit_clear(g->d->shared_info->evtchn_pending, b);
    assert_int_equal(poll(ports, 2, 0), 0);
    send(b);
    assert_int_equal(v->pause_flags, 0);
    bit_clear(g->d->shared_info->evtchn_pending, b);

    /* An upcall that is due ends it at once; one that's masked does not. */
    v->info->evtchn_upcall_pending = 1;
    assert_int_equal(poll(ports, 1, 0), 0);
    assert_int_equal(v->pause_flags, 0);
    v->info->evtchn_upcall_mask = 1;
    assert_int_equal(poll(ports, 1, 0), 0);
    assert_int_equal(v->pause_flags, polling);
    vcpu_unblock(v);
    v->info->evtchn_upcall_pending = 0;

    ports[0] = 5000;
    assert_int_equal(poll(ports, 1, 0), -EINVAL);
    assert_int_equal(v->pause_flags, 0);
    assert_int_equal(poll(many, 129, 0), -EINVAL);
    assert_int_equal(poll(many, 0, 0), 0);
    vcpu_unblock(v);
}

static void test_notification(void **state)
{
    struct guest *g = &guests[0];
    struct vcpu *v = g->d->vcpu[2];
    uint32_t port;

    (void)state;
    assert_int_equal(bind_ipi(2, &port), 0);
    fake_kicks = 0;
    v->pause_flags = 1UL << VPF_BLOCKED;
    send(port);
    assert_int_equal(v->pause_flags, 0);
    assert_int_equal(fake_kicks, 1);
    assert_int_equal(v->info->evtchn_pending_sel, 1UL << (port / 64));
    assert_true(event_is_deliverable(v));
    v->info->evtchn_upcall_mask = 1;
    assert_false(event_is_deliverable(v));
    send(port);
    assert_int_equal(fake_kicks, 1);

    /* To oneself: no interrupt. */
    run_as(g, 2);
    bit_clear(g->d->shared_info->evtchn_pending, port);
    v->info->evtchn_upcall_pending = 0;
    v->info->evtchn_pending_sel = 0;
    send(port);
    assert_int_equal(fake_kicks, 1);
    assert_int_equal(v->info->evtchn_upcall_pending, 1);
}

static void test_console(void **state)
{
    uint32_t port;

    (void)state;
    assert_int_equal(bind_virq(VIRQ_CONSOLE, 0, &port), 0);
    console_input_notify();
    assert_true(bit_test(guests[0].d->shared_info->evtchn_pending, port));
}

/* A global VIRQ goes to the domain named for it, and back to dom0 when that one dies. */
static void test_virq_handler(void **state)
{
    struct domain *d = guests[1].d;
    uint32_t at_dom0, port;

    (void)state;
    assert_int_equal(bind_virq(VIRQ_DOM_EXC, 0, &at_dom0), 0);
    run_as(&guests[1], 0);
    assert_int_equal(bind_virq(VIRQ_DOM_EXC, 0, &port), 0);
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
    assert_int_equal(bind_ipi(0, &port), -EINVAL);
    guests[0].d->state = DOMAIN_ALIVE;
}

/* ------------------------------------------------------------------------ */
/* FIFO */

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
    use_fifo(g);
    for (unsigned int i = 0; i < 6; i++) {
        assert_int_equal(bind_ipi(1, &port[i]), 0);
        model_open(g, port[i], EVTCHNSTAT_ipi, 1);
        unmask(port[i]);
    }
    prio.port = port[4];
    EVENT_OP(set_priority, &prio);
    for (unsigned int i = 0; i < 6; i++) {
        send(port[5 - i]);
        model_raise(g, port[5 - i]);
    }
    consume_all(g);
    assert_int_equal(nr_consumed, 6);
    assert_int_equal(consumed[0], port[4]);
    assert_int_equal(consumed[1], port[5]);
    for (unsigned int i = 2; i < 6; i++) {
        assert_int_equal(consumed[i], port[5 - i]);
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
 * in the former queue must not be linked behind port 0. Once to another priority, once to another vCPU.
 */
static void test_fifo_move(void **state)
{
    static const uint32_t virq[3] = { VIRQ_CONSOLE, VIRQ_DOM_EXC, VIRQ_CON_RING };
    struct guest *g = &guests[0];
    struct evtchn_set_priority prio = { .priority = 3 };
    uint32_t port[3];

    (void)state;
    use_fifo(g);
    for (unsigned int i = 0; i < 3; i++) {
        assert_int_equal(bind_virq(virq[i], 0, &port[i]), 0);
        model_open(g, port[i], EVTCHNSTAT_virq, 0);
        unmask(port[i]);
    }
    raise_all(g, virq, port, 1);
    consume_all(g);
    for (unsigned int i = 0; i < 2; i++) {
        prio.port = port[i];
        EVENT_OP(set_priority, &prio);
    }
    raise_all(g, virq, port, 3);
    consume_all(g);

    prio.port = port[2];
    EVENT_OP(set_priority, &prio);
    raise_all(g, virq, port, 1);
    consume_all(g);
    for (unsigned int i = 0; i < 2; i++) {
        assert_int_equal(bind_vcpu(port[i], 1), 0);
        g->port[port[i]].vcpu = 1;
    }
    raise_all(g, virq, port, 3);
    consume_all(g);
}

/* Events of a port whose word is missing come when the page does. */
static void test_fifo_late_page(void **state)
{
    struct guest *g = &guests[0];
    struct evtchn_init_control init = { .vcpu = 0 };
    struct evtchn_expand_array expand;
    uint32_t before, after;

    (void)state;
    assert_int_equal(bind_ipi(0, &before), 0);
    set_mask(g, before);
    send(before);
    g->control_pg[0] = fake_page_create(g->d);
    g->control[0] = page_to_virt(g->control_pg[0]);
    init.control_gfn = page_to_mfn(g->control_pg[0]).n;
    assert_int_equal(EVENT_OP(init_control, &init), 0);
    assert_int_equal(bind_ipi(0, &after), 0);
    send(after);
    assert_true(event_port_is_pending(g->d, event_port_lookup(g->d, before), before));
    assert_true(event_port_is_pending(g->d, event_port_lookup(g->d, after), after));
    assert_int_equal(g->d->vcpu[0]->info->evtchn_upcall_pending, 0);

    g->words_pg = fake_page_create(g->d);
    g->words = page_to_virt(g->words_pg);
    expand.array_gfn = page_to_mfn(g->words_pg).n;
    assert_int_equal(EVENT_OP(expand_array, &expand), 0);
    g->fifo = true;
    g->port[before].pending = g->port[after].pending = true;
    consume_all(g);
    assert_int_equal(nr_consumed, 2);
}

/* After a reset the 2-level ABI is back, and the pages are the guest's again. */
static void test_fifo_reset(void **state)
{
    struct evtchn_reset reset = { .dom = DOMID_SELF };
    struct guest *g = &guests[0];
    uint32_t port;
    long rc;

    (void)state;
    use_fifo(g);
    for (unsigned int i = 0; i < 100; i++) {
        assert_int_equal(bind_ipi(0, &port), 0);
    }
    fake_preempt_every = 10;
    for (rc = -ERESTART; rc == -ERESTART;) {
        rc = EVENT_OP(reset, &reset);
    }
    assert_int_equal(rc, 0);
    assert_int_equal(g->words_pg->count, 1);
    assert_int_equal(g->control_pg[2]->count, 1);
    g->fifo = false;
    assert_int_equal(bind_ipi(0, &port), 0);
    assert_int_equal(port, 1);
    send(port);
    assert_true(bit_test(g->d->shared_info->evtchn_pending, port));
}

/* Words full of nonsense, before every call: nothing breaks but the guest's own events. */
static void test_fifo_hostile(void **state)
{
    struct guest *g = &guests[0];
    uint32_t port;

    (void)state;
    seed = unit_seed("hostile");
    use_fifo(g);
    for (unsigned int i = 0; i < 60; i++) {
        assert_int_equal(bind_ipi(i % NR_VCPUS, &port), 0);
    }
    for (unsigned int step = 0; step < 100000; step++) {
        g->words[any(80)] = (uint32_t)unit_random(&seed);
        g->control[any(NR_VCPUS)]->head[any(16)] = (uint32_t)unit_random(&seed);
        g->control[any(NR_VCPUS)]->ready = (uint32_t)unit_random(&seed);
        port = 1 + any(60);
        if (any(2)) {
            send(port);
        } else if (any(2)) {
            unmask(port);
        } else {
            struct evtchn_set_priority op = { .port = port, .priority = any(16) };

            EVENT_OP(set_priority, &op);
        }
    }
    assert_int_equal(fake_locks_held, 0);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_errors),
        CASE(test_result_not_writable),
        CASE(test_poll),
        CASE(test_notification),
        CASE(test_console),
        CASE(test_virq_handler),
        CASE(test_dying_domain),
        CASE(test_random_two_level),
        CASE(test_fifo_errors),
        CASE(test_fifo_order),
        CASE(test_fifo_move),
        CASE(test_fifo_late_page),
        CASE(test_fifo_reset),
        CASE(test_fifo_hostile),
        CASE(test_random_fifo),
        CASE(test_random_change_over),
    };

    return cmocka_run_group_tests(tests, group_setup, NULL);
}

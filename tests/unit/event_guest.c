/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Two domains that bind, send and close, and what they should see: a model of every port, and
 * consumers that follow the protocols of the 2-level and the FIFO ABI.
 */
#include "event_guest.h"

#include "../../xen/arch/fake/guests.h"
#include "../../xen/arch/fake/machine.h"
#include <asm/current.h>
#include <public/sched.h>
#include <xen/alloc.h>
#include <xen/domain.h>
#include <xen/errno.h>

struct guest guests[NR_DOMAINS];

void guest_run(struct guest *g, unsigned int vcpu)
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

int guests_group_setup(void **state)
{
    (void)state;
    fake_guests_init();
    return 0;
}

static domid_t next_id;

int guests_setup(void **state)
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
    guest_run(&guests[0], 0);
    return 0;
}

int guests_teardown(void **state)
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


long call_alloc_unbound(domid_t dom, domid_t remote, uint32_t *port)
{
    struct evtchn_alloc_unbound op = { .dom = dom, .remote_dom = remote };
    long rc = EVENT_OP(alloc_unbound, &op);

    *port = op.port;
    return rc;
}

long call_bind_interdomain(domid_t dom, uint32_t remote_port, uint32_t *port)
{
    struct evtchn_bind_interdomain op = { .remote_dom = dom, .remote_port = remote_port };
    long rc = EVENT_OP(bind_interdomain, &op);

    *port = op.local_port;
    return rc;
}

long call_bind_virq(uint32_t virq, uint32_t vcpu, uint32_t *port)
{
    struct evtchn_bind_virq op = { .virq = virq, .vcpu = vcpu };
    long rc = EVENT_OP(bind_virq, &op);

    *port = op.port;
    return rc;
}

long call_bind_ipi(uint32_t vcpu, uint32_t *port)
{
    struct evtchn_bind_ipi op = { .vcpu = vcpu };
    long rc = EVENT_OP(bind_ipi, &op);

    *port = op.port;
    return rc;
}

long call_bind_pirq(uint32_t pirq, uint32_t *port)
{
    struct evtchn_bind_pirq op = { .pirq = pirq };
    long rc = EVENT_OP(bind_pirq, &op);

    *port = op.port;
    return rc;
}

long call_bind_vcpu(uint32_t port, uint32_t vcpu)
{
    struct evtchn_bind_vcpu op = { .port = port, .vcpu = vcpu };

    return EVENT_OP(bind_vcpu, &op);
}

long call_close(uint32_t port)
{
    struct evtchn_close op = { .port = port };

    return EVENT_OP(close, &op);
}

long call_send(uint32_t port)
{
    struct evtchn_send op = { .port = port };

    return EVENT_OP(send, &op);
}

long call_unmask(uint32_t port)
{
    struct evtchn_unmask op = { .port = port };

    return EVENT_OP(unmask, &op);
}

long call_status(domid_t dom, uint32_t port, struct evtchn_status *op)
{
    memset(op, 0xee, sizeof(*op));
    op->dom = dom;
    op->port = port;
    return EVENT_OP(status, op);
}

long call_poll(uint32_t *ports, unsigned int nr, uint64_t timeout)
{
    struct sched_poll op = { .ports = ports, .nr_ports = nr, .timeout = timeout };

    return event_poll(&op);
}

/* ------------------------------------------------------------------------ */
/* The guest's side */

bool guest_is_masked(struct guest *g, uint32_t port)
{
    return g->fifo ? (g->words[port] >> EVTCHN_FIFO_MASKED) & 1
                   : bit_test(g->d->shared_info->evtchn_mask, port);
}

void guest_mask(struct guest *g, uint32_t port)
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

unsigned int fifo_nr_consumed;
uint32_t fifo_consumed[MAX_PORT + 1];

static void consume_fifo(struct guest *g, unsigned int vcpu)
{
    struct evtchn_fifo_control_block *control = g->control[vcpu];
    uint32_t ready = control->ready;

    fifo_nr_consumed = 0;
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
            fifo_consumed[fifo_nr_consumed++] = port;
        }
    }
}

/* Every vCPU that was told looks for events; then none may be left. */
void guest_consume(struct guest *g)
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
        if (g->port[port].pending && !guest_is_masked(g, port)) {
            fail_msg("domain %u: the event of port %u was lost", g->d->id, port);
        }
    }
}

void guest_use_fifo(struct guest *g)
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
        guest_run(g, 0);
        assert_int_equal(EVENT_OP(init_control, &init), 0);
        assert_int_equal(init.link_bits, EVTCHN_FIFO_LINK_BITS);
    }
    expand.array_gfn = page_to_mfn(g->words_pg).n;
    assert_int_equal(EVENT_OP(expand_array, &expand), 0);
    g->fifo = true;
    for (unsigned int i = 1; i <= MAX_PORT; i++) {
        call_unmask(i);
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

void model_raise(struct guest *g, uint32_t port)
{
    unsigned int told = 0;

    for (unsigned int i = 0; i < NR_VCPUS; i++) {
        told += g->d->vcpu[i]->info->evtchn_upcall_pending << i;
    }
    if (!g->port[port].pending && !guest_is_masked(g, port)) {
        /* A FIFO event that is still in another vCPU's queue stays there. */
        assert_int_not_equal(told & (g->fifo ? ~0U : 1U << g->port[port].vcpu), 0);
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
struct model_port *model_open(struct guest *g, uint32_t port, int state, unsigned int vcpu)
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
    const struct event_port *real;
    long rc;

    guest_run(g, 0);
    rc = call_status(DOMID_SELF, port, &s);
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
    /* A port that was never used has no structure yet. */
    real = event_port_lookup(g->d, port);
    assert_int_equal(real != NULL && event_port_is_pending(g->d, real, port), p->pending);
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

uint64_t random_seed;

uint32_t random_below(uint32_t n)
{
    return (uint32_t)(unit_random(&random_seed) % n);
}

static void step_alloc_unbound(struct guest *g)
{
    struct guest *remote = &guests[random_below(NR_DOMAINS)];
    uint32_t port;
    long rc = call_alloc_unbound(DOMID_SELF, remote->d->id, &port);

    if (!has_free_port(g)) {
        assert_int_equal(rc, -ENOSPC);
        return;
    }
    assert_int_equal(rc, 0);
    model_open(g, port, EVTCHNSTAT_unbound, 0)->remote_dom = remote->d->id;
}

static void step_bind_interdomain(struct guest *g)
{
    struct guest *remote = &guests[random_below(NR_DOMAINS)];
    uint32_t remote_port = random_below(MAX_PORT + 20), port;
    struct model_port *peer = &remote->port[MIN(remote_port, MAX_PORT)], *p;
    long rc = call_bind_interdomain(remote->d->id, remote_port, &port);

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
    uint32_t virq = random_below(NR_VIRQS + 2), vcpu = random_below(NR_VCPUS + 1), port;
    bool global = !event_virq_is_per_vcpu(virq);
    long rc = call_bind_virq(virq, vcpu, &port);

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
    uint32_t vcpu = random_below(NR_VCPUS + 1), port;
    long rc = call_bind_ipi(vcpu, &port);

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
    uint32_t pirq = random_below(FAKE_NR_PIRQS + 2), port;
    long rc;

    if (pirq < FAKE_NR_PIRQS && fake_pirq_is_bound[pirq] && model_pirq_port(g, pirq) == 0) {
        return; /* the other domain has it: not this module's business */
    }
    fake_pirq_result = random_below(8) == 0 ? -EBUSY : 0;
    rc = call_bind_pirq(pirq, &port);
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
    uint32_t port = random_below(MAX_PORT + 20), vcpu = random_below(NR_VCPUS + 1);
    struct model_port *p = &g->port[MIN(port, MAX_PORT)];
    long rc = call_bind_vcpu(port, vcpu);

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
    uint32_t port = random_below(MAX_PORT + 20);
    struct model_port *p = &g->port[MIN(port, MAX_PORT)];
    long rc = call_close(port);

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
    uint32_t port = random_below(MAX_PORT + 20);
    struct model_port *p = &g->port[MIN(port, MAX_PORT)];
    long rc = call_send(port);

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
    uint32_t virq = random_below(NR_VIRQS), vcpu = random_below(NR_VCPUS), port;

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
    uint32_t pirq = random_below(FAKE_NR_PIRQS), port = model_pirq_port(g, pirq);

    assert_int_equal(event_pirq(g->d, pirq), port != 0);
    if (port != 0) {
        model_raise(g, port);
    }
}

static void step_mask(struct guest *g)
{
    uint32_t port = 1 + random_below(MAX_PORT);

    if (random_below(2)) {
        guest_mask(g, port);
    } else if (event_port_lookup(g->d, port) != NULL) {
        assert_int_equal(call_unmask(port), 0);
        assert_false(guest_is_masked(g, port));
    }
}

static void step_priority(struct guest *g)
{
    struct evtchn_set_priority op = { .port = 1 + random_below(MAX_PORT),
                                      .priority = random_below(18) };
    long rc = EVENT_OP(set_priority, &op);

    if (!g->fifo) {
        assert_int_equal(rc, -ENOSYS);
    } else if (op.priority > 15 || g->port[op.port].state == EVTCHNSTAT_closed) {
        assert_int_equal(rc, -EINVAL);
    } else {
        assert_int_equal(rc, 0);
    }
}

void random_steps(unsigned int steps)
{
    static void (*const step[])(struct guest *g) = {
        step_alloc_unbound, step_bind_interdomain, step_bind_interdomain, step_bind_virq,
        step_bind_ipi,      step_bind_pirq,        step_bind_vcpu,        step_close,
        step_close,         step_send,             step_send,             step_send,
        step_virq,          step_pirq,             step_mask,             step_priority,
    };

    for (unsigned int i = 0; i < steps; i++) {
        struct guest *g = &guests[random_below(NR_DOMAINS)];

        guest_run(g, random_below(NR_VCPUS));
        step[random_below(ARRAY_SIZE(step))](g);
        if (random_below(4) == 0) {
            guest_consume(&guests[random_below(NR_DOMAINS)]);
        }
        if (i % 64 == 0) {
            check_all();
        }
    }
    check_all();
}

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Guests for tests of event channels: their calls, their side of both ABIs, and a model of it
 * all.
 */
#ifndef EVENT_GUEST_H
#define EVENT_GUEST_H

#include "unit.h"

#include "../../xen/event/port.h"

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
struct guest {
    struct domain *d;
    struct model_port port[MAX_PORT + 1];
    bool fifo;
    event_word_t *words;
    struct page_info *words_pg, *control_pg[NR_VCPUS];
    struct evtchn_fifo_control_block *control[NR_VCPUS];
    uint32_t head[NR_VCPUS][EVTCHN_FIFO_MAX_QUEUES];
};

extern struct guest guests[NR_DOMAINS];

/* Group and case fixtures: two domains with tables of MAX_PORT ports; the first is dom0. */
int guests_group_setup(void **state);
int guests_setup(void **state);
int guests_teardown(void **state);

/* Makes a vCPU the running one. */
void guest_run(struct guest *g, unsigned int vcpu);

/* The calls of the running vCPU. */
#define EVENT_OP(cmd, op) hypercall_event_channel_op(EVTCHNOP_##cmd, op)
long call_alloc_unbound(domid_t dom, domid_t remote, uint32_t *port);
long call_bind_interdomain(domid_t dom, uint32_t remote_port, uint32_t *port);
long call_bind_virq(uint32_t virq, uint32_t vcpu, uint32_t *port);
long call_bind_ipi(uint32_t vcpu, uint32_t *port);
long call_bind_pirq(uint32_t pirq, uint32_t *port);
long call_bind_vcpu(uint32_t port, uint32_t vcpu);
long call_close(uint32_t port);
long call_send(uint32_t port);
long call_unmask(uint32_t port);
long call_status(domid_t dom, uint32_t port, struct evtchn_status *op);
long call_poll(uint32_t *ports, unsigned int nr, uint64_t timeout);

/* The guest's own hands on the shared pages. */
bool guest_is_masked(struct guest *g, uint32_t port);
void guest_mask(struct guest *g, uint32_t port);
/* Every vCPU that was told looks for events: all that are due must be found, and no others. */
void guest_consume(struct guest *g);
/* Changes over, with all ports unmasked. */
void guest_use_fifo(struct guest *g);
/* The ports that a vCPU found last in its queues, in order. */
extern unsigned int fifo_nr_consumed;
extern uint32_t fifo_consumed[MAX_PORT + 1];

/* What should be true now. */
struct model_port *model_open(struct guest *g, uint32_t port, int state, unsigned int vcpu);
void model_raise(struct guest *g, uint32_t port);

/* Random calls, each with its result predicted; the model is compared as they go. */
extern uint64_t random_seed;
uint32_t random_below(uint32_t n);
void random_steps(unsigned int steps);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Event channels. Ports are per domain; states and transitions in event/port.c. Delivery
 * goes through the 2-level or the FIFO ABI, chosen by the guest.
 */
#ifndef XEN_EVENT_H
#define XEN_EVENT_H

#include <xen/types.h>

struct domain;
struct vcpu;

typedef uint32_t event_port_t;

int event_domain_init(struct domain *d, unsigned int max_port);
/* Closes every port; preemptible: -ERESTART. */
int event_domain_close_all(struct domain *d);
void event_domain_fini(struct domain *d);
int event_vcpu_init(struct vcpu *v);
void event_vcpu_fini(struct vcpu *v);

/* Sends through an interdomain (or IPI) port of @d. -EINVAL if it is neither. */
int event_send(struct domain *d, event_port_t port);
/* Raises a per-vCPU VIRQ. Any context. */
void event_virq_vcpu(struct vcpu *v, unsigned int virq);
/* Raises a global VIRQ at the domain that handles it (dom0 unless told otherwise). Any context. */
void event_virq_global(unsigned int virq);
/* @d handles a global VIRQ from now on, while it lives. -EINVAL: not global, or @d is dying. */
int event_virq_set_handler(unsigned int virq, struct domain *d);
/* A physical interrupt for @port of @d. Interrupt context. False: no such binding. */
bool event_pirq(struct domain *d, unsigned int pirq);
/* Whether an upcall is due: pending and not masked. */
bool event_is_deliverable(const struct vcpu *v);
/* Marks the upcall of @v pending and wakes it (register_vcpu_info, unmask). */
void event_upcall_pending(struct vcpu *v);
/* An unbound port of @d for @remote, for the domain builder: the port or a negative errno. */
int event_alloc_unbound(struct domain *d, domid_t remote);

/* event_channel_op, sched_op poll. */
long hypercall_event_channel_op(int cmd, void *arg);
long event_poll(void *arg);

/* Debug key: prints the ports of @d. */
void event_dump(struct domain *d);

#endif

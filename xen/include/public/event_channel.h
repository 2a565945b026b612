/* SPDX-License-Identifier: BSD-2-Clause */
/* Event channels: the calls, and how a guest is told. See docs/interface/event_channel.md. */
#ifndef PUBLIC_EVENT_CHANNEL_H
#define PUBLIC_EVENT_CHANNEL_H

#include "xen.h"

#define EVTCHNOP_bind_interdomain 0
#define EVTCHNOP_bind_virq        1
#define EVTCHNOP_bind_pirq        2
#define EVTCHNOP_close            3
#define EVTCHNOP_send             4
#define EVTCHNOP_status           5
#define EVTCHNOP_alloc_unbound    6
#define EVTCHNOP_bind_ipi         7
#define EVTCHNOP_bind_vcpu        8
#define EVTCHNOP_unmask           9
#define EVTCHNOP_reset            10
#define EVTCHNOP_init_control     11
#define EVTCHNOP_expand_array     12
#define EVTCHNOP_set_priority     13
#define EVTCHNOP_reset_cont       14 /* how a preempted reset is resumed */

/* evtchn_status.status. */
#define EVTCHNSTAT_closed      0
#define EVTCHNSTAT_unbound     1
#define EVTCHNSTAT_interdomain 2
#define EVTCHNSTAT_pirq        3
#define EVTCHNSTAT_virq        4
#define EVTCHNSTAT_ipi         5

/* evtchn_bind_pirq.flags. */
#define BIND_PIRQ__WILL_SHARE 1

/* The two-level form: one bit per port in shared_info. */
#define EVTCHN_2L_NR_CHANNELS 4096

/* The FIFO form: one word per port, and queues by priority. */
#define EVTCHN_FIFO_PRIORITY_MAX     0
#define EVTCHN_FIFO_PRIORITY_DEFAULT 7
#define EVTCHN_FIFO_PRIORITY_MIN     15
#define EVTCHN_FIFO_MAX_QUEUES       (EVTCHN_FIFO_PRIORITY_MIN + 1)

/* Bits of an event word. */
#define EVTCHN_FIFO_PENDING     31
#define EVTCHN_FIFO_MASKED      30
#define EVTCHN_FIFO_LINKED      29
#define EVTCHN_FIFO_BUSY        28
#define EVTCHN_FIFO_LINK_BITS   17
#define EVTCHN_FIFO_LINK_MASK   ((1 << EVTCHN_FIFO_LINK_BITS) - 1)
#define EVTCHN_FIFO_NR_CHANNELS (1 << EVTCHN_FIFO_LINK_BITS)

typedef uint32_t evtchn_port_t;
typedef uint32_t event_word_t;

struct evtchn_bind_interdomain {
    domid_t remote_dom;        /* in */
    evtchn_port_t remote_port; /* in */
    evtchn_port_t local_port;  /* out */
};
XEN_ABI_SIZE(struct evtchn_bind_interdomain, 12, "event_channel.md");
XEN_ABI_OFFSET(struct evtchn_bind_interdomain, remote_port, 4, "event_channel.md");

struct evtchn_bind_virq {
    uint32_t virq;      /* in */
    uint32_t vcpu;      /* in */
    evtchn_port_t port; /* out */
};
XEN_ABI_SIZE(struct evtchn_bind_virq, 12, "event_channel.md");

struct evtchn_bind_pirq {
    uint32_t pirq;      /* in */
    uint32_t flags;     /* in */
    evtchn_port_t port; /* out */
};
XEN_ABI_SIZE(struct evtchn_bind_pirq, 12, "event_channel.md");

struct evtchn_close {
    evtchn_port_t port;
};
XEN_ABI_SIZE(struct evtchn_close, 4, "event_channel.md");

struct evtchn_send {
    evtchn_port_t port;
};
XEN_ABI_SIZE(struct evtchn_send, 4, "event_channel.md");

struct evtchn_status {
    domid_t dom;        /* in */
    evtchn_port_t port; /* in */
    uint32_t status;    /* out, and all that follows */
    uint32_t vcpu;
    union {
        struct {
            domid_t dom;
        } unbound;
        struct {
            domid_t dom;
            evtchn_port_t port;
        } interdomain;
        uint32_t pirq;
        uint32_t virq;
    } u;
};
XEN_ABI_SIZE(struct evtchn_status, 24, "event_channel.md");
XEN_ABI_OFFSET(struct evtchn_status, status, 8, "event_channel.md");
XEN_ABI_OFFSET(struct evtchn_status, vcpu, 12, "event_channel.md");
XEN_ABI_OFFSET(struct evtchn_status, u, 16, "event_channel.md");

struct evtchn_alloc_unbound {
    domid_t dom;        /* in */
    domid_t remote_dom; /* in */
    evtchn_port_t port; /* out */
};
XEN_ABI_SIZE(struct evtchn_alloc_unbound, 8, "event_channel.md");

struct evtchn_bind_ipi {
    uint32_t vcpu;      /* in */
    evtchn_port_t port; /* out */
};
XEN_ABI_SIZE(struct evtchn_bind_ipi, 8, "event_channel.md");

struct evtchn_bind_vcpu {
    evtchn_port_t port;
    uint32_t vcpu;
};
XEN_ABI_SIZE(struct evtchn_bind_vcpu, 8, "event_channel.md");

struct evtchn_unmask {
    evtchn_port_t port;
};
XEN_ABI_SIZE(struct evtchn_unmask, 4, "event_channel.md");

struct evtchn_reset {
    domid_t dom;
};
XEN_ABI_SIZE(struct evtchn_reset, 2, "event_channel.md");

struct evtchn_init_control {
    uint64_t control_gfn; /* in */
    uint32_t offset;      /* in */
    uint32_t vcpu;        /* in */
    uint8_t link_bits;    /* out */
    uint8_t _pad[7];
};
XEN_ABI_SIZE(struct evtchn_init_control, 24, "event_channel.md");
XEN_ABI_OFFSET(struct evtchn_init_control, link_bits, 16, "event_channel.md");

struct evtchn_expand_array {
    uint64_t array_gfn;
};
XEN_ABI_SIZE(struct evtchn_expand_array, 8, "event_channel.md");

struct evtchn_set_priority {
    evtchn_port_t port;
    uint32_t priority;
};
XEN_ABI_SIZE(struct evtchn_set_priority, 8, "event_channel.md");

/* Per vCPU; lies in a page of the guest. ready has one bit for each queue that holds a port. */
struct evtchn_fifo_control_block {
    uint32_t ready;
    uint32_t _rsvd;
    uint32_t head[EVTCHN_FIFO_MAX_QUEUES];
};
XEN_ABI_SIZE(struct evtchn_fifo_control_block, 72, "event_channel.md");
XEN_ABI_OFFSET(struct evtchn_fifo_control_block, head, 8, "event_channel.md");

#endif /* PUBLIC_EVENT_CHANNEL_H */

/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files of xen/event share: ports, tables, who notifies whom. See port.c. */
#ifndef EVENT_PORT_H
#define EVENT_PORT_H

#include <public/event_channel.h>
#include <public/xen.h>
#include <xen/bitmap.h>
#include <xen/compiler.h>
#include <xen/config.h>
#include <xen/domain.h>
#include <xen/event.h>
#include <xen/spinlock.h>
#include <xen/types.h>

enum port_state {
    PORT_FREE,
    PORT_UNBOUND,     /* waits for remote_id to connect */
    PORT_INTERDOMAIN, /* connected to port number of remote */
    PORT_PIRQ,        /* number: the physical interrupt */
    PORT_VIRQ,        /* number: which */
    PORT_IPI,
};

struct event_port {
    struct spinlock lock;    /* LOCK_PORT: state and remote */
    struct domain *remote;   /* while INTERDOMAIN; not referenced, see port.c */
    uint32_t number;         /* remote port, pirq or virq */
    domid_t remote_id;       /* while UNBOUND or INTERDOMAIN */
    uint16_t vcpu;           /* notified; always the id of a vCPU that exists */
    uint8_t state;           /* enum port_state */
    uint8_t priority;        /* of the FIFO ABI, as are the rest */
    uint8_t queue_priority;  /* queue in which the event was last linked */
    bool pending;            /* raised while it had no event word */
    uint16_t queue_vcpu;
};

#define PORTS_PER_BUCKET (PAGE_SIZE / sizeof(struct event_port))

struct event_table {
    uint32_t max_ports;           /* port numbers are below */
    uint32_t nr_open;             /* bind lock */
    uint64_t *open;               /* one bit a port that isn't FREE; bind lock */
    struct event_port **buckets;  /* pages of ports; written once each */
    uint32_t *pirq_port;          /* port of each pirq or 0; NULL before the first binding */
    uint64_t pollers[BITMAP_WORDS(MAX_VCPUS)]; /* vCPUs that may be polling; atomic bits */
    bool uses_fifo;               /* else the 2-level ABI; bind lock, and see fifo.c */
    uint32_t nr_pages;            /* of the FIFO ABI's event array; bind lock */
    event_word_t **pages;         /* NULL before FIFO was first used */
};

#define POLL_ANY UINT32_MAX

struct event_vcpu {
    uint32_t virq_port[NR_VIRQS]; /* 0: not bound; global VIRQs are registered with vCPU 0 */
    uint32_t poll_port;           /* while VPF_POLLING: the only port polled, or POLL_ANY */

    struct spinlock queue_lock;   /* LOCK_EVENT_QUEUE: the FIFO queues of this vCPU */
    struct evtchn_fifo_control_block *control; /* in a page of the guest, referenced; or NULL */
    uint32_t tail[EVTCHN_FIFO_MAX_QUEUES];     /* last port that was linked; 0: none */
};

/* The lock of all binding and closing, of every domain. */
extern struct spinlock event_bind_lock;

/* ---- port.c */

/* NULL: out of range, or in a bucket never used. A free port is returned like any other. */
static always_inline struct event_port *event_port_lookup(const struct domain *d,
                                                          event_port_t port)
{
    const struct event_table *t = d->events;
    struct event_port *bucket;

    if (unlikely(port >= t->max_ports)) {
        return NULL;
    }
    bucket = __atomic_load_n(&t->buckets[port / PORTS_PER_BUCKET], __ATOMIC_ACQUIRE);
    return likely(bucket != NULL) ? &bucket[port % PORTS_PER_BUCKET] : NULL;
}

/* One more than the highest port of the ABI in use. */
static inline uint32_t event_port_limit(const struct event_table *t)
{
    return t->uses_fifo ? t->max_ports : MIN(t->max_ports, EVTCHN_2L_NR_CHANNELS);
}

/*
 * A free port: its number, or -ENOSPC, -ENOMEM, -EINVAL if @d is dying. It stays free until
 * event_port_open(). Caller holds the bind lock.
 */
int event_port_find_free(struct domain *d);
/* FREE to @state, notifying vCPU @vcpu. The bind lock is held; number and remote are set. */
void event_port_open(struct domain *d, event_port_t port, enum port_state state,
                     unsigned int vcpu);
/* Closes a port, whatever it is. -EINVAL if it's free or out of range. */
int event_port_close(struct domain *d, event_port_t port);
void event_port_check(const struct domain *d, event_port_t port);

/* ---- bind.c; all but the last return the new port */

int event_bind_unbound(struct domain *d, domid_t remote);
int event_bind_interdomain(struct domain *d, struct domain *remote, event_port_t remote_port);
int event_bind_ipi(struct domain *d, unsigned int vcpu);
int event_bind_vcpu(struct domain *d, event_port_t port, unsigned int vcpu);

/* ---- virq.c, pirq.c */

int event_bind_virq(struct domain *d, unsigned int virq, unsigned int vcpu);
/* Whether each vCPU has its own. */
bool event_virq_is_per_vcpu(unsigned int virq);
void event_virq_closed(struct domain *d, const struct event_port *p);
/* The domain dies: what it handled goes to the hardware domain. */
void event_virq_forget_handler(const struct domain *d);
int event_bind_pirq(struct domain *d, unsigned int pirq, bool share);
void event_pirq_closed(struct domain *d, const struct event_port *p);

/* ---- deliver.c */

/* Makes @port of @d pending and notifies its vCPU. Any context, no lock needed. */
void event_port_raise(struct domain *d, struct event_port *p, event_port_t port);
bool event_port_is_pending(struct domain *d, const struct event_port *p, event_port_t port);
bool event_port_is_masked(struct domain *d, const struct event_port *p, event_port_t port);
void event_port_clear_pending(struct domain *d, struct event_port *p, event_port_t port);
void event_port_unmask(struct domain *d, struct event_port *p, event_port_t port);

static always_inline bool event_uses_fifo(const struct domain *d)
{
    return unlikely(READ_ONCE(d->events->uses_fifo));
}

/*
 * ---- fifo.c. Of the first five, each does nothing and returns false if the domain doesn't use
 * the FIFO ABI; event_uses_fifo() is the cheap way to learn that.
 */

bool event_fifo_raise(struct domain *d, struct event_port *p, event_port_t port);
bool event_fifo_unmask(struct domain *d, struct event_port *p, event_port_t port);
bool event_fifo_clear_pending(struct domain *d, struct event_port *p, event_port_t port);
bool event_fifo_is_pending(struct domain *d, const struct event_port *p, event_port_t port,
                           bool *pending);
bool event_fifo_is_masked(struct domain *d, const struct event_port *p, event_port_t port,
                          bool *masked);
/* -ENOENT, -EINVAL, -ENOMEM. The first one switches the domain to the FIFO ABI. */
int event_fifo_init_control(struct domain *d, const struct evtchn_init_control *op);
/* -EOPNOTSUPP: not FIFO; -EINVAL, -ENOSPC. */
int event_fifo_expand_array(struct domain *d, uint64_t gfn);
/* -ENOSYS: not FIFO; -EINVAL. */
int event_fifo_set_priority(struct domain *d, event_port_t port, uint32_t priority);
/* Back to the 2-level ABI; all ports are closed. Gives the guest's pages back: no lock is held. */
void event_fifo_disable(struct domain *d);

/* ---- poll.c */

/* The handler of poll_timer. */
void event_poll_timeout(void *vcpu);

/* Wakes those vCPUs of @pollers that poll the port. */
void event_poll_wake(struct domain *d, event_port_t port);

/* The port became pending. */
static always_inline void event_poll_notify(struct domain *d, event_port_t port)
{
    uint64_t any = 0;

    for (unsigned int w = 0; w < BITMAP_WORDS(MAX_VCPUS); w++) {
        any |= __atomic_load_n(&d->events->pollers[w], __ATOMIC_SEQ_CST);
    }
    if (unlikely(any != 0)) {
        event_poll_wake(d, port);
    }
}

#endif

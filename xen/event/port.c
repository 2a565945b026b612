/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Ports: where they live, their states, and how they close. Page: docs/interface/event_channel.md.
 *
 *   FREE -> UNBOUND      bind_unbound              FREE -> VIRQ, PIRQ, IPI   bind_*
 *   FREE -> INTERDOMAIN  bind_interdomain, which takes the peer from UNBOUND to INTERDOMAIN
 *   INTERDOMAIN -> UNBOUND when the peer closes    any -> FREE   close
 *
 * Port 0 is never used. A port struct is never freed before its domain is, so a sender may look
 * at one without a lock; the worst that follows is a spurious event.
 *
 * Locks. event_bind_lock covers every change of state. The lock of the port itself is taken too
 * (those of both peers, if it's connected), so either of them is enough to read the state. An
 * INTERDOMAIN port holds no reference to the peer's domain: that domain can't finish dying
 * without closing its port, and for that it needs this port's lock.
 */
#include <xen/alloc.h>
#include <xen/bug.h>
#include <xen/console.h>
#include <xen/domain.h>
#include <xen/errno.h>
#include <xen/hypercall.h>

#include "port.h"

struct spinlock event_bind_lock = SPINLOCK_INIT(LOCK_EVENT_TABLE);

_Static_assert(sizeof(struct event_port) == 32, "128 ports to a page");

/* Debug builds: what must hold of a port while the bind lock is held. */
void event_port_check(const struct domain *d, event_port_t port)
{
    const struct event_port *p = event_port_lookup(d, port);
    const struct event_port *peer;

    ASSERT(p != NULL && spin_is_locked(&event_bind_lock));
    ASSERT(bit_test(d->events->open, port) == (p->state != PORT_FREE));
    ASSERT(domain_vcpu(d, p->vcpu) != NULL || p->state == PORT_FREE || p->vcpu == 0);
    switch (p->state) {
    case PORT_INTERDOMAIN:
        peer = event_port_lookup(p->remote, p->number);
        ASSERT(peer != NULL && peer->state == PORT_INTERDOMAIN);
        ASSERT(peer->remote == d && peer->number == port);
        (void)peer;
        break;
    case PORT_VIRQ:
        ASSERT(p->number < NR_VIRQS);
        break;
    case PORT_PIRQ:
        ASSERT(d->events->pirq_port != NULL && d->events->pirq_port[p->number] == port);
        break;
    default:
        ASSERT(p->remote == NULL);
        break;
    }
}

static int bucket_add(struct event_table *t, event_port_t port)
{
    struct event_port *bucket;

    if (t->buckets[port / PORTS_PER_BUCKET] != NULL) {
        return 0;
    }
    bucket = hv_page_alloc();
    if (bucket == NULL) {
        return -ENOMEM;
    }
    for (unsigned int i = 0; i < PORTS_PER_BUCKET; i++) {
        spin_init(&bucket[i].lock, LOCK_PORT);
        bucket[i].priority = EVTCHN_FIFO_PRIORITY_DEFAULT;
        bucket[i].queue_priority = EVTCHN_FIFO_PRIORITY_DEFAULT;
    }
    __atomic_store_n(&t->buckets[port / PORTS_PER_BUCKET], bucket, __ATOMIC_RELEASE);
    return 0;
}

int event_port_find_free(struct domain *d)
{
    struct event_table *t = d->events;
    uint32_t limit = event_port_limit(t);
    event_port_t port;
    int rc;

    if (d->state != DOMAIN_ALIVE) {
        return -EINVAL;
    }
    port = bitmap_find_next_zero(t->open, limit, 1);
    if (port >= limit) {
        return -ENOSPC;
    }
    rc = bucket_add(t, port);
    return rc != 0 ? rc : (int)port;
}

void event_port_open(struct domain *d, event_port_t port, enum port_state state,
                     unsigned int vcpu)
{
    struct event_port *p = event_port_lookup(d, port);

    BUG_ON(p->state != PORT_FREE);
    bit_set(d->events->open, port);
    d->events->nr_open++;
    WRITE_ONCE(p->vcpu, (uint16_t)vcpu);
    __atomic_store_n(&p->state, (uint8_t)state, __ATOMIC_RELEASE);
}

/* ------------------------------------------------------------------------ */
/* Closing */

/* The peer stays, and waits for this domain to connect again. Both port locks are held. */
static void disconnect(struct domain *d, struct event_port *p)
{
    struct event_port *peer = event_port_lookup(p->remote, p->number);

    BUG_ON(peer->state != PORT_INTERDOMAIN || peer->remote != d);
    peer->state = PORT_UNBOUND;
    peer->remote = NULL;
    peer->remote_id = d->id;
    peer->number = 0;
}

static void close_locked(struct domain *d, struct event_port *p, event_port_t port)
{
    struct event_port *peer = NULL;

    switch (p->state) {
    case PORT_INTERDOMAIN:
        peer = event_port_lookup(p->remote, p->number);
        break;
    case PORT_VIRQ:
        event_virq_closed(d, p);
        break;
    case PORT_PIRQ:
        event_pirq_closed(d, p);
        break;
    default:
        break;
    }
    spin_lock_pair(&p->lock, peer != NULL ? &peer->lock : NULL);
    if (peer != NULL) {
        disconnect(d, p);
    }
    p->state = PORT_FREE;
    p->remote = NULL;
    p->remote_id = 0;
    p->number = 0;
    p->vcpu = 0;
    p->priority = EVTCHN_FIFO_PRIORITY_DEFAULT;
    spin_unlock_pair(&p->lock, peer != NULL ? &peer->lock : NULL);

    /* The next user of the number must not find an event of the last one. */
    event_port_clear_pending(d, p, port);
    bit_clear(d->events->open, port);
    d->events->nr_open--;
}

int event_port_close(struct domain *d, event_port_t port)
{
    struct event_port *p = event_port_lookup(d, port);
    int rc = -EINVAL;

    if (p == NULL) {
        return -EINVAL;
    }
    spin_lock(&event_bind_lock);
    if (p->state != PORT_FREE) {
        event_port_check(d, port);
        close_locked(d, p, port);
        rc = 0;
    }
    spin_unlock(&event_bind_lock);
    return rc;
}

int event_domain_close_all(struct domain *d)
{
    struct event_table *t = d->events;
    event_port_t port = 0;

    if (t == NULL) {
        return 0;
    }
    for (;;) {
        spin_lock(&event_bind_lock);
        port = bitmap_find_next(t->open, t->max_ports, port);
        spin_unlock(&event_bind_lock);
        if (port >= t->max_ports) {
            event_fifo_disable(d);
            if (d->state != DOMAIN_ALIVE) {
                event_virq_forget_handler(d);
            }
            return 0;
        }
        event_port_close(d, port);
        if (hypercall_preempt_check()) {
            return -ERESTART;
        }
    }
}

/* ------------------------------------------------------------------------ */

int event_domain_init(struct domain *d, unsigned int max_port)
{
    struct event_table *t;

    if (d->max_vcpus > MAX_VCPUS) {
        return -EINVAL; /* pollers has no more bits */
    }
    t = heap_new(struct event_table);
    if (t == NULL) {
        return -ENOMEM;
    }
    t->max_ports = MIN(max_port, EVTCHN_FIFO_NR_CHANNELS - 1U) + 1;
    t->open = heap_alloc_array(BITMAP_WORDS(t->max_ports), sizeof(uint64_t));
    t->buckets = heap_alloc_array(DIV_ROUND_UP(t->max_ports, PORTS_PER_BUCKET),
                                  sizeof(t->buckets[0]));
    if (t->open == NULL || t->buckets == NULL) {
        heap_free(t->open);
        heap_free(t->buckets);
        heap_free(t);
        return -ENOMEM;
    }
    d->events = t;
    return 0;
}

void event_domain_fini(struct domain *d)
{
    struct event_table *t = d->events;

    if (t == NULL) {
        return;
    }
    BUG_ON(t->nr_open != 0);
    for (unsigned int i = 0; i < DIV_ROUND_UP(t->max_ports, PORTS_PER_BUCKET); i++) {
        hv_page_free(t->buckets[i]);
    }
    heap_free(t->pages);
    heap_free(t->pirq_port);
    heap_free(t->buckets);
    heap_free(t->open);
    heap_free(t);
    d->events = NULL;
}

int event_vcpu_init(struct vcpu *v)
{
    v->events = heap_new(struct event_vcpu);
    if (v->events == NULL) {
        return -ENOMEM;
    }
    spin_init(&v->events->queue_lock, LOCK_EVENT_QUEUE);
    timer_init(&v->poll_timer, event_poll_timeout, v, v->cpu);
    return 0;
}

void event_vcpu_fini(struct vcpu *v)
{
    timer_kill(&v->poll_timer);
    heap_free(v->events);
    v->events = NULL;
}

/* ------------------------------------------------------------------------ */

static const char *const state_names[] = {
    "free", "unbound", "interdomain", "pirq", "virq", "ipi",
};

void event_dump(struct domain *d)
{
    struct event_table *t = d->events;

    printk("Domain %u: %u of %u ports open, %s ABI\n", d->id, t->nr_open, t->max_ports - 1,
           t->uses_fifo ? "FIFO" : "2-level");
    spin_lock(&event_bind_lock);
    for (event_port_t port = bitmap_find_next(t->open, t->max_ports, 1); port < t->max_ports;
         port = bitmap_find_next(t->open, t->max_ports, port + 1)) {
        const struct event_port *p = event_port_lookup(d, port);

        printk("  %6u %-11s vcpu %u pending %u masked %u", port, state_names[p->state], p->vcpu,
               event_port_is_pending(d, p, port), event_port_is_masked(d, p, port));
        if (p->state == PORT_UNBOUND || p->state == PORT_INTERDOMAIN) {
            printk(" d%u", p->remote_id);
        }
        if (p->state != PORT_UNBOUND && p->state != PORT_IPI) {
            printk(" number %u", p->number);
        }
        printk("\n");
    }
    spin_unlock(&event_bind_lock);
}

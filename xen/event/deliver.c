/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Making a port pending, and telling its vCPU. Here is the 2-level ABI; fifo.c has the other.
 * No locks: the bits are shared with the guest anyway, and each step is one atomic operation of
 * which only the winner goes on. Nothing read from shared pages is trusted for more than whether
 * to notify. Port numbers are checked: a port of the FIFO ABI may be looked at here after a reset.
 */
#include <asm/current.h>
#include <xen/arch.h>
#include <xen/bug.h>
#include <xen/domain.h>
#include <xen/errno.h>
#include <xen/sched.h>

#include "port.h"

bool event_is_deliverable(const struct vcpu *v)
{
    const struct vcpu_info *info = READ_ONCE(v->info);

    if (arch_is_translated(v->domain)) {
        return arch_vcpu_has_interrupt(v);
    }
    return info != NULL && READ_ONCE(info->evtchn_upcall_pending) != 0 &&
           READ_ONCE(info->evtchn_upcall_mask) == 0;
}

/* Everything up to the wake-up, which few events need. */
static always_inline void upcall_raise(struct vcpu *v, struct vcpu_info *info)
{
    if (__atomic_exchange_n(&info->evtchn_upcall_pending, 1, __ATOMIC_SEQ_CST)) {
        return;
    }
    if (unlikely(arch_is_translated(v->domain))) {
        arch_vcpu_upcall(v);
    }
    /* Pairs with vcpu_block_current(), which sets the flag before it looks for events. */
    if (unlikely(READ_ONCE(v->pause_flags) & (1UL << VPF_BLOCKED))) {
        vcpu_unblock(v);
    }
    if (v != current) {
        vcpu_kick(v);
    }
}

void event_upcall_pending(struct vcpu *v)
{
    struct vcpu_info *info = READ_ONCE(v->info);

    if (info != NULL) {
        upcall_raise(v, info);
    }
}

static always_inline void notify(struct domain *d, const struct event_port *p, event_port_t port)
{
    struct vcpu *v = domain_vcpu(d, READ_ONCE(p->vcpu));
    struct vcpu_info *info = v != NULL ? READ_ONCE(v->info) : NULL;

    if (info != NULL && !bit_test_and_set_atomic(&info->evtchn_pending_sel, port / 64)) {
        upcall_raise(v, info);
    }
}

static always_inline bool has_bit(event_port_t port)
{
    return port < EVTCHN_2L_NR_CHANNELS;
}

/* False: the domain uses FIFO, perhaps only now; then its scan may have missed the bit. */
static always_inline bool two_level_raise(struct domain *d, struct event_port *p,
                                          event_port_t port)
{
    struct shared_info *s = d->shared_info;

    if (event_uses_fifo(d)) {
        return false;
    }
    if (!has_bit(port) || bit_test_and_set_atomic(s->evtchn_pending, port)) {
        return true;
    }
    if (event_uses_fifo(d)) {
        return false;
    }
    if (!bit_test(s->evtchn_mask, port)) {
        notify(d, p, port);
    }
    event_poll_notify(d, port);
    return true;
}

static noinline void slow_raise(struct domain *d, struct event_port *p, event_port_t port)
{
    /* Each refuses only when the other has just become the one. */
    while (!event_fifo_raise(d, p, port) && !two_level_raise(d, p, port)) {
        continue;
    }
}

static always_inline void raise(struct domain *d, struct event_port *p, event_port_t port)
{
    if (!two_level_raise(d, p, port)) {
        slow_raise(d, p, port);
    }
}

void event_port_raise(struct domain *d, struct event_port *p, event_port_t port)
{
    raise(d, p, port);
}

bool event_port_is_pending(struct domain *d, const struct event_port *p, event_port_t port)
{
    bool pending;

    if (event_fifo_is_pending(d, p, port, &pending)) {
        return pending;
    }
    return has_bit(port) && bit_test(d->shared_info->evtchn_pending, port);
}

bool event_port_is_masked(struct domain *d, const struct event_port *p, event_port_t port)
{
    bool masked;

    if (event_fifo_is_masked(d, p, port, &masked)) {
        return masked;
    }
    return !has_bit(port) || bit_test(d->shared_info->evtchn_mask, port);
}

void event_port_clear_pending(struct domain *d, struct event_port *p, event_port_t port)
{
    if (!event_fifo_clear_pending(d, p, port) && has_bit(port)) {
        bit_clear_atomic(d->shared_info->evtchn_pending, port);
    }
}

void event_port_unmask(struct domain *d, struct event_port *p, event_port_t port)
{
    struct shared_info *s = d->shared_info;

    if (!event_fifo_unmask(d, p, port) && has_bit(port) &&
        bit_test_and_clear_atomic(s->evtchn_mask, port) && bit_test(s->evtchn_pending, port)) {
        notify(d, p, port);
    }
}

/* The peer can't go away while this port's lock is held; see port.c. */
static int send_interdomain(struct event_port *p)
{
    int rc = 0;

    spin_lock(&p->lock);
    switch (p->state) {
    case PORT_INTERDOMAIN:
        raise(p->remote, event_port_lookup(p->remote, p->number), p->number);
        break;
    case PORT_UNBOUND:
        break; /* nobody there yet */
    default:
        rc = -EINVAL;
        break;
    }
    spin_unlock(&p->lock);
    return rc;
}

int event_send(struct domain *d, event_port_t port)
{
    struct event_port *p = event_port_lookup(d, port);

    if (unlikely(p == NULL)) {
        return -EINVAL;
    }
    if (READ_ONCE(p->state) != PORT_IPI) {
        return send_interdomain(p);
    }
    raise(d, p, port);
    return 0;
}

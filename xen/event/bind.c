/* SPDX-License-Identifier: BSD-2-Clause */
/* Ports between domains and between vCPUs, and which vCPU a port notifies. */
#include <xen/arch.h>
#include <xen/bug.h>
#include <xen/domain.h>
#include <xen/errno.h>

#include "port.h"

int event_bind_unbound(struct domain *d, domid_t remote)
{
    int port;

    spin_lock(&event_bind_lock);
    port = event_port_find_free(d);
    if (port > 0) {
        event_port_lookup(d, port)->remote_id = remote;
        event_port_open(d, port, PORT_UNBOUND, 0);
        event_port_check(d, port);
    }
    spin_unlock(&event_bind_lock);
    return port;
}

int event_alloc_unbound(struct domain *d, domid_t remote)
{
    return event_bind_unbound(d, remote);
}

/* The caller keeps @remote alive. It may be @d itself. */
int event_bind_interdomain(struct domain *d, struct domain *remote, event_port_t remote_port)
{
    struct event_port *p, *peer = event_port_lookup(remote, remote_port);
    int port;

    if (peer == NULL) {
        return -EINVAL;
    }
    spin_lock(&event_bind_lock);
    port = event_port_find_free(d);
    if (port > 0 && (peer->state != PORT_UNBOUND || peer->remote_id != d->id)) {
        port = -EINVAL;
    }
    if (port > 0) {
        p = event_port_lookup(d, port);
        spin_lock_pair(&p->lock, &peer->lock);
        p->remote = remote;
        p->remote_id = remote->id;
        p->number = remote_port;
        peer->remote = d;
        peer->number = (uint32_t)port;
        peer->state = PORT_INTERDOMAIN;
        event_port_open(d, port, PORT_INTERDOMAIN, 0);
        spin_unlock_pair(&p->lock, &peer->lock);
        event_port_check(d, port);

        /* What the peer sent before the two were connected is not lost: look at once. */
        event_port_raise(d, p, port);
    }
    spin_unlock(&event_bind_lock);
    return port;
}

int event_bind_ipi(struct domain *d, unsigned int vcpu)
{
    int port;

    if (domain_vcpu(d, vcpu) == NULL) {
        return -ENOENT;
    }
    spin_lock(&event_bind_lock);
    port = event_port_find_free(d);
    if (port > 0) {
        event_port_open(d, port, PORT_IPI, vcpu);
        event_port_check(d, port);
    }
    spin_unlock(&event_bind_lock);
    return port;
}

int event_bind_vcpu(struct domain *d, event_port_t port, unsigned int vcpu)
{
    struct event_port *p = event_port_lookup(d, port);
    const struct vcpu *v = domain_vcpu(d, vcpu);
    int rc = 0;

    if (v == NULL) {
        return -ENOENT;
    }
    if (p == NULL) {
        return -EINVAL;
    }
    spin_lock(&event_bind_lock);
    switch (p->state) {
    case PORT_VIRQ:
        rc = event_virq_is_per_vcpu(p->number) ? -EINVAL : 0;
        break;
    case PORT_UNBOUND:
    case PORT_INTERDOMAIN:
    case PORT_PIRQ:
        break;
    default:
        rc = -EINVAL;
        break;
    }
    if (rc == 0) {
        WRITE_ONCE(p->vcpu, (uint16_t)vcpu);
        if (p->state == PORT_PIRQ) {
            arch_pirq_set_affinity(d, p->number, v);
        }
        event_port_check(d, port);
    }
    spin_unlock(&event_bind_lock);
    return rc;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Ports of physical interrupts. This file knows which port a pirq has; the interrupt itself
 * (permission, vector, masking until the guest's EOI) is the architecture's.
 * pirq_port is written under the bind lock and read from interrupt handlers without one.
 */
#include <xen/alloc.h>
#include <xen/arch.h>
#include <xen/bug.h>
#include <xen/domain.h>
#include <xen/errno.h>

#include "port.h"

static int pirq_table_create(struct domain *d)
{
    struct event_table *t = d->events;

    if (t->pirq_port == NULL) {
        uint32_t *ports = heap_alloc_array(arch_nr_pirqs(d), sizeof(t->pirq_port[0]));

        if (ports == NULL) {
            return -ENOMEM;
        }
        __atomic_store_n(&t->pirq_port, ports, __ATOMIC_RELEASE);
    }
    return 0;
}

/* The number comes first: the interrupt may arrive as soon as it is bound. */
static int pirq_connect(struct domain *d, unsigned int pirq, bool share, event_port_t port)
{
    uint32_t *entry = &d->events->pirq_port[pirq];
    struct event_port *p = event_port_lookup(d, port);
    int rc;

    __atomic_store_n(entry, port, __ATOMIC_RELEASE);
    rc = arch_pirq_bind(d->vcpu[0], pirq, share);
    if (rc != 0) {
        WRITE_ONCE(*entry, 0);
        return rc;
    }
    p->number = pirq;
    event_port_open(d, port, PORT_PIRQ, 0);
    event_port_check(d, port);
    return 0;
}

int event_bind_pirq(struct domain *d, unsigned int pirq, bool share)
{
    struct event_table *t = d->events;
    int port, rc;

    if (pirq >= arch_nr_pirqs(d)) {
        return -EINVAL;
    }
    if (domain_vcpu(d, 0) == NULL) {
        return -ENOENT;
    }
    spin_lock(&event_bind_lock);
    rc = pirq_table_create(d);
    if (rc == 0 && t->pirq_port[pirq] != 0) {
        rc = -EEXIST;
    }
    port = rc != 0 ? rc : event_port_find_free(d);
    if (port > 0) {
        rc = pirq_connect(d, pirq, share, (event_port_t)port);
        port = rc != 0 ? rc : port;
    }
    spin_unlock(&event_bind_lock);
    return port;
}

void event_pirq_closed(struct domain *d, const struct event_port *p)
{
    arch_pirq_unbind(d, p->number);
    WRITE_ONCE(d->events->pirq_port[p->number], 0);
}

bool event_pirq(struct domain *d, unsigned int pirq)
{
    const uint32_t *ports = __atomic_load_n(&d->events->pirq_port, __ATOMIC_ACQUIRE);
    event_port_t port;

    if (ports == NULL || pirq >= arch_nr_pirqs(d)) {
        return false;
    }
    port = READ_ONCE(ports[pirq]);
    if (port == 0) {
        return false;
    }
    event_port_raise(d, event_port_lookup(d, port), port);
    return true;
}

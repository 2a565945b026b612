/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Virtual interrupts. A per-vCPU VIRQ is bound by each vCPU for itself and stays with it. A
 * global one exists once, is raised at the domain that handles it (the hardware domain, unless
 * another was named), and may be moved between its vCPUs.
 *
 * Raising a per-vCPU one takes no lock: a port number that was just closed costs a spurious event.
 * Lock: handler_lock for handlers, which holds a domain only while it's alive.
 */
#include <xen/bug.h>
#include <xen/console.h>
#include <xen/domain.h>
#include <xen/errno.h>

#include "port.h"

static struct spinlock handler_lock = SPINLOCK_INIT(LOCK_VIRQ_HANDLER);
static struct domain *handlers[NR_VIRQS]; /* NULL: the hardware domain */

bool event_virq_is_per_vcpu(unsigned int virq)
{
    return virq == VIRQ_TIMER || virq == VIRQ_DEBUG || virq == VIRQ_XENOPROF ||
           virq == VIRQ_XENPMU;
}

static void virq_raise(struct vcpu *v, unsigned int virq)
{
    event_port_t port = READ_ONCE(v->events->virq_port[virq]);

    if (port != 0) {
        event_port_raise(v->domain, event_port_lookup(v->domain, port), port);
    }
}

void event_virq_vcpu(struct vcpu *v, unsigned int virq)
{
    ASSERT(event_virq_is_per_vcpu(virq));
    virq_raise(v, virq);
}

void event_virq_global(unsigned int virq)
{
    unsigned long flags = spin_lock_irqsave(&handler_lock);
    struct domain *d = handlers[virq] != NULL ? handlers[virq] : hardware_domain;
    struct vcpu *v = d != NULL ? domain_vcpu(d, 0) : NULL;

    ASSERT(virq < NR_VIRQS && !event_virq_is_per_vcpu(virq));
    if (v != NULL) {
        virq_raise(v, virq);
    }
    spin_unlock_irqrestore(&handler_lock, flags);
}

int event_virq_set_handler(unsigned int virq, struct domain *d)
{
    unsigned long flags;
    int rc = -EINVAL;

    if (virq >= NR_VIRQS || event_virq_is_per_vcpu(virq)) {
        return -EINVAL;
    }
    flags = spin_lock_irqsave(&handler_lock);
    if (d->state == DOMAIN_ALIVE) {
        handlers[virq] = d;
        rc = 0;
    }
    spin_unlock_irqrestore(&handler_lock, flags);
    return rc;
}

void event_virq_forget_handler(const struct domain *d)
{
    unsigned long flags = spin_lock_irqsave(&handler_lock);

    for (unsigned int virq = 0; virq < NR_VIRQS; virq++) {
        if (handlers[virq] == d) {
            handlers[virq] = NULL;
        }
    }
    spin_unlock_irqrestore(&handler_lock, flags);
}

static void console_raise(void)
{
    event_virq_global(VIRQ_CONSOLE);
}

int event_bind_virq(struct domain *d, unsigned int virq, unsigned int vcpu)
{
    struct vcpu *v = domain_vcpu(d, vcpu);
    int port;

    if (virq >= NR_VIRQS || (vcpu != 0 && !event_virq_is_per_vcpu(virq))) {
        return -EINVAL;
    }
    if (v == NULL) {
        return -ENOENT;
    }
    spin_lock(&event_bind_lock);
    port = v->events->virq_port[virq] != 0 ? -EEXIST : event_port_find_free(d);
    if (port > 0) {
        event_port_lookup(d, port)->number = virq;
        event_port_open(d, port, PORT_VIRQ, vcpu);
        event_port_check(d, port);
        __atomic_store_n(&v->events->virq_port[virq], (uint32_t)port, __ATOMIC_RELEASE);
        if (virq == VIRQ_CONSOLE && d == hardware_domain) {
            console_input_notify = console_raise;
        }
    }
    spin_unlock(&event_bind_lock);
    return port;
}

void event_virq_closed(struct domain *d, const struct event_port *p)
{
    unsigned int registered = event_virq_is_per_vcpu(p->number) ? p->vcpu : 0;

    WRITE_ONCE(d->vcpu[registered]->events->virq_port[p->number], 0);
}

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * event_channel_op: arguments in, one function of the module, results out.
 * Page: docs/interface/event_channel.md.
 */
#include <asm/current.h>
#include <public/event_channel.h>
#include <xen/bug.h>
#include <xen/domain.h>
#include <xen/errno.h>
#include <xen/hypercall.h>
#include <xen/usercopy.h>

#include "port.h"

/* Writes the structure with the new port back; if that fails, the port is closed again. */
static long port_out(struct domain *d, int port, void *arg, const void *result, size_t size)
{
    if (port < 0) {
        return port;
    }
    if (copy_to_guest(arg, result, size) != 0) {
        event_port_close(d, (event_port_t)port);
        return -EFAULT;
    }
    return 0;
}

static long op_alloc_unbound(void *arg)
{
    struct evtchn_alloc_unbound op;
    struct domain *d;
    domid_t remote;
    long rc;
    int port;

    if (!read_guest(&op, arg)) {
        return -EFAULT;
    }
    rc = domain_get_target(op.dom, &d);
    if (rc != 0) {
        return rc;
    }
    remote = op.remote_dom == DOMID_SELF ? current->domain->id : op.remote_dom;
    port = event_bind_unbound(d, remote);
    op.port = (evtchn_port_t)port;
    rc = port_out(d, port, arg, &op, sizeof(op));
    domain_put(d);
    return rc;
}

static long op_bind_interdomain(void *arg)
{
    struct evtchn_bind_interdomain op;
    struct domain *d = current->domain, *remote;
    long rc;
    int port;

    if (!read_guest(&op, arg)) {
        return -EFAULT;
    }
    remote = domain_get(op.remote_dom == DOMID_SELF ? d->id : op.remote_dom);
    if (remote == NULL) {
        return -ESRCH;
    }
    port = event_bind_interdomain(d, remote, op.remote_port);
    op.local_port = (evtchn_port_t)port;
    rc = port_out(d, port, arg, &op, sizeof(op));
    domain_put(remote);
    return rc;
}

static long op_bind_virq(void *arg)
{
    struct evtchn_bind_virq op;
    int port;

    if (!read_guest(&op, arg)) {
        return -EFAULT;
    }
    port = event_bind_virq(current->domain, op.virq, op.vcpu);
    op.port = (evtchn_port_t)port;
    return port_out(current->domain, port, arg, &op, sizeof(op));
}

static long op_bind_ipi(void *arg)
{
    struct evtchn_bind_ipi op;
    int port;

    if (!read_guest(&op, arg)) {
        return -EFAULT;
    }
    port = event_bind_ipi(current->domain, op.vcpu);
    op.port = (evtchn_port_t)port;
    return port_out(current->domain, port, arg, &op, sizeof(op));
}

static long op_bind_pirq(void *arg)
{
    struct evtchn_bind_pirq op;
    int port;

    if (!read_guest(&op, arg)) {
        return -EFAULT;
    }
    port = event_bind_pirq(current->domain, op.pirq, (op.flags & BIND_PIRQ__WILL_SHARE) != 0);
    op.port = (evtchn_port_t)port;
    return port_out(current->domain, port, arg, &op, sizeof(op));
}

static long op_close(void *arg)
{
    struct evtchn_close op;

    return read_guest(&op, arg) ? event_port_close(current->domain, op.port) : -EFAULT;
}

static long op_send(void *arg)
{
    struct evtchn_send op;

    return read_guest(&op, arg) ? event_send(current->domain, op.port) : -EFAULT;
}

static long op_bind_vcpu(void *arg)
{
    struct evtchn_bind_vcpu op;

    return read_guest(&op, arg) ? event_bind_vcpu(current->domain, op.port, op.vcpu) : -EFAULT;
}

static long op_unmask(void *arg)
{
    struct domain *d = current->domain;
    struct evtchn_unmask op;
    struct event_port *p;

    if (!read_guest(&op, arg)) {
        return -EFAULT;
    }
    p = event_port_lookup(d, op.port);
    if (p == NULL) {
        return -EINVAL;
    }
    event_port_unmask(d, p, op.port);
    return 0;
}

static void status_fill(const struct event_port *p, struct evtchn_status *op)
{
    static const uint8_t abi_state[] = {
        [PORT_FREE] = EVTCHNSTAT_closed,   [PORT_UNBOUND] = EVTCHNSTAT_unbound,
        [PORT_PIRQ] = EVTCHNSTAT_pirq,     [PORT_INTERDOMAIN] = EVTCHNSTAT_interdomain,
        [PORT_VIRQ] = EVTCHNSTAT_virq,     [PORT_IPI] = EVTCHNSTAT_ipi,
    };

    op->status = abi_state[p->state];
    op->vcpu = p->vcpu;
    switch (p->state) {
    case PORT_UNBOUND:
        op->u.unbound.dom = p->remote_id;
        break;
    case PORT_INTERDOMAIN:
        op->u.interdomain.dom = p->remote_id;
        op->u.interdomain.port = p->number;
        break;
    case PORT_PIRQ:
        op->u.pirq = p->number;
        break;
    case PORT_VIRQ:
        op->u.virq = p->number;
        break;
    default:
        break;
    }
}

static long op_status(void *arg)
{
    static const struct event_port never_used;
    struct evtchn_status op;
    struct event_port *p;
    struct domain *d;
    long rc;

    if (!read_guest(&op, arg)) {
        return -EFAULT;
    }
    rc = domain_get_target(op.dom, &d);
    if (rc != 0) {
        return rc;
    }
    p = event_port_lookup(d, op.port);
    if (op.port >= event_port_limit(d->events)) {
        rc = -EINVAL;
    } else if (p == NULL) {
        status_fill(&never_used, &op);
    } else {
        spin_lock(&event_bind_lock);
        status_fill(p, &op);
        spin_unlock(&event_bind_lock);
    }
    domain_put(d);
    return rc != 0 ? rc : write_guest(arg, &op) ? 0 : -EFAULT;
}

/* Closes all ports. Continued from the start: the ports that are closed already cost nothing. */
static long op_reset(void *arg)
{
    struct evtchn_reset op;
    struct domain *d;
    long rc;

    if (!read_guest(&op, arg)) {
        return -EFAULT;
    }
    rc = domain_get_target(op.dom, &d);
    if (rc != 0) {
        return rc;
    }
    if (d != current->domain && d->controller_pause_count == 0) {
        rc = -EINVAL;
    } else {
        rc = event_domain_close_all(d);
    }
    domain_put(d);
    return rc;
}

static long op_init_control(void *arg)
{
    struct evtchn_init_control op;
    int rc;

    if (!read_guest(&op, arg)) {
        return -EFAULT;
    }
    rc = event_fifo_init_control(current->domain, &op);
    if (rc != 0) {
        return rc;
    }
    op.link_bits = EVTCHN_FIFO_LINK_BITS;
    return write_guest(arg, &op) ? 0 : -EFAULT;
}

static long op_expand_array(void *arg)
{
    struct evtchn_expand_array op;

    return read_guest(&op, arg) ? event_fifo_expand_array(current->domain, op.array_gfn) : -EFAULT;
}

static long op_set_priority(void *arg)
{
    struct evtchn_set_priority op;

    return read_guest(&op, arg) ? event_fifo_set_priority(current->domain, op.port, op.priority)
                                : -EFAULT;
}

/* Each with the size of its argument checked by the type it reads. */
static long (*const ops[])(void *arg) = {
    [EVTCHNOP_bind_interdomain] = op_bind_interdomain,
    [EVTCHNOP_bind_virq] = op_bind_virq,
    [EVTCHNOP_bind_pirq] = op_bind_pirq,
    [EVTCHNOP_close] = op_close,
    [EVTCHNOP_send] = op_send,
    [EVTCHNOP_status] = op_status,
    [EVTCHNOP_alloc_unbound] = op_alloc_unbound,
    [EVTCHNOP_bind_ipi] = op_bind_ipi,
    [EVTCHNOP_bind_vcpu] = op_bind_vcpu,
    [EVTCHNOP_unmask] = op_unmask,
    [EVTCHNOP_reset] = op_reset,
    [EVTCHNOP_reset_cont] = op_reset,
    [EVTCHNOP_init_control] = op_init_control,
    [EVTCHNOP_expand_array] = op_expand_array,
    [EVTCHNOP_set_priority] = op_set_priority,
};

long hypercall_event_channel_op(int cmd, void *arg)
{
    if (cmd < 0 || (unsigned int)cmd >= ARRAY_SIZE(ops) || ops[cmd] == NULL) {
        return -ENOSYS;
    }
    return ops[cmd](arg);
}

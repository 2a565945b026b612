/* SPDX-License-Identifier: BSD-2-Clause */
/* Event channels (docs/interface/event_channel.md): of others by hypercall, our own by a device. */
#include <errno.h>
#include <stdlib.h>

#include <libctrl/event.h>

#include <public/event_channel.h>
#include <public/xen.h>

#include "internal.h"

struct ctrl_event {
    struct ctrl *ctrl;
    int fd;
};

int ctrl_event_alloc_unbound(struct ctrl *ctrl, uint32_t domid, uint32_t remote)
{
    struct arg_mark mark = arg_begin(ctrl);
    struct evtchn_alloc_unbound *arg = arg_get(ctrl, sizeof(*arg));
    long rc = arg_error(ctrl);

    if (arg) {
        *arg = (struct evtchn_alloc_unbound){
            .dom = (domid_t)domid, .remote_dom = (domid_t)remote,
        };
        rc = hypercall(ctrl, __HYPERVISOR_event_channel_op, EVTCHNOP_alloc_unbound,
                       (uintptr_t)arg, 0, 0);
        rc = rc < 0 ? rc : (long)arg->port;
    }
    arg_end(ctrl, mark);
    return rc < 0 ? fail_domain(ctrl, (int)rc, domid, "making an event channel for it") : (int)rc;
}

int ctrl_event_status(struct ctrl *ctrl, uint32_t domid, uint32_t port,
                      struct ctrl_event_status *status)
{
    struct arg_mark mark = arg_begin(ctrl);
    struct evtchn_status *arg = arg_get(ctrl, sizeof(*arg));
    long rc = arg_error(ctrl);

    if (arg) {
        *arg = (struct evtchn_status){ .dom = (domid_t)domid, .port = port };
        rc = hypercall(ctrl, __HYPERVISOR_event_channel_op, EVTCHNOP_status, (uintptr_t)arg, 0, 0);
    }
    if (rc >= 0) {
        *status = (struct ctrl_event_status){ .status = arg->status, .vcpu = arg->vcpu };
        if (arg->status == EVTCHNSTAT_unbound) {
            status->domid = arg->u.unbound.dom;
        } else if (arg->status == EVTCHNSTAT_interdomain) {
            status->domid = arg->u.interdomain.dom;
            status->port = arg->u.interdomain.port;
        } else if (arg->status == EVTCHNSTAT_pirq) {
            status->port = arg->u.pirq;
        } else if (arg->status == EVTCHNSTAT_virq) {
            status->port = arg->u.virq;
        }
    }
    arg_end(ctrl, mark);
    return rc < 0 ? fail_domain(ctrl, (int)rc, domid, "asking about an event channel") : 0;
}

int ctrl_event_open(struct ctrl *ctrl, struct ctrl_event **event)
{
    struct ctrl_event *e = malloc(sizeof(*e));
    int fd;

    if (!e) {
        return fail_errno(ctrl, -ENOMEM, "event channels");
    }
    fd = ctrl_sys.event_open();
    if (fd < 0) {
        free(e);
        return fail_errno(ctrl, fd, "/dev/xen/evtchn cannot be opened");
    }
    *e = (struct ctrl_event){ ctrl, fd };
    *event = e;
    return 0;
}

void ctrl_event_close(struct ctrl_event *event)
{
    if (event) {
        ctrl_sys.event_close(event->fd);
        free(event);
    }
}

int ctrl_event_fd(const struct ctrl_event *event)
{
    return event->fd;
}

int ctrl_event_bind_unbound(struct ctrl_event *event, uint32_t domid)
{
    int rc = ctrl_sys.event_bind_unbound(event->fd, domid);

    return rc < 0 ? fail_domain(event->ctrl, rc, domid, "making an event channel to it") : rc;
}

int ctrl_event_bind_interdomain(struct ctrl_event *event, uint32_t domid, uint32_t port)
{
    int rc = ctrl_sys.event_bind_interdomain(event->fd, domid, port);

    return rc < 0 ? fail_errno(event->ctrl, rc, "domain %u: binding its event channel %u", domid,
                               port) : rc;
}

int ctrl_event_bind_virq(struct ctrl_event *event, uint32_t virq)
{
    int rc = ctrl_sys.event_bind_virq(event->fd, virq);

    return rc < 0 ? fail_errno(event->ctrl, rc, "binding virtual interrupt %u", virq) : rc;
}

int ctrl_event_unbind(struct ctrl_event *event, uint32_t port)
{
    int rc = ctrl_sys.event_unbind(event->fd, port);

    return rc < 0 ? fail_errno(event->ctrl, rc, "unbinding event channel %u", port) : 0;
}

int ctrl_event_notify(struct ctrl_event *event, uint32_t port)
{
    int rc = ctrl_sys.event_notify(event->fd, port);

    return rc < 0 ? fail_errno(event->ctrl, rc, "notifying event channel %u", port) : 0;
}

int ctrl_event_pending(struct ctrl_event *event)
{
    int rc = ctrl_sys.event_pending(event->fd);

    return rc < 0 && rc != -EAGAIN ? fail_errno(event->ctrl, rc, "reading events") : rc;
}

int ctrl_event_unmask(struct ctrl_event *event, uint32_t port)
{
    int rc = ctrl_sys.event_unmask(event->fd, port);

    return rc < 0 ? fail_errno(event->ctrl, rc, "unmasking event channel %u", port) : 0;
}

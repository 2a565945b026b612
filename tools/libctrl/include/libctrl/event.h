/* SPDX-License-Identifier: BSD-2-Clause */
/* Event channels: of other domains by hypercall, and the caller's own through a file descriptor. */
#ifndef LIBCTRL_EVENT_H
#define LIBCTRL_EVENT_H

#include <libctrl/ctrl.h>

/*
 * Makes a port of domain domid that only domain remote may bind. Returns it. -ENOSPC: none is
 * free.
 */
int ctrl_event_alloc_unbound(struct ctrl *ctrl, uint32_t domid, uint32_t remote);

struct ctrl_event_status {
    uint32_t status;        /* 0 closed, 1 unbound, 2 interdomain, 3 pirq, 4 virq, 5 ipi */
    uint32_t vcpu;
    uint32_t domid;         /* unbound, interdomain: the other side */
    uint32_t port;          /* interdomain: the other port; pirq, virq: the number */
};
/* Of any domain's port. -EINVAL: port out of range. */
int ctrl_event_status(struct ctrl *ctrl, uint32_t domid, uint32_t port,
                      struct ctrl_event_status *status);

struct ctrl_event;

#define CTRL_VIRQ_DOM_EXC 3u
#define CTRL_VIRQ_CON_RING 8u

/* -ENOENT, -EACCES: /dev/xen/evtchn. */
int ctrl_event_open(struct ctrl *ctrl, struct ctrl_event **event);
/* Closes all its ports. */
void ctrl_event_close(struct ctrl_event *event);
/* Readable when a port is pending. */
int ctrl_event_fd(const struct ctrl_event *event);

/* These return a port of ours. */
int ctrl_event_bind_unbound(struct ctrl_event *event, uint32_t domid);
/* -EINVAL: the other port is not for us; -ESRCH. */
int ctrl_event_bind_interdomain(struct ctrl_event *event, uint32_t domid, uint32_t port);
/* -EEXIST: somebody has bound it. */
int ctrl_event_bind_virq(struct ctrl_event *event, uint32_t virq);
/* -ENOTCONN: not a port of this handle. */
int ctrl_event_unbind(struct ctrl_event *event, uint32_t port);
int ctrl_event_notify(struct ctrl_event *event, uint32_t port);
/* A port that is pending: it is now masked. -EAGAIN: none is. Never waits. */
int ctrl_event_pending(struct ctrl_event *event);
/* Lets a port come again. */
int ctrl_event_unmask(struct ctrl_event *event, uint32_t port);

#endif

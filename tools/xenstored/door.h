/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The door to the domains: pages, event channels and what the hypervisor knows of them. While it is
 * not open there is dom0 and no other domain, and nothing can be connected.
 */
#ifndef XENSTORED_DOOR_H
#define XENSTORED_DOOR_H

#include <stdbool.h>
#include <stdint.h>

struct xenstore_domain_interface;

struct door_domain {
    uint32_t domid;
    bool shutdown;
    bool dying;
};

/* A domain's page and event channel, as this process has them. */
struct door_ring {
    struct xenstore_domain_interface *page;
    uint32_t port;          /* ours */
    uint32_t domid;
    bool by_frame;          /* mapped so, not by a grant */
};

#define DOOR_PORT_DOM_EXC 0u

/* Negative errno, and a sentence is logged: no event channels, no rights. */
int door_open(void);
void door_close(void);
/* To be polled for reading; negative: there is none. */
int door_fd(void);

/* dom0's own page and port: -ENOENT: there is none. */
int door_find_local(uint64_t *mfn, uint32_t *remote_port);
/* -EINVAL, -ENOENT: no such page or port. Nothing stays on failure. */
int door_connect(uint32_t domid, uint64_t mfn, uint32_t remote_port, struct door_ring *ring);
void door_disconnect(struct door_ring *ring);
void door_notify(const struct door_ring *ring);

/* A port of ours that had an event, DOOR_PORT_DOM_EXC among them. -EAGAIN: none. */
int door_next_event(uint32_t *port);

/*
 * Up to max (at most DOOR_LIST_MAX) domains with ids from first on, in the order of their ids.
 * Returns how many; fewer than max: there are no more.
 */
#define DOOR_LIST_MAX 64u
int door_list_domains(uint32_t first, unsigned int max, struct door_domain *domains);

#endif

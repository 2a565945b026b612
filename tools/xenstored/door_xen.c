/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The door to a hypervisor, through libctrl. A domain's page is mapped by the grant that its
 * builder left for the store, or by its frame if there is none; dom0's own page and port are what
 * its kernel offers in /proc/xen.
 */
#include "door.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <libctrl/ctrl.h>
#include <libctrl/domain.h>
#include <libctrl/event.h>
#include <libctrl/grant.h>
#include <libctrl/memory.h>
#include <public/io/xs_wire.h>

#include "log.h"

#define LOCAL_PAGE "/proc/xen/xsd_kva"
#define LOCAL_PORT "/proc/xen/xsd_port"
#define PAGE_BYTES 4096u

static struct {
    struct ctrl *ctrl;
    struct ctrl_event *event;
    struct ctrl_grant *grant;
    uint32_t dom_exc;
} state;

int door_open(void)
{
    int rc = ctrl_open(&state.ctrl);

    if (rc) {
        log_say("No memory.");
        return rc;
    }
    rc = ctrl_event_open(state.ctrl, &state.event);
    if (!rc) {
        rc = ctrl_grant_open(state.ctrl, &state.grant);
    }
    if (!rc) {
        rc = ctrl_event_bind_virq(state.event, CTRL_VIRQ_DOM_EXC);
    }
    if (rc < 0) {
        log_say("%s. Is this the control domain, and no other xenstored running? Without a "
                "hypervisor, use --no-domain-init.", ctrl_error(state.ctrl));
        door_close();
        return rc;
    }
    state.dom_exc = (uint32_t)rc;
    return 0;
}

void door_close(void)
{
    if (state.event) {
        ctrl_event_close(state.event);
    }
    if (state.grant) {
        ctrl_grant_close(state.grant);
    }
    ctrl_close(state.ctrl);
    memset(&state, 0, sizeof(state));
}

int door_fd(void)
{
    return state.event ? ctrl_event_fd(state.event) : -1;
}

int door_find_local(uint64_t *mfn, uint32_t *remote_port)
{
    char text[16] = "";
    int fd = open(LOCAL_PORT, O_RDONLY | O_CLOEXEC);
    ssize_t got = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

    if (fd >= 0) {
        close(fd);
    }
    if (got <= 0) {
        return -ENOENT;
    }
    *mfn = 0;
    *remote_port = (uint32_t)strtoul(text, NULL, 10);
    return 0;
}

static int map_local(void **page)
{
    int fd = open(LOCAL_PAGE, O_RDWR | O_CLOEXEC);
    int rc = 0;

    if (fd < 0) {
        return -errno;
    }
    *page = mmap(NULL, PAGE_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (*page == MAP_FAILED) {
        rc = -errno;
    }
    close(fd);
    return rc;
}

static int map_guest(uint32_t domid, uint64_t mfn, struct door_ring *ring, void **page)
{
    const uint32_t ref = CTRL_GRANT_STORE;
    int rc = ctrl_grant_map(state.grant, domid, 1, &ref, PROT_READ | PROT_WRITE, page);

    ring->by_frame = rc != 0;
    if (rc) {
        rc = ctrl_foreign_map(state.ctrl, domid, PROT_READ | PROT_WRITE, 1, &mfn, NULL, page);
    }
    if (rc) {
        log_say("Cannot connect domain %u: %s.", domid, ctrl_error(state.ctrl));
    }
    return rc;
}

int door_connect(uint32_t domid, uint64_t mfn, uint32_t remote_port, struct door_ring *ring)
{
    void *page = NULL;
    int rc;

    if (!state.event) {
        return -ENOENT;
    }
    ring->domid = domid;
    rc = domid == CTRL_DOM0 ? map_local(&page) : map_guest(domid, mfn, ring, &page);
    if (rc) {
        return rc;
    }
    ring->page = page;
    rc = ctrl_event_bind_interdomain(state.event, domid, remote_port);
    if (rc < 0) {
        log_say("Cannot connect domain %u: %s.", domid, ctrl_error(state.ctrl));
        ring->port = 0;
        door_disconnect(ring);
        return rc;
    }
    ring->port = (uint32_t)rc;
    return 0;
}

void door_disconnect(struct door_ring *ring)
{
    if (ring->port) {
        ctrl_event_unbind(state.event, ring->port);
    }
    if (ring->domid == CTRL_DOM0) {
        munmap(ring->page, PAGE_BYTES);
    } else if (ring->by_frame) {
        ctrl_foreign_unmap(state.ctrl, ring->page, 1);
    } else {
        ctrl_grant_unmap(state.grant, ring->page, 1);
    }
}

void door_notify(const struct door_ring *ring)
{
    ctrl_event_notify(state.event, ring->port);
}

int door_next_event(uint32_t *port)
{
    int rc = state.event ? ctrl_event_pending(state.event) : -EAGAIN;

    if (rc < 0) {
        return rc;
    }
    ctrl_event_unmask(state.event, (uint32_t)rc);
    *port = (uint32_t)rc == state.dom_exc ? DOOR_PORT_DOM_EXC : (uint32_t)rc;
    return 0;
}

int door_list_domains(uint32_t first, unsigned int max, struct door_domain *domains)
{
    struct ctrl_domain_info infos[DOOR_LIST_MAX];
    int nr;

    if (!state.ctrl) {
        *domains = (struct door_domain){ .domid = 0 };
        return first == 0;
    }
    nr = ctrl_domain_list(state.ctrl, first, max, infos);
    for (int i = 0; i < nr; i++) {
        domains[i].domid = infos[i].domid;
        domains[i].shutdown = infos[i].shutdown;
        domains[i].dying = infos[i].dying;
    }
    return nr;
}

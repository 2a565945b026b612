/* SPDX-License-Identifier: BSD-2-Clause */
/* A stand-in for libctrl with what the console daemon uses of it. */
#include "fake_ctrl.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <libctrl/domain.h>
#include <libctrl/event.h>
#include <libctrl/grant.h>
#include <libctrl/host.h>
#include <libctrl/memory.h>
#include <public/io/console.h>

#include "fake_store.h"

/* Our ports: that of domain N is N + 10; the hypervisor's is 5. */
#define PORT_BASE     10
#define REMOTE_PORT   2u
#define MESSAGES_PORT 5
#define FRAME_BASE    1000u

struct fake_domain fake_domains[FAKE_DOMAINS];
char fake_messages[65536];

static int event_pipe[2] = { -1, -1 };
static bool messages_bound, messages_pending;
static uint32_t next_port;

/* --- the machine --- */

void fake_reset(void)
{
    for (uint32_t i = 0; i < FAKE_DOMAINS; i++) {
        free(fake_domains[i].ring);
        fake_domains[i] = (struct fake_domain){ .port = -1 };
    }
    fake_domains[0].exists = true;
    messages_bound = messages_pending = false;
    fake_messages[0] = '\0';
    next_port = 0;
    fake_store_reset();
}

void fake_domain_make(uint32_t domid, const char *name)
{
    struct fake_domain *domain = &fake_domains[domid];
    char path[64], value[32];

    domain->exists = true;
    domain->dying = false;
    domain->port = -1;
    memset(domain->uuid, (int)domid + 1, sizeof(domain->uuid));
    if (!domain->ring)
        domain->ring = calloc(1, sizeof(*domain->ring));
    snprintf(path, sizeof(path), "/local/domain/%u/name", domid);
    fake_store_set(path, name);
    snprintf(path, sizeof(path), "/local/domain/%u/console/port", domid);
    fake_store_set(path, "2");
    snprintf(path, sizeof(path), "/local/domain/%u/console/ring-ref", domid);
    snprintf(value, sizeof(value), "%u", FRAME_BASE + domid);
    fake_store_set(path, value);
    fake_store_fire("@introduceDomain");
}

void fake_domain_kill(uint32_t domid)
{
    fake_domains[domid].dying = true;
    fake_store_fire("@releaseDomain");
}

size_t fake_guest_write(uint32_t domid, const char *data, size_t size)
{
    struct xencons_interface *ring = fake_domains[domid].ring;
    size_t done = 0;

    while (done < size && ring->out_prod - ring->out_cons < sizeof(ring->out))
        ring->out[MASK_XENCONS_IDX(ring->out_prod++, ring->out)] = data[done++];
    return done;
}

size_t fake_guest_read(uint32_t domid, char *data, size_t size)
{
    struct xencons_interface *ring = fake_domains[domid].ring;
    size_t done = 0;

    while (done < size && ring->in_cons != ring->in_prod)
        data[done++] = ring->in[MASK_XENCONS_IDX(ring->in_cons++, ring->in)];
    return done;
}

static void wake(void)
{
    if (write(event_pipe[1], "", 1) < 0)
        abort();
}

void fake_guest_notify(uint32_t domid)
{
    struct fake_domain *domain = &fake_domains[domid];

    domain->pending = true;
    if (domain->port >= 0 && !domain->masked)
        wake();
}

void fake_hypervisor_notify(void)
{
    messages_pending = true;
    wake();
}

/* --- handle --- */

const char *ctrl_error(const struct ctrl *ctrl)
{
    (void)ctrl;
    return "the stand-in says no";
}

int ctrl_domain_list(struct ctrl *ctrl, uint32_t first, unsigned int max,
                     struct ctrl_domain_info *infos)
{
    unsigned int nr = 0;

    (void)ctrl;
    for (uint32_t i = first; i < FAKE_DOMAINS && nr < max; i++) {
        if (!fake_domains[i].exists)
            continue;
        infos[nr] = (struct ctrl_domain_info){ .domid = i, .dying = fake_domains[i].dying };
        memcpy(infos[nr++].uuid, fake_domains[i].uuid, 16);
    }
    return (int)nr;
}

int ctrl_console_read(struct ctrl *ctrl, uint32_t *index, char *buffer, size_t size)
{
    size_t left = strlen(fake_messages) - *index;

    (void)ctrl;
    if (left < size)
        size = left;
    memcpy(buffer, fake_messages + *index, size);
    *index += (uint32_t)size;
    return (int)size;
}

/* --- memory --- */

static int map(uint32_t domid, void **address)
{
    if (domid >= FAKE_DOMAINS || !fake_domains[domid].exists)
        return -ESRCH;
    fake_domains[domid].maps++;
    *address = fake_domains[domid].ring;
    return 0;
}

static int unmap(const void *address)
{
    for (uint32_t i = 0; i < FAKE_DOMAINS; i++)
        if (fake_domains[i].ring == address && fake_domains[i].maps--)
            return 0;
    abort();
}

int ctrl_foreign_map(struct ctrl *ctrl, uint32_t domid, int prot, size_t nr,
                     const uint64_t *frames, int *errors, void **address)
{
    (void)ctrl;
    (void)prot;
    (void)errors;
    return nr == 1 && frames[0] == FRAME_BASE + domid ? map(domid, address) : -EINVAL;
}

int ctrl_foreign_unmap(struct ctrl *ctrl, void *address, size_t nr)
{
    (void)ctrl;
    (void)nr;
    return unmap(address);
}

int ctrl_grant_open(struct ctrl *ctrl, struct ctrl_grant **grant)
{
    static char dummy;

    (void)ctrl;
    *grant = (struct ctrl_grant *)&dummy;
    return 0;
}

void ctrl_grant_close(struct ctrl_grant *grant)
{
    (void)grant;
}

int ctrl_grant_map(struct ctrl_grant *grant, uint32_t domid, unsigned int nr,
                   const uint32_t *refs, int prot, void **address)
{
    (void)grant;
    (void)prot;
    if (nr != 1 || refs[0] != CTRL_GRANT_CONSOLE || fake_domains[domid].no_grant)
        return -EINVAL;
    return map(domid, address);
}

int ctrl_grant_unmap(struct ctrl_grant *grant, void *address, unsigned int nr)
{
    (void)grant;
    (void)nr;
    return unmap(address);
}

/* --- events --- */

int ctrl_event_open(struct ctrl *ctrl, struct ctrl_event **event)
{
    (void)ctrl;
    if (pipe2(event_pipe, O_NONBLOCK | O_CLOEXEC) < 0)
        return -errno;
    *event = (struct ctrl_event *)event_pipe;
    return 0;
}

void ctrl_event_close(struct ctrl_event *event)
{
    (void)event;
    close(event_pipe[0]);
    close(event_pipe[1]);
}

int ctrl_event_fd(const struct ctrl_event *event)
{
    (void)event;
    return event_pipe[0];
}

int ctrl_event_bind_interdomain(struct ctrl_event *event, uint32_t domid, uint32_t port)
{
    (void)event;
    if (domid >= FAKE_DOMAINS || !fake_domains[domid].exists || port < REMOTE_PORT)
        return -EINVAL;
    if (fake_domains[domid].port >= 0)
        return -EINVAL;
    fake_domains[domid].port = (int)domid + PORT_BASE;
    fake_domains[domid].masked = false;
    if (fake_domains[domid].pending)
        wake();
    return fake_domains[domid].port;
}

int ctrl_event_bind_virq(struct ctrl_event *event, uint32_t virq)
{
    (void)event;
    if (virq != CTRL_VIRQ_CON_RING || messages_bound)
        return -EEXIST;
    messages_bound = true;
    return MESSAGES_PORT;
}

int ctrl_event_unbind(struct ctrl_event *event, uint32_t port)
{
    (void)event;
    fake_domains[port - PORT_BASE].port = -1;
    return 0;
}

int ctrl_event_notify(struct ctrl_event *event, uint32_t port)
{
    (void)event;
    fake_domains[port - PORT_BASE].notified++;
    return 0;
}

/* In turn, as the kernel's device gives them. */
int ctrl_event_pending(struct ctrl_event *event)
{
    char drop[64];

    (void)event;
    if (messages_pending) {
        messages_pending = false;
        return MESSAGES_PORT;
    }
    for (uint32_t i = 0; i < FAKE_DOMAINS; i++) {
        uint32_t domid = (next_port + i) % FAKE_DOMAINS;
        struct fake_domain *domain = &fake_domains[domid];

        if (domain->port >= 0 && domain->pending && !domain->masked) {
            domain->pending = false;
            domain->masked = true;
            next_port = domid + 1;
            return domain->port;
        }
    }
    while (read(event_pipe[0], drop, sizeof(drop)) > 0)
        continue;
    return -EAGAIN;
}

int ctrl_event_unmask(struct ctrl_event *event, uint32_t port)
{
    (void)event;
    if (port == MESSAGES_PORT)
        return 0;
    fake_domains[port - PORT_BASE].masked = false;
    if (fake_domains[port - PORT_BASE].pending)
        wake();
    return 0;
}

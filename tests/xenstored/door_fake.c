/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A door to domains that are files in the folder XS_WORLD: ring-N, domains and the FIFO events; see
 * reference_shim.c, which offers the packaged xenstored the same. Without XS_WORLD there are none.
 */
#include "door.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define PORT_DOM_EXC 1
#define PORT_DOMAIN  100

static const char *world;
static int events = -1;

static int open_file(const char *name, int flags)
{
    char path[512];

    snprintf(path, sizeof(path), "%s/%s", world, name);
    return open(path, flags | O_CLOEXEC);
}

int door_open(void)
{
    world = getenv("XS_WORLD");
    if (world) {
        events = open_file("events", O_RDWR | O_NONBLOCK);
    }
    return world && events < 0 ? -errno : 0;
}

void door_close(void)
{
    if (events >= 0) {
        close(events);
    }
    events = -1;
}

int door_fd(void)
{
    return events;
}

int door_find_local(uint64_t *mfn, uint32_t *remote_port)
{
    *mfn = 0;
    *remote_port = 1;
    return world ? 0 : -ENOENT;
}

int door_connect(uint32_t domid, uint64_t mfn, uint32_t remote_port, struct door_ring *ring)
{
    char name[32];
    void *page;
    int fd;

    (void)mfn;
    (void)remote_port;
    if (!world) {
        return -ENOENT;
    }
    snprintf(name, sizeof(name), "ring-%u", domid);
    fd = open_file(name, O_RDWR);
    if (fd < 0) {
        return -errno;
    }
    page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    if (page == MAP_FAILED) {
        return -errno;
    }
    ring->page = page;
    ring->domid = domid;
    ring->port = PORT_DOMAIN + domid;
    return 0;
}

void door_disconnect(struct door_ring *ring)
{
    munmap(ring->page, 4096);
}

void door_notify(const struct door_ring *ring)
{
    (void)ring;
}

int door_next_event(uint32_t *port)
{
    uint32_t came;

    if (read(events, &came, sizeof(came)) != sizeof(came)) {
        return -EAGAIN;
    }
    *port = came == PORT_DOM_EXC ? DOOR_PORT_DOM_EXC : came;
    return 0;
}

int door_list_domains(uint32_t first, unsigned int max, struct door_domain *domains)
{
    char path[512], state[16];
    unsigned int domid, nr = 0;
    FILE *file;

    if (!world) {
        *domains = (struct door_domain){ .domid = 0 };
        return first == 0;
    }
    snprintf(path, sizeof(path), "%s/domains", world);
    file = fopen(path, "re");
    while (file && nr < max && fscanf(file, "%u %15s", &domid, state) == 2) {
        if (domid >= first) {
            domains[nr].domid = domid;
            domains[nr].shutdown = !strcmp(state, "shutdown");
            domains[nr++].dying = !strcmp(state, "dying");
        }
    }
    if (file) {
        fclose(file);
    }
    return (int)nr;
}

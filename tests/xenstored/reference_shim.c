/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Lets Debian's packaged xenstored run without a hypervisor: preloaded, it stands in for
 * libxenctrl, libxenevtchn and libxengnttab, with domains made of files in the folder XS_WORLD:
 *   ring-N    the page that domain N shares with the store
 *   domains   a line a domain: "ID STATE", STATE one of running, shutdown, dying
 *   events    a FIFO; who writes a 32-bit port into it sends an event. Domain N's port is
 *             100 + N; port 1 is VIRQ_DOM_EXC.
 * Events to domains go nowhere: a tester looks at the ring.
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define PORT_DOM_EXC 1
#define PORT_DOMAIN 100

static int events = -1;
static int handle;

static const char *world_path(const char *name)
{
    static char path[512];

    snprintf(path, sizeof(path), "%s/%s", getenv("XS_WORLD"), name);
    return path;
}

static const char *replaced(const char *path)
{
    if (!strcmp(path, "/proc/xen/xsd_kva")) {
        return world_path("ring-0");
    }
    if (!strcmp(path, "/proc/xen/xsd_port")) {
        return world_path("port-0");
    }
    return path;
}

int open(const char *path, int flags, ...)
{
    int (*real)(const char *, int, ...) = (int (*)(const char *, int, ...))dlsym(RTLD_NEXT, "open");
    va_list ap;
    int mode;

    va_start(ap, flags);
    mode = flags & O_CREAT ? va_arg(ap, int) : 0;
    va_end(ap);
    return real(replaced(path), flags, mode);
}

static void *map_ring(unsigned int domid)
{
    char name[32];
    int fd;
    void *page;

    snprintf(name, sizeof(name), "ring-%u", domid);
    fd = open(world_path(name), O_RDWR | O_CLOEXEC);
    if (fd < 0) {
        return NULL;
    }
    page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    return page == MAP_FAILED ? NULL : page;
}

/* --- the libraries' functions, as far as xenstored uses them; handles are not looked at --- */

void *xenevtchn_open(void *logger, unsigned int flags);
void *xenevtchn_fdopen(void *logger, int fd, unsigned int flags);
int xenevtchn_fd(void *xce);
int xenevtchn_notify(void *xce, uint32_t port);
int xenevtchn_bind_interdomain(void *xce, uint32_t domid, uint32_t remote);
int xenevtchn_bind_virq(void *xce, unsigned int virq);
int xenevtchn_unbind(void *xce, uint32_t port);
int xenevtchn_pending(void *xce);
int xenevtchn_unmask(void *xce, uint32_t port);
void *xengnttab_open(void *logger, unsigned int flags);
int xengnttab_close(void *xgt);
int xengnttab_set_max_grants(void *xgt, uint32_t nr);
void *xengnttab_map_grant_ref(void *xgt, uint32_t domid, uint32_t ref, int prot);
int xengnttab_unmap(void *xgt, void *address, uint32_t count);
void *xc_interface_open(void *logger, void *dombuild, unsigned int flags);
int xc_interface_close(void *xch);
int xc_domain_getinfo(void *xch, uint32_t first, unsigned int max, uint32_t *info);

void *xenevtchn_open(void *logger, unsigned int flags)
{
    (void)logger;
    (void)flags;
    events = open(world_path("events"), O_RDWR | O_NONBLOCK | O_CLOEXEC);
    return events < 0 ? NULL : &handle;
}

void *xenevtchn_fdopen(void *logger, int fd, unsigned int flags)
{
    (void)logger;
    (void)flags;
    events = fd;
    return &handle;
}

int xenevtchn_fd(void *xce)
{
    (void)xce;
    return events;
}

int xenevtchn_notify(void *xce, uint32_t port)
{
    (void)xce;
    (void)port;
    return 0;
}

int xenevtchn_bind_interdomain(void *xce, uint32_t domid, uint32_t remote)
{
    (void)xce;
    (void)remote;
    return PORT_DOMAIN + (int)domid;
}

int xenevtchn_bind_virq(void *xce, unsigned int virq)
{
    (void)xce;
    (void)virq;
    return PORT_DOM_EXC;
}

int xenevtchn_unbind(void *xce, uint32_t port)
{
    (void)xce;
    (void)port;
    return 0;
}

int xenevtchn_pending(void *xce)
{
    uint32_t port;

    (void)xce;
    return read(events, &port, sizeof(port)) == sizeof(port) ? (int)port : -1;
}

int xenevtchn_unmask(void *xce, uint32_t port)
{
    (void)xce;
    (void)port;
    return 0;
}

void *xengnttab_open(void *logger, unsigned int flags)
{
    (void)logger;
    (void)flags;
    return &handle;
}

int xengnttab_close(void *xgt)
{
    (void)xgt;
    return 0;
}

int xengnttab_set_max_grants(void *xgt, uint32_t nr)
{
    (void)xgt;
    (void)nr;
    return 0;
}

void *xengnttab_map_grant_ref(void *xgt, uint32_t domid, uint32_t ref, int prot)
{
    (void)xgt;
    (void)ref;
    (void)prot;
    return map_ring(domid);
}

int xengnttab_unmap(void *xgt, void *address, uint32_t count)
{
    (void)xgt;
    return munmap(address, (size_t)count * 4096);
}

void *xc_interface_open(void *logger, void *dombuild, unsigned int flags)
{
    (void)logger;
    (void)dombuild;
    (void)flags;
    return &handle;
}

int xc_interface_close(void *xch)
{
    (void)xch;
    return 0;
}

/* Only the start of the answer is written: number, label, states as bits. One is asked for. */
int xc_domain_getinfo(void *xch, uint32_t first, unsigned int max, uint32_t *info)
{
    FILE *file = fopen(world_path("domains"), "re");
    unsigned int domid;
    char state[16];
    int nr = 0;

    (void)xch;
    while (file && max && !nr && fscanf(file, "%u %15s", &domid, state) == 2) {
        if (domid >= first) {
            info[0] = domid;
            info[1] = 0;
            info[2] = !strcmp(state, "dying") ? 1 : !strcmp(state, "shutdown") ? 4 : 32;
            nr = 1;
        }
    }
    if (file) {
        fclose(file);
    }
    return nr;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Lets Debian's packaged xenstored run without a hypervisor: preloaded, it stands in for libxenctrl,
 * libxenevtchn and libxengnttab, with domains made of files in the folder XS_WORLD:
 *   ring-N    the page that domain N shares with the store
 *   domains   a line a domain: "ID STATE", STATE one of running, shutdown, dying
 *   events    a FIFO; who writes a 32-bit port into it sends an event. Domain N's port is
 *             100 + N; port 1 is VIRQ_DOM_EXC.
 * Events to domains go nowhere: a tester looks at the ring.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <xenctrl.h>
#include <xenevtchn.h>
#include <xengnttab.h>

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

xenevtchn_handle *xenevtchn_open(struct xentoollog_logger *logger, unsigned int flags)
{
    (void)logger;
    (void)flags;
    events = open(world_path("events"), O_RDWR | O_NONBLOCK | O_CLOEXEC);
    return events < 0 ? NULL : (xenevtchn_handle *)&handle;
}

xenevtchn_handle *xenevtchn_fdopen(struct xentoollog_logger *logger, int fd, unsigned int flags)
{
    (void)logger;
    (void)flags;
    events = fd;
    return (xenevtchn_handle *)&handle;
}

int xenevtchn_fd(xenevtchn_handle *xce)
{
    (void)xce;
    return events;
}

int xenevtchn_notify(xenevtchn_handle *xce, evtchn_port_t port)
{
    (void)xce;
    (void)port;
    return 0;
}

xenevtchn_port_or_error_t xenevtchn_bind_interdomain(xenevtchn_handle *xce, uint32_t domid,
                                                     evtchn_port_t remote)
{
    (void)xce;
    (void)remote;
    return PORT_DOMAIN + (int)domid;
}

xenevtchn_port_or_error_t xenevtchn_bind_virq(xenevtchn_handle *xce, unsigned int virq)
{
    (void)xce;
    (void)virq;
    return PORT_DOM_EXC;
}

int xenevtchn_unbind(xenevtchn_handle *xce, evtchn_port_t port)
{
    (void)xce;
    (void)port;
    return 0;
}

xenevtchn_port_or_error_t xenevtchn_pending(xenevtchn_handle *xce)
{
    uint32_t port;

    (void)xce;
    return read(events, &port, sizeof(port)) == sizeof(port) ? (int)port : -1;
}

int xenevtchn_unmask(xenevtchn_handle *xce, evtchn_port_t port)
{
    (void)xce;
    (void)port;
    return 0;
}

xengnttab_handle *xengnttab_open(struct xentoollog_logger *logger, unsigned int flags)
{
    (void)logger;
    (void)flags;
    return (xengnttab_handle *)&handle;
}

int xengnttab_close(xengnttab_handle *xgt)
{
    (void)xgt;
    return 0;
}

int xengnttab_set_max_grants(xengnttab_handle *xgt, uint32_t nr)
{
    (void)xgt;
    (void)nr;
    return 0;
}

void *xengnttab_map_grant_ref(xengnttab_handle *xgt, uint32_t domid, uint32_t ref, int prot)
{
    (void)xgt;
    (void)ref;
    (void)prot;
    return map_ring(domid);
}

int xengnttab_unmap(xengnttab_handle *xgt, void *address, uint32_t count)
{
    (void)xgt;
    return munmap(address, (size_t)count * 4096);
}

xc_interface *xc_interface_open(xentoollog_logger *logger, xentoollog_logger *dombuild,
                                unsigned int flags)
{
    (void)logger;
    (void)dombuild;
    (void)flags;
    return (xc_interface *)&handle;
}

int xc_interface_close(xc_interface *xch)
{
    (void)xch;
    return 0;
}

int xc_domain_getinfo(xc_interface *xch, uint32_t first, unsigned int max, xc_dominfo_t *info)
{
    FILE *file = fopen(world_path("domains"), "re");
    unsigned int domid, nr = 0;
    char state[16];

    (void)xch;
    while (file && nr < max && fscanf(file, "%u %15s", &domid, state) == 2) {
        if (domid >= first) {
            memset(&info[nr], 0, sizeof(info[nr]));
            info[nr].domid = domid;
            info[nr].running = !strcmp(state, "running");
            info[nr].shutdown = !strcmp(state, "shutdown");
            info[nr].dying = !strcmp(state, "dying");
            nr++;
        }
    }
    if (file) {
        fclose(file);
    }
    return (int)nr;
}

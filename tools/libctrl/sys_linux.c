/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The devices of Linux: /dev/xen/{privcmd,hypercall,evtchn,gntdev} and xenstored's socket. The only
 * file of libctrl that opens any. The ioctl structures are the kernel's ABI.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <public/io/xs_wire.h>

#include "sys.h"

#define PAGE_SIZE 4096u
#define STORE_SOCKET "/run/xenstored/socket"
#define STORE_DEVICE "/dev/xen/xenbus"

struct privcmd_hypercall {
    uint64_t op;
    uint64_t arg[5];
};

struct privcmd_mmapbatch_v2 {
    uint32_t num;
    uint16_t dom;
    uint64_t addr;
    const uint64_t *arr;
    int *err;
};

struct privcmd_mmap_resource {
    uint16_t dom;
    uint32_t type;
    uint32_t id;
    uint32_t idx;
    uint64_t num;
    uint64_t addr;
};

#define IOCTL_PRIVCMD_HYPERCALL     _IOC(_IOC_NONE, 'P', 0, sizeof(struct privcmd_hypercall))
#define IOCTL_PRIVCMD_MMAPBATCH_V2  _IOC(_IOC_NONE, 'P', 4, sizeof(struct privcmd_mmapbatch_v2))
#define IOCTL_PRIVCMD_MMAP_RESOURCE _IOC(_IOC_NONE, 'P', 7, sizeof(struct privcmd_mmap_resource))

#define IOCTL_EVTCHN_BIND_VIRQ        _IOC(_IOC_NONE, 'E', 0, 4)
#define IOCTL_EVTCHN_BIND_INTERDOMAIN _IOC(_IOC_NONE, 'E', 1, 8)
#define IOCTL_EVTCHN_BIND_UNBOUND     _IOC(_IOC_NONE, 'E', 2, 4)
#define IOCTL_EVTCHN_UNBIND           _IOC(_IOC_NONE, 'E', 3, 4)
#define IOCTL_EVTCHN_NOTIFY           _IOC(_IOC_NONE, 'E', 4, 4)

struct gntdev_ref {
    uint32_t domid;
    uint32_t ref;
};

struct gntdev_map {
    uint32_t count;
    uint32_t pad;
    uint64_t index;
    struct gntdev_ref refs[];
};

struct gntdev_unmap {
    uint64_t index;
    uint32_t count;
    uint32_t pad;
};

struct gntdev_offset {
    uint64_t vaddr;
    uint64_t offset;
    uint32_t count;
    uint32_t pad;
};

struct gntdev_notify {
    uint64_t index;
    uint32_t action;
    uint32_t port;
};

#define GNTDEV_NOTIFY_CLEAR_BYTE 1u
#define GNTDEV_NOTIFY_SEND_EVENT 2u

#define IOCTL_GNTDEV_MAP        _IOC(_IOC_NONE, 'G', 0, sizeof(struct gntdev_map) + 8)
#define IOCTL_GNTDEV_UNMAP      _IOC(_IOC_NONE, 'G', 1, sizeof(struct gntdev_unmap))
#define IOCTL_GNTDEV_GET_OFFSET _IOC(_IOC_NONE, 'G', 2, sizeof(struct gntdev_offset))
#define IOCTL_GNTDEV_NOTIFY     _IOC(_IOC_NONE, 'G', 7, sizeof(struct gntdev_notify))

/* The result of a system call, or -errno. */
static int result(int rc)
{
    return rc < 0 ? -errno : rc;
}

static int open_device(int *fd, const char *path)
{
    if (*fd < 0) {
        *fd = open(path, O_RDWR | O_CLOEXEC);
    }
    return *fd < 0 ? -errno : 0;
}

static int open_privcmd(struct ctrl_sys_state *state)
{
    int rc = open_device(&state->privcmd, "/dev/xen/privcmd");

    return rc == -ENOENT ? open_device(&state->privcmd, "/proc/xen/privcmd") : rc;
}

static void close_device(int *fd)
{
    if (*fd >= 0) {
        close(*fd);
    }
    *fd = -1;
}

static void linux_close(struct ctrl_sys_state *state)
{
    close_device(&state->privcmd);
    close_device(&state->hypercall);
}

static int linux_hypercall(struct ctrl_sys_state *state, unsigned int number,
                           const uint64_t args[5], long *rc)
{
    struct privcmd_hypercall call = { .op = number };
    int opened = open_privcmd(state);

    if (opened != 0) {
        return opened;
    }
    memcpy(call.arg, args, sizeof(call.arg));
    *rc = result(ioctl(state->privcmd, IOCTL_PRIVCMD_HYPERCALL, &call));
    return 0;
}

/*
 * Memory of /dev/xen/hypercall stays where it is. A kernel without that device moves pages that are
 * only locked now and then; a call then fails with -EFAULT.
 */
static int linux_pages_get(struct ctrl_sys_state *state, size_t pages, void **address)
{
    size_t size = pages * PAGE_SIZE;
    int flags = MAP_SHARED;
    void *p;

    if (open_device(&state->hypercall, "/dev/xen/hypercall") != 0) {
        flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_LOCKED | MAP_POPULATE;
    }
    p = mmap(NULL, size, PROT_READ | PROT_WRITE, flags, state->hypercall, 0);
    if (p == MAP_FAILED) {
        return -errno;
    }
    *address = p;
    return 0;
}

static int linux_unmap(void *address, size_t pages)
{
    return result(munmap(address, pages * PAGE_SIZE));
}

static void linux_pages_put(struct ctrl_sys_state *state, void *address, size_t pages)
{
    (void)state;
    linux_unmap(address, pages);
}

/* Address space of the driver, to be filled by an ioctl. */
static int reserve(struct ctrl_sys_state *state, size_t pages, int prot, void **address)
{
    int rc = open_privcmd(state);
    void *p;

    if (rc != 0) {
        return rc;
    }
    p = mmap(NULL, pages * PAGE_SIZE, prot, MAP_SHARED, state->privcmd, 0);
    if (p == MAP_FAILED) {
        return -errno;
    }
    *address = p;
    return 0;
}

static int linux_foreign_map(struct ctrl_sys_state *state, uint32_t domid, int prot, size_t nr,
                             const uint64_t *frames, int *errors, void **address)
{
    struct privcmd_mmapbatch_v2 batch = {
        .num = (uint32_t)nr, .dom = (uint16_t)domid, .arr = frames, .err = errors,
    };
    void *p = NULL;
    int rc = reserve(state, nr, prot, &p);

    if (rc != 0) {
        return rc;
    }
    batch.addr = (uintptr_t)p;
    rc = result(ioctl(state->privcmd, IOCTL_PRIVCMD_MMAPBATCH_V2, &batch));
    /* -ENOENT: at least one frame is paged out; errors says which, as for other failures. */
    if (rc != 0 && rc != -ENOENT) {
        linux_unmap(p, nr);
        return rc;
    }
    *address = p;
    return 0;
}

static int linux_resource_map(struct ctrl_sys_state *state, uint32_t domid, uint32_t type,
                              uint32_t id, uint64_t frame, size_t nr, void **address)
{
    struct privcmd_mmap_resource resource = {
        .dom = (uint16_t)domid, .type = type, .id = id, .idx = (uint32_t)frame, .num = nr,
    };
    void *p = NULL;
    int rc = reserve(state, nr, PROT_READ | PROT_WRITE, &p);

    if (rc != 0) {
        return rc;
    }
    resource.addr = (uintptr_t)p;
    rc = result(ioctl(state->privcmd, IOCTL_PRIVCMD_MMAP_RESOURCE, &resource));
    if (rc != 0) {
        linux_unmap(p, nr);
        return rc == -ENOTTY ? -EOPNOTSUPP : rc;
    }
    *address = p;
    return 0;
}

static int linux_resource_size(struct ctrl_sys_state *state, uint32_t domid, uint32_t type,
                               uint32_t id, size_t *nr)
{
    struct privcmd_mmap_resource resource = { .dom = (uint16_t)domid, .type = type, .id = id };
    int rc = open_privcmd(state);

    rc = rc ? rc : result(ioctl(state->privcmd, IOCTL_PRIVCMD_MMAP_RESOURCE, &resource));
    if (rc == 0) {
        *nr = resource.num;
    }
    return rc == -ENOTTY ? -EOPNOTSUPP : rc;
}

static int linux_event_open(void)
{
    return result(open("/dev/xen/evtchn", O_RDWR | O_CLOEXEC | O_NONBLOCK));
}

static int linux_event_bind_unbound(int fd, uint32_t domid)
{
    return result(ioctl(fd, IOCTL_EVTCHN_BIND_UNBOUND, &domid));
}

static int linux_event_bind_interdomain(int fd, uint32_t domid, uint32_t port)
{
    uint32_t args[2] = { domid, port };

    return result(ioctl(fd, IOCTL_EVTCHN_BIND_INTERDOMAIN, args));
}

static int linux_event_bind_virq(int fd, uint32_t virq)
{
    return result(ioctl(fd, IOCTL_EVTCHN_BIND_VIRQ, &virq));
}

static int linux_event_unbind(int fd, uint32_t port)
{
    return result(ioctl(fd, IOCTL_EVTCHN_UNBIND, &port));
}

static int linux_event_notify(int fd, uint32_t port)
{
    return result(ioctl(fd, IOCTL_EVTCHN_NOTIFY, &port));
}

static int linux_event_pending(int fd)
{
    uint32_t port;
    ssize_t got = read(fd, &port, sizeof(port));

    if (got < 0) {
        return -errno;
    }
    return got == sizeof(port) ? (int)port : -EIO;
}

static int linux_event_unmask(int fd, uint32_t port)
{
    ssize_t put = write(fd, &port, sizeof(port));

    if (put < 0) {
        return -errno;
    }
    return put == sizeof(port) ? 0 : -EIO;
}

static void linux_close_fd(int fd)
{
    close(fd);
}

static int linux_grant_open(void)
{
    return result(open("/dev/xen/gntdev", O_RDWR | O_CLOEXEC));
}

static int linux_grant_map(int fd, uint32_t domid, unsigned int nr, const uint32_t *refs, int prot,
                           void **address)
{
    struct gntdev_map *map = calloc(1, sizeof(*map) + nr * sizeof(map->refs[0]));
    struct gntdev_unmap unmap;
    unsigned int i;
    void *p;
    int rc;

    if (!map) {
        return -ENOMEM;
    }
    map->count = nr;
    for (i = 0; i < nr; i++) {
        map->refs[i] = (struct gntdev_ref){ domid, refs[i] };
    }
    rc = result(ioctl(fd, IOCTL_GNTDEV_MAP, map));
    unmap = (struct gntdev_unmap){ .index = map->index, .count = nr };
    free(map);
    if (rc != 0) {
        return rc;
    }
    p = mmap(NULL, (size_t)nr * PAGE_SIZE, prot, MAP_SHARED, fd, (off_t)unmap.index);
    if (p == MAP_FAILED) {
        rc = -errno;
        ioctl(fd, IOCTL_GNTDEV_UNMAP, &unmap);
        return rc;
    }
    *address = p;
    return 0;
}

static int grant_index(int fd, const void *address, uint64_t *index)
{
    struct gntdev_offset offset = { .vaddr = (uintptr_t)address };
    int rc = result(ioctl(fd, IOCTL_GNTDEV_GET_OFFSET, &offset));

    *index = offset.offset;
    return rc;
}

static int linux_grant_notify(int fd, void *address, int clear_offset, int port)
{
    struct gntdev_notify notify = { .action = 0 };
    int rc = grant_index(fd, address, &notify.index);

    if (rc != 0) {
        return rc;
    }
    if (clear_offset >= 0) {
        notify.action |= GNTDEV_NOTIFY_CLEAR_BYTE;
        notify.index += (uint64_t)clear_offset;
    }
    if (port >= 0) {
        notify.action |= GNTDEV_NOTIFY_SEND_EVENT;
        notify.port = (uint32_t)port;
    }
    return result(ioctl(fd, IOCTL_GNTDEV_NOTIFY, &notify));
}

static int linux_grant_unmap(int fd, void *address, unsigned int nr)
{
    struct gntdev_unmap unmap = { .count = nr };
    int rc = grant_index(fd, address, &unmap.index);

    rc = rc ? rc : linux_unmap(address, nr);
    return rc ? rc : result(ioctl(fd, IOCTL_GNTDEV_UNMAP, &unmap));
}

static int linux_store_open(void)
{
    struct sockaddr_un name = { .sun_family = AF_UNIX, .sun_path = STORE_SOCKET };
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    int rc;

    if (fd < 0) {
        return -errno;
    }
    if (connect(fd, (struct sockaddr *)&name, sizeof(name)) == 0) {
        return fd;
    }
    rc = -errno;
    close(fd);
    if (rc != -ENOENT && rc != -ECONNREFUSED) {
        return rc;
    }
    /* Not where xenstored runs: the kernel reaches it. Where it should run, this would hang. */
    if (access("/proc/xen/xsd_kva", F_OK) == 0) {
        return rc;
    }
    fd = open(STORE_DEVICE, O_RDWR | O_CLOEXEC | O_NONBLOCK);
    return fd < 0 ? rc : fd;
}

/* A client must live on when the store dies. The device takes one message at a time. */
static long linux_store_write(int fd, const void *data, size_t size)
{
    ssize_t put = send(fd, data, size, MSG_NOSIGNAL);
    struct xsd_sockmsg head;

    if (put < 0 && errno == ENOTSOCK) {
        memcpy(&head, data, sizeof(head));
        put = write(fd, data, sizeof(head) + head.len < size ? sizeof(head) + head.len : size);
    }
    return put < 0 ? -errno : put;
}

static long linux_store_read(int fd, void *data, size_t size)
{
    ssize_t got = read(fd, data, size);

    return got < 0 ? -errno : got;
}

static int linux_store_wait(int fd, bool can_write, int timeout_ms)
{
    struct pollfd poll_fd = {
        .fd = fd, .events = (short)(POLLIN | (can_write ? POLLOUT : 0)),
    };

    return result(poll(&poll_fd, 1, timeout_ms));
}

const struct ctrl_sys ctrl_sys = {
    .close = linux_close,
    .hypercall_op = linux_hypercall,
    .pages_get = linux_pages_get,
    .pages_put = linux_pages_put,
    .foreign_map = linux_foreign_map,
    .resource_map = linux_resource_map,
    .resource_size = linux_resource_size,
    .unmap = linux_unmap,
    .event_open = linux_event_open,
    .event_close = linux_close_fd,
    .event_bind_unbound = linux_event_bind_unbound,
    .event_bind_interdomain = linux_event_bind_interdomain,
    .event_bind_virq = linux_event_bind_virq,
    .event_unbind = linux_event_unbind,
    .event_notify = linux_event_notify,
    .event_pending = linux_event_pending,
    .event_unmask = linux_event_unmask,
    .grant_open = linux_grant_open,
    .grant_close = linux_close_fd,
    .grant_map = linux_grant_map,
    .grant_notify = linux_grant_notify,
    .grant_unmap = linux_grant_unmap,
    .store_open = linux_store_open,
    .store_close = linux_close_fd,
    .store_write = linux_store_write,
    .store_read = linux_store_read,
    .store_wait = linux_store_wait,
};

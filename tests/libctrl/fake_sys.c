/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The stand-in for Linux's devices (fake.h): the table of operations, and machine memory, which is
 * a file in memory so that any frames can be mapped side by side.
 */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <fcntl.h>
#include <unistd.h>

#include <public/event_channel.h>
#include <public/grant_table.h>
#include <public/memory.h>
#include <public/sched.h>

#include "fake.h"
#include "sys.h"

#define PAGE 4096u

struct fake_host fake;

static int memory_fd = -1;
static uint8_t *memory;         /* all frames */

static void clear_frames(uint64_t mfn, uint64_t nr)
{
    fallocate(memory_fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, (off_t)(mfn * PAGE),
              (off_t)(nr * PAGE));
}

static void memory_init(void)
{
    size_t size = (size_t)FAKE_FRAMES * PAGE;

    if (memory_fd >= 0) {
        clear_frames(0, FAKE_FRAMES);
        return;
    }
    memory_fd = memfd_create("frames", MFD_CLOEXEC);
    if (memory_fd < 0 || ftruncate(memory_fd, (off_t)size) != 0) {
        abort();
    }
    memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE, memory_fd, 0);
    if (memory == MAP_FAILED) {
        abort();
    }
}

void *fake_frame(uint64_t mfn)
{
    return memory + mfn * PAGE;
}

uint64_t fake_frame_alloc(uint32_t domid)
{
    static uint64_t next = 256;
    uint64_t i;

    for (i = 0; i < FAKE_FRAMES; i++) {
        next = next + 1 < FAKE_FRAMES ? next + 1 : 256;
        if (fake.owner[next] == FAKE_FREE) {
            fake.owner[next] = (uint16_t)domid;
            fake.free_pages--;
            return next;
        }
    }
    return 0;
}

void fake_frame_free(uint64_t mfn)
{
    fake.owner[mfn] = FAKE_FREE;
    fake.free_pages++;
    clear_frames(mfn, 1);
}

void fake_reset(void)
{
    unsigned int i;

    for (i = 0; i < 0x7ff0; i++) {
        if (fake.domains[i]) {
            fake_hvm_free(fake.domains[i]);
            free(fake.domains[i]->vcpus);
            free(fake.domains[i]);
        }
    }
    memset(&fake, 0, sizeof(fake));
    memset(fake.owner, 0xff, sizeof(fake.owner));
    memory_init();
    fake.nr_cpus = 4;
    fake.nr_nodes = 1;
    fake.threads_per_core = 1;
    fake.cores_per_socket = 4;
    fake.cpu_khz = 2000123;
    fake.total_pages = FAKE_FRAMES;
    fake.free_pages = FAKE_FRAMES;
    fake.next_domid = 1;
    fake.pools[0] = (struct fake_pool){ true, XEN_SCHEDULER_CREDIT2, 0xf, 30, 1000, 0 };
    strcpy(fake.console, "(XEN) hello\n(XEN) a model\n");
    fake_store_reset();
    fake_domain_add(0, "Domain-0", 131072, 2)->running = true;
}

/* Before main(), so that a program under test finds a host. */
static void __attribute__((constructor)) fake_start(void)
{
    const char *script = getenv("CTRL_FAKE_HOST");

    fake_reset();
    if (script && fake_script_run(script) != 0) {
        abort();
    }
}

/* --- privcmd --- */

static void sys_close(struct ctrl_sys_state *state)
{
    state->privcmd = state->hypercall = -1;
}

/* Whether this call is the one that was told to fail. */
static int told_to_fail(uint32_t *after, int error)
{
    return *after > 0 && --*after == 0 ? -error : 0;
}

static long mmuext(const struct mmuext_op *op, unsigned int nr, uint32_t domid)
{
    struct fake_domain *d = fake_domain(domid);
    unsigned int i;

    for (i = 0; i < nr; i++) {
        if (!d) {
            return -ESRCH;
        }
        if (op[i].cmd != MMUEXT_PIN_L4_TABLE || op[i].arg1.mfn >= FAKE_FRAMES ||
            fake.owner[op[i].arg1.mfn] != domid) {
            return -EINVAL;
        }
        d->pinned_mfn = op[i].arg1.mfn;
    }
    return 0;
}

static long remote_shutdown(const struct sched_remote_shutdown *arg)
{
    struct fake_domain *d = fake_domain(arg->domain_id);

    if (!d) {
        return -ESRCH;
    }
    d->shutdown = true;
    d->shutdown_reason = arg->reason;
    return 0;
}

/* Only what takes mappings away: entries of the caller's own tables are cleared. */
static long multicall(struct multicall_entry *calls, uint64_t nr)
{
    uint64_t i;

    if (fake.no_multicall) {
        return -ENOSYS;
    }
    for (i = 0; i < nr; i++) {
        calls[i].result = (uint64_t)-ENOSYS;
        if (calls[i].op == __HYPERVISOR_update_va_mapping && calls[i].args[1] == 0 &&
            mmap((void *)calls[i].args[0], PAGE, PROT_NONE,
                 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) != MAP_FAILED) {
            calls[i].result = 0;
            fake.cleared++;
        }
    }
    return 0;
}

static long dispatch(unsigned int number, const uint64_t args[5])
{
    void *pointer = (void *)(uintptr_t)args[0];
    void *second = (void *)(uintptr_t)args[1];

    switch (number) {
    case __HYPERVISOR_domctl:
        return fake_domctl(pointer);
    case __HYPERVISOR_sysctl:
        return fake_sysctl(pointer);
    case __HYPERVISOR_memory_op:
        return fake_memory_op((unsigned int)args[0], second);
    case __HYPERVISOR_xen_version:
        return fake_version((unsigned int)args[0], second);
    case __HYPERVISOR_event_channel_op:
        return fake_event_op((unsigned int)args[0], second);
    case __HYPERVISOR_mmuext_op:
        return mmuext(pointer, (unsigned int)args[1], (uint32_t)args[3]);
    case __HYPERVISOR_multicall:
        return multicall(pointer, args[1]);
    case __HYPERVISOR_hvm_op:
        return fake_hvm_op((unsigned int)args[0], second);
    case __HYPERVISOR_sched_op:
        return args[0] == SCHEDOP_remote_shutdown ? remote_shutdown(second) : -ENOSYS;
    default:
        return -ENOSYS;
    }
}

static int sys_hypercall(struct ctrl_sys_state *state, unsigned int number,
                         const uint64_t args[5], long *rc)
{
    int error;

    (void)state;
    if (fake.no_devices) {
        return -ENOENT;
    }
    fake.hypercalls++;
    error = told_to_fail(&fake.fail_hypercall.after, fake.fail_hypercall.error);
    *rc = fake.not_privileged ? -EPERM : error ? error : dispatch(number, args);
    return 0;
}

static int sys_pages_get(struct ctrl_sys_state *state, size_t pages, void **address)
{
    (void)state;
    if (fake.no_devices) {
        return -ENOENT;
    }
    *address = calloc(pages, PAGE);
    return *address ? 0 : -ENOMEM;
}

static void sys_pages_put(struct ctrl_sys_state *state, void *address, size_t pages)
{
    (void)state;
    (void)pages;
    free(address);
}

static int map_frames(size_t nr, const uint64_t *frames, int prot, const int *errors,
                      void **address)
{
    uint8_t *p = mmap(NULL, nr * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    size_t i, run;

    if (p == MAP_FAILED) {
        return -errno;
    }
    for (i = 0; i < nr; i += run) {
        run = 1;
        if (errors && errors[i]) {
            continue;
        }
        while (i + run < nr && (!errors || !errors[i + run]) &&
               frames[i + run] == frames[i] + run) {
            run++;
        }
        if (mmap(p + i * PAGE, run * PAGE, prot, MAP_SHARED | MAP_FIXED, memory_fd,
                 (off_t)(frames[i] * PAGE)) == MAP_FAILED) {
            return -errno;
        }
    }
    *address = p;
    return 0;
}

static int sys_foreign_map(struct ctrl_sys_state *state, uint32_t domid, int prot, size_t nr,
                           const uint64_t *frames, int *errors, void **address)
{
    int error = told_to_fail(&fake.fail_map.after, fake.fail_map.error), rc;
    uint64_t *mfns;
    size_t i;

    (void)state;
    if (fake.no_devices || error) {
        return error ? error : -ENOENT;
    }
    fake.maps++;
    if (!fake_domain(domid)) {
        return -ESRCH;
    }
    mfns = malloc(nr * sizeof(*mfns));
    if (!mfns) {
        abort();
    }
    for (i = 0; i < nr; i++) {
        mfns[i] = fake_domain(domid)->hvm ? fake_hvm_frame(fake_domain(domid), frames[i])
                                          : frames[i];
        errors[i] = mfns[i] < FAKE_FRAMES && fake.owner[mfns[i]] == domid ? 0 : -EINVAL;
    }
    rc = map_frames(nr, mfns, prot, errors, address);
    free(mfns);
    return rc;
}

static int sys_resource_map(struct ctrl_sys_state *state, uint32_t domid, uint32_t type,
                            uint32_t id, uint64_t frame, size_t nr, void **address)
{
    struct fake_domain *d = fake_domain(domid);

    (void)state;
    if (!d) {
        return -ESRCH;
    }
    if (type != XENMEM_resource_grant_table) {
        return -EOPNOTSUPP;
    }
    if (id != XENMEM_resource_grant_table_id_shared || frame != 0 || nr != 1) {
        return -EINVAL;
    }
    if (!d->grant_mfn) {
        d->grant_mfn = fake_frame_alloc(domid);
    }
    return map_frames(1, &d->grant_mfn, PROT_READ | PROT_WRITE, NULL, address);
}

static int sys_resource_size(struct ctrl_sys_state *state, uint32_t domid, uint32_t type,
                             uint32_t id, size_t *nr)
{
    (void)state;
    (void)id;
    if (!fake_domain(domid)) {
        return -ESRCH;
    }
    if (type != XENMEM_resource_grant_table) {
        return -EOPNOTSUPP;
    }
    *nr = 64;
    return 0;
}

static int sys_unmap(void *address, size_t pages)
{
    return munmap(address, pages * PAGE) ? -errno : 0;
}

/* --- event channels: those of domain 0, for all descriptors together --- */

static int sys_event_open(void)
{
    return fake.no_devices ? -ENOENT : eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK | EFD_SEMAPHORE);
}

static void sys_close_fd(int fd)
{
    close(fd);
}

static int sys_event_bind_unbound(int fd, uint32_t domid)
{
    int port = fake_port_alloc(fake_domain(0));

    (void)fd;
    if (port > 0) {
        fake_domain(0)->ports[port] = (struct fake_port){
            .status = EVTCHNSTAT_unbound, .domid = domid,
        };
    }
    return port;
}

static int sys_event_bind_interdomain(int fd, uint32_t domid, uint32_t port)
{
    struct fake_domain *d = fake_domain(domid);
    int own;

    (void)fd;
    if (!d) {
        return -ESRCH;
    }
    if (port >= FAKE_PORTS || d->ports[port].status != EVTCHNSTAT_unbound ||
        d->ports[port].domid != 0) {
        return -EINVAL;
    }
    own = fake_port_alloc(fake_domain(0));
    if (own > 0) {
        fake_domain(0)->ports[own] = (struct fake_port){
            .status = EVTCHNSTAT_interdomain, .domid = domid, .port = port,
        };
        d->ports[port] = (struct fake_port){
            .status = EVTCHNSTAT_interdomain, .domid = 0, .port = (uint32_t)own,
        };
    }
    return own;
}

static int sys_event_bind_virq(int fd, uint32_t virq)
{
    struct fake_domain *d = fake_domain(0);
    unsigned int i;
    int port;

    (void)fd;
    for (i = 0; i < FAKE_PORTS; i++) {
        if (d->ports[i].status == EVTCHNSTAT_virq && d->ports[i].virq == virq) {
            return -EEXIST;
        }
    }
    port = virq < NR_VIRQS ? fake_port_alloc(d) : -EINVAL;
    if (port > 0) {
        d->ports[port] = (struct fake_port){ .status = EVTCHNSTAT_virq, .virq = virq };
    }
    return port;
}

static struct fake_port *own_port(uint32_t port)
{
    struct fake_port *p = port < FAKE_PORTS ? &fake_domain(0)->ports[port] : NULL;

    return p && p->status != EVTCHNSTAT_closed ? p : NULL;
}

static int sys_event_unbind(int fd, uint32_t port)
{
    struct fake_port *p = own_port(port);

    (void)fd;
    if (!p) {
        return -ENOTCONN;
    }
    if (p->status == EVTCHNSTAT_interdomain && fake_domain(p->domid)) {
        fake_domain(p->domid)->ports[p->port] = (struct fake_port){
            .status = EVTCHNSTAT_unbound, .domid = 0,
        };
    }
    *p = (struct fake_port){ .status = EVTCHNSTAT_closed };
    return 0;
}

/* A port that leads back to domain 0 comes in at once. */
static int sys_event_notify(int fd, uint32_t port)
{
    struct fake_port *p = own_port(port);
    uint64_t one = 1;

    if (!p) {
        return -ENOTCONN;
    }
    if (p->status == EVTCHNSTAT_interdomain && fake_domain(p->domid)) {
        fake_domain(p->domid)->ports[p->port].pending = true;
        if (p->domid == 0 && write(fd, &one, sizeof(one)) != sizeof(one)) {
            return -EIO;
        }
    }
    return 0;
}

static int sys_event_pending(int fd)
{
    struct fake_domain *d = fake_domain(0);
    uint64_t count;
    unsigned int i;

    for (i = 0; i < FAKE_PORTS; i++) {
        if (d->ports[i].pending) {
            d->ports[i].pending = false;
            return read(fd, &count, sizeof(count)) == sizeof(count) ? (int)i : -EIO;
        }
    }
    return -EAGAIN;
}

static int sys_event_unmask(int fd, uint32_t port)
{
    (void)fd;
    return own_port(port) ? 0 : -EINVAL;
}

/* --- grants --- */

static int sys_grant_open(void)
{
    return fake.no_devices ? -ENOENT : eventfd(0, EFD_CLOEXEC);
}

static int sys_grant_map(int fd, uint32_t domid, unsigned int nr, const uint32_t *refs, int prot,
                         void **address)
{
    struct fake_domain *d = fake_domain(domid);
    const struct grant_entry_v1 *table;
    uint64_t frames[64];
    unsigned int i;

    (void)fd;
    if (!d || !d->grant_mfn || nr == 0 || nr > 64) {
        return -EINVAL;
    }
    table = fake_frame(d->grant_mfn);
    for (i = 0; i < nr; i++) {
        if (refs[i] >= PAGE / sizeof(*table) || table[refs[i]].domid != 0 ||
            !(table[refs[i]].flags & GTF_permit_access) ||
            ((prot & PROT_WRITE) && (table[refs[i]].flags & GTF_readonly))) {
            return -EINVAL;
        }
        frames[i] = table[refs[i]].frame;
    }
    return map_frames(nr, frames, prot, NULL, address);
}

static int sys_grant_notify(int fd, void *address, int clear_offset, int port)
{
    (void)fd;
    (void)address;
    return clear_offset >= (int)PAGE || (port >= 0 && !own_port((uint32_t)port)) ? -EINVAL : 0;
}

static int sys_grant_unmap(int fd, void *address, unsigned int nr)
{
    (void)fd;
    return sys_unmap(address, nr);
}

/* --- xenstore --- */

static int sys_store_open(void)
{
    return fake.no_store ? -ECONNREFUSED : eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
}

static long sys_store_write(int fd, const void *data, size_t size)
{
    (void)fd;
    return fake_store_input(data, size);
}

static long sys_store_read(int fd, void *data, size_t size)
{
    (void)fd;
    return fake_store_output(data, size);
}

/* Nobody else runs, so what is not there now never comes. */
static int sys_store_wait(int fd, bool can_write, int timeout_ms)
{
    (void)fd;
    if (can_write || fake_store_has_output()) {
        return 1;
    }
    fake.waited_ms += (uint32_t)timeout_ms;
    return 0;
}

const struct ctrl_sys ctrl_sys = {
    .close = sys_close,
    .hypercall_op = sys_hypercall,
    .pages_get = sys_pages_get,
    .pages_put = sys_pages_put,
    .foreign_map = sys_foreign_map,
    .resource_map = sys_resource_map,
    .resource_size = sys_resource_size,
    .unmap = sys_unmap,
    .event_open = sys_event_open,
    .event_close = sys_close_fd,
    .event_bind_unbound = sys_event_bind_unbound,
    .event_bind_interdomain = sys_event_bind_interdomain,
    .event_bind_virq = sys_event_bind_virq,
    .event_unbind = sys_event_unbind,
    .event_notify = sys_event_notify,
    .event_pending = sys_event_pending,
    .event_unmask = sys_event_unmask,
    .grant_open = sys_grant_open,
    .grant_close = sys_close_fd,
    .grant_map = sys_grant_map,
    .grant_notify = sys_grant_notify,
    .grant_unmap = sys_grant_unmap,
    .store_open = sys_store_open,
    .store_close = sys_close_fd,
    .store_write = sys_store_write,
    .store_read = sys_store_read,
    .store_wait = sys_store_wait,
};

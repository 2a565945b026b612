/* SPDX-License-Identifier: BSD-2-Clause */
/* A guest from its kernel file to its end: built, run, talked to, dumped, destroyed. */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <libctrl/build.h>
#include <libctrl/domain.h>
#include <libctrl/dump.h>
#include <libctrl/event.h>
#include <libctrl/grant.h>
#include <libctrl/host.h>
#include <libctrl/memory.h>
#include <libctrl/vcpu.h>

#include <public/io/console.h>

#include "live.h"

#define MIB_PAGES 256u
#define PATIENCE_MS 20000
/* One that no daemon binds: memory is short. */
#define FREE_VIRQ 12u

struct guest {
    uint32_t id;
    struct ctrl_build_result built;
    struct ctrl_event *event;
    struct ctrl_grant *grant;
    struct xencons_interface *ring;
    int port;
    char text[4096];
    size_t length;
};

/* What instructions or cycles it took. */
static uint64_t ticks(void)
{
    return __builtin_ia32_rdtsc();
}

static bool build_guest(struct guest *g, const struct ctrl_kernel *kernel, uint64_t pages,
                        const char *cmdline, int ramdisk_fd)
{
    struct ctrl_domain_create create = { .max_vcpus = 1 };
    struct ctrl_build build = {
        .kernel = kernel, .ramdisk_fd = ramdisk_fd, .ramdisk_name = "ramdisk", .cmdline = cmdline,
        .nr_pages = pages,
    };
    int id;

    ctrl_domain_create_defaults(&create);
    id = ctrl_domain_create(ctrl, &create);
    if (!CHECK(id > 0)) {
        return false;
    }
    g->id = build.domid = (uint32_t)id;
    return CHECK_OK(ctrl_domain_set_max_mem(ctrl, g->id, pages * 4 + 1024)) &&
           CHECK_OK(ctrl_build_pv(ctrl, &build, &g->built));
}

static bool connect_console(struct guest *g)
{
    const uint32_t ref = CTRL_GRANT_CONSOLE;
    void *page;

    if (!CHECK_OK(ctrl_event_open(ctrl, &g->event)) ||
        !CHECK_OK(ctrl_grant_open(ctrl, &g->grant))) {
        return false;
    }
    g->port = ctrl_event_bind_interdomain(g->event, g->id, g->built.console_port);
    if (!CHECK(g->port > 0) ||
        !CHECK_OK(ctrl_grant_map(g->grant, g->id, 1, &ref, PROT_READ | PROT_WRITE, &page))) {
        return false;
    }
    g->ring = page;
    return true;
}

static void drain(struct guest *g)
{
    uint32_t cons = g->ring->out_cons, prod = __atomic_load_n(&g->ring->out_prod,
                                                               __ATOMIC_ACQUIRE);

    for (; cons != prod && g->length + 1 < sizeof(g->text); cons++) {
        g->text[g->length++] = g->ring->out[MASK_XENCONS_IDX(cons, g->ring->out)];
    }
    g->text[g->length] = '\0';
    __atomic_store_n(&g->ring->out_cons, cons, __ATOMIC_RELEASE);
    CHECK_OK(ctrl_event_notify(g->event, (uint32_t)g->port));
}

/* Waits until the guest has said something that contains text. */
static bool expect(struct guest *g, const char *text)
{
    struct pollfd fd = { .fd = ctrl_event_fd(g->event), .events = POLLIN };
    int waited, port;

    for (waited = 0; waited < PATIENCE_MS; waited += 100) {
        drain(g);
        if (strstr(g->text, text)) {
            return true;
        }
        if (poll(&fd, 1, 100) > 0) {
            port = ctrl_event_pending(g->event);
            CHECK_RC(port, g->port);
            CHECK_OK(ctrl_event_unmask(g->event, (uint32_t)port));
        }
    }
    fprintf(stderr, "guest said: %s\n", g->text);
    return check_at(false, __FILE__, __LINE__, text);
}

static void say(struct guest *g, const char *text)
{
    uint32_t prod = g->ring->in_prod;

    for (; *text; text++) {
        g->ring->in[MASK_XENCONS_IDX(prod++, g->ring->in)] = *text;
    }
    __atomic_store_n(&g->ring->in_prod, prod, __ATOMIC_RELEASE);
    CHECK_OK(ctrl_event_notify(g->event, (uint32_t)g->port));
}

static bool wait_shutdown(struct guest *g, uint8_t reason)
{
    struct ctrl_domain_info info;
    int waited;

    for (waited = 0; waited < PATIENCE_MS; waited += 20) {
        if (!CHECK_OK(ctrl_domain_info(ctrl, g->id, &info))) {
            return false;
        }
        if (info.shutdown) {
            return CHECK(info.shutdown_reason == reason);
        }
        usleep(20000);
    }
    return CHECK(!"the guest ended");
}

static void disconnect(struct guest *g)
{
    if (g->ring) {
        CHECK_OK(ctrl_grant_unmap(g->grant, g->ring, 1));
    }
    if (g->port > 0) {
        CHECK_OK(ctrl_event_unbind(g->event, (uint32_t)g->port));
    }
    ctrl_grant_close(g->grant);
    ctrl_event_close(g->event);
}

static int open_kernel(const char *path, struct ctrl_kernel **kernel)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    int rc = fd < 0 ? -errno : ctrl_kernel_open(ctrl, fd, path, kernel);

    if (fd >= 0) {
        close(fd);
    }
    return rc;
}

uint32_t guest_make(const char *path, struct ctrl_build_result *built)
{
    struct ctrl_kernel *kernel = NULL;
    struct guest g = { .id = 0 };
    bool ok = CHECK_OK(open_kernel(path, &kernel)) &&
              build_guest(&g, kernel, 32 * MIB_PAGES, "", -1);

    ctrl_kernel_close(kernel);
    *built = g.built;
    return ok ? g.id : 0;
}

/* The registers of the vCPU, and what its frames are. */
static void look_at(struct guest *g)
{
    struct ctrl_vcpu_info info = { .online = false };
    struct ctrl_vcpu_regs regs = { .rip = 0 };
    struct ctrl_event_status status = { .status = 0 };
    uint64_t root;
    uint8_t type = 0;

    test("guest/registers");
    CHECK_OK(ctrl_domain_pause(ctrl, g->id));
    CHECK_OK(ctrl_vcpu_info(ctrl, g->id, 0, &info));
    CHECK(info.online);
    CHECK_OK(ctrl_vcpu_get_regs(ctrl, g->id, 0, &regs));
    CHECK(regs.rip >> 32 == 0xffffffff && regs.online && regs.cr3 != 0);
    root = regs.cr3 >> CTRL_PAGE_SHIFT;
    CHECK_OK(ctrl_frame_types(ctrl, g->id, 1, &root, &type));
    CHECK(type == (CTRL_FRAME_L4 | CTRL_FRAME_PINNED));
    CHECK_OK(ctrl_event_status(ctrl, g->id, g->built.console_port, &status));
    CHECK(status.status == 2 && status.domid == 0 && status.port == (uint32_t)g->port);
    CHECK_RC(ctrl_event_status(ctrl, g->id, 200000, &status), -EINVAL);
    CHECK_OK(ctrl_domain_unpause(ctrl, g->id));
}

static void count_progress(void *arg, uint64_t done, uint64_t total)
{
    *(uint64_t *)arg = done == total ? total : 0;
}

/* The page of the core file that holds a text of the guest's console. */
static void dump(struct guest *g)
{
    int fd = memfd_create("core", MFD_CLOEXEC), full = open("/dev/full", O_WRONLY | O_CLOEXEC);
    uint64_t pages = 0, *list = NULL;
    size_t nr = 0;
    Elf64_Ehdr head;
    off_t size;

    test("guest/frame-list");
    CHECK_OK(ctrl_p2m_read(ctrl, g->id, &list, &nr));
    CHECK(nr == 32 * MIB_PAGES);
    free(list);
    test("guest/dump");
    CHECK_OK(ctrl_dump_core(ctrl, g->id, fd, count_progress, &pages));
    CHECK(pages == 32 * MIB_PAGES);
    size = lseek(fd, 0, SEEK_END);
    CHECK(pread(fd, &head, sizeof(head), 0) == sizeof(head));
    CHECK(head.e_type == ET_CORE && head.e_shnum == 7);
    CHECK(size > (off_t)pages * 4096 && size < (off_t)(pages + 64) * 4096 + (off_t)pages * 16);
    CHECK_RC(ctrl_dump_core(ctrl, g->id, full, NULL, NULL), -ENOSPC);
    close(fd);
    close(full);
}

/* Whether the port gets pending; others that do are unmasked. */
static bool comes(struct ctrl_event *event, uint32_t port)
{
    struct pollfd fd = { .fd = ctrl_event_fd(event), .events = POLLIN };
    int pending = -EAGAIN;

    while (pending != (int)port && poll(&fd, 1, PATIENCE_MS) > 0) {
        pending = ctrl_event_pending(event);
        CHECK(pending > 0 && ctrl_event_unmask(event, (uint32_t)pending) == 0);
    }
    return pending == (int)port;
}

static void event_and_grant_errors(struct guest *g)
{
    const uint32_t bad_ref = 400;
    struct ctrl_event *own;
    void *address;
    int port, again;

    test("guest/events");
    if (!CHECK_OK(ctrl_event_open(ctrl, &own))) {
        return;
    }
    CHECK_RC(ctrl_event_pending(own), -EAGAIN);
    CHECK_RC(ctrl_event_bind_interdomain(g->event, g->id, 60000), -EINVAL);
    CHECK_RC(ctrl_event_unbind(g->event, 999), -ENOTCONN);
    CHECK_RC(ctrl_event_notify(g->event, 999), -ENOTCONN);
    CHECK(ctrl_event_unmask(g->event, 1u << 20) <= 0);
    port = ctrl_event_bind_unbound(own, 0);
    CHECK(port > 0);
    again = ctrl_event_bind_interdomain(own, 0, (uint32_t)port);
    CHECK(again > 0 && again != port);
    CHECK_OK(ctrl_event_notify(own, (uint32_t)again));
    /* The other port comes too: binding one always notifies it. */
    CHECK(comes(own, (uint32_t)port));
    CHECK_OK(ctrl_event_unbind(own, (uint32_t)again));
    CHECK_OK(ctrl_event_unbind(own, (uint32_t)port));
    port = ctrl_event_bind_virq(own, FREE_VIRQ);
    CHECK(port > 0);
    CHECK_RC(ctrl_event_bind_virq(own, FREE_VIRQ), -EEXIST);
    CHECK_OK(ctrl_event_unbind(own, (uint32_t)port));
    ctrl_event_close(own);
    test("guest/grants");
    CHECK(ctrl_grant_map(g->grant, g->id, 1, &bad_ref, PROT_READ, &address) < 0);
    if (CHECK_OK(ctrl_grant_map_notify(g->grant, g->id, CTRL_GRANT_STORE, PROT_READ | PROT_WRITE,
                                       2048, -1, &address))) {
        memset(address, 0xaa, CTRL_PAGE_SIZE);
        CHECK_OK(ctrl_grant_unmap(g->grant, address, 1));
    }
}

static void run_guest(const struct ctrl_kernel *kernel)
{
    struct guest g = { .id = 0 };
    uint64_t before = free_pages(), start = ticks(), built, ended;
    unsigned int i;

    test("guest/build");
    if (!build_guest(&g, kernel, 32 * MIB_PAGES, "hello from a test", -1)) {
        return;
    }
    built = ticks();
    test("guest/console");
    if (connect_console(&g)) {
        CHECK_OK(ctrl_domain_unpause(ctrl, g.id));
        expect(&g, "tiny: up with 32768 KiB, 'hello from a test'");
        say(&g, "one line\n");
        expect(&g, "tiny: heard 'one line'");
        look_at(&g);
        event_and_grant_errors(&g);
        dump(&g);
        test("guest/shutdown");
        say(&g, "poweroff\n");
        wait_shutdown(&g, CTRL_SHUTDOWN_POWEROFF);
    }
    disconnect(&g);
    test("guest/destroy");
    built -= start;
    start = ticks();
    CHECK_OK(ctrl_domain_destroy(ctrl, g.id));
    ended = ticks() - start;
    test("guest/all-given-back");
    CHECK_RC(missing_pages(before), 0);
    fprintf(stderr, "tiny guest: built in %llu ticks, destroyed in %llu; ns a phase:",
            (unsigned long long)built, (unsigned long long)ended);
    for (i = 0; i < CTRL_BUILD_NR_PHASES; i++) {
        fprintf(stderr, " %llu", (unsigned long long)g.built.ns[i]);
    }
    fprintf(stderr, "\n");
}

/* What a build refuses, and that a failed one leaves nothing once destroyed. */
static void failed_builds(const struct ctrl_kernel *kernel)
{
    struct ctrl_domain_create create = { .max_vcpus = 1 };
    struct ctrl_build build = { .kernel = kernel, .ramdisk_fd = -1, .nr_pages = 256 };
    struct ctrl_build_result result;
    char cmdline[1100];
    uint64_t before = free_pages(), needed = 0;
    int id;

    test("guest/refused-builds");
    ctrl_domain_create_defaults(&create);
    id = ctrl_domain_create(ctrl, &create);
    CHECK(id > 0);
    build.domid = (uint32_t)id;
    CHECK_RC(ctrl_build_pv(ctrl, &build, &result), -ENOMEM);
    CHECK(strstr(ctrl_error(ctrl), "1024 KiB") != NULL);
    CHECK_RC(ctrl_kernel_fits(ctrl, kernel, 256, 0, &needed), -ENOMEM);
    CHECK(needed > 256 && ctrl_kernel_fits(ctrl, kernel, needed, 0, NULL) == 0);
    memset(cmdline, 'x', sizeof(cmdline));
    cmdline[sizeof(cmdline) - 1] = '\0';
    build.cmdline = cmdline;
    build.nr_pages = 8192;
    CHECK_RC(ctrl_build_pv(ctrl, &build, &result), -EINVAL);
    build.cmdline = NULL;
    /* Its limit is lower than what it shall have. */
    CHECK_OK(ctrl_domain_set_max_mem(ctrl, (uint32_t)id, 4096));
    CHECK_RC(ctrl_build_pv(ctrl, &build, &result), -ENOMEM);
    CHECK_OK(ctrl_domain_destroy(ctrl, (uint32_t)id));
    CHECK_RC(missing_pages(before), 0);
}

void test_guest(const char *path)
{
    struct ctrl_kernel *kernel = NULL, *other;

    test("guest/kernel");
    CHECK(open_kernel("/bin/busybox", &other) < 0);
    if (!CHECK_OK(open_kernel(path, &kernel))) {
        return;
    }
    run_guest(kernel);
    failed_builds(kernel);
    ctrl_kernel_close(kernel);
}

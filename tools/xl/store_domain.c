/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The nodes of a new domain. New nodes take their folder's permissions: all below the domain's home
 * is Domain-0's and readable by the domain, but for the nodes named here that it may write.
 */
#include "life.h"

#include "state.h"

#include <inttypes.h>
#include <libctrl/store.h>
#include <stdarg.h>
#include <stdio.h>
#include <time.h>

#define PATH_SIZE 128

void store_guest_owns(struct ctrl_batch *batch, const char *path, uint32_t domid)
{
    const struct ctrl_store_perm perms[] = { { .domid = domid } };

    ctrl_batch_mkdir(batch, path);
    ctrl_batch_set_perms(batch, path, perms, 1);
}

void store_guest_reads(struct ctrl_batch *batch, const char *path, uint32_t domid)
{
    const struct ctrl_store_perm perms[] = { { .domid = 0 }, { domid, true, false } };

    ctrl_batch_mkdir(batch, path);
    ctrl_batch_set_perms(batch, path, perms, 2);
}

/* A node below /local/domain/ID. */
__attribute__((format(printf, 4, 5)))
static void home_write(struct ctrl_batch *batch, uint32_t domid, const char *name,
                       const char *format, ...)
{
    char path[PATH_SIZE], value[CTRL_STORE_PAYLOAD_MAX];
    va_list args;
    int length;

    snprintf(path, sizeof(path), "/local/domain/%u/%s", domid, name);
    va_start(args, format);
    length = vsnprintf(value, sizeof(value), format, args);
    va_end(args);
    ctrl_batch_write(batch, path, value, (size_t)length);
}

static void guest_nodes_write(struct ctrl_batch *batch, uint32_t domid)
{
    static const char *const owned[] = {
        "control/shutdown", "control/feature-poweroff", "control/feature-reboot",
        "control/feature-suspend", "control/sysrq",
        "control/platform-feature-multiprocessor-suspend", "device/suspend/event-channel",
        "data", "drivers", "feature", "attr", "error",
    };
    char path[PATH_SIZE];

    for (size_t i = 0; i < sizeof(owned) / sizeof(owned[0]); i++) {
        snprintf(path, sizeof(path), "/local/domain/%u/%s", domid, owned[i]);
        store_guest_owns(batch, path, domid);
    }
}

static void vm_write(const struct life *life, struct ctrl_batch *batch, const char *uuid)
{
    const struct xl_config *config = life->config;
    char path[PATH_SIZE];
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    snprintf(path, sizeof(path), "/vm/%s", uuid);
    store_guest_reads(batch, path, life->domid);
#define VM_WRITE(name, ...) do { \
        snprintf(path, sizeof(path), "/vm/%s/" name, uuid); \
        ctrl_batch_printf(batch, path, __VA_ARGS__); \
    } while (0)
    VM_WRITE("uuid", "%s", uuid);
    VM_WRITE("name", "%s", config->name);
    VM_WRITE("image/ostype", "linux");
    if (config->kernel)
        VM_WRITE("image/kernel", "%s", config->kernel);
    if (config->ramdisk)
        VM_WRITE("image/ramdisk", "%s", config->ramdisk);
    if (config->cmdline)
        VM_WRITE("image/cmdline", "%s", config->cmdline);
    VM_WRITE("start_time", "%lld.%02ld", (long long)now.tv_sec, now.tv_nsec / 10000000);
#undef VM_WRITE
}

/*
 * Xen's tools also write a back-end for it, which nobody reads: but Domain-0's kernel would make a
 * device of it, and compare each change of any back-end with all of these.
 */
static void console_write(struct ctrl_batch *batch, uint32_t domid,
                          const struct ctrl_build_result *built)
{
    home_write(batch, domid, "console/type", "xenconsoled");
    home_write(batch, domid, "console/output", "pty");
    home_write(batch, domid, "console/limit", "1048576");
    home_write(batch, domid, "console/tty", "%s", "");
    home_write(batch, domid, "console/backend-id", "0");
    home_write(batch, domid, "console/port", "%u", built->console_port);
    home_write(batch, domid, "console/ring-ref", "%" PRIu64, built->console_mfn);
}

void store_domain_write(const struct life *life, struct ctrl_batch *batch,
                        const struct ctrl_build_result *built)
{
    const struct xl_config *config = life->config;
    char path[PATH_SIZE], uuid[STATE_UUID_SIZE];
    uint32_t domid = life->domid;

    state_uuid_print(life->uuid, uuid);
    vm_write(life, batch, uuid);
    snprintf(path, sizeof(path), "/local/domain/%u", domid);
    store_guest_reads(batch, path, domid);
    home_write(batch, domid, "vm", "/vm/%s", uuid);
    home_write(batch, domid, "name", "%s", config->name);
    home_write(batch, domid, "domid", "%u", domid);
    home_write(batch, domid, "memory/static-max", "%" PRIu64, config->maxmem_kib);
    home_write(batch, domid, "memory/target", "%" PRIu64, config->memory_kib);
    home_write(batch, domid, "memory/videoram", "0");
    home_write(batch, domid, "store/port", "%u", built->store_port);
    home_write(batch, domid, "store/ring-ref", "%" PRIu64, built->store_mfn);
    for (unsigned i = 0; i < config->maxvcpus; i++) {
        char name[48];

        snprintf(name, sizeof(name), "cpu/%u/availability", i);
        home_write(batch, domid, name, "%s", i < config->vcpus ? "online" : "offline");
    }
    guest_nodes_write(batch, domid);
    console_write(batch, domid, built);
}

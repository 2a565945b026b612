/* SPDX-License-Identifier: BSD-2-Clause */
/* The stand-in of life_host.h. */
#include "life_host.h"

#include "fake.h"
#include "host.h"
#include "life.h"

#include <errno.h>
#include <fcntl.h>
#include <libctrl/build.h>
#include <libctrl/domain.h>
#include <libctrl/store.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct life_host life_host;

static char error_text[512];

void life_host_reset(void)
{
    memset(&life_host, 0, sizeof(life_host));
}

static bool step_fails(void)
{
    life_host.steps++;
    if (life_host.steps == life_host.die_at && !life_host.die_after)
        longjmp(life_host.death, 1);
    return life_host.steps == life_host.fail_at;
}

static void step_done(void)
{
    if (life_host.steps == life_host.die_at)
        longjmp(life_host.death, 1);
}

/* --- host.h --- */

const char *host_error(void)
{
    return error_text;
}

int host_fail(int rc, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(error_text, sizeof(error_text), format, args);
    va_end(args);
    return rc;
}

int host_disk_check(const char *path, bool write, struct stat *found)
{
    (void)write;
    if (stat(path, found) < 0)
        return host_fail(-errno, "%s: %s", path, strerror(errno));
    return life_host.mounted ? host_fail(-EBUSY, "%s is mounted on /mnt here", path) : 0;
}

int host_disk_open(const char *path, bool write, struct host_disk *disk)
{
    (void)write;
    if (step_fails())
        return host_fail(-EIO, "%s cannot be opened", path);
    stat(path, &disk->stat);
    disk->fd = open("/dev/null", O_RDONLY);
    disk->major = 7;
    disk->minor = 3;
    snprintf(disk->node, sizeof(disk->node), "/dev/loop3");
    life_host.open_disks++;
    step_done();
    return 0;
}

void host_disk_close(struct host_disk *disk)
{
    if (disk->fd < 0)
        return;
    close(disk->fd);
    disk->fd = -1;
    life_host.open_disks--;
}

void host_loop_detach(const char *node)
{
    (void)node;
}

int host_driver_need(const char *type)
{
    return life_host.no_driver ? host_fail(-ENODEV, "no driver for %s", type) : 0;
}

bool host_vbd_ready(uint32_t domid, uint32_t number)
{
    (void)domid;
    (void)number;
    return !life_host.backend_fails;
}

int host_bridge_check(const char *name)
{
    return life_host.no_bridge ? host_fail(-ENODEV, "There is no bridge %s", name) : 0;
}

int host_net_open(void)
{
    int fd;

    if (step_fails())
        return host_fail(-EMFILE, "no socket");
    fd = open("/dev/null", O_RDONLY);
    step_done();
    return fd;
}

int host_vif_attach(int fd, const struct host_vif *vif, int timeout_ms)
{
    (void)fd;
    (void)timeout_ms;
    if (step_fails())
        return host_fail(-ETIMEDOUT, "The interface %s did not appear", vif->name);
    step_done();
    return 0;
}

int host_script_run(const char *path, const char *const *args, const char *const *env,
                    int timeout_s)
{
    bool add = strcmp(args[0], "add") == 0 || strcmp(args[0], "online") == 0;

    (void)env;
    (void)timeout_s;
    if (add && step_fails())
        return host_fail(-EPROTO, "%s failed (status 1); it said: no such thing", path);
    life_host.scripts_added += add;
    life_host.scripts_removed += !add;
    if (add)
        step_done();
    return 0;
}

/* --- steps of libctrl --- */

/* What the kernel's back-ends do as soon as their nodes are there. */
static void backends_answer(void)
{
    for (unsigned id = 1; id < 8; id++) {
        for (size_t i = 0; i < 3; i++) {
            char device[32], path[96];

            if (i < 2)
                snprintf(device, sizeof(device), "vbd/%u/%u", id, i ? 51728 : 51712);
            else
                snprintf(device, sizeof(device), "vif/%u/0", id);
            snprintf(path, sizeof(path), "/local/domain/0/backend/%s/state", device);
            if (fake_store_get(path))
                fake_store_touch(path, "2");
        }
    }
}

int __real_ctrl_batch_commit(struct ctrl_batch *batch);
int __wrap_ctrl_batch_commit(struct ctrl_batch *batch);
int __wrap_ctrl_batch_commit(struct ctrl_batch *batch)
{
    int rc;

    if (step_fails())
        return -ENOSPC;
    rc = __real_ctrl_batch_commit(batch);
    backends_answer();
    step_done();
    return rc;
}

unsigned int __real_ctrl_batch_introduce(struct ctrl_batch *batch, uint32_t domid, uint64_t mfn,
                                         uint32_t port);
unsigned int __wrap_ctrl_batch_introduce(struct ctrl_batch *batch, uint32_t domid, uint64_t mfn,
                                         uint32_t port);
/* The store refuses a domain that isn't there. */
unsigned int __wrap_ctrl_batch_introduce(struct ctrl_batch *batch, uint32_t domid, uint64_t mfn,
                                         uint32_t port)
{
    unsigned int number = __real_ctrl_batch_introduce(batch, step_fails() ? 0x7000 : domid, mfn,
                                                      port);

    step_done();
    return number;
}

int __real_ctrl_domain_create(struct ctrl *ctrl, const struct ctrl_domain_create *create);
int __wrap_ctrl_domain_create(struct ctrl *ctrl, const struct ctrl_domain_create *create);
int __wrap_ctrl_domain_create(struct ctrl *ctrl, const struct ctrl_domain_create *create)
{
    int rc;

    if (step_fails())
        return ctrl_fail(ctrl, -ENOMEM, "no domain");
    rc = __real_ctrl_domain_create(ctrl, create);
    step_done();
    return rc;
}

int __real_ctrl_build_pv(struct ctrl *ctrl, const struct ctrl_build *build,
                         struct ctrl_build_result *result);
int __wrap_ctrl_build_pv(struct ctrl *ctrl, const struct ctrl_build *build,
                         struct ctrl_build_result *result);
int __wrap_ctrl_build_pv(struct ctrl *ctrl, const struct ctrl_build *build,
                         struct ctrl_build_result *result)
{
    int rc;

    if (step_fails())
        return ctrl_fail(ctrl, -ENOMEM, "no memory");
    rc = __real_ctrl_build_pv(ctrl, build, result);
    step_done();
    return rc;
}

int __real_ctrl_domain_unpause(struct ctrl *ctrl, uint32_t domid);
int __wrap_ctrl_domain_unpause(struct ctrl *ctrl, uint32_t domid);
int __wrap_ctrl_domain_unpause(struct ctrl *ctrl, uint32_t domid)
{
    int rc;

    if (step_fails())
        return ctrl_fail(ctrl, -EINVAL, "not paused");
    rc = __real_ctrl_domain_unpause(ctrl, domid);
    step_done();
    return rc;
}

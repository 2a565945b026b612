/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Devices of guests, whatever their type: their nodes in the store, and the back-ends' answers.
 *
 * All nodes are written at once, also those that a script would write when it is done: what they
 * name is ready by then, so back-ends need not wait for anybody.
 */
#include "devices.h"

#include "output.h"

#include <errno.h>
#include <libctrl/store.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define STATE_INIT_WAIT 2
#define STATE_CLOSING   5

static const char *const type_names[] = { [DEVICE_VBD] = "vbd", [DEVICE_VIF] = "vif" };

const char *device_type_name(enum device_type type)
{
    return type_names[type];
}

void device_frontend_path(char path[DEVICE_PATH_SIZE], uint32_t domid, const char *type,
                          uint32_t number)
{
    snprintf(path, DEVICE_PATH_SIZE, "/local/domain/%u/device/%s/%u", domid, type, number);
}

void device_backend_path(char path[DEVICE_PATH_SIZE], uint32_t domid, const char *type,
                         uint32_t number)
{
    snprintf(path, DEVICE_PATH_SIZE, "/local/domain/0/backend/%s/%u/%u", type, domid, number);
}

void node_write(struct node_writer *nodes, const char *name, const char *format, ...)
{
    char path[DEVICE_PATH_SIZE + 64], value[CTRL_STORE_PAYLOAD_MAX];
    va_list args;
    int length;

    snprintf(path, sizeof(path), "%s/%s", nodes->folder, name);
    va_start(args, format);
    length = vsnprintf(value, sizeof(value), format, args);
    va_end(args);
    ctrl_batch_write(nodes->batch, path, value, (size_t)length);
}

/* --- what a configuration brings --- */

void devices_collect(struct life *life)
{
    const struct xl_config *config = life->config;

    life->devices = calloc(config->disk_count + config->vif_count + 1, sizeof(*life->devices));
    if (!life->devices)
        xl_die("Out of memory.");
    life->nr_devices = 0;
    for (unsigned i = 0; i < config->disk_count; i++)
        device_of_disk(&life->devices[life->nr_devices++], &config->disks[i]);
    for (unsigned i = 0; i < config->vif_count; i++)
        device_of_vif(life, &life->devices[life->nr_devices++], &config->vifs[i]);
}

unsigned device_claims(const struct life *life, const struct device *device,
                       struct claim *claims)
{
    return device->type == DEVICE_VBD ? disk_claims(life, device, claims)
                                      : vif_claims(device, claims);
}

void device_complain_claimed(const struct life *life, const struct device *device,
                             const struct claimant *who)
{
    char *name = xl_domain_name(life->xl, who->domid);

    if (device->type == DEVICE_VBD)
        xl_where_complain(device->disk->where, &life_report, "disk",
                          "%s: the guest %s (id %u) uses %s; a disk may be written by one guest "
                          "only, and then no other may read it", device->disk->vdev,
                          name ? name : "?", who->domid, device->disk->path);
    else
        xl_where_complain(device->vif->where, &life_report, "vif",
                          "the guest %s (id %u) has the address %02x:%02x:%02x:%02x:%02x:%02x; "
                          "give another mac=", name ? name : "?", who->domid, device->mac[0],
                          device->mac[1], device->mac[2], device->mac[3], device->mac[4],
                          device->mac[5]);
    free(name);
}

bool device_is_claimed(const struct life *life, const struct device *device)
{
    struct claim claims[2];
    struct claimant who;
    unsigned nr = device_claims(life, device, claims);

    for (unsigned i = 0; i < nr; i++) {
        if (claim_holder(life->ctrl, &claims[i], &who)) {
            device_complain_claimed(life, device, &who);
            return true;
        }
    }
    return false;
}

int device_check(const struct life *life, const struct device *device)
{
    return device->type == DEVICE_VBD ? disk_check(life, device) : vif_check(life, device);
}

static const char *device_device_script(const struct device *device)
{
    return device->type == DEVICE_VBD ? device->disk->script : device->vif->script;
}

void device_record(const struct device *device, char *lines, size_t size)
{
    const char *script = device_device_script(device);

    lines[0] = '\0';
    if (script)
        snprintf(lines, size, "script %s %u %s\n", device_type_name(device->type),
                 device->number, script);
}

int devices_open(struct life *life)
{
    int rc = 0;

    for (unsigned i = 0; rc == 0 && i < life->nr_devices; i++) {
        if (life->devices[i].type == DEVICE_VBD)
            rc = disk_open(&life->devices[i]);
        else if (life->net < 0)
            rc = life->net = host_net_open();
        if (rc < 0 && life->devices[i].type == DEVICE_VIF)
            xl_error("%s.", host_error());
        rc = rc < 0 ? rc : 0;
    }
    return rc;
}

void devices_close(struct life *life)
{
    for (unsigned i = 0; i < life->nr_devices; i++)
        host_disk_close(&life->devices[i].target);
    if (life->net >= 0)
        close(life->net);
    life->net = -1;
}

/* --- nodes --- */

void device_write(const struct life *life, const struct device *device,
                  struct ctrl_batch *batch)
{
    const char *type = device_type_name(device->type);
    const struct ctrl_store_perm front_perms[] = { { .domid = life->domid }, { 0, true, false } };
    const struct ctrl_store_perm back_perms[] = { { .domid = 0 }, { life->domid, true, false } };
    char front_path[DEVICE_PATH_SIZE], back_path[DEVICE_PATH_SIZE];
    struct node_writer front = { batch, front_path }, back = { batch, back_path };

    device_frontend_path(front_path, life->domid, type, device->number);
    device_backend_path(back_path, life->domid, type, device->number);
    ctrl_batch_mkdir(batch, front_path);
    ctrl_batch_set_perms(batch, front_path, front_perms, 2);
    ctrl_batch_mkdir(batch, back_path);
    ctrl_batch_set_perms(batch, back_path, back_perms, 2);
    node_write(&front, "backend", "%s", back_path);
    node_write(&front, "backend-id", "0");
    node_write(&back, "frontend", "%s", front_path);
    node_write(&back, "frontend-id", "%u", life->domid);
    node_write(&back, "online", "1");
    if (device->type == DEVICE_VBD)
        disk_write(device, &front, &back);
    else
        vif_write(device, &front, &back);
    node_write(&front, "state", "1");
    node_write(&back, "state", "1");
}

/* --- the back-ends' answers --- */

static void complain(const struct device *device, const char *what, const char *why)
{
    if (device->type == DEVICE_VBD)
        xl_where_complain(device->disk->where, &life_report, "disk", "%s: %s%s",
                          device->disk->vdev, what, why);
    else
        xl_where_complain(device->vif->where, &life_report, "vif", "interface %u: %s%s",
                          device->number, what, why);
}

/* The back-end's own words, to be freed; NULL: there are none. */
static char *failure_read(const struct life *life, const struct device *device)
{
    char path[DEVICE_PATH_SIZE + 64], *text;

    snprintf(path, sizeof(path), "/local/domain/0/error/backend/%s/%u/%u/error",
             device_type_name(device->type), life->domid, device->number);
    return ctrl_store_read(life->store, CTRL_STORE_NO_TX, path, &text, NULL) < 0 ? NULL : text;
}

static void complain_failed(const struct life *life, const struct device *device)
{
    char *text = failure_read(life, device);

    complain(device, "the back-end in Domain-0 failed; ",
             text ? text : "dmesg may say why");
    free(text);
}

static int state_of(struct ctrl_batch *batch, unsigned number)
{
    const char *value;

    return ctrl_batch_reply(batch, number, &value) > 0 ? atoi(value) : 0;
}

/* How many back-ends did not answer yet; *failed is one that never will. */
static int states_read(const struct life *life, bool watch, const struct device **waits,
                       const struct device **failed)
{
    unsigned first[2] = { 0, 0 };
    char path[DEVICE_PATH_SIZE + 8];
    struct ctrl_batch *batch;
    int rc, waiting = 0;

    if (ctrl_batch_create(life->store, &batch) < 0)
        xl_die("Out of memory.");
    for (unsigned i = 0; i < life->nr_devices; i++) {
        const struct device *device = &life->devices[i];

        device_backend_path(path, life->domid, device_type_name(device->type), device->number);
        strcat(path, "/state");
        if (watch)
            ctrl_batch_watch(batch, path, "state");
        first[1] = ctrl_batch_read(batch, path);
        if (i == 0)
            first[0] = first[1];
    }
    rc = ctrl_batch_submit(batch);
    if (rc == -EEXIST)
        rc = 0;                     /* this connection has watched a device of that name before */
    for (unsigned i = 0; rc == 0 && i < life->nr_devices; i++) {
        int state = state_of(batch, first[0] + i * (watch ? 2 : 1));

        if (state < STATE_INIT_WAIT)
            *waits = &life->devices[i];
        if (state >= STATE_CLOSING)
            *failed = &life->devices[i];
        waiting += state < STATE_INIT_WAIT;
    }
    ctrl_batch_destroy(batch);
    return rc < 0 ? rc : waiting;
}

static int backends_wait(const struct life *life)
{
    uint64_t end = life_now_ns() + BACKEND_SECONDS * 1000000000ull, now;
    const struct device *waits = NULL, *failed = NULL;
    struct ctrl_store_event event;
    int rc = states_read(life, true, &waits, &failed);

    while (rc > 0 && !failed && (now = life_now_ns()) < end) {
        rc = ctrl_store_wait_event(life->store, (int)((end - now) / 1000000) + 1, &event);
        while (rc == 0)
            rc = ctrl_store_next_event(life->store, &event);
        if (rc == -EAGAIN)
            rc = states_read(life, false, &waits, &failed);
    }
    if (rc < 0) {
        xl_error("Cannot wait for the back-ends: %s.", ctrl_error(life->ctrl));
        return rc;
    }
    if (failed) {
        complain_failed(life, failed);
        return -EIO;
    }
    if (rc > 0) {
        complain(waits, "the back-end in Domain-0 does not answer; is its module loaded? try "
                 "\"modprobe ", waits->type == DEVICE_VBD ? "xen-blkback\"" : "xen-netback\"");
        return -ETIMEDOUT;
    }
    return 0;
}

/* The driver opens the device just behind its answer; a failure of that shows only here. */
static int vbd_wait(const struct life *life, const struct device *device)
{
    uint64_t end = life_now_ns() + BACKEND_SECONDS * 1000000000ull;
    struct timespec pause = { .tv_nsec = 100000 };
    char *failure = NULL;

    while (!host_vbd_ready(life->domid, device->number)) {
        if (failure || life_now_ns() > end) {
            free(failure);
            complain_failed(life, device);
            return -EIO;
        }
        nanosleep(&pause, NULL);
        if (pause.tv_nsec < 20000000)
            pause.tv_nsec *= 2;
        else
            failure = failure_read(life, device);
    }
    free(failure);
    return 0;
}

static int device_connect(const struct life *life, const struct device *device)
{
    const char *script = device_device_script(device);

    if (script) {
        int rc = device_script(life->domid, device->type, device->number, script, true);

        if (rc < 0)
            complain(device, "", host_error());
        return rc;
    }
    if (device->type == DEVICE_VIF)
        return vif_attach(life, device, life->net);
    return device->disk->path ? vbd_wait(life, device) : 0;
}

int devices_connect(struct life *life)
{
    int rc;

    if (!life->nr_devices)
        return 0;
    rc = backends_wait(life);
    for (unsigned i = 0; rc == 0 && i < life->nr_devices; i++)
        rc = device_connect(life, &life->devices[i]);
    return rc;
}

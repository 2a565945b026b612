/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * xl block-attach, block-detach, network-attach, network-detach. A device that is attached is kept
 * in the guest's configuration, so it is there again after a restart; one that is detached is not.
 */
#include "life.h"

#include "commands.h"
#include "json.h"
#include "output.h"
#include "state.h"
#include "xl_conf.h"

#include <errno.h>
#include <libctrl/domain.h>
#include <libctrl/store.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A running guest, locked against whoever else changes it. */
struct target {
    struct life life;
    struct device device;
    struct xl_config *config;       /* holds the device's strings */
    struct xl_conf *conf;
    int lock;                       /* -1: it has no record; another tool made it */
};

static void target_open(struct xl *xl, const char *word, struct target *target)
{
    struct ctrl_domain_info info;
    uint32_t domid = xl_domain_need(xl, word);

    *target = (struct target){ .lock = -1 };
    if (ctrl_domain_info(xl_ctrl(xl), domid, &info) < 0)
        xl_die("Error: Domain '%s' does not exist.", word);
    life_begin(&target->life, xl, NULL);
    target->life.domid = domid;
    memcpy(target->life.uuid, info.uuid, sizeof(info.uuid));
    target->lock = state_lock(domid);
    if (xl_conf_read(&target->conf, XL_CONF_PATH, &life_report) < 0 ||
        xl_config_new_empty(&target->config, target->conf) < 0)
        exit(XL_EXIT_FAILED);
    target->life.devices = &target->device;
    target->life.nr_devices = 1;
}

static void target_close(struct target *target)
{
    devices_close(&target->life);
    xl_config_free(target->config);
    xl_conf_free(target->conf);
    if (target->lock >= 0)
        close(target->lock);
}

/* --- attaching --- */

static bool is_there(struct target *target)
{
    char path[DEVICE_PATH_SIZE + 16], *value;

    device_frontend_path(path, target->life.domid, device_type_name(target->device.type),
                         target->device.number);
    strcat(path, "/backend");
    if (ctrl_store_read(target->life.store, CTRL_STORE_NO_TX, path, &value, NULL) < 0)
        return false;
    free(value);
    return true;
}

static int claims_make(struct target *target)
{
    const struct life *life = &target->life;
    struct claimant self = { .domid = life->domid }, who;
    struct claim claims[2];
    unsigned nr = device_claims(life, &target->device, claims);
    int rc = 0;

    memcpy(self.uuid, life->uuid, sizeof(self.uuid));
    for (unsigned i = 0; rc == 0 && i < nr; i++) {
        if (target->lock >= 0)
            rc = state_record_add(life->domid, "claim %s-%u %s",
                                  device_type_name(target->device.type), target->device.number,
                                  claims[i].path);
        rc = rc < 0 ? rc : claim_take(life->ctrl, &claims[i], &self, &who);
        if (rc == -EEXIST)
            device_complain_claimed(life, &target->device, &who);
    }
    return rc;
}

static int nodes_write(struct target *target)
{
    struct ctrl_batch *batch;
    int rc;

    if (ctrl_batch_create(target->life.store, &batch) < 0)
        xl_die("Out of memory.");
    device_write(&target->life, &target->device, batch);
    rc = ctrl_batch_commit(batch);
    if (rc < 0)
        xl_error("Cannot attach the device: %s.", ctrl_error(target->life.ctrl));
    ctrl_batch_destroy(batch);
    return rc;
}

static void attach_undo(struct target *target)
{
    device_remove(&target->life, device_type_name(target->device.type), target->device.number,
                  true);
}

/* What the guest gets after a restart. */
static int keep(struct target *target, const char *key, const char *const *texts, unsigned nr)
{
    const struct device *device = &target->device;
    const char *type = device_type_name(device->type);
    char *line = NULL, script[1200];
    FILE *stream;
    size_t size;
    int rc;

    if (target->lock < 0)
        return 0;
    stream = open_memstream(&line, &size);
    if (!stream)
        xl_die("Out of memory.");
    fprintf(stream, "%s += [ '", key);
    if (device->type == DEVICE_VIF)
        fprintf(stream, "devid=%u,mac=%02x:%02x:%02x:%02x:%02x:%02x,", device->number,
                device->mac[0], device->mac[1], device->mac[2], device->mac[3], device->mac[4],
                device->mac[5]);
    for (unsigned i = 0; i < nr; i++)
        if (device->type != DEVICE_VIF || (strncmp(texts[i], "mac=", 4) != 0 &&
                                           strncmp(texts[i], "devid=", 6) != 0))
            fprintf(stream, "%s%s", i ? "," : "", texts[i]);
    fputs("' ]", stream);
    fclose(stream);
    rc = state_config_add(target->life.domid, line);
    free(line);
    device_record(device, script, sizeof(script));
    script[strcspn(script, "\n")] = '\0';
    if (rc == 0 && *script)
        rc = state_record_add(target->life.domid, "%s", script);
    return rc < 0 ? rc : state_record_add(target->life.domid, "attach %s %u", type,
                                          device->number);
}

static int attach(struct target *target, const char *key, const char *const *texts, unsigned nr)
{
    const char *type = device_type_name(target->device.type);
    int rc;

    if (is_there(target)) {
        xl_error("Domain %u has a device %s %u already.", target->life.domid, type,
                 target->device.number);
        return -EEXIST;
    }
    if (host_driver_need(type) < 0) {
        xl_error("%s.", host_error());
        return -ENODEV;
    }
    if (device_is_claimed(&target->life, &target->device) ||
        device_check(&target->life, &target->device) < 0)
        return -EINVAL;
    rc = claims_make(target);
    rc = rc < 0 ? rc : devices_open(&target->life);
    rc = rc < 0 ? rc : nodes_write(target);
    rc = rc < 0 ? rc : devices_connect(&target->life);
    rc = rc < 0 ? rc : keep(target, key, texts, nr);
    if (rc < 0)
        attach_undo(target);
    return rc;
}

static void dry_print(const struct target *target)
{
    const struct device *device = &target->device;
    struct json *json = json_begin(stdout);

    printf("%s: ", device->type == DEVICE_VBD ? "disk" : "vif");
    json_map(json, NULL);
    if (device->type == DEVICE_VBD) {
        json_string(json, "pdev_path", device->disk->target);
        json_string(json, "vdev", device->disk->vdev);
        json_string(json, "format", xl_disk_format_name(device->disk->format));
        json_int(json, "readwrite", device->disk->readwrite);
    } else {
        char mac[18];

        snprintf(mac, sizeof(mac), "%02x:%02x:%02x:%02x:%02x:%02x", device->mac[0],
                 device->mac[1], device->mac[2], device->mac[3], device->mac[4], device->mac[5]);
        json_uint(json, "devid", device->number);
        json_string(json, "mac", mac);
        json_string(json, "bridge", device->bridge);
    }
    json_end(json);
    json_finish(json);
}

static int attach_or_show(struct xl *xl, struct target *target, const char *key,
                          const char *const *texts, unsigned nr)
{
    int rc = 0;

    if (xl->dry_run)
        dry_print(target);
    else
        rc = attach(target, key, texts, nr);
    target_close(target);
    return rc < 0 ? XL_EXIT_FAILED : XL_EXIT_OK;
}

int cmd_block_attach(struct xl *xl, int argc, char **argv)
{
    const char *const *texts;
    struct target target;
    struct xl_disk disk;

    while (xl_option(xl, argc, argv, "", NULL) != -1)
        ;
    texts = (const char *const *)argv + optind + 1;
    target_open(xl, argv[optind], &target);
    if (xl_disk_parse(target.config, texts, (unsigned)(argc - optind - 1), &disk,
                      &life_report) < 0)
        return XL_EXIT_FAILED;
    device_of_disk(&target.device, &disk);
    return attach_or_show(xl, &target, "disk", texts, (unsigned)(argc - optind - 1));
}

static bool devid_given(const char *const *texts, unsigned nr)
{
    for (unsigned i = 0; i < nr; i++)
        if (strstr(texts[i], "devid="))
            return true;
    return false;
}

/* One more than the highest that is in use. */
static int next_number(struct target *target)
{
    struct ctrl_store_names *names;
    char path[64];
    int next = 0;

    snprintf(path, sizeof(path), "/local/domain/%u/device/vif", target->life.domid);
    if (ctrl_store_list(target->life.store, CTRL_STORE_NO_TX, path, &names) < 0)
        return 0;
    for (unsigned i = 0; i < names->nr; i++)
        if (atoi(names->name[i]) >= next)
            next = atoi(names->name[i]) + 1;
    free(names);
    return next;
}

int cmd_network_attach(struct xl *xl, int argc, char **argv)
{
    const char *const *texts;
    struct target target;
    struct xl_vif vif;
    unsigned nr;

    while (xl_option(xl, argc, argv, "", NULL) != -1)
        ;
    texts = (const char *const *)argv + optind + 1;
    nr = (unsigned)(argc - optind - 1);
    target_open(xl, argv[optind], &target);
    if (xl_vif_parse(target.config, target.conf, texts, nr, &vif, &life_report) < 0)
        return XL_EXIT_FAILED;
    if (!devid_given(texts, nr))
        vif.devid = next_number(&target);
    device_of_vif(&target.life, &target.device, &vif);
    return attach_or_show(xl, &target, "vif", texts, nr);
}

/* --- detaching --- */

static int detach(struct target *target, const char *type, uint32_t number, const char *word,
                  bool force)
{
    char path[DEVICE_PATH_SIZE];
    struct ctrl_store_names *names;
    int rc;

    device_frontend_path(path, target->life.domid, type, number);
    rc = ctrl_store_list(target->life.store, CTRL_STORE_NO_TX, path, &names);
    if (rc < 0) {
        xl_error("Error: Device %s not connected.", word);
        return rc;
    }
    free(names);
    return device_remove(&target->life, type, number, force);
}

int cmd_block_detach(struct xl *xl, int argc, char **argv)
{
    static const struct option longs[] = { { "force", no_argument, NULL, 'f' }, { 0 } };
    bool force = xl->force;
    struct target target;
    uint32_t number;
    int rc;

    while (xl_option(xl, argc, argv, "f", longs) == 'f')
        force = true;
    target_open(xl, argv[optind], &target);
    rc = xl_vdev_number(argv[optind + 1], &number);
    if (rc < 0)
        xl_error("Error: Device %s not connected.", argv[optind + 1]);
    else
        rc = detach(&target, "vbd", number, argv[optind + 1], force);
    target_close(&target);
    return rc < 0 ? XL_EXIT_FAILED : XL_EXIT_OK;
}

/* A number, or an address that one of the guest's interfaces has. */
static int vif_find(struct target *target, const char *word, uint32_t *number)
{
    struct ctrl_store_names *names;
    char path[DEVICE_PATH_SIZE + 32], *mac;
    int rc = -ENOENT;

    if (*word && strspn(word, "0123456789") == strlen(word)) {
        *number = (uint32_t)strtoul(word, NULL, 10);
        return 0;
    }
    snprintf(path, sizeof(path), "/local/domain/%u/device/vif", target->life.domid);
    if (ctrl_store_list(target->life.store, CTRL_STORE_NO_TX, path, &names) < 0)
        return -ENOENT;
    for (unsigned i = 0; i < names->nr && rc < 0; i++) {
        snprintf(path, sizeof(path), "/local/domain/%u/device/vif/%.16s/mac",
                 target->life.domid, names->name[i]);
        if (ctrl_store_read(target->life.store, CTRL_STORE_NO_TX, path, &mac, NULL) < 0)
            continue;
        if (strcasecmp(mac, word) == 0) {
            *number = (uint32_t)strtoul(names->name[i], NULL, 10);
            rc = 0;
        }
        free(mac);
    }
    free(names);
    return rc;
}

int cmd_network_detach(struct xl *xl, int argc, char **argv)
{
    struct target target;
    uint32_t number;
    int rc;

    while (xl_option(xl, argc, argv, "", NULL) != -1)
        ;
    target_open(xl, argv[optind], &target);
    rc = vif_find(&target, argv[optind + 1], &number);
    if (rc < 0)
        xl_error("Unknown device %s.", argv[optind + 1]);
    else
        rc = detach(&target, "vif", number, argv[optind + 1], xl->force);
    target_close(&target);
    return rc < 0 ? XL_EXIT_FAILED : XL_EXIT_OK;
}

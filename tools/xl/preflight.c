/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What can be known before a guest is made: everything here is reported against the line of the
 * configuration it comes from, and nothing is changed. All mistakes are reported, not only the
 * first.
 */
#include "life.h"

#include "output.h"
#include "pools.h"
#include "state.h"

#include <errno.h>
#include <fcntl.h>
#include <libctrl/cpumap.h>
#include <libctrl/domain.h>
#include <libctrl/host.h>
#include <libctrl/store.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LIST_CHUNK 292u

/* --- names --- */

static int name_complain(const struct life *life, uint32_t domid)
{
    xl_config_complain(life->config, &life_report, "name",
                       "\"%s\" is the name of domain %u already; choose another, or end that one",
                       life->config->name, domid);
    return -EEXIST;
}

static int uuid_complain(const struct life *life, uint32_t domid)
{
    xl_config_complain(life->config, &life_report, "uuid",
                       "domain %u has this UUID already; give another, or none", domid);
    return -EEXIST;
}

/*
 * Names of guests that other tools made: libxl has a node for each of them, xl has none here. So
 * what this costs does not grow with the guests that xl made, whose names are claimed.
 */
static int foreign_names_check(const struct life *life)
{
    struct ctrl_store_names *names;
    struct ctrl_batch *batch;
    char path[64];
    const char *name;
    int rc = 0;

    if (ctrl_store_list(life->store, CTRL_STORE_NO_TX, "/libxl", &names) < 0)
        return 0;
    if (ctrl_batch_create(life->store, &batch) < 0)
        xl_die("Out of memory.");
    for (unsigned first = 0; rc == 0 && first < names->nr; first += LIST_CHUNK) {
        unsigned nr = names->nr - first < LIST_CHUNK ? names->nr - first : LIST_CHUNK;

        for (unsigned i = 0; i < nr; i++) {
            snprintf(path, sizeof(path), "/local/domain/%.20s/name", names->name[first + i]);
            ctrl_batch_read(batch, path);
        }
        if (ctrl_batch_submit(batch) == 0)
            for (unsigned i = 0; rc == 0 && i < nr; i++)
                if (ctrl_batch_reply(batch, i, &name) > 0 &&
                    strcmp(name, life->config->name) == 0)
                    rc = name_complain(life, (uint32_t)strtoul(names->name[first + i], NULL, 10));
        ctrl_batch_reset(batch);
    }
    ctrl_batch_destroy(batch);
    free(names);
    return rc;
}

/* One that was not given is random. */
static int uuid_check(const struct life *life)
{
    struct ctrl_domain_info *infos;
    uint32_t first = 1;
    int got, rc = 0;

    if (!life->config->has_uuid)
        return 0;
    infos = malloc(LIST_CHUNK * sizeof(*infos));
    if (!infos)
        xl_die("Out of memory.");
    do {
        got = ctrl_domain_list(life->ctrl, first, LIST_CHUNK, infos);
        for (int i = 0; i < got; i++) {
            first = infos[i].domid + 1;
            if (memcmp(infos[i].uuid, life->uuid, sizeof(life->uuid)) == 0 && !infos[i].dying)
                rc = uuid_complain(life, infos[i].domid);
        }
    } while (rc == 0 && got == (int)LIST_CHUNK);
    free(infos);
    return rc;
}

static int name_check(const struct life *life)
{
    struct claimant who;
    struct claim claim;

    if (strcmp(life->config->name, "Domain-0") == 0)
        return name_complain(life, 0);
    if (!claim_of_name(&claim, life->config->name)) {
        xl_config_complain(life->config, &life_report, "name",
                           "is too long; 240 characters are enough");
        return -EINVAL;
    }
    if (claim_holder(life->ctrl, &claim, &who))
        return name_complain(life, who.domid);
    return foreign_names_check(life);
}

/* --- CPUs --- */

static int pool_check(const struct life *life, struct preflight *checked)
{
    struct xl_pools pools;
    int place, rc = 0;

    if (!life->config->pool)
        return 0;
    xl_pools_read(life->xl, &pools);
    place = xl_pools_find(&pools, life->config->pool);
    if (place < 0) {
        xl_config_complain(life->config, &life_report, "pool",
                           "there is no CPU pool \"%s\"; \"xl cpupool-list\" shows those there "
                           "are", life->config->pool);
        rc = -EINVAL;
    } else if (!ctrl_cpumap_count(&pools.info[place].cpus)) {
        xl_config_complain(life->config, &life_report, "pool",
                           "the CPU pool \"%s\" has no CPU; give it one with \"xl "
                           "cpupool-cpu-add\"", life->config->pool);
        rc = -EINVAL;
    } else {
        checked->pool = pools.info[place].pool;
    }
    xl_pools_free(&pools);
    return rc;
}

/* --- devices --- */

static bool same_disk(const struct device *a, const struct device *b)
{
    struct stat one, other;

    return a->type == DEVICE_VBD && b->type == DEVICE_VBD && a->disk->path && b->disk->path &&
           (a->disk->readwrite || b->disk->readwrite) && stat(a->disk->path, &one) == 0 &&
           stat(b->disk->path, &other) == 0 && one.st_dev == other.st_dev &&
           one.st_ino == other.st_ino && one.st_rdev == other.st_rdev;
}

static int twin_check(const struct device *device, const struct device *other)
{
    if (same_disk(device, other)) {
        xl_where_complain(device->disk->where, &life_report, "disk",
                          "%s: %s is %s already; the same disk twice is damaged soon, unless both "
                          "are read-only", device->disk->vdev, device->disk->path,
                          other->disk->vdev);
        return -EINVAL;
    }
    return 0;
}

static int drivers_check(const struct life *life)
{
    bool needed[2] = { false, false };
    int rc = 0;

    for (unsigned i = 0; i < life->nr_devices; i++)
        needed[life->devices[i].type] = true;
    for (enum device_type type = DEVICE_VBD; type <= DEVICE_VIF; type++) {
        if (!needed[type] || host_driver_need(device_type_name(type)) == 0)
            continue;
        xl_config_complain(life->config, &life_report, type == DEVICE_VBD ? "disk" : "vif", "%s",
                           host_error());
        rc = -ENODEV;
    }
    return rc;
}

static int devices_check(const struct life *life)
{
    int rc = life->dry_run ? 0 : drivers_check(life);

    for (unsigned i = 0; i < life->nr_devices; i++) {
        const struct device *device = &life->devices[i];
        /* A guest that uses it is said rather than how it does so. */
        bool bad = device_is_claimed(life, device) || device_check(life, device) < 0;

        for (unsigned j = 0; j < i && !bad; j++)
            bad = twin_check(device, &life->devices[j]) < 0;
        if (bad)
            rc = -EINVAL;
    }
    return rc;
}

/* --- kernel --- */

int preflight_kernel(struct life *life, struct preflight *checked)
{
    const struct xl_config *config = life->config;
    uint64_t pages = life_start_kib(config) / 4, needed = 0;
    struct stat stat;
    int rc;

    if (config->ramdisk) {
        checked->ramdisk_fd = open(config->ramdisk, O_RDONLY | O_CLOEXEC);
        if (checked->ramdisk_fd < 0 || fstat(checked->ramdisk_fd, &stat) < 0) {
            xl_config_complain(config, &life_report, "ramdisk", "%s cannot be opened: %s",
                               config->ramdisk, strerror(errno));
            return -EINVAL;
        }
        checked->ramdisk_size = (uint64_t)stat.st_size;
    }
    rc = kernel_cache_open(life->ctrl, config, !life->dry_run, &checked->kernel);
    life_clock_lap(&life->clock, "open kernel");
    if (rc < 0) {
        xl_config_complain(config, &life_report, "kernel", "%s", ctrl_error(life->ctrl));
        return rc;
    }
    rc = ctrl_kernel_fits(life->ctrl, checked->kernel, pages, checked->ramdisk_size, &needed);
    if (rc == -ENOMEM)
        xl_config_complain(config, &life_report, "memory",
                           "%llu MiB are too little for %s: it needs %llu MiB to start, and more "
                           "to run; raise it", (unsigned long long)pages >> 8,
                           config->kernel, (unsigned long long)(needed * 4 + 1023) >> 10);
    else if (rc < 0)
        xl_config_complain(config, &life_report, "kernel", "%s", ctrl_error(life->ctrl));
    return rc;
}

int preflight_run(struct life *life, struct preflight *checked)
{
    int failed = 0;

    *checked = (struct preflight){ .ramdisk_fd = -1 };
    failed |= name_check(life) < 0;
    failed |= uuid_check(life) < 0;
    failed |= pool_check(life, checked) < 0;
    failed |= devices_check(life) < 0;
    life_clock_lap(&life->clock, "check");
    failed |= preflight_kernel(life, checked) < 0;
    failed |= preflight_memory(life, checked, true) < 0;
    life_clock_lap(&life->clock, "check");
    return failed ? -EINVAL : 0;
}

void preflight_end(struct preflight *checked)
{
    if (checked->kernel)
        ctrl_kernel_close(checked->kernel);
    if (checked->ramdisk_fd >= 0)
        close(checked->ramdisk_fd);
    checked->kernel = NULL;
    checked->ramdisk_fd = -1;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What this host says about a configuration: whether all its keys are supported, and whether the
 * files it names are there and of the right sort. Nothing is opened for writing, nothing changed.
 */
#include "conf.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define GRUB_PACKAGE "grub-xen-host"
#define SECTOR       512

struct check {
    const struct xl_config *config;
    struct conf_reader r;           /* counts what is reported */
};

static struct xl_where where(const struct check *c, const char *key)
{
    return xl_config_where(c->config, key);
}

/* Off, empty, or what is the case anyway. */
static bool asks_nothing(const struct xl_setting *s)
{
    if (s->value->type == XL_VALUE_LIST)
        return !s->value->count;
    if (s->value->type == XL_VALUE_STRING)
        return !*s->value->text || !strcmp(s->value->text, "disabled") ||
               !strcmp(s->value->text, "none");
    return s->key->types & CONF_BOOL && !s->value->number;
}

static void check_keys(struct check *c)
{
    const struct xl_config *config = c->config;
    unsigned guest = 1u << config->type;

    if (config->type == XL_GUEST_HVM) {
        const char *key = where(c, "type").line || !where(c, "builder").line ? "type" : "builder";

        conf_error(&c->r, where(c, key), key, "HVM guests are not supported yet; only \"pv\" and "
                   "\"pvh\" are%s",
                   where(c, key).line ? "" : " (xl.conf's default_type says so)");
        return;
    }
    for (unsigned i = 0; i < config->settings_count; i++) {
        const struct xl_setting *s = &config->settings[i];

        if (s->overridden || !s->key || !(s->key->guests & guest))
            continue;
        if (s->key->support == CONF_REFUSED && !asks_nothing(s))
            conf_error(&c->r, s->where, s->name, "is refused: %s%s", s->key->note,
                       strstr(s->key->note, "; use ") ? "" : "; remove it");
        if (s->key->support == CONF_ALWAYS && s->value->type == XL_VALUE_NUMBER &&
            !s->value->number)
            conf_error(&c->r, s->where, s->name, "cannot be 0: %s; remove it", s->key->note);
    }
}

/* A file that is only read. False after an error was reported. */
static bool check_file(struct check *c, struct xl_where at, const char *key, const char *path,
                       const char *advice)
{
    struct stat st;

    if (stat(path, &st))
        conf_error(&c->r, at, key, "'%s': %s; %s", path, strerror(errno), advice);
    else if (!S_ISREG(st.st_mode))
        conf_error(&c->r, at, key, "'%s' is %s, not a file; %s", path,
                   S_ISDIR(st.st_mode) ? "a folder" : "a device", advice);
    else if (!st.st_size)
        conf_error(&c->r, at, key, "'%s' is empty; %s", path, advice);
    else if (access(path, R_OK))
        conf_error(&c->r, at, key, "'%s' cannot be read: %s", path, strerror(errno));
    else
        return true;
    return false;
}

static void check_boot(struct check *c)
{
    const struct xl_config *config = c->config;
    const char *key = where(c, "bootloader").line ? "bootloader"
                      : where(c, "firmware").line ? "firmware" : "kernel";

    if (config->type == XL_GUEST_HVM)
        return;
    if (config->own_kernel) {
        if (access(config->kernel, R_OK))
            conf_error(&c->r, where(c, key), key, "the guest's own kernel is booted through '%s', "
                       "which is not there; install the package " GRUB_PACKAGE ", or give a kernel",
                       config->kernel);
        return;
    }
    check_file(c, where(c, "kernel"), "kernel", config->kernel, "give the kernel's file");
    if (config->ramdisk)
        check_file(c, where(c, "ramdisk"), "ramdisk", config->ramdisk,
                   "give the RAM disk's file, or remove the key");
}

static void check_script(struct check *c, struct xl_where at, const char *key, const char *path)
{
    struct stat st;

    if (stat(path, &st))
        conf_error(&c->r, at, key, "script '%s': %s; remove script=, or give its path", path,
                   strerror(errno));
    else if (!S_ISREG(st.st_mode) || access(path, X_OK))
        conf_error(&c->r, at, key, "script '%s' cannot be run; chmod +x it", path);
}

static void check_backend(struct check *c, struct xl_where at, const char *key,
                          const char *backend)
{
    if (backend && *backend && strcmp(backend, "0") != 0 && strcmp(backend, "Domain-0") != 0)
        conf_error(&c->r, at, key, "backend '%s': back-ends in guests are not supported yet; "
                   "remove backend=", backend);
}

/* What the disk is kept on. */
static void check_target(struct check *c, const struct xl_disk *disk)
{
    struct xl_where at = disk->where;
    struct stat st;

    if (stat(disk->path, &st)) {
        conf_error(&c->r, at, "disk", "'%s': %s; create it, or correct the path", disk->path,
                   strerror(errno));
    } else if (!S_ISREG(st.st_mode) && !S_ISBLK(st.st_mode)) {
        conf_error(&c->r, at, "disk", "'%s' is %s; a disk is a block device or an image file",
                   disk->path, S_ISDIR(st.st_mode) ? "a folder" : "neither a file nor a block "
                   "device");
    } else if (S_ISREG(st.st_mode) && st.st_size < SECTOR) {
        conf_error(&c->r, at, "disk", "'%s' has %lld bytes, less than a sector; make it larger, "
                   "as with truncate -s 1G", disk->path, (long long)st.st_size);
    } else if (access(disk->path, disk->readwrite ? R_OK | W_OK : R_OK)) {
        conf_error(&c->r, at, "disk", "'%s' cannot be %s: %s; correct its permissions%s",
                   disk->path, disk->readwrite ? "written" : "read", strerror(errno),
                   disk->readwrite ? ", or use access r" : "");
    } else if (S_ISREG(st.st_mode) && st.st_size % SECTOR) {
        conf_warn(&c->r, at, "disk", "'%s' has %lld bytes, which is not a multiple of %d; the last "
                  "%lld are not seen by the guest", disk->path, (long long)st.st_size, SECTOR,
                  (long long)st.st_size % SECTOR);
    }
}

static void check_disk(struct check *c, const struct xl_disk *disk)
{
    struct xl_where at = disk->where;

    check_backend(c, at, "disk", disk->backend);
    if (disk->virtio)
        conf_error(&c->r, at, "disk", "specification=virtio is not supported; remove it");
    if (disk->backendtype > XL_BACKEND_PHY)
        conf_error(&c->r, at, "disk", "backendtype=%s is not supported: disks are served by the "
                   "kernel; remove it", conf_backend_names[disk->backendtype]);
    if (disk->format == XL_DISK_EMPTY)
        conf_error(&c->r, at, "disk", "'%s' is an empty drive, which a %s guest cannot have; give "
                   "a target or remove it", disk->vdev,
                   c->config->type == XL_GUEST_PVH ? "PVH" : "PV");
    else if (disk->format != XL_DISK_RAW)
        conf_error(&c->r, at, "disk", "format %s is not supported yet; make a raw image of it: "
                   "qemu-img convert -O raw '%s' '%s.raw'", xl_disk_format_name(disk->format),
                   disk->target, disk->target);
    else if (disk->script_path)
        check_script(c, at, "disk", disk->script_path);
    else
        check_target(c, disk);
}

/* Two disks on one target, where one of them is written to. */
static void check_disk_pairs(struct check *c)
{
    const struct xl_config *config = c->config;

    for (unsigned i = 0; i < config->disk_count; i++) {
        for (unsigned j = 0; j < i; j++) {
            const struct xl_disk *a = &config->disks[i], *b = &config->disks[j];

            if (a->path && b->path && !strcmp(a->path, b->path) && (a->readwrite || b->readwrite))
                conf_error(&c->r, a->where, "disk", "'%s' is also the target of '%s' (line %u), "
                           "and writing to it through both would destroy it; use two images, or "
                           "access r for both", a->path, b->vdev, b->where.line);
        }
    }
}

int xl_config_check(struct xl_config *config, const struct xl_report *report)
{
    struct check c = { .config = config, .r = { .report = report } };

    check_keys(&c);
    check_boot(&c);
    if (config->type != XL_GUEST_HVM) {
        for (unsigned i = 0; i < config->disk_count; i++)
            check_disk(&c, &config->disks[i]);
        check_disk_pairs(&c);
    }
    for (unsigned i = 0; i < config->vif_count; i++) {
        const struct xl_vif *vif = &config->vifs[i];

        check_backend(&c, vif->where, "vif", vif->backend);
        if (vif->script_path)
            check_script(&c, vif->where, "vif", vif->script_path);
    }
    return c.r.errors ? -EINVAL : 0;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* Disks of guests: what is checked, claimed and written for one. */
#include "devices.h"

#include <errno.h>
#include <libctrl/store.h>
#include <stdio.h>
#include <string.h>

void device_of_disk(struct device *device, const struct xl_disk *disk)
{
    *device = (struct device){
        .type = DEVICE_VBD, .disk = disk, .number = disk->number, .target.fd = -1,
    };
}

bool backend_is_here(const char *backend)
{
    return !backend || strcmp(backend, "0") == 0 || strcmp(backend, "Domain-0") == 0;
}

int disk_check(const struct life *life, const struct device *device)
{
    const struct xl_disk *disk = device->disk;
    struct stat stat;

    (void)life;
    if (!backend_is_here(disk->backend)) {
        xl_where_complain(disk->where, &life_report, "disk",
                          "backend=%s: disks are served by Domain-0 only; leave it out",
                          disk->backend);
        return -EINVAL;
    }
    if (disk->script || !disk->path)
        return 0;
    if (host_disk_check(disk->path, disk->readwrite, &stat) < 0) {
        xl_where_complain(disk->where, &life_report, "disk", "%s: %s", disk->vdev, host_error());
        return -EINVAL;
    }
    return 0;
}

int disk_open(struct device *device)
{
    const struct xl_disk *disk = device->disk;

    if (disk->script || !disk->path)
        return 0;
    if (host_disk_open(disk->path, disk->readwrite, &device->target) < 0) {
        xl_where_complain(disk->where, &life_report, "disk", "%s: %s", disk->vdev, host_error());
        return -EIO;
    }
    return 0;
}

unsigned disk_claims(const struct life *life, const struct device *device, struct claim *claims)
{
    const struct xl_disk *disk = device->disk;
    struct stat found;

    if (disk->script || !disk->path || stat(disk->path, &found) < 0)
        return 0;
    claim_of_disk(&claims[0], &found, disk->readwrite, life->domid, disk->number);
    return 1;
}

static const char *disk_type(const struct xl_disk *disk)
{
    return disk->cdrom ? "cdrom" : "disk";
}

static bool discards(const struct xl_disk *disk)
{
    return disk->discard == XL_DEFAULT ? disk->readwrite : disk->discard == XL_YES;
}

static void target_write(const struct device *device, struct node_writer *back)
{
    const struct xl_disk *disk = device->disk;

    if (disk->script) {
        node_write(back, "script", "%s", disk->script);
        node_write(back, "params", "%s", disk->target);
        return;
    }
    node_write(back, "params", "%s", disk->path ? disk->path : "");
    if (!disk->path)
        return;
    if (device->target.node[0])
        node_write(back, "node", "%s", device->target.node);
    /* What a script would do: the back-end opens the device as soon as it reads this. */
    node_write(back, "physical-device", "%x:%x", device->target.major, device->target.minor);
    node_write(back, "hotplug-status", "connected");
}

void disk_write(const struct device *device, struct node_writer *front, struct node_writer *back)
{
    const struct xl_disk *disk = device->disk;

    node_write(front, "virtual-device", "%u", device->number);
    node_write(front, "device-type", "%s", disk_type(disk));
    node_write(front, "trusted", "%d", disk->trusted != XL_NO);
    node_write(back, "removable", "%d", disk->removable);
    node_write(back, "bootable", "1");
    node_write(back, "dev", "%s", disk->vdev);
    node_write(back, "type", "phy");
    node_write(back, "mode", "%s", disk->readwrite ? "w" : "r");
    node_write(back, "device-type", "%s", disk_type(disk));
    node_write(back, "discard-enable", "%d", discards(disk));
    if (disk->direct_io_safe)
        node_write(back, "direct-io-safe", "1");
    target_write(device, back);
}

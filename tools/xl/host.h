/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What guests' devices need of dom0's kernel, beside xenstore: loop devices, network interfaces,
 * drivers, scripts. Tests link stand-ins in place of host_*.c.
 *
 * Functions that fail return a negative errno and write one sentence about why into
 * host_error(), without a full stop.
 */
#ifndef XL_HOST_H
#define XL_HOST_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

const char *host_error(void);
__attribute__((format(printf, 2, 3)))
int host_fail(int rc, const char *format, ...);

/* --- disks (host_disk.c) --- */

/* A disk's target, open. 'fd' keeps a loop device alive until the back-end has opened it. */
struct host_disk {
    int fd;
    struct stat stat;               /* of the target */
    uint32_t major, minor;          /* of the block device that serves it */
    char node[32];                  /* "/dev/loop3", or "" for a block device */
    bool direct;                    /* the loop device does direct I/O */
};

/*
 * Whether dom0 itself, or another loop device, uses the target in a way that forbids a guest to.
 * -EBUSY and the sentence says who. 'stat' is filled in whenever the target is there.
 */
int host_disk_check(const char *path, bool write, struct stat *stat);

/* Open a target; a file gets a loop device, which vanishes when nobody has it open any more. */
int host_disk_open(const char *path, bool write, struct host_disk *disk);
void host_disk_close(struct host_disk *disk);
/* Take the file from a loop device that does not vanish by itself (made by others' scripts). */
void host_loop_detach(const char *node);

/* --- back-end drivers (host_driver.c) --- */

/* Whether the kernel has the driver for "vbd" or "vif"; loads its module if need be. -ENODEV. */
int host_driver_need(const char *type);
/* Whether the vbd back-end has opened its block device: it shows it in sysfs only then. */
bool host_vbd_ready(uint32_t domid, uint32_t number);

/* --- networks (host_net.c) --- */

/* -ENODEV: there is no such bridge; -EINVAL: it is not a bridge. */
int host_bridge_check(const char *name);
/* A socket that tells of new interfaces. */
int host_net_open(void);
/*
 * Wait for an interface (up to timeout_ms), name it, set its MTU (0: the bridge's), put it into the
 * bridge (NULL: none) and start it.
 */
struct host_vif {
    const char *name;               /* as the kernel made it */
    const char *rename;             /* NULL: keep it */
    const char *bridge;
    int mtu;
};
int host_vif_attach(int fd, const struct host_vif *vif, int timeout_ms);

/* --- scripts (host_script.c) --- */

/*
 * Run a script with arguments (ends with NULL) and further environment ("NAME=value", ends with
 * NULL), at most timeout_s seconds. -EPROTO: it failed, and the sentence holds its last words;
 * -ETIMEDOUT: it was killed.
 */
int host_script_run(const char *path, const char *const *args, const char *const *env,
                    int timeout_s);

#endif

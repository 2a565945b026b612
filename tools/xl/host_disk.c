/* SPDX-License-Identifier: BSD-2-Clause */
/* Targets of guests' disks: block devices, and files through loop devices. See host.h. */
#include "host.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/loop.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <dirent.h>
#include <sys/ioctl.h>
#include <sys/sysmacros.h>
#include <time.h>
#include <unistd.h>

#define LOOP_TRIES 64
#define LOOP_WAITS 500              /* of 10 ms */

static char error_text[1024];

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

/* --- who uses a target --- */

/* Fields of /proc/self/mountinfo: where a device is mounted, and whether for writing. */
static bool mount_find(const struct stat *stat, char where[128], bool *writable)
{
    char line[4096], device[32], options[256];
    bool found = false;
    FILE *file = fopen("/proc/self/mountinfo", "re");

    if (!file)
        return false;
    snprintf(device, sizeof(device), "%u:%u", major(stat->st_rdev), minor(stat->st_rdev));
    while (!found && fgets(line, sizeof(line), file)) {
        char id[32];

        if (sscanf(line, "%*s %*s %31s %*s %127s %255s", id, where, options) == 3 &&
            strcmp(id, device) == 0)
            found = true;
    }
    fclose(file);
    if (found)
        *writable = strncmp(options, "rw", 2) == 0;
    return found;
}

static int block_check(const char *path, bool write, const struct stat *stat)
{
    /* An exclusive open fails while the device is mounted, swap, or part of another one. */
    int fd = open(path, O_RDONLY | O_EXCL | O_NONBLOCK | O_CLOEXEC);
    char where[128] = "";
    bool mounted, writable = true;

    if (fd >= 0) {
        close(fd);
        return 0;
    }
    if (errno != EBUSY)
        return host_fail(-errno, "%s cannot be opened: %s", path, strerror(errno));
    mounted = mount_find(stat, where, &writable);
    if (mounted && !write && !writable)
        return 0;
    if (mounted)
        return host_fail(-EBUSY, "%s is mounted on %s here; unmount it first%s", path, where,
                         write ? ", or give it to the guest as read-only and mount it so here"
                               : " or mount it read-only");
    return write ? host_fail(-EBUSY, "%s is in use here (swap, RAID, LVM or another device on it)",
                             path)
                 : 0;
}

static bool loop_of(const char *path, const struct stat *stat, char name[32])
{
    char file[64], text[PATH_MAX], real[PATH_MAX];
    struct dirent *entry;
    bool found = false;
    DIR *folder = opendir("/sys/block");

    if (!folder)
        return false;
    while (!found && realpath(path, real) && (entry = readdir(folder))) {
        FILE *backing;
        struct stat other;

        if (strncmp(entry->d_name, "loop", 4) != 0)
            continue;
        snprintf(file, sizeof(file), "/sys/block/%.20s/loop/backing_file", entry->d_name);
        backing = fopen(file, "re");
        if (!backing)
            continue;
        if (fgets(text, sizeof(text), backing)) {
            text[strcspn(text, "\n")] = '\0';
            found = lstat(text, &other) == 0 && other.st_dev == stat->st_dev &&
                    other.st_ino == stat->st_ino;
        }
        fclose(backing);
        if (found)
            snprintf(name, 32, "/dev/%.20s", entry->d_name);
    }
    closedir(folder);
    return found;
}

/* Whether a loop device vanishes with its last user: those that were made here do. */
static bool loop_vanishes(const char *node)
{
    char path[64];
    char value = '0';
    int fd;

    snprintf(path, sizeof(path), "/sys/block/%.20s/loop/autoclear", node + sizeof("/dev/") - 1);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return true;                /* it has just done so */
    if (read(fd, &value, 1) != 1)
        value = '0';
    close(fd);
    return value == '1';
}

static bool has_writer(int fd)
{
    /* The kernel grants a read lease only while nobody has the file open for writing. */
    return fcntl(fd, F_SETLEASE, F_RDLCK) < 0 && errno == EAGAIN;
}

static int file_check(const char *path, const struct stat *stat)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC), rc = 0;
    struct timespec pause = { .tv_nsec = 10000000 };
    char node[32];

    if (fd < 0)
        return host_fail(-errno, "%s cannot be opened: %s", path, strerror(errno));
    for (int tries = 0; has_writer(fd) && loop_of(path, stat, node); tries++) {
        /* The back-end of a guest that has just ended lets go of it in a moment. */
        if (tries == LOOP_WAITS || !loop_vanishes(node)) {
            rc = host_fail(-EBUSY, "%s is in use as %s; end that with \"losetup -d %s\", or with "
                           "the guest that uses it", path, node, node);
            break;
        }
        nanosleep(&pause, NULL);
    }
    close(fd);
    return rc;
}

int host_disk_check(const char *path, bool write, struct stat *stat)
{
    struct stat found;

    if (fstatat(AT_FDCWD, path, &found, 0) < 0)
        return host_fail(-errno, "%s cannot be found: %s", path, strerror(errno));
    *stat = found;
    if (S_ISBLK(stat->st_mode))
        return block_check(path, write, stat);
    return file_check(path, stat);
}

/* --- opening --- */

static int loop_configure(int loop, int fd, const char *path, bool write, bool direct)
{
    struct loop_config config = {
        .fd = (uint32_t)fd,
        .info.lo_flags = LO_FLAGS_AUTOCLEAR | (write ? 0 : LO_FLAGS_READ_ONLY) |
                         (direct ? LO_FLAGS_DIRECT_IO : 0),
    };

    snprintf((char *)config.info.lo_file_name, sizeof(config.info.lo_file_name), "%s", path);
    return ioctl(loop, LOOP_CONFIGURE, &config) < 0 ? -errno : 0;
}

/* One free loop device, tried; -EBUSY: somebody else was faster. */
static int loop_try(int control, int fd, const char *path, bool write, struct host_disk *disk)
{
    int number = ioctl(control, LOOP_CTL_GET_FREE), loop, rc;

    if (number < 0)
        return host_fail(-errno, "No loop device is free: %s", strerror(errno));
    snprintf(disk->node, sizeof(disk->node), "/dev/loop%d", number);
    loop = open(disk->node, (write ? O_RDWR : O_RDONLY) | O_CLOEXEC);
    if (loop < 0)
        return host_fail(-errno, "%s cannot be opened: %s", disk->node, strerror(errno));
    disk->direct = true;
    rc = loop_configure(loop, fd, path, write, true);
    if (rc == -EINVAL) {
        disk->direct = false;
        rc = loop_configure(loop, fd, path, write, false);
    }
    if (rc < 0) {
        close(loop);
        return host_fail(rc, "%s cannot serve %s: %s", disk->node, path, strerror(-rc));
    }
    disk->fd = loop;
    return 0;
}

static int loop_open(int fd, const char *path, bool write, struct host_disk *disk)
{
    int control = open("/dev/loop-control", O_RDWR | O_CLOEXEC), rc = -EBUSY;
    struct stat stat;

    if (control < 0)
        return host_fail(-errno, "Files as disks need loop devices, and /dev/loop-control cannot "
                         "be opened: %s; try \"modprobe loop\"", strerror(errno));
    for (int tries = 0; rc == -EBUSY && tries < LOOP_TRIES; tries++)
        rc = loop_try(control, fd, path, write, disk);
    close(control);
    if (rc < 0)
        return rc;
    fstat(disk->fd, &stat);
    disk->major = major(stat.st_rdev);
    disk->minor = minor(stat.st_rdev);
    return 0;
}

int host_disk_open(const char *path, bool write, struct host_disk *disk)
{
    struct host_disk found = { .fd = -1 };
    int fd = open(path, (write ? O_RDWR : O_RDONLY) | O_CLOEXEC), rc;

    if (fd < 0)
        return host_fail(-errno, "%s cannot be opened for %s: %s", path,
                         write ? "writing" : "reading", strerror(errno));
    fstat(fd, &found.stat);
    if (S_ISBLK(found.stat.st_mode)) {
        found.fd = fd;
        found.major = major(found.stat.st_rdev);
        found.minor = minor(found.stat.st_rdev);
    } else {
        rc = loop_open(fd, path, write, &found);
        close(fd);
        if (rc < 0)
            return rc;
    }
    *disk = found;
    return 0;
}

void host_disk_close(struct host_disk *disk)
{
    if (disk->fd >= 0)
        close(disk->fd);
    disk->fd = -1;
}

void host_loop_detach(const char *node)
{
    int fd = open(node, O_RDONLY | O_CLOEXEC);

    if (fd < 0)
        return;
    ioctl(fd, LOOP_CLR_FD);
    close(fd);
}

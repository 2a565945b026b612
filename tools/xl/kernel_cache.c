/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The cache of unpacked kernels, /var/cache/xenios/kernels. An entry's name is the packed file's
 * device, inode, size and times of change to the nanosecond: a file that was touched in any way has
 * another name, so an entry cannot be stale. Entries appear whole or not at all, and the oldest go
 * when there are more than a few. That the cache cannot be used is never an error.
 */
#include "life.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libctrl/ctrl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define CACHE_FOLDER  "/var/cache/xenios/kernels"
#define ENTRIES_MAX   6

static int folder_open(void)
{
    int fd = open(CACHE_FOLDER, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (fd >= 0 || errno != ENOENT)
        return fd;
    mkdir("/var/cache", 0755);
    mkdir("/var/cache/xenios", 0755);
    if (mkdir(CACHE_FOLDER, 0700) < 0 && errno != EEXIST)
        return -1;
    return open(CACHE_FOLDER, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static void entry_name(const struct stat *stat, char name[128])
{
    snprintf(name, 128, "%llx-%llx-%llx-%llx.%09lx-%llx.%09lx",
             (unsigned long long)stat->st_dev, (unsigned long long)stat->st_ino,
             (unsigned long long)stat->st_size, (unsigned long long)stat->st_mtim.tv_sec,
             (unsigned long)stat->st_mtim.tv_nsec, (unsigned long long)stat->st_ctim.tv_sec,
             (unsigned long)stat->st_ctim.tv_nsec);
}

/* Remove the entries that were used longest ago, until there is room for one more. */
static void folder_trim(int folder)
{
    for (;;) {
        char oldest[128] = "";
        struct timespec age = { 0 };
        struct dirent *entry;
        unsigned count = 0;
        struct stat found;
        int fd = dup(folder);
        DIR *list = fd < 0 ? NULL : fdopendir(fd);

        if (!list)
            return;
        rewinddir(list);
        while ((entry = readdir(list))) {
            if (entry->d_name[0] == '.' || strlen(entry->d_name) >= sizeof(oldest) ||
                fstatat(folder, entry->d_name, &found, AT_SYMLINK_NOFOLLOW) < 0)
                continue;
            if (count++ == 0 || found.st_mtim.tv_sec < age.tv_sec) {
                age = found.st_mtim;
                strcpy(oldest, entry->d_name);
            }
        }
        closedir(list);
        if (count < ENTRIES_MAX || unlinkat(folder, oldest, 0) < 0)
            return;
    }
}

static void entry_add(struct ctrl *ctrl, int folder, const char *name,
                      const struct ctrl_kernel *kernel)
{
    char part[32];
    bool whole;
    int fd;

    folder_trim(folder);
    snprintf(part, sizeof(part), ".new-%d", (int)getpid());
    fd = openat(folder, part, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return;
    whole = ctrl_kernel_save(ctrl, kernel, fd) == 0;
    close(fd);
    if (!whole || renameat(folder, part, folder, name) < 0)
        unlinkat(folder, part, 0);
}

/* The entry of a packed kernel, opened; -1: none. */
static int entry_open(int folder, const char *name)
{
    int fd = folder < 0 ? -1 : openat(folder, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);

    if (fd >= 0)
        futimens(fd, NULL);     /* it is used: others go first */
    return fd;
}

static bool is_plain(int fd)
{
    char magic[4];

    return pread(fd, magic, sizeof(magic), 0) == sizeof(magic) &&
           memcmp(magic, "\177ELF", sizeof(magic)) == 0;
}

typedef int kernel_open(struct ctrl *ctrl, int fd, const char *name, struct ctrl_kernel **kernel);

/* 'add': to the cache; false if nothing is to be changed. */
struct opening {
    struct ctrl *ctrl;
    const char *path;
    kernel_open *open;          /* for a guest's type */
    bool add;
};

static int packed_open(const struct opening *o, int fd, struct ctrl_kernel **kernel)
{
    int folder = folder_open(), cached, rc;
    struct stat stat;
    char name[128];

    if (fstat(fd, &stat) < 0)
        return ctrl_fail(o->ctrl, -errno, "%s: %s", o->path, strerror(errno));
    entry_name(&stat, name);
    cached = entry_open(folder, name);
    rc = o->open(o->ctrl, cached >= 0 ? cached : fd, o->path, kernel);
    if (cached >= 0) {
        close(cached);
        if (rc < 0)             /* the entry was damaged */
            rc = o->open(o->ctrl, fd, o->path, kernel);
    } else if (rc == 0 && folder >= 0 && o->add) {
        entry_add(o->ctrl, folder, name, *kernel);
    }
    if (folder >= 0)
        close(folder);
    return rc;
}

int kernel_cache_open(struct ctrl *ctrl, const struct xl_config *config, bool add,
                      struct ctrl_kernel **kernel)
{
    const struct opening o = {
        .ctrl = ctrl, .path = config->kernel, .add = add,
        .open = config->type == XL_GUEST_PV ? ctrl_kernel_open : ctrl_kernel_open_pvh,
    };
    int fd = open(o.path, O_RDONLY | O_CLOEXEC), rc;

    if (fd < 0)
        return ctrl_fail(ctrl, -errno, "%s cannot be opened: %s", o.path, strerror(errno));
    rc = is_plain(fd) ? o.open(ctrl, fd, o.path, kernel) : packed_open(&o, fd, kernel);
    close(fd);
    return rc;
}

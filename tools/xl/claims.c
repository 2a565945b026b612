/* SPDX-License-Identifier: BSD-2-Clause */
/* Claims on names, MAC addresses and disks. See claims.h. */
#include "claims.h"

#include "output.h"
#include "state.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libctrl/domain.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#define TEXT_SIZE 64

bool claim_of_name(struct claim *claim, const char *name)
{
    size_t used = 6;

    memcpy(claim->path, "names/", used);
    for (; *name && used + 5 < sizeof(claim->path) && used < 250; name++) {
        if (*name == '/' || *name == '%' || (*name == '.' && used == 6))
            used += (size_t)sprintf(claim->path + used, "%%%02x", (unsigned char)*name);
        else
            claim->path[used++] = *name;
    }
    claim->path[used] = '\0';
    return !*name;
}

void claim_of_mac(struct claim *claim, const uint8_t mac[6])
{
    snprintf(claim->path, sizeof(claim->path), "macs/%02x:%02x:%02x:%02x:%02x:%02x", mac[0],
             mac[1], mac[2], mac[3], mac[4], mac[5]);
}

void claim_of_disk(struct claim *claim, const struct stat *stat, bool write, uint32_t domid,
                   uint32_t number)
{
    char key[64], who[32] = "w";

    if (S_ISBLK(stat->st_mode))
        snprintf(key, sizeof(key), "%u:%u", major(stat->st_rdev), minor(stat->st_rdev));
    else
        snprintf(key, sizeof(key), "%x-%llu", (unsigned)stat->st_dev,
                 (unsigned long long)stat->st_ino);
    if (!write)
        snprintf(who, sizeof(who), "r-%u-%u", domid, number);
    snprintf(claim->path, sizeof(claim->path), "disks/%s/%s", key, who);
}

static int claim_read(const char *path, struct claimant *who)
{
    char text[TEXT_SIZE], *end;
    ssize_t length = readlinkat(state_root(), path, text, sizeof(text) - 1);

    if (length < 0)
        return -errno;
    text[length] = '\0';
    who->domid = (uint32_t)strtoul(text, &end, 10);
    if (*end != ' ' || !state_uuid_parse(end + 1, who->uuid))
        return -EINVAL;
    return 0;
}

static bool same(const struct claimant *a, const struct claimant *b)
{
    return a->domid == b->domid && memcmp(a->uuid, b->uuid, sizeof(a->uuid)) == 0;
}

static bool alive(struct ctrl *ctrl, const struct claimant *who)
{
    struct ctrl_domain_info info;

    return ctrl_domain_info(ctrl, who->domid, &info) == 0 && !info.dying &&
           memcmp(info.uuid, who->uuid, sizeof(who->uuid)) == 0;
}

static int path_holder(struct ctrl *ctrl, const char *path, struct claimant *who)
{
    struct claimant found = { 0 };

    if (claim_read(path, &found) < 0 || !alive(ctrl, &found))
        return 0;
    *who = found;
    return 1;
}

static bool other_than(const struct claimant *holder, const struct claimant *self,
                       struct claimant *who)
{
    if (self && same(holder, self))
        return false;
    *who = *holder;
    return true;
}

/* A writer stands against readers and writers, a reader against a writer; 'self' is not meant. */
static int disk_holder(struct ctrl *ctrl, const char *path, const struct claimant *self,
                       struct claimant *who)
{
    const char *last = strrchr(path, '/') + 1;
    struct claimant holder = { 0 };
    struct dirent *entry;
    char folder[CLAIM_SIZE], other[CLAIM_SIZE + 256];
    int fd, found = 0;
    DIR *list;

    snprintf(folder, sizeof(folder), "%.*s", (int)(last - path - 1), path);
    if (*last == 'r') {
        snprintf(other, sizeof(other), "%s/w", folder);
        return path_holder(ctrl, other, &holder) && other_than(&holder, self, who);
    }
    fd = openat(state_root(), folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return 0;
    list = fdopendir(fd);
    if (!list) {
        close(fd);
        return 0;
    }
    while (!found && (entry = readdir(list))) {
        if (entry->d_name[0] == '.')
            continue;
        snprintf(other, sizeof(other), "%s/%s", folder, entry->d_name);
        found = path_holder(ctrl, other, &holder) && other_than(&holder, self, who);
    }
    closedir(list);
    return found;
}

int claim_holder(struct ctrl *ctrl, const struct claim *claim, struct claimant *who)
{
    if (state_root() < 0)
        return 0;
    if (strncmp(claim->path, "disks/", 6) == 0)
        return disk_holder(ctrl, claim->path, NULL, who);
    return path_holder(ctrl, claim->path, who);
}

/* Replace a claim whose owner is gone. The lock keeps two from replacing each other's. */
static int stale_replace(struct ctrl *ctrl, const char *path, const char *text,
                         struct claimant *who)
{
    int root = state_root(), rc = 0, lock;

    lock = openat(root, "lock", O_RDONLY | O_CREAT | O_CLOEXEC, 0600);
    if (lock < 0)
        return -errno;
    if (flock(lock, LOCK_EX) < 0)
        rc = -errno;
    else if (path_holder(ctrl, path, who))
        rc = -EEXIST;
    else if ((unlinkat(root, path, 0) < 0 && errno != ENOENT) || symlinkat(text, root, path) < 0)
        rc = -errno;
    close(lock);
    return rc;
}

static void disk_folder(const char *path, bool make)
{
    const char *last = strrchr(path, '/');
    char folder[CLAIM_SIZE];

    if (strncmp(path, "disks/", 6) != 0)
        return;
    snprintf(folder, sizeof(folder), "%.*s", (int)(last - path), path);
    if (make)
        mkdirat(state_root(), folder, 0700);
    else
        unlinkat(state_root(), folder, AT_REMOVEDIR);
}

int claim_take(struct ctrl *ctrl, const struct claim *claim, const struct claimant *self,
               struct claimant *who)
{
    char text[TEXT_SIZE];
    int root = state_root(), rc = -ENOENT;

    if (root < 0)
        return root;
    state_uuid_print(self->uuid, text + snprintf(text, sizeof(text), "%u ", self->domid));
    /* A disk's folder may go away, with its last claim, just after it was made. */
    for (int tries = 0; rc == -ENOENT && tries < 10; tries++) {
        disk_folder(claim->path, true);
        rc = symlinkat(text, root, claim->path) < 0 ? -errno : 0;
    }
    if (rc == -EEXIST) {
        if (path_holder(ctrl, claim->path, who))
            return same(who, self) ? 0 : rc;
        rc = stale_replace(ctrl, claim->path, text, who);
    }
    /* Both a reader and a writer may have come at once: then at least one of them leaves. */
    if (rc == 0 && strncmp(claim->path, "disks/", 6) == 0 &&
        disk_holder(ctrl, claim->path, self, who)) {
        claim_release(claim->path, self);
        return -EEXIST;
    }
    if (rc < 0 && rc != -EEXIST)
        xl_error("Cannot make %s/%s: %s.%s", STATE_ROOT, claim->path, strerror(-rc),
                 rc == -ENOSPC ? " Free some space there, or make it larger." : "");
    return rc;
}

void claim_release(const char *path, const struct claimant *self)
{
    struct claimant owner = { 0 };

    if (state_root() < 0 || claim_read(path, &owner) < 0 || !same(&owner, self))
        return;
    unlinkat(state_root(), path, 0);
    disk_folder(path, false);
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* Files of /run/xl: the guests that xl made. See state.h. */
#include "state.h"

#include "output.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define FILE_MAX   (1u << 20)
#define LOCK_TRIES 10
#define LIST_CHUNK 64

static const char *root_path = STATE_ROOT;
static int root_fd = -1;

void state_set_root(const char *path)
{
    root_path = path;
    if (root_fd >= 0)
        close(root_fd);
    root_fd = -1;
}

static int complain(const char *what, const char *name, int error)
{
    xl_error("Cannot %s %s/%s: %s.%s", what, root_path, name, strerror(error),
             error == ENOSPC ? " Free some space there, or make it larger." : "");
    return -error;
}

int state_root(void)
{
    static const char *const folders[] = { "creating", "domains", "names", "macs", "disks" };

    if (root_fd >= 0)
        return root_fd;
    root_fd = open(root_path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (root_fd < 0 && errno == ENOENT && mkdir(root_path, 0700) == 0)
        root_fd = open(root_path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (root_fd < 0)
        return complain("open", "", errno);
    /* The last one is there: so are all. */
    if (faccessat(root_fd, "disks", F_OK, 0) == 0)
        return root_fd;
    for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
        if (mkdirat(root_fd, folders[i], 0700) < 0 && errno != EEXIST) {
            int error = errno;

            close(root_fd);
            root_fd = -1;
            return complain("make", folders[i], error);
        }
    }
    return root_fd;
}

void state_uuid_print(const uint8_t uuid[16], char text[STATE_UUID_SIZE])
{
    static const char digits[] = "0123456789abcdef";

    for (unsigned i = 0; i < 16; i++) {
        *text++ = digits[uuid[i] >> 4];
        *text++ = digits[uuid[i] & 15];
        if (i == 3 || i == 5 || i == 7 || i == 9)
            *text++ = '-';
    }
    *text = '\0';
}

static int digit_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

bool state_uuid_parse(const char *text, uint8_t uuid[16])
{
    uint8_t bytes[16];

    for (unsigned i = 0; i < 16; i++) {
        int high, low;

        if (*text == '-')
            text++;
        high = digit_value(text[0]);
        low = high < 0 ? -1 : digit_value(text[1]);
        if (low < 0)
            return false;
        bytes[i] = (uint8_t)(high << 4 | low);
        text += 2;
    }
    memcpy(uuid, bytes, sizeof(bytes));
    return true;
}

/* --- guests that are being made --- */

static void creation_name(const uint8_t uuid[16], char name[64])
{
    memcpy(name, "creating/", sizeof("creating/"));
    state_uuid_print(uuid, name + strlen(name));
}

/* Open and lock it. -EAGAIN: it is locked, or was removed in between. */
static int creation_try(int root, const char *name)
{
    int fd = openat(root, name, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    struct stat opened, there;

    if (fd < 0)
        return complain("make", name, errno);
    if (flock(fd, LOCK_EX | LOCK_NB) == 0 && fstat(fd, &opened) == 0 &&
        fstatat(root, name, &there, 0) == 0 && opened.st_ino == there.st_ino)
        return fd;
    close(fd);
    return -EAGAIN;
}

int state_creation_begin(const uint8_t uuid[16])
{
    struct timespec pause = { .tv_nsec = 20000000 };
    int root = state_root(), fd = -EAGAIN;
    char name[64];

    if (root < 0)
        return root;
    creation_name(uuid, name);
    /* Who looks for dead makers holds the lock for a moment. */
    for (int tries = 0; fd == -EAGAIN && tries < LOCK_TRIES; tries++) {
        if (tries)
            nanosleep(&pause, NULL);
        fd = creation_try(root, name);
    }
    if (fd == -EAGAIN) {
        xl_error("A guest with the UUID %s is being made by another xl.", name + 9);
        return -EBUSY;
    }
    return fd;
}

void state_creation_end(const uint8_t uuid[16], int fd)
{
    char name[64];

    creation_name(uuid, name);
    unlinkat(root_fd, name, 0);
    close(fd);
}

bool state_creation_goes_on(const uint8_t uuid[16])
{
    char name[64];

    creation_name(uuid, name);
    return state_root() >= 0 && faccessat(root_fd, name, F_OK, 0) == 0;
}

int state_creation_watch(void)
{
    char path[4096];
    int fd;

    if (state_root() < 0)
        return -EIO;
    snprintf(path, sizeof(path), "%s/creating", root_path);
    fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    if (fd < 0 || inotify_add_watch(fd, path, IN_CLOSE_WRITE) < 0)
        return complain("watch", "creating", errno);
    return fd;
}

static bool orphan_handle(const char *name, int (*found)(void *arg, const uint8_t uuid[16]),
                          void *arg)
{
    char path[64];
    uint8_t uuid[16];
    bool orphan;
    int fd;

    if (!state_uuid_parse(name, uuid))
        return false;
    creation_name(uuid, path);
    /* Opened for reading only: closing it does not look like the end of a maker. */
    fd = openat(root_fd, path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    orphan = flock(fd, LOCK_EX | LOCK_NB) == 0 && faccessat(root_fd, path, F_OK, 0) == 0;
    if (orphan && found(arg, uuid) == 0)
        unlinkat(root_fd, path, 0);
    close(fd);
    return orphan;
}

int state_creation_orphans(int (*found)(void *arg, const uint8_t uuid[16]), void *arg)
{
    struct dirent *entry;
    int root = state_root(), fd, count = 0;
    DIR *folder;

    if (root < 0)
        return root;
    fd = openat(root, "creating", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    folder = fd < 0 ? NULL : fdopendir(fd);
    if (!folder)
        return complain("read", "creating", errno);
    while ((entry = readdir(folder)))
        if (entry->d_name[0] != '.')
            count += orphan_handle(entry->d_name, found, arg);
    closedir(folder);
    return count;
}

/* --- files of a domain --- */

static int write_all(int fd, const char *data, size_t size)
{
    while (size) {
        ssize_t done = write(fd, data, size);

        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0)
            return -errno;
        data += done;
        size -= (size_t)done;
    }
    return 0;
}

static int file_write(uint32_t domid, const char *file, int flags, const char *text)
{
    int root = state_root(), fd, rc;
    char name[64];

    if (root < 0)
        return root;
    snprintf(name, sizeof(name), "domains/%u/%s", domid, file);
    fd = openat(root, name, O_WRONLY | O_CREAT | O_CLOEXEC | flags, 0600);
    if (fd < 0)
        return complain("write", name, errno);
    rc = write_all(fd, text, strlen(text));
    close(fd);
    return rc < 0 ? complain("write", name, -rc) : 0;
}

static int file_read(uint32_t domid, const char *file, char **text)
{
    int root = state_root(), fd, rc = 0;
    struct stat stat;
    char name[64], *data;
    size_t size = 0;
    ssize_t got = 1;

    if (root < 0)
        return root;
    snprintf(name, sizeof(name), "domains/%u/%s", domid, file);
    fd = openat(root, name, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT ? -ENOENT : complain("read", name, errno);
    if (fstat(fd, &stat) < 0 || stat.st_size > FILE_MAX) {
        close(fd);
        return complain("read", name, EFBIG);
    }
    data = malloc((size_t)stat.st_size + 1);
    if (!data)
        xl_die("Out of memory.");
    while (size < (size_t)stat.st_size && got > 0) {
        got = read(fd, data + size, (size_t)stat.st_size - size);
        size += got > 0 ? (size_t)got : 0;
    }
    if (got < 0)
        rc = complain("read", name, errno);
    close(fd);
    data[size] = '\0';
    if (rc < 0)
        free(data);
    else
        *text = data;
    return rc;
}

/* --- records --- */

int state_record_write(uint32_t domid, const uint8_t uuid[16], const char *lines)
{
    int root = state_root(), rc;
    char name[64], uuid_text[STATE_UUID_SIZE], *text;

    if (root < 0)
        return root;
    snprintf(name, sizeof(name), "domains/%u", domid);
    if (mkdirat(root, name, 0700) < 0 && errno != EEXIST)
        return complain("make", name, errno);
    state_uuid_print(uuid, uuid_text);
    if (asprintf(&text, "uuid %s\n%s", uuid_text, lines) < 0)
        xl_die("Out of memory.");
    rc = file_write(domid, "record", O_TRUNC, text);
    free(text);
    return rc;
}

int state_record_add(uint32_t domid, const char *format, ...)
{
    char line[4200];
    va_list args;
    int length;

    va_start(args, format);
    length = vsnprintf(line, sizeof(line) - 1, format, args);
    va_end(args);
    if (length < 0 || (size_t)length >= sizeof(line) - 1)
        return -E2BIG;
    line[length] = '\n';
    line[length + 1] = '\0';
    return file_write(domid, "record", O_APPEND, line);
}

static void record_parse(struct state_record *record)
{
    char *save = NULL;

    for (char *line = strtok_r(record->text, "\n", &save); line && record->nr < STATE_LINES_MAX;
         line = strtok_r(NULL, "\n", &save)) {
        char *space = strchr(line, ' ');

        if (!space)
            continue;
        *space = '\0';
        record->line[record->nr++] = (struct state_line){ line, space + 1 };
        if (strcmp(line, "uuid") == 0)
            state_uuid_parse(space + 1, record->uuid);
    }
}

int state_record_read(uint32_t domid, struct state_record *record)
{
    int rc;

    memset(record->uuid, 0, sizeof(record->uuid));
    record->nr = 0;
    rc = file_read(domid, "record", &record->text);
    if (rc == 0)
        record_parse(record);
    return rc;
}

void state_record_free(struct state_record *record)
{
    free(record->text);
    record->text = NULL;
    record->nr = 0;
}

const char *state_record_get(const struct state_record *record, const char *key)
{
    for (unsigned i = record->nr; i-- > 0;)
        if (strcmp(record->line[i].key, key) == 0)
            return record->line[i].value;
    return NULL;
}

int state_lock(uint32_t domid)
{
    int root = state_root(), fd;
    char name[64];

    if (root < 0)
        return root;
    snprintf(name, sizeof(name), "domains/%u/record", domid);
    fd = openat(root, name, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT ? -ENOENT : complain("open", name, errno);
    while (flock(fd, LOCK_EX) < 0)
        if (errno != EINTR) {
            int error = errno;

            close(fd);
            return complain("lock", name, error);
        }
    return fd;
}

/* --- configurations --- */

int state_config_write(uint32_t domid, const char *text)
{
    return file_write(domid, "config", O_TRUNC, text);
}

int state_config_add(uint32_t domid, const char *line)
{
    char *text;
    int rc;

    if (asprintf(&text, "%s\n", line) < 0)
        xl_die("Out of memory.");
    rc = file_write(domid, "config", O_APPEND, text);
    free(text);
    return rc;
}

int state_config_read(uint32_t domid, char **text)
{
    return file_read(domid, "config", text);
}

void state_remove(uint32_t domid)
{
    static const char *const files[] = { "config", "record" };
    int root = state_root();
    char name[64];

    if (root < 0)
        return;
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        snprintf(name, sizeof(name), "domains/%u/%s", domid, files[i]);
        unlinkat(root, name, 0);
    }
    snprintf(name, sizeof(name), "domains/%u", domid);
    unlinkat(root, name, AT_REMOVEDIR);
}

int state_list(uint32_t **domids)
{
    int root = state_root(), fd, nr = 0;
    uint32_t *list = NULL;
    struct dirent *entry;
    DIR *folder;

    if (root < 0)
        return root;
    fd = openat(root, "domains", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    folder = fd < 0 ? NULL : fdopendir(fd);
    if (!folder)
        return complain("read", "domains", errno);
    while ((entry = readdir(folder))) {
        if (entry->d_name[0] == '.')
            continue;
        if (nr % LIST_CHUNK == 0) {
            uint32_t *grown = realloc(list, ((size_t)nr + LIST_CHUNK) * sizeof(*list));

            if (!grown)
                xl_die("Out of memory.");
            list = grown;
        }
        list[nr++] = (uint32_t)strtoul(entry->d_name, NULL, 10);
    }
    closedir(folder);
    *domids = list;
    return nr;
}

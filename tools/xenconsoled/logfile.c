/* SPDX-License-Identifier: BSD-2-Clause */
/* A log file that is rotated. */
#include "logfile.h"

#include "say.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static void note_loss(struct logfile *log, size_t size)
{
    if (!log->failing)
        say("%s: %s. The guest goes on; what it says is not logged until there is room.",
            log->path, strerror(log->error));
    log->failing = true;
    log->lost += size;
}

static void open_file(struct logfile *log)
{
    struct stat status;

    log->fd = open(log->path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    if (log->fd < 0) {
        log->error = errno;
        return;
    }
    log->size = fstat(log->fd, &status) == 0 ? (uint64_t)status.st_size : 0;
}

int logfile_open(struct logfile *log, const struct logfile_rules *rules, const char *folder,
                 const char *name)
{
    *log = (struct logfile){ .rules = rules, .fd = -1 };
    if (asprintf(&log->path, "%s/%s", folder, name) < 0) {
        log->path = NULL;
        return -ENOMEM;
    }
    open_file(log);
    if (log->fd < 0)
        note_loss(log, 0);
    return 0;
}

void logfile_close(struct logfile *log)
{
    if (log->fd >= 0)
        close(log->fd);
    free(log->path);
    log->path = NULL;
    log->fd = -1;
}

void logfile_reopen(struct logfile *log)
{
    if (!log->path)
        return;
    if (log->fd >= 0)
        close(log->fd);
    open_file(log);
}

static void rename_number(const struct logfile *log, unsigned int from)
{
    char *old, *new;

    if (asprintf(&new, "%s.%u", log->path, from + 1) < 0)
        return;
    if (from == 0) {
        rename(log->path, new);
    } else if (asprintf(&old, "%s.%u", log->path, from) >= 0) {
        rename(old, new);
        free(old);
    }
    free(new);
}

/* Move NAME to NAME.1, that to NAME.2, and so on. Without old files to keep: begin anew. */
static void rotate(struct logfile *log)
{
    if (log->rules->keep == 0) {
        if (ftruncate(log->fd, 0) == 0)
            log->size = 0;
        return;
    }
    for (unsigned int i = log->rules->keep; i > 0; i--)
        rename_number(log, i - 1);
    close(log->fd);
    open_file(log);
}

/* Write, and count what could not be. */
static void put(struct logfile *log, const char *data, size_t size)
{
    while (size && log->fd >= 0 && !log->failing) {
        ssize_t done = write(log->fd, data, size);

        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0) {
            log->error = done < 0 ? errno : ENOSPC;
            break;
        }
        log->size += (uint64_t)done;
        log->in_line = data[done - 1] != '\n';
        data += done;
        size -= (size_t)done;
    }
    if (size)
        note_loss(log, size);
}

/* Perhaps there is room again: say in the file what is missing. */
static void try_again(struct logfile *log)
{
    char text[160];
    int length = snprintf(text, sizeof(text), "%s[xenconsoled: %llu bytes are missing here: %s]\n",
                          log->in_line ? "\n" : "", (unsigned long long)log->lost,
                          strerror(log->error));
    ssize_t done;

    if (log->lost) {
        done = write(log->fd, text, (size_t)length);
        if (done != length) {
            if (done > 0 && ftruncate(log->fd, (off_t)log->size) < 0)
                log->size += (uint64_t)done;
            return;
        }
        log->size += (uint64_t)length;
        log->in_line = false;
    }
    log->lost = 0;
    log->failing = false;
}

static void put_lines(struct logfile *log, const char *data, size_t size)
{
    char stamp[32];
    time_t now = time(NULL);
    struct tm broken;
    size_t length = strftime(stamp, sizeof(stamp), "[%Y-%m-%d %H:%M:%S] ",
                             localtime_r(&now, &broken));

    while (size) {
        const char *end = memchr(data, '\n', size);
        size_t part = end ? (size_t)(end - data) + 1 : size;

        if (!log->in_line)
            put(log, stamp, length);
        put(log, data, part);
        data += part;
        size -= part;
    }
}

static void replace_escapes(char *data, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (data[i] == '\033')
            data[i] = '.';
}

void logfile_write(struct logfile *log, const char *data, size_t size)
{
    char *copy = NULL;

    if (!log->path || !size)
        return;
    if (log->fd < 0)
        open_file(log);
    if (log->fd >= 0 && log->rules->size && log->size && log->size + size > log->rules->size)
        rotate(log);
    if (log->fd >= 0 && log->failing)
        try_again(log);
    if (log->rules->replace_escape && (copy = malloc(size))) {
        memcpy(copy, data, size);
        replace_escapes(copy, size);
        data = copy;
    }
    if (log->rules->timestamps)
        put_lines(log, data, size);
    else
        put(log, data, size);
    free(copy);
}

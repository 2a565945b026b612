/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A log file that is rotated. What cannot be written is lost and counted: whoever writes never
 * waits and is never told; the file itself says how much is missing once it can be written again.
 */
#ifndef CONSOLED_LOGFILE_H
#define CONSOLED_LOGFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct logfile_rules {
    uint64_t size;       /* a file that would become longer is moved away; 0: never */
    unsigned int keep;   /* so many old files, NAME.1 the newest */
    bool timestamps;     /* in front of each line */
    bool replace_escape; /* escape characters become dots */
};

struct logfile {
    const struct logfile_rules *rules;
    char *path;          /* NULL: there is none, and writing does nothing */
    int fd;              /* -1: could not be opened; tried again at the next write */
    uint64_t size;
    bool failing;        /* the last byte could not be written */
    int error;           /* why: errno */
    uint64_t lost;       /* so many bytes, since it is failing */
    bool in_line;        /* the last byte was no line's end */
};

/* -ENOMEM. A file that cannot be opened is no error here: see above. */
int logfile_open(struct logfile *log, const struct logfile_rules *rules, const char *folder,
                 const char *name);
void logfile_close(struct logfile *log);
/* Somebody else may have moved it away. */
void logfile_reopen(struct logfile *log);
void logfile_write(struct logfile *log, const char *data, size_t size);

#endif

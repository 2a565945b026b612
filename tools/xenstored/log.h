/* SPDX-License-Identifier: BSD-2-Clause */
/* What the daemon says: to the system's log, or to standard error while it is in the foreground. */
#ifndef XENSTORED_LOG_H
#define XENSTORED_LOG_H

#include <stdbool.h>

struct conn;

/* A sentence. A guest cannot flood the log: past so many a minute they are only counted. */
void log_say(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* From now on to the system's log. */
void log_use_syslog(void);

/* The trace of requests: NULL ends it. 0 or negative errno. */
int log_trace_to(const char *path);
bool log_is_tracing(void);
void log_trace(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif

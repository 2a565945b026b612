/* SPDX-License-Identifier: BSD-2-Clause */
/* The log and the trace file. */
#include "log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <syslog.h>
#include <time.h>

#define PER_MINUTE 30

static struct {
    bool to_syslog;
    time_t minute;
    unsigned int said, left_out;
    FILE *trace;
} state;

static void put(const char *format, va_list ap)
{
    if (state.to_syslog) {
        vsyslog(LOG_DAEMON | LOG_NOTICE, format, ap);
        return;
    }
    fputs("xenstored: ", stderr);
    vfprintf(stderr, format, ap);
    fputc('\n', stderr);
}

static void put_line(const char *format, ...) __attribute__((format(printf, 1, 2)));

static void put_line(const char *format, ...)
{
    va_list ap;

    va_start(ap, format);
    put(format, ap);
    va_end(ap);
}

void log_say(const char *format, ...)
{
    struct timespec now;
    va_list ap;

    clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
    if (now.tv_sec / 60 != state.minute) {
        if (state.left_out) {
            put_line("%u further messages of this kind were left out.", state.left_out);
        }
        state.minute = now.tv_sec / 60;
        state.said = state.left_out = 0;
    }
    if (++state.said > PER_MINUTE) {
        state.left_out++;
        return;
    }
    va_start(ap, format);
    put(format, ap);
    va_end(ap);
}

void log_use_syslog(void)
{
    openlog("xenstored", LOG_PID, LOG_DAEMON);
    state.to_syslog = true;
}

int log_trace_to(const char *path)
{
    FILE *file = NULL;

    if (path) {
        file = fopen(path, "ae");
        if (!file) {
            return -errno;
        }
        setvbuf(file, NULL, _IOLBF, 0);
    }
    if (state.trace) {
        fclose(state.trace);
    }
    state.trace = file;
    return 0;
}

bool log_is_tracing(void)
{
    return state.trace;
}

void log_trace(const char *format, ...)
{
    va_list ap;

    if (state.trace) {
        va_start(ap, format);
        vfprintf(state.trace, format, ap);
        va_end(ap);
    }
}

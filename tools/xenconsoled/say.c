/* SPDX-License-Identifier: BSD-2-Clause */
/* The daemon's own messages. */
#include "say.h"

#include <stdarg.h>
#include <stdio.h>
#include <syslog.h>

static bool to_syslog, verbose;

void say_to_syslog(void)
{
    openlog("xenconsoled", LOG_PID, LOG_DAEMON);
    to_syslog = true;
}

void say_verbose(void)
{
    verbose = true;
}

static void say_list(const char *format, va_list args)
{
    if (to_syslog) {
        vsyslog(LOG_NOTICE, format, args);
    } else {
        fputs("xenconsoled: ", stderr);
        vfprintf(stderr, format, args);
        fputc('\n', stderr);
    }
}

void say(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    say_list(format, args);
    va_end(args);
}

void say_more(const char *format, ...)
{
    va_list args;

    if (!verbose)
        return;
    va_start(args, format);
    say_list(format, args);
    va_end(args);
}

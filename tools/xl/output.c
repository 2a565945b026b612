/* SPDX-License-Identifier: BSD-2-Clause */
/* Texts for stderr, and progress bars. A line is one write(): those of two processes do not mix. */
#include "output.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define NS_PER_SEC     1000000000ull
#define SHOW_AFTER_NS  NS_PER_SEC
#define SHOW_EVERY_NS  (NS_PER_SEC / 10)
#define BAR_WIDTH      30

static struct {
    int verbose;
    bool progress_cr;
    bool timestamps;
    bool bar_shown; /* a bar is on the current line */
} output;

void output_configure(int verbose, bool progress_cr, bool timestamps)
{
    output.verbose = verbose;
    output.progress_cr = progress_cr;
    output.timestamps = timestamps;
}

static int stamp_print(char *text, size_t size)
{
    struct timespec now;
    struct tm tm;
    size_t length;

    clock_gettime(CLOCK_REALTIME, &now);
    localtime_r(&now.tv_sec, &tm);
    length = strftime(text, size, "%Y-%m-%d %H:%M:%S", &tm);
    return (int)length + snprintf(text + length, size - length, ".%03ld [%d] ",
                                  now.tv_nsec / 1000000, (int)getpid());
}

static void line_print(const char *prefix, const char *format, va_list args)
{
    char text[4096];
    size_t room = sizeof(text) - 1; /* for the newline */
    size_t length = 0;
    int written;

    fflush(stdout);
    if (output.bar_shown) {
        length += (size_t)snprintf(text, room, "\r\033[K");
        output.bar_shown = false;
    }
    if (output.timestamps)
        length += (size_t)stamp_print(text + length, room - length);
    length += (size_t)snprintf(text + length, room - length, "%s", prefix);
    written = vsnprintf(text + length, room - length, format, args);
    if (written > 0)
        length += (size_t)written < room - length ? (size_t)written : room - length - 1;
    text[length++] = '\n';
    if (write(STDERR_FILENO, text, length) < 0)
        return; /* nobody is left to be told */
}

#define PRINT(prefix, format) do { \
        va_list args; \
        va_start(args, format); \
        line_print(prefix, format, args); \
        va_end(args); \
    } while (0)

void xl_error(const char *format, ...)
{
    PRINT("", format);
}

void xl_die(const char *format, ...)
{
    PRINT("", format);
    exit(XL_EXIT_FAILED);
}

void xl_warn(const char *format, ...)
{
    PRINT("Warning: ", format);
}

void xl_note(const char *format, ...)
{
    PRINT("", format);
}

bool xl_debug_on(int level)
{
    return output.verbose >= level;
}

void xl_debug(int level, const char *format, ...)
{
    if (xl_debug_on(level))
        PRINT("xl: ", format);
}

int xl_exit_code(int rc)
{
    switch (rc) {
    case 0:
        return XL_EXIT_OK;
    case -ENOSYS:
    case -EOPNOTSUPP:
        return 4;
    case -ENOMEM:
        return 5;
    case -EINVAL:
        return 6;
    case -ETIMEDOUT:
        return 9;
    case -EEXIST:
        return 17;
    default:
        return 3;
    }
}

static uint64_t now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * NS_PER_SEC + (uint64_t)now.tv_nsec;
}

void xl_progress_begin(struct xl_progress *progress, const char *what, uint64_t total,
                       const char *unit)
{
    progress->what = what;
    progress->unit = unit;
    progress->total = total;
    progress->start_ns = now_ns();
    progress->shown_ns = 0;
}

static void bar_print(const struct xl_progress *progress, uint64_t done)
{
    uint64_t total = progress->total ? progress->total : 1;
    unsigned percent, filled;
    char bar[BAR_WIDTH + 1];

    if (done > total)
        done = total;
    percent = (unsigned)((double)done * 100 / (double)total);
    filled = percent * BAR_WIDTH / 100;
    memset(bar, '.', BAR_WIDTH);
    memset(bar, '#', filled);
    bar[BAR_WIDTH] = '\0';
    fprintf(stderr, "\r%s [%s] %3u%%", progress->what, bar, percent);
    if (progress->unit)
        fprintf(stderr, " %" PRIu64 "/%" PRIu64 " %s", done, progress->total, progress->unit);
    fputs("\033[K", stderr);
    fflush(stderr);
    output.bar_shown = true;
}

void xl_progress_update(struct xl_progress *progress, uint64_t done)
{
    uint64_t now = now_ns();

    if (now - progress->start_ns < SHOW_AFTER_NS || now - progress->shown_ns < SHOW_EVERY_NS)
        return;
    if (!output.progress_cr && !isatty(STDERR_FILENO))
        return;
    progress->shown_ns = now;
    bar_print(progress, done);
}

void xl_progress_end(struct xl_progress *progress)
{
    if (!progress->shown_ns)
        return;
    bar_print(progress, progress->total);
    fputc('\n', stderr);
    output.bar_shown = false;
}

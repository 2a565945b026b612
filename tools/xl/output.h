/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What xl says beside its data: all of this goes to stderr, each text one line, and the newline is
 * added here. Data goes to stdout by printf() or json.h.
 */
#ifndef XL_OUTPUT_H
#define XL_OUTPUT_H

#include <stdbool.h>
#include <stdint.h>

/* Exit codes. */
#define XL_EXIT_OK     0
#define XL_EXIT_FAILED 1
#define XL_EXIT_USAGE  2

/*
 * The exit code of "xl create" for a negative errno: scripts know libxl's error numbers, negated
 * (3 is any failure, 5 no memory, 6 an invalid argument).
 */
int xl_exit_code(int rc);

/* -v, -t and -T, as they were given. */
void output_configure(int verbose, bool progress_cr, bool timestamps);

/* An error; what happened, where, the numbers, what to do. No prefix is added. */
void xl_error(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Print an error and leave with XL_EXIT_FAILED. */
void xl_die(const char *format, ...) __attribute__((noreturn, format(printf, 1, 2)));

/* "Warning: ..." */
void xl_warn(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Information such as "Parsing config from F". */
void xl_note(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Shown when -v was given at least 'level' times. */
void xl_debug(int level, const char *format, ...) __attribute__((format(printf, 2, 3)));
bool xl_debug_on(int level);

/*
 * A progress bar on stderr. It shows itself when stderr is a terminal (or -t was given) and more
 * than a second has passed since it began; a short task leaves no trace.
 */
struct xl_progress {
    const char *what;  /* "Copying disk image"; not copied */
    const char *unit;  /* "MiB", or NULL for per cent only */
    uint64_t total;
    uint64_t start_ns;
    uint64_t shown_ns; /* 0: not shown yet */
};

void xl_progress_begin(struct xl_progress *progress, const char *what, uint64_t total,
                       const char *unit);
void xl_progress_update(struct xl_progress *progress, uint64_t done);
void xl_progress_end(struct xl_progress *progress);

#endif

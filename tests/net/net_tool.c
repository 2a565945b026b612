/* SPDX-License-Identifier: BSD-2-Clause */
/* "xl net" alone, for the test: what it needs of xl, without the hypervisor. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "output.h"
#include "xl.h"

static void print(const char *format, va_list args)
{
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
}

void xl_error(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    print(format, args);
    va_end(args);
}

void xl_note(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    print(format, args);
    va_end(args);
}

_Noreturn void xl_usage_error(const struct xl *xl, const char *format, ...)
{
    va_list args;

    (void)xl;
    va_start(args, format);
    print(format, args);
    va_end(args);
    exit(XL_EXIT_USAGE);
}

int xl_option(struct xl *xl, int argc, char **argv, const char *shorts,
              const struct option *longs)
{
    (void)xl;
    return getopt_long(argc, argv, shorts, longs, NULL);
}

int main(int argc, char **argv)
{
    struct xl xl = { 0 };

    return cmd_net(&xl, argc, argv);
}

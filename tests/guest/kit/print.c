/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A small printf over console_io. A line longer than the buffer is cut. Each call formats on
 * the caller's stack, so vCPUs need no lock.
 */
#include "print.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "console.h"

#define LINE_MAX 512

struct line {
    size_t len;
    char text[LINE_MAX];
};

static void line_putc(struct line *line, char c)
{
    if (line->len < LINE_MAX)
        line->text[line->len++] = c;
}

static void line_put_number(struct line *line, uint64_t value, unsigned int base, int width,
                            char pad)
{
    char digits[24];
    int n = 0;

    do {
        digits[n++] = "0123456789abcdef"[value % base];
        value /= base;
    } while (value);
    for (; width > n; width--)
        line_putc(line, pad);
    while (n)
        line_putc(line, digits[--n]);
}

static void line_put_signed(struct line *line, int64_t value, int width)
{
    if (value < 0) {
        line_putc(line, '-');
        line_put_number(line, 0 - (uint64_t)value, 10, width - 1, ' ');
    } else {
        line_put_number(line, (uint64_t)value, 10, width, ' ');
    }
}

struct spec {
    char pad;
    int width;
    bool is_long;
};

static const char *spec_parse(const char *p, struct spec *spec)
{
    *spec = (struct spec){ .pad = ' ' };
    if (*p == '#')
        p++;
    if (*p == '0') {
        spec->pad = '0';
        p++;
    }
    for (; *p >= '0' && *p <= '9'; p++)
        spec->width = spec->width * 10 + (*p - '0');
    for (; *p == 'l' || *p == 'z'; p++)
        spec->is_long = true;
    return p;
}

void printk(const char *fmt, ...)
{
    struct line line;
    struct spec spec;
    va_list args;
    const char *s;

    line.len = 0;
    va_start(args, fmt);
    for (const char *p = fmt; *p; p++) {
        if (*p != '%') {
            line_putc(&line, *p);
            continue;
        }
        p = spec_parse(p + 1, &spec);
        switch (*p) {
        case 'd':
            line_put_signed(&line, spec.is_long ? va_arg(args, long) : va_arg(args, int),
                            spec.width);
            break;
        case 'u':
        case 'x':
            line_put_number(&line,
                            spec.is_long ? va_arg(args, unsigned long) : va_arg(args, unsigned int),
                            *p == 'x' ? 16 : 10, spec.width, spec.pad);
            break;
        case 'p':
            line_put_number(&line, (uintptr_t)va_arg(args, void *), 16, 16, '0');
            break;
        case 'c':
            line_putc(&line, (char)va_arg(args, int));
            break;
        case 's':
            for (s = va_arg(args, const char *); *s; s++)
                line_putc(&line, *s);
            break;
        default:
            line_putc(&line, *p);
        }
    }
    va_end(args);
    console_write(line.text, line.len);
}

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Messages about configurations: "file:line: key: what is wrong; what to do".
 */
#include "conf.h"

#include <stdlib.h>

__attribute__((format(printf, 5, 0)))
static void emit(const struct xl_report *report, enum xl_severity severity, struct xl_where where,
                 const char *key, const char *format, va_list args)
{
    char line[16] = "", *text, *whole;

    if (where.line)
        snprintf(line, sizeof(line), ":%u", where.line);
    if (vasprintf(&text, format, args) < 0)
        text = NULL;
    if (asprintf(&whole, "%s%s: %s: %s", where.file ? where.file : "configuration", line, key,
                 text ? text : "out of memory") < 0)
        whole = NULL;
    if (report && report->emit)
        report->emit(report->opaque, severity, whole ? whole : "out of memory");
    free(text);
    free(whole);
}

void conf_error(struct conf_reader *r, struct xl_where where, const char *key,
                const char *format, ...)
{
    va_list args;

    r->errors++;
    va_start(args, format);
    emit(r->report, XL_ERROR, where, key, format, args);
    va_end(args);
}

void conf_warn(struct conf_reader *r, struct xl_where where, const char *key,
               const char *format, ...)
{
    va_list args;

    r->warnings++;
    va_start(args, format);
    emit(r->report, XL_WARNING, where, key, format, args);
    va_end(args);
}

void xl_config_complain(const struct xl_config *config, const struct xl_report *report,
                        const char *key, const char *format, ...)
{
    struct xl_where where = xl_config_where(config, key);
    va_list args;

    if (!where.file)
        where.file = config->source;
    va_start(args, format);
    emit(report, XL_ERROR, where, key, format, args);
    va_end(args);
}

void xl_where_complain(struct xl_where where, const struct xl_report *report, const char *key,
                       const char *format, ...)
{
    va_list args;

    va_start(args, format);
    emit(report, XL_ERROR, where, key, format, args);
    va_end(args);
}

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A configuration as an xl.cfg file: all settings that count, known or not, in their order.
 */
#include "conf.h"

#include <string.h>

/* Xen's xl does not read numbered characters rightly: all but a newline can stand as they are. */
static void print_string(FILE *file, const char *text)
{
    static const char plain[] = "\n\r\t\\\"", names[] = "nrt\\\"";

    putc('"', file);
    for (; *text; text++) {
        const char *found = strchr(plain, *text);

        if (found)
            fprintf(file, "\\%c", names[found - plain]);
        else
            putc(*text, file);
    }
    putc('"', file);
}

static void print_value(FILE *file, const struct xl_value *value)
{
    switch (value->type) {
    case XL_VALUE_STRING:
        print_string(file, value->text);
        break;
    case XL_VALUE_NUMBER:
        fputs(value->text, file);
        break;
    case XL_VALUE_LIST:
        fputs("[ ", file);
        for (unsigned i = 0; i < value->count; i++) {
            fputs(i ? ", " : "", file);
            print_value(file, value->items[i]);
        }
        fputs(value->count ? " ]" : "]", file);
        break;
    }
}

void xl_config_print_cfg(const struct xl_config *config, FILE *file)
{
    for (unsigned i = 0; i < config->settings_count; i++) {
        const struct xl_setting *s = &config->settings[i];

        if (s->overridden)
            continue;
        fprintf(file, "%s = ", s->name);
        print_value(file, s->value);
        putc('\n', file);
    }
}

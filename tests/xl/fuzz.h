/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the two fuzzers share: read a text, and when it is a configuration, print it in every form.
 * What is printed as xl.cfg must be readable again.
 */
#ifndef XL_FUZZ_H
#define XL_FUZZ_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf.h"
#include "conf_xml.h"

extern const struct conf_xml xl_module_xml;

const void *xl_module_load(const char *name, const char *symbol)
{
    (void)name;
    (void)symbol;
    return &xl_module_xml;
}

static void check_message(void *opaque, enum xl_severity severity, const char *text)
{
    (void)opaque;
    (void)severity;
    if (!*text)
        abort();
}

static struct xl_config *read_text(const char *text, size_t size)
{
    static const struct xl_report report = { check_message, NULL };
    struct xl_config_input input = { .path = "fuzz", .text = text, .size = size };
    struct xl_config *config = NULL;

    return xl_config_read(&config, &input, &report) ? NULL : config;
}

static void fuzz(const uint8_t *data, size_t size)
{
    static const struct xl_host_cpus host = { .cpus = 4 };
    static const struct xl_json_state state = { .host = &host };
    struct xl_config *config, *again;
    char *text = malloc(size + 1), *printed = NULL;
    size_t printed_size;
    FILE *file;

    memcpy(text, data, size);
    text[size] = 0;
    config = read_text(text, size);
    if (config) {
        file = open_memstream(&printed, &printed_size);
        xl_config_print_json(config, file, 0, &state, 0);
        xl_config_print_sxp(config, file, -1);
        xl_config_print_xml(config, file, NULL);
        rewind(file);
        xl_config_print_cfg(config, file);
        fclose(file);
        printed_size = strlen(printed);
        again = read_text(printed, printed_size);
        if (!again && *text != '<')
            abort();
        xl_config_free(again);
        free(printed);
        xl_config_free(config);
    }
    free(text);
}

#endif

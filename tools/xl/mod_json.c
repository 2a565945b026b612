/* SPDX-License-Identifier: BSD-2-Clause */
/* The module "json": json.h's writer on libyajl. */
#include "json.h"

#include <errno.h>
#include <yajl/yajl_gen.h>

extern const struct json_ops json_module;

static void *gen_open(void)
{
    yajl_gen gen = yajl_gen_alloc(NULL);

    if (gen) {
        yajl_gen_config(gen, yajl_gen_beautify, 1);
        yajl_gen_config(gen, yajl_gen_indent_string, "    ");
    }
    return gen;
}

static void gen_close(void *gen)
{
    yajl_gen_free(gen);
}

static void gen_string(void *gen, const char *text, size_t length)
{
    yajl_gen_string(gen, (const unsigned char *)text, length);
}

static void gen_number(void *gen, const char *text, size_t length)
{
    yajl_gen_number(gen, text, length);
}

static void gen_boolean(void *gen, bool value)
{
    yajl_gen_bool(gen, value);
}

static void gen_null(void *gen)
{
    yajl_gen_null(gen);
}

static void gen_map_open(void *gen)
{
    yajl_gen_map_open(gen);
}

static void gen_map_close(void *gen)
{
    yajl_gen_map_close(gen);
}

static void gen_array_open(void *gen)
{
    yajl_gen_array_open(gen);
}

static void gen_array_close(void *gen)
{
    yajl_gen_array_close(gen);
}

static int gen_flush(void *gen, FILE *out)
{
    const unsigned char *text;
    size_t length;

    if (yajl_gen_get_buf(gen, &text, &length) != yajl_gen_status_ok)
        return -ENOMEM;
    if (fwrite(text, 1, length, out) != length)
        return -EIO;
    yajl_gen_clear(gen);
    return 0;
}

const struct json_ops json_module = {
    .open = gen_open,
    .close = gen_close,
    .string = gen_string,
    .number = gen_number,
    .boolean = gen_boolean,
    .null = gen_null,
    .map_open = gen_map_open,
    .map_close = gen_map_close,
    .array_open = gen_array_open,
    .array_close = gen_array_close,
    .flush = gen_flush,
};

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The JSON writer's part in xl itself: keeps what is open, and makes text UTF-8. The library is
 * behind struct json_ops, in the module "json".
 */
#include "json.h"

#include "output.h"
#include "xl.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define DEPTH_MAX 32

struct json {
    const struct json_ops *ops;
    void *gen;
    FILE *out;
    unsigned depth;
    bool is_map[DEPTH_MAX];
};

/* The length of the well-formed UTF-8 sequence that 'text' starts with; 0 when there is none. */
static size_t utf8_length(const unsigned char *text)
{
    uint32_t value, least;
    size_t length, i;

    if (text[0] < 0x80)
        return 1;
    if (text[0] >= 0xc2 && text[0] < 0xe0) {
        length = 2, least = 0x80, value = text[0] & 0x1f;
    } else if ((text[0] & 0xf0) == 0xe0) {
        length = 3, least = 0x800, value = text[0] & 0xf;
    } else if (text[0] >= 0xf0 && text[0] < 0xf5) {
        length = 4, least = 0x10000, value = text[0] & 7;
    } else {
        return 0;
    }
    for (i = 1; i < length; i++) {
        if ((text[i] & 0xc0) != 0x80)
            return 0;
        value = value << 6 | (text[i] & 0x3f);
    }
    if (value < least || value > 0x10ffff || (value >= 0xd800 && value < 0xe000))
        return 0;
    return length;
}

static bool text_is_utf8(const char *text)
{
    const unsigned char *at = (const unsigned char *)text;

    while (*at) {
        size_t length = utf8_length(at);

        if (!length)
            return false;
        at += length;
    }
    return true;
}

static char *text_repair(const char *text)
{
    const unsigned char *at = (const unsigned char *)text;
    char *fixed = malloc(3 * strlen(text) + 1);
    char *to = fixed;

    if (!fixed)
        xl_die("Out of memory while writing JSON.");
    while (*at) {
        size_t length = utf8_length(at);

        if (length) {
            memcpy(to, at, length);
            to += length;
            at += length;
        } else {
            memcpy(to, "\xef\xbf\xbd", 3);
            to += 3;
            at++;
        }
    }
    *to = '\0';
    return fixed;
}

static void write_text(struct json *json, const char *text)
{
    char *fixed = NULL;

    if (!text_is_utf8(text))
        text = fixed = text_repair(text);
    json->ops->string(json->gen, text, strlen(text));
    free(fixed);
}

static void write_key(struct json *json, const char *key)
{
    if (key)
        write_text(json, key);
}

struct json *json_begin(FILE *out)
{
    struct json *json = calloc(1, sizeof(*json));

    if (!json)
        xl_die("Out of memory while writing JSON.");
    json->ops = xl_module_load("json", "json_module");
    json->out = out;
    json->gen = json->ops->open();
    if (!json->gen)
        xl_die("Out of memory while writing JSON.");
    return json;
}

int json_finish(struct json *json)
{
    int rc;

    while (json->depth)
        json_end(json);
    rc = json->ops->flush(json->gen, json->out);
    json->ops->close(json->gen);
    free(json);
    return rc;
}

static void open_level(struct json *json, bool is_map)
{
    if (json->depth == DEPTH_MAX)
        xl_die("JSON nests deeper than %d levels; this is a fault of xl.", DEPTH_MAX);
    json->is_map[json->depth++] = is_map;
}

void json_map(struct json *json, const char *key)
{
    write_key(json, key);
    open_level(json, true);
    json->ops->map_open(json->gen);
}

void json_array(struct json *json, const char *key)
{
    write_key(json, key);
    open_level(json, false);
    json->ops->array_open(json->gen);
}

void json_end(struct json *json)
{
    if (!json->depth)
        return;
    if (json->is_map[--json->depth])
        json->ops->map_close(json->gen);
    else
        json->ops->array_close(json->gen);
}

void json_string(struct json *json, const char *key, const char *value)
{
    write_key(json, key);
    if (value)
        write_text(json, value);
    else
        json->ops->null(json->gen);
}

static void write_number(struct json *json, const char *key, const char *text, int length)
{
    write_key(json, key);
    json->ops->number(json->gen, text, (size_t)length);
}

void json_int(struct json *json, const char *key, int64_t value)
{
    char text[24];

    write_number(json, key, text, snprintf(text, sizeof(text), "%" PRId64, value));
}

void json_uint(struct json *json, const char *key, uint64_t value)
{
    char text[24];

    write_number(json, key, text, snprintf(text, sizeof(text), "%" PRIu64, value));
}

void json_fixed(struct json *json, const char *key, double value, int decimals)
{
    char text[64];

    write_number(json, key, text, snprintf(text, sizeof(text), "%.*f", decimals, value));
}

void json_bool(struct json *json, const char *key, bool value)
{
    write_key(json, key);
    json->ops->boolean(json->gen, value);
}

void json_null(struct json *json, const char *key)
{
    write_key(json, key);
    json->ops->null(json->gen);
}

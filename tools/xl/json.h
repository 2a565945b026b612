/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A writer of JSON, pretty-printed as yajl does with four spaces: scripts parse it by line. The
 * library is in a module, loaded by json_begin().
 *
 * 'key' is the name inside a map, and NULL inside an array and for the outermost value. Maps and
 * arrays are closed by json_end(), innermost first; the outermost one brings a newline. Text that
 * is not UTF-8 is written with U+FFFD in place of each bad byte.
 */
#ifndef XL_JSON_H
#define XL_JSON_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct json;

struct json *json_begin(FILE *out);
int json_finish(struct json *json); /* write all to 'out' and free; 0 or -errno */

void json_map(struct json *json, const char *key);
void json_array(struct json *json, const char *key);
void json_end(struct json *json);

void json_string(struct json *json, const char *key, const char *value); /* NULL writes null */
void json_int(struct json *json, const char *key, int64_t value);
void json_uint(struct json *json, const char *key, uint64_t value);
void json_fixed(struct json *json, const char *key, double value, int decimals);
void json_bool(struct json *json, const char *key, bool value);
void json_null(struct json *json, const char *key);

/*
 * What the module owes, with its library behind it. Keys are written as strings; numbers come as
 * text. 'flush' moves what is ready to 'out'.
 */
struct json_ops {
    void *(*open)(void);
    void (*close)(void *gen);
    void (*string)(void *gen, const char *text, size_t length);
    void (*number)(void *gen, const char *text, size_t length);
    void (*boolean)(void *gen, bool value);
    void (*null)(void *gen);
    void (*map_open)(void *gen);
    void (*map_close)(void *gen);
    void (*array_open)(void *gen);
    void (*array_close)(void *gen);
    int (*flush)(void *gen, FILE *out);
};

#endif

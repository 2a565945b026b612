/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Values as the keys' functions take them. As in xl, a number may stand where a string belongs,
 * and a string of digits where a number belongs.
 */
#include "conf.h"

#include <string.h>

static const char *sort_of(const struct xl_value *value)
{
    switch (value->type) {
    case XL_VALUE_LIST:
        return "a list";
    case XL_VALUE_NUMBER:
        return "a number";
    default:
        return "a string";
    }
}

bool conf_take_string(struct conf_reader *r, const struct xl_setting *s, const char **out)
{
    if (s->value->type == XL_VALUE_LIST) {
        conf_error(r, s->where, s->name, "is a list, but one string belongs here; "
                   "write %s = \"...\"", s->name);
        return false;
    }
    *out = s->value->text;
    return true;
}

bool conf_take_number(struct conf_reader *r, const struct xl_setting *s, int64_t min, int64_t max,
                      int64_t *out)
{
    const char *unit = s->key && s->key->value ? s->key->value : "N";
    int64_t number;

    if (s->value->type == XL_VALUE_LIST) {
        conf_error(r, s->where, s->name, "is a list, but one number belongs here; write %s = %s",
                   s->name, unit);
        return false;
    }
    if (s->value->type == XL_VALUE_NUMBER) {
        number = s->value->number;
    } else if (!conf_number(s->value->text, &number)) {
        conf_error(r, s->where, s->name, "\"%s\" is not a number; write %s = %s", s->value->text,
                   s->name, unit);
        return false;
    }
    if (number < min || number > max) {
        conf_error(r, s->where, s->name, "%lld is out of range; give %s%s%lld to %lld",
                   (long long)number, strcmp(unit, "N") ? unit : "",
                   strcmp(unit, "N") ? " from " : "", (long long)min, (long long)max);
        return false;
    }
    *out = number;
    return true;
}

bool conf_take_flag(struct conf_reader *r, const struct xl_setting *s, enum xl_flag *out)
{
    int64_t number;

    if (s->value->type != XL_VALUE_LIST && conf_number(s->value->text, &number)) {
        *out = number ? XL_YES : XL_NO;
        return true;
    }
    if (s->value->type == XL_VALUE_LIST)
        conf_error(r, s->where, s->name, "is a list, but yes or no belongs here; write 1 or 0");
    else
        conf_error(r, s->where, s->name, "\"%s\" is neither 1 (yes) nor 0 (no); write one of "
                   "these", s->value->text);
    return false;
}

bool conf_take_list(struct conf_reader *r, const struct xl_setting *s,
                    const struct xl_value *const **items, unsigned *count)
{
    if (s->value->type != XL_VALUE_LIST) {
        conf_error(r, s->where, s->name, "is %s, but a list belongs here; write %s = [ %s%.60s%s ]",
                   sort_of(s->value), s->name, s->value->type == XL_VALUE_STRING ? "\"" : "",
                   s->value->text, s->value->type == XL_VALUE_STRING ? "\"" : "");
        return false;
    }
    for (unsigned i = 0; i < s->value->count; i++) {
        const struct xl_value *item = s->value->items[i];

        if (item->type == XL_VALUE_LIST) {
            conf_error(r, (struct xl_where){ s->where.file, item->line }, s->name,
                       "item %u is a list, but a string belongs here; remove its [ ]", i + 1);
            return false;
        }
    }
    *items = (const struct xl_value *const *)s->value->items;
    *count = s->value->count;
    return true;
}

bool conf_take_word(struct conf_reader *r, const struct xl_setting *s, const char *const *words,
                    unsigned *out)
{
    const char *text, *near;
    char all[512] = "";

    if (!conf_take_string(r, s, &text))
        return false;
    for (unsigned i = 0; words[i]; i++) {
        if (!strcmp(text, words[i])) {
            *out = i;
            return true;
        }
        snprintf(all + strlen(all), sizeof(all) - strlen(all), "%s\"%s\"", i ? ", " : "", words[i]);
    }
    near = conf_nearest(text, words);
    if (near)
        conf_error(r, s->where, s->name, "\"%s\" is not known; did you mean \"%s\"? "
                   "(There are: %s)", text, near, all);
    else
        conf_error(r, s->where, s->name, "\"%s\" is not known; use one of %s", text, all);
    return false;
}

char *conf_trim(struct xl_arena *arena, const char *text, size_t size)
{
    while (size && strchr(" \t", *text)) {
        text++;
        size--;
    }
    while (size && strchr(" \t", text[size - 1]))
        size--;
    return arena_copy(arena, text, size);
}

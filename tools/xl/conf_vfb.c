/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Graphical consoles of PV guests: vfb, and the keys of HVM guests' screens, which mean the same
 * for a PV guest when vnc = 1 is among them.
 */
#include "conf.h"

#include <limits.h>
#include <string.h>

static const char *const keys[] = {
    "vnc", "vnclisten", "vncpasswd", "vncdisplay", "vncunused", "sdl", "opengl", "display",
    "xauthority", "keymap", "type", NULL,
};

static bool take_flag(const char *value, enum xl_flag *flag)
{
    int64_t number;

    if (!conf_number(value, &number))
        return false;
    *flag = number ? XL_YES : XL_NO;
    return true;
}

/* False when the value is wrong; "type=vnc" is xend's. */
static bool take_key(struct xl_vfb *vfb, const char *key, const char *value, bool *known)
{
    int64_t number;

    *known = true;
    if (!strcmp(key, "vnc"))
        return take_flag(value, &vfb->vnc);
    if (!strcmp(key, "vncunused"))
        return take_flag(value, &vfb->vnc_findunused);
    if (!strcmp(key, "sdl"))
        return take_flag(value, &vfb->sdl);
    if (!strcmp(key, "opengl"))
        return take_flag(value, &vfb->opengl);
    if (!strcmp(key, "vncdisplay")) {
        if (!conf_number(value, &number) || number < 0 || number > 59635)
            return false;
        vfb->vnc_display = (int)number;
    } else if (!strcmp(key, "vnclisten")) {
        vfb->vnc_listen = value;
    } else if (!strcmp(key, "vncpasswd")) {
        vfb->vnc_passwd = value;
    } else if (!strcmp(key, "display")) {
        vfb->sdl_display = value;
    } else if (!strcmp(key, "xauthority")) {
        vfb->sdl_xauthority = value;
    } else if (!strcmp(key, "keymap")) {
        vfb->keymap = value;
    } else {
        *known = !strcmp(key, "type");
    }
    return true;
}

static void parse(struct conf_reader *r, struct xl_where where, const char *text,
                  struct xl_vfb *vfb)
{
    vfb->where = where;
    for (const char *at = text; *at;) {
        size_t size = strcspn(at, ",");
        char *part = conf_trim(r->arena, at, size);
        char *equals = strchr(part, '=');
        const char *near;
        bool known = false;

        at += size + (at[size] == ',');
        if (!*part)
            continue;
        if (equals)
            *equals = 0;
        if (equals && !take_key(vfb, part, equals + 1, &known)) {
            conf_error(r, where, "vfb", "'%s': %s='%s' is not a number that is possible there",
                       text, part, equals + 1);
        } else if (!known) {
            near = conf_nearest(part, keys);
            conf_error(r, where, "vfb", "'%s': unknown key '%s'; %s%s%s", text, part,
                       near ? "did you mean " : "there are vnc, vnclisten, vncpasswd, vncdisplay, "
                       "vncunused, sdl, opengl, display, xauthority, keymap", near ? near : "",
                       near ? "?" : "");
        }
    }
}

void conf_take_vfb(struct conf_reader *r, const struct xl_setting *s)
{
    const struct xl_value *const *items;
    struct xl_config *config = r->config;
    unsigned count;

    if (!conf_take_list(r, s, &items, &count))
        return;
    config->vfbs = arena_alloc(r->arena, sizeof(*config->vfbs) * (count + 1));
    config->vfb_count = count;
    for (unsigned i = 0; i < count; i++)
        parse(r, (struct xl_where){ s->where.file, items[i]->line }, items[i]->text,
              &config->vfbs[i]);
}

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Keys that are one value: each function checks its setting and puts it into the configuration.
 */
#include "conf.h"

#include <ctype.h>
#include <limits.h>
#include <string.h>

/* 8 TiB: the most memory of a guest in Xen. */
#define MAX_MEMORY_MIB (8 << 20)
/* Xen's limit for a PV guest. */
#define MAX_VCPUS      8192
/* Longer ones do not fit into the columns of "xl list", nor into file names with what is added. */
#define MAX_NAME       200

const char *const conf_action_names[] = {
    "destroy", "restart", "rename-restart", "preserve", "coredump-destroy", "coredump-restart",
    "soft-reset", NULL,
};
const char *const conf_guest_names[] = { "pv", "pvh", "hvm", NULL };
const char *const conf_tsc_names[] = {
    "default", "always_emulate", "native", "native_paravirt", NULL,
};

const char *xl_action_name(enum xl_action action)
{
    return conf_action_names[action];
}

const char *xl_guest_type_name(enum xl_guest_type type)
{
    return conf_guest_names[type];
}

#define TAKER(key) void conf_take_##key(struct conf_reader *r, const struct xl_setting *s)

/* Names are used in files, in the store, and in columns that scripts split at blanks. */
TAKER(name)
{
    const char *name;
    bool digits = true, blanks = false;

    if (!conf_take_string(r, s, &name))
        return;
    if (!*name) {
        conf_error(r, s->where, s->name, "is empty; give the guest a name");
        return;
    }
    if (strlen(name) > MAX_NAME) {
        conf_error(r, s->where, s->name, "has %zu characters; %u are possible", strlen(name),
                   MAX_NAME);
        return;
    }
    for (const char *c = name; *c; c++) {
        if (*c == '/' || (unsigned char)*c < ' ' || *c == 0x7f) {
            conf_error(r, s->where, s->name, "\"%s\" has a '/' or a control character in it; "
                       "use letters, digits, '-', '_' and '.'", name);
            return;
        }
        digits = digits && isdigit((unsigned char)*c);
        blanks = blanks || *c == ' ';
    }
    if (!strcmp(name, ".") || !strcmp(name, "..")) {
        conf_error(r, s->where, s->name, "\"%s\" cannot be a guest's name", name);
        return;
    }
    if (digits)
        conf_warn(r, s->where, s->name, "\"%s\" looks like a domain's number, and commands will "
                  "take it for one; begin it with a letter", name);
    if (blanks)
        conf_warn(r, s->where, s->name, "\"%s\" has blanks, which programs that read xl list "
                  "cannot parse; use '-' or '_'", name);
    r->config->name = name;
}

TAKER(type)
{
    unsigned type;

    if (conf_take_word(r, s, conf_guest_names, &type))
        r->config->type = type;
}

/* 'type' wins; what xend called "linux" and "generic" is a PV guest. */
TAKER(builder)
{
    static const char *const names[] = { "generic", "linux", "hvm", NULL };
    unsigned builder;

    if (xl_config_where(r->config, "type").line)
        return;
    if (conf_take_word(r, s, names, &builder))
        r->config->type = builder == 2 ? XL_GUEST_HVM : XL_GUEST_PV;
}

TAKER(uuid)
{
    const char *text, *c;
    uint8_t uuid[16] = { 0 };
    unsigned digits = 0;

    if (!conf_take_string(r, s, &text))
        return;
    for (c = text; *c; c++) {
        unsigned place = (unsigned)(c - text);

        if (place == 8 || place == 13 || place == 18 || place == 23) {
            if (*c != '-')
                break;
            continue;
        }
        if (!isxdigit((unsigned char)*c) || digits == 32)
            break;
        uuid[digits / 2] |= (uint8_t)((isdigit((unsigned char)*c) ? *c - '0'
                                       : tolower((unsigned char)*c) - 'a' + 10)
                                      << (digits % 2 ? 0 : 4));
        digits++;
    }
    if (*c || digits != 32) {
        conf_error(r, s->where, s->name, "\"%s\" is not a UUID; write it as "
                   "01234567-89ab-cdef-0123-456789abcdef, or leave it out and get a new one", text);
        return;
    }
    memcpy(r->config->uuid, uuid, sizeof(uuid));
    r->config->has_uuid = true;
}

TAKER(memory)
{
    int64_t mib;

    if (conf_take_number(r, s, 1, MAX_MEMORY_MIB, &mib))
        r->config->memory_kib = (uint64_t)mib << 10;
}

TAKER(maxmem)
{
    int64_t mib;

    if (conf_take_number(r, s, 1, MAX_MEMORY_MIB, &mib))
        r->config->maxmem_kib = (uint64_t)mib << 10;
}

TAKER(vcpus)
{
    int64_t count;

    if (conf_take_number(r, s, 1, MAX_VCPUS, &count))
        r->config->vcpus = (unsigned)count;
}

TAKER(maxvcpus)
{
    int64_t count;

    if (conf_take_number(r, s, 1, MAX_VCPUS, &count))
        r->config->maxvcpus = (unsigned)count;
}

TAKER(kernel)
{
    conf_take_string(r, s, &r->config->kernel);
}

TAKER(ramdisk)
{
    const char *path;

    /* An empty one is what managers write for "none". */
    if (conf_take_string(r, s, &path) && *path)
        r->config->ramdisk = path;
}

TAKER(cmdline)
{
    conf_take_string(r, s, &r->cmdline);
}

TAKER(root)
{
    conf_take_string(r, s, &r->root);
}

TAKER(extra)
{
    conf_take_string(r, s, &r->extra);
}

TAKER(bootloader)
{
    const char *program, *name;

    if (!conf_take_string(r, s, &program))
        return;
    name = strrchr(program, '/');
    name = name ? name + 1 : program;
    if (strcmp(name, "pygrub") != 0 && strcmp(name, "pvgrub") != 0 && strcmp(name, "grub") != 0) {
        conf_error(r, s->where, s->name, "\"%s\" cannot be run: programs that read guests' disks "
                   "in the control domain are not supported; use \"pygrub\", which starts GRUB "
                   "inside the guest", program);
        return;
    }
    r->config->bootloader = program;
    r->config->own_kernel = true;
}

/* A string is split at blanks, as xend's configurations need. */
static void split_args(struct conf_reader *r, const struct xl_setting *s, const char ***args,
                       unsigned *count)
{
    const char *text = s->value->text;

    conf_warn(r, s->where, s->name, "as one string is deprecated; write a list of strings");
    while (*text) {
        size_t size = strcspn(text, " \t");

        if (size) {
            *args = arena_grow(r->arena, *args, *count, sizeof(**args));
            (*args)[(*count)++] = arena_copy(r->arena, text, size);
        }
        text += size + strspn(text + size, " \t");
    }
}

TAKER(bootloader_args)
{
    const struct xl_value *const *items;
    const char **args = NULL;
    unsigned count = 0, given;

    if (s->value->type == XL_VALUE_STRING) {
        split_args(r, s, &args, &count);
    } else {
        if (!conf_take_list(r, s, &items, &given))
            return;
        for (; count < given; count++) {
            args = arena_grow(r->arena, args, count, sizeof(*args));
            args[count] = items[count]->text;
        }
    }
    r->config->bootloader_args = args;
    r->config->bootloader_args_count = count;
}

/* GRUB inside of the guest, by the name it has for HVM guests' firmware. */
TAKER(firmware)
{
    const char *text;

    if (!conf_take_string(r, s, &text))
        return;
    if (!strcmp(text, "pvgrub64"))
        r->config->own_kernel = true;
    else
        conf_error(r, s->where, s->name, "\"%s\" is not for 64-bit PV guests; "
                   "\"pvgrub64\" starts GRUB inside the guest", text);
}

TAKER(cpu_weight)
{
    int64_t weight;

    if (conf_take_number(r, s, 1, 65535, &weight))
        r->config->weight = (int)weight;
}

TAKER(cap)
{
    int64_t cap;

    if (conf_take_number(r, s, 0, 65535, &cap))
        r->config->cap = (int)cap;
}

TAKER(pool)
{
    const char *pool;

    if (!conf_take_string(r, s, &pool))
        return;
    if (!*pool)
        conf_error(r, s->where, s->name, "is empty; xl cpupool-list shows the pools there are");
    else
        r->config->pool = pool;
}

TAKER(action)
{
    static const struct {
        const char *key;
        size_t offset;
    } fields[] = {
        { "on_poweroff", offsetof(struct xl_config, on_poweroff) },
        { "on_reboot", offsetof(struct xl_config, on_reboot) },
        { "on_crash", offsetof(struct xl_config, on_crash) },
        { "on_watchdog", offsetof(struct xl_config, on_watchdog) },
        { "on_soft_reset", offsetof(struct xl_config, on_soft_reset) },
    };
    unsigned action;

    if (!conf_take_word(r, s, conf_action_names, &action))
        return;
    for (unsigned i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
        if (!strcmp(fields[i].key, s->name))
            *(enum xl_action *)((char *)r->config + fields[i].offset) = action;
}

TAKER(limit)
{
    struct xl_config *config = r->config;
    const struct {
        const char *key;
        unsigned *field;
        int64_t min, max;
    } limits[] = {
        { "max_grant_frames", &config->max_grant_frames, 1, INT_MAX },
        { "max_maptrack_frames", &config->max_maptrack_frames, 0, INT_MAX },
        { "max_grant_version", &config->max_grant_version, 1, 2 },
        { "max_event_channels", &config->max_event_channels, 1, 131071 },
    };
    int64_t limit;

    for (unsigned i = 0; i < sizeof(limits) / sizeof(limits[0]); i++)
        if (!strcmp(limits[i].key, s->name) &&
            conf_take_number(r, s, limits[i].min, limits[i].max, &limit))
            *limits[i].field = (unsigned)limit;
}

TAKER(localtime)
{
    conf_take_flag(r, s, &r->config->localtime);
}

TAKER(rtc_timeoffset)
{
    int64_t seconds;

    if (conf_take_number(r, s, INT_MIN, INT_MAX, &seconds))
        r->config->rtc_timeoffset = (int)seconds;
}

TAKER(tsc_mode)
{
    int64_t number;
    unsigned mode;

    if (s->value->type == XL_VALUE_NUMBER) {
        if (!conf_take_number(r, s, 0, 3, &number))
            return;
        mode = (unsigned)number;
        conf_warn(r, s->where, s->name, "as a number is deprecated; write \"%s\"",
                  conf_tsc_names[mode]);
    } else if (!conf_take_word(r, s, conf_tsc_names, &mode)) {
        return;
    }
    if (mode == 3)
        conf_error(r, s->where, s->name, "\"%s\" is not supported; use \"default\", \"native\" or "
                   "\"always_emulate\"", conf_tsc_names[mode]);
    else
        r->config->tsc_mode = mode;
}

TAKER(nomigrate)
{
    conf_take_flag(r, s, &r->config->nomigrate);
}

TAKER(driver_domain)
{
    conf_take_flag(r, s, &r->config->driver_domain);
}

TAKER(seclabel)
{
    conf_take_string(r, s, *s->name == 'i' ? &r->config->init_seclabel : &r->config->seclabel);
}

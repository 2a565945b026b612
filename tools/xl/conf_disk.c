/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One disk: "target,format,vdev,access" with "key=value" and flags anywhere between, and xend's
 * prefixes, which Ganeti and old configurations still write. "target=" takes all that follows it.
 */
#include "conf.h"

#include <string.h>

#define SCRIPTS "/etc/xen/scripts/"

const char *const conf_format_names[] = { "raw", "qcow", "qcow2", "vhd", "qed", "empty", NULL };
const char *const conf_backend_names[] = { "", "phy", "tap", "qdisk", "standalone", NULL };

const char *xl_disk_format_name(enum xl_disk_format format)
{
    return conf_format_names[format];
}

/* Places in 'values'; the first four are positional. */
enum { TARGET, FORMAT, VDEV, ACCESS, BACKENDTYPE, BACKEND, SCRIPT, DEVTYPE, SPECIFICATION, KEYS };

static const char *const keys[] = {
    "target", "format", "vdev", "access", "backendtype", "backend", "script", "devtype",
    "specification", NULL,
};

/* One specification while it is parsed: what was given, NULL or false if it was not. */
struct spec {
    struct conf_reader *r;
    struct xl_where where;
    const char *text;
    const char *values[KEYS];
    bool filled[4];                 /* positional parts, given in any way, even empty */
    bool raw_target;                /* what follows is for a script: no prefix in it */
    bool cdrom;
    struct xl_disk *disk;
};

/* Always false, so that a caller can return it. */
static bool wrong(struct spec *spec, const char *what, const char *value, const char *advice)
{
    conf_error(spec->r, spec->where, "disk", "'%s': %s%s%s%s; %s", spec->text, what,
               value ? " '" : "", value ? value : "", value ? "'" : "", advice);
    return false;
}

static bool set(struct spec *spec, unsigned key, const char *value)
{
    if (!*value)
        return true;
    if (spec->values[key])
        return wrong(spec, arena_printf(spec->r->arena, "%s is given twice, '%s' and", keys[key],
                                        spec->values[key]), value, "remove one of them");
    spec->values[key] = value;
    return true;
}

static bool is_one_of(const char *word, const char *const *words)
{
    while (*words && strcmp(word, *words) != 0)
        words++;
    return *words;
}

static bool take_flag(struct spec *spec, const char *part)
{
    struct xl_disk *disk = spec->disk;

    if (!strcmp(part, "cdrom"))
        spec->cdrom = true;
    else if (!strcmp(part, "direct-io-safe"))
        disk->direct_io_safe = true;
    else if (!strcmp(part, "discard") || !strcmp(part, "no-discard"))
        disk->discard = *part == 'n' ? XL_NO : XL_YES;
    else if (!strcmp(part, "trusted") || !strcmp(part, "untrusted"))
        disk->trusted = *part == 'u' ? XL_NO : XL_YES;
    else
        return false;
    return true;
}

/* Drop one of xend's prefixes: formats, scripts, and ones that mean nothing today. */
static bool take_prefix(struct spec *spec, const char **target, size_t size)
{
    static const char *const formats[] = { "raw:", "qcow:", "qcow2:", "vhd:", NULL };
    static const char *const scripts[] = { "iscsi:", "nbd:", "enbd:", "drbd:", NULL };
    static const char *const ignored[] = {
        "tapdisk:", "tap2:", "tap:", "aio:", "ioemu:", "file:", "phy:", NULL,
    };
    char *prefix = arena_copy(spec->r->arena, *target, size);

    *target += size;
    spec->filled[FORMAT] = true;
    if (is_one_of(prefix, formats)) {
        prefix[size - 1] = 0;
        return set(spec, FORMAT, prefix);
    }
    if (is_one_of(prefix, scripts)) {
        prefix[size - 1] = 0;
        spec->raw_target = true;
        return set(spec, SCRIPT, arena_printf(spec->r->arena, "block-%s", prefix));
    }
    return is_one_of(prefix, ignored) ||
           wrong(spec, "unknown prefix", prefix, "write the path alone, or target=PATH as the "
                 "last part");
}

/* Behind a prefix no format follows: "phy:/dev/vg/lv,xvda,w". */
static bool take_target(struct spec *spec, const char *target)
{
    while (!spec->raw_target) {
        size_t size = strspn(target, "abcdefghijklmnopqrstuvwxyz0123456789");

        if (target[size] != ':' || !size)
            break;
        if (!take_prefix(spec, &target, size + 1))
            return false;
    }
    return set(spec, TARGET, target);
}

static bool take_positional(struct spec *spec, const char *part)
{
    unsigned place = TARGET;

    while (place <= ACCESS && spec->filled[place])
        place++;
    if (place > ACCESS)
        return wrong(spec, "too many parts: target, format, vdev and access were before", part,
                     "a path with commas goes last, as target=PATH");
    /* Xend's empty drive: ",hdc:cdrom,r". */
    if (place == FORMAT && !spec->values[TARGET] && strchr(part, ':')) {
        spec->filled[FORMAT] = true;
        place = VDEV;
    }
    spec->filled[place] = true;
    return place == TARGET ? take_target(spec, part) : set(spec, place, part);
}

/* "key=value". */
static bool take_keyed(struct spec *spec, const char *part, size_t size)
{
    const char *name = arena_copy(spec->r->arena, part, size), *near;

    for (unsigned i = 0; i < KEYS; i++) {
        if (strcmp(name, keys[i]) != 0)
            continue;
        if (i <= ACCESS && part[size + 1])
            spec->filled[i] = true;
        return set(spec, i, part + size + 1);
    }
    if (!strncmp(name, "colo", 4) || !strcmp(name, "active-disk") || !strcmp(name, "hidden-disk"))
        return wrong(spec, "COLO is not supported:", part, "remove it");
    near = conf_nearest(name, keys);
    if (near)
        return wrong(spec, "unknown key in", part,
                     arena_printf(spec->r->arena, "did you mean %s=?", near));
    return wrong(spec, "unknown key in", part, strchr(name, '/')
                 ? "a path with '=' in it goes last, as target=PATH"
                 : "there are target, format, vdev, access, backendtype, backend, script, devtype, "
                   "specification, and the flags cdrom, direct-io-safe, discard, no-discard, "
                   "trusted, untrusted");
}

static bool take_part(struct spec *spec, const char *part)
{
    const char *equals = strchr(part, '=');

    if (equals)
        return take_keyed(spec, part, (size_t)(equals - part));
    if (take_flag(spec, part))
        return true;
    if (!strcmp(part, "colo"))
        return wrong(spec, "COLO is not supported", NULL, "remove colo");
    return take_positional(spec, part);
}

/* "hdc:cdrom", "ioemu:hda", "xvda:disk". */
static bool take_vdev(struct spec *spec)
{
    const char *vdev = spec->values[VDEV], *colon;

    if (!strncmp(vdev, "ioemu:", 6))
        vdev += 6;
    colon = strchr(vdev, ':');
    if (colon && !strcmp(colon, ":cdrom"))
        spec->cdrom = true;
    else if (colon && strcmp(colon, ":disk") != 0)
        return wrong(spec, "unknown sort of device", colon + 1, "use cdrom or disk");
    if (colon)
        vdev = arena_copy(spec->r->arena, vdev, (size_t)(colon - vdev));
    spec->disk->vdev = vdev;
    if (!xl_vdev_number(vdev, &spec->disk->number))
        return true;
    if (!xl_vdev_number(arena_printf(spec->r->arena, "x%s", vdev), &spec->disk->number))
        return wrong(spec, "no virtual disk is called", vdev,
                     arena_printf(spec->r->arena, "did you mean x%s?", vdev));
    return wrong(spec, "no virtual disk is called", vdev,
                 "use xvda, xvdb, ... with a partition's number behind if it is one");
}

static bool take_word(struct spec *spec, unsigned key, const char *const *words, unsigned *out,
                      const char *all)
{
    for (unsigned i = 0; words[i]; i++) {
        if (!strcmp(spec->values[key], words[i])) {
            *out = i;
            return true;
        }
    }
    return wrong(spec, arena_printf(spec->r->arena, "%s is", keys[key]), spec->values[key],
                 arena_printf(spec->r->arena, "use %s", all));
}

/* Xend let several guests write to a disk with "w!". */
static bool take_access(struct spec *spec)
{
    const char *access = spec->values[ACCESS];

    if (!access || !strcmp(access, "rw") || !strcmp(access, "w"))
        spec->disk->readwrite = true;
    else if (!strcmp(access, "w!") || !strcmp(access, "!"))
        return wrong(spec, "a disk cannot be shared for writing by access", access,
                     "that destroys file systems; use w for one guest");
    else if (strcmp(access, "ro") != 0 && strcmp(access, "r") != 0)
        return wrong(spec, "access is", access, "use r (read only) or w (read and write)");
    return true;
}

static bool take_words(struct spec *spec)
{
    static const char *const sorts[] = { "disk", "cdrom", NULL };
    static const char *const specifications[] = { "xen", "virtio", NULL };
    struct xl_disk *disk = spec->disk;
    unsigned word = 0;

    if (spec->values[FORMAT]) {
        uint32_t number;

        if (spec->values[TARGET] && !xl_vdev_number(spec->values[FORMAT], &number))
            return wrong(spec, "the format is missing before", spec->values[FORMAT],
                         "the order is TARGET,raw,xvda,w, where raw may be left empty");
        if (!take_word(spec, FORMAT, conf_format_names, &word, "raw, qcow, qcow2, vhd or qed"))
            return false;
        disk->format = word;
    }
    if (spec->values[BACKENDTYPE]) {
        if (!take_word(spec, BACKENDTYPE, conf_backend_names, &word,
                       "phy, tap, qdisk or standalone, or leave it out"))
            return false;
        disk->backendtype = word;
    }
    if (spec->values[DEVTYPE]) {
        if (!take_word(spec, DEVTYPE, sorts, &word, "disk or cdrom"))
            return false;
        spec->cdrom = spec->cdrom || word;
    }
    if (spec->values[SPECIFICATION]) {
        if (!take_word(spec, SPECIFICATION, specifications, &word, "xen"))
            return false;
        disk->virtio = word;
    }
    return take_access(spec);
}

static bool complete(struct spec *spec)
{
    struct xl_disk *disk = spec->disk;
    const char *target = spec->values[TARGET];

    if (!take_words(spec))
        return false;
    if (!spec->values[VDEV])
        return wrong(spec, "the guest's name of the disk is missing", NULL,
                     "add it as the third part: TARGET,raw,xvda,w");
    if (!take_vdev(spec))
        return false;
    disk->cdrom = disk->removable = spec->cdrom;
    if (disk->cdrom)
        disk->readwrite = false;
    if ((!target || !*target) && !disk->cdrom)
        return wrong(spec, "the target is missing", NULL,
                     "give a block device or an image file as the first part");
    disk->backend = spec->values[BACKEND];
    disk->script = spec->values[SCRIPT];
    if (disk->script)
        disk->script_path = strchr(disk->script, '/') ? disk->script
                            : arena_printf(spec->r->arena, SCRIPTS "%s", disk->script);
    if (!target || !*target) {
        disk->format = XL_DISK_EMPTY;
        return true;
    }
    disk->target = target;
    if (!disk->script)
        disk->path = *target == '/' ? target : arena_printf(spec->r->arena, "/dev/%s", target);
    return true;
}

bool conf_disk_parse(struct conf_reader *r, struct xl_where where, const char *text,
                     struct xl_disk *disk)
{
    struct spec spec = { .r = r, .where = where, .text = text, .disk = disk };

    memset(disk, 0, sizeof(*disk));
    disk->where = where;
    for (const char *at = text; *at;) {
        size_t size;

        at += strspn(at, " \t");
        size = strcspn(at, ",");
        if (!strncmp(at, "target=", 7)) {
            if (!set(&spec, TARGET, at + 7))
                return false;
            break;
        }
        if (!take_part(&spec, conf_trim(r->arena, at, size)))
            return false;
        at += size + (at[size] == ',');
    }
    return complete(&spec);
}

void conf_take_disk(struct conf_reader *r, const struct xl_setting *s)
{
    const struct xl_value *const *items;
    struct xl_config *config = r->config;
    unsigned count;

    if (!conf_take_list(r, s, &items, &count))
        return;
    config->disks = arena_alloc(r->arena, sizeof(*config->disks) * (count + 1));
    for (unsigned i = 0; i < count; i++)
        if (conf_disk_parse(r, (struct xl_where){ s->where.file, items[i]->line }, items[i]->text,
                            &config->disks[config->disk_count]))
            config->disk_count++;
}

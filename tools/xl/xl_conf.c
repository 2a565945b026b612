/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reading /etc/xen/xl.conf: the same grammar as xl.cfg, with keys of its own.
 */
#include "conf.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

#define TAKER(key) \
    static void take_##key(struct conf_reader *r, struct xl_conf *conf, const struct xl_setting *s)

TAKER(autoballoon)
{
    static const char *const words[] = { "auto", "off", "on", NULL };
    unsigned word;
    enum xl_flag flag;

    if (s->value->type == XL_VALUE_NUMBER) {
        if (conf_take_flag(r, s, &flag))
            conf->autoballoon = flag == XL_YES ? XL_AUTOBALLOON_ON : XL_AUTOBALLOON_OFF;
    } else if (conf_take_word(r, s, words, &word)) {
        conf->autoballoon = word;
    }
}

static void take_flag(struct conf_reader *r, const struct xl_setting *s, bool *out)
{
    enum xl_flag flag;

    if (conf_take_flag(r, s, &flag))
        *out = flag == XL_YES;
}

TAKER(run_hotplug_scripts)
{
    take_flag(r, s, &conf->run_hotplug_scripts);
}

TAKER(claim_mode)
{
    take_flag(r, s, &conf->claim_mode);
}

TAKER(output_format)
{
    static const char *const words[] = { "json", "sxp", NULL };
    unsigned word;

    if (conf_take_word(r, s, words, &word))
        conf->sxp = word;
}

TAKER(domid_policy)
{
    static const char *const words[] = { "xen", "random", NULL };
    unsigned word;

    if (conf_take_word(r, s, words, &word))
        conf->random_domid = word;
}

TAKER(default_type)
{
    unsigned type;

    if (conf_take_word(r, s, conf_guest_names, &type))
        conf->default_type = type;
}

TAKER(string)
{
    const struct {
        const char *name;
        const char **field;
    } fields[] = {
        { "vif.default.script", &conf->vif_script },
        { "vif.default.bridge", &conf->vif_bridge },
        { "vif.default.backend", &conf->vif_backend },
        { "vif.default.gatewaydev", &conf->vif_gatewaydev },
        { "blkdev_start", &conf->blkdev_start },
    };
    const char *text;

    if (!conf_take_string(r, s, &text))
        return;
    for (unsigned i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
        if (!strcmp(fields[i].name, s->name))
            *fields[i].field = text;
}

/* Xen's older names of two. */
TAKER(old)
{
    bool script = !strcmp(s->name, "vifscript");
    const char **field = script ? &conf->vif_script : &conf->vif_bridge;

    conf_warn(r, s->where, s->name, "is deprecated; write %s",
              script ? "vif.default.script" : "vif.default.bridge");
    if (!*field)
        conf_take_string(r, s, field);
}

TAKER(limit)
{
    int64_t number;

    if (!strcmp(s->name, "max_grant_version")) {
        if (conf_take_number(r, s, 1, 2, &number))
            conf->max_grant_version = (unsigned)number;
    } else if (conf_take_number(r, s, 0, INT_MAX, &number)) {
        if (!strcmp(s->name, "max_grant_frames"))
            conf->max_grant_frames = (unsigned)number;
        else
            conf->max_maptrack_frames = (unsigned)number;
    }
}

TAKER(cpumask)
{
    struct xl_config holder = { .arena = r->arena };
    struct xl_cpu_list *list = !strcmp(s->name, "vm.cpumask") ? &conf->cpumask
                               : !strcmp(s->name, "vm.pv.cpumask") ? &conf->cpumask_pv
                                                                   : &conf->cpumask_hvm;
    const char *text;
    char why[200];

    if (!conf_take_string(r, s, &text))
        return;
    if (xl_cpu_list_parse(&holder, text, list, why, sizeof(why)))
        conf_error(r, s->where, s->name, "%s", why);
}

TAKER(lockfile)
{
    (void)conf;
    conf_warn(r, s->where, s->name, "has no effect: guests are made without a lock; remove it");
}

/* Remus and COLO are refused where they are asked for; their defaults may stand here. */
TAKER(nothing)
{
    (void)r;
    (void)conf;
    (void)s;
}

/* In the manual's order. */
const struct conf_row conf_rows[] = {
    { "default_type", take_default_type, "TYPE",
      "The type of guests whose configuration does not say it: \"pv\" unless it is given." },
    { "autoballoon", take_autoballoon, "\"auto\"|\"off\"|\"on\"",
      "Whether domain 0 gives up memory for new guests. \"auto\", unless it is given: not if Xen "
      "was started with dom0_mem=." },
    { "claim_mode", take_claim_mode, "BOOLEAN",
      "1, unless it is given: a guest's memory is claimed before it is filled, so that too little "
      "of it shows at once." },
    { "vif.default.bridge", take_string, "BRIDGE",
      "The bridge of interfaces without bridge=." },
    { "vif.default.script", take_string, "SCRIPT",
      "The script of interfaces without script=. Unless it is given, xl puts them on their bridge "
      "itself." },
    { "vif.default.backend", take_string, "DOMAIN", "The back-end of interfaces without one." },
    { "vif.default.gatewaydev", take_string, "INTERFACE", "gatewaydev= of interfaces without." },
    { "vifscript", take_old, "SCRIPT", "The older name of vif.default.script." },
    { "defaultbridge", take_old, "BRIDGE", "The older name of vif.default.bridge." },
    { "max_grant_frames", take_limit, "N", "That key of guests that do not give it." },
    { "max_maptrack_frames", take_limit, "N", "That key of guests that do not give it." },
    { "max_grant_version", take_limit, "N", "That key of guests that do not give it." },
    { "vm.cpumask", take_cpumask, "CPUS", "The CPUs that guests may run on, whatever cpus says." },
    { "vm.pv.cpumask", take_cpumask, "CPUS", "The same for PV guests." },
    { "vm.hvm.cpumask", take_cpumask, "CPUS", "The same for HVM and PVH guests." },
    { "output_format", take_output_format, "\"json\"|\"sxp\"",
      "How xl list -l prints configurations: as JSON, unless it is given, or as xend did." },
    { "domid_policy", take_domid_policy, "\"xen\"|\"random\"",
      "Whether guests are numbered in their order or at random." },
    { "blkdev_start", take_string, "VDEV", "The first disk that xl may use for itself." },
    { "run_hotplug_scripts", take_run_hotplug_scripts, "BOOLEAN",
      "1, unless it is given: xl runs devices' scripts; 0: udev does." },
    { "lockfile", take_lockfile, "PATH",
      "No effect, and a warning: any number of guests are made at once, without a lock." },
    { "remus.default.netbufscript", take_nothing, "SCRIPT", "For Remus, which is not supported." },
    { "colo.default.proxyscript", take_nothing, "SCRIPT", "For COLO, which is not supported." },
    { NULL, NULL, NULL, NULL },
};

#define ROWS (sizeof(conf_rows) / sizeof(conf_rows[0]) - 1)

static void take(struct conf_reader *r, struct xl_conf *conf, const struct xl_setting *s)
{
    const char *names[ROWS + 1], *near;

    for (unsigned i = 0; i < ROWS; i++) {
        if (!strcmp(s->name, conf_rows[i].name)) {
            conf_rows[i].take(r, conf, s);
            return;
        }
        names[i] = conf_rows[i].name;
    }
    names[ROWS] = NULL;
    near = conf_nearest(s->name, names);
    conf_warn(r, s->where, s->name, "unknown key, which has no effect%s%s%s",
              near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
}

static struct xl_conf *new_conf(const char *path)
{
    struct xl_arena *arena = arena_new();
    struct xl_conf *conf = arena_alloc(arena, sizeof(*conf));

    conf->arena = arena;
    conf->path = arena_copy(arena, path, strlen(path));
    conf->run_hotplug_scripts = true;
    conf->claim_mode = true;
    conf->max_grant_frames = conf->max_maptrack_frames = conf->max_grant_version = UINT_MAX;
    return conf;
}

int xl_conf_read(struct xl_conf **out, const char *path, const struct xl_report *report)
{
    struct xl_conf *conf = new_conf(path);
    struct conf_reader r = { .arena = conf->arena, .report = report };
    char *text;
    size_t size;
    int rc = conf_load(conf->arena, path, &text, &size);

    if (!rc) {
        conf_parse(&r, conf->path, text, size);
        for (unsigned i = 0; i < r.settings_count; i++)
            if (!r.settings[i].overridden)
                take(&r, conf, &r.settings[i]);
        rc = r.errors ? -EINVAL : 0;
    } else if (rc == -ENOENT) {
        rc = 0;
    } else {
        conf_error(&r, (struct xl_where){ path, 0 }, "file", "cannot be read: %s", strerror(-rc));
    }
    if (rc) {
        xl_conf_free(conf);
        return rc;
    }
    *out = conf;
    return 0;
}

void xl_conf_free(struct xl_conf *conf)
{
    if (conf)
        arena_free(conf->arena);
}

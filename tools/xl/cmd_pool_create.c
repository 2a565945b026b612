/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * cpupool-create: from a file and from words "key=value", which count as lines behind the file's.
 * Keys: name, sched, cpus (list or range), nodes (list or range). Without CPUs, the first free one.
 */
#include "commands.h"
#include "conf.h"
#include "cpus.h"
#include "output.h"
#include "pool_create.h"
#include "pools.h"

#include <errno.h>
#include <inttypes.h>
#include <libctrl/sched.h>
#include <libctrl/store.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct wanted {
    const char *name;
    uint32_t sched_id;
    struct ctrl_cpumap cpus;
};

int pool_make(struct xl *xl, const char *name, uint32_t sched_id)
{
    int pool = ctrl_cpupool_create(xl_ctrl(xl), CTRL_CPUPOOL_ANY, sched_id);

    if (pool < 0)
        xl_die("error on creating cpupool: %s.", ctrl_error(xl->ctrl));
    pool_name_write(xl, (uint32_t)pool, name);
    return pool;
}

static void emit(void *opaque, enum xl_severity severity, const char *text)
{
    (void)opaque;
    if (severity == XL_WARNING)
        xl_warn("%s", text);
    else
        xl_error("%s", text);
}

static const struct xl_report report = { emit, NULL };

static const struct xl_setting *setting_find(const struct conf_reader *r, const char *name)
{
    for (unsigned i = r->settings_count; i-- > 0;)
        if (strcmp(r->settings[i].name, name) == 0)
            return &r->settings[i];
    return NULL;
}

static const char *text_of(const struct conf_reader *r, const char *name)
{
    const struct xl_setting *setting = setting_find(r, name);

    if (!setting)
        return NULL;
    if (setting->value->type != XL_VALUE_STRING)
        xl_die("%s:%u: %s: must be text in quotes.", setting->where.file, setting->where.line,
               name);
    return setting->value->text;
}

static void keys_check(const struct conf_reader *r)
{
    static const char *const known[] = { "name", "sched", "cpus", "nodes", NULL };

    for (unsigned i = 0; i < r->settings_count; i++) {
        const struct xl_setting *setting = &r->settings[i];
        const char *const *key = known;

        while (*key && strcmp(*key, setting->name) != 0)
            key++;
        if (!*key)
            xl_warn("%s:%u: %s: unknown key; a CPU pool has name, sched, cpus and nodes.",
                    setting->where.file, setting->where.line, setting->name);
    }
}

/* One list of CPUs or nodes as text: "1,2" of ["1", "2"], [1, 2] or "1-2". */
static char *list_text(struct conf_reader *r, const struct xl_setting *setting,
                       const char *prefix)
{
    const struct xl_value *value = setting->value;
    char *text;

    if (value->type != XL_VALUE_LIST)
        return arena_printf(r->arena, "%s%s", prefix, value->text);
    text = arena_printf(r->arena, "%s", "");
    for (unsigned i = 0; i < value->count; i++) {
        if (value->items[i]->type == XL_VALUE_LIST)
            xl_die("%s:%u: %s: a list in a list is not allowed.", setting->where.file,
                   setting->where.line, setting->name);
        text = arena_printf(r->arena, "%s%s%s%s", text, i ? "," : "", prefix,
                            value->items[i]->text);
    }
    return text;
}

static void cpus_choose(struct xl *xl, struct conf_reader *r, struct wanted *wanted)
{
    const struct xl_setting *cpus = setting_find(r, "cpus");
    const struct xl_setting *nodes = setting_find(r, "nodes");
    struct ctrl_cpumap free_cpus;

    if (ctrl_cpupool_free_cpus(xl_ctrl(xl), &free_cpus) < 0)
        xl_die("libxl_get_freecpus failed: %s.", ctrl_error(xl->ctrl));
    if (nodes || cpus) {
        cpus_parse(xl, list_text(r, nodes ? nodes : cpus, nodes ? "nodes:" : ""), &wanted->cpus);
        for (unsigned cpu = 0; cpu < wanted->cpus.nr_cpus; cpu++)
            if (ctrl_cpumap_test(&wanted->cpus, cpu) && !ctrl_cpumap_test(&free_cpus, cpu))
                xl_die("cpu %u illegal or not free: take it from its pool first with "
                       "xl cpupool-cpu-remove.", cpu);
        return;
    }
    memset(&wanted->cpus, 0, sizeof(wanted->cpus));
    for (unsigned cpu = 0; cpu < free_cpus.nr_cpus; cpu++) {
        if (ctrl_cpumap_test(&free_cpus, cpu)) {
            ctrl_cpumap_set(&wanted->cpus, cpu);
            return;
        }
    }
    xl_warn("no free cpu found, so the pool gets none; give it some with xl cpupool-cpu-add.");
}

static uint32_t sched_choose(struct xl *xl, const char *name)
{
    uint32_t id;

    if (!name) {
        if (ctrl_scheduler_id(xl_ctrl(xl), &id) < 0)
            xl_die("get_scheduler sysctl failed: %s.", ctrl_error(xl->ctrl));
        return id;
    }
    for (id = CTRL_SCHED_CREDIT; id <= CTRL_SCHED_NULL; id++)
        if (strcmp(ctrl_scheduler_name(id), name) == 0)
            return id;
    xl_die("Unknown scheduler \"%s\"; there are credit, credit2, arinc653, rtds and null.", name);
}

/* A pool without a name in its file is called as the file. */
static const char *name_choose(struct conf_reader *r, const char *file)
{
    const char *name = text_of(r, "name"), *slash;

    if (!name && file) {
        slash = strrchr(file, '/');
        name = slash ? slash + 1 : file;
    }
    if (!name || !*name)
        xl_die("Missing cpupool name! Add name=\"...\".");
    return name;
}

static void settings_read(struct conf_reader *r, const char *file, int nr, char **words)
{
    size_t size;
    char *text;
    int error;

    if (file) {
        error = conf_load(r->arena, file, &text, &size);
        if (error)
            xl_die("Failed to read config file: %s: %s", file, strerror(abs(error)));
        conf_parse(r, file, text, size);
    }
    for (int i = 0; i < nr; i++) {
        r->line_add = (unsigned)i;
        conf_parse(r, "command line", words[i], strlen(words[i]));
    }
    if (r->errors)
        xl_die("The CPU pool's configuration has mistakes; nothing was done.");
    keys_check(r);
}

static void pool_build(struct xl *xl, const struct wanted *wanted)
{
    int pool = pool_make(xl, wanted->name, wanted->sched_id);

    for (unsigned cpu = 0; cpu < wanted->cpus.nr_cpus; cpu++)
        if (ctrl_cpumap_test(&wanted->cpus, cpu) &&
            ctrl_cpupool_add_cpu(xl_ctrl(xl), (uint32_t)pool, cpu) < 0)
            xl_die("error on creating cpupool: CPU %u: %s. The pool \"%s\" stays without it.",
                   cpu, ctrl_error(xl->ctrl), wanted->name);
}

int cmd_cpupool_create(struct xl *xl, int argc, char **argv)
{
    static const struct option longs[] = {
        { "defconfig", required_argument, NULL, 'f' },
        { "dryrun", no_argument, NULL, 'n' },
        { 0 },
    };
    struct conf_reader r = { .arena = arena_new(), .report = &report };
    const char *file = NULL;
    struct wanted wanted;
    struct xl_pools pools;
    int option;

    while ((option = xl_option(xl, argc, argv, "nf:", longs)) != -1) {
        if (option == 'f')
            file = optarg;
        else
            xl->dry_run = true;
    }
    if (!file && optind < argc && !strchr(argv[optind], '='))
        file = argv[optind++];
    settings_read(&r, file, argc - optind, argv + optind);
    wanted.name = name_choose(&r, file);
    wanted.sched_id = sched_choose(xl, text_of(&r, "sched"));
    xl_pools_read(xl, &pools);
    for (unsigned i = 0; i < pools.nr; i++)
        if (strcmp(pools.name[i], wanted.name) == 0)
            xl_die("Pool name \"%s\" already exists", wanted.name);
    cpus_choose(xl, &r, &wanted);
    printf("Using config file \"%s\"\n", file ? file : "command line");
    printf("cpupool name:   %s\n", wanted.name);
    printf("scheduler:      %s\n", ctrl_scheduler_name(wanted.sched_id));
    printf("number of cpus: %u\n", ctrl_cpumap_count(&wanted.cpus));
    if (!xl->dry_run)
        pool_build(xl, &wanted);
    xl_pools_free(&pools);
    arena_free(r.arena);
    return XL_EXIT_OK;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reading a configuration from beginning to end.
 */
#include "conf.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "conf_xml.h"

static void set_defaults(struct xl_config *config, const struct xl_conf *conf)
{
    config->type = conf ? conf->default_type : XL_GUEST_PV;
    config->vcpus = 1;
    config->weight = config->cap = -1;
    config->on_reboot = XL_ACTION_RESTART;
    config->on_soft_reset = XL_ACTION_SOFT_RESET;
    config->max_grant_frames = conf ? conf->max_grant_frames : UINT_MAX;
    config->max_maptrack_frames = conf ? conf->max_maptrack_frames : UINT_MAX;
    config->max_grant_version = conf ? conf->max_grant_version : UINT_MAX;
    config->max_event_channels = UINT_MAX;
    config->claim = !conf || conf->claim_mode ? XL_YES : XL_NO;
    config->blkdev_start = conf ? conf->blkdev_start : NULL;
    config->random_domid = conf && conf->random_domid;
    config->run_hotplug_scripts = !conf || conf->run_hotplug_scripts;
}

int xl_config_new_empty(struct xl_config **config, const struct xl_conf *conf)
{
    struct xl_arena *arena = arena_new();
    struct xl_config *c = arena_alloc(arena, sizeof(*c));

    c->arena = arena;
    c->source = CONF_ARGUMENTS;
    set_defaults(c, conf);
    *config = c;
    return 0;
}

void xl_config_free(struct xl_config *config)
{
    if (config)
        arena_free(config->arena);
}

static const struct xl_setting *find(const struct xl_config *config, const char *key)
{
    for (unsigned i = config->settings_count; i-- > 0;)
        if (!strcmp(config->settings[i].name, key))
            return &config->settings[i];
    return NULL;
}

struct xl_where xl_config_where(const struct xl_config *config, const char *key)
{
    const struct xl_setting *s = find(config, key);

    return s ? s->where : (struct xl_where){ config->source, 0 };
}

const struct xl_value *xl_config_value(const struct xl_config *config, const char *key)
{
    const struct xl_setting *s = find(config, key);

    return s ? s->value : NULL;
}

/* --- the XML module's findings --- */

static struct xl_where xml_where(const struct conf_reader *r, unsigned line)
{
    return (struct xl_where){ r->file, line };
}

static void xml_string(void *opaque, const char *key, const char *text, unsigned line)
{
    struct conf_reader *r = opaque;
    struct xl_value *value = conf_new_value(r, XL_VALUE_STRING, line);

    value->text = arena_copy(r->arena, text, strlen(text));
    conf_add(r, arena_copy(r->arena, key, strlen(key)), value, xml_where(r, line));
}

static void xml_number(void *opaque, const char *key, long long number, unsigned line)
{
    struct conf_reader *r = opaque;
    struct xl_value *value = conf_new_value(r, XL_VALUE_NUMBER, line);

    value->number = number;
    value->text = arena_printf(r->arena, "%lld", number);
    conf_add(r, arena_copy(r->arena, key, strlen(key)), value, xml_where(r, line));
}

static void xml_item(void *opaque, const char *key, const char *text, unsigned line)
{
    struct conf_reader *r = opaque;
    struct xl_value *item = conf_new_value(r, XL_VALUE_STRING, line), *list;

    item->text = arena_copy(r->arena, text, strlen(text));
    for (unsigned i = r->settings_count; i-- > 0;) {
        if (!strcmp(r->settings[i].name, key)) {
            list = (struct xl_value *)r->settings[i].value;
            conf_list_add(r, list, item);
            return;
        }
    }
    list = conf_new_value(r, XL_VALUE_LIST, line);
    conf_list_add(r, list, item);
    conf_add(r, arena_copy(r->arena, key, strlen(key)), list, xml_where(r, line));
}

static void xml_problem(void *opaque, bool warning, const char *what, const char *text,
                        unsigned line)
{
    struct conf_reader *r = opaque;

    if (warning)
        conf_warn(r, xml_where(r, line), what, "%s", text);
    else
        conf_error(r, xml_where(r, line), what, "%s", text);
}

static void parse_xml(struct conf_reader *r, const char *file, const char *text, size_t size)
{
    const struct conf_xml *xml = xl_module_load(CONF_XML_MODULE, CONF_XML_SYMBOL);
    const struct conf_xml_sink sink = { r, xml_string, xml_number, xml_item, xml_problem };

    r->file = file;
    xml->parse(text, size, &sink);
}

/* --- */

static bool is_xml(const char *text, size_t size)
{
    size_t i = size >= 3 && !memcmp(text, "\xef\xbb\xbf", 3) ? 3 : 0;

    while (i < size && strchr(" \t\r\n", text[i]) && text[i])
        i++;
    return i < size && text[i] == '<';
}

static int parse_input(struct conf_reader *r, const struct xl_config_input *input)
{
    char *text = (char *)input->text;
    size_t size = input->size;

    if (!text) {
        int rc = conf_load(r->arena, input->path, &text, &size);

        if (rc) {
            conf_error(r, (struct xl_where){ input->path, 0 }, "file", "cannot be read: %s",
                       strerror(-rc));
            return rc;
        }
    }
    if (is_xml(text, size))
        parse_xml(r, r->config->source, text, size);
    else
        conf_parse(r, r->config->source, text, size);
    for (unsigned i = 0; i < input->argument_count; i++) {
        r->line_add = i;
        conf_parse(r, CONF_ARGUMENTS, input->arguments[i], strlen(input->arguments[i]));
    }
    return 0;
}

static void take_settings(struct conf_reader *r)
{
    r->config->settings = r->settings;
    r->config->settings_count = r->settings_count;
    for (unsigned i = 0; i < r->settings_count; i++) {
        const struct xl_setting *s = &r->settings[i];

        if (!s->overridden && s->key && s->key->take)
            s->key->take(r, s);
    }
}

int xl_config_read(struct xl_config **config, const struct xl_config_input *input,
                   const struct xl_report *report)
{
    struct conf_reader r = { .report = report, .conf = input->conf, .living = input->living };
    int rc;

    rc = xl_config_new_empty(&r.config, input->conf);
    if (rc)
        return rc;
    r.arena = r.config->arena;
    r.config->source = arena_copy(r.arena, input->path, strlen(input->path));
    rc = parse_input(&r, input);
    if (!rc) {
        bool whole = !r.errors;

        take_settings(&r);
        conf_finish(&r, whole);
        if (r.errors)
            rc = -EINVAL;
    }
    if (rc) {
        xl_config_free(r.config);
        return rc;
    }
    r.config->warnings = r.warnings;
    *config = r.config;
    return 0;
}

/* --- single devices --- */

static const char *join(struct xl_arena *arena, const char *const *texts, unsigned count)
{
    const char *all = "";

    for (unsigned i = 0; i < count; i++)
        all = arena_printf(arena, "%s%s%s", all, i ? "," : "", texts[i]);
    return all;
}

int xl_disk_parse(struct xl_config *config, const char *const *texts, unsigned count,
                  struct xl_disk *disk, const struct xl_report *report)
{
    struct conf_reader r = { .config = config, .arena = config->arena, .report = report };
    struct xl_where where = { config->source, 0 };

    return conf_disk_parse(&r, where, join(r.arena, texts, count), disk) ? 0 : -EINVAL;
}

int xl_vif_parse(struct xl_config *config, const struct xl_conf *conf, const char *const *texts,
                 unsigned count, struct xl_vif *vif, const struct xl_report *report)
{
    struct conf_reader r = {
        .config = config, .arena = config->arena, .report = report, .conf = conf,
    };
    struct xl_where where = { config->source, 0 };

    return conf_vif_parse(&r, where, join(r.arena, texts, count), 0, vif) ? 0 : -EINVAL;
}

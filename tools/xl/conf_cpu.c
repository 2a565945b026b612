/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Lists of host CPUs: cpus, cpus_soft, xl.conf's masks, vcpu-pin.
 *
 *   list: item { ',' item }      item: [ '^' ] ( "all" | [ "node:" | "nodes:" ] N [ '-' M ] )
 *
 * Items are applied from left to right, starting from none.
 */
#include "conf.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* More than any machine Xen starts on. */
#define MAX_CPU 65535u

/* N or N-M; false when it is neither. */
static bool parse_range(const char *text, unsigned *first, unsigned *last)
{
    char *end;
    unsigned long n;

    if (*text < '0' || *text > '9')
        return false;
    n = strtoul(text, &end, 10);
    if (n > MAX_CPU)
        return false;
    *first = *last = (unsigned)n;
    if (*end != '-')
        return !*end;
    text = end + 1;
    if (*text < '0' || *text > '9')
        return false;
    n = strtoul(text, &end, 10);
    *last = (unsigned)n;
    return !*end && n <= MAX_CPU;
}

static const char *parse_item(const char *text, struct xl_cpu_range *range)
{
    range->exclude = *text == '^';
    if (range->exclude)
        text++;
    if (!strcmp(text, "all")) {
        range->what = XL_CPUS_ALL;
        return NULL;
    }
    range->what = XL_CPUS_RANGE;
    if (!strncmp(text, "node:", 5) || !strncmp(text, "nodes:", 6)) {
        range->what = XL_CPUS_NODES;
        text = strchr(text, ':') + 1;
        if (!strcmp(text, "all")) {
            range->what = XL_CPUS_ALL;
            return NULL;
        }
    }
    if (!parse_range(text, &range->first, &range->last))
        return "is neither a CPU, a range as 0-3, \"all\", nor \"nodes:\" and a range";
    return range->first > range->last ? "is a range that ends before it begins" : NULL;
}

int xl_cpu_list_parse(struct xl_config *config, const char *text, struct xl_cpu_list *list,
                      char *why, size_t why_size)
{
    struct xl_arena *arena = config->arena;
    struct xl_cpu_range *ranges = NULL;
    unsigned count = 0;

    for (const char *at = text; *at;) {
        size_t size = strcspn(at, ",");
        char *item = conf_trim(arena, at, size);
        const char *wrong;

        if (*item) {
            ranges = arena_grow(arena, ranges, count, sizeof(*ranges));
            wrong = parse_item(item, &ranges[count++]);
            if (wrong) {
                snprintf(why, why_size, "\"%s\" %s", item, wrong);
                return -EINVAL;
            }
        }
        at += size + (at[size] == ',');
    }
    *list = (struct xl_cpu_list){ text, ranges, count };
    return 0;
}

static bool covers(const struct xl_cpu_range *range, const struct xl_host_cpus *host, unsigned cpu)
{
    unsigned n = cpu;

    if (range->what != XL_CPUS_RANGE && cpu >= host->cpus)
        return false;
    if (range->what == XL_CPUS_ALL)
        return true;
    if (range->what == XL_CPUS_NODES)
        n = host->node_of ? host->node_of[cpu] : 0;
    return n >= range->first && n <= range->last;
}

bool xl_cpu_list_has(const struct xl_cpu_list *list, const struct xl_host_cpus *host, unsigned cpu)
{
    /* The last item that names it decides. */
    for (unsigned i = list->count; i-- > 0;)
        if (covers(&list->ranges[i], host, cpu))
            return !list->ranges[i].exclude;
    return false;
}

void xl_cpu_list_resolve(const struct xl_cpu_list *list, const struct xl_host_cpus *host,
                         uint8_t *bitmap)
{
    memset(bitmap, 0, (host->cpus + 7) / 8);
    for (unsigned cpu = 0; cpu < host->cpus; cpu++)
        if (xl_cpu_list_has(list, host, cpu))
            bitmap[cpu / 8] |= (uint8_t)(1u << cpu % 8);
}

const struct xl_cpu_list *xl_affinity_of(const struct xl_affinity *affinity, unsigned vcpu)
{
    if (!affinity->count)
        return NULL;
    if (!affinity->each)
        return &affinity->lists[0];
    return vcpu < affinity->count ? &affinity->lists[vcpu] : NULL;
}

static void take_affinity(struct conf_reader *r, const struct xl_setting *s,
                          struct xl_affinity *affinity)
{
    const struct xl_value *const *items = (const struct xl_value *const *)s->value->items;
    bool each = s->value->type == XL_VALUE_LIST;
    unsigned count = each ? s->value->count : 1;
    struct xl_cpu_list *lists = arena_alloc(r->arena, sizeof(*lists) * (count + 1));

    if (each && !conf_take_list(r, s, &items, &count))
        return;
    for (unsigned i = 0; i < count; i++) {
        const struct xl_value *value = each ? items[i] : s->value;
        struct xl_where where = { s->where.file, value->line };
        char why[200];

        if (xl_cpu_list_parse(r->config, value->text, &lists[i], why, sizeof(why)))
            conf_error(r, where, s->name, "%s", why);
        else if (!lists[i].count)
            conf_error(r, where, s->name, "names no CPU; write \"all\" or leave %s out", s->name);
        else if (lists[i].ranges[0].exclude)
            conf_error(r, where, s->name, "\"%s\" begins with CPUs to leave out of none; write "
                       "\"all,%s\"", value->text, value->text);
    }
    *affinity = (struct xl_affinity){ lists, count, each };
}

void conf_take_cpus(struct conf_reader *r, const struct xl_setting *s)
{
    take_affinity(r, s, &r->config->cpus);
}

void conf_take_cpus_soft(struct conf_reader *r, const struct xl_setting *s)
{
    take_affinity(r, s, &r->config->cpus_soft);
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* Sets of CPUs as text. */
#include "cpus.h"

#include "output.h"

#include <libctrl/host.h>
#include <stdlib.h>
#include <string.h>

static unsigned count_below(const struct ctrl_cpumap *map, unsigned nr)
{
    unsigned count = 0;

    for (unsigned cpu = 0; cpu < nr; cpu++)
        count += ctrl_cpumap_test(map, cpu);
    return count;
}

void cpus_print(FILE *out, const struct ctrl_cpumap *map, unsigned nr)
{
    unsigned count = count_below(map, nr);
    const char *comma = "";

    if (count == nr || !count) {
        fputs(count ? "all" : "none", out);
        return;
    }
    for (unsigned first = 0; first < nr; first++) {
        unsigned last = first;

        if (!ctrl_cpumap_test(map, first))
            continue;
        while (last + 1 < nr && ctrl_cpumap_test(map, last + 1))
            last++;
        fprintf(out, "%s%u", comma, first);
        if (last > first)
            fprintf(out, "-%u", last);
        comma = ",";
        first = last;
    }
}

void cpus_json(struct json *json, const char *key, const struct ctrl_cpumap *map, unsigned nr)
{
    json_array(json, key);
    for (unsigned cpu = 0; cpu < nr; cpu++)
        if (ctrl_cpumap_test(map, cpu))
            json_uint(json, NULL, cpu);
    json_end(json);
}

int cpus_host_read(struct ctrl *ctrl, struct xl_host_cpus *host)
{
    int count = ctrl_cpu_topology(ctrl, 0, NULL);
    struct ctrl_cpu_topology *cpus;
    unsigned *nodes;

    if (count < 0)
        return count;
    cpus = calloc((size_t)count + 1, sizeof(*cpus));
    nodes = calloc((size_t)count + 1, sizeof(*nodes));
    if (!cpus || !nodes)
        xl_die("Out of memory.");
    count = ctrl_cpu_topology(ctrl, (unsigned)count, cpus);
    for (int cpu = 0; cpu < count; cpu++)
        nodes[cpu] = cpus[cpu].node;
    free(cpus);
    if (count < 0) {
        free(nodes);
        return count;
    }
    *host = (struct xl_host_cpus){ .cpus = (unsigned)count, .node_of = nodes };
    return 0;
}

void cpus_host_free(struct xl_host_cpus *host)
{
    free((unsigned *)(uintptr_t)host->node_of);
    *host = (struct xl_host_cpus){ .cpus = 0 };
}

void cpus_parse(struct xl *xl, const char *text, struct ctrl_cpumap *map)
{
    struct xl_config *config;
    struct xl_cpu_list list;
    struct xl_host_cpus host;
    uint8_t bits[CTRL_MAX_CPUS / 8] = { 0 };
    char why[200] = "";

    if (xl_config_new_empty(&config, NULL) < 0)
        xl_die("Out of memory.");
    if (xl_cpu_list_parse(config, text, &list, why, sizeof(why)) < 0)
        xl_die("\"%s\" is no list of CPUs: %s.", text, why);
    if (cpus_host_read(xl_ctrl(xl), &host) < 0)
        xl_die("Cannot read the topology of the CPUs: %s.", ctrl_error(xl->ctrl));
    if (host.cpus > CTRL_MAX_CPUS)
        host.cpus = CTRL_MAX_CPUS;
    xl_cpu_list_resolve(&list, &host, bits);
    memset(map, 0, sizeof(*map));
    for (unsigned cpu = 0; cpu < host.cpus; cpu++)
        if (bits[cpu / 8] >> (cpu % 8) & 1)
            ctrl_cpumap_set(map, cpu);
    map->nr_cpus = host.cpus;
    cpus_host_free(&host);
    xl_config_free(config);
}

unsigned cpus_host(struct xl *xl)
{
    struct ctrl_physinfo info;

    if (ctrl_physinfo(xl_ctrl(xl), &info) < 0)
        xl_die("Cannot read what the host has: %s.", ctrl_error(xl->ctrl));
    return info.max_cpu_id + 1;
}

const char *uuid_text(const uint8_t uuid[16], char text[UUID_TEXT_SIZE])
{
    char *at = text;

    for (unsigned i = 0; i < 16; i++)
        at += sprintf(at, "%s%02x", i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "", uuid[i]);
    return text;
}

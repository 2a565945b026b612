/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What domains there are: list, vm-list, domid, domname, uptime, claims, sharing. The formats are
 * what scripts parse: docs/interface/xl.md and xl-json.md.
 */
#include "commands.h"
#include "cpus.h"
#include "domains.h"
#include "json.h"
#include "life.h"
#include "list_long.h"
#include "output.h"
#include "pools.h"
#include "xl_conf.h"

#include <errno.h>
#include <libctrl/host.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KIB_PER_PAGE (CTRL_PAGE_SIZE / 1024)
#define KIB_PER_MIB  1024

struct columns {
    bool verbose, label, claim, pool, numa;
    unsigned nr_nodes;      /* for numa */
    struct xl_pools pools;  /* for pool, and for JSON */
};

static uint64_t pages_mib(uint64_t pages)
{
    return pages * KIB_PER_PAGE / KIB_PER_MIB;
}

static void list_header(const struct columns *columns)
{
    printf("Name                                        ID   Mem VCPUs\tState\tTime(s)");
    if (columns->verbose)
        printf("   UUID                            Reason-Code\tSecurity Label");
    else if (columns->label)
        printf("   Security Label");
    if (columns->claim)
        printf("  Claimed");
    if (columns->pool)
        printf("         Cpupool");
    if (columns->numa)
        printf(" NODE Affinity");
    putchar('\n');
}

static bool has_ended(const struct ctrl_domain_info *info)
{
    return info->shutdown || info->dying;
}

static char reason_letter(const struct ctrl_domain_info *info)
{
    static const char letters[] = "-rscwS";

    if (!has_ended(info) || info->shutdown_reason >= sizeof(letters) - 1)
        return '-';
    return letters[info->shutdown_reason];
}

static void nodes_print(struct xl *xl, uint32_t domid, unsigned nr_nodes)
{
    struct ctrl_cpumap map = { .nr_cpus = 64 };

    if (ctrl_domain_get_nodes(xl_ctrl(xl), domid, &map.word[0]) < 0) {
        xl_error("Cannot read the NUMA nodes of domain %u: %s.", domid, ctrl_error(xl->ctrl));
        exit(XL_EXIT_FAILED);
    }
    putchar(' ');
    cpus_print(stdout, &map, nr_nodes);
}

static void list_row(struct xl *xl, const struct columns *columns,
                     const struct ctrl_domain_info *info, const char *name)
{
    char uuid[UUID_TEXT_SIZE];

    printf("%-40s %5d %5lu %5d     %c%c%c%c%c%c  %8.1f", name, (int)info->domid,
           (unsigned long)pages_mib(info->nr_pages + info->outstanding_pages),
           (int)info->nr_online_vcpus, info->running ? 'r' : '-', info->blocked ? 'b' : '-',
           info->paused ? 'p' : '-', info->shutdown ? 's' : '-', reason_letter(info),
           info->dying ? 'd' : '-', (double)info->cpu_time_ns / 1e9);
    if (columns->verbose) {
        printf(" %s", uuid_text(info->uuid, uuid));
        if (has_ended(info))
            printf(" %8x", info->shutdown_reason);
        else
            printf(" %8s", "-");
    }
    if (columns->claim)
        printf(" %5lu", (unsigned long)pages_mib(info->outstanding_pages));
    if (columns->verbose || columns->label)
        printf(" %16s", "-");
    if (columns->pool)
        printf("%16s", xl_pools_name(&columns->pools, info->cpupool));
    if (columns->numa)
        nodes_print(xl, info->domid, columns->nr_nodes);
    putchar('\n');
}

static const char *reason_name(const struct ctrl_domain_info *info)
{
    static const char *const names[] = {
        "poweroff", "reboot", "suspend", "crash", "watchdog", "soft-reset",
    };

    if (!has_ended(info))
        return NULL;
    return info->shutdown_reason < 6 ? names[info->shutdown_reason] : "unknown";
}

static void list_json_state(struct json *json, const struct ctrl_domain_info *info)
{
    json_map(json, "state");
    json_bool(json, "running", info->running);
    json_bool(json, "blocked", info->blocked);
    json_bool(json, "paused", info->paused);
    json_bool(json, "shutdown", info->shutdown);
    json_bool(json, "dying", info->dying);
    json_string(json, "reason", reason_name(info));
    json_end(json);
}

static void list_json_row(struct json *json, const struct columns *columns,
                          const struct ctrl_domain_info *info, const char *name)
{
    char uuid[UUID_TEXT_SIZE];

    json_map(json, NULL);
    json_uint(json, "domid", info->domid);
    json_string(json, "name", name);
    json_string(json, "uuid", uuid_text(info->uuid, uuid));
    json_string(json, "type", info->hvm ? "hvm" : "pv");
    json_uint(json, "memory_kib", info->nr_pages * KIB_PER_PAGE);
    if (info->max_pages >= UINT32_MAX)
        json_null(json, "memory_max_kib");
    else
        json_uint(json, "memory_max_kib", info->max_pages * KIB_PER_PAGE);
    json_uint(json, "claimed_kib", info->outstanding_pages * KIB_PER_PAGE);
    json_uint(json, "shared_kib", info->shared_pages * KIB_PER_PAGE);
    json_uint(json, "vcpus_online", info->nr_online_vcpus);
    json_uint(json, "vcpus_max", info->max_vcpu_id + 1);
    json_uint(json, "cpu_time_ns", info->cpu_time_ns);
    list_json_state(json, info);
    json_map(json, "cpupool");
    json_uint(json, "id", info->cpupool);
    json_string(json, "name", xl_pools_name(&columns->pools, info->cpupool));
    json_end(json);
    json_null(json, "security_label");
    json_end(json);
}

static void list_json(const struct columns *columns, const struct xl_domains *domains)
{
    struct json *json = json_begin(stdout);

    json_map(json, NULL);
    json_array(json, "domains");
    for (unsigned i = 0; i < domains->nr; i++)
        list_json_row(json, columns, &domains->info[i], domains->name[i]);
    json_finish(json);
}

static void list_print(struct xl *xl, struct columns *columns, const struct xl_domains *domains)
{
    struct ctrl_physinfo info;

    if (columns->pool || xl->json)
        xl_pools_read(xl, &columns->pools);
    if (columns->numa) {
        if (ctrl_physinfo(xl_ctrl(xl), &info) < 0)
            xl_die("Cannot read what the host has: %s.", ctrl_error(xl->ctrl));
        columns->nr_nodes = info.nr_nodes;
    }
    if (xl->json) {
        list_json(columns, domains);
        return;
    }
    list_header(columns);
    for (unsigned i = 0; i < domains->nr; i++)
        list_row(xl, columns, &domains->info[i], xl_domains_name(domains, i));
}

/* The domains that words name, or all; leaves with 1 when one does not exist. */
static void domains_select(struct xl *xl, int nr, char **words, struct xl_domains *domains)
{
    struct xl_domains one;

    if (!nr) {
        xl_domains_read(xl, domains);
        return;
    }
    *domains = (struct xl_domains){ .info = calloc((size_t)nr, sizeof(*domains->info)),
                                    .name = calloc((size_t)nr, sizeof(*domains->name)) };
    if (!domains->info || !domains->name)
        xl_die("Out of memory.");
    for (int i = 0; i < nr; i++) {
        if (xl_domains_read_one(xl, xl_domain_need(xl, words[i]), &one) < 0)
            xl_die("Error: Domain '%s' does not exist.", words[i]);
        domains->info[domains->nr] = one.info[0];
        domains->name[domains->nr++] = one.name[0];
        free(one.info);
        free(one.name);
    }
}

int cmd_list(struct xl *xl, int argc, char **argv)
{
    static const struct option longs[] = {
        { "long", no_argument, NULL, 'l' },    { "verbose", no_argument, NULL, 'v' },
        { "context", no_argument, NULL, 'Z' }, { "cpupool", no_argument, NULL, 'c' },
        { "numa", no_argument, NULL, 'n' },    { 0 },
    };
    struct columns columns = { 0 };
    struct xl_domains domains;
    bool whole = false;
    int option;

    while ((option = xl_option(xl, argc, argv, "lvZcn", longs)) != -1) {
        whole |= option == 'l';
        columns.verbose |= option == 'v';
        columns.label |= option == 'Z';
        columns.pool |= option == 'c';
        columns.numa |= option == 'n';
    }
    domains_select(xl, argc - optind, argv + optind, &domains);
    if (whole)
        list_long_print(xl, &domains);
    else
        list_print(xl, &columns, &domains);
    xl_domains_free(&domains);
    return XL_EXIT_OK;
}

int cmd_claims(struct xl *xl, int argc, char **argv)
{
    struct columns columns = { .claim = true };
    struct xl_conf *conf;
    struct xl_domains domains;

    xl_option(xl, argc, argv, "", NULL);
    if (xl_conf_read(&conf, XL_CONF_PATH, &life_report) < 0)
        return XL_EXIT_FAILED;
    if (!conf->claim_mode)
        xl_note("claim_mode not enabled (see man xl.conf).");
    xl_conf_free(conf);
    xl_domains_read(xl, &domains);
    list_print(xl, &columns, &domains);
    xl_domains_free(&domains);
    return XL_EXIT_OK;
}

int cmd_vm_list(struct xl *xl, int argc, char **argv)
{
    struct xl_domains domains;
    struct json *json = NULL;
    char uuid[UUID_TEXT_SIZE];

    xl_option(xl, argc, argv, "", NULL);
    xl_domains_read(xl, &domains);
    if (xl->json) {
        json = json_begin(stdout);
        json_map(json, NULL);
        json_array(json, "vms");
    } else {
        printf("UUID                                  ID    name\n");
    }
    for (unsigned i = 0; i < domains.nr; i++) {
        uuid_text(domains.info[i].uuid, uuid);
        if (!json) {
            printf("%s  %d    %-30s\n", uuid, (int)domains.info[i].domid,
                   xl_domains_name(&domains, i));
            continue;
        }
        json_map(json, NULL);
        json_string(json, "uuid", uuid);
        json_uint(json, "domid", domains.info[i].domid);
        json_string(json, "name", domains.name[i]);
        json_end(json);
    }
    xl_domains_free(&domains);
    if (json)
        json_finish(json);
    return XL_EXIT_OK;
}

static void id_print(struct xl *xl, uint32_t domid, const char *name, bool print_name)
{
    struct json *json;

    if (!xl->json) {
        if (print_name)
            printf("%s\n", name);
        else
            printf("%u\n", domid);
        return;
    }
    json = json_begin(stdout);
    json_map(json, NULL);
    json_uint(json, "domid", domid);
    json_string(json, "name", name);
    json_finish(json);
}

int cmd_domid(struct xl *xl, int argc, char **argv)
{
    struct xl_domains domains;
    const char *name;

    xl_option(xl, argc, argv, "", NULL);
    name = argv[optind];
    xl_domains_read(xl, &domains);
    for (unsigned i = 0; i < domains.nr; i++) {
        if (domains.name[i] && strcmp(domains.name[i], name) == 0) {
            id_print(xl, domains.info[i].domid, name, false);
            return XL_EXIT_OK;
        }
    }
    xl_error("Can't get domid of domain name '%s', maybe this domain does not exist.", name);
    return XL_EXIT_FAILED;
}

int cmd_domname(struct xl *xl, int argc, char **argv)
{
    unsigned long domid;
    char *name, *end;

    xl_option(xl, argc, argv, "", NULL);
    errno = 0;
    domid = strtoul(argv[optind], &end, 10);
    if (*end || end == argv[optind] || errno || domid > UINT32_MAX) {
        xl_error("Invalid domain id.\n");
        return XL_EXIT_FAILED;
    }
    name = xl_domain_name(xl, (uint32_t)domid);
    if (!name) {
        xl_error("Can't get domain name of domain id '%u', maybe this domain does not exist.",
                 (unsigned)domid);
        return XL_EXIT_FAILED;
    }
    id_print(xl, (uint32_t)domid, name, true);
    free(name);
    return XL_EXIT_OK;
}

static void sharing_print(const struct xl_domains *domains)
{
    printf("Name                                        ID   Mem Shared\n");
    for (unsigned i = 0; i < domains->nr; i++)
        printf("%-40s %5d %5lu  %5lu\n", xl_domains_name(domains, i),
               (int)domains->info[i].domid, (unsigned long)pages_mib(domains->info[i].nr_pages),
               (unsigned long)pages_mib(domains->info[i].shared_pages));
}

int cmd_sharing(struct xl *xl, int argc, char **argv)
{
    struct xl_domains domains;
    struct columns columns = { 0 };

    xl_option(xl, argc, argv, "", NULL);
    domains_select(xl, argc - optind, argv + optind, &domains);
    if (xl->json)
        list_print(xl, &columns, &domains);
    else
        sharing_print(&domains);
    xl_domains_free(&domains);
    return XL_EXIT_OK;
}

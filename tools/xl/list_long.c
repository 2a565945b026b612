/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * "xl list -l": each domain's configuration, with what of it is different now. Of domains that xl
 * did not make, domain 0 among them, only what the hypervisor and the store say.
 */
#include "list_long.h"

#include "cpus.h"
#include "life.h"
#include "output.h"
#include "state.h"
#include "xl_conf.h"

#include <errno.h>
#include <libctrl/cpupool.h>
#include <libctrl/sched.h>
#include <libctrl/store.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KIB_PER_PAGE (CTRL_PAGE_SIZE / 1024)
#define INDENT       8 /* the column of "domid" and "config": scripts look for it */

static uint64_t memory_read(struct xl *xl, uint32_t domid, const char *node, uint64_t otherwise)
{
    char path[64];
    uint64_t kib;

    snprintf(path, sizeof(path), "/local/domain/%u/memory/%s", domid, node);
    if (ctrl_store_read_number(xl_store(xl), CTRL_STORE_NO_TX, path, &kib) < 0)
        return otherwise;
    return kib;
}

static void state_read(struct xl *xl, const struct ctrl_domain_info *info,
                       struct xl_json_state *state)
{
    struct ctrl_sched_domain sched = { 0 };
    struct ctrl_cpupool_info pool;

    state->target_kib = memory_read(xl, info->domid, "target", info->nr_pages * KIB_PER_PAGE);
    state->max_kib = memory_read(xl, info->domid, "static-max", state->target_kib);
    if (ctrl_cpupool_next(xl_ctrl(xl), info->cpupool, &pool) < 0)
        return;
    state->scheduler = ctrl_scheduler_name(pool.sched_id);
    sched.sched_id = pool.sched_id;
    if (ctrl_sched_domain_get(xl->ctrl, info->domid, &sched) == 0) {
        state->weight = sched.weight;
        state->cap = sched.cap;
    }
}

static void text_print(const char *text)
{
    putchar('"');
    for (; *text; text++) {
        if ((unsigned char)*text < ' ')
            printf("\\u%04x", (unsigned char)*text);
        else
            printf("%s%c", strchr("\"\\", *text) ? "\\" : "", *text);
    }
    putchar('"');
}

/* A domain without a configuration, as Xen prints those: the column is that of its members. */
static void plain_print(const struct ctrl_domain_info *info, const char *name,
                        const struct xl_json_state *state)
{
    const char *type = info->hvm ? "hvm" : "pv";
    char uuid[UUID_TEXT_SIZE];

    printf("{\n            \"c_info\": {\n                \"type\": \"%s\",\n"
           "                \"name\": ", type);
    text_print(name);
    if (info->domid != CTRL_DOM0)
        printf(",\n                \"uuid\": \"%s\"", uuid_text(info->uuid, uuid));
    printf("\n            },\n            \"b_info\": {\n"
           "                \"max_memkb\": %llu,\n                \"target_memkb\": %llu,\n",
           (unsigned long long)state->max_kib,
           /* Xen adds the size of domain 0's video memory, which is unset: -1. */
           (unsigned long long)state->target_kib - (info->domid == CTRL_DOM0));
    printf("                \"sched_params\": {\n                    \"sched\": \"%s\",\n"
           "                    \"weight\": %d,\n                    \"cap\": %d\n"
           "                },\n", state->scheduler, state->weight, state->cap);
    printf("                \"type.%s\": {\n\n                },\n"
           "                \"arch_arm\": {\n\n                },\n"
           "                \"arch_x86\": {\n\n                }\n            }\n        }", type);
}

static void json_domain_print(struct xl *xl, const struct xl_host_cpus *host,
                              const struct ctrl_domain_info *info, const char *name,
                              const struct xl_config *config)
{
    struct xl_json_state state = { .host = host, .scheduler = "unknown" };

    state_read(xl, info, &state);
    printf("    {\n%*s\"domid\": %u,\n%*s\"config\": ", INDENT, "", info->domid, INDENT, "");
    if (config)
        xl_config_print_json(config, stdout, XL_JSON_RUNNING, &state, INDENT);
    else
        plain_print(info, name, &state);
    printf("\n    }");
}

static void sxp_domain_print(const struct ctrl_domain_info *info, const char *name,
                             const struct xl_config *config)
{
    if (config)
        xl_config_print_sxp(config, stdout, (int)info->domid);
    else
        printf("(domain\n\t(domid %u)\n\t(name %s)\n)\n", info->domid, name);
}

/* Whether xl made this domain; another one may have had its id before. */
static bool is_ours(const struct ctrl_domain_info *info)
{
    struct state_record record;
    bool same;

    if (state_record_read(info->domid, &record) < 0)
        return false;
    same = memcmp(record.uuid, info->uuid, sizeof(record.uuid)) == 0;
    state_record_free(&record);
    return same;
}

static void domain_print(struct xl *xl, const struct xl_conf *conf, const struct xl_host_cpus *host,
                         const struct ctrl_domain_info *info, const char *name)
{
    struct xl_config *config = NULL;

    if (!is_ours(info) || life_config_read(info->domid, &config, NULL) < 0)
        config = NULL;
    if (conf->sxp)
        sxp_domain_print(info, name, config);
    else
        json_domain_print(xl, host, info, name, config);
    xl_config_free(config);
}

void list_long_print(struct xl *xl, const struct xl_domains *domains)
{
    struct xl_conf *conf = NULL;
    struct xl_host_cpus host;

    if (xl_conf_read(&conf, XL_CONF_PATH, &life_report) < 0)
        exit(XL_EXIT_FAILED);
    if (cpus_host_read(xl_ctrl(xl), &host) < 0)
        xl_die("Cannot read the topology of the CPUs: %s.", ctrl_error(xl->ctrl));
    if (!conf->sxp)
        printf("[\n");
    for (unsigned i = 0; i < domains->nr; i++) {
        if (i && !conf->sxp)
            printf(",\n");
        domain_print(xl, conf, &host, &domains->info[i], xl_domains_name(domains, i));
    }
    if (!conf->sxp)
        printf("%s]\n\n", domains->nr ? "\n" : "");
    cpus_host_free(&host);
    xl_conf_free(conf);
}

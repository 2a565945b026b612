/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Schedulers: sched-credit2 and sched-credit. Without -d they list every pool that has the
 * scheduler, and its domains; with -d one domain, or they change it.
 */
#include "commands.h"
#include "domains.h"
#include "json.h"
#include "output.h"
#include "pools.h"
#include "sched_params.h"

#include <errno.h>
#include <libctrl/sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WEIGHT_MAX 65535
#define NOT_GIVEN  (-1)

struct options {
    enum ctrl_scheduler sched;
    const char *domain, *pool;
    long weight, cap;
    long tslice_ms, ratelimit_us, migration_us;
    bool schedparam;
};

long sched_number(const char *word, const char *what, long min, long max)
{
    char *end;
    long value;

    errno = 0;
    value = strtol(word, &end, 10);
    if (*end || end == word || errno || value < min || value > max)
        xl_die("%s must be a number from %ld to %ld, not \"%s\".", what, min, max, word);
    return value;
}

/* --- pools --- */

static struct ctrl_sched_pool pool_params(struct xl *xl, const struct xl_pools *pools, int at)
{
    struct ctrl_sched_pool params = { .sched_id = pools->info[at].sched_id };

    if (ctrl_sched_pool_get(xl_ctrl(xl), pools->info[at].pool, &params) < 0)
        xl_die("Cpupool %s: [sched params unavailable]: %s.", pools->name[at],
               ctrl_error(xl->ctrl));
    return params;
}

static void pool_print(struct xl *xl, struct json *json, const struct xl_pools *pools, int at)
{
    struct ctrl_sched_pool params = pool_params(xl, pools, at);
    bool credit = params.sched_id == CTRL_SCHED_CREDIT;

    if (json) {
        json_uint(json, "id", pools->info[at].pool);
        json_string(json, "name", pools->name[at]);
        json_string(json, "scheduler", ctrl_scheduler_name(params.sched_id));
        if (credit)
            json_uint(json, "tslice_ms", params.tslice_ms);
        json_uint(json, "ratelimit_us", params.ratelimit_us);
        if (credit)
            json_uint(json, "migration_delay_us", params.migration_delay_us);
    } else if (credit) {
        printf("Cpupool %s: tslice=%dms ratelimit=%dus migration-delay=%dus\n", pools->name[at],
               (int)params.tslice_ms, (int)params.ratelimit_us,
               (int)params.migration_delay_us);
    } else {
        printf("Cpupool %s: ratelimit=%dus\n", pools->name[at], (int)params.ratelimit_us);
    }
}

/* --- domains --- */

static void domain_header(struct json *json)
{
    if (json)
        json_array(json, "domains");
    else
        printf("%-33s %4s %6s %4s\n", "Name", "ID", "Weight", "Cap");
}

static struct ctrl_sched_domain domain_params(struct xl *xl, enum ctrl_scheduler sched,
                                              uint32_t domid)
{
    struct ctrl_sched_domain params = { .sched_id = sched };

    if (ctrl_sched_domain_get(xl_ctrl(xl), domid, &params) < 0)
        xl_die("libxl_domain_sched_params_get failed: %s.", ctrl_error(xl->ctrl));
    return params;
}

static void domain_print(struct xl *xl, struct json *json, enum ctrl_scheduler sched,
                         uint32_t domid, const char *name)
{
    struct ctrl_sched_domain params = domain_params(xl, sched, domid);

    if (!json) {
        printf("%-33s %4d %6d %4d\n", name, (int)domid, params.weight, params.cap);
        return;
    }
    json_map(json, NULL);
    json_uint(json, "domid", domid);
    json_string(json, "name", name);
    json_uint(json, "weight", params.weight);
    json_uint(json, "cap", params.cap);
    json_end(json);
}

/* --- what the commands do --- */

static void list_pools(struct xl *xl, const struct options *options, const struct xl_pools *pools,
                       int only, bool with_domains)
{
    struct json *json = xl->json ? json_begin(stdout) : NULL;
    struct xl_domains domains = { 0 };

    if (with_domains)
        xl_domains_read(xl, &domains);
    if (json) {
        json_map(json, NULL);
        json_array(json, "pools");
    }
    for (int i = 0; i < (int)pools->nr; i++) {
        if (pools->info[i].sched_id != options->sched || (only >= 0 && only != i))
            continue;
        if (json)
            json_map(json, NULL);
        pool_print(xl, json, pools, i);
        if (with_domains)
            domain_header(json);
        for (unsigned j = 0; j < domains.nr; j++)
            if (domains.info[j].cpupool == pools->info[i].pool)
                domain_print(xl, json, options->sched, domains.info[j].domid,
                             xl_domains_name(&domains, j));
        if (json && with_domains)
            json_end(json);
        if (json)
            json_end(json);
    }
    xl_domains_free(&domains);
    if (json)
        json_finish(json);
}

static void domain_set(struct xl *xl, const struct options *options, uint32_t domid)
{
    struct ctrl_sched_domain params = domain_params(xl, options->sched, domid);

    if (options->weight != NOT_GIVEN) {
        if (options->weight < 1 || options->weight > WEIGHT_MAX)
            xl_die("libxl_domain_sched_params_set failed: weight %ld is out of range, it must be "
                   "from 1 to %d.", options->weight, WEIGHT_MAX);
        params.weight = (uint16_t)options->weight;
    }
    if (options->cap != NOT_GIVEN)
        params.cap = (uint16_t)options->cap;
    if (ctrl_sched_domain_set(xl->ctrl, domid, &params) < 0)
        xl_die("libxl_domain_sched_params_set failed: %s.", ctrl_error(xl->ctrl));
}

struct ctrl_domain_info sched_domain_need(struct xl *xl, const char *word,
                                          enum ctrl_scheduler sched)
{
    struct ctrl_cpupool_info pool;
    struct ctrl_domain_info info;
    uint32_t domid = xl_domain_need(xl, word);
    int rc = ctrl_domain_info(xl_ctrl(xl), domid, &info);

    if (rc == -ESRCH)
        xl_die("Error: Domain '%s' does not exist.", word);
    if (rc < 0 || ctrl_cpupool_next(xl->ctrl, info.cpupool, &pool) < 0)
        xl_die("Cannot read domain %u: %s.", domid, ctrl_error(xl->ctrl));
    if (pool.sched_id != sched)
        xl_die("libxl_domain_sched_params_get returned %s not %s.",
               ctrl_scheduler_name(pool.sched_id), ctrl_scheduler_name(sched));
    return info;
}

static int domain_run(struct xl *xl, const struct options *options)
{
    struct ctrl_domain_info info = sched_domain_need(xl, options->domain, options->sched);
    struct json *json = NULL;
    char *name;

    if (options->weight != NOT_GIVEN || options->cap != NOT_GIVEN) {
        domain_set(xl, options, info.domid);
        return XL_EXIT_OK;
    }
    name = xl_domain_name(xl, info.domid);
    if (xl->json) {
        json = json_begin(stdout);
        json_map(json, NULL);
    }
    domain_header(json);
    domain_print(xl, json, options->sched, info.domid, name ? name : "(null)");
    if (json)
        json_finish(json);
    free(name);
    return XL_EXIT_OK;
}

static void pool_show_or_set(struct xl *xl, const struct options *options,
                             const struct xl_pools *pools, int at)
{
    struct ctrl_sched_pool params;

    if (pools->info[at].sched_id != options->sched)
        xl_die("Cpupool %s has the scheduler %s, not %s.", pools->name[at],
               ctrl_scheduler_name(pools->info[at].sched_id),
               ctrl_scheduler_name(options->sched));
    if (options->tslice_ms == NOT_GIVEN && options->ratelimit_us == NOT_GIVEN &&
        options->migration_us == NOT_GIVEN) {
        list_pools(xl, options, pools, at, false);
        return;
    }
    params = pool_params(xl, pools, at);
    if (options->tslice_ms != NOT_GIVEN)
        params.tslice_ms = (uint32_t)options->tslice_ms;
    if (options->ratelimit_us != NOT_GIVEN)
        params.ratelimit_us = (uint32_t)options->ratelimit_us;
    if (options->migration_us != NOT_GIVEN)
        params.migration_delay_us = (uint32_t)options->migration_us;
    if (ctrl_sched_pool_set(xl->ctrl, pools->info[at].pool, &params) < 0)
        xl_die("libxl_sched_%s_params_set failed: %s.", ctrl_scheduler_name(options->sched),
               ctrl_error(xl->ctrl));
}

static void options_check(const struct options *options)
{
    bool for_domain = options->weight != NOT_GIVEN || options->cap != NOT_GIVEN;
    bool for_pool = options->tslice_ms != NOT_GIVEN || options->ratelimit_us != NOT_GIVEN ||
                    options->migration_us != NOT_GIVEN;

    if (options->domain && (options->pool || options->schedparam))
        xl_die("Specifying a cpupool or schedparam is not allowed with domain options.");
    if (!options->domain && for_domain)
        xl_die("Must specify a domain.");
    if (!options->schedparam && for_pool)
        xl_die("Must specify schedparam to set schedule parameter values.");
}

static int sched_run(struct xl *xl, const struct options *options)
{
    struct xl_pools pools;
    int only = -1;

    options_check(options);
    if (options->domain)
        return domain_run(xl, options);
    xl_pools_read(xl, &pools);
    if (options->pool) {
        only = xl_pools_find(&pools, options->pool);
        if (only < 0)
            xl_die("unknown cpupool '%s'", options->pool);
    }
    if (!options->schedparam)
        list_pools(xl, options, &pools, only, true);
    else
        pool_show_or_set(xl, options, &pools, only < 0 ? 0 : only);
    xl_pools_free(&pools);
    return XL_EXIT_OK;
}

static int sched_command(struct xl *xl, int argc, char **argv, const char *shorts,
                         enum ctrl_scheduler sched)
{
    static const struct option longs[] = {
        { "domain", required_argument, NULL, 'd' },
        { "weight", required_argument, NULL, 'w' },
        { "cap", required_argument, NULL, 'c' },
        { "schedparam", no_argument, NULL, 's' },
        { "ratelimit_us", required_argument, NULL, 'r' },
        { "cpupool", required_argument, NULL, 'p' },
        { "tslice_ms", required_argument, NULL, 't' },
        { "migration_delay_us", required_argument, NULL, 'm' },
        { 0 },
    };
    struct options options = { .sched = sched, .weight = NOT_GIVEN, .cap = NOT_GIVEN,
                               .tslice_ms = NOT_GIVEN, .ratelimit_us = NOT_GIVEN,
                               .migration_us = NOT_GIVEN };
    int option;

    while ((option = xl_option(xl, argc, argv, shorts, longs)) != -1) {
        if (option == 'd')
            options.domain = optarg;
        else if (option == 'w')
            options.weight = sched_number(optarg, "The weight", 0, INT32_MAX);
        else if (option == 'c')
            options.cap = sched_number(optarg, "The cap", 0, UINT16_MAX);
        else if (option == 's')
            options.schedparam = true;
        else if (option == 'r')
            options.ratelimit_us = sched_number(optarg, "The rate limit", 0, INT32_MAX);
        else if (option == 'p')
            options.pool = optarg;
        else if (option == 't' && sched == CTRL_SCHED_CREDIT)
            options.tslice_ms = sched_number(optarg, "The time slice", 1, 1000);
        else if (option == 'm' && sched == CTRL_SCHED_CREDIT)
            options.migration_us = sched_number(optarg, "The migration delay", 0, INT32_MAX);
        else
            xl_usage_error(xl, "option `%c' is of another scheduler.", option);
    }
    return sched_run(xl, &options);
}

int cmd_sched_credit(struct xl *xl, int argc, char **argv)
{
    return sched_command(xl, argc, argv, "d:w:c:p:t:r:m:s", CTRL_SCHED_CREDIT);
}

int cmd_sched_credit2(struct xl *xl, int argc, char **argv)
{
    return sched_command(xl, argc, argv, "d:w:c:p:r:s", CTRL_SCHED_CREDIT2);
}

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The real-time scheduler: sched-rtds. -v may be given several times, each with its own -p, -b and
 * -e; "-v all" and no -v mean every vCPU.
 */
#include "commands.h"
#include "domains.h"
#include "json.h"
#include "output.h"
#include "pools.h"
#include "sched_params.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define VALUES_MAX      128
#define BUDGET_LEAST_US 10u

/* The nth -p, -b and -e belong to the nth -v. */
struct options {
    const char *domain, *pool;
    unsigned nr_vcpus, nr_periods, nr_budgets, nr_extras;
    bool all_vcpus;
    uint32_t vcpu[VALUES_MAX], period[VALUES_MAX], budget[VALUES_MAX];
    bool extra[VALUES_MAX];
};

static void params_read(struct xl *xl, uint32_t domid, struct ctrl_sched_rtds *params, unsigned nr)
{
    if (ctrl_sched_rtds_get(xl_ctrl(xl), domid, params, nr) < 0)
        xl_die("libxl_vcpu_sched_params_get failed: %s.", ctrl_error(xl->ctrl));
}

static void header_print(struct json *json, bool vcpus)
{
    if (json)
        json_array(json, vcpus ? "vcpus" : "domains");
    else if (vcpus)
        printf("%-33s %4s %4s %9s %9s %10s\n", "Name", "ID", "VCPU", "Period", "Budget",
               "Extratime");
    else
        printf("%-33s %4s %9s %9s %10s\n", "Name", "ID", "Period", "Budget", "Extratime");
}

static void row_print(struct json *json, uint32_t domid, const char *name,
                      const struct ctrl_sched_rtds *params, bool vcpus)
{
    const char *extra = params->extratime ? "yes" : "no";

    if (json) {
        json_map(json, NULL);
        json_uint(json, "domid", domid);
        json_string(json, "name", name);
        if (vcpus)
            json_uint(json, "vcpu", params->vcpu);
        json_uint(json, "period_us", params->period_us);
        json_uint(json, "budget_us", params->budget_us);
        json_bool(json, "extratime", params->extratime);
        json_end(json);
    } else if (vcpus) {
        printf("%-33s %4d %4d %9u %9u %10s\n", name, (int)domid, (int)params->vcpu,
               params->period_us, params->budget_us, extra);
    } else {
        printf("%-33s %4d %9d %9d %10s\n", name, (int)domid, (int)params->period_us,
               (int)params->budget_us, extra);
    }
}

static void domain_print(struct xl *xl, struct json *json, uint32_t domid, const char *name,
                         bool vcpus, uint32_t max_vcpu)
{
    struct ctrl_sched_rtds *params = calloc((size_t)max_vcpu + 1, sizeof(*params));
    unsigned nr = vcpus ? max_vcpu + 1 : 1;

    if (!params)
        xl_die("Out of memory.");
    for (unsigned i = 0; i < nr; i++)
        params[i].vcpu = i;
    params_read(xl, domid, params, nr);
    for (unsigned i = 0; i < nr; i++)
        row_print(json, domid, name, &params[i], vcpus);
    free(params);
}

static void list_print(struct xl *xl, const struct options *options)
{
    struct json *json = xl->json ? json_begin(stdout) : NULL;
    struct xl_domains domains;
    struct xl_pools pools;
    int only = -1;

    xl_pools_read(xl, &pools);
    if (options->pool && (only = xl_pools_find(&pools, options->pool)) < 0)
        xl_die("unknown cpupool '%s'", options->pool);
    xl_domains_read(xl, &domains);
    if (json) {
        json_map(json, NULL);
        json_array(json, "pools");
    }
    for (int i = 0; i < (int)pools.nr; i++) {
        if (pools.info[i].sched_id != CTRL_SCHED_RTDS || (only >= 0 && only != i))
            continue;
        if (json) {
            json_map(json, NULL);
            json_uint(json, "id", pools.info[i].pool);
            json_string(json, "name", pools.name[i]);
        } else {
            printf("Cpupool %s: sched=RTDS\n", pools.name[i]);
        }
        header_print(json, options->all_vcpus);
        for (unsigned j = 0; j < domains.nr; j++)
            if (domains.info[j].cpupool == pools.info[i].pool)
                domain_print(xl, json, domains.info[j].domid, xl_domains_name(&domains, j),
                             options->all_vcpus, domains.info[j].max_vcpu_id);
        if (json) {
            json_end(json);
            json_end(json);
        }
    }
    if (json)
        json_finish(json);
    xl_domains_free(&domains);
    xl_pools_free(&pools);
}

static void domain_show(struct xl *xl, const struct options *options,
                        const struct ctrl_domain_info *info)
{
    struct json *json = xl->json ? json_begin(stdout) : NULL;
    char *name = xl_domain_name(xl, info->domid);
    struct ctrl_sched_rtds params;

    if (json)
        json_map(json, NULL);
    header_print(json, options->all_vcpus || options->nr_vcpus);
    if (!options->nr_vcpus)
        domain_print(xl, json, info->domid, name ? name : "(null)", options->all_vcpus,
                     info->max_vcpu_id);
    for (unsigned i = 0; i < options->nr_vcpus; i++) {
        params = (struct ctrl_sched_rtds){ .vcpu = options->vcpu[i] };
        params_read(xl, info->domid, &params, 1);
        row_print(json, info->domid, name ? name : "(null)", &params, true);
    }
    if (json)
        json_finish(json);
    free(name);
}

static void domain_set(struct xl *xl, const struct options *options,
                       const struct ctrl_domain_info *info)
{
    unsigned nr = options->nr_vcpus ? options->nr_vcpus : info->max_vcpu_id + 1;
    struct ctrl_sched_rtds *params = calloc(nr, sizeof(*params));

    if (!params)
        xl_die("Out of memory.");
    for (unsigned i = 0; i < nr; i++) {
        unsigned value = options->nr_vcpus ? i : 0;

        params[i].vcpu = options->nr_vcpus ? options->vcpu[i] : i;
        params[i].period_us = options->period[value];
        params[i].budget_us = options->budget[value];
        params[i].extratime = options->nr_extras ? options->extra[value] : true;
    }
    if (ctrl_sched_rtds_set(xl->ctrl, info->domid, params, nr) < 0)
        xl_die("libxl_vcpu_sched_params_set failed: %s.", ctrl_error(xl->ctrl));
    free(params);
}

static void options_check(const struct options *options)
{
    unsigned values = options->nr_periods | options->nr_budgets | options->nr_extras;
    unsigned want = options->nr_vcpus ? options->nr_vcpus : 1;

    if (options->pool && (options->domain || options->nr_vcpus || values))
        xl_die("Specifying a cpupool is not allowed with other options.");
    if (!options->domain && (options->nr_vcpus || values))
        xl_die("Must specify a domain.");
    if (values && !options->nr_vcpus && !options->all_vcpus)
        xl_die("Must specify VCPU.");
    if (values && (options->nr_periods != want || options->nr_budgets != want ||
                   (options->nr_extras && options->nr_extras != want)))
        xl_die("Incorrect number of period, budget and extratime: each -v needs one -p and one "
               "-b, and -e with all of them or none.");
}

/* What the hypervisor would only call invalid. */
static void values_check(const struct options *options, const struct ctrl_domain_info *info)
{
    for (unsigned i = 0; i < options->nr_vcpus; i++)
        if (options->vcpu[i] > info->max_vcpu_id)
            xl_die("Domain %s has no vCPU %u: its vCPUs are 0 to %u.", options->domain,
                   options->vcpu[i], info->max_vcpu_id);
    for (unsigned i = 0; i < options->nr_periods; i++)
        if (options->budget[i] < BUDGET_LEAST_US || options->budget[i] > options->period[i])
            xl_die("A budget of %u us in a period of %u us: it must be %u us at least, and no "
                   "longer than the period.", options->budget[i], options->period[i],
                   BUDGET_LEAST_US);
}

static void option_take(struct xl *xl, struct options *options, int option)
{
    unsigned *nr = option == 'v' ? &options->nr_vcpus : option == 'p' ? &options->nr_periods :
                   option == 'b' ? &options->nr_budgets : &options->nr_extras;

    if (*nr == VALUES_MAX)
        xl_usage_error(xl, "option `%c' is given more than %d times.", option, VALUES_MAX);
    if (option == 'v' && strcmp(optarg, "all") == 0)
        options->all_vcpus = true;
    else if (option == 'v')
        options->vcpu[(*nr)++] = (uint32_t)sched_number(optarg, "The vCPU", 0, INT32_MAX);
    else if (option == 'p')
        options->period[(*nr)++] = (uint32_t)sched_number(optarg, "The period", 1, INT32_MAX);
    else if (option == 'b')
        options->budget[(*nr)++] = (uint32_t)sched_number(optarg, "The budget", 1, INT32_MAX);
    else
        options->extra[(*nr)++] = sched_number(optarg, "Extratime", 0, 1);
}

int cmd_sched_rtds(struct xl *xl, int argc, char **argv)
{
    static const struct option longs[] = {
        { "domain", required_argument, NULL, 'd' },
        { "period", required_argument, NULL, 'p' },
        { "budget", required_argument, NULL, 'b' },
        { "extratime", required_argument, NULL, 'e' },
        { "vcpuid", required_argument, NULL, 'v' },
        { "cpupool", required_argument, NULL, 'c' },
        { 0 },
    };
    static struct options options;
    struct ctrl_domain_info info;
    int option;

    while ((option = xl_option(xl, argc, argv, "d:p:b:e:v:c:", longs)) != -1) {
        if (option == 'd')
            options.domain = optarg;
        else if (option == 'c')
            options.pool = optarg;
        else
            option_take(xl, &options, option);
    }
    options_check(&options);
    if (!options.domain) {
        list_print(xl, &options);
        return XL_EXIT_OK;
    }
    info = sched_domain_need(xl, options.domain, CTRL_SCHED_RTDS);
    values_check(&options, &info);
    if (options.nr_periods)
        domain_set(xl, &options, &info);
    else
        domain_show(xl, &options, &info);
    return XL_EXIT_OK;
}

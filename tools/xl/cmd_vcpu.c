/* SPDX-License-Identifier: BSD-2-Clause */
/* vCPUs: vcpu-list, vcpu-pin, vcpu-set. */
#include "commands.h"
#include "cpus.h"
#include "domains.h"
#include "json.h"
#include "life.h"
#include "output.h"
#include "xl_conf.h"

#include <errno.h>
#include <libctrl/host.h>
#include <libctrl/store.h>
#include <libctrl/vcpu.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ALL_VCPUS UINT32_MAX

struct vcpu {
    struct ctrl_vcpu_info info;
    struct ctrl_cpumap hard, soft;
};

/* False when the domain went away meanwhile. */
static bool vcpu_read(struct xl *xl, uint32_t domid, uint32_t number, struct vcpu *vcpu)
{
    int rc = ctrl_vcpu_info(xl_ctrl(xl), domid, number, &vcpu->info);

    if (rc == 0)
        rc = ctrl_vcpu_get_affinity(xl->ctrl, domid, number, &vcpu->hard, &vcpu->soft);
    if (rc < 0 && rc != -ESRCH)
        xl_die("Cannot read vCPU %u of domain %u: %s.", number, domid, ctrl_error(xl->ctrl));
    return rc == 0;
}

static void vcpu_print(const char *name, uint32_t domid, const struct vcpu *vcpu, unsigned nr)
{
    printf("%-32s %5u %5u", name, domid, vcpu->info.vcpu);
    if (vcpu->info.online)
        printf("%5u %3c%c- ", vcpu->info.cpu, vcpu->info.running ? 'r' : '-',
               vcpu->info.blocked ? 'b' : '-');
    else
        printf("%5c %3c%cp ", '-', '-', '-');
    printf("%9.1f  ", (double)vcpu->info.cpu_time_ns / 1e9);
    cpus_print(stdout, &vcpu->hard, nr);
    fputs(" / ", stdout);
    cpus_print(stdout, &vcpu->soft, nr);
    putchar('\n');
}

static void vcpu_json(struct json *json, const char *name, uint32_t domid,
                      const struct vcpu *vcpu, unsigned nr)
{
    json_map(json, NULL);
    json_uint(json, "domid", domid);
    json_string(json, "name", name);
    json_uint(json, "vcpu", vcpu->info.vcpu);
    json_bool(json, "online", vcpu->info.online);
    json_bool(json, "running", vcpu->info.running);
    json_bool(json, "blocked", vcpu->info.blocked);
    if (vcpu->info.online)
        json_uint(json, "cpu", vcpu->info.cpu);
    else
        json_null(json, "cpu");
    json_uint(json, "cpu_time_ns", vcpu->info.cpu_time_ns);
    cpus_json(json, "hard_affinity", &vcpu->hard, nr);
    cpus_json(json, "soft_affinity", &vcpu->soft, nr);
    json_end(json);
}

static void domain_vcpus_print(struct xl *xl, struct json *json,
                               const struct xl_domains *domains, unsigned index, unsigned nr)
{
    const struct ctrl_domain_info *info = &domains->info[index];
    struct vcpu vcpu;

    for (uint32_t number = 0; number <= info->max_vcpu_id; number++) {
        if (!vcpu_read(xl, info->domid, number, &vcpu))
            return;
        if (json)
            vcpu_json(json, domains->name[index], info->domid, &vcpu, nr);
        else
            vcpu_print(xl_domains_name(domains, index), info->domid, &vcpu, nr);
    }
}

int cmd_vcpu_list(struct xl *xl, int argc, char **argv)
{
    struct json *json = NULL;
    struct xl_domains domains;
    unsigned nr;

    xl_option(xl, argc, argv, "", NULL);
    nr = cpus_host(xl);
    if (xl->json) {
        json = json_begin(stdout);
        json_map(json, NULL);
        json_array(json, "vcpus");
    } else {
        printf("%-32s %5s %5s %5s %5s %9s %s\n", "Name", "ID", "VCPU", "CPU", "State", "Time(s)",
               "Affinity (Hard / Soft)");
    }
    for (int i = optind; i < argc; i++) {
        if (xl_domains_read_one(xl, xl_domain_need(xl, argv[i]), &domains) < 0)
            xl_die("Error: Domain '%s' does not exist.", argv[i]);
        domain_vcpus_print(xl, json, &domains, 0, nr);
        xl_domains_free(&domains);
    }
    if (optind == argc) {
        xl_domains_read(xl, &domains);
        for (unsigned i = 0; i < domains.nr; i++)
            domain_vcpus_print(xl, json, &domains, i, nr);
        xl_domains_free(&domains);
    }
    if (json)
        json_finish(json);
    return XL_EXIT_OK;
}

/* --- vcpu-pin --- */

struct pinning {
    uint32_t domid;
    uint32_t vcpu;                  /* or ALL_VCPUS */
    bool force;
    bool ignore_masks;              /* those of xl.conf */
    struct ctrl_cpumap *hard, *soft; /* NULL: stays as it is */
};

static uint32_t vcpu_number(const char *word)
{
    unsigned long number;
    char *end;

    if (strcmp(word, "all") == 0)
        return ALL_VCPUS;
    errno = 0;
    number = strtoul(word, &end, 10);
    if (*end || end == word || errno || number >= ALL_VCPUS)
        xl_die("Error: Invalid argument %s as VCPU.", word);
    return (uint32_t)number;
}

static struct ctrl_cpumap *affinity_parse(struct xl *xl, const char *word,
                                          struct ctrl_cpumap *map, const char *what)
{
    if (!word || strcmp(word, "-") == 0)
        return NULL;
    cpus_parse(xl, word, map);
    if (!ctrl_cpumap_count(map))
        xl_die("vcpu %s affinity map is empty: \"%s\" names none of the host's CPUs, 0 to %u.",
               what, word, cpus_host(xl) - 1);
    return map;
}

/* xl.conf's masks keep every guest away from some CPUs. */
static void mask_apply(struct xl *xl, const struct xl_cpu_list *mask, struct ctrl_cpumap *map)
{
    struct ctrl_cpumap allowed;

    if (!mask->count)
        return;
    cpus_parse(xl, mask->text, &allowed);
    for (unsigned cpu = 0; cpu < map->nr_cpus; cpu++)
        if (!ctrl_cpumap_test(&allowed, cpu))
            ctrl_cpumap_clear(map, cpu);
}

static void global_masks_apply(struct xl *xl, bool hvm, struct ctrl_cpumap *hard)
{
    struct xl_conf *conf;

    if (xl_conf_read(&conf, XL_CONF_PATH, &life_report) < 0)
        exit(XL_EXIT_FAILED);
    mask_apply(xl, &conf->cpumask, hard);
    mask_apply(xl, hvm ? &conf->cpumask_hvm : &conf->cpumask_pv, hard);
    xl_conf_free(conf);
    if (!ctrl_cpumap_count(hard))
        xl_die("vcpu hard affinity map is empty: the masks of " XL_CONF_PATH " leave none of its "
               "CPUs; --ignore-global-affinity-masks does without them.");
}

static bool vcpu_pin(struct xl *xl, const struct pinning *pin, uint32_t vcpu)
{
    struct ctrl_cpumap hard, soft;
    int rc;

    if (pin->hard)
        hard = *pin->hard;
    if (pin->soft)
        soft = *pin->soft;
    rc = (pin->force ? ctrl_vcpu_force_affinity : ctrl_vcpu_set_affinity)(
        xl_ctrl(xl), pin->domid, vcpu, pin->hard ? &hard : NULL, pin->soft ? &soft : NULL);
    if (rc < 0) {
        xl_error("Could not set affinity for vcpu `%u': %s.", vcpu, ctrl_error(xl->ctrl));
        return false;
    }
    if (pin->soft && !ctrl_cpumap_count(&soft))
        xl_warn("vCPU %u may run on none of its soft affinity's CPUs; only the hard affinity "
                "counts.", vcpu);
    return true;
}

static int pinning_apply(struct xl *xl, const struct pinning *pin)
{
    struct ctrl_domain_info info;
    int code = XL_EXIT_OK;

    if (ctrl_domain_info(xl_ctrl(xl), pin->domid, &info) < 0)
        xl_die("Error: Domain '%u' does not exist.", pin->domid);
    if (pin->vcpu != ALL_VCPUS && pin->vcpu > info.max_vcpu_id)
        xl_die("Could not set affinity for vcpu `%u': domain %u has vCPUs 0 to %u.", pin->vcpu,
               pin->domid, info.max_vcpu_id);
    if (pin->hard && !pin->ignore_masks)
        global_masks_apply(xl, info.hvm, pin->hard);
    if (pin->vcpu != ALL_VCPUS)
        return vcpu_pin(xl, pin, pin->vcpu) ? XL_EXIT_OK : XL_EXIT_FAILED;
    for (uint32_t vcpu = 0; vcpu <= info.max_vcpu_id; vcpu++)
        if (!vcpu_pin(xl, pin, vcpu))
            code = XL_EXIT_FAILED;
    return code;
}

static void pinning_print(struct xl *xl, const struct pinning *pin)
{
    unsigned nr = cpus_host(xl);

    fputs("cpumap: ", stdout);
    if (pin->hard)
        cpus_print(stdout, pin->hard, nr);
    if (pin->soft) {
        putchar(' ');
        cpus_print(stdout, pin->soft, nr);
    }
    putchar('\n');
}

int cmd_vcpu_pin(struct xl *xl, int argc, char **argv)
{
    static const struct option longs[] = {
        { "force", no_argument, NULL, 'f' },
        { "ignore-global-affinity-masks", no_argument, NULL, 'i' },
        { 0 },
    };
    struct ctrl_cpumap hard, soft;
    struct pinning pin = { 0 };
    int option;

    while ((option = xl_option(xl, argc, argv, "f", longs)) != -1)
        *(option == 'f' ? &pin.force : &pin.ignore_masks) = true;
    pin.domid = xl_domain_need(xl, argv[optind]);
    pin.vcpu = vcpu_number(argv[optind + 1]);
    if (pin.force && pin.vcpu == ALL_VCPUS)
        xl_die("Error: --force and 'all' as VCPU not allowed.");
    pin.hard = affinity_parse(xl, argv[optind + 2], &hard, "hard");
    pin.soft = affinity_parse(xl, argc > optind + 3 ? argv[optind + 3] : NULL, &soft, "soft");
    if (!pin.hard && !pin.soft)
        xl_usage_error(xl, "Neither a hard nor a soft affinity is given.");
    if (xl->dry_run) {
        pinning_print(xl, &pin);
        return XL_EXIT_OK;
    }
    return pinning_apply(xl, &pin);
}

/* --- vcpu-set --- */

void vcpus_offer(struct xl *xl, uint32_t domid, uint32_t max_vcpus, uint32_t nr)
{
    struct ctrl_batch *batch;
    char path[64];

    if (ctrl_batch_create(xl_store(xl), &batch) < 0)
        xl_die("Out of memory.");
    for (uint32_t vcpu = 0; vcpu < max_vcpus; vcpu++) {
        const char *value = vcpu < nr ? "online" : "offline";

        snprintf(path, sizeof(path), "/local/domain/%u/cpu/%u/availability", domid, vcpu);
        ctrl_batch_write(batch, path, value, strlen(value));
    }
    if (ctrl_batch_commit(batch) < 0)
        xl_die("Cannot tell domain %u about its vCPUs: %s.", domid, ctrl_error(xl->ctrl));
    ctrl_batch_destroy(batch);
}

int cmd_vcpu_set(struct xl *xl, int argc, char **argv)
{
    static const struct option longs[] = {
        { "ignore-host", no_argument, NULL, 'i' },
        { 0 },
    };
    struct ctrl_domain_info info;
    struct ctrl_physinfo host;
    bool any_number = false;
    unsigned long nr;
    uint32_t domid;
    char *end;

    while (xl_option(xl, argc, argv, "i", longs) == 'i')
        any_number = true;
    domid = xl_domain_need(xl, argv[optind]);
    nr = strtoul(argv[optind + 1], &end, 10);
    if (*end || end == argv[optind + 1] || !nr || nr > INT32_MAX)
        xl_die("Error: Invalid argument.");
    if (ctrl_physinfo(xl_ctrl(xl), &host) < 0)
        xl_die("Cannot read what the host has: %s.", ctrl_error(xl->ctrl));
    if (!any_number && nr > host.nr_cpus)
        xl_die("You are overcommmitting! You have %u physical CPUs and want %lu vCPUs! "
               "Aborting, use --ignore-host to continue", host.nr_cpus, nr);
    if (ctrl_domain_info(xl->ctrl, domid, &info) < 0)
        xl_die("Domain %u does not exist.", domid);
    if (nr > info.max_vcpu_id + 1)
        xl_die("Domain %u has %u vCPUs at most, so it cannot use %lu; \"maxvcpus\" in its "
               "configuration sets the limit when it is created.", domid, info.max_vcpu_id + 1,
               nr);
    vcpus_offer(xl, domid, info.max_vcpu_id + 1, (uint32_t)nr);
    return XL_EXIT_OK;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * CPU pools: list, rename, destroy, their CPUs and domains. cmd_pool_create.c makes new ones. The
 * hypervisor knows pools by number; names are in the store, /local/pool/NUMBER/name.
 */
#include "commands.h"
#include "cpus.h"
#include "domains.h"
#include "json.h"
#include "output.h"
#include "pool_create.h"
#include "pools.h"

#include <errno.h>
#include <libctrl/host.h>
#include <libctrl/sched.h>
#include <libctrl/store.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The pools, and the place of the one that a word names; without it, a message and exit 1. */
static int pool_need(struct xl *xl, const char *word, struct xl_pools *pools)
{
    int at;

    xl_pools_read(xl, pools);
    at = xl_pools_find(pools, word);
    if (at < 0)
        xl_die("unknown cpupool '%s'", word);
    return at;
}

void pool_name_write(struct xl *xl, uint32_t pool, const char *name)
{
    char path[48];

    snprintf(path, sizeof(path), "/local/pool/%u/name", pool);
    if (ctrl_store_write(xl_store(xl), CTRL_STORE_NO_TX, path, name, strlen(name)) < 0)
        xl_die("Cannot name the CPU pool %u \"%s\": %s.", pool, name, ctrl_error(xl->ctrl));
}

/* --- cpupool-list --- */

static void pool_print(const struct xl_pools *pools, unsigned at, bool cpus)
{
    const struct ctrl_cpupool_info *info = &pools->info[at];
    const char *comma = "";

    printf("%-19s", pools->name[at]);
    if (!cpus) {
        printf("%3d %9s       y       %4d\n", (int)ctrl_cpumap_count(&info->cpus),
               ctrl_scheduler_name(info->sched_id), (int)info->nr_domains);
        return;
    }
    for (unsigned cpu = 0; cpu < info->cpus.nr_cpus; cpu++) {
        if (ctrl_cpumap_test(&info->cpus, cpu)) {
            printf("%s%u", comma, cpu);
            comma = ",";
        }
    }
    putchar('\n');
}

static void pool_json(struct json *json, const struct xl_pools *pools, unsigned at)
{
    const struct ctrl_cpupool_info *info = &pools->info[at];

    json_map(json, NULL);
    json_uint(json, "id", info->pool);
    json_string(json, "name", pools->name[at]);
    json_string(json, "scheduler", ctrl_scheduler_name(info->sched_id));
    json_uint(json, "domains", info->nr_domains);
    cpus_json(json, "cpus", &info->cpus, info->cpus.nr_cpus);
    json_end(json);
}

int cmd_cpupool_list(struct xl *xl, int argc, char **argv)
{
    static const struct option longs[] = {
        { "cpus", no_argument, NULL, 'c' },
        { 0 },
    };
    struct json *json = NULL;
    struct xl_pools pools;
    bool cpus = false;
    int only = -1;

    while (xl_option(xl, argc, argv, "c", longs) == 'c')
        cpus = true;
    xl_pools_read(xl, &pools);
    if (optind < argc && (only = xl_pools_find(&pools, argv[optind])) < 0)
        xl_die("Pool '%s' does not exist", argv[optind]);
    if (xl->json) {
        json = json_begin(stdout);
        json_map(json, NULL);
        json_array(json, "pools");
    } else {
        printf("%-19s%s\n", "Name",
               cpus ? "CPU list" : "CPUs   Sched     Active   Domain count");
    }
    for (unsigned i = 0; i < pools.nr; i++) {
        if (only >= 0 && only != (int)i)
            continue;
        if (json)
            pool_json(json, &pools, i);
        else
            pool_print(&pools, i, cpus);
    }
    if (json)
        json_finish(json);
    xl_pools_free(&pools);
    return XL_EXIT_OK;
}

/* --- changes --- */

int cmd_cpupool_rename(struct xl *xl, int argc, char **argv)
{
    struct xl_pools pools;
    const char *name;
    int at;

    xl_option(xl, argc, argv, "", NULL);
    name = argv[optind + 1];
    at = pool_need(xl, argv[optind], &pools);
    for (unsigned i = 0; i < pools.nr; i++)
        if ((int)i != at && strcmp(pools.name[i], name) == 0)
            xl_die("Can't rename cpupool '%s': there is another one called '%s'.", argv[optind],
                   name);
    pool_name_write(xl, pools.info[at].pool, name);
    xl_pools_free(&pools);
    return XL_EXIT_OK;
}

static void pool_destroy(struct xl *xl, const struct ctrl_cpupool_info *info, const char *name)
{
    struct ctrl *ctrl = xl_ctrl(xl);
    char path[48];

    if (info->pool == 0 || info->nr_domains) {
        xl_error("Can't destroy cpupool '%s'", name);
        if (info->pool == 0)
            xl_die("It is the pool of domain 0.");
        xl_die("%u domains are in it; move them with xl cpupool-migrate.", info->nr_domains);
    }
    for (unsigned cpu = 0; cpu < info->cpus.nr_cpus; cpu++)
        if (ctrl_cpumap_test(&info->cpus, cpu) &&
            ctrl_cpupool_remove_cpu(ctrl, info->pool, cpu) < 0)
            xl_die("Can't destroy cpupool '%s': %s.", name, ctrl_error(ctrl));
    if (ctrl_cpupool_destroy(ctrl, info->pool) < 0)
        xl_die("Can't destroy cpupool '%s': %s.", name, ctrl_error(ctrl));
    snprintf(path, sizeof(path), "/local/pool/%u", info->pool);
    if (ctrl_store_remove(xl_store(xl), CTRL_STORE_NO_TX, path) < 0)
        xl_warn("The name of cpupool '%s' stays in the store: %s.", name, ctrl_error(ctrl));
}

int cmd_cpupool_destroy(struct xl *xl, int argc, char **argv)
{
    struct xl_pools pools;
    int at;

    xl_option(xl, argc, argv, "", NULL);
    at = pool_need(xl, argv[optind], &pools);
    pool_destroy(xl, &pools.info[at], pools.name[at]);
    xl_pools_free(&pools);
    return XL_EXIT_OK;
}

/* Why a CPU cannot come or go. */
static const char *cpu_trouble(struct xl *xl, int rc)
{
    switch (rc) {
    case -ENODEV:
        return "it is not free: take it from its pool first";
    case -EADDRNOTAVAIL:
        return "it is not in this pool";
    case -EBUSY:
        return "it is the pool's last, and domains are in the pool";
    case -EINVAL:
        return "the host has no such CPU, or it is the last of the first pool";
    default:
        return ctrl_error(xl->ctrl);
    }
}

/* Do something to each of some CPUs; go on when one fails, and say so. */
static bool cpus_move(struct xl *xl, uint32_t pool, const struct ctrl_cpumap *cpus,
                      int (*move)(struct ctrl *ctrl, uint32_t pool, uint32_t cpu))
{
    bool all = true;
    int rc;

    for (unsigned cpu = 0; cpu < cpus->nr_cpus; cpu++) {
        if (!ctrl_cpumap_test(cpus, cpu))
            continue;
        rc = move(xl_ctrl(xl), pool, cpu);
        if (rc < 0) {
            xl_error("CPU %u: %s.", cpu, cpu_trouble(xl, rc));
            all = false;
        }
    }
    return all;
}

int cmd_cpupool_cpu_add(struct xl *xl, int argc, char **argv)
{
    struct ctrl_cpumap cpus;
    struct xl_pools pools;
    int at;

    xl_option(xl, argc, argv, "", NULL);
    at = pool_need(xl, argv[optind], &pools);
    cpus_parse(xl, argv[optind + 1], &cpus);
    if (!cpus_move(xl, pools.info[at].pool, &cpus, ctrl_cpupool_add_cpu))
        xl_die("some cpus may not have been added to %s", pools.name[at]);
    xl_pools_free(&pools);
    return XL_EXIT_OK;
}

int cmd_cpupool_cpu_remove(struct xl *xl, int argc, char **argv)
{
    struct ctrl_cpumap cpus;
    struct xl_pools pools;
    int at;

    xl_option(xl, argc, argv, "", NULL);
    at = pool_need(xl, argv[optind], &pools);
    cpus_parse(xl, argv[optind + 1], &cpus);
    if (!cpus_move(xl, pools.info[at].pool, &cpus, ctrl_cpupool_remove_cpu)) {
        xl_error("Some cpus may have not or only partially been removed from '%s'.",
                 pools.name[at]);
        xl_die("If a cpu can't be added to another cpupool, add it to '%s' again and retry.",
               pools.name[at]);
    }
    xl_pools_free(&pools);
    return XL_EXIT_OK;
}

int cmd_cpupool_migrate(struct xl *xl, int argc, char **argv)
{
    struct ctrl_domain_info info;
    struct xl_pools pools;
    uint32_t domid;
    int at;

    xl_option(xl, argc, argv, "", NULL);
    if (xl_domain_lookup(xl, argv[optind], &domid) < 0 ||
        ctrl_domain_info(xl_ctrl(xl), domid, &info) < 0)
        xl_die("unknown domain '%s'", argv[optind]);
    at = pool_need(xl, argv[optind + 1], &pools);
    if (domid == CTRL_DOM0 && pools.info[at].pool != 0)
        xl_die("Cannot move domain 0 to cpupool '%s': it stays in the first pool.",
               pools.name[at]);
    if (ctrl_cpupool_move_domain(xl->ctrl, pools.info[at].pool, domid) < 0)
        xl_die("Cannot move domain %u to cpupool '%s': %s.", domid, pools.name[at],
               ctrl_error(xl->ctrl));
    xl_pools_free(&pools);
    return XL_EXIT_OK;
}

/* --- cpupool-numa-split --- */

/* The CPUs of a node; their number. */
static unsigned node_cpus(const struct ctrl_cpu_topology *topology, int nr, uint32_t node,
                          struct ctrl_cpumap *cpus)
{
    memset(cpus, 0, sizeof(*cpus));
    for (int cpu = 0; cpu < nr; cpu++)
        if (topology[cpu].node == node)
            ctrl_cpumap_set(cpus, (unsigned)cpu);
    return ctrl_cpumap_count(cpus);
}

/* Domain 0 stays in the first pool: it should not have more vCPUs than that has CPUs. */
static void dom0_shrink(struct xl *xl, unsigned nr)
{
    struct ctrl_domain_info info;

    if (ctrl_domain_info(xl_ctrl(xl), CTRL_DOM0, &info) < 0)
        xl_die("error on getting info for Domain-0: %s.", ctrl_error(xl->ctrl));
    if (info.nr_online_vcpus > nr)
        vcpus_offer(xl, CTRL_DOM0, info.max_vcpu_id + 1, nr);
}

static void node_split(struct xl *xl, uint32_t sched_id, uint32_t node,
                       const struct ctrl_cpumap *cpus)
{
    char name[32];
    int pool;

    if (!cpus_move(xl, 0, cpus, ctrl_cpupool_remove_cpu))
        xl_die("error on removing cpu from Pool 0");
    snprintf(name, sizeof(name), "Pool-node%u", node);
    pool = pool_make(xl, name, sched_id);
    if (!cpus_move(xl, (uint32_t)pool, cpus, ctrl_cpupool_add_cpu))
        xl_die("error on adding cpus to cpupool");
}

int cmd_cpupool_numa_split(struct xl *xl, int argc, char **argv)
{
    struct ctrl_cpu_topology *topology;
    struct ctrl_cpumap cpus;
    struct xl_pools pools;
    int nr;

    xl_option(xl, argc, argv, "", NULL);
    xl_pools_read(xl, &pools);
    if (pools.nr > 1)
        xl_die("splitting not possible, already cpupools in use");
    nr = ctrl_cpu_topology(xl_ctrl(xl), 0, NULL);
    topology = calloc(nr > 0 ? (size_t)nr : 1, sizeof(*topology));
    if (!topology || nr < 0 || (nr = ctrl_cpu_topology(xl->ctrl, (unsigned)nr, topology)) < 0)
        xl_die("libxl_get_topologyinfo failed: %s.", ctrl_error(xl->ctrl));
    pool_name_write(xl, 0, "Pool-node0");
    dom0_shrink(xl, node_cpus(topology, nr, 0, &cpus));
    for (uint32_t node = 1; node < 64; node++)
        if (node_cpus(topology, nr, node, &cpus))
            node_split(xl, pools.info[0].sched_id, node, &cpus);
    free(topology);
    xl_pools_free(&pools);
    return XL_EXIT_OK;
}

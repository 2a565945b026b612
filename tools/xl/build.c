/* SPDX-License-Identifier: BSD-2-Clause */
/* Makes a domain in the hypervisor, with the limits of its configuration, and builds its kernel. */
#include "life.h"

#include "cpus.h"
#include "output.h"
#include "xl_conf.h"

#include <errno.h>
#include <limits.h>
#include <libctrl/domain.h>
#include <libctrl/memory.h>
#include <libctrl/sched.h>
#include <libctrl/vcpu.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

/* What Xen's tools let a domain have beyond its memory, for its own use. */
#define SLACK_KIB   1024u
#define DOMID_TRIES 100

static int complain(const struct life *life, const char *what, int rc)
{
    xl_error("Cannot make the guest %s: %s: %s.", life->config->name, what,
             ctrl_error(life->ctrl));
    return rc;
}

static int32_t limit(unsigned value)
{
    return value == UINT_MAX ? CTRL_LIMIT_DEFAULT : (int32_t)value;
}

/* With the next free number, or at random as xl.conf's domid_policy says. */
static int domain_create(struct life *life, struct ctrl_domain_create *create)
{
    int rc = -EEXIST;

    if (!life->config->random_domid)
        return ctrl_domain_create(life->ctrl, create);
    for (unsigned i = 0; rc == -EEXIST && i < DOMID_TRIES; i++) {
        uint16_t number;

        if (getrandom(&number, sizeof(number), 0) != sizeof(number))
            xl_die("The kernel gives no random numbers: %m.");
        create->domid = 1 + number % (CTRL_DOMID_LIMIT - 1);
        rc = ctrl_domain_create(life->ctrl, create);
    }
    return rc;
}

int build_make_domain(struct life *life, const struct preflight *checked)
{
    const struct xl_config *config = life->config;
    struct ctrl_domain_create create = { .max_vcpus = config->maxvcpus };
    int domid;

    memcpy(create.uuid, life->uuid, sizeof(create.uuid));
    ctrl_domain_create_defaults(&create);
    create.hvm = create.hap = config->type == XL_GUEST_PVH;
    create.cpupool = checked->pool;
    if (config->max_event_channels != UINT_MAX)
        create.max_event_channels = (int32_t)config->max_event_channels;
    create.max_grant_frames = limit(config->max_grant_frames);
    create.max_maptrack_frames = limit(config->max_maptrack_frames);
    if (config->max_grant_version != UINT_MAX)
        create.max_grant_version = config->max_grant_version;
    domid = domain_create(life, &create);
    if (domid < 0)
        return complain(life, "the hypervisor does not make a domain", domid);
    life->domid = (uint32_t)domid;
    return 0;
}

/* --- CPUs --- */

static void map_of_list(const struct xl_cpu_list *list, const struct xl_host_cpus *host,
                        struct ctrl_cpumap *map)
{
    uint8_t bytes[CTRL_MAX_CPUS / 8] = { 0 };

    xl_cpu_list_resolve(list, host, bytes);
    memset(map, 0, sizeof(*map));
    for (unsigned cpu = 0; cpu < host->cpus && cpu < CTRL_MAX_CPUS; cpu++)
        if (bytes[cpu / 8] >> (cpu % 8) & 1)
            ctrl_cpumap_set(map, cpu);
}

static void map_and(struct ctrl_cpumap *map, const struct ctrl_cpumap *mask)
{
    for (unsigned cpu = 0; cpu < map->nr_cpus; cpu++)
        if (!ctrl_cpumap_test(mask, cpu))
            ctrl_cpumap_clear(map, cpu);
}

static int affinity_set(struct life *life, const struct xl_host_cpus *host, unsigned vcpu,
                        const struct ctrl_cpumap *mask)
{
    const struct xl_cpu_list *hard = xl_affinity_of(&life->config->cpus, vcpu);
    const struct xl_cpu_list *soft = xl_affinity_of(&life->config->cpus_soft, vcpu);
    struct ctrl_cpumap hard_map, soft_map;
    int rc;

    if (!hard && !soft && !mask)
        return 0;
    if (hard)
        map_of_list(hard, host, &hard_map);
    else
        ctrl_cpumap_fill(&hard_map, host->cpus);
    if (mask)
        map_and(&hard_map, mask);
    if (soft)
        map_of_list(soft, host, &soft_map);
    if (!ctrl_cpumap_count(&hard_map)) {
        xl_config_complain(life->config, &life_report, hard ? "cpus" : "vcpus",
                           "vCPU %u has no CPU of the %u there are to run on", vcpu, host->cpus);
        return -EINVAL;
    }
    rc = ctrl_vcpu_set_affinity(life->ctrl, life->domid, vcpu, &hard_map,
                                soft ? &soft_map : NULL);
    if (rc < 0)
        xl_config_complain(life->config, &life_report, hard ? "cpus" : "cpus_soft", "vCPU %u: %s",
                           vcpu, ctrl_error(life->ctrl));
    return rc;
}

static bool needs_affinity(const struct life *life)
{
    return life->config->cpus.count || life->config->cpus_soft.count;
}

static int affinities_set(struct life *life, bool ignore_masks)
{
    const struct xl_cpu_list *global = NULL, *of_type;
    struct xl_host_cpus host = { 0 };
    struct xl_conf *conf;
    struct ctrl_cpumap mask;
    int rc;

    if (xl_conf_read(&conf, XL_CONF_PATH, &life_report) < 0)
        return -EINVAL;
    of_type = life->config->type == XL_GUEST_PV ? &conf->cpumask_pv : &conf->cpumask_hvm;
    if (!ignore_masks)
        global = of_type->count ? of_type : conf->cpumask.count ? &conf->cpumask : NULL;
    if (!global && !needs_affinity(life)) {
        xl_conf_free(conf);
        return 0;
    }
    rc = cpus_host_read(life->ctrl, &host);
    if (rc < 0)
        complain(life, "CPUs", rc);
    if (global && rc == 0)
        map_of_list(global, &host, &mask);
    for (unsigned vcpu = 0; rc == 0 && vcpu < life->config->maxvcpus; vcpu++)
        rc = affinity_set(life, &host, vcpu, global ? &mask : NULL);
    cpus_host_free(&host);
    xl_conf_free(conf);
    return rc;
}

static int shares_set(struct life *life)
{
    const struct xl_config *config = life->config;
    struct ctrl_sched_domain sched = { 0 };
    int rc;

    if (config->weight < 0 && config->cap < 0)
        return 0;
    rc = ctrl_scheduler_id(life->ctrl, &sched.sched_id);
    if (rc == 0)
        rc = ctrl_sched_domain_get(life->ctrl, life->domid, &sched);
    if (rc == 0) {
        sched.weight = config->weight < 0 ? sched.weight : (uint16_t)config->weight;
        sched.cap = config->cap < 0 ? sched.cap : (uint16_t)config->cap;
        rc = ctrl_sched_domain_set(life->ctrl, life->domid, &sched);
    }
    if (rc < 0)
        xl_config_complain(config, &life_report, config->weight < 0 ? "cap" : "cpu_weight", "%s",
                           ctrl_error(life->ctrl));
    return rc;
}

/* --- time --- */

static int time_set(struct life *life)
{
    const struct xl_config *config = life->config;
    struct ctrl_tsc tsc = { .mode = config->tsc_mode };
    int64_t offset = config->rtc_timeoffset;
    int rc = 0;

    if (config->localtime == XL_YES) {
        time_t now = time(NULL);
        struct tm tm;

        localtime_r(&now, &tm);
        offset += tm.tm_gmtoff;
    }
    if (offset)
        rc = ctrl_domain_set_time_offset(life->ctrl, life->domid, offset);
    if (rc == 0)
        rc = ctrl_domain_set_tsc(life->ctrl, life->domid, &tsc);
    return rc < 0 ? complain(life, "its clock", rc) : 0;
}

/* --- the whole --- */

int build_domain(struct life *life, const struct preflight *checked,
                 struct ctrl_build_result *built, bool ignore_masks)
{
    const struct xl_config *config = life->config;
    struct ctrl_build build = {
        .domid = life->domid, .kernel = checked->kernel, .ramdisk_fd = checked->ramdisk_fd,
        .ramdisk_name = config->ramdisk, .cmdline = config->cmdline,
        .nr_pages = life_start_kib(config) / 4, .max_pages = config->maxmem_kib / 4,
    };
    int rc;

    rc = ctrl_domain_set_max_mem(life->ctrl, life->domid, config->maxmem_kib + SLACK_KIB);
    if (rc < 0)
        return complain(life, "its memory limit", rc);
    /* It grows less as the guest is given memory, and is nothing when that has all. */
    if (config->claim == XL_YES)
        rc = ctrl_memory_claim(life->ctrl, life->domid, build.nr_pages);
    if (rc < 0)
        return complain(life, "claiming its memory", rc);
    rc = affinities_set(life, ignore_masks);
    rc = rc < 0 ? rc : shares_set(life);
    rc = rc < 0 ? rc : time_set(life);
    life_clock_lap(&life->clock, "limits");
    if (rc < 0)
        return rc;
    rc = (config->type == XL_GUEST_PV ? ctrl_build_pv : ctrl_build_pvh)(life->ctrl, &build, built);
    if (rc < 0)
        return complain(life, "building it", rc);
    return 0;
}

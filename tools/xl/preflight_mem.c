/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Memory for a new guest: what it needs, what is free, and what domain 0 could give (its balloon
 * goes down only if xl.conf's autoballoon says so).
 */
#include "life.h"

#include "output.h"
#include "xl_conf.h"

#include <errno.h>
#include <inttypes.h>
#include <libctrl/domain.h>
#include <libctrl/host.h>
#include <libctrl/store.h>
#include <string.h>
#include <time.h>

#define TARGET_NODE "/local/domain/0/memory/target"
/* What domain 0 keeps in any case. */
#define DOM0_FLOOR_KIB (256u << 10)
/* The hypervisor's own share: structures, grant and event tables. */
#define OVERHEAD_KIB      512u
#define OVERHEAD_VCPU_KIB 32u
/* What nested page tables may take, as Xen's tools reckon: a MiB a vCPU, 8 KiB a MiB of memory. */
#define PAGING_VCPU_KIB   1024u
#define PAGING_SHARE      128u
#define BALLOON_SECONDS   10

static uint64_t needed_kib(const struct xl_config *config)
{
    uint64_t needed = life_start_kib(config) + OVERHEAD_KIB +
                      config->maxvcpus * OVERHEAD_VCPU_KIB;

    if (config->type == XL_GUEST_PVH)
        needed += CTRL_PVH_EXTRA_KIB + config->maxvcpus * PAGING_VCPU_KIB +
                  config->maxmem_kib / PAGING_SHARE;
    return needed;
}

/* Whether the hypervisor, on this machine, runs guests of the type. */
static bool type_is_there(const struct life *life, uint32_t capabilities)
{
    bool pvh = life->config->type == XL_GUEST_PVH;
    uint32_t needed = pvh ? CTRL_CAP_HVM | CTRL_CAP_HAP : CTRL_CAP_PV;

    if ((capabilities & needed) == needed)
        return true;
    xl_config_complain(life->config, &life_report, "type", "this hypervisor runs no %s guests here"
                       "%s; \"xl info virt_caps\" shows what it runs",
                       xl_guest_type_name(life->config->type), pvh ? ": these need a CPU with "
                       "nested paging (AMD-V, VT-x), switched on in the firmware; use type = "
                       "\"pv\"" : "");
    return false;
}

static bool balloons(struct life *life)
{
    struct ctrl_version version;
    struct xl_conf *conf;
    enum xl_autoballoon mode;

    if (xl_conf_read(&conf, XL_CONF_PATH, &life_report) < 0)
        return false;
    mode = conf->autoballoon;
    xl_conf_free(conf);
    if (mode != XL_AUTOBALLOON_AUTO)
        return mode == XL_AUTOBALLOON_ON;
    return ctrl_version(life->ctrl, &version) == 0 && !strstr(version.commandline, "dom0_mem=");
}

static uint64_t dom0_kib(struct life *life)
{
    struct ctrl_domain_info info;

    if (ctrl_domain_info(life->ctrl, CTRL_DOM0, &info) < 0)
        return 0;
    return info.nr_pages * 4;
}

int preflight_memory(struct life *life, struct preflight *checked, bool autoballoon)
{
    const struct xl_config *config = life->config;
    uint64_t needed = needed_kib(config), start = life_start_kib(config), free, dom0, spare;
    struct ctrl_physinfo host;

    if (ctrl_physinfo(life->ctrl, &host) < 0) {
        xl_error("Cannot ask for free memory: %s.", ctrl_error(life->ctrl));
        return -EIO;
    }
    if (!type_is_there(life, host.capabilities))
        return -EINVAL;
    free = (host.free_pages + host.scrub_pages - (host.outstanding_pages < host.free_pages ?
            host.outstanding_pages : 0)) * 4;
    if (free >= needed)
        return 0;
    dom0 = dom0_kib(life);
    spare = dom0 > DOM0_FLOOR_KIB ? dom0 - DOM0_FLOOR_KIB : 0;
    autoballoon = autoballoon && balloons(life);
    if (autoballoon && free + spare >= needed) {
        checked->balloon_kib = needed - free;
        return 0;
    }
    xl_config_complain(config, &life_report, "memory",
                       "needs %" PRIu64 " MiB (%" PRIu64 " for the guest, %" PRIu64 " KiB around "
                       "it), but %" PRIu64 " MiB are free. Domain-0 has %" PRIu64 " MiB and could "
                       "give %" PRIu64 "%s", (needed + 1023) >> 10, start >> 10,
                       needed - start, free >> 10, dom0 >> 10, spare >> 10,
                       free + spare < needed ? ", which is not enough: ask for less, or end a "
                       "guest" : ": try \"xl mem-set Domain-0\", or set autoballoon=\"on\" in "
                       XL_CONF_PATH);
    return -ENOMEM;
}

/* Memory that is free now, in KiB. */
static uint64_t free_kib(struct life *life)
{
    struct ctrl_physinfo host;

    return ctrl_physinfo(life->ctrl, &host) < 0 ? 0 : (host.free_pages + host.scrub_pages) * 4;
}

int balloon_down(struct life *life, uint64_t kib)
{
    uint64_t target = dom0_kib(life), wanted = free_kib(life) + kib, last = 0;
    struct timespec pause = { .tv_nsec = 20000000 };
    uint64_t end = life_now_ns() + BALLOON_SECONDS * 1000000000ull;

    target = target > kib ? target - kib : target;
    if (ctrl_store_printf(life->store, CTRL_STORE_NO_TX, TARGET_NODE, "%" PRIu64, target) < 0) {
        xl_error("Cannot ask Domain-0 for memory: %s.", ctrl_error(life->ctrl));
        return -EIO;
    }
    /* Each time it gave some, it gets as long again: the balloon is slow, not stuck. */
    while ((last = free_kib(life)) < wanted) {
        uint64_t now = life_now_ns();

        if (now > end)
            break;
        nanosleep(&pause, NULL);
        if (free_kib(life) > last)
            end = now + BALLOON_SECONDS * 1000000000ull;
    }
    if (last >= wanted)
        return 0;
    xl_config_complain(life->config, &life_report, "memory",
                       "Domain-0 was asked for %" PRIu64 " MiB and did not give all of it within "
                       "%d s; %" PRIu64 " MiB are free", kib >> 10, BALLOON_SECONDS, last >> 10);
    return -ENOMEM;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* What is done with a guest that has ended: on_poweroff, on_reboot, on_crash and the others. */
#include "life.h"

#include "output.h"
#include "state.h"

#include <errno.h>
#include <libctrl/domain.h>
#include <libctrl/store.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define DUMP_FOLDER   "/var/lib/xen/dump"
#define EARLY_NS      10000000000u  /* a guest that ends sooner ends "in its first seconds" */
#define EARLY_LINES   20
#define RESTART_NS    1000000000u   /* not more often than this */

static const char *const reason_names[] = {
    [CTRL_SHUTDOWN_POWEROFF] = "powered off", [CTRL_SHUTDOWN_REBOOT] = "asked for a reboot",
    [CTRL_SHUTDOWN_SUSPEND] = "suspended", [CTRL_SHUTDOWN_CRASH] = "crashed",
    [CTRL_SHUTDOWN_WATCHDOG] = "was ended by its watchdog",
    [CTRL_SHUTDOWN_SOFT_RESET] = "asked for a soft reset",
};

#define NR_REASONS (sizeof(reason_names) / sizeof(reason_names[0]))

static enum xl_action action_of(const struct xl_config *config, unsigned reason)
{
    switch (reason) {
    case CTRL_SHUTDOWN_POWEROFF:
        return config->on_poweroff;
    case CTRL_SHUTDOWN_REBOOT:
        return config->on_reboot;
    case CTRL_SHUTDOWN_SUSPEND:
        return XL_ACTION_PRESERVE;
    case CTRL_SHUTDOWN_CRASH:
        return config->on_crash;
    case CTRL_SHUTDOWN_WATCHDOG:
        return config->on_watchdog;
    case CTRL_SHUTDOWN_SOFT_RESET:
        return config->on_soft_reset;
    }
    return XL_ACTION_DESTROY;
}

struct life_plan life_plan(const struct xl_config *config, unsigned reason)
{
    switch (action_of(config, reason)) {
    case XL_ACTION_PRESERVE:
        return (struct life_plan){ .keep = true };
    case XL_ACTION_RENAME_RESTART:
        return (struct life_plan){ .rename = true, .restart = true };
    case XL_ACTION_RESTART:
    case XL_ACTION_SOFT_RESET:      /* a pv guest cannot be reset in place: it starts anew */
        return (struct life_plan){ .restart = true };
    case XL_ACTION_COREDUMP_DESTROY:
        return (struct life_plan){ .dump = true };
    case XL_ACTION_COREDUMP_RESTART:
        return (struct life_plan){ .dump = true, .restart = true };
    case XL_ACTION_DESTROY:
        break;
    }
    return (struct life_plan){ .dump = false };
}

static void dump_write(struct xl *xl, uint32_t domid, const char *name)
{
    char path[512];

    mkdir("/var/lib/xen", 0755);
    mkdir(DUMP_FOLDER, 0700);
    snprintf(path, sizeof(path), DUMP_FOLDER "/%s", name);
    xl_note("dumping core to %s", path);
    dump_core_write(xl, domid, path);   /* it says itself why it failed; life goes on */
}

/* The ended guest keeps only its memory, under another name and UUID; the new one gets the rest. */
static int rename_away(struct xl *xl, uint32_t domid, const char *name)
{
    char stamp[32], other[512], lines[1024], path[64];
    struct claimant self = { .domid = domid }, who;
    struct claim claim;
    time_t now = time(NULL);
    struct tm tm;

    gmtime_r(&now, &tm);
    strftime(stamp, sizeof(stamp), "-%Y%m%dT%H%MZ", &tm);
    snprintf(other, sizeof(other), "%s%s", name, stamp);
    xl_note("Preserving domain %u %s with suffix%s", domid, name, stamp);
    if (getrandom(self.uuid, sizeof(self.uuid), 0) != sizeof(self.uuid))
        return -EIO;
    life_devices_end(xl, domid);
    if (ctrl_domain_set_uuid(xl_ctrl(xl), domid, self.uuid) < 0) {
        xl_error("Cannot preserve domain %u: %s.", domid, ctrl_error(xl->ctrl));
        return -EIO;
    }
    snprintf(path, sizeof(path), "/local/domain/%u/name", domid);
    ctrl_store_write(xl_store(xl), CTRL_STORE_NO_TX, path, other, strlen(other));
    claim_of_name(&claim, other);
    snprintf(lines, sizeof(lines), "name %s\nsupervised 0\nclaim name %s\n", other, claim.path);
    state_record_write(domid, self.uuid, lines);
    return claim_take(xl->ctrl, &claim, &self, &who);
}

static int restart(struct xl *xl, const struct xl_config *config, const char *text,
                   int announced)
{
    struct create_options options = { .text = text, .announced = announced };
    struct life life;
    int rc;

    life_begin(&life, xl, config);
    rc = life_create(&life, &options);
    life_end(&life);
    if (rc < 0)
        xl_error("The guest %s was not started anew.", config->name);
    return rc;
}

static uint64_t age_ns(uint32_t domid)
{
    struct state_record record;
    const char *born;
    uint64_t age = UINT64_MAX;

    if (state_record_read(domid, &record) < 0)
        return age;
    born = state_record_get(&record, "born");
    if (born)
        age = life_now_ns() - strtoull(born, NULL, 10);
    state_record_free(&record);
    return age;
}

static void pause_if_young(uint64_t age)
{
    struct timespec pause = { .tv_nsec = 0 };

    if (age >= RESTART_NS)
        return;
    pause.tv_nsec = (long)(RESTART_NS - age) % 1000000000;
    nanosleep(&pause, NULL);
}

/* With the record's lock held in 'lock', which is given back before a restart. */
static int plan_do(struct xl *xl, uint32_t domid, const struct xl_config *config,
                   const char *text, const struct life_plan *plan, int lock)
{
    uint64_t age = age_ns(domid);
    int announced = 0, rc = 0;

    if (plan->dump)
        dump_write(xl, domid, config->name);
    if (plan->keep)
        return 0;
    if (plan->restart)
        announced = state_creation_begin(config->uuid);
    if (announced < 0)
        return announced;
    rc = plan->rename ? rename_away(xl, domid, config->name) : life_destroy_locked(xl, domid);
    close(lock);
    if (!plan->restart)
        return rc;
    pause_if_young(age);
    return rc < 0 ? rc : restart(xl, config, text, announced);
}

static bool node_number(struct xl *xl, uint32_t domid, const char *name, uint64_t *number)
{
    char path[64];

    snprintf(path, sizeof(path), "/local/domain/%u/%s", domid, name);
    return ctrl_store_read_number(xl_store(xl), CTRL_STORE_NO_TX, path, number) == 0;
}

/* It starts anew with the memory and vCPUs that it was told to have last (mem-set, vcpu-set). */
void life_sizes_keep(struct xl *xl, uint32_t domid, struct xl_config *config)
{
    uint64_t most, target;
    unsigned vcpus = 0;

    if (node_number(xl, domid, "memory/static-max", &most) &&
        node_number(xl, domid, "memory/target", &target) && target && target <= most) {
        config->maxmem_kib = most;
        config->memory_kib = target;
    }
    for (unsigned i = 0; i < config->maxvcpus; i++) {
        char path[80], *value;

        snprintf(path, sizeof(path), "/local/domain/%u/cpu/%u/availability", domid, i);
        if (ctrl_store_read(xl_store(xl), CTRL_STORE_NO_TX, path, &value, NULL) < 0)
            break;
        vcpus += strcmp(value, "online") == 0;
        free(value);
    }
    if (vcpus)
        config->vcpus = vcpus;
}

/* Unless "xl config-update" gave it another configuration, which is meant as it stands. */
static bool is_updated(uint32_t domid)
{
    struct state_record record;
    bool updated;

    if (state_record_read(domid, &record) < 0)
        return false;
    updated = state_record_get(&record, "updated");
    state_record_free(&record);
    return updated;
}

int life_ended(struct xl *xl, uint32_t domid)
{
    struct ctrl_domain_info info;
    struct xl_config *config;
    struct life_plan plan;
    int lock = state_lock(domid), rc;
    char *text;

    if (lock < 0)
        return lock == -ENOENT ? 0 : lock;
    /* Whoever had the lock before may have ended it, or it was reset. */
    if (ctrl_domain_info(xl_ctrl(xl), domid, &info) < 0 || !info.shutdown || info.dying ||
        life_config_read(domid, &config, &text) < 0) {
        close(lock);
        return 0;
    }
    if (!config->has_uuid) {
        memcpy(config->uuid, info.uuid, sizeof(config->uuid));
        config->has_uuid = true;
    }
    plan = life_plan(config, info.shutdown_reason);
    if (plan.restart && !is_updated(domid))
        life_sizes_keep(xl, domid, config);
    xl_note("Domain %u (%s) %s.", domid, config->name,
            info.shutdown_reason < NR_REASONS ? reason_names[info.shutdown_reason] : "ended");
    if (age_ns(domid) < EARLY_NS && info.shutdown_reason != CTRL_SHUTDOWN_REBOOT)
        console_tail_print(config->name, EARLY_LINES);
    rc = plan_do(xl, domid, config, text, &plan, lock);
    xl_config_free(config);
    free(text);
    return rc;
}

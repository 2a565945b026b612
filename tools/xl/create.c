/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Makes a guest. Everything that can be checked is checked first; then each step is one whose
 * traces can be found again, so that a failure, or the death of this process, leaves nothing:
 * the guest's UUID is announced before the domain exists, and its record names what it claims
 * before that is taken.
 */
#include "life.h"

#include "output.h"
#include "state.h"

#include <errno.h>
#include <inttypes.h>
#include <libctrl/domain.h>
#include <libctrl/store.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#define CONSOLE_SECONDS 40

static void report_emit(void *opaque, enum xl_severity severity, const char *text)
{
    (void)opaque;
    if (severity == XL_ERROR)
        xl_error("%s", text);
    else if (severity == XL_WARNING)
        xl_warn("%s", text);
    else
        xl_note("%s", text);
}

const struct xl_report life_report = { .emit = report_emit };

void life_uuid_choose(struct xl_config *config)
{
    uint8_t *uuid = config->uuid;

    if (config->has_uuid)
        return;
    if (getrandom(uuid, sizeof(config->uuid), 0) != sizeof(config->uuid))
        xl_die("The kernel gives no random numbers: %m.");
    uuid[6] = (uuid[6] & 0x0f) | 0x40;
    uuid[8] = (uuid[8] & 0x3f) | 0x80;
}

void life_begin(struct life *life, struct xl *xl, const struct xl_config *config)
{
    *life = (struct life){ .xl = xl, .config = config, .net = -1 };
    life->ctrl = xl_ctrl(xl);
    life->store = xl_store(xl);
    if (config)
        memcpy(life->uuid, config->uuid, sizeof(life->uuid));
    life_clock_begin(&life->clock);
}

void life_end(struct life *life)
{
    devices_close(life);
    free(life->devices);
    life->devices = NULL;
    life->nr_devices = 0;
}

/* --- record and claims --- */

struct claim_list {
    unsigned nr;
    struct {
        struct claim claim;
        const struct device *device;    /* NULL: the name */
    } *item;
};

static void claims_collect(const struct life *life, struct claim_list *list)
{
    list->item = calloc(life->nr_devices * 2 + 1, sizeof(*list->item));
    if (!list->item)
        xl_die("Out of memory.");
    claim_of_name(&list->item[0].claim, life->config->name);
    list->nr = 1;
    for (unsigned i = 0; i < life->nr_devices; i++) {
        struct claim claims[2];
        unsigned nr = device_claims(life, &life->devices[i], claims);

        for (unsigned j = 0; j < nr; j++) {
            list->item[list->nr].claim = claims[j];
            list->item[list->nr++].device = &life->devices[i];
        }
    }
}

/* What must be undone should this process die: written before any of it is done. */
static int record_write(const struct life *life, const struct claim_list *list,
                        const struct create_options *options)
{
    char *lines = NULL, uuid[STATE_UUID_SIZE], script[1200];
    FILE *text;
    size_t size;
    int rc;

    text = open_memstream(&lines, &size);
    if (!text)
        xl_die("Out of memory.");
    fprintf(text, "name %s\nsupervised %d\nborn %" PRIu64 "\n", life->config->name,
            !options->unsupervised, life_now_ns());
    for (unsigned i = 0; i < list->nr; i++) {
        const struct device *device = list->item[i].device;

        if (device)
            fprintf(text, "claim %s-%u %s\n", device_type_name(device->type), device->number,
                    list->item[i].claim.path);
        else
            fprintf(text, "claim name %s\n", list->item[i].claim.path);
    }
    for (unsigned i = 0; i < life->nr_devices; i++) {
        device_record(&life->devices[i], script, sizeof(script));
        fputs(script, text);
    }
    fclose(text);
    rc = state_record_write(life->domid, life->uuid, lines);
    free(lines);
    if (rc == 0)
        rc = state_config_write(life->domid, options->text ? options->text : "");
    if (rc == 0 && !life->config->has_uuid) {
        /* It keeps its UUID, and what follows from it, when it starts anew. */
        state_uuid_print(life->uuid, uuid);
        if (asprintf(&lines, "uuid = \"%s\"", uuid) < 0)
            xl_die("Out of memory.");
        rc = state_config_add(life->domid, lines);
        free(lines);
    }
    return rc;
}

static int claims_take(const struct life *life, const struct claim_list *list)
{
    struct claimant self = { .domid = life->domid }, who;
    int rc = 0;

    memcpy(self.uuid, life->uuid, sizeof(self.uuid));
    for (unsigned i = 0; rc == 0 && i < list->nr; i++) {
        rc = claim_take(life->ctrl, &list->item[i].claim, &self, &who);
        if (rc == -EEXIST && list->item[i].device)
            device_complain_claimed(life, list->item[i].device, &who);
        else if (rc == -EEXIST)
            xl_config_complain(life->config, &life_report, "name",
                               "\"%s\" has just become the name of domain %u; choose another",
                               life->config->name, who.domid);
    }
    return rc;
}

static int claims_make(struct life *life, const struct create_options *options, int *lock)
{
    struct state_record stale;
    struct claim_list list;
    int rc = 0;

    /* Of a domain that had this id, and ended when nobody looked. */
    if (state_record_read(life->domid, &stale) == 0) {
        state_record_free(&stale);
        state_remove(life->domid);
    }
    claims_collect(life, &list);
    rc = record_write(life, &list, options);
    if (rc == 0) {
        *lock = state_lock(life->domid);
        rc = *lock < 0 ? *lock : claims_take(life, &list);
    }
    free(list.item);
    return rc;
}

/* --- the store --- */

static int nodes_write(struct life *life, const struct ctrl_build_result *built)
{
    /* Of a domain that had this id, and ended when nobody looked. */
    static const char *const stale[] = { "", "0/backend/vbd/", "0/backend/vif/" };
    struct ctrl_batch *batch;
    char path[64];
    int rc;

    if (ctrl_batch_create(life->store, &batch) < 0)
        xl_die("Out of memory.");
    for (unsigned i = 0; i < sizeof(stale) / sizeof(stale[0]); i++) {
        snprintf(path, sizeof(path), "/local/domain/%s%u", stale[i], life->domid);
        ctrl_batch_remove(batch, path);
    }
    store_domain_write(life, batch, built);
    for (unsigned i = 0; i < life->nr_devices; i++)
        device_write(life, &life->devices[i], batch);
    rc = ctrl_batch_commit(batch);
    if (rc == 0) {
        ctrl_batch_reset(batch);
        ctrl_batch_introduce(batch, life->domid, built->store_mfn, built->store_port);
        rc = ctrl_batch_submit(batch);
    }
    if (rc < 0)
        xl_error("Cannot make the guest %s: %s.", life->config->name, ctrl_error(life->ctrl));
    ctrl_batch_destroy(batch);
    return rc;
}

/* Wait until xenconsoled has made a terminal for it. */
static int console_wait(struct life *life)
{
    uint64_t end = life_now_ns() + CONSOLE_SECONDS * 1000000000ull, now;
    struct ctrl_store_event event;
    char path[64], *tty;
    int rc;

    snprintf(path, sizeof(path), "/local/domain/%u/console/tty", life->domid);
    rc = ctrl_store_watch(life->store, path, "create");
    while (rc == 0 && (now = life_now_ns()) < end) {
        rc = ctrl_store_read(life->store, CTRL_STORE_NO_TX, path, &tty, NULL);
        if (rc == 0) {
            bool there = *tty;

            free(tty);
            if (there)
                return 0;
            rc = ctrl_store_wait_event(life->store, (int)((end - now) / 1000000) + 1, &event);
            rc = rc == -EAGAIN ? 0 : rc;
        }
    }
    if (rc == 0)
        xl_error("The guest %s has no console: xenconsoled does not answer. Start it with "
                 "\"systemctl start xenconsoled\".", life->config->name);
    else
        xl_error("Cannot wait for the guest's console: %s.", ctrl_error(life->ctrl));
    return rc < 0 ? rc : -ETIMEDOUT;
}

/* --- the whole --- */

static int build_laps(struct life *life, const struct preflight *checked,
                      struct ctrl_build_result *built, bool ignore_masks)
{
    static const char *const names[CTRL_BUILD_NR_PHASES] = {
        [CTRL_BUILD_MEMORY] = "build: memory", [CTRL_BUILD_KERNEL] = "build: kernel",
        [CTRL_BUILD_RAMDISK] = "build: ramdisk", [CTRL_BUILD_TABLES] = "build: page tables",
        [CTRL_BUILD_REST] = "build: the rest",
    };
    int rc = build_domain(life, checked, built, ignore_masks);

    for (unsigned i = 0; rc == 0 && i < CTRL_BUILD_NR_PHASES; i++)
        life_clock_add(&life->clock, names[i], built->ns[i]);
    /* What was measured inside is not counted again. */
    life->clock.last_ns = life_now_ns();
    return rc;
}

static int steps_do(struct life *life, const struct preflight *checked,
                    const struct create_options *options, int *lock)
{
    struct ctrl_build_result built;
    int rc = claims_make(life, options, lock);

    life_clock_lap(&life->clock, "record and claims");
    rc = rc < 0 ? rc : devices_open(life);
    life_clock_lap(&life->clock, "open disks");
    rc = rc < 0 ? rc : build_laps(life, checked, &built, options->ignore_masks);
    rc = rc < 0 ? rc : nodes_write(life, &built);
    life_clock_lap(&life->clock, "store");
    rc = rc < 0 ? rc : devices_connect(life);
    life_clock_lap(&life->clock, "back-ends");
    if (rc == 0 && options->for_console)
        rc = console_wait(life);
    if (rc == 0 && !options->paused) {
        rc = ctrl_domain_unpause(life->ctrl, life->domid);
        if (rc < 0)
            xl_error("Cannot start the guest %s: %s.", life->config->name,
                     ctrl_error(life->ctrl));
    }
    life_clock_lap(&life->clock, "start");
    return rc;
}

static int domain_make(struct life *life, const struct preflight *checked,
                       const struct create_options *options)
{
    int lock = -1, rc = build_make_domain(life, checked);

    life_clock_lap(&life->clock, "domain");
    if (rc < 0)
        return rc;
    rc = steps_do(life, checked, options, &lock);
    if (rc < 0)
        life_destroy_locked(life->xl, life->domid);
    if (lock >= 0)
        close(lock);
    return rc;
}

int life_create(struct life *life, const struct create_options *options)
{
    struct preflight checked;
    int announced, rc;

    life_orphans_end(life->xl);
    devices_collect(life);
    rc = preflight_run(life, &checked);
    if (rc == 0 && !options->unsupervised)
        rc = supervisor_need(life->xl);
    if (rc == 0 && checked.balloon_kib)
        rc = balloon_down(life, checked.balloon_kib);
    life_clock_lap(&life->clock, "check");
    if (rc == 0) {
        announced = options->announced > 0 ? options->announced
                                           : state_creation_begin(life->uuid);
        rc = announced < 0 ? announced : domain_make(life, &checked, options);
        if (announced >= 0)
            state_creation_end(life->uuid, announced);
    }
    preflight_end(&checked);
    devices_close(life);
    return rc;
}

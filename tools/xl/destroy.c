/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Ends a domain and undoes what was made for it. Each step can be done again, so whoever dies in
 * between, the next one finishes. The domain is paused before its nodes go, and destroyed before
 * its claims do: nothing that it uses is free while it may still run.
 *
 * A loop device goes with the last that has it open, an interface with its back-end's node.
 */
#include "life.h"

#include "output.h"
#include "state.h"

#include <errno.h>
#include <libctrl/domain.h>
#include <libctrl/store.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define RELEASE_SECONDS 10
#define GONE_FIRST_MS   1           /* between two looks, twice as long each time */
#define GONE_MAX_MS     100
#define PATH_SIZE       160

static void remove_add(struct ctrl_batch *batch, const char *format, uint32_t domid)
{
    char path[PATH_SIZE];

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    snprintf(path, sizeof(path), format, domid);
#pragma GCC diagnostic pop
    ctrl_batch_remove(batch, path);
}

/* --- guests of other tools --- */

/* Loop devices that Xen's block script made: they don't vanish by themselves. */
static void foreign_loops_detach(struct ctrl_store *store, uint32_t domid)
{
    struct ctrl_store_names *names;
    char path[PATH_SIZE], *node;

    snprintf(path, sizeof(path), "/local/domain/0/backend/vbd/%u", domid);
    if (ctrl_store_list(store, CTRL_STORE_NO_TX, path, &names) < 0)
        return;
    for (unsigned i = 0; i < names->nr; i++) {
        snprintf(path, sizeof(path), "/local/domain/0/backend/vbd/%u/%.60s/node", domid,
                 names->name[i]);
        if (ctrl_store_read(store, CTRL_STORE_NO_TX, path, &node, NULL) < 0)
            continue;
        if (strncmp(node, "/dev/loop", 9) == 0)
            host_loop_detach(node);
        free(node);
    }
    free(names);
}

static void foreign_backends_remove(struct ctrl_store *store, struct ctrl_batch *batch,
                                    uint32_t domid)
{
    struct ctrl_store_names *names;
    char path[PATH_SIZE];

    snprintf(path, sizeof(path), "/local/domain/%u/device", domid);
    if (ctrl_store_list(store, CTRL_STORE_NO_TX, path, &names) < 0)
        return;
    for (unsigned i = 0; i < names->nr; i++) {
        snprintf(path, sizeof(path), "/local/domain/0/backend/%.60s/%u", names->name[i], domid);
        ctrl_batch_remove(batch, path);
    }
    free(names);
}

/* --- steps --- */

static void scripts_run(uint32_t domid, const struct state_record *record)
{
    for (unsigned i = 0; i < record->nr; i++) {
        char type[8], path[1100];
        unsigned number;

        if (strcmp(record->line[i].key, "script") == 0 &&
            sscanf(record->line[i].value, "%7s %u %1099[^\n]", type, &number, path) == 3 &&
            device_script(domid, strcmp(type, "vif") == 0 ? DEVICE_VIF : DEVICE_VBD, number, path,
                          false) < 0)
            xl_warn("%s.", host_error());
    }
}

static int nodes_remove(struct xl *xl, uint32_t domid, bool ours, const uint8_t uuid[16])
{
    char path[PATH_SIZE] = "/vm/";
    struct ctrl_batch *batch;
    int rc;

    if (ctrl_batch_create(xl_store(xl), &batch) < 0)
        xl_die("Out of memory.");
    if (!ours) {
        foreign_loops_detach(xl->store, domid);
        foreign_backends_remove(xl->store, batch, domid);
        remove_add(batch, "/libxl/%u", domid);
        remove_add(batch, "/local/domain/0/backend/console/%u", domid);
    }
    remove_add(batch, "/local/domain/0/backend/vbd/%u", domid);
    remove_add(batch, "/local/domain/0/backend/vif/%u", domid);
    remove_add(batch, "/local/domain/0/error/backend/vbd/%u", domid);
    remove_add(batch, "/local/domain/0/error/backend/vif/%u", domid);
    remove_add(batch, "/local/domain/%u", domid);
    state_uuid_print(uuid, path + 4);
    ctrl_batch_remove(batch, path);
    rc = ctrl_batch_submit(batch);
    if (rc < 0)
        xl_error("Cannot remove the nodes of domain %u: %s.", domid, ctrl_error(xl->ctrl));
    ctrl_batch_destroy(batch);
    return rc;
}

/*
 * A domain stays, dying, until nobody has pages of it mapped: back-ends need a moment. xenstored
 * tells when the dying begins; nobody tells that the last page was let go of after that.
 */
static void gone_wait(struct xl *xl, uint32_t domid)
{
    int pause_ms = GONE_FIRST_MS;
    uint64_t end = life_now_ns() + RELEASE_SECONDS * 1000000000ull;
    struct ctrl_domain_info info;
    struct ctrl_store_event event;

    if (ctrl_domain_info(xl->ctrl, domid, &info) < 0 ||
        ctrl_store_watch(xl->store, "@releaseDomain", "gone") < 0)
        return;
    while (ctrl_domain_info(xl->ctrl, domid, &info) == 0 && info.dying &&
           life_now_ns() < end) {
        int rc = ctrl_store_wait_event(xl->store, pause_ms, &event);

        if (rc < 0 && rc != -EAGAIN)
            break;
        pause_ms = pause_ms * 2 < GONE_MAX_MS ? pause_ms * 2 : GONE_MAX_MS;
    }
    ctrl_store_unwatch(xl->store, "@releaseDomain", "gone");
}

static void claims_release(uint32_t domid, const struct state_record *record)
{
    struct claimant self = { .domid = domid };

    memcpy(self.uuid, record->uuid, sizeof(self.uuid));
    for (unsigned i = 0; i < record->nr; i++) {
        const char *path = strchr(record->line[i].value, ' ');

        if (strcmp(record->line[i].key, "claim") == 0 && path)
            claim_release(path + 1, &self);
    }
}

/* --- the whole --- */

static int domain_end(struct xl *xl, uint32_t domid, const struct state_record *record,
                      bool lives, const uint8_t uuid[16])
{
    int rc;

    if (lives)
        ctrl_domain_pause(xl->ctrl, domid);     /* it may be ended already */
    if (record)
        scripts_run(domid, record);
    nodes_remove(xl, domid, record, uuid);
    if (lives) {
        rc = ctrl_domain_destroy(xl->ctrl, domid);
        if (rc < 0 && rc != -ESRCH) {
            xl_error("Cannot destroy domain %u: %s.", domid, ctrl_error(xl->ctrl));
            return rc;
        }
        gone_wait(xl, domid);
    }
    return 0;
}

int life_destroy_locked(struct xl *xl, uint32_t domid)
{
    struct ctrl_domain_info info = { 0 };
    struct state_record record;
    bool recorded = state_record_read(domid, &record) == 0;
    bool lives = ctrl_domain_info(xl_ctrl(xl), domid, &info) == 0;
    /* Another domain has got this id since: only what was recorded is to be undone. */
    bool reused = lives && recorded && memcmp(info.uuid, record.uuid, sizeof(info.uuid)) != 0;
    int rc = 0;

    if (!reused && (lives || recorded))
        rc = domain_end(xl, domid, recorded ? &record : NULL, lives && !info.dying,
                        lives ? info.uuid : record.uuid);
    if (recorded && rc == 0) {
        claims_release(domid, &record);
        state_remove(domid);
    }
    if (recorded)
        state_record_free(&record);
    return rc;
}

int life_destroy(struct xl *xl, uint32_t domid)
{
    int lock = state_lock(domid), rc;

    if (lock < 0 && lock != -ENOENT)
        return lock;
    rc = life_destroy_locked(xl, domid);
    if (lock >= 0)
        close(lock);
    return rc;
}

int life_devices_end(struct xl *xl, uint32_t domid)
{
    struct claimant self = { .domid = domid };
    struct state_record record;
    struct ctrl_batch *batch;
    int rc;

    if (state_record_read(domid, &record) < 0)
        return -ENOENT;
    scripts_run(domid, &record);
    if (ctrl_batch_create(xl_store(xl), &batch) < 0)
        xl_die("Out of memory.");
    remove_add(batch, "/local/domain/0/backend/vbd/%u", domid);
    remove_add(batch, "/local/domain/0/backend/vif/%u", domid);
    remove_add(batch, "/local/domain/%u/device/vbd", domid);
    remove_add(batch, "/local/domain/%u/device/vif", domid);
    rc = ctrl_batch_submit(batch);
    ctrl_batch_destroy(batch);
    memcpy(self.uuid, record.uuid, sizeof(self.uuid));
    for (unsigned i = 0; i < record.nr; i++) {
        const char *path = strchr(record.line[i].value, ' ');

        if (strcmp(record.line[i].key, "claim") == 0 && path &&
            strncmp(record.line[i].value, "name ", 5) != 0)
            claim_release(path + 1, &self);
    }
    state_record_free(&record);
    return rc;
}

/* --- guests whose makers died --- */

#define LIST_CHUNK 292u

static int orphan_end(void *arg, const uint8_t uuid[16])
{
    struct ctrl_domain_info *infos = malloc(LIST_CHUNK * sizeof(*infos));
    struct xl *xl = arg;
    uint32_t first = 1, *ids = NULL;
    struct state_record record;
    int got, rc = 0, nr;

    if (!infos)
        xl_die("Out of memory.");
    do {
        got = ctrl_domain_list(xl_ctrl(xl), first, LIST_CHUNK, infos);
        for (int i = 0; i < got; i++) {
            first = infos[i].domid + 1;
            if (memcmp(infos[i].uuid, uuid, 16) == 0)
                rc |= life_destroy(xl, infos[i].domid);
        }
    } while (got == (int)LIST_CHUNK);
    /* Its domain may be gone already, and its record not. */
    nr = state_list(&ids);
    for (int i = 0; i < nr; i++) {
        if (state_record_read(ids[i], &record) < 0)
            continue;
        if (memcmp(record.uuid, uuid, 16) == 0)
            rc |= life_destroy(xl, ids[i]);
        state_record_free(&record);
    }
    free(ids);
    free(infos);
    return got < 0 ? got : rc;
}

void life_orphans_end(struct xl *xl)
{
    int count = state_creation_orphans(orphan_end, xl);

    if (count > 0)
        xl_note("Removed what was left of %d guest%s whose making was interrupted.", count,
                count == 1 ? "" : "s");
}

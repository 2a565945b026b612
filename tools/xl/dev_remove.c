/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Takes a device from a guest that lives. The back-end is told to close; it waits for the front-end
 * and says so in its state; then the nodes go, and with them the back-end's device.
 */
#include "devices.h"

#include "output.h"
#include "state.h"

#include <errno.h>
#include <libctrl/store.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STATE_CLOSED 6

static int closing_begin(struct life *life, const char *back)
{
    char path[DEVICE_PATH_SIZE + 16];
    struct ctrl_batch *batch;
    int rc;

    if (ctrl_batch_create(life->store, &batch) < 0)
        xl_die("Out of memory.");
    snprintf(path, sizeof(path), "%s/online", back);
    ctrl_batch_write(batch, path, "0", 1);
    snprintf(path, sizeof(path), "%s/state", back);
    ctrl_batch_write(batch, path, "5", 1);
    rc = ctrl_batch_commit(batch);
    ctrl_batch_destroy(batch);
    if (rc == 0)
        rc = ctrl_store_watch(life->store, path, "closed");
    return rc;
}

/* 1: closed, or gone altogether. 0: not in time. */
static int closed_wait(struct life *life, const char *back)
{
    uint64_t end = life_now_ns() + LET_GO_SECONDS * 1000000000ull, state;
    char path[DEVICE_PATH_SIZE + 16];
    struct ctrl_store_event event;

    snprintf(path, sizeof(path), "%s/state", back);
    for (;;) {
        uint64_t now = life_now_ns();
        int rc = ctrl_store_read_number(life->store, CTRL_STORE_NO_TX, path, &state);

        if (rc == -ENOENT || (rc == 0 && state == STATE_CLOSED))
            return 1;
        if (rc < 0 || now >= end)
            return rc < 0 ? rc : 0;
        rc = ctrl_store_wait_event(life->store, (int)((end - now) / 1000000) + 1, &event);
        if (rc < 0 && rc != -EAGAIN)
            return rc;
    }
}

static int nodes_remove(struct life *life, const char *front, const char *back)
{
    struct ctrl_batch *batch;
    int rc;

    if (ctrl_batch_create(life->store, &batch) < 0)
        xl_die("Out of memory.");
    ctrl_batch_remove(batch, front);
    ctrl_batch_remove(batch, back);
    rc = ctrl_batch_submit(batch);
    ctrl_batch_destroy(batch);
    return rc;
}

/* What a device's script did, and the loop device of one that Xen's script made. */
static void leftovers_undo(struct life *life, const char *type, uint32_t number,
                           const char *back)
{
    char path[DEVICE_PATH_SIZE + 16], *script;
    struct state_record record;

    snprintf(path, sizeof(path), "%s/script", back);
    if (ctrl_store_read(life->store, CTRL_STORE_NO_TX, path, &script, NULL) < 0)
        return;
    /* Another tool's guest: that one runs its script itself, if it still looks after it. */
    if (!*script || state_record_read(life->domid, &record) < 0) {
        free(script);
        return;
    }
    state_record_free(&record);
    if (device_script(life->domid, strcmp(type, "vif") == 0 ? DEVICE_VIF : DEVICE_VBD, number,
                      script, false) < 0)
        xl_warn("%s.", host_error());
    free(script);
}

static void claims_undo(struct life *life, const char *type, uint32_t number)
{
    const struct claimant self = { .domid = life->domid };
    struct claimant owner = self;
    struct state_record record;
    char prefix[32];

    if (state_record_read(life->domid, &record) < 0)
        return;
    memcpy(owner.uuid, record.uuid, sizeof(owner.uuid));
    snprintf(prefix, sizeof(prefix), "%s-%u ", type, number);
    for (unsigned i = 0; i < record.nr; i++)
        if (strcmp(record.line[i].key, "claim") == 0 &&
            strncmp(record.line[i].value, prefix, strlen(prefix)) == 0)
            claim_release(record.line[i].value + strlen(prefix), &owner);
    state_record_add(life->domid, "gone %s %u", type, number);
    state_record_free(&record);
}

int device_remove(struct life *life, const char *type, uint32_t number, bool force)
{
    char front[DEVICE_PATH_SIZE], back[DEVICE_PATH_SIZE];
    int rc;

    device_frontend_path(front, life->domid, type, number);
    device_backend_path(back, life->domid, type, number);
    rc = closing_begin(life, back);
    if (rc == 0 && !force)
        rc = closed_wait(life, back);
    else if (rc == 0)
        rc = 1;
    if (rc == 0) {
        xl_error("The guest does not let go of %s %u within %d s; is it in use there? It will be "
                 "asked again at the next try; -f takes it away.", type, number, LET_GO_SECONDS);
        return -ETIMEDOUT;
    }
    if (rc > 0) {
        leftovers_undo(life, type, number, back);
        rc = nodes_remove(life, front, back);
    }
    if (rc < 0)
        xl_error("Cannot remove %s %u: %s.", type, number, ctrl_error(life->ctrl));
    else
        claims_undo(life, type, number);
    return rc;
}

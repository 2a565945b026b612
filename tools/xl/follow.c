/* SPDX-License-Identifier: BSD-2-Clause */
/* Waits for the end of guests: xl create -F, xl shutdown -w. */
#include "life.h"

#include "output.h"
#include "state.h"

#include <errno.h>
#include <libctrl/domain.h>
#include <libctrl/store.h>
#include <stdlib.h>
#include <string.h>

#define LIST_CHUNK 292u
#define TICK_MS    500

/* The domain that has this UUID now; it may be another one after a restart. */
static bool uuid_find(struct xl *xl, const uint8_t uuid[16], struct ctrl_domain_info *found)
{
    struct ctrl_domain_info *infos = malloc(LIST_CHUNK * sizeof(*infos));
    uint32_t first = 1;
    bool there = false;
    int got;

    if (!infos)
        xl_die("Out of memory.");
    do {
        got = ctrl_domain_list(xl_ctrl(xl), first, LIST_CHUNK, infos);
        for (int i = 0; i < got && !there; i++) {
            first = infos[i].domid + 1;
            there = !infos[i].dying && memcmp(infos[i].uuid, uuid, 16) == 0;
            if (there)
                *found = infos[i];
        }
    } while (!there && got == (int)LIST_CHUNK);
    free(infos);
    return there;
}

/* It has ended, and stays so. */
static bool is_kept(const struct ctrl_domain_info *info)
{
    struct state_record record;
    struct xl_config *config;
    const char *supervised;
    bool kept = false;

    if (!info->shutdown || state_record_read(info->domid, &record) < 0)
        return false;
    supervised = state_record_get(&record, "supervised");
    if (supervised && strcmp(supervised, "0") == 0) {
        kept = true;
    } else if (life_config_read(info->domid, &config, NULL) == 0) {
        kept = life_plan(config, info->shutdown_reason).keep;
        xl_config_free(config);
    }
    state_record_free(&record);
    return kept;
}

/* Its traces are still to be removed, by the supervisor. */
static bool is_recorded(const uint8_t uuid[16])
{
    struct state_record record;
    uint32_t *ids = NULL;
    bool found = false;
    int nr = state_list(&ids);

    for (int i = 0; i < nr && !found; i++) {
        if (state_record_read(ids[i], &record) < 0)
            continue;
        found = memcmp(record.uuid, uuid, 16) == 0;
        state_record_free(&record);
    }
    free(ids);
    return found;
}

static bool is_over(struct xl *xl, const uint8_t uuid[16])
{
    struct ctrl_domain_info info;

    if (state_creation_goes_on(uuid))
        return false;
    if (uuid_find(xl, uuid, &info))
        return is_kept(&info);
    /* A restart is announced before the old one goes. */
    return !is_recorded(uuid) && !state_creation_goes_on(uuid);
}

int life_follow(struct xl *xl, const uint8_t uuid[16])
{
    struct ctrl_store_event event;
    int rc = ctrl_store_watch(xl_store(xl), "@releaseDomain", "follow");

    /* The last steps of an end, and a restart that fails, are told to nobody. */
    while (rc == 0 && !is_over(xl, uuid)) {
        rc = ctrl_store_wait_event(xl->store, TICK_MS, &event);
        if (rc == -EAGAIN)
            rc = supervisor_need(xl);
    }
    if (rc < 0)
        xl_error("Cannot wait for the guest's end: %s.", ctrl_error(xl->ctrl));
    return rc;
}

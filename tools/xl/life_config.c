/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The configuration of a guest that lives: as it was given, and what changed since. Attached
 * devices stand as "disk += ..." behind it; the record says which were taken away ("gone"), and
 * by an "attach" behind that, which came again.
 */
#include "life.h"

#include "output.h"
#include "state.h"
#include "xl_conf.h"

#include <errno.h>
#include <libctrl/store.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum fate {
    FATE_GIVEN,                     /* as in the configuration */
    FATE_GONE,
    FATE_LAST,                      /* gone and back: the last one of this number is meant */
};

static enum fate fate_of(const struct state_record *record, const char *type, uint32_t number)
{
    char device[32];

    snprintf(device, sizeof(device), "%s %u", type, number);
    for (unsigned i = record->nr; i-- > 0;) {
        if (strcmp(record->line[i].value, device) != 0)
            continue;
        if (strcmp(record->line[i].key, "gone") == 0)
            return FATE_GONE;
        if (strcmp(record->line[i].key, "attach") == 0)
            return FATE_LAST;
    }
    return FATE_GIVEN;
}

static void disks_filter(struct xl_config *config, const struct state_record *record)
{
    unsigned kept = 0;

    for (unsigned i = 0; i < config->disk_count; i++) {
        enum fate fate = fate_of(record, "vbd", config->disks[i].number);
        bool later = false;

        for (unsigned j = i + 1; j < config->disk_count; j++)
            later |= config->disks[j].number == config->disks[i].number;
        if (fate != FATE_GONE && !(fate == FATE_LAST && later))
            config->disks[kept++] = config->disks[i];
    }
    config->disk_count = kept;
}

static void vifs_filter(struct xl_config *config, const struct state_record *record)
{
    unsigned kept = 0;

    for (unsigned i = 0; i < config->vif_count; i++) {
        enum fate fate = fate_of(record, "vif", (uint32_t)config->vifs[i].devid);
        bool later = false;

        for (unsigned j = i + 1; j < config->vif_count; j++)
            later |= config->vifs[j].devid == config->vifs[i].devid;
        if (fate != FATE_GONE && !(fate == FATE_LAST && later))
            config->vifs[kept++] = config->vifs[i];
    }
    config->vif_count = kept;
}

static void macs_fill(struct xl_config *config, const struct state_record *record)
{
    for (unsigned i = 0; i < config->vif_count; i++) {
        vif_mac(record->uuid, &config->vifs[i], config->vifs[i].mac);
        config->vifs[i].has_mac = true;
    }
}

static void emit_nothing(void *opaque, enum xl_severity severity, const char *text)
{
    (void)opaque;
    /* What is to be warned of was said when the guest was made. */
    if (severity == XL_ERROR)
        xl_error("%s", text);
}

int life_config_read(uint32_t domid, struct xl_config **config, char **text)
{
    const struct xl_report report = { .emit = emit_nothing };
    struct xl_config_input input = { 0 };
    struct state_record record;
    struct xl_conf *conf = NULL;
    char *given, source[64];
    int rc = state_config_read(domid, &given);

    if (rc < 0)
        return rc;
    snprintf(source, sizeof(source), STATE_ROOT "/domains/%u/config", domid);
    if (xl_conf_read(&conf, XL_CONF_PATH, &report) < 0)
        conf = NULL;
    input = (struct xl_config_input){ .path = source, .text = given, .size = strlen(given),
                                      .conf = conf, .living = true };
    rc = xl_config_read(config, &input, &report);
    if (rc == 0 && state_record_read(domid, &record) == 0) {
        disks_filter(*config, &record);
        vifs_filter(*config, &record);
        macs_fill(*config, &record);
        state_record_free(&record);
    }
    if (rc == 0 && text)
        *text = given;
    else
        free(given);
    return rc;
}

/* --- names --- */

static bool name_is_sound(const char *name)
{
    return *name && !strpbrk(name, "\"'\\/\n\t ") && strlen(name) <= 200;
}

static int name_claim(struct xl *xl, uint32_t domid, const char *name,
                      const struct state_record *record)
{
    struct claimant self = { .domid = domid }, who = { 0 };
    struct claim claim;
    int rc;

    memcpy(self.uuid, record->uuid, sizeof(self.uuid));
    claim_of_name(&claim, name);
    rc = state_record_add(domid, "claim name %s", claim.path);
    rc = rc < 0 ? rc : claim_take(xl_ctrl(xl), &claim, &self, &who);
    if (rc == -EEXIST)
        xl_error("Domain %u is called %s already; choose another name.", who.domid, name);
    return rc;
}

/* Its former name is free; lines that claim it are not heeded, as others may have it soon. */
static void former_name_release(uint32_t domid, const struct state_record *record)
{
    struct claimant self = { .domid = domid };
    struct claim claim;
    const char *name = state_record_get(record, "name");

    memcpy(self.uuid, record->uuid, sizeof(self.uuid));
    if (name && claim_of_name(&claim, name))
        claim_release(claim.path, &self);
}

static int name_write(struct xl *xl, uint32_t domid, const char *name,
                      const struct state_record *record)
{
    char path[96] = "/vm/", uuid[STATE_UUID_SIZE];
    struct ctrl_batch *batch;
    int rc;

    if (ctrl_batch_create(xl_store(xl), &batch) < 0)
        xl_die("Out of memory.");
    if (record) {
        state_uuid_print(record->uuid, uuid);
        snprintf(path, sizeof(path), "/vm/%s/name", uuid);
        ctrl_batch_printf(batch, path, "%s", name);
    }
    snprintf(path, sizeof(path), "/local/domain/%u/name", domid);
    ctrl_batch_printf(batch, path, "%s", name);
    rc = ctrl_batch_commit(batch);
    ctrl_batch_destroy(batch);
    if (rc < 0)
        xl_error("Cannot write the name of domain %u: %s.", domid, ctrl_error(xl->ctrl));
    return rc;
}

static int own_rename(struct xl *xl, uint32_t domid, const char *name,
                      const struct state_record *record)
{
    char *line;
    int rc = name_claim(xl, domid, name, record);

    if (rc < 0)
        return rc;
    rc = name_write(xl, domid, name, record);
    if (rc < 0)
        return rc;
    former_name_release(domid, record);
    state_record_add(domid, "name %s", name);
    if (asprintf(&line, "name = \"%s\"", name) < 0)
        xl_die("Out of memory.");
    rc = state_config_add(domid, line);
    free(line);
    return rc;
}

int life_rename(struct xl *xl, uint32_t domid, const char *name)
{
    struct state_record record;
    uint32_t other;
    int rc;

    if (!name_is_sound(name)) {
        xl_error("\"%s\" cannot be a name: use up to 200 characters, without blanks, quotes and "
                 "slashes.", name);
        return -EINVAL;
    }
    if (strspn(name, "0123456789") != strlen(name) && xl_domain_lookup(xl, name, &other) == 0) {
        if (other == domid)
            return 0;
        xl_error("Domain %u is called %s already; choose another name.", other, name);
        return -EEXIST;
    }
    rc = state_record_read(domid, &record);
    if (rc == -ENOENT)
        return name_write(xl, domid, name, NULL);
    if (rc < 0)
        return rc;
    rc = own_rename(xl, domid, name, &record);
    state_record_free(&record);
    return rc;
}

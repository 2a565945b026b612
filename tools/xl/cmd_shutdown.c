/* SPDX-License-Identifier: BSD-2-Clause */
/* xl shutdown and xl reboot: asks guests through their node control/shutdown, and waits. */
#include "life.h"

#include "commands.h"
#include "domains.h"
#include "output.h"

#include <errno.h>
#include <libctrl/domain.h>
#include <libctrl/store.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct request {
    const char *word;               /* "poweroff", "reboot" */
    const char *text;               /* "Shutting down", "Rebooting" */
    bool all;
    unsigned wait;                  /* twice: until it is destroyed */
};

struct target {
    uint32_t domid;
    uint8_t uuid[16];
    bool done, ended;
};

static int ask(struct xl *xl, uint32_t domid, const struct request *request)
{
    char path[64];
    int rc;

    snprintf(path, sizeof(path), "/local/domain/%u/control/shutdown", domid);
    xl_note("%s domain %u", request->text, domid);
    rc = ctrl_store_write(xl_store(xl), CTRL_STORE_NO_TX, path, request->word,
                          strlen(request->word));
    if (rc < 0)
        xl_error("Cannot ask domain %u: %s.", domid, ctrl_error(xl->ctrl));
    return rc;
}

/* --- waiting --- */

/* The domain's end: as long as it is there, the hypervisor knows the reason. */
static void target_look(struct xl *xl, struct target *target, unsigned wait)
{
    struct ctrl_domain_info info;
    int rc = ctrl_domain_info(xl_ctrl(xl), target->domid, &info);

    if (rc == -ESRCH || (rc == 0 && memcmp(info.uuid, target->uuid, sizeof(info.uuid)) != 0) ||
        (rc == 0 && info.dying)) {
        xl_note("Domain %u has been destroyed", target->domid);
        target->done = true;
    } else if (rc == 0 && info.shutdown && !target->ended) {
        xl_note("Domain %u has been shut down, reason code %u", target->domid,
                info.shutdown_reason);
        target->ended = true;
        target->done = wait < 2;
        if (!target->done)
            xl_note("Domain %u continue waiting for death", target->domid);
    }
}

static bool all_done(struct xl *xl, struct target *targets, unsigned nr, unsigned wait)
{
    bool done = true;

    for (unsigned i = 0; i < nr; i++) {
        if (!targets[i].done)
            target_look(xl, &targets[i], wait);
        done = done && targets[i].done;
    }
    return done;
}

static int wait_for(struct xl *xl, struct target *targets, unsigned nr, unsigned wait)
{
    struct ctrl_store_event event;
    int rc = 0;

    xl_note("Waiting for %u domains", nr);
    while ((rc == 0 || rc == -EAGAIN) && !all_done(xl, targets, nr, wait))
        rc = ctrl_store_wait_event(xl->store, -1, &event);
    if (rc < 0 && rc != -EAGAIN)
        xl_error("Cannot wait for the end of guests: %s.", ctrl_error(xl->ctrl));
    return rc == -EAGAIN ? 0 : rc;
}

/* --- the commands --- */

static struct target *targets_find(struct xl *xl, const struct request *request, char **words,
                                   unsigned *nr)
{
    struct xl_domains domains;
    struct target *targets;

    if (request->all) {
        xl_domains_read(xl, &domains);
    } else {
        uint32_t domid = xl_domain_need(xl, words[0]);

        if (xl_domains_read_one(xl, domid, &domains) < 0) {
            xl_error("Error: Domain '%s' does not exist.", words[0]);
            return NULL;
        }
    }
    targets = calloc(domains.nr + 1, sizeof(*targets));
    if (!targets)
        xl_die("Out of memory.");
    *nr = 0;
    for (unsigned i = 0; i < domains.nr; i++) {
        if (request->all && domains.info[i].domid == CTRL_DOM0)
            continue;
        targets[*nr].domid = domains.info[i].domid;
        memcpy(targets[(*nr)++].uuid, domains.info[i].uuid, sizeof(domains.info[i].uuid));
    }
    xl_domains_free(&domains);
    return targets;
}

static int request_do(struct xl *xl, const struct request *request, char **words)
{
    unsigned nr;
    struct target *targets = targets_find(xl, request, words, &nr);
    int rc = 0;

    if (!targets)
        return XL_EXIT_FAILED;
    if (request->wait && ctrl_store_watch(xl_store(xl), "@releaseDomain", "end") < 0)
        xl_die("Cannot wait for the end of guests: %s.", ctrl_error(xl->ctrl));
    for (unsigned i = 0; i < nr; i++) {
        /* One that cannot be asked is not waited for. */
        targets[i].done = ask(xl, targets[i].domid, request) < 0;
        rc = targets[i].done ? -EIO : rc;
    }
    if (request->wait && nr && wait_for(xl, targets, nr, request->wait) < 0)
        rc = -EIO;
    free(targets);
    return rc < 0 ? XL_EXIT_FAILED : XL_EXIT_OK;
}

static int request_read(struct xl *xl, int argc, char **argv, struct request *request)
{
    static const struct option longs[] = {
        { "all", no_argument, NULL, 'a' }, { "wait", no_argument, NULL, 'w' }, { 0 },
    };
    int option;

    while ((option = xl_option(xl, argc, argv, "awF", longs)) != -1) {
        if (option == 'a')
            request->all = true;
        else if (option == 'w')
            request->wait++;
        /* -F is for guests without drivers: a pv guest has them. */
    }
    if (!argv[optind] && !request->all) {
        xl_error("You must specify -a or a domain id.");
        return XL_EXIT_FAILED;
    }
    return request_do(xl, request, argv + optind);
}

int cmd_shutdown(struct xl *xl, int argc, char **argv)
{
    struct request request = { .word = "poweroff", .text = "Shutting down" };

    return request_read(xl, argc, argv, &request);
}

int cmd_reboot(struct xl *xl, int argc, char **argv)
{
    struct request request = { .word = "reboot", .text = "Rebooting" };

    return request_read(xl, argc, argv, &request);
}

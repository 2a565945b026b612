/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * xl init-dom0: what the store says about Domain-0, which no tool has made. Called once xenstored
 * runs, and again after each of its starts: what is there stays.
 */
#include "commands.h"
#include "output.h"
#include "xl.h"

#include <errno.h>
#include <inttypes.h>
#include <libctrl/domain.h>
#include <libctrl/store.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct facts {
    struct ctrl_domain_info info;
    uint64_t maximum_kib;
};

/* Write unless there is something. */
__attribute__((format(printf, 4, 5)))
static int set(struct ctrl_store *store, uint32_t tx, const char *node, const char *format, ...)
{
    char path[96], value[64], *there;
    va_list args;
    int rc;

    snprintf(path, sizeof(path), "/local/domain/0/%s", node);
    rc = ctrl_store_read(store, tx, path, &there, NULL);
    if (rc == 0)
        free(there);
    if (rc != -ENOENT)
        return rc;
    va_start(args, format);
    vsnprintf(value, sizeof(value), format, args);
    va_end(args);
    return ctrl_store_write(store, tx, path, value, strlen(value));
}

static int write_facts(struct ctrl_store *store, uint32_t tx, void *arg)
{
    const struct facts *facts = arg;
    int rc = set(store, tx, "domid", "0");

    if (rc == 0)
        rc = set(store, tx, "name", "Domain-0");
    if (rc == 0)
        rc = set(store, tx, "memory/target", "%" PRIu64,
                 facts->info.nr_pages * (CTRL_PAGE_SIZE / 1024));
    if (rc == 0)
        rc = set(store, tx, "memory/static-max", "%" PRIu64, facts->maximum_kib);
    return rc;
}

int cmd_init_dom0(struct xl *xl, int argc, char **argv)
{
    struct facts facts;
    uint64_t own_kib;
    int rc;

    while (xl_option(xl, argc, argv, "", NULL) != -1)
        continue;
    rc = ctrl_domain_info(xl_ctrl(xl), CTRL_DOM0, &facts.info);
    if (rc == 0) {
        /* Without a limit of its own, Domain-0 may not grow beyond what it has. */
        own_kib = facts.info.nr_pages * (CTRL_PAGE_SIZE / 1024);
        facts.maximum_kib = facts.info.max_pages > UINT32_MAX
            ? own_kib : facts.info.max_pages * (CTRL_PAGE_SIZE / 1024);
        rc = ctrl_store_transaction(xl_store(xl), write_facts, &facts);
    }
    if (rc < 0) {
        xl_error("The store cannot be told of Domain-0: %s.", ctrl_error(xl->ctrl));
        return XL_EXIT_FAILED;
    }
    return XL_EXIT_OK;
}

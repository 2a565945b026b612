/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads the CPU pools and their names: /local/pool/ID/name. */
#include "pools.h"

#include "output.h"

#include <errno.h>
#include <libctrl/store.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *pool_name(struct xl *xl, uint32_t id)
{
    char path[48], *name;

    snprintf(path, sizeof(path), "/local/pool/%u/name", id);
    if (ctrl_store_read(xl_store(xl), CTRL_STORE_NO_TX, path, &name, NULL) == 0)
        return name;
    return asprintf(&name, "Pool-%u", id) < 0 ? NULL : name;
}

void xl_pools_read(struct xl *xl, struct xl_pools *pools)
{
    struct ctrl *ctrl = xl_ctrl(xl);
    uint32_t next = 0;
    int rc;

    *pools = (struct xl_pools){ 0 };
    for (;;) {
        pools->info = realloc(pools->info, (pools->nr + 1) * sizeof(*pools->info));
        pools->name = realloc(pools->name, (pools->nr + 1) * sizeof(*pools->name));
        if (!pools->info || !pools->name)
            xl_die("Out of memory.");
        rc = ctrl_cpupool_next(ctrl, next, &pools->info[pools->nr]);
        if (rc == -ENOENT)
            return;
        if (rc < 0)
            xl_die("Cannot list the CPU pools: %s.", ctrl_error(ctrl));
        next = pools->info[pools->nr].pool + 1;
        pools->name[pools->nr] = pool_name(xl, pools->info[pools->nr].pool);
        if (!pools->name[pools->nr++])
            xl_die("Out of memory.");
    }
}

void xl_pools_free(struct xl_pools *pools)
{
    for (unsigned i = 0; i < pools->nr; i++)
        free(pools->name[i]);
    free(pools->name);
    free(pools->info);
}

int xl_pools_find(const struct xl_pools *pools, const char *word)
{
    size_t digits = strspn(word, "0123456789");
    bool number = digits && digits < 10 && !word[digits];

    for (unsigned i = 0; i < pools->nr; i++)
        if (number ? pools->info[i].pool == strtoul(word, NULL, 10)
                   : strcmp(pools->name[i], word) == 0)
            return (int)i;
    return -1;
}

const char *xl_pools_name(const struct xl_pools *pools, uint32_t id)
{
    for (unsigned i = 0; i < pools->nr; i++)
        if (pools->info[i].pool == id)
            return pools->name[i];
    return "?";
}

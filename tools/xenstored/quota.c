/* SPDX-License-Identifier: BSD-2-Clause */
/* Quotas: names, defaults (those of Xen 4.17) and the check. */
#include "quota.h"

#include <errno.h>
#include <string.h>

#include "log.h"

static const struct {
    const char *name;
    uint64_t limit;
    const char *meaning;
    int error;
} quotas[QUOTA_COUNT] = {
    [QUOTA_NODES] = { "nodes", 1000, "Nodes per domain", -ENOSPC },
    [QUOTA_WATCHES] = { "watches", 128, "Watches per domain", -E2BIG },
    [QUOTA_TXNS] = { "transactions", 10, "Transactions per domain", -ENOSPC },
    [QUOTA_OUTSTANDING] = { "outstanding", 20, "Outstanding requests per domain", -ENOSPC },
    [QUOTA_TXN_NODES] = { "transaction-nodes", 1024,
                          "Max. number of accessed nodes per transaction", -ENOSPC },
    [QUOTA_MEMORY] = { "memory", 2621440, "Total Xenstore memory per domain (error level)",
                       -ENOSPC },
    [QUOTA_NODE_SIZE] = { "node-size", 2048, "Max. size of a node", -ENOSPC },
    [QUOTA_PATH_MAX] = { "path-max", 2048, "Max. length of a node path", -EINVAL },
    [QUOTA_PERMS] = { "permissions", 5, "Max. number of permissions per node", -ENOSPC },
};

void quota_set_defaults(void)
{
    for (int kind = 0; kind < QUOTA_COUNT; kind++) {
        SET(store->quota[kind], quotas[kind].limit);
    }
}

int quota_check(const struct conn *conn, enum quota_kind kind, uint64_t wanted)
{
    if (conn->domain->privileged || wanted <= store->quota[kind]) {
        return 0;
    }
    log_say("Domain %u is at its limit of %llu: %s. See 'xenstore-control quota'.",
            conn->domain->domid, (unsigned long long)store->quota[kind], quotas[kind].meaning);
    return quotas[kind].error;
}

int quota_find(const char *name, enum quota_kind *kind)
{
    for (int i = 0; i < QUOTA_COUNT; i++) {
        if (strcmp(quotas[i].name, name) == 0) {
            *kind = (enum quota_kind)i;
            return 0;
        }
    }
    return -EINVAL;
}

const char *quota_name(enum quota_kind kind)
{
    return quotas[kind].name;
}

const char *quota_meaning(enum quota_kind kind)
{
    return quotas[kind].meaning;
}

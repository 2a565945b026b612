/* SPDX-License-Identifier: BSD-2-Clause */
/* The CPU pools there are, and their names, which only the store knows. */
#ifndef XL_POOLS_H
#define XL_POOLS_H

#include "xl.h"

#include <libctrl/cpupool.h>

struct xl_pools {
    unsigned nr;
    struct ctrl_cpupool_info *info; /* in the order of their ids */
    char **name;                    /* never NULL: "Pool-N" without a name in the store */
};

/* When the pools cannot be read, a message and exit 1. */
void xl_pools_read(struct xl *xl, struct xl_pools *pools);
void xl_pools_free(struct xl_pools *pools);

/* The place in 'pools' of the one with this name or number; -1 when there is none. */
int xl_pools_find(const struct xl_pools *pools, const char *word);

/* The name of the pool with an id; "?" when there is none. */
const char *xl_pools_name(const struct xl_pools *pools, uint32_t id);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/* What the commands that make CPU pools share. */
#ifndef XL_POOL_CREATE_H
#define XL_POOL_CREATE_H

#include "xl.h"

/* Make an empty pool with a name. Returns its number; a failure is a message and exit 1. */
int pool_make(struct xl *xl, const char *name, uint32_t sched_id);

void pool_name_write(struct xl *xl, uint32_t pool, const char *name);

#endif

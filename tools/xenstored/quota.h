/* SPDX-License-Identifier: BSD-2-Clause */
/* What a domain may have of the store. The control domain has no limits. */
#ifndef XENSTORED_QUOTA_H
#define XENSTORED_QUOTA_H

#include "store.h"

void quota_set_defaults(void);

/* -ENOSPC or, for watches, -E2BIG: the domain has as many as it may have. */
int quota_check(const struct conn *conn, enum quota_kind kind, uint64_t wanted);

/* Its name on the command line and for CONTROL; -EINVAL: unknown. */
int quota_find(const char *name, enum quota_kind *kind);
const char *quota_name(enum quota_kind kind);
const char *quota_meaning(enum quota_kind kind);

#endif

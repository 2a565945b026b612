/* SPDX-License-Identifier: BSD-2-Clause */
/* Paths as clients write them. */
#ifndef XENSTORED_PATH_H
#define XENSTORED_PATH_H

#include "store.h"

enum path_kind {
    PATH_NODE,
    PATH_SPECIAL,   /* names with @ are allowed, too */
};

/*
 * The absolute form of a path; a relative one starts in the domain's own folder, *strip bytes
 * before it. -EINVAL: too long, or not a path.
 */
int path_resolve(const struct conn *conn, const char *text, enum path_kind kind,
                 char path[NODE_NAME_MAX + 1], uint32_t *strip);

#endif

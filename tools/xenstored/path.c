/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Paths: parts of letters, digits and -_@ with one slash before each. No slash is at the end but
 * that of the root.
 */
#include "path.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "domain.h"

static bool is_valid(const char *text, bool special)
{
    const char *at;

    if (*text == '@' && !special) {
        return false;
    }
    for (at = text; *at; at++) {
        if (*at == '/' ? at[1] == '/' || (!at[1] && at != text)
                       : !isalnum((unsigned char)*at) && !strchr("-_@", *at)) {
            return false;
        }
    }
    return at != text && (*text != '@' || !strchr(text, '/'));
}

/* The length that counts for the limit: without the folder of any domain. */
static size_t counted_length(const char *path)
{
    int skip = 0;

    if (sscanf(path, "/local/domain/%*5u/%n", &skip) < 0 || skip == 0) {
        return strlen(path);
    }
    return strlen(path + skip);
}

int path_resolve(const struct conn *conn, const char *text, enum path_kind kind,
                 char path[NODE_NAME_MAX + 1], uint32_t *strip)
{
    int len;

    if (!is_valid(text, kind == PATH_SPECIAL)) {
        return -EINVAL;
    }
    *strip = 0;
    if (*text == '/' || *text == '@') {
        len = snprintf(path, NODE_NAME_MAX + 1, "%s", text);
    } else {
        *strip = (uint32_t)snprintf(path, NODE_NAME_MAX + 1, "/local/domain/%u/",
                                    conn->domain->domid);
        len = snprintf(path, NODE_NAME_MAX + 1, "/local/domain/%u/%s", conn->domain->domid, text);
    }
    if (len > (int)NODE_NAME_MAX || counted_length(path) > store->quota[QUOTA_PATH_MAX]) {
        return -EINVAL;
    }
    return 0;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Paths: parts of letters, digits and -_@ with one slash before each. No slash is at the end but
 * that of the root.
 */
#include "path.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "domain.h"

#define FOLDER "/local/domain/"

static bool is_name_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           c == '-' || c == '_' || c == '@';
}

static bool is_valid(const char *text, bool special)
{
    const char *at;

    if (*text == '@' && !special) {
        return false;
    }
    for (at = text; *at; at++) {
        if (*at == '/' ? at[1] == '/' || (!at[1] && at != text) : !is_name_char(*at)) {
            return false;
        }
    }
    return at != text && (*text != '@' || !strchr(text, '/'));
}

/* The length that counts for the limit: without the folder of any domain. */
static size_t counted_length(const char *path, size_t len)
{
    size_t skip = sizeof(FOLDER) - 1;

    if (len < skip || memcmp(path, FOLDER, skip) != 0) {
        return len;
    }
    while (path[skip] >= '0' && path[skip] <= '9') {
        skip++;
    }
    return path[skip] == '/' ? len - skip - 1 : len;
}

static size_t domain_folder(uint32_t domid, char *path)
{
    return (size_t)sprintf(path, FOLDER "%u/", domid);
}

int path_resolve(const struct conn *conn, const char *text, enum path_kind kind,
                 char path[NODE_NAME_MAX + 1], uint32_t *strip)
{
    size_t len = strlen(text), folder = 0;

    if (!is_valid(text, kind == PATH_SPECIAL)) {
        return -EINVAL;
    }
    if (*text != '/' && *text != '@') {
        folder = domain_folder(conn->domain->domid, path);
    }
    if (folder + len > NODE_NAME_MAX) {
        return -EINVAL;
    }
    memcpy(path + folder, text, len + 1);
    if (counted_length(path, folder + len) > store->quota[QUOTA_PATH_MAX]) {
        return -EINVAL;
    }
    *strip = (uint32_t)folder;
    return 0;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* Folders and permissions of xenstore: replies that are lists. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"
#include "xs_client.h"

/* Splits a run of names, each with its zero byte, into one block. */
static int split_names(struct ctrl *ctrl, const char *list, size_t size,
                       struct ctrl_store_names **names)
{
    struct ctrl_store_names *n;
    unsigned int count = 0, i;
    size_t at;
    char *text;

    for (at = 0; at < size; at++) {
        count += list[at] == '\0';
    }
    n = malloc(sizeof(*n) + count * sizeof(n->name[0]) + size);
    if (!n) {
        return fail_errno(ctrl, -ENOMEM, "xenstore: a list of %u names", count);
    }
    text = (char *)&n->name[count];
    memcpy(text, list, size);
    n->nr = count;
    for (i = 0; i < count; i++) {
        n->name[i] = text;
        text += strlen(text) + 1;
    }
    *names = n;
    return 0;
}

/* One part of a folder from offset on, with the folder's generation before it. */
static int list_part(struct ctrl_store *store, uint32_t tx, const char *path, size_t offset,
                     struct message **reply)
{
    char text[24];
    struct piece pieces[2] = { { path, strlen(path) + 1 }, { text, 0 } };

    pieces[1].size = (size_t)snprintf(text, sizeof(text), "%zu", offset) + 1;
    return store_request(store, XS_DIRECTORY_PART, tx, pieces, 2, reply);
}

/*
 * Adds what a part holds to the list: the folder's generation, then names; an empty name is the
 * end of the folder. A generation that is not the one of the parts before starts the list again.
 */
static int add_part(struct ctrl_store *store, const char *path, const struct message *part,
                    char generation[32], struct bytes *list, bool *end)
{
    size_t head = strlen(part->payload) + 1, size;
    const char *names = part->payload + head;

    if (head > part->head.len || head > 32) {
        return ctrl_fail(store->ctrl, -EIO, "xenstore: a part of %s makes no sense", path);
    }
    if (list->size > 0 && strcmp(generation, part->payload) != 0) {
        list->size = 0;
        return 0;
    }
    memcpy(generation, part->payload, head);
    size = part->head.len - head;
    *end = size < 2 || names[size - 2] == '\0';
    if (*end && size > 0) {
        size--;
    }
    bytes_add(list, names, size);
    return list->failed ? fail_errno(store->ctrl, -ENOMEM, "xenstore: the list of %s", path) : 0;
}

/* A folder too long for one reply. */
static int list_parts(struct ctrl_store *store, uint32_t tx, const char *path, struct bytes *list)
{
    char generation[32] = "";
    struct message *part;
    bool end = false;
    int rc = 0;

    while (rc == 0 && !end) {
        rc = list_part(store, tx, path, list->size, &part);
        if (rc == 0) {
            rc = add_part(store, path, part, generation, list, &end);
            free(part);
        }
    }
    return rc;
}

int ctrl_store_list(struct ctrl_store *store, uint32_t tx, const char *path,
                    struct ctrl_store_names **names)
{
    struct piece piece = { path, strlen(path) + 1 };
    struct bytes list = { .data = NULL };
    struct message *reply;
    int rc = store_request(store, XS_DIRECTORY, tx, &piece, 1, &reply);

    if (rc == 0) {
        rc = split_names(store->ctrl, reply->payload, reply->head.len, names);
        free(reply);
        return rc;
    }
    if (rc != -E2BIG) {
        return rc;
    }
    rc = list_parts(store, tx, path, &list);
    rc = rc ? rc : split_names(store->ctrl, (char *)list.data, list.size, names);
    bytes_free(&list);
    return rc;
}

/* --- permissions --- */

/* A letter and a domain: n, r, w, b. */
int store_format_perms(const struct ctrl_store_perm *perms, unsigned int nr, char *text,
                       size_t room)
{
    size_t used = 0;
    unsigned int i;
    char letter;
    int length;

    for (i = 0; i < nr; i++) {
        letter = perms[i].read ? (perms[i].write ? 'b' : 'r') : (perms[i].write ? 'w' : 'n');
        length = snprintf(text + used, room - used, "%c%u", letter, perms[i].domid);
        if (length < 0 || used + (size_t)length + 1 > room) {
            return -E2BIG;
        }
        used += (size_t)length + 1;
    }
    return (int)used;
}

int ctrl_store_set_perms(struct ctrl_store *store, uint32_t tx, const char *path,
                         const struct ctrl_store_perm *perms, unsigned int nr)
{
    char text[CTRL_STORE_PAYLOAD_MAX];
    struct piece pieces[2] = { { path, strlen(path) + 1 }, { text, 0 } };
    int size = store_format_perms(perms, nr, text, sizeof(text));

    if (size < 0) {
        return fail_errno(store->ctrl, size, "xenstore: %u permissions of %s", nr, path);
    }
    pieces[1].size = (size_t)size;
    return store_request(store, XS_SET_PERMS, tx, pieces, 2, NULL);
}

static int parse_perm(const char *text, struct ctrl_store_perm *perm)
{
    char *end;
    unsigned long domid;

    if (!strchr("nrwb", text[0]) || text[0] == '\0') {
        return -EINVAL;
    }
    domid = strtoul(text + 1, &end, 10);
    if (end == text + 1 || *end || domid > 0xffff) {
        return -EINVAL;
    }
    *perm = (struct ctrl_store_perm){
        .domid = (uint32_t)domid,
        .read = text[0] == 'r' || text[0] == 'b',
        .write = text[0] == 'w' || text[0] == 'b',
    };
    return 0;
}

int ctrl_store_get_perms(struct ctrl_store *store, uint32_t tx, const char *path,
                         struct ctrl_store_perm *perms, unsigned int max)
{
    struct piece piece = { path, strlen(path) + 1 };
    struct ctrl_store_perm perm;
    struct message *reply;
    unsigned int nr = 0;
    size_t at;
    int rc = store_request(store, XS_GET_PERMS, tx, &piece, 1, &reply);

    if (rc != 0) {
        return rc;
    }
    for (at = 0; rc == 0 && at < reply->head.len; at += strlen(reply->payload + at) + 1) {
        rc = parse_perm(reply->payload + at, &perm);
        if (rc == 0 && nr < max) {
            perms[nr] = perm;
        }
        nr++;
    }
    free(reply);
    return rc ? ctrl_fail(store->ctrl, -EIO, "xenstore: permissions of %s make no sense", path)
              : (int)nr;
}

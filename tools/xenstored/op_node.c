/* SPDX-License-Identifier: BSD-2-Clause */
/* Requests about nodes. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "domain.h"
#include "path.h"
#include "perm.h"
#include "quota.h"
#include "tree.h"
#include "txn.h"
#include "wire.h"

struct access {
    char path[NODE_NAME_MAX + 1];
    struct node *node;          /* NULL: no such place, outside of a transaction */
    struct content *content;    /* NULL: it does not exist */
};

/* The content of a node, or of the first above it that exists: the root always does. */
static struct content *nearest(const struct txn *txn, const struct node *node)
{
    struct content *content = NULL;

    for (; node && !content; node = node->parent) {
        content = txn_see(txn, node);
    }
    return content ? content : store->root->content;
}

/*
 * Finds a node that the client wants to use in a way, of which it reads something. -EINVAL;
 * -ENOENT: it does not exist; -EACCES: it may not, or may not know whether it exists.
 */
static int access_node(struct request *request, const char *text, enum path_kind kind,
                       unsigned int want, unsigned int reads, struct access *access)
{
    struct node *near;
    uint32_t strip;
    int rc = path_resolve(request->conn, text, kind, access->path, &strip);

    if (rc) {
        return rc;
    }
    if (request->txn) {
        near = access->node = tree_make(access->path);
        rc = txn_note_read(request->txn, access->node, reads | READ_ACL);
        if (rc) {
            return rc;
        }
    } else {
        access->node = tree_find(access->path, &near);
    }
    access->content = access->node ? txn_see(request->txn, access->node) : NULL;
    if (access->content) {
        return (perm_of(request->conn, access->content) & want) == want ? 0 : -EACCES;
    }
    /* That it does not exist was read, too. */
    request->keep = request->txn;
    return perm_of(request->conn, nearest(request->txn, near)) & want ? -ENOENT : -EACCES;
}

static int one_path(struct request *request, unsigned int want, unsigned int reads,
                    struct access *access)
{
    const char *path;

    if (wire_words(request, &path, 1) != 1) {
        return -EINVAL;
    }
    return access_node(request, path, PATH_NODE, want, reads, access);
}

/* --- reading --- */

int op_read(struct request *request)
{
    struct access access;
    int rc = one_path(request, PERM_READ, READ_VALUE, &access);

    if (!rc) {
        wire_reply(request, content_data(access.content), access.content->data_len);
    }
    return rc;
}

/*
 * Copies names of children, each with its zero, from byte 'skip' of all of them on, as many as fit.
 * Returns the bytes; *all says whether these were the last.
 */
static size_t list_children(const struct txn *txn, const struct node *node, uint64_t skip,
                            char *to, size_t room, bool *all)
{
    struct link *link, *next;
    uint64_t at = 0;
    size_t got = 0;

    *all = true;
    LIST_EACH(link, next, &node->children) {
        const struct node *child = CONTAINER(link, struct node, sibling);
        size_t len = child->name_len + 1;

        if (!txn_see(txn, child)) {
            continue;
        }
        at += len;
        if (at <= skip) {
            continue;
        }
        if (got + len > room) {
            *all = false;
            break;
        }
        memcpy(to + got, child->name, len - 1);
        to[got + len - 1] = '\0';
        got += len;
    }
    return got;
}

int op_directory(struct request *request)
{
    char names[XENSTORE_PAYLOAD_MAX];
    struct access access;
    size_t len;
    bool all;
    int rc = one_path(request, PERM_READ, READ_CHILDREN, &access);

    if (rc) {
        return rc;
    }
    len = list_children(request->txn, access.node, 0, names, sizeof(names), &all);
    if (!all) {
        return -E2BIG;
    }
    wire_reply(request, names, len);
    return 0;
}

int op_directory_part(struct request *request)
{
    char body[XENSTORE_PAYLOAD_MAX];
    const char *words[2];
    struct access access;
    uint64_t skip;
    size_t len;
    bool all;
    int rc;

    if (wire_words(request, words, 2) != 2) {
        return -EINVAL;
    }
    rc = access_node(request, words[0], PATH_NODE, PERM_READ, READ_CHILDREN, &access);
    if (!rc) {
        rc = wire_number(words[1], UINT32_MAX, &skip);
    }
    if (rc) {
        return rc;
    }
    len = (size_t)snprintf(body, sizeof(body), "%" PRIu64,
                           txn_children_gen(request->txn, access.node)) + 1;
    /* The last part ends with an empty name. */
    len += list_children(request->txn, access.node, skip, body + len, sizeof(body) - len - 1, &all);
    if (all) {
        body[len++] = '\0';
    }
    wire_reply(request, body, len);
    return 0;
}

int op_get_perms(struct request *request)
{
    char body[XENSTORE_PAYLOAD_MAX];
    const char *path;
    struct access access;
    size_t len = 0;
    int rc;

    if (wire_words(request, &path, 1) != 1) {
        return -EINVAL;
    }
    rc = access_node(request, path, PATH_SPECIAL, PERM_READ, READ_ACL, &access);
    if (rc) {
        return rc;
    }
    for (uint32_t i = 0; i < access.content->nr_perms; i++) {
        if (len + PERM_TEXT_MAX > sizeof(body)) {
            return -E2BIG;
        }
        len += (size_t)perm_format(&access.content->perms[i], body + len) + 1;
    }
    wire_reply(request, body, len);
    return 0;
}

/* --- writing --- */

/*
 * A node that a guest makes is the guest's, with the rights that the node above gives. Of those,
 * entries for domains that died are left out: they must not come to life by being given anew.
 */
static struct content *content_for_child(const struct conn *conn, const struct content *above,
                                         const void *data, size_t len)
{
    struct perm perms[above->nr_perms];
    unsigned int nr = 1;

    if (conn->domain->privileged) {
        return content_make(above, NULL, 0, data, len);
    }
    perms[0].domid = (uint16_t)conn->domain->domid;
    perms[0].bits = above->perms[0].bits;
    for (uint32_t i = 1; i < above->nr_perms; i++) {
        const struct domain *d = domain_find(above->perms[i].domid);

        if (d && d->born <= above->perm_gen) {
            perms[nr++] = above->perms[i];
        }
    }
    return content_make(above, perms, nr, data, len);
}

/* Makes a node that does not exist, and first those above it that do not. */
static int make_node(struct request *request, struct node *node, const void *data, size_t len,
                     unsigned int fire)
{
    struct node *parent = node->parent;
    int rc = txn_note_read(request->txn, parent, READ_ACL);

    if (!rc && !txn_see(request->txn, parent)) {
        rc = make_node(request, parent, NULL, 0, 0);
    }
    if (rc) {
        return rc;
    }
    return txn_write(request->conn, request->txn, node,
                     content_for_child(request->conn, txn_see(request->txn, parent), data, len),
                     CHANGE_VALUE | CHANGE_ACL, fire);
}

static int check_size(const struct request *request, size_t len)
{
    const struct conn *conn = request->conn;
    int rc = quota_check(conn, QUOTA_NODE_SIZE, len);

    return rc ? rc : quota_check(conn, QUOTA_MEMORY, conn->domain->memory + len);
}

static int write_node(struct request *request, struct access *access, const void *data, size_t len)
{
    return txn_write(request->conn, request->txn, access->node,
                     content_make(access->content, NULL, 0, data, len), CHANGE_VALUE, FIRE);
}

int op_write(struct request *request)
{
    size_t path_len = strnlen(request->body, request->head.len);
    const char *data = request->body + path_len + 1;
    struct access access;
    size_t len;
    int rc;

    if (path_len == request->head.len) {
        return -EINVAL;
    }
    len = request->head.len - path_len - 1;
    rc = access_node(request, request->body, PATH_NODE, PERM_WRITE, 0, &access);
    if (rc && rc != -ENOENT) {
        return rc;
    }
    request->keep = false;
    if (check_size(request, len)) {
        return -ENOSPC;
    }
    rc = access.content ? write_node(request, &access, data, len)
                        : make_node(request, tree_make(access.path), data, len, FIRE);
    if (!rc) {
        wire_reply_ok(request);
    }
    return rc;
}

int op_mkdir(struct request *request)
{
    struct access access;
    int rc = one_path(request, PERM_WRITE, 0, &access);

    if (rc == -ENOENT) {
        request->keep = false;
        rc = check_size(request, 0);
        rc = rc ? rc : make_node(request, tree_make(access.path), NULL, 0, FIRE);
    }
    if (!rc) {
        wire_reply_ok(request);
    }
    return rc;
}

/* The node above a path exists. */
static bool has_parent(const struct request *request, const struct access *access)
{
    char *slash = strrchr(access->path, '/');
    struct node *above, *deepest;
    char path[NODE_NAME_MAX + 1];

    if (slash == access->path) {
        return true;
    }
    memcpy(path, access->path, (size_t)(slash - access->path));
    path[slash - access->path] = '\0';
    above = tree_find(path, &deepest);
    return above && txn_see(request->txn, above);
}

int op_rm(struct request *request)
{
    struct access access;
    int rc = one_path(request, PERM_WRITE, 0, &access);

    if (rc == -ENOENT && has_parent(request, &access)) {
        rc = 0;
    } else if (!rc) {
        rc = access.node == store->root
                 ? -EINVAL : txn_remove(request->conn, request->txn, access.node, FIRE);
    }
    if (!rc) {
        wire_reply_ok(request);
    }
    return rc;
}

static int parse_perms(struct request *request, const char *const *words, int nr,
                       struct perm *perms)
{
    int rc = quota_check(request->conn, QUOTA_PERMS, (uint64_t)nr);

    for (int i = 0; !rc && i < nr; i++) {
        rc = perm_parse(words[i], &perms[i]);
        if (!rc && !domain_find_living(perms[i].domid) && i == 0) {
            rc = -ENOENT;
        }
    }
    return rc;
}

int op_set_perms(struct request *request)
{
    const char *words[XENSTORE_PAYLOAD_MAX / 3 + 1];
    struct perm perms[XENSTORE_PAYLOAD_MAX / 3];
    struct access access;
    int nr = wire_words(request, words, XENSTORE_PAYLOAD_MAX / 3 + 1);
    int rc;

    if (nr < 2) {
        return -EINVAL;
    }
    rc = parse_perms(request, words + 1, nr - 1, perms);
    if (!rc) {
        rc = access_node(request, words[0], PATH_SPECIAL, PERM_OWNER, READ_VALUE, &access);
    }
    if (rc) {
        return rc;
    }
    if (!request->conn->domain->privileged && perms[0].domid != access.content->perms[0].domid) {
        return -EPERM;
    }
    rc = txn_write(request->conn, request->txn, access.node,
                   content_make(NULL, perms, (unsigned int)nr - 1, content_data(access.content),
                                access.content->data_len), CHANGE_ACL, FIRE);
    if (!rc) {
        wire_reply_ok(request);
    }
    return rc;
}

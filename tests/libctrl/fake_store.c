/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The model's xenstored: one connection, one tree, kept as a sorted list of paths. Transactions
 * work on the tree itself: one that is aborted or met with a conflict restores a copy. A conflict
 * is fake_store_touch() since its start.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <public/io/xs_wire.h>

#include "fake.h"

#define PATH_MAX_LEN 512

struct node {
    struct node *next;
    char *path;
    char *value;
    size_t size;
    char perms[256];
    size_t perms_size;
};

struct watch {
    struct watch *next;
    char *path, *token;
};

static struct node *nodes, *saved;
static struct watch *watches;
static uint32_t open_tx;
static bool conflict, broken;
static bool introduced[0x7ff0];
static struct {
    uint8_t *data;
    size_t size;
} in, out;

static void add_bytes(uint8_t **data, size_t *size, const void *more, size_t nr)
{
    *data = realloc(*data, *size + nr + 1);
    if (!*data) {
        abort();
    }
    memcpy(*data + *size, more, nr);
    *size += nr;
}

static void free_nodes(struct node **list)
{
    struct node *n;

    while ((n = *list)) {
        *list = n->next;
        free(n->path);
        free(n->value);
        free(n);
    }
}

static struct node *copy_nodes(const struct node *from)
{
    struct node *first = NULL, **last = &first;

    for (; from; from = from->next) {
        struct node *n = malloc(sizeof(*n));

        *n = *from;
        n->path = strdup(from->path);
        n->value = memcpy(malloc(from->size + 1), from->value, from->size + 1);
        n->next = NULL;
        *last = n;
        last = &n->next;
    }
    return first;
}

static struct node **find(const char *path)
{
    struct node **link = &nodes;

    while (*link && strcmp((*link)->path, path) < 0) {
        link = &(*link)->next;
    }
    return link;
}

static struct node *get(const char *path)
{
    struct node *n = *find(path);

    return n && strcmp(n->path, path) == 0 ? n : NULL;
}

static bool below(const char *path, const char *folder)
{
    size_t length = strlen(folder);

    return strncmp(path, folder, length) == 0 && (path[length] == '/' || path[length] == '\0' ||
                                                  strcmp(folder, "/") == 0);
}

static void reply(const struct xsd_sockmsg *to, uint32_t type, const void *data, size_t size)
{
    struct xsd_sockmsg head = { type, to->req_id, to->tx_id, (uint32_t)size };

    add_bytes(&out.data, &out.size, &head, sizeof(head));
    add_bytes(&out.data, &out.size, data, size);
}

static void fire_one(const struct watch *w, const char *path)
{
    const struct xsd_sockmsg none = { .type = 0 };
    char text[2 * PATH_MAX_LEN];
    int length = snprintf(text, sizeof(text), "%s%c%s", path, 0, w->token) + 1;

    reply(&none, XS_WATCH_EVENT, text, (size_t)length);
}

static void fire(const char *path)
{
    const struct watch *w;

    for (w = watches; w; w = w->next) {
        if (below(path, w->path)) {
            fire_one(w, path);
        }
    }
}

static void put(const char *path, const void *value, size_t size)
{
    struct node **link, *n;
    char parent[PATH_MAX_LEN];

    snprintf(parent, sizeof(parent), "%s", path);
    if (strlen(path) > 1) {
        char *slash = strrchr(parent, '/');

        slash[slash == parent] = '\0';
        if (!get(parent)) {
            put(parent, "", 0);
        }
    }
    link = find(path);
    n = *link;
    if (!n || strcmp(n->path, path) != 0) {
        n = calloc(1, sizeof(*n));
        n->path = strdup(path);
        n->perms_size = (size_t)sprintf(n->perms, "n0") + 1;
        n->next = *link;
        *link = n;
    }
    free(n->value);
    n->value = malloc(size + 1);
    memcpy(n->value, value, size);
    n->value[size] = '\0';
    n->size = size;
}

static bool drop(const char *path)
{
    struct node **link = &nodes, *n;
    bool any = false;

    while ((n = *link)) {
        if (!below(n->path, path)) {
            link = &n->next;
            continue;
        }
        *link = n->next;
        any = true;
        free(n->path);
        free(n->value);
        free(n);
    }
    return any;
}

/* --- requests --- */

static void fail(const struct xsd_sockmsg *to, const char *name)
{
    reply(to, XS_ERROR, name, strlen(name) + 1);
}

static void done(const struct xsd_sockmsg *to)
{
    reply(to, to->type, "OK", 3);
}

/* Paths without a leading slash belong to domain 0. */
static const char *absolute(const char *path)
{
    static char text[PATH_MAX_LEN];

    if (path[0] == '/' || path[0] == '@') {
        return path;
    }
    snprintf(text, sizeof(text), "/local/domain/0/%s", path);
    return text;
}

static void names_below(const char *path, uint8_t **names, size_t *size)
{
    size_t length = strcmp(path, "/") == 0 ? 0 : strlen(path);
    const struct node *n;

    for (n = nodes; n; n = n->next) {
        if (below(n->path, path) && strlen(n->path) > length + 1 &&
            !strchr(n->path + length + 1, '/')) {
            add_bytes(names, size, n->path + length + 1, strlen(n->path + length + 1) + 1);
        }
    }
}

static void list(const struct xsd_sockmsg *head, const char *path)
{
    uint8_t *names = NULL;
    size_t size = 0;

    names_below(path, &names, &size);
    if (size > XENSTORE_PAYLOAD_MAX) {
        fail(head, "E2BIG");
    } else {
        reply(head, head->type, names ? names : (uint8_t *)"", size);
    }
    free(names);
}

/* The folder's generation is always 1. */
static void list_part(const struct xsd_sockmsg *head, const char *path, size_t offset)
{
    uint8_t *names = NULL, part[XENSTORE_PAYLOAD_MAX] = "1";
    size_t size = 0, used = 2, length;

    names_below(path, &names, &size);
    while (offset < size) {
        length = strlen((char *)names + offset) + 1;
        if (used + length > 1024) {
            break;
        }
        memcpy(part + used, names + offset, length);
        used += length;
        offset += length;
    }
    if (offset >= size) {
        part[used++] = '\0';
    }
    reply(head, head->type, part, used);
    free(names);
}

static void set_perms(const struct xsd_sockmsg *head, struct node *n, const char *perms,
                      size_t size)
{
    if (size > sizeof(n->perms) || size == 0) {
        fail(head, "ENOSPC");
        return;
    }
    memcpy(n->perms, perms, size);
    n->perms_size = size;
    done(head);
}

static void watch_op(const struct xsd_sockmsg *head, const char *path, const char *token)
{
    struct watch **link = &watches, *w;

    while (*link && (strcmp((*link)->path, path) != 0 || strcmp((*link)->token, token) != 0)) {
        link = &(*link)->next;
    }
    w = *link;
    if (head->type == XS_UNWATCH) {
        if (!w) {
            fail(head, "ENOENT");
            return;
        }
        *link = w->next;
        free(w->path);
        free(w->token);
        free(w);
        done(head);
        return;
    }
    if (w) {
        fail(head, "EEXIST");
        return;
    }
    w = malloc(sizeof(*w));
    *w = (struct watch){ watches, strdup(path), strdup(token) };
    watches = w;
    done(head);
    fire_one(w, path);
}

static void start(const struct xsd_sockmsg *head)
{
    char text[16];

    if (saved) {
        fail(head, "ENOSPC");
        return;
    }
    saved = copy_nodes(nodes);
    conflict = false;
    open_tx++;
    reply(head, head->type, text, (size_t)snprintf(text, sizeof(text), "%u", open_tx) + 1);
}

static void end(const struct xsd_sockmsg *head, bool commit)
{
    if (!saved || head->tx_id != open_tx) {
        fail(head, "ENOENT");
        return;
    }
    if (!commit || conflict) {
        free_nodes(&nodes);
        nodes = saved;
        saved = NULL;
    }
    free_nodes(&saved);
    if (commit && conflict) {
        fail(head, "EAGAIN");
    } else {
        done(head);
    }
}

/* Requests about nodes. */
static void node_op(const struct xsd_sockmsg *head, const char *path, const char *rest,
                    size_t rest_size)
{
    struct node *n = get(path);

    if (!n && head->type != XS_WRITE && head->type != XS_MKDIR) {
        fail(head, "ENOENT");
        return;
    }
    switch (head->type) {
    case XS_READ:
        reply(head, head->type, n->value, n->size);
        return;
    case XS_DIRECTORY:
        list(head, path);
        return;
    case XS_DIRECTORY_PART:
        list_part(head, path, strtoul(rest, NULL, 10));
        return;
    case XS_GET_PERMS:
        reply(head, head->type, n->perms, n->perms_size);
        return;
    case XS_SET_PERMS:
        set_perms(head, n, rest, rest_size);
        return;
    case XS_WRITE:
        put(path, rest, rest_size);
        break;
    case XS_MKDIR:
        if (!n) {
            put(path, "", 0);
        }
        break;
    default:
        drop(path);
        break;
    }
    done(head);
    fire(path);
}

static void domain_op(const struct xsd_sockmsg *head, const char *payload)
{
    unsigned long id = strtoul(payload, NULL, 10);
    char text[32];

    if (id >= 0x7ff0 || (head->type != XS_GET_DOMAIN_PATH && !fake_domain((uint32_t)id) &&
                         head->type != XS_IS_DOMAIN_INTRODUCED && head->type != XS_RELEASE)) {
        fail(head, "EINVAL");
        return;
    }
    switch (head->type) {
    case XS_INTRODUCE:
        introduced[id] = true;
        done(head);
        fire("@introduceDomain");
        return;
    case XS_RELEASE:
        if (!introduced[id]) {
            fail(head, "ENOENT");
            return;
        }
        introduced[id] = false;
        done(head);
        fire("@releaseDomain");
        return;
    case XS_IS_DOMAIN_INTRODUCED:
        reply(head, head->type, introduced[id] ? "T" : "F", 2);
        return;
    case XS_GET_DOMAIN_PATH:
        snprintf(text, sizeof(text), "/local/domain/%lu", id);
        reply(head, head->type, text, strlen(text) + 1);
        return;
    default:
        done(head);
        return;
    }
}

static void request(const struct xsd_sockmsg *head, const char *payload)
{
    const char *rest = payload + strlen(payload) + 1;

    if (head->tx_id && head->tx_id != open_tx) {
        fail(head, "ENOENT");
        return;
    }
    fake.store_tx_requests += head->tx_id != 0;
    switch (head->type) {
    case XS_CONTROL:
        reply(head, head->type, payload, strlen(payload) + 1);
        return;
    case XS_TRANSACTION_START:
        start(head);
        return;
    case XS_TRANSACTION_END:
        end(head, payload[0] == 'T');
        return;
    case XS_WATCH:
    case XS_UNWATCH:
        watch_op(head, absolute(payload), rest);
        return;
    case XS_INTRODUCE:
    case XS_RELEASE:
    case XS_GET_DOMAIN_PATH:
    case XS_IS_DOMAIN_INTRODUCED:
    case XS_RESUME:
    case XS_SET_TARGET:
        domain_op(head, payload);
        return;
    case XS_DIRECTORY:
    case XS_READ:
    case XS_GET_PERMS:
    case XS_WRITE:
    case XS_MKDIR:
    case XS_RM:
    case XS_SET_PERMS:
    case XS_DIRECTORY_PART:
        node_op(head, absolute(payload), rest,
                head->len > (size_t)(rest - payload) ? head->len - (size_t)(rest - payload) : 0);
        return;
    default:
        fail(head, "ENOSYS");
        return;
    }
}

/* --- for the table of operations, and for tests --- */

long fake_store_input(const void *data, size_t size)
{
    struct xsd_sockmsg head;

    if (broken) {
        return -EPIPE;
    }
    /* A socket takes what it has room for. */
    size = size < 3000 ? size : 3000;
    add_bytes(&in.data, &in.size, data, size);
    while (in.size >= sizeof(head)) {
        memcpy(&head, in.data, sizeof(head));
        if (in.size < sizeof(head) + head.len) {
            break;
        }
        char *payload = malloc(head.len + 1);

        memcpy(payload, in.data + sizeof(head), head.len);
        payload[head.len] = '\0';
        request(&head, payload);
        free(payload);
        in.size -= sizeof(head) + head.len;
        memmove(in.data, in.data + sizeof(head) + head.len, in.size);
    }
    return (long)size;
}

long fake_store_output(void *data, size_t size)
{
    size_t nr = out.size < size ? out.size : size;

    if (nr == 0) {
        return broken ? 0 : -EAGAIN;
    }
    memcpy(data, out.data, nr);
    out.size -= nr;
    memmove(out.data, out.data + nr, out.size);
    return (long)nr;
}

bool fake_store_has_output(void)
{
    return out.size > 0 || broken;
}

void fake_store_reset(void)
{
    struct watch *w;

    free_nodes(&nodes);
    free_nodes(&saved);
    while ((w = watches)) {
        watches = w->next;
        free(w->path);
        free(w->token);
        free(w);
    }
    free(in.data);
    free(out.data);
    memset(&in, 0, sizeof(in));
    memset(&out, 0, sizeof(out));
    memset(introduced, 0, sizeof(introduced));
    introduced[0] = true;
    broken = conflict = false;
    open_tx = 0;
    put("/", "", 0);
}

const char *fake_store_get(const char *path)
{
    const struct node *n = get(path);

    return n ? n->value : NULL;
}

void fake_store_set(const char *path, const char *value)
{
    put(path, value, strlen(value));
}

void fake_store_touch(const char *path, const char *value)
{
    struct node *current = nodes;

    conflict = saved != NULL;
    if (saved) {
        nodes = saved;
        put(path, value, strlen(value));
        saved = nodes;
        nodes = current;
    } else {
        put(path, value, strlen(value));
    }
    fire(path);
}

unsigned int fake_store_count(void)
{
    const struct node *n;
    unsigned int nr = 0;

    for (n = nodes; n; n = n->next) {
        nr++;
    }
    return nr;
}

void fake_store_say(const void *data, size_t size)
{
    add_bytes(&out.data, &out.size, data, size);
}

void fake_store_break(void)
{
    broken = true;
}

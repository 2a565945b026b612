/* SPDX-License-Identifier: BSD-2-Clause */
/* One request, one reply: nodes, watches and domains of xenstore (libctrl/store.h). */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "internal.h"
#include "xs_client.h"

#define CONFLICTS_MAX 100

int ctrl_store_open(struct ctrl *ctrl, struct ctrl_store **store)
{
    struct ctrl_store *s = calloc(1, sizeof(*s));
    int fd;

    if (!s) {
        return fail_errno(ctrl, -ENOMEM, "xenstore");
    }
    fd = ctrl_sys.store_open();
    if (fd < 0) {
        free(s);
        return fail_errno(ctrl, fd, "xenstore cannot be reached at /run/xenstored/socket (is "
                          "xenstored running?)");
    }
    s->ctrl = ctrl;
    s->fd = fd;
    s->events.last = &s->events.first;
    *store = s;
    return 0;
}

void ctrl_store_close(struct ctrl_store *store)
{
    struct message *m;

    if (!store) {
        return;
    }
    while ((m = store->events.first)) {
        store->events.first = m->next;
        free(m);
    }
    free(store->event);
    bytes_free(&store->in);
    ctrl_sys.store_close(store->fd);
    free(store);
}

int store_reply_error(struct ctrl_store *store, const struct message *reply, uint32_t type,
                      const char *path)
{
    int value = wire_errno(reply->payload);

    if (value == EIO && strcmp(reply->payload, "EIO") != 0) {
        return ctrl_fail(store->ctrl, -EIO, "xenstore: %s %s: %s", wire_name(type), path,
                         reply->payload);
    }
    return fail_errno(store->ctrl, -value, "xenstore: %s %s", wire_name(type), path);
}

int store_request(struct ctrl_store *store, uint32_t type, uint32_t tx,
                  const struct piece *pieces, unsigned int nr, struct message **reply)
{
    struct bytes out = { .data = NULL };
    const char *path = nr ? pieces[0].data : "";
    struct message *m = NULL;
    uint32_t id = ++store->next_id;
    int rc = wire_add(&out, type, tx, id, pieces, nr);

    if (rc != 0) {
        bytes_free(&out);
        return fail_errno(store->ctrl, rc, "xenstore: %s %s", wire_name(type), path);
    }
    rc = wire_send(store, &out);
    bytes_free(&out);
    rc = rc ? rc : wire_receive(store, &m);
    if (rc != 0) {
        return rc;
    }
    if (m->head.req_id != id) {
        store->broken = true;
        rc = ctrl_fail(store->ctrl, -EPIPE, "xenstore: an answer to another question");
    } else if (m->head.type == XS_ERROR) {
        rc = store_reply_error(store, m, type, path);
    }
    if (rc != 0 || !reply) {
        free(m);
        return rc;
    }
    *reply = m;
    return 0;
}

/* A text with its zero byte. */
static struct piece text_piece(const char *text)
{
    return (struct piece){ text, strlen(text) + 1 };
}

/* Texts, and only whether it worked. */
static int simple(struct ctrl_store *store, uint32_t type, uint32_t tx, const char *first,
                  const char *second)
{
    struct piece pieces[2] = { text_piece(first) };

    if (second) {
        pieces[1] = text_piece(second);
    }
    return store_request(store, type, tx, pieces, second ? 2 : 1, NULL);
}

/* The payload becomes the caller's block. */
static char *reply_text(struct message *reply, size_t *size)
{
    size_t length = reply->head.len;

    if (size) {
        *size = length;
    }
    memmove(reply, reply->payload, length + 1);
    return (char *)reply;
}

int ctrl_store_read(struct ctrl_store *store, uint32_t tx, const char *path, char **value,
                    size_t *size)
{
    struct piece piece = text_piece(path);
    struct message *reply;
    int rc = store_request(store, XS_READ, tx, &piece, 1, &reply);

    if (rc == 0) {
        *value = reply_text(reply, size);
    }
    return rc;
}

int ctrl_store_read_number(struct ctrl_store *store, uint32_t tx, const char *path,
                           uint64_t *number)
{
    char *text, *end;
    uint64_t n;
    int rc = ctrl_store_read(store, tx, path, &text, NULL);

    if (rc != 0) {
        return rc;
    }
    errno = 0;
    n = strtoull(text, &end, 0);
    if (errno || end == text || *end || *text == '-') {
        rc = ctrl_fail(store->ctrl, -EINVAL, "xenstore: %s is '%s', not a number", path, text);
    } else {
        *number = n;
    }
    free(text);
    return rc;
}

int ctrl_store_write(struct ctrl_store *store, uint32_t tx, const char *path, const void *value,
                     size_t size)
{
    struct piece pieces[2] = { text_piece(path), { value, size } };

    return store_request(store, XS_WRITE, tx, pieces, 2, NULL);
}

int ctrl_store_printf(struct ctrl_store *store, uint32_t tx, const char *path,
                      const char *format, ...)
{
    char text[CTRL_STORE_PAYLOAD_MAX + 1];
    va_list args;
    int length;

    va_start(args, format);
    length = vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    if (length < 0 || (size_t)length >= sizeof(text)) {
        return fail_errno(store->ctrl, -E2BIG, "xenstore: writing %s", path);
    }
    return ctrl_store_write(store, tx, path, text, (size_t)length);
}

int ctrl_store_mkdir(struct ctrl_store *store, uint32_t tx, const char *path)
{
    return simple(store, XS_MKDIR, tx, path, NULL);
}

int ctrl_store_remove(struct ctrl_store *store, uint32_t tx, const char *path)
{
    return simple(store, XS_RM, tx, path, NULL);
}

int ctrl_store_begin(struct ctrl_store *store, uint32_t *tx)
{
    struct piece nothing = text_piece("");
    struct message *reply;
    unsigned long id;
    int rc = store_request(store, XS_TRANSACTION_START, CTRL_STORE_NO_TX, &nothing, 1, &reply);

    if (rc != 0) {
        return rc;
    }
    id = strtoul(reply->payload, NULL, 10);
    free(reply);
    if (id == 0 || id > UINT32_MAX) {
        return ctrl_fail(store->ctrl, -EIO, "xenstore: a transaction without a number");
    }
    *tx = (uint32_t)id;
    return 0;
}

int ctrl_store_end(struct ctrl_store *store, uint32_t tx, bool commit)
{
    return simple(store, XS_TRANSACTION_END, tx, commit ? "T" : "F", NULL);
}

int ctrl_store_transaction(struct ctrl_store *store,
                           int (*body)(struct ctrl_store *store, uint32_t tx, void *arg),
                           void *arg)
{
    char why[sizeof(store->ctrl->error)];
    unsigned int tries;
    uint32_t tx = 0;
    int rc;

    for (tries = 0; tries < CONFLICTS_MAX; tries++) {
        rc = ctrl_store_begin(store, &tx);
        if (rc != 0) {
            return rc;
        }
        rc = body(store, tx, arg);
        if (rc < 0) {
            /* Ending it must not replace the sentence that says why. */
            memcpy(why, store->ctrl->error, sizeof(why));
            ctrl_store_end(store, tx, false);
            memcpy(store->ctrl->error, why, sizeof(why));
            if (rc != -EAGAIN) {
                return rc;
            }
            continue;
        }
        rc = ctrl_store_end(store, tx, true);
        if (rc != -EAGAIN) {
            return rc;
        }
    }
    return ctrl_fail(store->ctrl, -EAGAIN, "xenstore: %u tries of a transaction met with conflicts",
                     CONFLICTS_MAX);
}

/* --- watches --- */

int ctrl_store_watch(struct ctrl_store *store, const char *path, const char *token)
{
    return simple(store, XS_WATCH, CTRL_STORE_NO_TX, path, token);
}

int ctrl_store_unwatch(struct ctrl_store *store, const char *path, const char *token)
{
    return simple(store, XS_UNWATCH, CTRL_STORE_NO_TX, path, token);
}

int ctrl_store_next_event(struct ctrl_store *store, struct ctrl_store_event *event)
{
    struct message *m;
    const char *token;
    int rc;

    if (!store->events.first) {
        rc = wire_poll(store);
        if (rc != 0) {
            return rc;
        }
    }
    m = store->events.first;
    if (!m) {
        return -EAGAIN;
    }
    store->events.first = m->next;
    if (!m->next) {
        store->events.last = &store->events.first;
    }
    free(store->event);
    store->event = m;
    token = memchr(m->payload, '\0', m->head.len);
    *event = (struct ctrl_store_event){ m->payload, token ? token + 1 : "" };
    return 0;
}

static int64_t clock_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int ctrl_store_wait_event(struct ctrl_store *store, int timeout_ms,
                          struct ctrl_store_event *event)
{
    int64_t end = clock_ms() + timeout_ms, left = timeout_ms;
    int rc = ctrl_store_next_event(store, event);

    /* What can be read may be only the first part of an event. */
    while (rc == -EAGAIN && left != 0) {
        rc = ctrl_sys.store_wait(store->fd, false, (int)left);
        if (rc <= 0) {
            return rc == 0 || rc == -EINTR ? -EAGAIN
                                           : fail_errno(store->ctrl, rc, "xenstore: waiting");
        }
        rc = ctrl_store_next_event(store, event);
        if (timeout_ms > 0) {
            left = end > clock_ms() ? end - clock_ms() : 0;
        }
    }
    return rc;
}

int ctrl_store_fd(const struct ctrl_store *store)
{
    return store->fd;
}

/* --- domains --- */

/* Up to three numbers as texts. */
static int numbers(struct ctrl_store *store, uint32_t type, const uint64_t *values,
                   unsigned int nr, struct message **reply)
{
    char text[3][24];
    struct piece pieces[3];
    unsigned int i;

    for (i = 0; i < nr; i++) {
        snprintf(text[i], sizeof(text[i]), "%" PRIu64, values[i]);
        pieces[i] = text_piece(text[i]);
    }
    return store_request(store, type, CTRL_STORE_NO_TX, pieces, nr, reply);
}

int ctrl_store_introduce(struct ctrl_store *store, uint32_t domid, uint64_t mfn, uint32_t port)
{
    const uint64_t values[] = { domid, mfn, port };

    return numbers(store, XS_INTRODUCE, values, 3, NULL);
}

int ctrl_store_release(struct ctrl_store *store, uint32_t domid)
{
    const uint64_t value = domid;

    return numbers(store, XS_RELEASE, &value, 1, NULL);
}

int ctrl_store_resume(struct ctrl_store *store, uint32_t domid)
{
    const uint64_t value = domid;

    return numbers(store, XS_RESUME, &value, 1, NULL);
}

int ctrl_store_set_target(struct ctrl_store *store, uint32_t domid, uint32_t target)
{
    const uint64_t values[] = { domid, target };

    return numbers(store, XS_SET_TARGET, values, 2, NULL);
}

int ctrl_store_is_introduced(struct ctrl_store *store, uint32_t domid)
{
    const uint64_t value = domid;
    struct message *reply;
    int rc = numbers(store, XS_IS_DOMAIN_INTRODUCED, &value, 1, &reply);

    if (rc == 0) {
        rc = reply->payload[0] == 'T';
        free(reply);
    }
    return rc;
}

int ctrl_store_domain_path(struct ctrl_store *store, uint32_t domid, char **path)
{
    const uint64_t value = domid;
    struct message *reply;
    int rc = numbers(store, XS_GET_DOMAIN_PATH, &value, 1, &reply);

    if (rc == 0) {
        *path = reply_text(reply, NULL);
    }
    return rc;
}

int ctrl_store_control(struct ctrl_store *store, const char *const *words, unsigned int nr,
                       char **answer)
{
    struct piece pieces[PIECES_MAX];
    struct message *reply;
    unsigned int i;
    int rc;

    if (nr == 0 || nr > PIECES_MAX) {
        return ctrl_fail(store->ctrl, -EINVAL, "xenstore: control requests have 1 to %u words",
                         PIECES_MAX);
    }
    for (i = 0; i < nr; i++) {
        pieces[i] = text_piece(words[i]);
    }
    rc = store_request(store, XS_CONTROL, CTRL_STORE_NO_TX, pieces, nr, &reply);
    if (rc == 0) {
        *answer = reply_text(reply, NULL);
    }
    return rc;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Messages of xenstore. The descriptor never blocks: where the store does not take more, what it
 * sends is read meanwhile, so that neither waits for the other. Once broken, a stream stays so.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"
#include "xs_wire.h"

#define READ_SIZE 4096u

void bytes_add(struct bytes *bytes, const void *data, size_t size)
{
    size_t room = bytes->room ? bytes->room : 1024;
    uint8_t *grown;

    while (room - bytes->size < size) {
        room *= 2;
    }
    if (room != bytes->room) {
        grown = realloc(bytes->data, room);
        if (!grown) {
            bytes->failed = true;
            return;
        }
        bytes->data = grown;
        bytes->room = room;
    }
    memcpy(bytes->data + bytes->size, data, size);
    bytes->size += size;
}

void bytes_free(struct bytes *bytes)
{
    free(bytes->data);
    *bytes = (struct bytes){ .data = NULL };
}

int wire_add(struct bytes *out, uint32_t type, uint32_t tx, uint32_t id,
             const struct piece *pieces, unsigned int nr)
{
    struct xsd_sockmsg head = { .type = type, .req_id = id, .tx_id = tx };
    size_t length = 0, before = out->size;
    unsigned int i;

    for (i = 0; i < nr; i++) {
        length += pieces[i].size;
    }
    if (length > XENSTORE_PAYLOAD_MAX) {
        return -E2BIG;
    }
    head.len = (uint32_t)length;
    bytes_add(out, &head, sizeof(head));
    for (i = 0; i < nr && !out->failed; i++) {
        bytes_add(out, pieces[i].data, pieces[i].size);
    }
    if (out->failed) {
        out->failed = false;
        out->size = before;
        return -ENOMEM;
    }
    return 0;
}

int wire_errno(const char *text)
{
    static const struct {
        const char *name;
        int value;
    } errors[] = {
        { "ENOENT", ENOENT }, { "EAGAIN", EAGAIN }, { "EEXIST", EEXIST }, { "EINVAL", EINVAL },
        { "EACCES", EACCES }, { "ENOMEM", ENOMEM }, { "ENOSPC", ENOSPC }, { "EIO", EIO },
        { "EISDIR", EISDIR }, { "ENOTEMPTY", ENOTEMPTY }, { "ENOSYS", ENOSYS },
        { "EROFS", EROFS }, { "EBUSY", EBUSY }, { "EISCONN", EISCONN }, { "E2BIG", E2BIG },
        { "EPERM", EPERM },
    };
    size_t i;

    for (i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
        if (strcmp(errors[i].name, text) == 0) {
            return errors[i].value;
        }
    }
    return EIO;
}

const char *wire_name(uint32_t type)
{
    static const char *const names[XS_TYPE_COUNT] = {
        [XS_CONTROL] = "control", [XS_DIRECTORY] = "listing", [XS_READ] = "reading",
        [XS_GET_PERMS] = "reading the permissions of", [XS_WATCH] = "watching",
        [XS_UNWATCH] = "no longer watching", [XS_TRANSACTION_START] = "starting a transaction",
        [XS_TRANSACTION_END] = "ending a transaction", [XS_INTRODUCE] = "introducing domain",
        [XS_RELEASE] = "releasing domain", [XS_GET_DOMAIN_PATH] = "asking for the path of domain",
        [XS_WRITE] = "writing", [XS_MKDIR] = "making", [XS_RM] = "removing",
        [XS_SET_PERMS] = "setting the permissions of",
        [XS_IS_DOMAIN_INTRODUCED] = "asking about domain", [XS_RESUME] = "resuming domain",
        [XS_SET_TARGET] = "setting the target of domain", [XS_DIRECTORY_PART] = "listing",
    };

    return type < XS_TYPE_COUNT && names[type] ? names[type] : "a request";
}

static int broken(struct ctrl_store *store)
{
    store->broken = true;
    return ctrl_fail(store->ctrl, -EPIPE, "xenstore: the connection ended; is xenstored running?");
}

/* Takes what has come into store->in. -EAGAIN: nothing. */
static int read_some(struct ctrl_store *store)
{
    uint8_t buffer[READ_SIZE];
    long got = store->broken ? 0 : ctrl_sys.store_read(store->fd, buffer, sizeof(buffer));

    if (got == -EAGAIN || got == -EINTR) {
        return -EAGAIN;
    }
    if (got <= 0) {
        return broken(store);
    }
    bytes_add(&store->in, buffer, (size_t)got);
    return store->in.failed ? broken(store) : 0;
}

/* Cuts one complete message off the bytes. 0 and *message NULL: there is none yet. */
static int take_message(struct ctrl_store *store, struct message **message)
{
    struct bytes *in = &store->in;
    struct xsd_sockmsg head;
    struct message *m;

    *message = NULL;
    if (in->size < sizeof(head)) {
        return 0;
    }
    memcpy(&head, in->data, sizeof(head));
    if (head.len > XENSTORE_PAYLOAD_MAX) {
        return broken(store);
    }
    if (in->size < sizeof(head) + head.len) {
        return 0;
    }
    m = malloc(sizeof(*m) + head.len + 1);
    if (!m) {
        return fail_errno(store->ctrl, -ENOMEM, "xenstore: a message");
    }
    m->next = NULL;
    m->head = head;
    memcpy(m->payload, in->data + sizeof(head), head.len);
    m->payload[head.len] = '\0';
    in->size -= sizeof(head) + head.len;
    memmove(in->data, in->data + sizeof(head) + head.len, in->size);
    *message = m;
    return 0;
}

/* The next reply, with events before it put aside; NULL if it has not come. */
static int next_reply(struct ctrl_store *store, struct message **reply)
{
    int rc;

    for (;;) {
        rc = take_message(store, reply);
        if (rc != 0 || !*reply || (*reply)->head.type != XS_WATCH_EVENT) {
            return rc;
        }
        *store->events.last = *reply;
        store->events.last = &(*reply)->next;
    }
}

static int wait_for(struct ctrl_store *store, bool can_write)
{
    int rc = ctrl_sys.store_wait(store->fd, can_write, -1);

    return rc < 0 && rc != -EINTR ? broken(store) : 0;
}

int wire_send(struct ctrl_store *store, const struct bytes *out)
{
    size_t done = 0;
    long put;
    int rc;

    while (done < out->size) {
        if (store->broken) {
            return broken(store);
        }
        put = ctrl_sys.store_write(store->fd, out->data + done, out->size - done);
        if (put > 0) {
            done += (size_t)put;
            continue;
        }
        if (put != -EAGAIN && put != -EINTR) {
            return broken(store);
        }
        rc = wait_for(store, true);
        rc = rc ? rc : read_some(store);
        if (rc != 0 && rc != -EAGAIN) {
            return rc;
        }
    }
    return 0;
}

int wire_receive(struct ctrl_store *store, struct message **reply)
{
    int rc;

    for (;;) {
        rc = next_reply(store, reply);
        if (rc != 0 || *reply) {
            return rc;
        }
        rc = read_some(store);
        if (rc == -EAGAIN) {
            rc = wait_for(store, false);
        }
        if (rc != 0) {
            return rc;
        }
    }
}

int wire_poll(struct ctrl_store *store)
{
    struct message *stray;
    int rc;

    do {
        rc = read_some(store);
    } while (rc == 0);
    if (rc != -EAGAIN) {
        return rc;
    }
    rc = next_reply(store, &stray);
    if (rc == 0 && stray) {
        free(stray);
        return broken(store);       /* an answer to no question */
    }
    return rc;
}

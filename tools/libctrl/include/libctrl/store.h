/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Client of xenstored, over its socket (/run/xenstored/socket), else /dev/xen/xenbus.
 *
 * tx is a transaction's id, or CTRL_STORE_NO_TX. Errors of the store are negative errno values:
 * -ENOENT, -EACCES, -EINVAL (path), -EEXIST, -EAGAIN (a transaction met a conflict), -ENOSPC
 * (quota), -E2BIG; -ECONNREFUSED, -ENOENT at opening: no xenstored runs; -EPIPE: it died, and the
 * handle is of no more use. ctrl_error() of the ctrl handle names the request and the path.
 */
#ifndef LIBCTRL_STORE_H
#define LIBCTRL_STORE_H

#include <libctrl/ctrl.h>

struct ctrl_store;

#define CTRL_STORE_NO_TX 0u
/* Limits of the protocol. */
#define CTRL_STORE_PAYLOAD_MAX 4096u
#define CTRL_STORE_PATH_MAX    3072u

int ctrl_store_open(struct ctrl *ctrl, struct ctrl_store **store);
void ctrl_store_close(struct ctrl_store *store);

/* --- nodes --- */

/*
 * The value, with a zero byte behind it that size does not count; to be freed. size may be NULL.
 */
int ctrl_store_read(struct ctrl_store *store, uint32_t tx, const char *path, char **value,
                    size_t *size);
/* As a number, decimal or 0x. -EINVAL: it is none. */
int ctrl_store_read_number(struct ctrl_store *store, uint32_t tx, const char *path,
                           uint64_t *number);
int ctrl_store_write(struct ctrl_store *store, uint32_t tx, const char *path, const void *value,
                     size_t size);
/* A text, formatted; at most CTRL_STORE_PAYLOAD_MAX: -E2BIG. */
int ctrl_store_printf(struct ctrl_store *store, uint32_t tx, const char *path,
                      const char *format, ...) __attribute__((format(printf, 4, 5)));
int ctrl_store_mkdir(struct ctrl_store *store, uint32_t tx, const char *path);
/* With everything below. A node that isn't there: -ENOENT. */
int ctrl_store_remove(struct ctrl_store *store, uint32_t tx, const char *path);

/* Names in a folder, sorted as the store has them; to be freed as one block. */
struct ctrl_store_names {
    unsigned int nr;
    char *name[];
};
int ctrl_store_list(struct ctrl_store *store, uint32_t tx, const char *path,
                    struct ctrl_store_names **names);

/* Permissions: the first is the owner's, with what all others may. */
struct ctrl_store_perm {
    uint32_t domid;
    bool read, write;
};
/* Returns how many there are; the first max are written. */
int ctrl_store_get_perms(struct ctrl_store *store, uint32_t tx, const char *path,
                         struct ctrl_store_perm *perms, unsigned int max);
int ctrl_store_set_perms(struct ctrl_store *store, uint32_t tx, const char *path,
                         const struct ctrl_store_perm *perms, unsigned int nr);

/* --- transactions --- */

int ctrl_store_begin(struct ctrl_store *store, uint32_t *tx);
/* -EAGAIN: somebody else changed what it read or wrote; do it all again. */
int ctrl_store_end(struct ctrl_store *store, uint32_t tx, bool commit);
/*
 * Runs body in a transaction, again as long as it meets conflicts (then -EAGAIN after 100 of
 * them). body's error aborts it and is returned.
 */
int ctrl_store_transaction(struct ctrl_store *store,
                           int (*body)(struct ctrl_store *store, uint32_t tx, void *arg),
                           void *arg);

/* --- many requests at once --- */

/*
 * Requests are queued, sent together, and their replies read together: two system calls for
 * dozens of requests. Queueing never fails visibly: a lack of memory, or too long a request, is
 * reported by submit. Each returns the request's number, for ctrl_batch_reply().
 */
struct ctrl_batch;

int ctrl_batch_create(struct ctrl_store *store, struct ctrl_batch **batch);
void ctrl_batch_destroy(struct ctrl_batch *batch);
/* Forgets all requests and replies. */
void ctrl_batch_reset(struct ctrl_batch *batch);

unsigned int ctrl_batch_read(struct ctrl_batch *batch, const char *path);
unsigned int ctrl_batch_write(struct ctrl_batch *batch, const char *path, const void *value,
                              size_t size);
unsigned int ctrl_batch_printf(struct ctrl_batch *batch, const char *path, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
unsigned int ctrl_batch_mkdir(struct ctrl_batch *batch, const char *path);
unsigned int ctrl_batch_remove(struct ctrl_batch *batch, const char *path);
unsigned int ctrl_batch_list(struct ctrl_batch *batch, const char *path);
unsigned int ctrl_batch_set_perms(struct ctrl_batch *batch, const char *path,
                                  const struct ctrl_store_perm *perms, unsigned int nr);
/* Not part of a transaction, wherever it stands. */
unsigned int ctrl_batch_watch(struct ctrl_batch *batch, const char *path, const char *token);
unsigned int ctrl_batch_introduce(struct ctrl_batch *batch, uint32_t domid, uint64_t mfn,
                                  uint32_t port);
unsigned int ctrl_batch_release(struct ctrl_batch *batch, uint32_t domid);

/*
 * Sends all and waits for all replies. 0 if every request succeeded, except that ENOENT for read,
 * list and remove does not count; else the first error. Replies stay readable until reset.
 */
int ctrl_batch_submit(struct ctrl_batch *batch);
/* The same as one transaction, repeated while it meets conflicts. All or nothing. */
int ctrl_batch_commit(struct ctrl_batch *batch);
/* A negative errno, or the size of the reply; *value (may be NULL) ends with a zero byte. */
int ctrl_batch_reply(const struct ctrl_batch *batch, unsigned int number, const char **value);

/* --- watches --- */

/* Fires at once, then when the node or one below it changes. @introduceDomain, @releaseDomain. */
int ctrl_store_watch(struct ctrl_store *store, const char *path, const char *token);
int ctrl_store_unwatch(struct ctrl_store *store, const char *path, const char *token);

struct ctrl_store_event {
    const char *path;       /* valid until the next call on the store */
    const char *token;
};
/* The next event. Never waits. -EAGAIN: none; wait until the descriptor is readable. */
int ctrl_store_next_event(struct ctrl_store *store, struct ctrl_store_event *event);
/* The same, but waits up to timeout_ms (-1: for ever). -EAGAIN: none came. */
int ctrl_store_wait_event(struct ctrl_store *store, int timeout_ms,
                          struct ctrl_store_event *event);
/* For poll(): readable when there may be an event. Call next_event until -EAGAIN before waiting. */
int ctrl_store_fd(const struct ctrl_store *store);

/* --- domains --- */

int ctrl_store_introduce(struct ctrl_store *store, uint32_t domid, uint64_t mfn, uint32_t port);
int ctrl_store_release(struct ctrl_store *store, uint32_t domid);
int ctrl_store_resume(struct ctrl_store *store, uint32_t domid);
int ctrl_store_set_target(struct ctrl_store *store, uint32_t domid, uint32_t target);
/* 1 or 0. */
int ctrl_store_is_introduced(struct ctrl_store *store, uint32_t domid);
/* "/local/domain/N"; to be freed. */
int ctrl_store_domain_path(struct ctrl_store *store, uint32_t domid, char **path);
/* The control request of xenstored ("print", "help"): its answer; to be freed. */
int ctrl_store_control(struct ctrl_store *store, const char *const *words, unsigned int nr,
                       char **answer);

#endif

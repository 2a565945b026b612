/* SPDX-License-Identifier: BSD-2-Clause */
/* One request: taking it apart, doing it in a step, answering it. */
#ifndef XENSTORED_WIRE_H
#define XENSTORED_WIRE_H

#include <public/io/xs_wire.h>

#include "store.h"

struct request {
    struct conn *conn;
    struct xsd_sockmsg head;
    const char *body;       /* head.len bytes; a zero follows */
    uint32_t take;          /* bytes of a ring that it is the end of */
    struct txn *txn;
    int error;              /* to be told */
    bool keep;              /* what was done stays done even though an error is told */
};

/* Bytes of the whole message; 0: the header is not to be believed, the connection is lost. */
uint32_t wire_size(const struct xsd_sockmsg *head);

/*
 * Not in a step: does a request whole and queues its answer. Negative errno: not even an error
 * could be queued; the request is as if it had not come.
 */
int wire_do(struct request *request);

/* For handlers, in the step. */
void wire_reply(struct request *request, const void *body, size_t len);
void wire_reply_ok(struct request *request);
/* A string, with its zero. */
void wire_reply_text(struct request *request, const char *text);

#define WIRE_WORDS_MAX 16
/*
 * The body's strings, each of which must end with a zero. Returns how many; -EINVAL: the last has
 * no end, or there are more than 'max'.
 */
int wire_words(const struct request *request, const char **words, int max);
/* A decimal number. -EINVAL. */
int wire_number(const char *text, uint64_t most, uint64_t *number);

/* The handlers; 0 when they have replied, or a negative errno to be told. */
int op_directory(struct request *request);
int op_directory_part(struct request *request);
int op_read(struct request *request);
int op_get_perms(struct request *request);
int op_set_perms(struct request *request);
int op_write(struct request *request);
int op_mkdir(struct request *request);
int op_rm(struct request *request);
int op_watch(struct request *request);
int op_unwatch(struct request *request);
int op_reset_watches(struct request *request);
int op_transaction_start(struct request *request);
int op_transaction_end(struct request *request);
int op_introduce(struct request *request);
int op_release(struct request *request);
int op_resume(struct request *request);
int op_set_target(struct request *request);
int op_is_domain_introduced(struct request *request);
int op_get_domain_path(struct request *request);
int op_control(struct request *request);

#endif

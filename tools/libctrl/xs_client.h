/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files of the xenstore client share. */
#ifndef CTRL_XS_CLIENT_H
#define CTRL_XS_CLIENT_H

#include "xs_wire.h"

/*
 * Sends a request, waits for its reply. reply may be NULL: only whether it worked. An error reply
 * becomes its negative errno, with ctrl_error() set; the first piece is then named.
 */
int store_request(struct ctrl_store *store, uint32_t type, uint32_t tx,
                  const struct piece *pieces, unsigned int nr, struct message **reply);

/* Sets the error for an error reply; returns its negative errno. */
int store_reply_error(struct ctrl_store *store, const struct message *reply, uint32_t type,
                      const char *path);

/* Permissions as the wire has them, with their zero bytes. Returns the size; -E2BIG. */
int store_format_perms(const struct ctrl_store_perm *perms, unsigned int nr, char *text,
                       size_t room);

#endif

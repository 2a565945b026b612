/* SPDX-License-Identifier: BSD-2-Clause */
/* Who may do what with a node. */
#ifndef XENSTORED_PERM_H
#define XENSTORED_PERM_H

#include "store.h"

#define PERM_TEXT_MAX 16

/* What a connection may: PERM_ bits. */
unsigned int perm_of(const struct conn *conn, const struct content *content);

/* One permission in text, as "r5". -EINVAL. */
int perm_parse(const char *text, struct perm *perm);
/* Returns the length, without the zero. */
int perm_format(const struct perm *perm, char text[PERM_TEXT_MAX]);

#endif

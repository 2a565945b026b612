/* SPDX-License-Identifier: BSD-2-Clause */
/* Clients in this domain: the listening socket, and one turn of serving one of them. */
#ifndef XENSTORED_SOCKET_H
#define XENSTORED_SOCKET_H

#include "peer.h"

/* Negative errno, and a sentence is logged. */
int socket_listen(const char *path);
/* Takes one more client from the listening socket. Only root is served. */
void socket_accept(int listener);

/* Sends what waits, and does some requests. True: there may be more to do. */
bool socket_turn(struct peer *peer);

/* What was received and not yet done goes into the arena, for the next program; and back. */
int socket_keep_input(struct peer *peer);
int socket_take_over(struct conn *conn);

#endif

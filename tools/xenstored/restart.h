/* SPDX-License-Identifier: BSD-2-Clause */
/* A planned restart: the program, or a newer one, takes over the store and all connections. */
#ifndef XENSTORED_RESTART_H
#define XENSTORED_RESTART_H

#include <stdbool.h>

#define RESTART_OPTION "--take-over="

/* At the start: how this program was called. */
void restart_note(int argc, char **argv);
/*
 * Which program is to be next: NULL, the file that this one came from. -ENOENT: no such program;
 * -EPROTO: it cannot take over this store.
 */
int restart_choose(const char *program);
/* What restart_choose() chose. */
const char *restart_program(void);

/*
 * Becomes the next program, which gets the listening socket. Returns only if that failed: all goes
 * on as before. A sentence is logged.
 */
void restart_now(int listener);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/* The daemon's work: what it listens to, and one round of serving it. */
#ifndef CONSOLED_SERVE_H
#define CONSOLED_SERVE_H

struct daemon;

/* loop, ctrl and options are set. -errno after a message: nothing can be done without events. */
int serve_start(struct daemon *daemon);
/* Lets go of all guests; they go on, and wait when their rings are full. */
void serve_stop(struct daemon *daemon);
/* Wait, at most so long (-1: until something happens), and serve what happened. */
void serve_round(struct daemon *daemon, int timeout_ms);
void serve_reopen_logs(struct daemon *daemon);

#endif

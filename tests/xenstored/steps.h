/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Requests done directly, without sockets or rings; each step first done and undone, and what is
 * then in the arena compared with what was there before. Linked with --wrap=arena_run and
 * --wrap=arena_run_relief.
 */
#ifndef TEST_STEPS_H
#define TEST_STEPS_H

#include "store.h"

#define STEPS_CLIENTS 6

/* A new store in a temporary file, with clients: 0 and 1 in dom0, the others in 5, 6, 7, 8. */
void steps_begin(void);
void steps_end(void);

extern struct conn *steps_client[STEPS_CLIENTS];

/* Does a request; returns its errno, or 0. */
int steps_do(unsigned int client, uint32_t type, uint32_t txn, const char *body, uint32_t len);
/* Takes up to so many (at most 65536) bytes that wait for a client; or all. Returns how many. */
size_t steps_take(unsigned int client, size_t most);
void steps_drain(unsigned int client);
/* The store's own check; ends the program if it fails. */
void steps_check(void);
/* As if the process had died here and another one taken over. */
void steps_die(void);

/* Whether steps are tried out and compared first. */
extern bool steps_compare;
extern unsigned long steps_compared;

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/* What the store and the hypervisor say about domains; it decides which consoles there are. */
#ifndef CONSOLED_STORE_H
#define CONSOLED_STORE_H

#include <stdint.h>

struct daemon;

/*
 * Connect to xenstored and watch for domains. Without one the daemon goes on with the guests that
 * it has, and tries again from time to time. -errno: no xenstored yet.
 */
int store_start(struct daemon *daemon);
void store_stop(struct daemon *daemon);

/* What the store has told; what is due. To be called after each round. */
void store_work(struct daemon *daemon);

/* Milliseconds until store_work() has something to do; -1: nothing. */
int store_due(const struct daemon *daemon);

/* Write where a guest's console can be read: its tool reads it, the guest may not write it. */
int store_tell_tty(struct daemon *daemon, uint32_t domid, const char *path);

#endif

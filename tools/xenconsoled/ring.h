/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The page that a guest's console shares with us. The guest can write all of it at any time, so
 * each index is read once and checked; a distance that is not possible counts as "nothing to do".
 */
#ifndef CONSOLED_RING_H
#define CONSOLED_RING_H

#include <stddef.h>

struct xencons_interface;

#define RING_OUT_SIZE 2048
#define RING_IN_SIZE  1024

/* Take all that the guest has written: at most RING_OUT_SIZE bytes. Returns how many. */
size_t ring_take(struct xencons_interface *ring, char buffer[RING_OUT_SIZE]);

/* How many bytes the guest would take now. */
size_t ring_space(struct xencons_interface *ring);

/* Give the guest bytes; returns how many it took. */
size_t ring_put(struct xencons_interface *ring, const char *data, size_t size);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/* The daemon's one loop: descriptors and what to do when they are ready. */
#ifndef CONSOLED_LOOP_H
#define CONSOLED_LOOP_H

#include <stdint.h>

struct loop {
    int epoll;
};

/*
 * Embedded in whatever owns the descriptor. An owner that has been removed must stay in memory
 * until loop_wait() returns: events that were already fetched are then dropped by 'events'.
 */
struct loop_source {
    int fd;
    uint32_t events; /* EPOLLIN, EPOLLOUT; 0: not in the loop */
    void (*ready)(struct loop_source *source, uint32_t events);
};

/* -errno. */
int loop_init(struct loop *loop);
void loop_fini(struct loop *loop);

/* Wait for these events from now on; 0: for none, not even a hang-up. -ENOMEM, -ENOSPC. */
int loop_set(struct loop *loop, struct loop_source *source, uint32_t events);

/* Wait up to timeout_ms (-1: without end) and serve what is ready, each source once. */
void loop_wait(struct loop *loop, int timeout_ms);

/* Milliseconds of the clock that no one sets. */
uint64_t loop_now_ms(void);

#endif

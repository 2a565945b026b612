/* SPDX-License-Identifier: BSD-2-Clause */
/* The daemon's one loop, over epoll. */
#include "loop.h"

#include <errno.h>
#include <stddef.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#define ROUND 64

int loop_init(struct loop *loop)
{
    loop->epoll = epoll_create1(EPOLL_CLOEXEC);
    return loop->epoll < 0 ? -errno : 0;
}

void loop_fini(struct loop *loop)
{
    close(loop->epoll);
}

int loop_set(struct loop *loop, struct loop_source *source, uint32_t events)
{
    struct epoll_event event = { .events = events, .data.ptr = source };
    int op = EPOLL_CTL_MOD;

    if (source->events == events)
        return 0;
    if (!source->events)
        op = EPOLL_CTL_ADD;
    else if (!events)
        op = EPOLL_CTL_DEL;
    if (epoll_ctl(loop->epoll, op, source->fd, &event) < 0)
        return -errno;
    source->events = events;
    return 0;
}

void loop_wait(struct loop *loop, int timeout_ms)
{
    struct epoll_event events[ROUND];
    int nr = epoll_wait(loop->epoll, events, ROUND, timeout_ms);

    for (int i = 0; i < nr; i++) {
        struct loop_source *source = events[i].data.ptr;

        if (source->events)
            source->ready(source, events[i].events);
    }
}

uint64_t loop_now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

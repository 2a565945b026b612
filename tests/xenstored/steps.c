/* SPDX-License-Identifier: BSD-2-Clause */
/* See steps.h. */
#include "steps.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conn.h"
#include "domain.h"
#include "peer.h"
#include "wire.h"

#define HEAP_START 0x4000000UL

struct conn *steps_client[STEPS_CLIENTS];
bool steps_compare = true;
unsigned long steps_compared;

static char path[64];
static char *copy;
static size_t copy_size;

int __real_arena_run(int (*step)(void *arg), void *arg);
int __wrap_arena_run(int (*step)(void *arg), void *arg);
int __real_arena_run_relief(int (*step)(void *arg), void *arg);
int __wrap_arena_run_relief(int (*step)(void *arg), void *arg);

/* What is in a free block behind its head means nothing. */
static void blank(void *block, size_t size, void *arg)
{
    char *heap = arg;

    memset(heap + ((uintptr_t)block - ARENA_BASE - HEAP_START) + 16, 0, size - 16);
}

static void copy_heap(char *to, size_t bytes)
{
    memcpy(to, (char *)ARENA_BASE + HEAP_START, bytes);
    arena_each_free(blank, to);
}

static void compare(const char *then, const char *now, size_t bytes)
{
    for (size_t i = 0; memcmp(then, now, bytes) && i < bytes; i++) {
        if (then[i] != now[i]) {
            fprintf(stderr, "ERROR: undone, but byte %zx of the heap was %02x and is %02x\n", i,
                    (unsigned char)then[i], (unsigned char)now[i]);
            abort();
        }
    }
    steps_compared++;
}

static void try_out(int (*step)(void *arg), void *arg)
{
    size_t bytes = arena_heap_bytes();

    if (bytes > copy_size) {
        copy_size = bytes * 2;
        copy = realloc(copy, copy_size * 2);
    }
    copy_heap(copy, bytes);
    arena_try(step, arg);
    peers_settle(false);
    if (bytes != arena_heap_bytes()) {
        abort();
    }
    copy_heap(copy + copy_size, bytes);
    compare(copy, copy + copy_size, bytes);
}

int __wrap_arena_run(int (*step)(void *arg), void *arg)
{
    if (steps_compare && store && arena_root()) {
        try_out(step, arg);
    }
    return __real_arena_run(step, arg);
}

int __wrap_arena_run_relief(int (*step)(void *arg), void *arg)
{
    if (steps_compare && store && arena_root()) {
        try_out(step, arg);
    }
    return __real_arena_run_relief(step, arg);
}

static int add_client(void *arg)
{
    unsigned int client = *(unsigned int *)arg;
    uint32_t domid = client < 2 ? 0 : client + 3;
    struct domain *d = domain_find(domid);

    if (!d) {
        d = domain_make(domid, false);
    }
    steps_client[client] = conn_make(client < 2 ? CONN_SOCKET : CONN_RING, d);
    if (client >= 2) {
        SET(d->conn, steps_client[client]);
    }
    return 0;
}

void steps_begin(void)
{
    enum arena_found found;

    snprintf(path, sizeof(path), "/dev/shm/xenstored-steps-%d", (int)getpid());
    unlink(path);
    if (arena_open(path, &found) || found != ARENA_NEW || store_create()) {
        abort();
    }
    for (unsigned int i = 0; i < STEPS_CLIENTS; i++) {
        __real_arena_run(add_client, &i);
    }
}

void steps_end(void)
{
    store = NULL;
    arena_close();
    unlink(path);
    free(copy);
    copy = NULL;
    copy_size = 0;
}

int steps_do(unsigned int client, uint32_t type, uint32_t txn, const char *body, uint32_t len)
{
    char whole[XENSTORE_PAYLOAD_MAX + 1];
    struct request request = {
        .conn = steps_client[client], .body = whole,
        .head = { .type = type, .req_id = 1, .tx_id = txn, .len = len },
    };

    memcpy(whole, body, len);
    whole[len] = '\0';
    return wire_do(&request) ? ENOSPC : request.error;
}

struct sent {
    struct conn *conn;
    size_t bytes;
};

static int sent_step(void *arg)
{
    struct sent *sent = arg;

    conn_sent(sent->conn, sent->bytes);
    return 0;
}

size_t steps_take(unsigned int client, size_t most)
{
    static char bytes[65536];
    struct sent sent = { .conn = steps_client[client] };

    sent.bytes = conn_peek(sent.conn, bytes, most);
    if (sent.bytes) {
        arena_run(sent_step, &sent);
    }
    return sent.bytes;
}

void steps_drain(unsigned int client)
{
    while (steps_take(client, 65536)) {
    }
}

void steps_check(void)
{
    char why[512];

    if (!store_check(why, sizeof(why))) {
        fprintf(stderr, "ERROR: %s\n", why);
        abort();
    }
}

void steps_die(void)
{
    enum arena_found found;

    arena_close();
    if (arena_open(path, &found) || found != ARENA_OLD || store_adopt()) {
        abort();
    }
}

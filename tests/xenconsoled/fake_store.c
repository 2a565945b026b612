/* SPDX-License-Identifier: BSD-2-Clause */
/* A stand-in for libctrl's client of xenstored: nodes, watches and batches, all in memory. */
#include "fake_store.h"

#include "fake_ctrl.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <libctrl/store.h>

#define NODES   (FAKE_DOMAINS * 6)
#define WATCHES (FAKE_DOMAINS + 2)
#define EVENTS  4096

bool fake_store_down;
unsigned int fake_batches;

static struct {
    char path[64], value[64], perms[32];
} nodes[NODES];
static unsigned int nr_nodes;

static struct watch {
    char path[64], token[16];
} watches[WATCHES];
static unsigned int nr_watches;

static struct {
    char path[64], token[16];
} events[EVENTS];
static unsigned int first_event, end_event;

static int store_pipe[2] = { -1, -1 };

struct ctrl_batch {
    unsigned int nr;
    const char *values[8];
};

void fake_store_reset(void)
{
    nr_nodes = nr_watches = first_event = end_event = 0;
    fake_store_down = false;
}

static unsigned int find(const char *path)
{
    unsigned int i;

    for (i = 0; i < nr_nodes && strcmp(nodes[i].path, path) != 0; i++)
        continue;
    return i;
}

const char *fake_store_get(const char *path)
{
    unsigned int i = find(path);

    return i < nr_nodes ? nodes[i].value : NULL;
}

const char *fake_store_perms(const char *path)
{
    unsigned int i = find(path);

    return i < nr_nodes ? nodes[i].perms : NULL;
}

static void queue_event(const struct watch *watch, const char *path)
{
    if (store_pipe[1] < 0)
        return;
    snprintf(events[end_event % EVENTS].path, sizeof(events[0].path), "%s", path);
    snprintf(events[end_event % EVENTS].token, sizeof(events[0].token), "%s", watch->token);
    end_event++;
    if (write(store_pipe[1], "", 1) < 0)
        abort();
}

void fake_store_fire(const char *path)
{
    for (unsigned int i = 0; i < nr_watches; i++)
        if (strncmp(path, watches[i].path, strlen(watches[i].path)) == 0)
            queue_event(&watches[i], path);
}

void fake_store_set(const char *path, const char *value)
{
    unsigned int i = find(path);

    if (i == NODES)
        abort();
    nr_nodes += i == nr_nodes;
    snprintf(nodes[i].path, sizeof(nodes[i].path), "%s", path);
    snprintf(nodes[i].value, sizeof(nodes[i].value), "%s", value);
    fake_store_fire(path);
}

/* --- libctrl/store.h --- */

int ctrl_store_open(struct ctrl *ctrl, struct ctrl_store **store)
{
    (void)ctrl;
    if (fake_store_down)
        return -ECONNREFUSED;
    if (pipe2(store_pipe, O_NONBLOCK | O_CLOEXEC) < 0)
        return -errno;
    nr_watches = first_event = end_event = 0;
    *store = (struct ctrl_store *)store_pipe;
    return 0;
}

void ctrl_store_close(struct ctrl_store *store)
{
    (void)store;
    close(store_pipe[0]);
    close(store_pipe[1]);
    store_pipe[0] = store_pipe[1] = -1;
    nr_watches = 0;
}

int ctrl_store_fd(const struct ctrl_store *store)
{
    (void)store;
    return store_pipe[0];
}

int ctrl_store_watch(struct ctrl_store *store, const char *path, const char *token)
{
    struct watch *watch = &watches[nr_watches];

    (void)store;
    if (fake_store_down)
        return -EPIPE;
    if (nr_watches++ == WATCHES)
        abort();
    snprintf(watch->path, sizeof(watch->path), "%s", path);
    snprintf(watch->token, sizeof(watch->token), "%s", token);
    queue_event(watch, path);
    return 0;
}

int ctrl_store_unwatch(struct ctrl_store *store, const char *path, const char *token)
{
    (void)store;
    for (unsigned int i = 0; i < nr_watches; i++) {
        if (strcmp(watches[i].path, path) == 0 && strcmp(watches[i].token, token) == 0) {
            watches[i] = watches[--nr_watches];
            return 0;
        }
    }
    return -ENOENT;
}

int ctrl_store_next_event(struct ctrl_store *store, struct ctrl_store_event *event)
{
    char byte;

    (void)store;
    if (fake_store_down)
        return -EPIPE;
    if (first_event == end_event)
        return -EAGAIN;
    if (read(store_pipe[0], &byte, 1) != 1)
        abort();
    event->path = events[first_event % EVENTS].path;
    event->token = events[first_event % EVENTS].token;
    first_event++;
    return 0;
}

int ctrl_batch_create(struct ctrl_store *store, struct ctrl_batch **batch)
{
    (void)store;
    *batch = calloc(1, sizeof(**batch));
    return *batch ? 0 : -ENOMEM;
}

void ctrl_batch_destroy(struct ctrl_batch *batch)
{
    free(batch);
}

unsigned int ctrl_batch_read(struct ctrl_batch *batch, const char *path)
{
    batch->values[batch->nr] = fake_store_get(path);
    return batch->nr++;
}

unsigned int ctrl_batch_printf(struct ctrl_batch *batch, const char *path, const char *format, ...)
{
    char value[64];
    va_list args;

    va_start(args, format);
    vsnprintf(value, sizeof(value), format, args);
    va_end(args);
    fake_store_set(path, value);
    return batch->nr++;
}

unsigned int ctrl_batch_set_perms(struct ctrl_batch *batch, const char *path,
                                  const struct ctrl_store_perm *perms, unsigned int nr)
{
    char *text = nodes[find(path)].perms;
    size_t used = 0;

    for (unsigned int i = 0; i < nr; i++)
        used += (size_t)snprintf(text + used, sizeof(nodes[0].perms) - used, "%sd%u%c",
                                 i ? " " : "", perms[i].domid,
                                 perms[i].write ? 'w' : perms[i].read ? 'r' : 'n');
    return batch->nr++;
}

int ctrl_batch_submit(struct ctrl_batch *batch)
{
    (void)batch;
    fake_batches++;
    return fake_store_down ? -EPIPE : 0;
}

int ctrl_batch_reply(const struct ctrl_batch *batch, unsigned int number, const char **value)
{
    if (!batch->values[number])
        return -ENOENT;
    *value = batch->values[number];
    return (int)strlen(*value);
}

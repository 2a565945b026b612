/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a request costs beside so many domains: bench COUNT, under valgrind's callgrind, which
 * counts instructions of each operation (bench.py reads them). Each domain has the nodes and
 * watches of a guest with a disk and a network card, and a transaction that is open.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <public/io/xs_wire.h>
#include <valgrind/callgrind.h>

#include "conn.h"
#include "domain.h"
#include "steps.h"

#define REPEAT 50

static uint32_t domains;

static int add_domain(void *arg)
{
    uint32_t domid = *(uint32_t *)arg;
    struct domain *d = domain_make(domid, false);

    SET(d->conn, conn_make(CONN_RING, d));
    return 0;
}

static void request(unsigned int client, uint32_t type, uint32_t txn, const char *path,
                    const char *more)
{
    char body[256];
    int len = snprintf(body, sizeof(body), "%s", path) + 1;

    len += snprintf(body + len, sizeof(body) - (size_t)len, "%s", more);
    if (type == XS_WATCH || type == XS_SET_PERMS) {
        len++;
    }
    if (steps_do(client, type, txn, body, (uint32_t)len)) {
        fprintf(stderr, "request %u failed: %s\n", type, path);
        exit(1);
    }
    steps_drain(0);
    steps_drain(1);
}

static void make_domain(uint32_t domid)
{
    char path[128];

    arena_run(add_domain, &domid);
    for (int i = 0; i < 60; i++) {
        snprintf(path, sizeof(path), "/local/domain/%u/device/%d/%d", domid, i / 10, i);
        request(0, XS_WRITE, 0, path, "value");
    }
    for (int i = 0; i < 12; i++) {
        snprintf(path, sizeof(path), "/local/domain/%u/device/%d", domid, i % 6);
        request(1, XS_WATCH, 0, path, i < 6 ? "one" : "two");
    }
    request(1, XS_TRANSACTION_START, 0, "", "");
    snprintf(path, sizeof(path), "/local/domain/%u/device/0/0", domid);
    request(1, XS_READ, steps_client[1]->next_txn, path, "");
}

static void do_write(int i)
{
    char path[128];

    snprintf(path, sizeof(path), "/local/domain/%u/device/3/3%d", domains / 2 + 10, i % 10);
    request(0, XS_WRITE, 0, path, "changed");
}

static void do_read(int i)
{
    char path[128];

    snprintf(path, sizeof(path), "/local/domain/%u/device/3/3%d", domains / 2 + 10, i % 10);
    request(0, XS_READ, 0, path, "");
}

static void do_make_and_remove(int i)
{
    char path[128];

    snprintf(path, sizeof(path), "/local/domain/%u/new/%d", domains / 2 + 10, i);
    request(0, XS_WRITE, 0, path, "");
    request(0, XS_RM, 0, path, "");
}

static void do_watch(int i)
{
    char path[128], token[16];

    snprintf(path, sizeof(path), "/local/domain/%u/device/2", domains / 2 + 10);
    snprintf(token, sizeof(token), "t%d", i);
    request(0, XS_WATCH, 0, path, token);
}

static void do_transaction(int i)
{
    char path[128];
    uint32_t txn;

    request(0, XS_TRANSACTION_START, 0, "", "");
    txn = steps_client[0]->next_txn;
    for (int n = 0; n < 10; n++) {
        snprintf(path, sizeof(path), "/local/domain/%u/device/4/%d", domains / 2 + 10, 40 + n);
        request(0, n % 2 ? XS_WRITE : XS_READ, txn, path, n % 2 ? "in" : "");
    }
    request(0, XS_TRANSACTION_END, txn, "T", "");
    (void)i;
}

static void measure(const char *name, void (*operation)(int i))
{
    operation(REPEAT);
    CALLGRIND_ZERO_STATS;
    CALLGRIND_TOGGLE_COLLECT;
    for (int i = 0; i < REPEAT; i++) {
        operation(i);
    }
    CALLGRIND_TOGGLE_COLLECT;
    CALLGRIND_DUMP_STATS_AT(name);
}

int main(int argc, char **argv)
{
    domains = argc > 1 ? (uint32_t)atoi(argv[1]) : 10;
    steps_compare = false;
    steps_begin();
    for (uint32_t i = 0; i < domains; i++) {
        make_domain(i + 10);
    }
    measure("read", do_read);
    measure("write", do_write);
    measure("make+remove", do_make_and_remove);
    measure("watch", do_watch);
    measure("transaction", do_transaction);
    printf("%u domains: %zu bytes in use\n", domains, arena_used_bytes());
    steps_end();
    return 0;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The store without sockets: random requests of several clients, of which each is first done and
 * undone; memory that runs out at any place; a process that dies in the middle of a step; the hash
 * table; quotas of memory.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <public/io/xs_wire.h>

#include "conn.h"
#include "domain.h"
#include "peer.h"
#include "ring.h"
#include "steps.h"
#include "tree.h"
#include "txn.h"

static unsigned int seed;

static unsigned int dice(unsigned int sides)
{
    return (unsigned int)rand_r(&seed) % sides;
}

/* --- random requests --- */

static const char *const paths[] = {
    "/", "/a", "/a/b", "/a/b/c", "/a/d", "/e", "/e/f/g/h", "/local/domain/5", "/local/domain/5/x",
    "/local/domain/6/data/y", "data", "data/y", "x", "/tool", "@releaseDomain", "/bad path", "",
};

static const char *any_path(void)
{
    return paths[dice(sizeof(paths) / sizeof(paths[0]))];
}

static uint32_t any_txn(unsigned int client)
{
    const struct conn *conn = steps_client[client];

    if (dice(2) || list_is_empty(&conn->txns)) {
        return dice(20) ? 0 : dice(9);
    }
    return CONTAINER(dice(2) ? conn->txns.next : conn->txns.prev, struct txn, conn_link)->id;
}

static uint32_t put(char *body, uint32_t at, const char *text)
{
    strcpy(body + at, text);
    return at + (uint32_t)strlen(text) + 1;
}

static uint32_t any_perms(char *body, uint32_t at)
{
    for (unsigned int nr = dice(4) + 1; nr; nr--) {
        at += (uint32_t)sprintf(body + at, "%c%u", "nrwb"[dice(4)], dice(3) ? dice(2) + 5 : 0) + 1;
    }
    return at;
}

static uint32_t any_body(uint32_t type, char *body)
{
    uint32_t len = put(body, 0, any_path()), more;
    char word[16];

    switch (type) {
    case XS_WRITE:
        more = dice(3) ? dice(40) : dice(2100);
        memset(body + len, 'v', more);
        return len + more;
    case XS_SET_PERMS:
        return any_perms(body, len);
    case XS_WATCH:
    case XS_UNWATCH:
        sprintf(word, "t%u", dice(4));
        return put(body, len, word);
    case XS_DIRECTORY_PART:
        sprintf(word, "%u", dice(20));
        return put(body, len, word);
    case XS_TRANSACTION_END:
        return put(body, 0, dice(4) ? "T" : "F");
    default:
        return len;
    }
}

static const uint32_t types[] = {
    XS_WRITE, XS_WRITE, XS_WRITE, XS_WRITE, XS_MKDIR, XS_RM, XS_RM, XS_READ, XS_DIRECTORY,
    XS_SET_PERMS, XS_GET_PERMS, XS_WATCH, XS_WATCH, XS_UNWATCH, XS_TRANSACTION_START,
    XS_TRANSACTION_END, XS_TRANSACTION_END, XS_DIRECTORY_PART, XS_RESET_WATCHES,
};

static void any_request(void)
{
    static char body[XENSTORE_PAYLOAD_MAX];
    uint32_t type = types[dice(sizeof(types) / sizeof(types[0]) - (dice(9) ? 1 : 0))];
    unsigned int client = dice(STEPS_CLIENTS);
    uint32_t len = any_body(type, body);

    steps_do(client, type, type == XS_TRANSACTION_START ? 0 : any_txn(client), body, len);
    if (dice(3) == 0) {
        steps_take(client, dice(2) ? dice(400) : 65536);
    }
}

static int drop_client(void *arg)
{
    conn_reset(arg);
    return 0;
}

static void test_random_requests(void **state)
{
    (void)state;
    steps_compare = true;
    for (seed = 1; seed < 200000; seed += 9973) {
        unsigned int start = seed;

        steps_begin();
        for (int i = 0; i < 1200; i++) {
            any_request();
            if (i % 50 == 0) {
                steps_check();
            }
        }
        for (unsigned int i = 0; i < STEPS_CLIENTS; i++) {
            arena_run(drop_client, steps_client[i]);
        }
        steps_check();
        assert_true(list_is_empty(&store->txns) && list_is_empty(&store->versions));
        assert_int_equal(store->entries.items, 0);
        steps_end();
        seed = start;
    }
    assert_true(steps_compared > 20000);
}

/* --- what a client leaves --- */

/* All that clients and domains leave behind is free again. */
static void test_no_leak(void **state)
{
    size_t before = 0;

    (void)state;
    steps_compare = false;
    steps_begin();
    for (int round = 0; round < 6; round++) {
        seed = 7;
        for (int i = 0; i < 3000; i++) {
            any_request();
        }
        for (unsigned int i = 0; i < STEPS_CLIENTS; i++) {
            arena_run(drop_client, steps_client[i]);
        }
        steps_do(0, XS_RM, 0, "/a", 3);
        steps_do(0, XS_RM, 0, "/e", 3);
        steps_do(0, XS_RM, 0, "/local", 7);
        steps_do(0, XS_WRITE, 0, "/", 2);
        steps_do(0, XS_SET_PERMS, 0, "/\0n0", 5);
        steps_do(0, XS_RM, 0, "/tool", 6);
        steps_do(0, XS_MKDIR, 0, "/tool/xenstored", 16);
        steps_do(0, XS_SET_PERMS, 0, "@releaseDomain\0n0", 18);
        steps_drain(0);
        steps_check();
        assert_int_equal(store->nr_nodes, 6);
        assert_int_equal(domain_find(5)->memory, 0);
        if (round > 0) {
            assert_int_equal(arena_used_bytes(), before);
        }
        before = arena_used_bytes();
    }
    steps_end();
}

/* --- no memory --- */

/* Wherever memory runs out, a request is done whole, or refused and undone. */
static void test_out_of_memory(void **state)
{
    unsigned int refused = 0;
    char body[2048] = "";

    (void)state;
    steps_compare = false;
    for (size_t limit = 1; limit <= 3; limit++) {
        steps_begin();
        arena_set_limit(limit << 20);
        seed = (unsigned int)limit;
        for (unsigned int i = 0; i < 9000; i++) {
            int len = sprintf(body, "/full/%u/%u", i % 61, i) + 1;
            uint32_t size = (uint32_t)len + dice(1000);
            int rc = steps_do(0, XS_WRITE, 0, body, size);

            assert_true(rc == 0 || rc == ENOSPC);
            refused += rc == ENOSPC;
            steps_drain(0);
        }
        steps_check();
        assert_int_equal(steps_do(0, XS_RM, 0, "/full", 6), 0);
        steps_drain(0);
        assert_int_equal(steps_do(0, XS_WRITE, 0, "/again\0x", 8), 0);
        steps_check();
        arena_set_limit(0);
        steps_end();
    }
    assert_true(refused > 1000);
}

/* --- death in the middle --- */

static long die_after;

void __real_arena_undo(void *place, size_t size);
void __wrap_arena_undo(void *place, size_t size);

/* Before and after each note the process may end. */
void __wrap_arena_undo(void *place, size_t size)
{
    if (die_after && --die_after == 0) {
        _exit(9);
    }
    __real_arena_undo(place, size);
    if (die_after && --die_after == 0) {
        _exit(9);
    }
}

/* Every node and its value, in the order of the tree. */
static size_t picture(char *to, size_t room)
{
    size_t len = 0;

    for (unsigned int i = 0; i < 30 && len + 200 < room; i++) {
        char path[32];
        struct node *node, *deepest;

        sprintf(path, "/p/%u", i);
        node = tree_find(path, &deepest);
        len += (size_t)sprintf(to + len, "%u=%.*s;", i,
                               node && node->content ? (int)node->content->data_len : 1,
                               node && node->content ? content_data(node->content) : "-");
    }
    return len;
}

/* A transaction that changes 30 nodes: afterwards all of them are changed, or none. */
static int commit_many(unsigned int turn)
{
    char body[64];
    uint32_t txn;

    steps_do(0, XS_TRANSACTION_START, 0, "", 1);
    txn = CONTAINER(steps_client[0]->txns.prev, struct txn, conn_link)->id;
    for (unsigned int i = 0; i < 30; i++) {
        int len = sprintf(body, "/p/%u", i) + 1;

        if (i % 7 == turn % 7) {
            steps_do(0, XS_RM, txn, body, (uint32_t)len);
        } else {
            len += sprintf(body + len, "%u", turn);
            steps_do(0, XS_WRITE, txn, body, (uint32_t)len);
        }
    }
    return steps_do(0, XS_TRANSACTION_END, txn, "T", 2);
}

static void test_death_in_step(void **state)
{
    static char before[8192], now[8192], after[8192];
    unsigned int deaths = 0;
    long at;

    (void)state;
    steps_compare = false;
    steps_begin();
    commit_many(0);
    for (at = 1; ; at += 1 + at / 60) {
        unsigned int turn = (unsigned int)at;
        int status;
        pid_t pid;

        picture(before, sizeof(before));
        pid = fork();
        if (pid == 0) {
            die_after = at;
            commit_many(turn);
            _exit(0);
        }
        waitpid(pid, &status, 0);
        steps_die();
        steps_check();
        picture(now, sizeof(now));
        if (WEXITSTATUS(status) == 0) {
            break;
        }
        assert_int_equal(WEXITSTATUS(status), 9);
        deaths++;
        if (strcmp(now, before) != 0) {
            /* Then it was all of it. */
            arena_run(drop_client, steps_client[0]);
            assert_int_equal(commit_many(turn), 0);
            picture(after, sizeof(after));
            assert_string_equal(now, after);
        }
        arena_run(drop_client, steps_client[0]);
    }
    print_message("%u deaths, the last after %ld notes\n", deaths, at);
    assert_true(deaths > 100);
    steps_end();
}

/* --- death while a ring is served --- */

static struct xenstore_domain_interface *page;

static void ask(uint32_t req_id, uint32_t size)
{
    static char bytes[sizeof(struct xsd_sockmsg) + 400];
    struct xsd_sockmsg head = { .type = XS_WRITE, .req_id = req_id, .len = size };

    memset(bytes, 'v', sizeof(bytes));
    memcpy(bytes, &head, sizeof(head));
    memcpy(bytes + sizeof(head), "/p/0", 5);
    for (uint32_t i = 0; i < sizeof(head) + size; i++) {
        page->req[MASK_XENSTORE_IDX(page->req_prod + i)] = bytes[i];
    }
    page->req_prod += (uint32_t)sizeof(head) + size;
}

/* As a new process does it: the page's counts follow the arena's. */
static void serve(int turns)
{
    struct peer peer = { .fd = -1, .conn = steps_client[2], .ring.page = page };

    steps_client[2]->peer = &peer;
    page->req_cons = steps_client[2]->in_pos;
    page->rsp_prod = steps_client[2]->out_pos;
    while (turns--) {
        ring_turn(&peer);
        peer_take_ready();
    }
    steps_client[2]->peer = NULL;
}

/* The number of the answer at the ring's start, which is taken; 0: there is none. */
static uint32_t take_answer(void)
{
    struct xsd_sockmsg head;

    if (page->rsp_prod == page->rsp_cons) {
        return 0;
    }
    for (uint32_t i = 0; i < sizeof(head); i++) {
        ((char *)&head)[i] = page->rsp[MASK_XENSTORE_IDX(page->rsp_cons + i)];
    }
    page->rsp_cons += (uint32_t)sizeof(head) + head.len;
    return head.req_id;
}

/* Each request is answered once and in order, wherever the process dies. */
static void test_death_in_ring(void **state)
{
    uint32_t asked = 0, answered = 0;
    unsigned int deaths = 0;
    int status = 1;

    (void)state;
    steps_compare = false;
    steps_begin();
    page = mmap(NULL, sizeof(*page), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    steps_do(0, XS_MKDIR, 0, "/p/0", 5);
    steps_do(0, XS_SET_PERMS, 0, "/p/0\0b0", 8);
    for (long at = 1; status; at++) {
        uint32_t number;
        pid_t pid;

        for (int i = 0; i < 3; i++) {
            ask(++asked, 20 + (uint32_t)(at * 7 + i * 90) % 300);
        }
        pid = fork();
        if (pid == 0) {
            die_after = at;
            serve(8);
            _exit(0);
        }
        waitpid(pid, &status, 0);
        deaths += status != 0;
        steps_die();
        serve(8);
        while ((number = take_answer())) {
            assert_int_equal(number, ++answered);
        }
        assert_int_equal(answered, asked);
        steps_check();
    }
    print_message("%u deaths\n", deaths);
    assert_true(deaths > 50);
    steps_end();
    munmap(page, sizeof(*page));
}

/* --- quotas --- */

static void test_memory_quota(void **state)
{
    char body[2100];
    int rc = 0, made = 0;

    (void)state;
    steps_compare = false;
    steps_begin();
    steps_do(0, XS_MKDIR, 0, "/local/domain/5", 16);
    steps_do(0, XS_SET_PERMS, 0, "/local/domain/5\0n5", 19);
    steps_do(0, XS_CONTROL, 0, "quota\0set\0memory\000100000", 24);
    for (made = 0; made < 1000 && !rc; made++) {
        int len = sprintf(body, "n%d", made) + 1;

        rc = steps_do(2, XS_WRITE, 0, body, (uint32_t)len + 1800);
        steps_drain(2);
    }
    assert_int_equal(rc, ENOSPC);
    assert_in_range(made, 40, 56);
    /* Also what only a transaction holds counts. */
    steps_do(2, XS_RM, 0, "n1", 3);
    steps_drain(2);
    assert_int_equal(steps_do(2, XS_TRANSACTION_START, 0, "", 1), 0);
    for (made = 0, rc = 0; made < 100 && !rc; made++) {
        rc = steps_do(2, XS_WRITE, 1, body, (uint32_t)sprintf(body, "t%d", made) + 1800);
    }
    assert_in_range(domain_find(5)->memory, 90000, 110000);
    steps_check();
    steps_end();
}

/* --- the hash table --- */

struct thing {
    struct hash_item item;
    uint64_t key;
};

static int fill_table(void *arg)
{
    struct hash_table *table = arena_alloc(sizeof(*table));
    struct thing **things = arg;

    hash_init(table);
    for (uint64_t i = 0; i < 20000; i++) {
        struct thing *thing = arena_alloc(sizeof(*thing));
        uint64_t key[2] = { 1, 2 };

        thing->key = i;
        things[i] = thing;
        hash_insert(table, &thing->item, hash_bytes(key, i, "name", 4));
        if (i % 3 == 0) {
            hash_remove(table, &thing->item);
        }
    }
    for (uint64_t i = 0; i < 20000; i++) {
        const struct hash_item *item = hash_chain(table, things[i]->item.hash);
        unsigned int length = 0;

        while (item && item != &things[i]->item) {
            item = item->next;
            assert_true(++length < 12);
        }
        assert_int_equal(item != NULL, i % 3 != 0);
    }
    return table->items == 20000 - 6667 ? 0 : -1;
}

static void test_hash_table(void **state)
{
    struct thing **things = calloc(20000, sizeof(*things));

    (void)state;
    steps_compare = false;
    steps_begin();
    assert_int_equal(arena_run(fill_table, things), 0);
    steps_end();
    free(things);
}

/* The reference implementation's vectors are of SipHash-2-4; this one's are its own, and fixed. */
static void test_hash_spreads(void **state)
{
    const uint64_t key[2] = { 0x0706050403020100ULL, 0x0f0e0d0c0b0a0908ULL };
    unsigned int ones = 0;

    (void)state;
    for (unsigned int i = 0; i < 1000; i++) {
        char name[16];
        int len = sprintf(name, "%u", i);

        ones += (unsigned int)__builtin_popcountll(hash_bytes(key, 0, name, (size_t)len) ^
                                                   hash_bytes(key, 1, name, (size_t)len));
    }
    assert_in_range(ones, 31000, 33000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hash_table),
        cmocka_unit_test(test_hash_spreads),
        cmocka_unit_test(test_memory_quota),
        cmocka_unit_test(test_death_in_step),
        cmocka_unit_test(test_death_in_ring),
        cmocka_unit_test(test_out_of_memory),
        cmocka_unit_test(test_no_leak),
        cmocka_unit_test(test_random_requests),
    };

    return cmocka_run_group_tests_name("store", tests, NULL, NULL);
}

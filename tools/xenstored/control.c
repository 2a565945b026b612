/* SPDX-License-Identifier: BSD-2-Clause */
/* The CONTROL request: what xenstore-control asks. */
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "domain.h"
#include "log.h"
#include "loop.h"
#include "quota.h"
#include "restart.h"
#include "wire.h"

#define WORDS_MAX 8

struct text {
    char bytes[XENSTORE_PAYLOAD_MAX];
    size_t len;
};

static void add(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void add(struct text *text, const char *format, ...)
{
    va_list ap;
    int len;

    va_start(ap, format);
    len = vsnprintf(text->bytes + text->len, sizeof(text->bytes) - text->len, format, ap);
    va_end(ap);
    text->len += (size_t)len;
    if (text->len >= sizeof(text->bytes)) {
        text->len = sizeof(text->bytes) - 1;
    }
}

static int reply(struct request *request, struct text *text)
{
    wire_reply(request, text->bytes, text->len + 1);
    return 0;
}

/* --- quotas --- */

static void add_use(struct text *text, const char *name, uint64_t use)
{
    add(text, "%-16s: %8" PRIu64 "\n", name, use);
}

static int show_domain(struct request *request, const char *word)
{
    struct text text = { .len = 0 };
    const struct domain *d;
    uint64_t domid;
    int rc = wire_number(word, DOMID_LIMIT - 1, &domid);

    if (rc) {
        return rc;
    }
    d = domain_find((uint32_t)domid);
    if (!d) {
        return -ENOENT;
    }
    add(&text, "Domain %u:\n", d->domid);
    add_use(&text, "nodes", d->nr_nodes);
    add_use(&text, "watches", d->nr_watches);
    add_use(&text, "transactions", d->conn ? d->conn->nr_txns : 0);
    add_use(&text, "outstanding", d->conn ? d->conn->out_replies : 0);
    add_use(&text, "memory", d->memory);
    return reply(request, &text);
}

static uint64_t larger(uint64_t one, uint64_t other)
{
    return one > other ? one : other;
}

static int show_most(struct request *request)
{
    struct text text = { .len = 0 };
    uint64_t most[5] = { 0 };

    for (uint32_t domid = 0; domid < DOMID_LIMIT; domid++) {
        const struct domain *d = domain_find(domid);

        if (d) {
            most[0] = larger(most[0], d->max_nodes);
            most[1] = larger(most[1], d->max_watches);
            most[2] = larger(most[2], d->max_txns);
            most[3] = larger(most[3], d->max_outstanding);
            most[4] = larger(most[4], d->max_memory);
        }
    }
    add(&text, "Most that any domain used:\n");
    add_use(&text, "nodes", most[0]);
    add_use(&text, "watches", most[1]);
    add_use(&text, "transactions", most[2]);
    add_use(&text, "outstanding", most[3]);
    add_use(&text, "memory", most[4]);
    return reply(request, &text);
}

static int show_limits(struct request *request)
{
    struct text text = { .len = 0 };

    add(&text, "Quota settings:\n");
    for (int kind = 0; kind < QUOTA_COUNT; kind++) {
        add(&text, "%-17s: %8" PRIu64 " %s\n", quota_name(kind), store->quota[kind],
            quota_meaning(kind));
    }
    return reply(request, &text);
}

static int do_quota(struct request *request, const char *const *words, int nr)
{
    enum quota_kind kind;
    uint64_t limit;

    if (nr == 1) {
        return show_limits(request);
    }
    if (nr == 2 && strcmp(words[1], "max") == 0) {
        return show_most(request);
    }
    if (nr == 2) {
        return show_domain(request, words[1]);
    }
    if (nr != 4 || strcmp(words[1], "set") != 0 || quota_find(words[2], &kind) ||
        wire_number(words[3], INT32_MAX, &limit)) {
        return -EINVAL;
    }
    SET(store->quota[kind], limit);
    wire_reply_ok(request);
    return 0;
}

/* --- the rest --- */

static int do_check(struct request *request, const char *const *words, int nr)
{
    char why[512];

    (void)words;
    if (nr != 1) {
        return -EINVAL;
    }
    if (store_check(why, sizeof(why))) {
        wire_reply_ok(request);
    } else {
        log_say("The store is damaged: %s.", why);
        wire_reply_text(request, why);
    }
    return 0;
}

static int do_log(struct request *request, const char *const *words, int nr)
{
    int rc = -EINVAL;

    if (nr == 2 && strcmp(words[1], "on") == 0) {
        rc = log_trace_to("/var/log/xen/xenstored-trace.log");
    } else if (nr == 2 && strcmp(words[1], "off") == 0) {
        rc = log_trace_to(NULL);
    }
    if (!rc) {
        wire_reply_ok(request);
    }
    return rc;
}

static int do_logfile(struct request *request, const char *const *words, int nr)
{
    int rc = nr == 2 ? log_trace_to(words[1]) : -EINVAL;

    if (!rc) {
        wire_reply_ok(request);
    }
    return rc;
}

static int do_memreport(struct request *request, const char *const *words, int nr)
{
    struct text text = { .len = 0 };

    (void)words;
    if (nr != 1) {
        return -EINVAL;
    }
    add(&text, "%zu bytes of state file, %zu in use\n", arena_file_bytes(), arena_used_bytes());
    add(&text, "%u nodes, %u places of nodes, %u domains, %u restarts\n", store->nr_nodes,
        store->nodes.items, store->nr_domains, store->restarts);
    return reply(request, &text);
}

static int do_print(struct request *request, const char *const *words, int nr)
{
    if (nr != 2) {
        return -EINVAL;
    }
    log_say("control: %s", words[1]);
    wire_reply_ok(request);
    return 0;
}

static int choose(struct request *request, const char *program)
{
    struct text text = { .len = 0 };
    int rc = restart_choose(program);

    if (rc == -EPROTO) {
        add(&text, "%s cannot take over this store: it knows another layout of the state file "
            "(this one is %u)", program, ARENA_LAYOUT);
        return reply(request, &text);
    }
    if (rc) {
        return rc;
    }
    wire_reply_ok(request);
    return 0;
}

/* The words that xenstore-control sends, one step a request. */
static int do_live_update(struct request *request, const char *const *words, int nr)
{
    if (nr == 3 && strcmp(words[1], "-f") == 0) {
        return choose(request, words[2]);
    }
    if (nr >= 2 && strcmp(words[1], "-s") == 0) {
        /* Nothing has to be waited for: open transactions go along. */
        wire_reply_ok(request);
        loop_restart();
        return 0;
    }
    if (nr == 2 && strcmp(words[1], "-a") == 0) {
        wire_reply_ok(request);
        return restart_choose(NULL);
    }
    if (nr == 3 && strcmp(words[1], "-c") == 0) {
        wire_reply_text(request, "-c is not supported: the command line stays as it is");
        return 0;
    }
    return -EINVAL;
}

static int do_help(struct request *request, const char *const *words, int nr);

static const struct command {
    const char *name;
    int (*handler)(struct request *request, const char *const *words, int nr);
    const char *arguments;
} commands[] = {
    { "check", do_check, "" },
    { "log", do_log, "on|off" },
    { "live-update", do_live_update, "[-F] [-t <timeout>] <file>" },
    { "logfile", do_logfile, "<file>" },
    { "memreport", do_memreport, "" },
    { "print", do_print, "<string>" },
    { "quota", do_quota, "[set <name> <val>|<domid>|max]" },
    { "help", do_help, "" },
};

#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

static int do_help(struct request *request, const char *const *words, int nr)
{
    struct text text = { .len = 0 };

    (void)words;
    (void)nr;
    for (size_t i = 0; i < COMMANDS; i++) {
        add(&text, "%s\t%s\n", commands[i].name, commands[i].arguments);
    }
    return reply(request, &text);
}

int op_control(struct request *request)
{
    const char *words[WORDS_MAX];
    int nr = wire_words(request, words, WORDS_MAX);

    for (size_t i = 0; nr > 0 && i < COMMANDS; i++) {
        if (strcmp(words[0], commands[i].name) == 0) {
            return commands[i].handler(request, words, nr);
        }
    }
    return -EINVAL;
}

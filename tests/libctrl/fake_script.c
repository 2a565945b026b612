/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A host from a file, one fact a line; words are separated by blanks, # begins a comment:
 *
 *     host cpus=8 nodes=2 threads=2 cores=4 free=PAGES hvm=0|1
 *     domain ID NAME PAGES VCPUS [online=N] [time=NS] [pool=N] [weight=N] [cap=N] [max=PAGES]
 *            [paused] [blocked] [running] [dying] [shutdown=REASON] [uuid=32 HEX DIGITS]
 *     vcpu DOMID NUMBER [online=0|1] [time=NS] [cpu=N] [hard=HEX] [soft=HEX] [blocked] [running]
 *     pool ID credit|credit2|rtds HEX
 *     store PATH VALUE            (the rest of the line)
 *     message TEXT                (of the hypervisor; the rest of the line)
 *
 * A domain that exists (0) is changed. Its CPU time is that of its first vCPU.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fake.h"

/* The value of "key=..." if word is that. */
static const char *value_of(const char *word, const char *key)
{
    size_t length = strlen(key);

    return strncmp(word, key, length) == 0 && word[length] == '=' ? word + length + 1 : NULL;
}

static bool number_of(const char *word, const char *key, int base, uint64_t *number)
{
    const char *value = value_of(word, key);

    if (value) {
        *number = strtoull(value, NULL, base);
    }
    return value != NULL;
}

static bool read_uuid(const char *word, uint8_t uuid[16])
{
    const char *value = value_of(word, "uuid");
    unsigned int i, byte;

    for (i = 0; value && i < 16; i++) {
        if (sscanf(value + 2 * i, "%2x", &byte) != 1) {
            return false;
        }
        uuid[i] = (uint8_t)byte;
    }
    return value != NULL;
}

static bool host_word(const char *word)
{
    uint64_t n;

    if (number_of(word, "cpus", 0, &n)) {
        fake.nr_cpus = (uint32_t)n;
        fake.pools[0].cpus = n < 64 ? (1ull << n) - 1 : UINT64_MAX;
    } else if (number_of(word, "nodes", 0, &n)) {
        fake.nr_nodes = (uint32_t)n;
    } else if (number_of(word, "threads", 0, &n)) {
        fake.threads_per_core = (uint32_t)n;
    } else if (number_of(word, "cores", 0, &n)) {
        fake.cores_per_socket = (uint32_t)n;
    } else if (number_of(word, "free", 0, &n)) {
        fake.free_pages = n;
    } else if (number_of(word, "hvm", 0, &n)) {
        fake.hvm = n;
    } else {
        return false;
    }
    return true;
}

static void set_online(struct fake_domain *d, uint64_t nr)
{
    uint32_t i;

    for (i = 0; i < d->max_vcpus; i++) {
        d->vcpus[i].online = i < nr;
    }
}

static bool domain_state(struct fake_domain *d, const char *word)
{
    if (strcmp(word, "paused") == 0) {
        d->pauses = 1;
    } else if (strcmp(word, "blocked") == 0) {
        d->blocked = true;
    } else if (strcmp(word, "running") == 0) {
        d->running = true;
    } else if (strcmp(word, "dying") == 0) {
        d->dying = true;
    } else {
        return read_uuid(word, d->uuid);
    }
    return true;
}

static bool domain_word(struct fake_domain *d, const char *word)
{
    uint64_t n;

    if (number_of(word, "online", 0, &n)) {
        set_online(d, n);
    } else if (number_of(word, "time", 0, &n)) {
        d->vcpus[0].time_ns = n;
    } else if (number_of(word, "pool", 0, &n)) {
        d->pool = (uint32_t)n;
    } else if (number_of(word, "weight", 0, &n)) {
        d->weight = (uint32_t)n;
    } else if (number_of(word, "cap", 0, &n)) {
        d->cap = (uint32_t)n;
    } else if (number_of(word, "max", 0, &n)) {
        d->max_pages = n;
    } else if (number_of(word, "shutdown", 0, &n)) {
        d->shutdown = true;
        d->shutdown_reason = (uint32_t)n;
    } else {
        return domain_state(d, word);
    }
    return true;
}

static bool vcpu_word(struct fake_vcpu *v, const char *word)
{
    uint64_t n;

    if (number_of(word, "online", 0, &n)) {
        v->online = n;
    } else if (number_of(word, "time", 0, &n)) {
        v->time_ns = n;
    } else if (number_of(word, "cpu", 0, &n)) {
        v->cpu = (uint32_t)n;
    } else if (number_of(word, "hard", 16, &n)) {
        v->hard = n;
    } else if (number_of(word, "soft", 16, &n)) {
        v->soft = n;
    } else if (strcmp(word, "blocked") == 0) {
        v->blocked = true;
    } else if (strcmp(word, "running") == 0) {
        v->running = true;
    } else {
        return false;
    }
    return true;
}

static bool domain_line(void)
{
    char *words[4], *word;
    struct fake_domain *d;
    unsigned int i;
    uint32_t id;

    for (i = 0; i < 4; i++) {
        words[i] = strtok(NULL, " \t\n");
        if (!words[i]) {
            return false;
        }
    }
    id = (uint32_t)strtoul(words[0], NULL, 0);
    d = fake_domain(id);
    if (!d) {
        d = fake_domain_add(id, words[1], strtoull(words[2], NULL, 0),
                            (uint32_t)strtoul(words[3], NULL, 0));
    }
    while (d && (word = strtok(NULL, " \t\n"))) {
        if (!domain_word(d, word)) {
            return false;
        }
    }
    return d != NULL;
}

static bool vcpu_line(void)
{
    const char *id = strtok(NULL, " \t\n"), *vcpu = strtok(NULL, " \t\n"), *word;
    struct fake_domain *d = id ? fake_domain((uint32_t)strtoul(id, NULL, 0)) : NULL;
    unsigned long number = vcpu ? strtoul(vcpu, NULL, 0) : ~0ul;

    if (!d || number >= d->max_vcpus) {
        return false;
    }
    while ((word = strtok(NULL, " \t\n"))) {
        if (!vcpu_word(&d->vcpus[number], word)) {
            return false;
        }
    }
    return true;
}

static bool pool_line(void)
{
    const char *id = strtok(NULL, " \t\n"), *sched = strtok(NULL, " \t\n");
    const char *cpus = strtok(NULL, " \t\n");
    unsigned long number = id ? strtoul(id, NULL, 0) : FAKE_POOLS;

    if (!sched || !cpus || number >= FAKE_POOLS) {
        return false;
    }
    fake.pools[number] = (struct fake_pool){
        true, strcmp(sched, "credit") == 0 ? XEN_SCHEDULER_CREDIT :
              strcmp(sched, "rtds") == 0 ? XEN_SCHEDULER_RTDS : XEN_SCHEDULER_CREDIT2,
        strtoull(cpus, NULL, 16), 30, 1000, 0,
    };
    return true;
}

static bool text_line(bool store)
{
    const char *path = store ? strtok(NULL, " \t\n") : NULL;
    const char *text = strtok(NULL, "\n");
    size_t used = strlen(fake.console);

    if (store) {
        fake_store_set(path ? path : "/", text ? text : "");
        return path != NULL;
    }
    snprintf(fake.console + used, sizeof(fake.console) - used, "%s\n", text ? text : "");
    return true;
}

static bool script_line(char *line)
{
    const char *what = strtok(line, " \t\n"), *word;

    if (!what || what[0] == '#') {
        return true;
    }
    if (strcmp(what, "host") == 0) {
        while ((word = strtok(NULL, " \t\n"))) {
            if (!host_word(word)) {
                return false;
            }
        }
        return true;
    }
    return (strcmp(what, "domain") == 0 && domain_line()) ||
           (strcmp(what, "vcpu") == 0 && vcpu_line()) ||
           (strcmp(what, "pool") == 0 && pool_line()) ||
           (strcmp(what, "store") == 0 && text_line(true)) ||
           (strcmp(what, "message") == 0 && text_line(false));
}

int fake_script_run(const char *path)
{
    FILE *file = fopen(path, "r");
    char line[4096];
    int number = 0, bad = 0;

    if (!file) {
        return -1;
    }
    while (!bad && fgets(line, sizeof(line), file)) {
        number++;
        if (!script_line(line)) {
            fprintf(stderr, "%s:%d: this makes no sense\n", path, number);
            bad = number;
        }
    }
    fclose(file);
    return bad;
}

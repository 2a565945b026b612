/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * xl over the host that is not there (tests/libctrl/fake.h), as a program. At its end it adds to
 * the file named by XL_TEST_EFFECTS what the command did: how many hypercalls it made, and the
 * facts of the host that are different now.
 */
#include "fake.h"
#include "state.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int xl_main(int argc, char **argv);

static char *facts_before;

static void node_print(FILE *out, const char *path)
{
    const char *value = fake_store_get(path);

    if (value)
        fprintf(out, "%s = %s\n", path, value);
}

static void domain_print(FILE *out, const struct fake_domain *d)
{
    char path[80];

    fprintf(out, "domain %u max %" PRIu64 " pages, weight %u, cap %u, pool %u\n", d->id,
            d->max_pages, d->weight, d->cap, d->pool);
    for (uint32_t i = 0; i < d->max_vcpus; i++) {
        const struct fake_vcpu *v = &d->vcpus[i];

        fprintf(out, "domain %u vCPU %u hard %" PRIx64 " soft %" PRIx64 "\n", d->id, i, v->hard,
                v->soft);
        if (v->period)
            fprintf(out, "domain %u vCPU %u period %u budget %u extra %u\n", d->id, i, v->period,
                    v->budget, v->extra);
    }
    snprintf(path, sizeof(path), "/local/domain/%u/memory/target", d->id);
    node_print(out, path);
    for (uint32_t i = 0; i < d->max_vcpus; i++) {
        snprintf(path, sizeof(path), "/local/domain/%u/cpu/%u/availability", d->id, i);
        node_print(out, path);
    }
}

static char *facts_collect(void)
{
    char path[80], *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    for (uint32_t i = 0; i < 0x7ff0; i++)
        if (fake.domains[i])
            domain_print(out, fake.domains[i]);
    for (uint32_t i = 0; i < FAKE_POOLS; i++) {
        if (fake.pools[i].used)
            fprintf(out, "pool %u scheduler %u, CPUs %" PRIx64 ", ratelimit %u\n", i,
                    fake.pools[i].sched_id, fake.pools[i].cpus, fake.pools[i].ratelimit);
        snprintf(path, sizeof(path), "/local/pool/%u/name", i);
        node_print(out, path);
    }
    fprintf(out, "keys '%s'\n", fake.keys);
    fprintf(out, "messages %zu bytes\n", strlen(fake.console));
    fclose(out);
    return text;
}

/* The lines of one text that the other has not. */
static void lines_missing(FILE *out, char sign, const char *text, const char *other)
{
    while (*text) {
        size_t length = strcspn(text, "\n") + 1;
        const char *at = other;

        while (*at && strncmp(at, text, length) != 0)
            at += strcspn(at, "\n") + 1;
        if (!*at)
            fprintf(out, "%c %.*s", sign, (int)length, text);
        text += length;
    }
}

static void effects_write(void)
{
    const char *path = getenv("XL_TEST_EFFECTS");
    FILE *out = path ? fopen(path, "w") : NULL;
    char *facts_after;

    if (!out)
        return;
    facts_after = facts_collect();
    lines_missing(out, '-', facts_before, facts_after);
    lines_missing(out, '+', facts_after, facts_before);
    fprintf(out, "hypercalls %u\n", fake.hypercalls);
    fclose(out);
    free(facts_after);
    free(facts_before);
}

int main(int argc, char **argv)
{
    const char *root = getenv("XL_TEST_STATE");

    if (root)
        state_set_root(root);
    facts_before = facts_collect();
    atexit(effects_write);
    return xl_main(argc, argv);
}

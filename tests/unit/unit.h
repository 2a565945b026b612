/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What every unit test includes first: cmocka with the headers it wants, a
 * repeatable source of random numbers, files of test data, reasons for a skip.
 */
#ifndef TESTS_UNIT_H
#define TESTS_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

/* Ends the test case as skipped, with the reason in the results. */
#define unit_skip(why)              \
    do {                            \
        printf("skip: %s\n", why);  \
        fflush(stdout);             \
        skip();                     \
    } while (0)

/* Seed of a random test: UNIT_SEED, or the clock. Printed, so a run can be repeated. */
static inline uint64_t unit_seed(const char *what)
{
    const char *given = getenv("UNIT_SEED");
    uint64_t seed = given ? strtoull(given, NULL, 0) : (uint64_t)time(NULL);

    fprintf(stderr, "%s: UNIT_SEED=%llu\n", what, (unsigned long long)seed);
    return seed;
}

/* splitmix64: small, and every seed, 0 too, is a good one. */
static inline uint64_t unit_random(uint64_t *state)
{
    uint64_t z = (*state += 0x9e3779b97f4a7c15u);

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

/* Whole file in memory of its exact size (so ASan sees an overrun), or NULL. */
static inline uint8_t *unit_read_file(const char *path, size_t *size)
{
    FILE *file = fopen(path, "rb");
    uint8_t *data = NULL;
    long length;

    if (!file) {
        return NULL;
    }
    if (fseek(file, 0, SEEK_END) == 0 && (length = ftell(file)) > 0) {
        rewind(file);
        data = malloc((size_t)length);
        if (data && fread(data, 1, (size_t)length, file) != (size_t)length) {
            free(data);
            data = NULL;
        }
        *size = (size_t)length;
    }
    fclose(file);
    return data;
}

#endif

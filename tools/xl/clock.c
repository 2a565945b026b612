/* SPDX-License-Identifier: BSD-2-Clause */
/* Where the time of an operation goes: shown with -v. */
#include "life.h"

#include "output.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>

uint64_t life_now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

void life_clock_begin(struct life_clock *clock)
{
    clock->nr = 0;
    clock->last_ns = life_now_ns();
}

void life_clock_add(struct life_clock *clock, const char *name, uint64_t ns)
{
    unsigned i = 0;

    while (i < clock->nr && strcmp(clock->phase[i].name, name) != 0)
        i++;
    if (i == LIFE_PHASES_MAX)
        return;
    if (i == clock->nr) {
        clock->phase[i].name = name;
        clock->phase[i].ns = 0;
        clock->nr++;
    }
    clock->phase[i].ns += ns;
}

void life_clock_lap(struct life_clock *clock, const char *name)
{
    uint64_t now = life_now_ns();

    life_clock_add(clock, name, now - clock->last_ns);
    clock->last_ns = now;
}

void life_clock_print(const struct life_clock *clock, const char *what)
{
    uint64_t total = 0;

    if (!xl_debug_on(1))
        return;
    for (unsigned i = 0; i < clock->nr; i++)
        total += clock->phase[i].ns;
    xl_debug(1, "Time of %s: %" PRIu64 ".%03u ms (%" PRIu64 " ns)", what, total / 1000000,
             (unsigned)(total / 1000 % 1000), total);
    for (unsigned i = 0; i < clock->nr; i++) {
        uint64_t ns = clock->phase[i].ns;

        xl_debug(1, "  %-28s %8" PRIu64 ".%03u ms  %12" PRIu64 " ns", clock->phase[i].name,
                 ns / 1000000, (unsigned)(ns / 1000 % 1000), ns);
    }
}

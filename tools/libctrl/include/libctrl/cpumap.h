/* SPDX-License-Identifier: BSD-2-Clause */
/* A set of physical CPUs. Plain data: copy it, compare it with ctrl_cpumap_equal(). */
#ifndef LIBCTRL_CPUMAP_H
#define LIBCTRL_CPUMAP_H

#include <stdbool.h>
#include <stdint.h>

#define CTRL_MAX_CPUS 4096u

struct ctrl_cpumap {
    uint32_t nr_cpus;       /* CPUs from this number on are not in the set */
    uint64_t word[CTRL_MAX_CPUS / 64];
};

static inline bool ctrl_cpumap_test(const struct ctrl_cpumap *map, unsigned int cpu)
{
    return cpu < map->nr_cpus && cpu < CTRL_MAX_CPUS && (map->word[cpu / 64] >> (cpu % 64) & 1);
}

/* CPUs that are too large for a map are not added. */
static inline void ctrl_cpumap_set(struct ctrl_cpumap *map, unsigned int cpu)
{
    if (cpu < CTRL_MAX_CPUS) {
        map->word[cpu / 64] |= 1ull << (cpu % 64);
        map->nr_cpus = cpu < map->nr_cpus ? map->nr_cpus : cpu + 1;
    }
}

static inline void ctrl_cpumap_clear(struct ctrl_cpumap *map, unsigned int cpu)
{
    if (cpu < CTRL_MAX_CPUS) {
        map->word[cpu / 64] &= ~(1ull << (cpu % 64));
    }
}

void ctrl_cpumap_fill(struct ctrl_cpumap *map, unsigned int nr_cpus);
unsigned int ctrl_cpumap_count(const struct ctrl_cpumap *map);
bool ctrl_cpumap_equal(const struct ctrl_cpumap *a, const struct ctrl_cpumap *b);

#endif

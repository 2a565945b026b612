/* SPDX-License-Identifier: BSD-2-Clause */
/* Sets of CPUs, and how they travel to the hypervisor. Bits from nr_cpus on are always clear. */
#include <errno.h>
#include <string.h>

#include <libctrl/host.h>

#include <public/xen.h>

#include "internal.h"

void ctrl_cpumap_fill(struct ctrl_cpumap *map, unsigned int nr_cpus)
{
    unsigned int cpu;

    memset(map, 0, sizeof(*map));
    for (cpu = 0; cpu < nr_cpus; cpu++) {
        ctrl_cpumap_set(map, cpu);
    }
}

unsigned int ctrl_cpumap_count(const struct ctrl_cpumap *map)
{
    unsigned int i, count = 0;

    for (i = 0; i < (map->nr_cpus + 63) / 64; i++) {
        count += (unsigned int)__builtin_popcountll(map->word[i]);
    }
    return count;
}

static uint64_t map_word(const struct ctrl_cpumap *map, unsigned int i)
{
    return i * 64 < map->nr_cpus ? map->word[i] : 0;
}

bool ctrl_cpumap_equal(const struct ctrl_cpumap *a, const struct ctrl_cpumap *b)
{
    unsigned int i;

    for (i = 0; i < CTRL_MAX_CPUS / 64; i++) {
        if (map_word(a, i) != map_word(b, i)) {
            return false;
        }
    }
    return true;
}

/* Asked once: CPUs that can be, online or not. */
static int host_cpus(struct ctrl *ctrl, unsigned int *nr)
{
    struct ctrl_physinfo info;
    int rc;

    if (ctrl->nr_cpus == 0) {
        rc = ctrl_physinfo(ctrl, &info);
        if (rc != 0) {
            return rc;
        }
        ctrl->nr_cpus = info.max_cpu_id < CTRL_MAX_CPUS ? info.max_cpu_id + 1 : CTRL_MAX_CPUS;
    }
    *nr = ctrl->nr_cpus;
    return 0;
}

int bitmap_arg(struct ctrl *ctrl, const struct ctrl_cpumap *map, struct xenctl_bitmap *arg)
{
    unsigned int nr, i;
    uint64_t *bits;
    int rc = host_cpus(ctrl, &nr);

    if (rc != 0) {
        return rc;
    }
    bits = arg_get_zeroed(ctrl, (nr + 63) / 64 * sizeof(*bits));
    if (!bits) {
        return arg_error(ctrl);
    }
    for (i = 0; map && i < (nr + 63) / 64; i++) {
        bits[i] = map_word(map, i);
    }
    *arg = (struct xenctl_bitmap){ .bitmap = (uint8_t *)bits, .nr_bits = nr };
    return 0;
}

void bitmap_result(const struct xenctl_bitmap *arg, struct ctrl_cpumap *map)
{
    unsigned int words = (arg->nr_bits + 63) / 64;

    memset(map, 0, sizeof(*map));
    memcpy(map->word, arg->bitmap, words * sizeof(map->word[0]));
    if (arg->nr_bits % 64) {
        map->word[words - 1] &= (1ull << (arg->nr_bits % 64)) - 1;
    }
    map->nr_cpus = arg->nr_bits;
}

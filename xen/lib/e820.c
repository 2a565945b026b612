/* SPDX-License-Identifier: BSD-2-Clause */
/* Puts a firmware memory map in order: a sweep over all borders. */
#include <xen/e820.h>

/*
 * The type of [a, b), which no entry's border divides: the most restrictive that covers it, or 0.
 */
static uint32_t type_between(const struct e820_map *map, uint64_t a, uint64_t b)
{
    uint32_t type = 0;

    for (unsigned int i = 0; i < map->nr; i++) {
        const struct e820_entry *e = &map->e[i];

        if (e->addr <= a && e->addr + e->size >= b && e->type > type) {
            type = e->type;
        }
    }
    return type;
}

static unsigned int collect_borders(const struct e820_map *map, uint64_t *border)
{
    unsigned int n = 0;

    for (unsigned int i = 0; i < map->nr; i++) {
        const struct e820_entry *e = &map->e[i];

        if (e->size != 0 && e->addr + e->size > e->addr) {
            border[n++] = e->addr;
            border[n++] = e->addr + e->size;
        }
    }
    for (unsigned int i = 1; i < n; i++) {
        uint64_t b = border[i];
        unsigned int k = i;

        for (; k > 0 && border[k - 1] > b; k--) {
            border[k] = border[k - 1];
        }
        border[k] = b;
    }
    return n;
}

void e820_normalise(struct e820_map *map)
{
    uint64_t border[2 * E820_MAX];
    unsigned int n = collect_borders(map, border);
    struct e820_map out = { .nr = 0 };

    for (unsigned int i = 0; i + 1 < n; i++) {
        uint64_t a = border[i], b = border[i + 1];
        uint32_t type = a < b ? type_between(map, a, b) : 0;
        struct e820_entry *last = out.nr > 0 ? &out.e[out.nr - 1] : NULL;

        if (type == 0) {
            continue;
        }
        if (last != NULL && last->type == type && last->addr + last->size == a) {
            last->size += b - a;
        } else if (out.nr < E820_MAX) {
            out.e[out.nr++] = (struct e820_entry){ a, b - a, type };
        }
    }
    *map = out;
}

uint64_t e820_ram_bytes(const struct e820_map *map)
{
    uint64_t sum = 0;

    for (unsigned int i = 0; i < map->nr; i++) {
        if (map->e[i].type == E820_RAM) {
            sum += map->e[i].size;
        }
    }
    return sum;
}

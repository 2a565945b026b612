/* SPDX-License-Identifier: BSD-2-Clause */
/* Sets of physical CPUs. */
#ifndef XEN_CPUMASK_H
#define XEN_CPUMASK_H

#include <xen/bitmap.h>
#include <xen/config.h>

typedef struct {
    uint64_t bits[BITMAP_WORDS(NR_CPUS)];
} cpumask_t;

/* CPUs that run (take interrupts and schedule). Changes only at bring-up and CPU hotplug. */
extern cpumask_t cpu_online_map;
extern unsigned int nr_cpus_online;

static inline bool cpumask_test(const cpumask_t *m, unsigned int cpu)
{
    return bit_test(m->bits, cpu);
}

static inline void cpumask_set(cpumask_t *m, unsigned int cpu)
{
    bit_set_atomic(m->bits, cpu);
}

static inline void cpumask_clear(cpumask_t *m, unsigned int cpu)
{
    bit_clear_atomic(m->bits, cpu);
}

static inline void cpumask_zero(cpumask_t *m)
{
    *m = (cpumask_t){ { 0 } };
}

static inline void cpumask_fill(cpumask_t *m)
{
    for (unsigned int i = 0; i < ARRAY_SIZE(m->bits); i++) {
        m->bits[i] = ~0UL;
    }
}

static inline bool cpumask_is_empty(const cpumask_t *m)
{
    uint64_t any = 0;

    for (unsigned int i = 0; i < ARRAY_SIZE(m->bits); i++) {
        any |= m->bits[i];
    }
    return any == 0;
}

static inline cpumask_t cpumask_and(const cpumask_t *a, const cpumask_t *b)
{
    cpumask_t r;

    for (unsigned int i = 0; i < ARRAY_SIZE(r.bits); i++) {
        r.bits[i] = a->bits[i] & b->bits[i];
    }
    return r;
}

static inline cpumask_t cpumask_or(const cpumask_t *a, const cpumask_t *b)
{
    cpumask_t r;

    for (unsigned int i = 0; i < ARRAY_SIZE(r.bits); i++) {
        r.bits[i] = a->bits[i] | b->bits[i];
    }
    return r;
}

static inline cpumask_t cpumask_of(unsigned int cpu)
{
    cpumask_t r = { { 0 } };

    bit_set(r.bits, cpu);
    return r;
}

/* The first CPU at or after @from, or NR_CPUS. */
static inline unsigned int cpumask_next(const cpumask_t *m, unsigned int from)
{
    return bitmap_find_next(m->bits, NR_CPUS, from);
}

static inline unsigned int cpumask_weight(const cpumask_t *m)
{
    return bitmap_weight(m->bits, NR_CPUS);
}

#define for_each_cpu(cpu, mask) \
    for ((cpu) = cpumask_next((mask), 0); (cpu) < NR_CPUS; (cpu) = cpumask_next((mask), (cpu) + 1))

#endif

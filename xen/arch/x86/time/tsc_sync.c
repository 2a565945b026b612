/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Are the CPUs' TSCs in step? This CPU plays ping-pong with each other one through a cache line:
 * the other's reading lies between two of ours. The shortest round gives offset and uncertainty.
 * A CPU that does not answer within a millisecond in all (one that a hypervisor below
 * has descheduled) is left as it is.
 */
#include <asm/cpu.h>
#include <asm/current.h>
#include <xen/console.h>
#include <xen/smp_call.h>

#include "clock.h"

#define ROUNDS 16

struct match {
    unsigned int leader;
    uint32_t ping, pong; /* round number */
    bool is_over;
    uint64_t tsc;        /* of the other CPU, in round pong */
    uint64_t limit;      /* ticks for the whole match */
    int64_t ahead;       /* the other before the leader; valid if width is not UINT64_MAX */
    uint64_t width;
    bool adjusted;
};

static void lead(struct match *m)
{
    uint64_t start = tsc_synced(), before, width;

    for (uint32_t round = 1; round <= ROUNDS; round++) {
        before = tsc_synced();
        __atomic_store_n(&m->ping, round, __ATOMIC_RELEASE);
        while (__atomic_load_n(&m->pong, __ATOMIC_ACQUIRE) != round) {
            if (tsc_synced() - start > m->limit) {
                return;
            }
        }
        /* Only now: the other's reading must lie between. */
        width = tsc_synced() - before;
        if (width < m->width) {
            m->width = width;
            m->ahead = (int64_t)(m->tsc - (before + width / 2));
        }
    }
}

static void follow(struct match *m)
{
    uint32_t seen = 0;
    uint64_t tolerance;

    while (!__atomic_load_n(&m->is_over, __ATOMIC_ACQUIRE)) {
        uint32_t round = __atomic_load_n(&m->ping, __ATOMIC_ACQUIRE);

        if (round != seen) {
            m->tsc = tsc_synced();
            __atomic_store_n(&m->pong, round, __ATOMIC_RELEASE);
            seen = round;
        }
        cpu_relax();
    }
    tolerance = m->width / 2 + m->limit / 1000;
    if (m->width != UINT64_MAX && (uint64_t)(m->ahead < 0 ? -m->ahead : m->ahead) > tolerance) {
        tsc_adjust(-m->ahead);
        m->adjusted = true;
    }
}

static void play(void *match)
{
    struct match *m = match;

    if (smp_processor_id() == m->leader) {
        lead(m);
        __atomic_store_n(&m->is_over, true, __ATOMIC_RELEASE);
    } else {
        follow(m);
    }
}

bool tsc_sync_all(uint64_t hz)
{
    unsigned int self = smp_processor_id(), cpu;
    bool any = false;

    for_each_cpu(cpu, &cpu_online_map) {
        struct match m = { .leader = self, .limit = hz / 1000, .width = UINT64_MAX };
        cpumask_t both = cpumask_of(cpu);

        if (cpu == self) {
            continue;
        }
        cpumask_set(&both, self);
        smp_call(&both, play, &m);
        if (m.adjusted) {
            log_info("Clock: TSC of CPU %u moved by %ld ticks (measured to %lu).\n", cpu,
                     -m.ahead, m.width / 2);
            any = true;
        }
    }
    return any;
}

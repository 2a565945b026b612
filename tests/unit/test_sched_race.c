/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Block against wake, pause against switch. Random steps of several CPUs, with each multi-step
 * operation cut where it holds no lock: a wake-up is "event pending", "no longer blocked", "wake";
 * a block is "blocked", "any event?", "schedule"; a switch is "decided", "registers saved". Now and
 * then all that was begun is finished: then no vCPU with an event may be asleep.
 */
#include "unit.h"

#include <asm/current.h>
#include <xen/errno.h>

#include "sched_sim.h"

#define NR_DOMAINS 2
#define NR_VCPUS   4 /* each */
#define NR_WAKERS  6

struct waker {
    struct vcpu *v; /* NULL: at rest */
    unsigned int step;
    bool must_wake;
};

static struct domain *domains[NR_DOMAINS];
static bool pending[NR_DOMAINS][NR_VCPUS];
static unsigned int paused[NR_DOMAINS][NR_VCPUS];
static struct waker wakers[NR_WAKERS];
static uint64_t seed;
static unsigned int wakes, blocks, races;

static unsigned int pick(unsigned int n)
{
    return (unsigned int)(unit_random(&seed) % n);
}

static struct vcpu *pick_vcpu(void)
{
    return domains[pick(NR_DOMAINS)]->vcpu[pick(NR_VCPUS)];
}

static bool has_event(const struct vcpu *v)
{
    return pending[v->domain->id][v->id];
}

static void waker_step(struct waker *w)
{
    switch (w->step++) {
    case 0:
        w->v = pick_vcpu();
        pending[w->v->domain->id][w->v->id] = true;
        break;
    case 1:
        w->must_wake = bit_test_and_clear_atomic(&w->v->pause_flags, VPF_BLOCKED);
        break;
    default:
        if (w->must_wake) {
            vcpu_wake(w->v);
            wakes++;
        }
        *w = (struct waker){ 0 };
    }
}

static void pause_step(void)
{
    struct vcpu *v = pick_vcpu();
    unsigned int *count = &paused[v->domain->id][v->id];

    if (*count > 0 && pick(2) == 0) {
        (*count)--;
        vcpu_unpause(v);
    } else if (*count < 3) {
        (*count)++;
        vcpu_pause(v);
    }
}

static void affinity_step(void)
{
    struct vcpu *v = pick_vcpu();
    cpumask_t hard, all;

    cpumask_fill(&all);
    hard = pick(2) == 0 ? all : cpumask_of(pick(nr_cpus_online));
    assert_int_equal(vcpu_set_affinity(v, &hard, &all), 0);
}

/* Another CPU acts between two steps of this one. */
static void interleave(void)
{
    unsigned int cpu = fake_cpu;

    for (unsigned int n = pick(3); n > 0; n--) {
        unsigned int other = (cpu + 1 + pick(nr_cpus_online - 1)) % nr_cpus_online;

        sim_enter(other);
        if (pick(4) == 0) {
            pause_step();
        } else {
            waker_step(&wakers[pick(NR_WAKERS)]);
            races++;
        }
    }
    sim_enter(cpu);
}

/* The guest handles its events, and blocks when there are none. */
static void guest_step(unsigned int cpu)
{
    struct vcpu *v = sim_running(cpu);

    if (v == NULL || sim_cpus[cpu].leaving != NULL || sim_cpus[cpu].softirqs != 0) {
        return;
    }
    sim_enter(cpu);
    if (has_event(v)) {
        pending[v->domain->id][v->id] = false;
    } else if (pick(8) == 0) {
        vcpu_yield();
    } else {
        vcpu_block_current();
        blocks++;
    }
}

static void random_step(void)
{
    unsigned int cpu = pick(nr_cpus_online);

    switch (pick(16)) {
    case 0 ... 3:
        guest_step(cpu);
        break;
    case 4 ... 7:
        if (sim_cpus[cpu].leaving == NULL) {
            sim_softirqs(cpu);
        }
        break;
    case 8 ... 9:
        if (sim_cpus[cpu].leaving != NULL) {
            sim_finish_switch(cpu);
        }
        break;
    case 10 ... 12:
        sim_enter(cpu);
        waker_step(&wakers[pick(NR_WAKERS)]);
        break;
    case 13:
        sim_enter(cpu);
        pause_step();
        break;
    case 14:
        sim_enter(cpu);
        affinity_step();
        break;
    default:
        sim_time += pick(1000000);
        if (sim_cpus[cpu].deadline <= sim_time) {
            softirq_raise_cpu(cpu, SOFTIRQ_TIMER);
        }
    }
}

static void finish_all(void)
{
    sim_interleave = NULL;
    sim_enter(0);
    for (unsigned int i = 0; i < NR_WAKERS; i++) {
        while (wakers[i].step != 0) {
            waker_step(&wakers[i]);
        }
    }
    for (unsigned int d = 0; d < NR_DOMAINS; d++) {
        for (unsigned int i = 0; i < NR_VCPUS; i++) {
            for (; paused[d][i] > 0; paused[d][i]--) {
                vcpu_unpause(domains[d]->vcpu[i]);
            }
        }
    }
    sim_settle();
    for (unsigned int d = 0; d < NR_DOMAINS; d++) {
        for (unsigned int i = 0; i < NR_VCPUS; i++) {
            assert_false(pending[d][i] &&
                         bit_test(&domains[d]->vcpu[i]->pause_flags, VPF_BLOCKED));
        }
    }
    sim_check(domains, NR_DOMAINS);
}

static void test_no_wakeup_is_lost(void **state)
{
    (void)state;
    seed = unit_seed("sched_race");
    for (unsigned int cpus = 2; cpus <= 4; cpus++) {
        sim_init(cpus);
        sim_split_switches = true;
        sim_is_deliverable = has_event;
        for (unsigned int d = 0; d < NR_DOMAINS; d++) {
            domains[d] = sim_domain((domid_t)d, NR_VCPUS, 256, d == 1 ? 120 : 0);
            sim_enter(0);
            for (unsigned int i = 0; i < NR_VCPUS; i++) {
                sim_vcpu_up(domains[d]->vcpu[i]);
            }
        }
        for (unsigned int round = 0; round < 4000; round++) {
            sim_interleave = interleave;
            for (unsigned int n = pick(60); n > 0; n--) {
                random_step();
            }
            finish_all();
        }
        for (unsigned int d = 0; d < NR_DOMAINS; d++) {
            sim_domain_free(domains[d]);
        }
        sim_fini();
        memset(pending, 0, sizeof(pending));
    }
    assert_true(wakes > 1000 && blocks > 1000 && races > 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_no_wakeup_is_lost),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

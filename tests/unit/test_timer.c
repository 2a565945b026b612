/* SPDX-License-Identifier: BSD-2-Clause */
/* Timers, against a model that keeps them in a plain array. */
#include "unit.h"

#include <asm/current.h>
#include <xen/bug.h>
#include <xen/timer.h>

#include "sched_sim.h"

#define NR_TIMERS 200

struct model {
    struct timer timer;
    bool is_set;
    stime_t expires;
    unsigned int cpu;
    unsigned int fired, expected;
};

static struct model models[NR_TIMERS];
static struct timer *to_set_in_handler;

static void fired(void *arg)
{
    struct model *m = arg;

    assert_true(m->is_set);
    assert_true(m->expires <= sim_time);
    assert_int_equal(fake_cpu, m->cpu);
    assert_false(timer_is_queued(&m->timer));
    m->is_set = false;
    m->fired++;
}

static void random_step(uint64_t *seed)
{
    struct model *m = &models[unit_random(seed) % NR_TIMERS];

    sim_enter(unit_random(seed) % nr_cpus_online);
    switch (unit_random(seed) % 8) {
    case 0:
        timer_stop(&m->timer);
        m->is_set = false;
        break;
    case 1:
        m->cpu = unit_random(seed) % nr_cpus_online;
        timer_migrate(&m->timer, m->cpu);
        assert_int_equal(m->timer.cpu, m->cpu);
        break;
    default:
        /* The past, the same instant as others, and the future. */
        m->expires = sim_time + (stime_t)(unit_random(seed) % 64) - 4;
        m->is_set = true;
        timer_set(&m->timer, m->expires);
    }
}

static void test_against_model(void **state)
{
    uint64_t seed = unit_seed("timer");
    unsigned int total = 0;

    (void)state;
    sim_init(3);
    for (unsigned int i = 0; i < NR_TIMERS; i++) {
        models[i] = (struct model){ .cpu = i % 3 };
        timer_init(&models[i].timer, fired, &models[i], models[i].cpu);
    }
    for (unsigned int step = 0; step < 20000; step++) {
        for (unsigned int i = unit_random(&seed) % 8; i > 0; i--) {
            random_step(&seed);
        }
        sim_run((stime_t)(unit_random(&seed) % 8));
        for (unsigned int i = 0; i < NR_TIMERS; i++) {
            assert_int_equal(timer_is_queued(&models[i].timer), models[i].is_set);
            assert_true(!models[i].is_set || models[i].expires > sim_time);
        }
    }
    for (unsigned int i = 0; i < NR_TIMERS; i++) {
        total += models[i].fired;
        timer_kill(&models[i].timer);
    }
    assert_true(total > 10000);
    sim_fini();
}

/* Nothing is programmed for a queue without timers, nor again for a later timer. */
static void test_programs_only_what_is_needed(void **state)
{
    struct model *m = models;

    (void)state;
    sim_init(1);
    for (unsigned int i = 0; i < 3; i++) {
        m[i] = (struct model){ .is_set = true, .expires = sim_time + 100 * (i + 1) };
        timer_init(&m[i].timer, fired, &m[i], 0);
    }
    sim_enter(0);
    sim_cpus[0].programmed = 0;
    for (unsigned int i = 0; i < 3; i++) {
        timer_set(&m[i].timer, m[i].expires);
    }
    assert_int_equal(sim_cpus[0].programmed, 1);
    sim_run(1000);
    assert_int_equal(sim_cpus[0].programmed, 3);
    assert_true(sim_cpus[0].deadline == INT64_MAX);
    sim_fini();
}

static void sets_other(void *arg)
{
    struct model *m = arg;

    fired(m);
    timer_set(to_set_in_handler, models[1].expires);
}

static void test_handler_sets_timers(void **state)
{
    (void)state;
    sim_init(1);
    sim_enter(0);
    /* Another timer, earlier than everything else. */
    models[0] = (struct model){ .is_set = true, .expires = sim_time + 10 };
    models[1] = (struct model){ .is_set = true, .expires = sim_time + 15 };
    models[2] = (struct model){ .is_set = true, .expires = sim_time + 50 };
    timer_init(&models[0].timer, sets_other, &models[0], 0);
    timer_init(&models[1].timer, fired, &models[1], 0);
    timer_init(&models[2].timer, fired, &models[2], 0);
    to_set_in_handler = &models[1].timer;
    timer_set(&models[2].timer, models[2].expires);
    timer_set(&models[0].timer, models[0].expires);
    sim_run(20);
    assert_int_equal(models[0].fired, 1);
    assert_int_equal(models[1].fired, 1);
    assert_int_equal(models[2].fired, 0);
    timer_kill(&models[2].timer);
    sim_fini();
}

static void test_killed_stays_dead(void **state)
{
    struct timer never = { 0 };

    (void)state;
    sim_init(1);
    sim_enter(0);
    models[0] = (struct model){ .expires = sim_time + 10 };
    timer_init(&models[0].timer, fired, &models[0], 0);
    timer_set(&models[0].timer, models[0].expires);
    timer_kill(&models[0].timer);
    timer_set(&models[0].timer, models[0].expires);
    assert_false(timer_is_queued(&models[0].timer));
    sim_run(20);
    assert_int_equal(models[0].fired, 0);
    /* Never initialised: nothing happens. */
    timer_kill(&never);
    timer_migrate(&never, 0);
    sim_fini();
}

static void test_other_cpu_is_told(void **state)
{
    (void)state;
    sim_init(2);
    models[0] = (struct model){ .is_set = true, .expires = sim_time + 10, .cpu = 1 };
    timer_init(&models[0].timer, fired, &models[0], 1);
    sim_enter(0);
    timer_set(&models[0].timer, models[0].expires);
    assert_true(sim_cpus[1].softirqs & (1UL << SOFTIRQ_TIMER));
    assert_true(sim_cpus[0].deadline == INT64_MAX);
    sim_run(20);
    assert_int_equal(models[0].fired, 1);
    sim_fini();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_against_model),
        cmocka_unit_test(test_programs_only_what_is_needed),
        cmocka_unit_test(test_handler_sets_timers),
        cmocka_unit_test(test_killed_stays_dead),
        cmocka_unit_test(test_other_cpu_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

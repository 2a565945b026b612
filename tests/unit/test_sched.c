/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The scheduler on simulated CPUs: shares, caps, placement, pauses, run states, the end of
 * domains.
 */
#include "unit.h"

#include <asm/current.h>
#include <public/sched.h>
#include <public/vcpu.h>
#include <xen/errno.h>

#include "sched_sim.h"

static double share_of(struct domain *d, stime_t total)
{
    uint64_t ran = 0;

    for (unsigned int i = 0; i < d->max_vcpus; i++) {
        ran += vcpu_cpu_time(d->vcpu[i]);
    }
    return (double)ran / (double)total;
}

static void assert_share(struct domain *d, stime_t total, double wanted, double tolerance)
{
    double got = share_of(d, total);

    if (got < wanted - tolerance || got > wanted + tolerance) {
        fail_msg("domain %u got %.4f of a CPU, not %.4f", d->id, got, wanted);
    }
}

static void start_all(struct domain *d)
{
    sim_enter(0);
    for (unsigned int i = 0; i < d->max_vcpus; i++) {
        sim_vcpu_up(d->vcpu[i]);
    }
}

/* ------------------------------------------------------------------------ */
/* Shares */

static void test_weights(void **state)
{
    static const uint32_t weights[] = { 64, 128, 256, 1024, 3000 };
    struct domain *d[ARRAY_SIZE(weights)];
    double sum = 0;

    (void)state;
    sim_init(1);
    for (unsigned int i = 0; i < ARRAY_SIZE(weights); i++) {
        d[i] = sim_domain((domid_t)i, 1, weights[i], 0);
        sum += weights[i];
        start_all(d[i]);
    }
    sim_run(SECONDS(20));
    for (unsigned int i = 0; i < ARRAY_SIZE(weights); i++) {
        assert_share(d[i], SECONDS(20), weights[i] / sum, 0.02 * weights[i] / sum);
    }
    sim_check(d, ARRAY_SIZE(weights));
    for (unsigned int i = 0; i < ARRAY_SIZE(weights); i++) {
        sim_domain_free(d[i]);
    }
    sim_fini();
}

static void check_spread(unsigned int cpus, unsigned int vcpus)
{
    struct domain *d[SIM_CPUS * 2];

    sim_init(cpus);
    for (unsigned int i = 0; i < vcpus; i++) {
        d[i] = sim_domain((domid_t)i, 1, 256, 0);
        start_all(d[i]);
    }
    sim_run(SECONDS(30));
    for (unsigned int i = 0; i < vcpus; i++) {
        assert_share(d[i], SECONDS(30), (double)cpus / vcpus, 0.02 * cpus / vcpus);
    }
    sim_check(d, vcpus);
    for (unsigned int i = 0; i < vcpus; i++) {
        sim_domain_free(d[i]);
    }
    sim_fini();
}

/* More vCPUs than CPUs, and not a multiple: they must rotate. */
static void test_spread_over_cpus(void **state)
{
    (void)state;
    check_spread(2, 2);
    check_spread(2, 3);
    check_spread(4, 5);
    check_spread(4, 7);
}

static void test_heavy_gets_a_cpu(void **state)
{
    struct domain *d[3];

    (void)state;
    sim_init(2);
    d[0] = sim_domain(0, 1, 512, 0);
    d[1] = sim_domain(1, 1, 256, 0);
    d[2] = sim_domain(2, 1, 256, 0);
    for (unsigned int i = 0; i < 3; i++) {
        start_all(d[i]);
    }
    sim_run(SECONDS(20));
    assert_share(d[0], SECONDS(20), 1.0, 0.02);
    assert_share(d[1], SECONDS(20), 0.5, 0.02);
    assert_share(d[2], SECONDS(20), 0.5, 0.02);
    for (unsigned int i = 0; i < 3; i++) {
        sim_domain_free(d[i]);
    }
    sim_fini();
}

static void test_caps(void **state)
{
    struct domain *d[2];
    struct sched_share share;

    (void)state;
    sim_init(2);
    d[0] = sim_domain(0, 1, 256, 25);
    d[1] = sim_domain(1, 4, 256, 130);
    start_all(d[0]);
    start_all(d[1]);
    sim_run(SECONDS(10));
    assert_share(d[0], SECONDS(10), 0.25, 0.005);
    assert_share(d[1], SECONDS(10), 1.30, 0.026);
    /* Lifting the cap takes effect at once. */
    domain_get_share(d[1], &share);
    assert_int_equal(share.cap, 130);
    share.cap = 0;
    sim_enter(0);
    assert_int_equal(domain_set_share(d[1], &share), 0);
    sim_run(SECONDS(10));
    assert_share(d[1], SECONDS(10), 1.30 + 1.75, 0.06);
    share.weight = 0;
    assert_int_equal(domain_set_share(d[1], &share), -EINVAL);
    share.weight = 65536;
    assert_int_equal(domain_set_share(d[1], &share), -EINVAL);
    sim_domain_free(d[0]);
    sim_domain_free(d[1]);
    sim_fini();
}

/* ------------------------------------------------------------------------ */
/* Waking, yielding, idling */

/* One that mostly sleeps runs soon after it wakes, while others compute. */
static void test_wake_latency(void **state)
{
    struct domain *hogs, *sleeper;
    struct vcpu *v;
    stime_t worst = 0;

    (void)state;
    sim_init(1);
    hogs = sim_domain(1, 4, 256, 0);
    sleeper = sim_domain(2, 1, 256, 0);
    start_all(hogs);
    start_all(sleeper);
    v = sleeper->vcpu[0];
    sim_run(MILLISECS(100));
    for (unsigned int i = 0; i < 200; i++) {
        stime_t woken;

        while (!v->is_running) {
            sim_run(MICROSECS(10));
        }
        sim_run(MICROSECS(50));
        if (v->is_running) {
            sim_enter(0);
            vcpu_block_current();
            sim_settle();
        }
        sim_run(MILLISECS(10));
        woken = sim_time;
        sim_enter(0);
        vcpu_unblock(v);
        while (!v->is_running) {
            sim_run(MICROSECS(10));
        }
        worst = MAX(worst, sim_time - woken);
    }
    if (worst > MILLISECS(1)) {
        fail_msg("woke up only after %ld us", (long)worst / 1000);
    }
    sim_domain_free(hogs);
    sim_domain_free(sleeper);
    sim_fini();
}

/* How long a computing vCPU went on when a sleeper woke right after it came on, at worst. */
static stime_t latency_with(stime_t rate_limit)
{
    struct sched_params params = { .rate_limit = rate_limit, .slice = SCHED_SLICE_DEFAULT };
    struct domain *hog, *sleeper;
    stime_t worst = 0;
    cpumask_t cpus;

    sim_init(1);
    cpus = cpumask_of(0);
    sched_set_params(&cpus, &params);
    hog = sim_domain(1, 1, 256, 0);
    sleeper = sim_domain(2, 1, 256, 0);
    start_all(hog);
    start_all(sleeper);
    for (unsigned int i = 0; i < 50; i++) {
        stime_t woken;

        while (!sleeper->vcpu[0]->is_running) {
            sim_run(MICROSECS(10));
        }
        sim_enter(0);
        vcpu_block_current();
        sim_settle();
        sim_run(MICROSECS(20));
        woken = sim_time;
        sim_enter(0);
        vcpu_unblock(sleeper->vcpu[0]);
        while (!sleeper->vcpu[0]->is_running) {
            sim_run(MICROSECS(10));
        }
        worst = MAX(worst, sim_time - woken);
    }
    sim_domain_free(hog);
    sim_domain_free(sleeper);
    sim_fini();
    return worst;
}

/* Who has just come on stays on for the rate limit, and hardly longer; without one not at all. */
static void test_rate_limit(void **state)
{
    stime_t limits[] = { 0, MICROSECS(100), MILLISECS(1), MILLISECS(5), MILLISECS(50) };

    (void)state;
    for (unsigned int i = 0; i < ARRAY_SIZE(limits); i++) {
        stime_t worst = latency_with(limits[i]);

        if (worst > limits[i] + MICROSECS(100) || worst + MICROSECS(100) < limits[i]) {
            fail_msg("limit %ld us: woke up after %ld us", (long)limits[i] / 1000,
                     (long)worst / 1000);
        }
    }
}

/* Two that compute take turns as often as the slice says. */
static void test_slice(void **state)
{
    struct sched_params params = { .rate_limit = MILLISECS(1), .slice = MILLISECS(30) };
    struct domain *d;
    unsigned int before;
    cpumask_t cpus;

    (void)state;
    sim_init(1);
    d = sim_domain(1, 2, 256, 0);
    start_all(d);
    before = sim_cpus[0].switches;
    sim_run(SECONDS(3));
    assert_in_range(sim_cpus[0].switches - before, 500, 1600);
    cpus = cpumask_of(0);
    sched_set_params(&cpus, &params);
    sim_run(MILLISECS(100));
    before = sim_cpus[0].switches;
    sim_run(SECONDS(3));
    assert_in_range(sim_cpus[0].switches - before, 40, 110);
    sim_domain_free(d);
    sim_fini();
}

/* With a move delay an idle CPU leaves alone what ran only just now. */
static void test_move_delay(void **state)
{
    struct sched_params params = {
        .rate_limit = MILLISECS(1), .slice = SCHED_SLICE_DEFAULT, .move_delay = MILLISECS(100),
    };
    struct domain *d, *other;
    cpumask_t cpus;

    (void)state;
    sim_init(2);
    cpus = cpu_online_map;
    sched_set_params(&cpus, &params);
    d = sim_domain(1, 2, 256, 0);
    other = sim_domain(2, 1, 256, 0);
    cpus = cpumask_of(0);
    assert_int_equal(vcpu_set_affinity(d->vcpu[0], &cpus, &cpus), 0);
    assert_int_equal(vcpu_set_affinity(d->vcpu[1], &cpus, &cpus), 0);
    cpus = cpumask_of(1);
    assert_int_equal(vcpu_set_affinity(other->vcpu[0], &cpus, &cpus), 0);
    start_all(d);
    start_all(other);
    sim_run(MILLISECS(50));
    /* One of the two may now go to CPU 1, which falls idle, but it is still warm here. */
    cpus = cpu_online_map;
    d->vcpu[1]->sched->hard = cpus;
    d->vcpu[0]->sched->hard = cpus;
    sim_enter(1);
    vcpu_block_current();
    sim_settle();
    assert_null(sim_running(1));
    params.move_delay = 0;
    sched_set_params(&cpus, &params);
    sim_settle();
    sim_run(MILLISECS(5));
    assert_non_null(sim_running(1));
    sim_domain_free(d);
    sim_domain_free(other);
    sim_fini();
}

/* Waking often does not earn more than the fair share. */
static void test_frequent_sleeper_gets_no_more(void **state)
{
    struct domain *hog, *sleeper;
    stime_t start = sim_time;

    (void)state;
    sim_init(1);
    hog = sim_domain(1, 1, 256, 0);
    sleeper = sim_domain(2, 1, 256, 0);
    start_all(hog);
    start_all(sleeper);
    for (unsigned int i = 0; i < 20000; i++) {
        sim_run(MICROSECS(300));
        if (sleeper->vcpu[0]->is_running) {
            sim_enter(0);
            vcpu_block_current();
            sim_settle();
            sim_run(MICROSECS(20));
            sim_enter(0);
            vcpu_unblock(sleeper->vcpu[0]);
        }
    }
    assert_true(share_of(hog, sim_time - start) > 0.49);
    sim_domain_free(hog);
    sim_domain_free(sleeper);
    sim_fini();
}

/* All but one spin and yield: the one that holds what they wait for gets nearly all the time. */
static void test_yield_lets_others_run(void **state)
{
    struct domain *d;
    unsigned int last_cpu_switches;

    (void)state;
    sim_init(1);
    d = sim_domain(1, 4, 256, 0);
    start_all(d);
    sim_run(MILLISECS(50));
    last_cpu_switches = sim_cpus[0].switches;
    for (unsigned int i = 0; i < 3000; i++) {
        sim_run(MICROSECS(10));
        if (sim_running(0) != d->vcpu[3]) {
            sim_enter(0);
            vcpu_yield();
        }
    }
    assert_true(sim_cpus[0].switches > last_cpu_switches);
    assert_true(vcpu_cpu_time(d->vcpu[3]) > (uint64_t)MILLISECS(20));
    /* Yielding costs no share: afterwards all are equal again. */
    sim_run(SECONDS(2));
    for (unsigned int i = 0; i < 4; i++) {
        assert_true(vcpu_cpu_time(d->vcpu[i]) > (uint64_t)MILLISECS(500));
    }
    sim_domain_free(d);
    sim_fini();
}

/* A lone vCPU, and an idle machine, take no timer interrupts. */
static void test_no_ticks(void **state)
{
    struct domain *d;

    (void)state;
    sim_init(2);
    d = sim_domain(1, 2, 256, 0);
    start_all(d);
    sim_run(SECONDS(1));
    assert_true(sim_running(0) != NULL && sim_running(1) != NULL);
    sim_cpus[0].programmed = 0;
    sim_cpus[1].programmed = 0;
    sim_run(SECONDS(100));
    assert_int_equal(sim_cpus[0].programmed, 0);
    assert_int_equal(sim_cpus[1].programmed, 0);
    domain_pause(d);
    sim_run(SECONDS(100));
    assert_int_equal(sim_cpus[0].programmed, 0);
    assert_null(sim_running(0));
    domain_unpause(d);
    sim_domain_free(d);
    sim_fini();
}

/* ------------------------------------------------------------------------ */
/* Placement */

static void test_affinity(void **state)
{
    struct domain *d;
    cpumask_t only2, none, all, hard, soft;

    (void)state;
    sim_init(4);
    d = sim_domain(1, 2, 256, 0);
    start_all(d);
    sim_settle();
    only2 = cpumask_of(2);
    cpumask_zero(&none);
    cpumask_fill(&all);
    /* Both on one CPU, though others are idle. */
    sim_enter(0);
    assert_int_equal(vcpu_set_affinity(d->vcpu[0], &only2, &all), 0);
    assert_int_equal(vcpu_set_affinity(d->vcpu[1], &only2, &all), 0);
    sim_run(SECONDS(1));
    assert_true(sim_running(0) == NULL && sim_running(1) == NULL && sim_running(3) == NULL);
    assert_non_null(sim_running(2));
    sim_check(&d, 1);
    assert_int_equal(vcpu_set_affinity(d->vcpu[0], &none, &all), -EINVAL);
    none = cpumask_of(7); /* not online */
    assert_int_equal(vcpu_set_affinity(d->vcpu[0], &none, &all), -EINVAL);
    vcpu_get_affinity(d->vcpu[0], &hard, &soft);
    assert_memory_equal(&hard, &only2, sizeof(hard));
    /* Released, they spread; the soft affinity says where to. */
    only2 = cpumask_of(3);
    assert_int_equal(vcpu_set_affinity(d->vcpu[0], &all, &only2), 0);
    sim_run(SECONDS(1));
    sim_check(&d, 1);
    assert_int_equal((sim_running(0) != NULL) + (sim_running(1) != NULL) +
                     (sim_running(2) != NULL) + (sim_running(3) != NULL), 2);
    sim_enter(d->vcpu[0]->cpu);
    vcpu_block_current();
    sim_settle();
    vcpu_unblock(d->vcpu[0]);
    sim_settle();
    assert_int_equal(d->vcpu[0]->cpu, 3);
    sim_domain_free(d);
    sim_fini();
}

static void test_pin_override(void **state)
{
    struct domain *d;
    struct vcpu *v;

    (void)state;
    sim_init(2);
    d = sim_domain(1, 1, 256, 0);
    start_all(d);
    sim_settle();
    v = d->vcpu[0];
    sim_enter(0);
    assert_int_equal(vcpu_pin_override(v, -1), -EINVAL);
    assert_int_equal(vcpu_pin_override(v, 2), -EINVAL);
    assert_int_equal(vcpu_pin_override(v, NR_CPUS), -EINVAL);
    assert_int_equal(vcpu_pin_override(v, 1), 0);
    sim_settle();
    assert_ptr_equal(sim_running(1), v);
    assert_int_equal(vcpu_pin_override(v, 0), -EBUSY);
    assert_int_equal(vcpu_pin_override(v, -1), 0);
    assert_int_equal(vcpu_pin_override(v, 0), 0);
    sim_settle();
    assert_ptr_equal(sim_running(0), v);
    sim_domain_free(d);
    sim_fini();
}

/* ------------------------------------------------------------------------ */
/* Pauses, run states, timers */

static void test_pause_counts(void **state)
{
    struct domain *d;
    struct vcpu *v;

    (void)state;
    sim_init(1);
    d = sim_domain(1, 1, 256, 0);
    start_all(d);
    sim_settle();
    v = d->vcpu[0];
    sim_enter(0);
    vcpu_pause(v);
    vcpu_pause(v);
    domain_pause(d);
    sim_settle();
    assert_null(sim_running(0));
    vcpu_unpause(v);
    domain_unpause(d);
    sim_settle();
    assert_null(sim_running(0));
    domain_pause(d);
    vcpu_unpause(v);
    sim_settle();
    assert_null(sim_running(0));
    domain_unpause(d);
    sim_settle();
    assert_ptr_equal(sim_running(0), v);
    /* An event while paused is not lost. */
    sim_enter(0);
    vcpu_block_current();
    vcpu_pause(v);
    sim_settle();
    vcpu_unblock(v);
    sim_settle();
    assert_null(sim_running(0));
    vcpu_unpause(v);
    sim_settle();
    assert_ptr_equal(sim_running(0), v);
    sim_domain_free(d);
    sim_fini();
}

static void test_runstates(void **state)
{
    struct domain *d;
    struct runstate r;
    stime_t born;

    (void)state;
    sim_init(1);
    born = sim_time;
    d = sim_domain(1, 2, 256, 0);
    sim_run(MILLISECS(5));
    sim_enter(0);
    sim_vcpu_up(d->vcpu[0]);
    sim_run(MILLISECS(7));
    sim_enter(0);
    vcpu_block_current();
    sim_run(MILLISECS(11));
    vcpu_runstate_get(d->vcpu[0], &r);
    assert_int_equal(r.state, RUNSTATE_blocked);
    assert_true(r.time[RUNSTATE_offline] == (uint64_t)MILLISECS(5));
    assert_true(r.time[RUNSTATE_running] == (uint64_t)MILLISECS(7));
    assert_true(r.time[RUNSTATE_blocked] == (uint64_t)MILLISECS(11));
    vcpu_runstate_get_at_entry(d->vcpu[0], &r);
    assert_true(r.time[RUNSTATE_blocked] == 0);
    assert_true(r.entry_time == born + MILLISECS(12));
    vcpu_unblock(d->vcpu[0]);
    sim_vcpu_up(d->vcpu[1]);
    sim_run(SECONDS(1));
    vcpu_runstate_get(d->vcpu[0], &r);
    assert_true(r.time[0] + r.time[1] + r.time[2] + r.time[3] == (uint64_t)(sim_time - born));
    assert_true(r.time[RUNSTATE_runnable] > (uint64_t)MILLISECS(480));
    assert_true(vcpu_cpu_time(d->vcpu[0]) + vcpu_cpu_time(d->vcpu[1]) ==
                (uint64_t)(SECONDS(1) + MILLISECS(7)));
    sim_domain_free(d);
    sim_fini();
}

static void test_vcpu_timers(void **state)
{
    struct domain *d;
    struct vcpu *v;

    (void)state;
    sim_init(2);
    d = sim_domain(1, 1, 256, 0);
    start_all(d);
    sim_settle();
    v = d->vcpu[0];
    sim_enter(v->cpu);
    vcpu_periodic_timer_set(v, MILLISECS(10));
    sim_run(MILLISECS(101));
    assert_int_equal(sim_virqs[0], 10);
    /* It does not wake a vCPU that blocks, but ticks at once when that runs again. */
    sim_enter(v->cpu);
    vcpu_block_current();
    sim_run(SECONDS(1));
    assert_int_equal(sim_virqs[0], 10);
    vcpu_unblock(v);
    sim_run(MICROSECS(1));
    assert_int_equal(sim_virqs[0], 11);
    sim_enter(v->cpu);
    vcpu_periodic_timer_set(v, 0);
    sim_run(SECONDS(1));
    assert_int_equal(sim_virqs[0], 11);
    /* The one-shot timer does wake; and fires at once for the past. */
    sim_enter(v->cpu);
    timer_set(&v->singleshot_timer, sim_time + MILLISECS(3));
    vcpu_block_current();
    sim_run(MILLISECS(2));
    assert_false(v->is_running);
    sim_run(MILLISECS(1));
    assert_true(v->is_running);
    assert_int_equal(sim_virqs[0], 12);
    sim_enter(v->cpu);
    timer_set(&v->singleshot_timer, sim_time - 1);
    sim_settle();
    assert_int_equal(sim_virqs[0], 13);
    sim_domain_free(d);
    sim_fini();
}

/* ------------------------------------------------------------------------ */
/* The end of a domain */

static void test_shutdown_and_resume(void **state)
{
    struct domain *d;

    (void)state;
    sim_init(1);
    d = sim_domain(1, 2, 256, 0);
    start_all(d);
    sim_settle();
    sim_enter(0);
    domain_shutdown(d, SHUTDOWN_reboot);
    domain_shutdown(d, SHUTDOWN_crash); /* the first counts */
    sim_settle();
    assert_true(d->is_shut_down);
    assert_int_equal(d->shutdown_code, SHUTDOWN_reboot);
    assert_int_equal(sim_dom_exc, 1);
    assert_null(sim_running(0));
    domain_resume(d);
    domain_resume(d);
    sim_settle();
    assert_false(d->is_shut_down);
    assert_non_null(sim_running(0));
    sim_enter(0);
    domain_set_shutdown_code(d, SHUTDOWN_suspend);
    domain_shutdown(d, SHUTDOWN_crash);
    assert_int_equal(d->shutdown_code, SHUTDOWN_suspend);
    sim_domain_free(d);
    sim_fini();
}

static unsigned int end_reason;

static void end_machine(void *d)
{
    domain_shutdown(d, end_reason);
}

static void test_hardware_domain_ends_machine(void **state)
{
    struct domain *d;

    (void)state;
    sim_init(1);
    d = sim_domain(0, 1, 256, 0);
    d->is_hardware = true;
    end_reason = SHUTDOWN_poweroff;
    sim_until_end(end_machine, d);
    assert_string_equal(sim_machine_end, "power off");
    end_reason = SHUTDOWN_reboot;
    sim_until_end(end_machine, d);
    assert_string_equal(sim_machine_end, "restart");
    sim_domain_free(d);
    sim_fini();
}

static void test_watchdog(void **state)
{
    struct domain *d;

    (void)state;
    sim_init(1);
    d = sim_domain(1, 1, 256, 0);
    sim_enter(0);
    assert_int_equal(domain_watchdog(d, 1, 5), -EINVAL);
    assert_int_equal(domain_watchdog(d, 3, 5), -EINVAL);
    assert_int_equal(domain_watchdog(d, UINT32_MAX, 5), -EINVAL);
    assert_int_equal(domain_watchdog(d, 0, 5), 1);
    assert_int_equal(domain_watchdog(d, 0, 10), 2);
    assert_int_equal(domain_watchdog(d, 0, 5), -ENOSPC);
    sim_run(SECONDS(4));
    sim_enter(0);
    assert_int_equal(domain_watchdog(d, 1, 5), 0);
    sim_run(SECONDS(4));
    sim_enter(0);
    assert_int_equal(domain_watchdog(d, 1, 0), 0); /* stopped */
    assert_int_equal(domain_watchdog(d, 1, 0), -EINVAL);
    assert_false(d->is_shut_down);
    sim_run(SECONDS(3));
    assert_true(d->is_shut_down);
    assert_int_equal(d->shutdown_code, SHUTDOWN_watchdog);
    domain_resume(d);
    /* A new one without any time runs out at once. */
    sim_enter(0);
    assert_int_equal(domain_watchdog(d, 0, 0), 1);
    sim_settle();
    assert_true(d->is_shut_down);
    sim_domain_free(d);
    sim_fini();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_weights),
        cmocka_unit_test(test_spread_over_cpus),
        cmocka_unit_test(test_heavy_gets_a_cpu),
        cmocka_unit_test(test_caps),
        cmocka_unit_test(test_wake_latency),
        cmocka_unit_test(test_rate_limit),
        cmocka_unit_test(test_slice),
        cmocka_unit_test(test_move_delay),
        cmocka_unit_test(test_frequent_sleeper_gets_no_more),
        cmocka_unit_test(test_yield_lets_others_run),
        cmocka_unit_test(test_no_ticks),
        cmocka_unit_test(test_affinity),
        cmocka_unit_test(test_pin_override),
        cmocka_unit_test(test_pause_counts),
        cmocka_unit_test(test_runstates),
        cmocka_unit_test(test_vcpu_timers),
        cmocka_unit_test(test_shutdown_and_resume),
        cmocka_unit_test(test_hardware_domain_ends_machine),
        cmocka_unit_test(test_watchdog),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

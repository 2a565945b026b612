/* SPDX-License-Identifier: BSD-2-Clause */
/* See sched_sim.h. */
#include "unit.h"

#include <asm/cpu.h>
#include <asm/current.h>
#include <public/vcpu.h>
#include <xen/alloc.h>
#include <xen/arch.h>
#include <xen/list.h>

#include "sched_sim.h"

struct sim_cpu sim_cpus[SIM_CPUS];
stime_t sim_time;
bool sim_split_switches;
void (*sim_interleave)(void);
bool (*sim_is_deliverable)(const struct vcpu *v);
unsigned int sim_virqs[MAX_VCPUS];
unsigned int sim_dom_exc;
const char *sim_machine_end;

static void (*handlers[NR_SOFTIRQS])(void);
static jmp_buf switch_target, end_target;
static struct vcpu *switched_to;

static void interleave(void)
{
    if (sim_interleave != NULL) {
        sim_interleave();
    }
}

/* ------------------------------------------------------------------------ */
/* What the scheduler stands on */

stime_t now(void)
{
    return sim_time;
}

void fake_cpu_relax(void)
{
    fail_msg("waits for another CPU");
}

uint64_t fake_rdtsc(void)
{
    return (uint64_t)sim_time;
}

void softirq_register(enum softirq nr, void (*handler)(void))
{
    handlers[nr] = handler;
}

void softirq_raise(enum softirq nr)
{
    sim_cpus[fake_cpu].softirqs |= 1UL << nr;
}

void softirq_raise_cpu(unsigned int cpu, enum softirq nr)
{
    sim_cpus[cpu].softirqs |= 1UL << nr;
}

bool softirq_is_pending(unsigned int cpu)
{
    return sim_cpus[cpu].softirqs != 0;
}

void softirq_run(void)
{
    fail_msg("the idle loop is not simulated");
}

void arch_timer_program(stime_t deadline)
{
    sim_cpus[fake_cpu].deadline = deadline;
    if (deadline != INT64_MAX) {
        sim_cpus[fake_cpu].programmed++;
    }
    if (deadline <= sim_time) {
        softirq_raise(SOFTIRQ_TIMER);
    }
}

void arch_kick_cpu(unsigned int cpu)
{
    sim_cpus[cpu].kicks++;
}

void arch_idle(void)
{
}

void arch_context_switch(struct vcpu *prev, struct vcpu *next)
{
    assert_ptr_equal(prev, current);
    assert_ptr_not_equal(prev, next);
    assert_true(next->is_running);
    for (unsigned int cpu = 0; cpu < SIM_CPUS; cpu++) {
        assert_true(sim_cpus[cpu].current != next && sim_cpus[cpu].leaving != next);
    }
    assert_true(next->is_idle || cpumask_test(&next->sched->hard, fake_cpu));
    switched_to = next;
    longjmp(switch_target, 1);
}

void arch_update_runstate_area(struct vcpu *v)
{
    assert_true(v == current || v == sim_cpus[fake_cpu].leaving);
    interleave();
}

void pvclock_update(struct vcpu *v)
{
    (void)v;
}

bool buddy_scrub_some(void)
{
    return false;
}

void *heap_alloc(size_t size)
{
    return calloc(1, size);
}

void heap_free(void *p)
{
    free(p);
}

void machine_power_off(void)
{
    sim_machine_end = "power off";
    longjmp(end_target, 1);
}

void machine_restart(void)
{
    sim_machine_end = "restart";
    longjmp(end_target, 1);
}

static bool is_deliverable(const struct vcpu *v)
{
    bool answer;

    interleave();
    answer = sim_is_deliverable != NULL && sim_is_deliverable(v);
    interleave();
    return answer;
}

static void timer_fired(struct vcpu *v)
{
    sim_virqs[v->id]++;
    vcpu_unblock(v);
}

static void was_shut_down(struct domain *d, bool suspended)
{
    (void)suspended;
    (void)d;
    sim_dom_exc++;
}

const struct sched_upcalls sched_upcalls = { is_deliverable, timer_fired, was_shut_down };

/* ------------------------------------------------------------------------ */
/* The machine */

void sim_enter(unsigned int cpu)
{
    fake_cpu = cpu;
    fake_current = sim_cpus[cpu].current;
}

void sim_init(unsigned int nr_cpus)
{
    memset(sim_cpus, 0, sizeof(sim_cpus));
    memset(sim_virqs, 0, sizeof(sim_virqs));
    sim_dom_exc = 0;
    sim_split_switches = false;
    sim_interleave = NULL;
    sim_is_deliverable = NULL;
    cpumask_zero(&cpu_online_map);
    cpumask_zero(&idle_cpus);
    cpumask_zero(&waiting_cpus);
    nr_cpus_online = nr_cpus;
    for (unsigned int cpu = 0; cpu < nr_cpus; cpu++) {
        cpumask_set(&cpu_online_map, cpu);
        timer_init_cpu(cpu);
        assert_int_equal(sched_init_cpu(cpu), 0);
        sim_cpus[cpu].current = idle_vcpu[cpu];
        sim_cpus[cpu].deadline = INT64_MAX;
        softirq_raise_cpu(cpu, SOFTIRQ_SCHEDULE);
    }
    sim_settle();
}

void sim_fini(void)
{
    for (unsigned int cpu = 0; cpu < nr_cpus_online; cpu++) {
        timer_kill(&run_queues[cpu]->slice);
        free(run_queues[cpu]);
        free(idle_vcpu[cpu]->sched);
        free(idle_vcpu[cpu]);
    }
}

struct domain *sim_domain(domid_t id, unsigned int nr_vcpus, uint32_t weight, uint32_t cap)
{
    struct sched_share share = { weight, cap };
    struct domain *d = calloc(1, sizeof(*d));

    d->id = id;
    d->max_vcpus = nr_vcpus;
    d->vcpu = calloc(nr_vcpus, sizeof(d->vcpu[0]));
    spin_init(&d->shutdown_lock, LOCK_VCPU_STATE);
    assert_int_equal(sched_domain_init(d), 0);
    for (unsigned int i = 0; i < nr_vcpus; i++) {
        struct vcpu *v = calloc(1, sizeof(*v));

        v->domain = d;
        v->id = i;
        v->pause_flags = 1UL << VPF_DOWN;
        d->vcpu[i] = v;
        assert_int_equal(sched_vcpu_init(v), 0);
        v->periodic_period = 0;
    }
    assert_int_equal(domain_set_share(d, &share), 0);
    return d;
}

void sim_domain_free(struct domain *d)
{
    for (unsigned int i = 0; i < d->max_vcpus; i++) {
        vcpu_pause(d->vcpu[i]);
    }
    sim_settle();
    for (unsigned int i = 0; i < d->max_vcpus; i++) {
        sched_vcpu_fini(d->vcpu[i]);
        free(d->vcpu[i]);
    }
    sched_domain_fini(d);
    free(d->vcpu);
    free(d);
}

void sim_vcpu_up(struct vcpu *v)
{
    bit_clear_atomic(&v->pause_flags, VPF_DOWN);
    vcpu_wake(v);
}

struct vcpu *sim_running(unsigned int cpu)
{
    struct vcpu *v = sim_cpus[cpu].current;

    return v->is_idle ? NULL : v;
}

void sim_finish_switch(unsigned int cpu)
{
    struct vcpu *prev = sim_cpus[cpu].leaving;

    assert_non_null(prev);
    sim_enter(cpu);
    sim_cpus[cpu].leaving = NULL;
    sched_context_saved(prev);
}

static void handler_call(unsigned int cpu, unsigned int nr)
{
    struct sim_cpu *c = &sim_cpus[cpu];

    sim_enter(cpu);
    if (setjmp(switch_target) == 0) {
        handlers[nr]();
        return;
    }
    c->leaving = c->current;
    c->current = switched_to;
    c->switches++;
    if (!sim_split_switches) {
        sim_finish_switch(cpu);
    }
}

void sim_softirqs(unsigned int cpu)
{
    struct sim_cpu *c = &sim_cpus[cpu];

    while (c->softirqs != 0 && c->leaving == NULL) {
        unsigned int nr = (unsigned int)__builtin_ctzl(c->softirqs);

        c->softirqs &= c->softirqs - 1;
        handler_call(cpu, nr);
    }
}

void sim_settle(void)
{
    bool again;
    unsigned int rounds = 0;

    do {
        again = false;
        for (unsigned int cpu = 0; cpu < nr_cpus_online; cpu++) {
            if (sim_cpus[cpu].leaving != NULL) {
                sim_finish_switch(cpu);
                again = true;
            }
            again = again || sim_cpus[cpu].softirqs != 0;
            sim_softirqs(cpu);
            again = again || sim_cpus[cpu].leaving != NULL;
        }
        /* CPUs that call each other for ever at one instant would be a livelock. */
        assert_true(rounds++ < 10000);
    } while (again);
}

void sim_run(stime_t ns)
{
    stime_t end = sim_time + ns;

    for (;;) {
        stime_t next = end;

        sim_settle();
        for (unsigned int cpu = 0; cpu < nr_cpus_online; cpu++) {
            next = MIN(next, sim_cpus[cpu].deadline);
        }
        sim_time = MAX(sim_time, next);
        for (unsigned int cpu = 0; cpu < nr_cpus_online; cpu++) {
            if (sim_cpus[cpu].deadline <= sim_time) {
                sim_cpus[cpu].deadline = INT64_MAX;
                softirq_raise_cpu(cpu, SOFTIRQ_TIMER);
            }
        }
        if (sim_time >= end) {
            sim_settle();
            return;
        }
    }
}

/* ------------------------------------------------------------------------ */
/* Invariants */

static void check_queue(const struct run_queue *q)
{
    const struct list_node *pos;
    unsigned int n = 0;
    uint32_t load = 0;
    int64_t last = INT64_MIN;

    list_for_each(pos, &q->waiting) {
        const struct sched_vcpu *s = list_entry((struct list_node *)(uintptr_t)pos,
                                                struct sched_vcpu, node);

        assert_true(s->is_queued && !s->vcpu->is_running && !s->is_relative);
        assert_int_equal(s->vcpu->cpu, q->cpu);
        assert_true(s->vtime >= last);
        last = s->vtime;
        load += s->queued_weight;
        n++;
    }
    assert_int_equal(n, q->nr_waiting);
    assert_int_equal(load, q->waiting_load);
    assert_int_equal(cpumask_test(&waiting_cpus, q->cpu), n != 0);
    assert_ptr_equal(q->running, sim_cpus[q->cpu].current);
    assert_true(q->running->is_running);
}

static bool is_idle_cpu_for(const struct vcpu *v)
{
    for (unsigned int cpu = 0; cpu < nr_cpus_online; cpu++) {
        if (sim_running(cpu) == NULL && cpumask_test(&v->sched->hard, cpu)) {
            return true;
        }
    }
    return false;
}

void sim_check(struct domain *const *domains, unsigned int nr)
{
    for (unsigned int cpu = 0; cpu < nr_cpus_online; cpu++) {
        check_queue(run_queues[cpu]);
    }
    for (unsigned int i = 0; i < nr; i++) {
        for (unsigned int k = 0; k < domains[i]->max_vcpus; k++) {
            const struct vcpu *v = domains[i]->vcpu[k];

            if (vcpu_is_runnable(v)) {
                assert_true(v->is_running || v->sched->is_queued || v->sched->is_parked);
                /* Nobody waits while a CPU is idle that could run it. */
                assert_false(v->sched->is_queued && is_idle_cpu_for(v) &&
                             !cap_is_exhausted(v->domain));
            } else {
                assert_false(v->is_running || v->sched->is_queued);
            }
        }
    }
}

void sim_until_end(void (*fn)(void *), void *arg)
{
    sim_machine_end = NULL;
    if (setjmp(end_target) == 0) {
        fn(arg);
    }
}

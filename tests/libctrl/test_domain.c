/* SPDX-License-Identifier: BSD-2-Clause */
/* Domains, vCPUs, shares and policies over the model. */
#include "common.h"

#include <libctrl/domain.h>
#include <libctrl/policy.h>
#include <libctrl/sched.h>
#include <libctrl/vcpu.h>

static struct ctrl_domain_create wanted(uint32_t id)
{
    struct ctrl_domain_create create = { .domid = id, .uuid = { 1, 2, 3 }, .max_vcpus = 3 };

    ctrl_domain_create_defaults(&create);
    return create;
}

static void test_create(void **state)
{
    struct ctrl_domain_create create = wanted(0);
    struct ctrl_domain_info info;

    (void)state;
    create.ssidref = 9;
    create.xs_domain = true;
    assert_int_equal(ctrl_domain_create(ctrl, &create), 1);
    assert_int_equal(ctrl_domain_info(ctrl, 1, &info), 0);
    assert_true(info.paused && info.xs_domain && !info.dying && !info.hvm && !info.shutdown);
    assert_int_equal(info.max_vcpu_id, 2);
    assert_int_equal(info.nr_online_vcpus, 0);
    assert_int_equal(info.ssidref, 9);
    assert_memory_equal(info.uuid, create.uuid, 16);
    assert_true(info.shared_info_mfn > 0);
    create = wanted(7);
    assert_int_equal(ctrl_domain_create(ctrl, &create), 7);
    assert_fails(ctrl_domain_create(ctrl, &create), -EEXIST, "id 7 is taken");
}

static void test_create_refused(void **state)
{
    struct ctrl_domain_create create = wanted(0);

    (void)state;
    create.max_vcpus = 1000;
    assert_fails(ctrl_domain_create(ctrl, &create), -EINVAL, "1000 vCPUs in pool 0");
    create = wanted(0);
    create.hvm = true;
    create.hap = true;
    assert_int_equal(ctrl_domain_create(ctrl, &create), -EOPNOTSUPP);
    create = wanted(0);
    create.cpupool = 5;
    assert_int_equal(ctrl_domain_create(ctrl, &create), -ESRCH);
    /* The vCPUs cannot be made: nothing is left. */
    create = wanted(0);
    fake.fail_hypercall.after = 2;
    fake.fail_hypercall.error = ENOMEM;
    assert_fails(ctrl_domain_create(ctrl, &create), -ENOMEM, "making its vCPUs");
    assert_null(fake_domain(1));
}

static void test_info_and_list(void **state)
{
    struct ctrl_domain_info infos[700], info;
    uint32_t i;

    (void)state;
    for (i = 1; i < 600; i++) {
        fake_domain_add(i * 3, "d", 8, 1);
    }
    assert_int_equal(ctrl_domain_list(ctrl, 0, 700, infos), 600);
    assert_int_equal(infos[599].domid, 599 * 3);
    assert_int_equal(ctrl_domain_list(ctrl, 4, 2, infos), 2);
    assert_int_equal(infos[0].domid, 6);
    assert_int_equal(ctrl_domain_list(ctrl, 5000, 2, infos), 0);
    assert_int_equal(ctrl_domain_list(ctrl, CTRL_DOMID_LIMIT, 2, infos), 0);
    assert_int_equal(ctrl_domain_list(ctrl, 0, 0, infos), 0);
    assert_fails(ctrl_domain_info(ctrl, 4, &info), -ESRCH, "domain 4: ");
    /* 600 domains are three hypercalls: 292 at once. */
    fake.hypercalls = 0;
    ctrl_domain_list(ctrl, 0, 700, infos);
    assert_int_equal(fake.hypercalls, 3);
}

static void test_states(void **state)
{
    struct fake_domain *d = fake_domain_add(2, "two", 256, 2);
    struct ctrl_domain_info info;

    (void)state;
    assert_int_equal(ctrl_domain_pause(ctrl, 2), 0);
    assert_int_equal(d->pauses, 1);
    assert_int_equal(ctrl_domain_unpause(ctrl, 2), 0);
    assert_fails(ctrl_domain_unpause(ctrl, 2), -EINVAL, "domain 2: unpausing it");
    assert_int_equal(ctrl_domain_shutdown(ctrl, 2, CTRL_SHUTDOWN_WATCHDOG), 0);
    assert_int_equal(ctrl_domain_info(ctrl, 2, &info), 0);
    assert_true(info.shutdown);
    assert_int_equal(info.shutdown_reason, CTRL_SHUTDOWN_WATCHDOG);
    assert_int_equal(ctrl_domain_resume(ctrl, 2), 0);
    assert_false(d->shutdown);
    assert_int_equal(ctrl_domain_destroy(ctrl, 2), 0);
    assert_fails(ctrl_domain_destroy(ctrl, 2), -ESRCH, "no such domain");
    assert_int_equal(ctrl_domain_destroy(ctrl, 0), -EINVAL);
    assert_int_equal(ctrl_domain_shutdown(ctrl, 2, CTRL_SHUTDOWN_CRASH), -ESRCH);
}

static void test_settings(void **state)
{
    struct fake_domain *d = fake_domain_add(2, "two", 256, 2);
    struct ctrl_tsc tsc = { .mode = 2, .khz = 3, .incarnation = 4, .elapsed_ns = 5 }, got;
    const uint8_t uuid[16] = { 9, 8, 7 };
    uint64_t nodes = 0;
    uint32_t bits = 0;

    (void)state;
    assert_int_equal(ctrl_domain_set_max_mem(ctrl, 2, 4000), 0);
    assert_int_equal(d->max_pages, 1000);
    assert_int_equal(ctrl_domain_set_max_vcpus(ctrl, 2, 2), 0);
    assert_int_equal(ctrl_domain_set_max_vcpus(ctrl, 2, 3), -EINVAL);
    assert_int_equal(ctrl_domain_set_uuid(ctrl, 2, uuid), 0);
    assert_memory_equal(d->uuid, uuid, 16);
    assert_int_equal(ctrl_domain_set_debugging(ctrl, 2, true), 0);
    assert_true(d->debugged);
    assert_int_equal(ctrl_domain_set_time_offset(ctrl, 2, -77), 0);
    assert_int_equal(d->time_offset, -77);
    assert_int_equal(ctrl_domain_set_tsc(ctrl, 2, &tsc), 0);
    assert_int_equal(ctrl_domain_get_tsc(ctrl, 2, &got), 0);
    assert_memory_equal(&tsc, &got, sizeof(tsc));
    assert_int_equal(ctrl_domain_set_address_size(ctrl, 2, 32), -EOPNOTSUPP);
    assert_int_equal(ctrl_domain_get_address_size(ctrl, 2, &bits), 0);
    assert_int_equal(bits, 64);
    assert_int_equal(ctrl_domain_trigger(ctrl, 2, CTRL_TRIGGER_NMI, 1), 0);
    assert_int_equal(d->triggers, 1);
    assert_int_equal(ctrl_domain_trigger(ctrl, 2, CTRL_TRIGGER_NMI, 5), -ESRCH);
    assert_int_equal(ctrl_domain_trigger(ctrl, 2, CTRL_TRIGGER_POWER, 0), -EINVAL);
    assert_int_equal(ctrl_domain_iomem_permission(ctrl, 2, 1, 2, true), 0);
    assert_int_equal(ctrl_domain_ioport_permission(ctrl, 2, 1, 2, true), 0);
    assert_int_equal(ctrl_domain_irq_permission(ctrl, 2, 1, true), 0);
    assert_int_equal(ctrl_domain_set_target(ctrl, 2, 0), 0);
    assert_int_equal(ctrl_domain_set_nodes(ctrl, 2, 1), 0);
    assert_int_equal(ctrl_domain_set_nodes(ctrl, 2, 2), -EINVAL);
    assert_int_equal(ctrl_domain_get_nodes(ctrl, 2, &nodes), 0);
}

static void test_vcpu_state(void **state)
{
    struct fake_domain *d = fake_domain_add(2, "two", 256, 2);
    struct vcpu_guest_context context = { .flags = VGCF_online }, got;
    struct ctrl_vcpu_info info;
    struct ctrl_vcpu_regs regs;

    (void)state;
    d->vcpus[1].running = true;
    d->vcpus[1].time_ns = 77;
    assert_int_equal(ctrl_vcpu_info(ctrl, 2, 1, &info), 0);
    assert_true(info.online && info.running && !info.blocked);
    assert_int_equal(info.cpu_time_ns, 77);
    assert_int_equal(info.cpu, 1);
    assert_int_equal(ctrl_vcpu_info(ctrl, 2, 2, &info), -ESRCH);
    assert_int_equal(ctrl_vcpu_get_regs(ctrl, 2, 0, &regs), -ENODATA);
    context.user_regs.rip = 0x1234;
    context.user_regs.gs = 5;
    context.ctrlreg[3] = 0x7000;
    context.debugreg[7] = 0x400;
    assert_int_equal(ctrl_vcpu_set_context(ctrl, 2, 0, &context), 0);
    assert_int_equal(ctrl_vcpu_get_context(ctrl, 2, 0, &got), 0);
    assert_memory_equal(&context, &got, sizeof(got));
    assert_int_equal(ctrl_vcpu_get_regs(ctrl, 2, 0, &regs), 0);
    assert_true(regs.online && !regs.in_kernel);
    assert_int_equal(regs.rip, 0x1234);
    assert_int_equal(regs.gs, 5);
    assert_int_equal(regs.cr3, 0x7000);
    assert_int_equal(regs.dr[7], 0x400);
    assert_int_equal(ctrl_vcpu_set_context(ctrl, 2, 9, &context), -EINVAL);
}

static void test_affinity(void **state)
{
    struct ctrl_cpumap hard, soft, none = { .nr_cpus = 0 };

    (void)state;
    fake_domain_add(2, "two", 256, 2);
    assert_int_equal(ctrl_vcpu_get_affinity(ctrl, 2, 0, &hard, &soft), 0);
    assert_int_equal(hard.nr_cpus, 4);
    assert_int_equal(ctrl_cpumap_count(&hard), 4);
    ctrl_cpumap_fill(&hard, 2);
    assert_int_equal(ctrl_vcpu_set_affinity(ctrl, 2, 0, &hard, NULL), 0);
    assert_int_equal(ctrl_vcpu_get_affinity(ctrl, 2, 0, NULL, &soft), 0);
    assert_int_equal(ctrl_cpumap_count(&soft), 4);
    assert_int_equal(ctrl_vcpu_get_affinity(ctrl, 2, 0, &hard, NULL), 0);
    assert_int_equal(ctrl_cpumap_count(&hard), 2);
    assert_false(ctrl_cpumap_test(&hard, 2));
    assert_fails(ctrl_vcpu_set_affinity(ctrl, 2, 0, &none, NULL), -EINVAL, "vCPU's affinity");
    assert_int_equal(ctrl_vcpu_force_affinity(ctrl, 2, 1, &hard, &soft), 0);
    assert_int_equal(ctrl_vcpu_set_affinity(ctrl, 2, 5, &hard, NULL), -EINVAL);
}

static void test_cpumaps(void **state)
{
    struct ctrl_cpumap a, b = { .nr_cpus = 0 };

    (void)state;
    ctrl_cpumap_fill(&a, 70);
    assert_int_equal(ctrl_cpumap_count(&a), 70);
    assert_false(ctrl_cpumap_test(&a, 70));
    assert_false(ctrl_cpumap_equal(&a, &b));
    ctrl_cpumap_set(&b, 69);
    assert_int_equal(b.nr_cpus, 70);
    ctrl_cpumap_set(&b, CTRL_MAX_CPUS);
    ctrl_cpumap_clear(&b, CTRL_MAX_CPUS + 1);
    assert_int_equal(ctrl_cpumap_count(&b), 1);
    ctrl_cpumap_clear(&b, 69);
    ctrl_cpumap_fill(&a, 0);
    /* The same CPUs, though one map could hold more. */
    assert_true(ctrl_cpumap_equal(&a, &b));
}

static void test_shares(void **state)
{
    struct ctrl_sched_domain sched = { .sched_id = CTRL_SCHED_CREDIT2 };
    struct ctrl_sched_rtds rtds = { .vcpu = 0 };

    (void)state;
    fake_domain_add(2, "two", 256, 2);
    assert_int_equal(ctrl_sched_domain_get(ctrl, 2, &sched), 0);
    assert_int_equal(sched.weight, 256);
    sched.weight = 1000;
    sched.cap = 30;
    assert_int_equal(ctrl_sched_domain_set(ctrl, 2, &sched), 0);
    assert_int_equal(fake_domain(2)->weight, 1000);
    assert_int_equal(fake_domain(2)->cap, 30);
    sched.sched_id = CTRL_SCHED_CREDIT;
    assert_int_equal(ctrl_sched_domain_get(ctrl, 2, &sched), -EINVAL);
    sched.sched_id = CTRL_SCHED_RTDS;
    assert_fails(ctrl_sched_domain_set(ctrl, 2, &sched), -EINVAL, "rtds scheduler");
    assert_int_equal(ctrl_sched_rtds_get(ctrl, 2, &rtds, 1), -EINVAL);
    assert_int_equal(ctrl_sched_rtds_set(ctrl, 2, &rtds, 1), -EINVAL);
    assert_string_equal(ctrl_scheduler_name(CTRL_SCHED_NULL), "null");
    assert_string_equal(ctrl_scheduler_name(CTRL_SCHED_ARINC653), "arinc653");
    assert_string_equal(ctrl_scheduler_name(77), "unknown");
}

static void test_policies(void **state)
{
    struct ctrl_policy policy;
    struct ctrl_cpuid_leaf *leaf;

    (void)state;
    fake_domain_add(2, "two", 256, 2);
    assert_int_equal(ctrl_policy_of_host(ctrl, CTRL_POLICY_PV_MAX, &policy), 0);
    assert_int_equal(policy.nr_leaves, 2);
    assert_int_equal(policy.nr_msrs, 1);
    leaf = ctrl_policy_leaf(&policy, 1, CTRL_CPUID_NO_SUBLEAF);
    assert_non_null(leaf);
    assert_null(ctrl_policy_leaf(&policy, 2, CTRL_CPUID_NO_SUBLEAF));
    assert_int_equal(ctrl_policy_set(ctrl, 2, &policy), 0);
    policy.leaves[0].leaf = 0x1234;
    assert_fails(ctrl_policy_set(ctrl, 2, &policy), -ERANGE, "CPUID leaf 0x1234");
    ctrl_policy_free(&policy);
    assert_null(policy.leaves);
    assert_int_equal(ctrl_policy_of_host(ctrl, CTRL_POLICY_HVM_MAX, &policy), -EOPNOTSUPP);
    assert_int_equal(ctrl_policy_of_domain(ctrl, 2, &policy), 0);
    ctrl_policy_free(&policy);
    assert_int_equal(ctrl_policy_of_domain(ctrl, 3, &policy), -ESRCH);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_create), TEST(test_create_refused), TEST(test_info_and_list),
        TEST(test_states), TEST(test_settings), TEST(test_vcpu_state), TEST(test_affinity),
        TEST(test_cpumaps), TEST(test_shares), TEST(test_policies),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

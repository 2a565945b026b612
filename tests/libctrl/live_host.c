/* SPDX-License-Identifier: BSD-2-Clause */
/* The machine and its pools. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <libctrl/cpupool.h>
#include <libctrl/domain.h>
#include <libctrl/host.h>
#include <libctrl/memory.h>
#include <libctrl/policy.h>
#include <libctrl/sched.h>

#include "live.h"

static void test_version(void)
{
    struct ctrl_version v;

    test("host/version");
    if (CHECK_OK(ctrl_version(ctrl, &v))) {
        CHECK(v.major == 4 && v.minor == 17);
        CHECK(v.extra[0] == '.');
        CHECK(strstr(v.capabilities, "xen-3.0-x86_64") != NULL);
        CHECK(v.page_size == 4096);
        CHECK(v.virt_start == 0xffff800000000000ull);
        CHECK(v.compiler[0] && v.compile_date[0]);
        CHECK(v.build_id_size >= 16);
        CHECK(strstr(v.commandline, "dom0_mem") != NULL);
    }
}

static void test_machine(void)
{
    struct ctrl_cpu_topology cpus[16];
    struct ctrl_pci_device device = { 0, 0, 0 };
    struct ctrl_physinfo info = { .nr_cpus = 0 };
    struct ctrl_node nodes[2];
    uint32_t distances[4], node;
    uint64_t idle[16], freed, used, bytes = 0;

    test("host/physinfo");
    CHECK_OK(ctrl_physinfo(ctrl, &info));
    CHECK(info.nr_cpus >= 1 && info.max_cpu_id + 1 >= info.nr_cpus && info.nr_nodes == 1);
    CHECK(info.capabilities & CTRL_CAP_PV);
    CHECK(info.free_pages > 0 && info.free_pages < info.total_pages);
    CHECK(info.cpu_khz > 1000);
    CHECK_OK(ctrl_sharing_pages(ctrl, &freed, &used));
    test("host/topology");
    CHECK_RC(ctrl_cpu_topology(ctrl, 0, NULL), (long)info.max_cpu_id + 1);
    CHECK(ctrl_cpu_topology(ctrl, 16, cpus) >= (int)info.nr_cpus && cpus[0].node == 0);
    CHECK_RC(ctrl_cpu_idle_times(ctrl, 16, idle), (long)info.nr_cpus);
    test("host/numa");
    CHECK(ctrl_numa(ctrl, 0, NULL, NULL) >= 1);
    CHECK(ctrl_numa(ctrl, 2, nodes, distances) >= 1 && distances[0] == 10 && nodes[0].size > 0);
    CHECK_OK(ctrl_pci_topology(ctrl, 1, &device, &node));
    CHECK_OK(ctrl_free_bytes(ctrl, -1, 0, 0, &bytes));
    CHECK(bytes > 0 && bytes / 4096 <= info.total_pages);
}

static void test_console(void)
{
    char text[4096];
    uint32_t index = 0;
    int got, all = 0;

    test("host/console");
    while ((got = ctrl_console_read(ctrl, &index, text, sizeof(text))) > 0) {
        all += got;
    }
    CHECK_RC(got, 0);
    CHECK(all > 100);
    CHECK_OK(ctrl_debug_keys(ctrl, "h"));
    CHECK_RC(ctrl_debug_keys(ctrl, "aaaaaaaaaaaaaaaaaaaaaaaaaaa"), -E2BIG);
    CHECK_OK(ctrl_console_clear(ctrl));
    index = 0;
    got = ctrl_console_read(ctrl, &index, text, sizeof(text));
    CHECK(got >= 0 && got < all);
    CHECK_RC(ctrl_set_parameters(ctrl, "no-such-one=1"), is_reference ? -ENOENT : -ENOSYS);
}

static void test_policies(void)
{
    struct ctrl_policy policy;

    test("host/policy");
    if (CHECK_OK(ctrl_policy_of_host(ctrl, CTRL_POLICY_HOST, &policy))) {
        CHECK(policy.nr_leaves > 5);
        CHECK(ctrl_policy_leaf(&policy, 0, CTRL_CPUID_NO_SUBLEAF) != NULL);
        CHECK(ctrl_policy_leaf(&policy, 0x999, 0) == NULL);
        ctrl_policy_free(&policy);
    }
    CHECK_RC(ctrl_policy_of_host(ctrl, 99, &policy), -EINVAL);
    CHECK_OK(ctrl_policy_of_domain(ctrl, 0, &policy));
    ctrl_policy_free(&policy);
}

static void test_host_memory(void)
{
    struct ctrl_e820 map[64];
    uint64_t mfn = 0, pages = 0, gpfn;

    test("host/memory");
    CHECK(ctrl_memory_host_map(ctrl, map, 64) > 1);
    CHECK_RC(ctrl_memory_host_map(ctrl, map, 1), -EINVAL);
    CHECK_OK(ctrl_memory_max_mfn(ctrl, &mfn));
    CHECK(mfn > 1000);
    CHECK_OK(ctrl_memory_current(ctrl, 0, &pages));
    CHECK(pages > 10000);
    CHECK_OK(ctrl_memory_maximum(ctrl, 0, &pages));
    CHECK_OK(ctrl_memory_max_gpfn(ctrl, 0, &gpfn));
}

void test_host(void)
{
    void *page;

    test_version();
    test_machine();
    test_console();
    test_policies();
    test_host_memory();
    test("host/pages");
    page = ctrl_pages_get(ctrl, 3);
    if (CHECK(page != NULL)) {
        memset(page, 1, 3 * CTRL_PAGE_SIZE);
        ctrl_pages_put(ctrl, page);
    }
    CHECK_RC(ctrl_hypercall(ctrl, 63, (const uint64_t[5]){ 0 }), -ENOSYS);
}

static void test_pool_life(uint32_t sched)
{
    struct ctrl_cpupool_info info;
    struct ctrl_cpumap free_cpus;
    int pool = ctrl_cpupool_create(ctrl, CTRL_CPUPOOL_ANY, sched);

    CHECK(pool > 0);
    CHECK_RC(ctrl_cpupool_create(ctrl, (uint32_t)pool, sched), -EEXIST);
    CHECK_OK(ctrl_cpupool_next(ctrl, (uint32_t)pool, &info));
    CHECK(info.pool == (uint32_t)pool && info.nr_domains == 0 &&
          ctrl_cpumap_count(&info.cpus) == 0);
    CHECK_RC(ctrl_cpupool_add_cpu(ctrl, (uint32_t)pool, 0), -ENODEV);
    CHECK_RC(ctrl_cpupool_add_cpu(ctrl, (uint32_t)pool, 4000), -EINVAL);
    CHECK_RC(ctrl_cpupool_move_domain(ctrl, (uint32_t)pool, 0), -EPERM);
    CHECK_RC(ctrl_cpupool_move_domain(ctrl, (uint32_t)pool, 999), -ESRCH);
    CHECK_OK(ctrl_cpupool_remove_cpu(ctrl, 0, 1));
    CHECK_OK(ctrl_cpupool_free_cpus(ctrl, &free_cpus));
    CHECK(ctrl_cpumap_test(&free_cpus, 1) && !ctrl_cpumap_test(&free_cpus, 0));
    CHECK_OK(ctrl_cpupool_add_cpu(ctrl, (uint32_t)pool, 1));
    CHECK_RC(ctrl_cpupool_destroy(ctrl, (uint32_t)pool), -EBUSY);
    CHECK_OK(ctrl_cpupool_remove_cpu(ctrl, (uint32_t)pool, 1));
    CHECK_OK(ctrl_cpupool_destroy(ctrl, (uint32_t)pool));
    CHECK_RC(ctrl_cpupool_destroy(ctrl, (uint32_t)pool), -ENOENT);
    CHECK_OK(ctrl_cpupool_add_cpu(ctrl, 0, 1));
}

void test_pools(void)
{
    struct ctrl_cpupool_info info;
    struct ctrl_sched_pool params = { .sched_id = 0 };
    uint32_t sched = 0;

    test("host/scheduler");
    CHECK_OK(ctrl_scheduler_id(ctrl, &sched));
    CHECK(strcmp(ctrl_scheduler_name(sched), "credit2") == 0);
    params.sched_id = sched;
    CHECK_OK(ctrl_sched_pool_get(ctrl, 0, &params));
    CHECK(params.ratelimit_us > 0);
    CHECK_OK(ctrl_sched_pool_set(ctrl, 0, &params));
    CHECK_RC(ctrl_sched_pool_get(ctrl, 77, &params), -ESRCH);
    test("host/pools");
    CHECK_OK(ctrl_cpupool_next(ctrl, 0, &info));
    CHECK(info.pool == 0 && info.sched_id == sched && info.nr_domains >= 1);
    CHECK(ctrl_cpumap_count(&info.cpus) == 2 && ctrl_cpumap_test(&info.cpus, 1));
    CHECK_RC(ctrl_cpupool_next(ctrl, 50, &info), -ENOENT);
    test_pool_life(sched);
}

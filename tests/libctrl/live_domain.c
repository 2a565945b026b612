/* SPDX-License-Identifier: BSD-2-Clause */
/* A domain's settings, on one that never runs; and what is refused. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <libctrl/domain.h>
#include <libctrl/event.h>
#include <libctrl/grant.h>
#include <libctrl/host.h>
#include <libctrl/memory.h>
#include <libctrl/policy.h>
#include <libctrl/sched.h>
#include <libctrl/vcpu.h>

#include "live.h"

#define NOBODY 12345u

static void refused_settings(void)
{
    struct ctrl_tsc tsc = { .mode = 0 };
    uint8_t uuid[16] = { 0 };
    uint32_t bits;
    uint64_t nodes;

    test("refused/domain");
    CHECK_RC(ctrl_domain_destroy(ctrl, NOBODY), -ESRCH);
    CHECK_RC(ctrl_domain_destroy(ctrl, 0), -EINVAL);
    CHECK_RC(ctrl_domain_pause(ctrl, NOBODY), -ESRCH);
    CHECK_RC(ctrl_domain_unpause(ctrl, NOBODY), -ESRCH);
    CHECK_RC(ctrl_domain_shutdown(ctrl, NOBODY, CTRL_SHUTDOWN_CRASH), -ESRCH);
    CHECK_RC(ctrl_domain_resume(ctrl, NOBODY), -ESRCH);
    CHECK_RC(ctrl_domain_set_max_mem(ctrl, NOBODY, 4), -ESRCH);
    CHECK_RC(ctrl_domain_set_max_vcpus(ctrl, NOBODY, 1), -ESRCH);
    CHECK_RC(ctrl_domain_set_uuid(ctrl, NOBODY, uuid), -ESRCH);
    CHECK_RC(ctrl_domain_set_debugging(ctrl, NOBODY, true), -ESRCH);
    CHECK_RC(ctrl_domain_set_time_offset(ctrl, NOBODY, 1), -ESRCH);
    CHECK_RC(ctrl_domain_set_tsc(ctrl, NOBODY, &tsc), -ESRCH);
    CHECK_RC(ctrl_domain_get_tsc(ctrl, NOBODY, &tsc), -ESRCH);
    CHECK_RC(ctrl_domain_set_address_size(ctrl, NOBODY, 64), -ESRCH);
    CHECK_RC(ctrl_domain_get_address_size(ctrl, NOBODY, &bits), -ESRCH);
    CHECK_RC(ctrl_domain_trigger(ctrl, NOBODY, CTRL_TRIGGER_NMI, 0), -ESRCH);
    CHECK_RC(ctrl_domain_iomem_permission(ctrl, NOBODY, 1, 1, true), -ESRCH);
    CHECK_RC(ctrl_domain_ioport_permission(ctrl, NOBODY, 1, 1, true), -ESRCH);
    CHECK_RC(ctrl_domain_irq_permission(ctrl, NOBODY, 1, true), -ESRCH);
    CHECK_RC(ctrl_domain_set_target(ctrl, NOBODY, 0), -ESRCH);
    CHECK_RC(ctrl_domain_set_nodes(ctrl, NOBODY, 1), -ESRCH);
    CHECK_RC(ctrl_domain_get_nodes(ctrl, NOBODY, &nodes), -ESRCH);
}

static void refused_rest(void)
{
    struct ctrl_grant_entry entry = { 9999, 0, 1, false };
    struct ctrl_sched_domain sched = { .sched_id = CTRL_SCHED_CREDIT2, .weight = 1 };
    struct ctrl_sched_rtds rtds = { .vcpu = 0 };
    struct ctrl_policy policy = { .nr_leaves = 0 };
    struct ctrl_vcpu_info vcpu;
    struct ctrl_vcpu_regs regs;
    struct ctrl_cpumap map;
    struct ctrl_e820 e820[129];
    struct ctrl_event_status status;
    uint64_t frame = 1, pages, *list;
    uint8_t type;
    size_t nr;
    void *address;

    test("refused/rest");
    CHECK_RC(ctrl_vcpu_info(ctrl, NOBODY, 0, &vcpu), -ESRCH);
    CHECK_RC(ctrl_vcpu_get_affinity(ctrl, NOBODY, 0, &map, NULL), -ESRCH);
    CHECK_RC(ctrl_vcpu_get_regs(ctrl, NOBODY, 0, &regs), -ESRCH);
    CHECK_RC(ctrl_sched_domain_get(ctrl, NOBODY, &sched), -ESRCH);
    CHECK_RC(ctrl_sched_domain_set(ctrl, NOBODY, &sched), -ESRCH);
    sched.sched_id = CTRL_SCHED_NULL;
    CHECK_RC(ctrl_sched_domain_get(ctrl, 0, &sched), -EINVAL);
    CHECK_RC(ctrl_sched_rtds_get(ctrl, 0, &rtds, 1), -EINVAL);
    CHECK_RC(ctrl_sched_rtds_set(ctrl, 0, &rtds, 1), -EINVAL);
    CHECK_RC(ctrl_policy_of_domain(ctrl, NOBODY, &policy), -ESRCH);
    CHECK_RC(ctrl_policy_set(ctrl, NOBODY, &policy), -ESRCH);
    CHECK_RC(ctrl_memory_populate(ctrl, NOBODY, 0, 1, &frame), 0);
    CHECK_RC(ctrl_memory_take(ctrl, NOBODY, 0, 1, &frame), 0);
    CHECK_RC(ctrl_memory_claim(ctrl, NOBODY, 1), -EINVAL);
    CHECK_RC(ctrl_memory_current(ctrl, NOBODY, &pages), -ESRCH);
    CHECK_RC(ctrl_memory_maximum(ctrl, NOBODY, &pages), -ESRCH);
    CHECK_RC(ctrl_memory_max_gpfn(ctrl, NOBODY, &pages), -ESRCH);
    CHECK_RC(ctrl_memory_set_map(ctrl, NOBODY, e820, 1), -ESRCH);
    CHECK_RC(ctrl_memory_set_map(ctrl, NOBODY, e820, 129), -EINVAL);
    CHECK_RC(ctrl_foreign_map(ctrl, 0, PROT_READ, 0, &frame, NULL, &address), -EINVAL);
    CHECK(ctrl_foreign_map(ctrl, NOBODY, PROT_READ, 1, &frame, NULL, &address) < 0);
    CHECK(ctrl_resource_map(ctrl, NOBODY, CTRL_RESOURCE_GRANT_TABLE, 0, 0, 1, &address) < 0);
    CHECK(ctrl_resource_size(ctrl, NOBODY, CTRL_RESOURCE_GRANT_TABLE, 0, &nr) < 0);
    CHECK_RC(ctrl_frame_types(ctrl, NOBODY, 1, &frame, &type), -ESRCH);
    CHECK_RC(ctrl_p2m_read(ctrl, NOBODY, &list, &nr), -ESRCH);
    CHECK_RC(ctrl_grant_seed(ctrl, NOBODY, &entry, 1), -EINVAL);
    CHECK_RC(ctrl_event_alloc_unbound(ctrl, NOBODY, 0), -ESRCH);
    CHECK_RC(ctrl_event_status(ctrl, NOBODY, 1, &status), -ESRCH);
    CHECK(strstr(ctrl_error(ctrl), "domain 12345: ") == ctrl_error(ctrl));
}

void test_refused(void)
{
    struct ctrl_domain_create create = { .max_vcpus = 1 };
    struct ctrl_domain_info info;

    refused_settings();
    refused_rest();
    test("refused/create");
    ctrl_domain_create_defaults(&create);
    create.max_vcpus = 100000;
    CHECK_RC(ctrl_domain_create(ctrl, &create), -EINVAL);
    create.max_vcpus = 1;
    create.cpupool = 55;
    CHECK(ctrl_domain_create(ctrl, &create) < 0);
    CHECK_RC(ctrl_domain_info(ctrl, NOBODY, &info), -ESRCH);
}

static void check_limits(uint32_t id)
{
    struct ctrl_domain_info info = { .domid = 0 };
    const uint8_t uuid[16] = { 1, 2, 3 };
    struct ctrl_domain_create same = { .domid = id, .max_vcpus = 2 };
    uint64_t pages = 0;

    test("settings/life");
    ctrl_domain_create_defaults(&same);
    CHECK_RC(ctrl_domain_create(ctrl, &same), -EEXIST);
    CHECK_OK(ctrl_domain_info(ctrl, id, &info));
    CHECK(info.paused && !info.shutdown && !info.hvm && info.max_vcpu_id == 1);
    CHECK(info.nr_online_vcpus == 0 && info.uuid[0] == 7 && info.cpupool == 0);
    CHECK_OK(ctrl_domain_set_uuid(ctrl, id, uuid));
    CHECK_OK(ctrl_domain_pause(ctrl, id));
    CHECK_OK(ctrl_domain_unpause(ctrl, id));
    CHECK_OK(ctrl_domain_set_max_mem(ctrl, id, 64 << 10));
    CHECK_OK(ctrl_domain_info(ctrl, id, &info));
    CHECK(memcmp(info.uuid, uuid, 16) == 0 && info.max_pages == 16384);
    CHECK_OK(ctrl_memory_maximum(ctrl, id, &pages));
    CHECK(pages == 16384);
    CHECK_OK(ctrl_domain_set_debugging(ctrl, id, true));
    CHECK_OK(ctrl_domain_set_debugging(ctrl, id, false));
    CHECK_RC(ctrl_domain_set_max_vcpus(ctrl, id, 5), -EINVAL);
    CHECK_OK(ctrl_domain_shutdown(ctrl, id, CTRL_SHUTDOWN_SUSPEND));
    CHECK_OK(ctrl_domain_info(ctrl, id, &info));
    CHECK(info.shutdown && info.shutdown_reason == CTRL_SHUTDOWN_SUSPEND);
    CHECK_OK(ctrl_domain_resume(ctrl, id));
}

static void check_clocks_and_rights(uint32_t id)
{
    struct ctrl_tsc tsc = { .mode = 0 };
    uint32_t bits = 0;
    uint64_t nodes = 0;

    test("settings/clocks");
    CHECK_OK(ctrl_domain_set_time_offset(ctrl, id, -3600));
    CHECK_OK(ctrl_domain_set_tsc(ctrl, id, &tsc));
    CHECK_OK(ctrl_domain_get_tsc(ctrl, id, &tsc));
    tsc.mode = 99;
    CHECK_RC(ctrl_domain_set_tsc(ctrl, id, &tsc), -EINVAL);
    test("settings/rights");
    CHECK_OK(ctrl_domain_set_address_size(ctrl, id, 64));
    CHECK_OK(ctrl_domain_get_address_size(ctrl, id, &bits));
    CHECK(bits == 64);
    CHECK_OK(ctrl_domain_iomem_permission(ctrl, id, 0xa0, 0x20, true));
    CHECK_OK(ctrl_domain_iomem_permission(ctrl, id, 0xa0, 0x20, false));
    CHECK_OK(ctrl_domain_ioport_permission(ctrl, id, 0x3c0, 0x20, true));
    CHECK_RC(ctrl_domain_ioport_permission(ctrl, id, 0x10000, 0x20, true), -EINVAL);
    CHECK(ctrl_domain_irq_permission(ctrl, id, 100000, true) < 0);
    CHECK_OK(ctrl_domain_set_nodes(ctrl, id, 1));
    CHECK_OK(ctrl_domain_get_nodes(ctrl, id, &nodes));
    CHECK(nodes & 1);
    CHECK_RC(ctrl_domain_trigger(ctrl, id, CTRL_TRIGGER_RESET, 0), -ENOSYS);
    CHECK_RC(ctrl_domain_set_target(ctrl, id, NOBODY), -ESRCH);
}

static void check_vcpus(uint32_t id)
{
    struct ctrl_cpumap hard = { .nr_cpus = 0 }, soft = { .nr_cpus = 0 };
    struct ctrl_sched_domain sched = { .sched_id = CTRL_SCHED_CREDIT2 };
    struct ctrl_vcpu_info info = { .online = true };
    struct ctrl_vcpu_regs regs;

    test("settings/vcpus");
    CHECK_OK(ctrl_vcpu_info(ctrl, id, 1, &info));
    CHECK(!info.online && info.cpu_time_ns == 0);
    CHECK(ctrl_vcpu_info(ctrl, id, 7, &info) < 0);
    CHECK_RC(ctrl_vcpu_get_regs(ctrl, id, 0, &regs), -ENODATA);
    CHECK_OK(ctrl_vcpu_get_affinity(ctrl, id, 0, &hard, &soft));
    CHECK(hard.nr_cpus == 2 && ctrl_cpumap_test(&hard, 0) && ctrl_cpumap_test(&hard, 1));
    ctrl_cpumap_clear(&hard, 0);
    CHECK_OK(ctrl_vcpu_set_affinity(ctrl, id, 0, &hard, NULL));
    CHECK_OK(ctrl_vcpu_get_affinity(ctrl, id, 0, &hard, NULL));
    CHECK(ctrl_cpumap_count(&hard) == 1 && ctrl_cpumap_test(&hard, 1));
    ctrl_cpumap_fill(&hard, 0);
    CHECK_RC(ctrl_vcpu_set_affinity(ctrl, id, 0, &hard, NULL), -EINVAL);
    ctrl_cpumap_fill(&hard, 2);
    CHECK_OK(ctrl_vcpu_force_affinity(ctrl, id, 0, &hard, &soft));
    CHECK(ctrl_cpumap_equal(&hard, &soft));
    test("settings/share");
    CHECK_OK(ctrl_sched_domain_get(ctrl, id, &sched));
    CHECK(sched.weight == 256 && sched.cap == 0);
    sched.weight = 512;
    sched.cap = 50;
    CHECK_OK(ctrl_sched_domain_set(ctrl, id, &sched));
    sched.weight = 0;
    CHECK_OK(ctrl_sched_domain_get(ctrl, id, &sched));
    CHECK(sched.weight == 512 && sched.cap == 50);
}

static void check_policy(uint32_t id)
{
    struct ctrl_policy policy = { .nr_leaves = 0 };
    struct ctrl_cpuid_leaf *leaf;

    test("settings/policy");
    if (CHECK_OK(ctrl_policy_of_domain(ctrl, id, &policy))) {
        leaf = ctrl_policy_leaf(&policy, 1, CTRL_CPUID_NO_SUBLEAF);
        CHECK(leaf != NULL);
        CHECK_OK(ctrl_policy_set(ctrl, id, &policy));
        if (leaf) {
            leaf->leaf = 0x30000000;
            CHECK_RC(ctrl_policy_set(ctrl, id, &policy), -ERANGE);
            CHECK(strstr(ctrl_error(ctrl), "0x30000000") != NULL);
        }
        ctrl_policy_free(&policy);
    }
}

static void check_memory(uint32_t id)
{
    uint64_t frames[600], pages = 0, i, bad[2];
    struct ctrl_e820 map = { 0, 64 << 20, 1 };
    uint8_t types[2];
    int errors[2];
    void *address;
    size_t nr = 0;

    test("settings/memory");
    CHECK_OK(ctrl_memory_set_map(ctrl, id, &map, 1));
    CHECK_OK(ctrl_memory_claim(ctrl, id, 1000));
    CHECK_OK(ctrl_memory_claim(ctrl, id, 0));
    CHECK_RC(ctrl_memory_claim(ctrl, id, 1ull << 30), -EINVAL);
    for (i = 0; i < 600; i++) {
        frames[i] = i;
    }
    CHECK_RC(ctrl_memory_populate(ctrl, id, 0, 600, frames), 600);
    CHECK_OK(ctrl_memory_current(ctrl, id, &pages));
    CHECK(pages == 600);
    if (CHECK_OK(ctrl_foreign_map(ctrl, id, PROT_READ | PROT_WRITE, 600, frames, NULL,
                                  &address))) {
        for (i = 0; i < 600 * 512; i++) {
            if (((uint64_t *)address)[i] != 0) {
                CHECK(!"new frames hold zeros");
                break;
            }
        }
        memset(address, 0xee, 600 * CTRL_PAGE_SIZE);
        CHECK_OK(ctrl_foreign_unmap(ctrl, address, 600));
    }
    bad[0] = frames[0];
    bad[1] = 0xfffffff;
    CHECK(ctrl_foreign_map(ctrl, id, PROT_READ, 2, bad, NULL, &address) < 0);
    CHECK(strstr(ctrl_error(ctrl), "0xfffffff (2 of 2)") != NULL);
    if (CHECK_OK(ctrl_foreign_map(ctrl, id, PROT_READ, 2, bad, errors, &address))) {
        CHECK(errors[0] == 0 && errors[1] < 0 && *(uint8_t *)address == 0xee);
        CHECK_OK(ctrl_foreign_unmap(ctrl, address, 2));
    }
    CHECK_OK(ctrl_frame_types(ctrl, id, 2, bad, types));
    CHECK(types[0] == CTRL_FRAME_NONE && types[1] == CTRL_FRAME_INVALID);
    CHECK_RC(ctrl_memory_take(ctrl, id, 0, 100, frames), 100);
    CHECK_OK(ctrl_resource_size(ctrl, id, CTRL_RESOURCE_GRANT_TABLE, 0, &nr));
    CHECK(nr == 64 || nr == 32);
    CHECK_RC(ctrl_memory_populate(ctrl, id, 9, 4, frames), 4);
    CHECK_RC(ctrl_memory_populate(ctrl, id, 9, 400, frames), 27);
}

static void check_many(void)
{
    struct ctrl_domain_create create = { .max_vcpus = 1 };
    struct ctrl_domain_info infos[40];
    int ids[32], nr;
    unsigned int i;

    test("settings/list");
    ctrl_domain_create_defaults(&create);
    for (i = 0; i < 32; i++) {
        ids[i] = ctrl_domain_create(ctrl, &create);
        CHECK(ids[i] > 0);
    }
    nr = ctrl_domain_list(ctrl, 0, 40, infos);
    CHECK(nr >= 33 && infos[0].domid == 0 && infos[0].running);
    CHECK_RC(ctrl_domain_list(ctrl, 0, 5, infos), 5);
    CHECK_RC(ctrl_domain_list(ctrl, (uint32_t)ids[31], 5, infos), 1);
    CHECK(infos[0].domid == (uint32_t)ids[31]);
    for (i = 0; i < 32; i++) {
        CHECK_OK(ctrl_domain_destroy(ctrl, (uint32_t)ids[i]));
    }
}

void test_settings(void)
{
    struct ctrl_domain_create create = { .max_vcpus = 2, .uuid = { 7 } };
    uint64_t before = free_pages();
    int id;

    test("settings/create");
    ctrl_domain_create_defaults(&create);
    id = ctrl_domain_create(ctrl, &create);
    if (!CHECK(id > 0)) {
        return;
    }
    check_limits((uint32_t)id);
    check_clocks_and_rights((uint32_t)id);
    check_vcpus((uint32_t)id);
    check_policy((uint32_t)id);
    check_memory((uint32_t)id);
    test("settings/destroy");
    CHECK_OK(ctrl_domain_destroy(ctrl, (uint32_t)id));
    CHECK_RC(ctrl_domain_destroy(ctrl, (uint32_t)id), -ESRCH);
    check_many();
    test("settings/all-given-back");
    CHECK_RC(missing_pages(before), 0);
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* The machine, pools, memory calls, event channels and grants over the model. */
#include "common.h"

#include <sys/mman.h>

#include <libctrl/cpupool.h>
#include <libctrl/event.h>
#include <libctrl/grant.h>
#include <libctrl/host.h>
#include <libctrl/memory.h>
#include <libctrl/sched.h>

static void test_version(void **state)
{
    struct ctrl_version v;

    (void)state;
    assert_int_equal(ctrl_version(ctrl, &v), 0);
    assert_int_equal(v.major, 4);
    assert_int_equal(v.minor, 17);
    assert_string_equal(v.extra, ".7");
    assert_string_equal(v.changeset, "model");
    assert_string_equal(v.commandline, "dom0_mem=512M");
    assert_string_equal(v.compile_by, "someone");
    assert_int_equal(v.virt_start, 0xffff800000000000);
    assert_int_equal(v.page_size, 4096);
    assert_int_equal(v.build_id_size, 10);
    assert_int_equal(v.build_id[9], 10);
}

static void test_machine(void **state)
{
    struct ctrl_pci_device devices[2] = { { 0, 0, 8 }, { 0, 3, 0 } };
    struct ctrl_cpu_topology cpus[8];
    struct ctrl_physinfo info;
    struct ctrl_node nodes[3];
    uint32_t distances[9] = { 0 }, where[2];
    uint64_t idle[8], freed, used, bytes;

    (void)state;
    fake.nr_nodes = 2;
    fake.threads_per_core = 2;
    assert_int_equal(ctrl_physinfo(ctrl, &info), 0);
    assert_int_equal(info.nr_cpus, 4);
    assert_int_equal(info.cpu_khz, 2000123);
    assert_int_equal(info.hw_cap[7], 0x500);
    assert_int_equal(ctrl_cpu_topology(ctrl, 0, NULL), 4);
    assert_int_equal(ctrl_cpu_topology(ctrl, 8, cpus), 4);
    assert_int_equal(cpus[3].core, 1);
    assert_int_equal(cpus[3].node, 1);
    assert_int_equal(ctrl_cpu_idle_times(ctrl, 8, idle), 4);
    assert_int_equal(idle[3], 4000000000);
    assert_int_equal(ctrl_cpu_idle_times(ctrl, 2, idle), 2);
    assert_int_equal(ctrl_numa(ctrl, 0, NULL, NULL), 2);
    assert_int_equal(ctrl_numa(ctrl, 3, nodes, distances), 2);
    assert_int_equal(nodes[1].size, (uint64_t)FAKE_FRAMES * 2048);
    assert_int_equal(distances[0], 10);
    assert_int_equal(distances[3], 21);
    assert_int_equal(ctrl_pci_topology(ctrl, 2, devices, where), 0);
    assert_int_equal(where[0], 0);
    assert_int_equal(where[1], CTRL_TOPOLOGY_INVALID);
    assert_int_equal(ctrl_sharing_pages(ctrl, &freed, &used), 0);
    assert_int_equal(ctrl_free_bytes(ctrl, -1, 0, 0, &bytes), 0);
    assert_int_equal(bytes, fake.free_pages * 4096);
}

static void test_messages(void **state)
{
    uint32_t index = 0;
    char text[64] = "";

    (void)state;
    assert_int_equal(ctrl_console_read(ctrl, &index, text, 12), 12);
    assert_memory_equal(text, "(XEN) hello\n", 12);
    assert_int_equal(ctrl_console_read(ctrl, &index, text, 64), 14);
    assert_int_equal(ctrl_console_read(ctrl, &index, text, 64), 0);
    assert_int_equal(ctrl_console_clear(ctrl), 0);
    assert_string_equal(fake.console, "");
    assert_int_equal(ctrl_debug_keys(ctrl, "hq"), 0);
    assert_string_equal(fake.keys, "hq");
    assert_fails(ctrl_debug_keys(ctrl, "12345678901234567"), -E2BIG, "17 debug keys");
    assert_int_equal(ctrl_set_parameters(ctrl, "a=b"), -ENOSYS);
}

static void test_pools(void **state)
{
    struct ctrl_cpupool_info info;
    struct ctrl_cpumap cpus;

    (void)state;
    fake_domain_add(2, "two", 256, 2);
    assert_int_equal(ctrl_cpupool_next(ctrl, 0, &info), 0);
    assert_int_equal(info.nr_domains, 2);
    assert_int_equal(ctrl_cpumap_count(&info.cpus), 4);
    assert_int_equal(ctrl_cpupool_create(ctrl, CTRL_CPUPOOL_ANY, CTRL_SCHED_CREDIT), 1);
    assert_int_equal(ctrl_cpupool_create(ctrl, 1, CTRL_SCHED_CREDIT), -EEXIST);
    assert_fails(ctrl_cpupool_create(ctrl, 2, 99), -ENOENT, "creating a pool");
    assert_int_equal(ctrl_cpupool_move_domain(ctrl, 1, 2), -ENODEV);
    assert_int_equal(ctrl_cpupool_remove_cpu(ctrl, 0, 3), 0);
    assert_int_equal(ctrl_cpupool_free_cpus(ctrl, &cpus), 0);
    assert_true(ctrl_cpumap_test(&cpus, 3) && ctrl_cpumap_count(&cpus) == 1);
    assert_int_equal(ctrl_cpupool_add_cpu(ctrl, 1, CTRL_CPUPOOL_ANY), 0);
    assert_int_equal(ctrl_cpupool_add_cpu(ctrl, 1, 0), -ENODEV);
    assert_int_equal(ctrl_cpupool_move_domain(ctrl, 1, 2), 0);
    assert_int_equal(ctrl_cpupool_move_domain(ctrl, 1, 0), -EPERM);
    assert_int_equal(ctrl_cpupool_remove_cpu(ctrl, 1, 3), -EBUSY);
    assert_int_equal(ctrl_cpupool_remove_cpu(ctrl, 1, 2), -EADDRNOTAVAIL);
    assert_int_equal(ctrl_cpupool_destroy(ctrl, 1), -EBUSY);
    assert_int_equal(ctrl_cpupool_next(ctrl, 2, &info), -ENOENT);
}

static void test_pool_parameters(void **state)
{
    struct ctrl_sched_pool sched = { .sched_id = CTRL_SCHED_CREDIT2 };
    uint32_t id;

    (void)state;
    assert_int_equal(ctrl_scheduler_id(ctrl, &id), 0);
    assert_int_equal(id, CTRL_SCHED_CREDIT2);
    assert_int_equal(ctrl_sched_pool_get(ctrl, 0, &sched), 0);
    assert_int_equal(sched.ratelimit_us, 1000);
    sched.ratelimit_us = 2000;
    assert_int_equal(ctrl_sched_pool_set(ctrl, 0, &sched), 0);
    assert_int_equal(fake.pools[0].ratelimit, 2000);
    ctrl_cpupool_create(ctrl, 1, CTRL_SCHED_CREDIT);
    sched.sched_id = CTRL_SCHED_CREDIT;
    assert_int_equal(ctrl_sched_pool_get(ctrl, 1, &sched), 0);
    assert_int_equal(sched.tslice_ms, 30);
    sched.tslice_ms = 10;
    assert_int_equal(ctrl_sched_pool_set(ctrl, 1, &sched), 0);
    assert_int_equal(fake.pools[1].tslice, 10);
    assert_int_equal(ctrl_sched_pool_get(ctrl, 5, &sched), -ESRCH);
}

static void test_memory(void **state)
{
    struct fake_domain *d = fake_domain_add(2, "two", 0, 1);
    uint64_t *frames = calloc(3000, sizeof(*frames)), before = fake.free_pages, n, i;
    struct ctrl_e820 map[2] = { { 0, 4096, 1 }, { 8192, 4096, 2 } }, host[4];

    (void)state;
    d->max_pages = 2500;
    for (i = 0; i < 3000; i++) {
        frames[i] = i;
    }
    assert_int_equal(ctrl_memory_populate(ctrl, 2, 0, 3000, frames), 2500);
    assert_int_equal(fake.free_pages, before - 2500);
    assert_true(fake.owner[frames[2499]] == 2);
    assert_int_equal(frames[2500], 2500);
    assert_int_equal(ctrl_memory_take(ctrl, 2, 0, 2000, frames), 2000);
    assert_int_equal(ctrl_memory_current(ctrl, 2, &n), 0);
    assert_int_equal(n, 500);
    assert_int_equal(ctrl_memory_maximum(ctrl, 2, &n), 0);
    assert_int_equal(n, 2500);
    assert_int_equal(ctrl_memory_max_gpfn(ctrl, 2, &n), 0);
    assert_int_equal(ctrl_memory_max_mfn(ctrl, &n), 0);
    assert_int_equal(n, FAKE_FRAMES - 1);
    assert_int_equal(ctrl_memory_claim(ctrl, 2, 600), 0);
    assert_int_equal(d->outstanding, 100);
    assert_fails(ctrl_memory_claim(ctrl, 2, FAKE_FRAMES), -ENOMEM, "domain 2: claiming");
    assert_int_equal(ctrl_memory_set_map(ctrl, 2, map, 2), 0);
    assert_int_equal(d->nr_map, 2);
    assert_int_equal(d->map_end, 12288);
    assert_fails(ctrl_memory_set_map(ctrl, 2, map, 129), -EINVAL, "129 entries");
    assert_int_equal(ctrl_memory_host_map(ctrl, host, 4), 1);
    assert_int_equal(host[0].type, 1);
    fake.too_many = 1;
    assert_fails(ctrl_memory_populate(ctrl, 2, 0, 10, frames), -EIO, "giving it memory");
    free(frames);
}

static void test_foreign(void **state)
{
    struct fake_domain *d = fake_domain_add(2, "two", 0, 1);
    uint64_t frames[100];
    int errors[100];
    uint8_t types[3];
    void *address;
    size_t nr;
    unsigned int i;

    (void)state;
    d->max_pages = 1000;
    assert_int_equal(ctrl_memory_populate(ctrl, 2, 0, 100, frames), 100);
    for (i = 0; i < 100; i++) {
        memset(fake_frame(frames[i]), (int)i, 4096);
    }
    assert_int_equal(ctrl_foreign_map(ctrl, 2, PROT_READ, 100, frames, NULL, &address), 0);
    for (i = 0; i < 100; i++) {
        assert_int_equal(((uint8_t *)address)[i * 4096 + 4095], i);
    }
    assert_int_equal(ctrl_foreign_unmap(ctrl, address, 100), 0);
    assert_int_equal(fake.cleared, 100);
    frames[70] = FAKE_FRAMES;
    assert_fails(ctrl_foreign_map(ctrl, 2, PROT_READ, 100, frames, NULL, &address), -EINVAL,
                 "frame 0x80000 (71 of 100)");
    assert_int_equal(ctrl_foreign_map(ctrl, 2, PROT_READ, 100, frames, errors, &address), 0);
    assert_int_equal(errors[70], -EINVAL);
    assert_int_equal(((uint8_t *)address)[71 * 4096], 71);
    /* Where entries cannot be cleared, that is tried once, and the kernel does it. */
    fake.no_multicall = true;
    assert_int_equal(ctrl_foreign_unmap(ctrl, address, 100), 0);
    assert_int_equal(fake.cleared, 100);
    assert_int_equal(ctrl_foreign_map(ctrl, 2, PROT_READ, 70, frames, NULL, &address), 0);
    fake.hypercalls = 0;
    assert_int_equal(ctrl_foreign_unmap(ctrl, address, 70), 0);
    assert_int_equal(fake.hypercalls, 0);
    assert_int_equal(ctrl_foreign_map(ctrl, 9, PROT_READ, 3, frames, NULL, &address), -ESRCH);
    assert_int_equal(ctrl_foreign_map(ctrl, 9, PROT_READ, 0, frames, NULL, &address), -EINVAL);
    d->pinned_mfn = frames[1];
    frames[2] = 1;
    assert_int_equal(ctrl_frame_types(ctrl, 2, 3, frames, types), 0);
    assert_int_equal(types[0], CTRL_FRAME_NONE);
    assert_int_equal(types[1], CTRL_FRAME_L4 | CTRL_FRAME_PINNED);
    assert_int_equal(types[2], CTRL_FRAME_INVALID);
    assert_int_equal(ctrl_resource_size(ctrl, 2, CTRL_RESOURCE_GRANT_TABLE, 0, &nr), 0);
    assert_int_equal(nr, 64);
    assert_fails(ctrl_resource_map(ctrl, 2, CTRL_RESOURCE_VMTRACE, 0, 0, 1, &address),
                 -EOPNOTSUPP, "resource 2/0");
}

static void test_events(void **state)
{
    struct ctrl_event_status status;
    struct ctrl_event *event;
    int guest, own;

    (void)state;
    fake_domain_add(2, "two", 256, 1);
    assert_int_equal(ctrl_event_open(ctrl, &event), 0);
    assert_true(ctrl_event_fd(event) >= 0);
    guest = ctrl_event_alloc_unbound(ctrl, 2, 0);
    assert_int_equal(guest, 1);
    assert_int_equal(ctrl_event_status(ctrl, 2, 1, &status), 0);
    assert_int_equal(status.status, 1);
    own = ctrl_event_bind_interdomain(event, 2, 1);
    assert_true(own > 0);
    assert_int_equal(ctrl_event_status(ctrl, 2, 1, &status), 0);
    assert_int_equal(status.status, 2);
    assert_int_equal(status.port, own);
    assert_fails(ctrl_event_bind_interdomain(event, 2, 1), -EINVAL, "its event channel 1");
    assert_int_equal(ctrl_event_notify(event, (uint32_t)own), 0);
    assert_true(fake_domain(2)->ports[1].pending);
    assert_int_equal(ctrl_event_unbind(event, (uint32_t)own), 0);
    assert_int_equal(ctrl_event_unbind(event, (uint32_t)own), -ENOTCONN);
    assert_int_equal(ctrl_event_pending(event), -EAGAIN);
    guest = ctrl_event_bind_unbound(event, 0);
    own = ctrl_event_bind_interdomain(event, 0, (uint32_t)guest);
    assert_int_equal(ctrl_event_notify(event, (uint32_t)own), 0);
    assert_int_equal(ctrl_event_pending(event), guest);
    assert_int_equal(ctrl_event_unmask(event, (uint32_t)guest), 0);
    assert_true(ctrl_event_bind_virq(event, CTRL_VIRQ_DOM_EXC) > 0);
    assert_int_equal(ctrl_event_bind_virq(event, CTRL_VIRQ_DOM_EXC), -EEXIST);
    assert_int_equal(ctrl_event_alloc_unbound(ctrl, 9, 0), -ESRCH);
    ctrl_event_close(event);
    ctrl_event_close(NULL);
}

static void test_grants(void **state)
{
    struct ctrl_grant_entry entries[2] = { { 0, 0, 0, false }, { 5, 0, 0, true } };
    const uint32_t refs[2] = { 0, 5 };
    struct ctrl_grant *grant;
    uint64_t frames[2];
    void *address;

    (void)state;
    fake_domain_add(2, "two", 0, 1)->max_pages = 10;
    ctrl_memory_populate(ctrl, 2, 0, 2, frames);
    entries[0].mfn = frames[0];
    entries[1].mfn = frames[1];
    strcpy(fake_frame(frames[1]), "granted");
    assert_int_equal(ctrl_grant_seed(ctrl, 2, entries, 2), 0);
    assert_int_equal(ctrl_grant_open(ctrl, &grant), 0);
    assert_int_equal(ctrl_grant_map(grant, 2, 2, refs, PROT_READ, &address), 0);
    assert_string_equal((char *)address + 4096, "granted");
    assert_int_equal(ctrl_grant_unmap(grant, address, 2), 0);
    assert_fails(ctrl_grant_map(grant, 2, 2, refs, PROT_READ | PROT_WRITE, &address), -EINVAL,
                 "mapping 2 grants from 0 on");
    assert_int_equal(ctrl_grant_map_notify(grant, 2, 0, PROT_READ, 100, -1, &address), 0);
    assert_int_equal(ctrl_grant_unmap(grant, address, 1), 0);
    assert_fails(ctrl_grant_map_notify(grant, 2, 0, PROT_READ, 5000, -1, &address), -EINVAL,
                 "notice when grant 0");
    entries[1].mfn = 1ull << 32;
    assert_fails(ctrl_grant_seed(ctrl, 2, entries, 2), -EINVAL, "frame 0x100000000");
    entries[1] = (struct ctrl_grant_entry){ 512, 0, 1, false };
    assert_int_equal(ctrl_grant_seed(ctrl, 2, entries, 2), -EINVAL);
    ctrl_grant_close(grant);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_version), TEST(test_machine), TEST(test_messages), TEST(test_pools),
        TEST(test_pool_parameters), TEST(test_memory), TEST(test_foreign), TEST(test_events),
        TEST(test_grants),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

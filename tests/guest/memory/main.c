/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Scenario: the questions of memory_op and the errors of its other sub-ops: sizes of the
 * domain and the machine, memory maps, frame lists, resources.
 */
#include <public/errno.h>
#include <public/memory.h>

#include "check.h"
#include "hypercall.h"
#include "kit.h"
#include "mm.h"

#define E820_RAM 1

struct __attribute__((packed)) e820_entry {
    uint64_t addr, size;
    uint32_t type;
};

static struct e820_entry map[128];

static long memory_op(unsigned int cmd, const void *arg)
{
    return hypercall_2(__HYPERVISOR_memory_op, cmd, arg);
}

static long ask_domain(unsigned int cmd, unsigned int domid)
{
    struct xen_memory_domain op = { .domid = (domid_t)domid };

    return memory_op(cmd, &op);
}

static void test_sizes(void)
{
    long pages = ask_domain(XENMEM_current_reservation, DOMID_SELF);

    CHECK_EQ(pages, start_info->nr_pages);
    CHECK(ask_domain(XENMEM_maximum_reservation, DOMID_SELF) >= pages);
    /* What the guest wrote in its shared page; nothing yet. */
    CHECK_EQ(ask_domain(XENMEM_maximum_gpfn, DOMID_SELF), 0);
    shared_info->arch.max_pfn = 0x1234;
    CHECK_EQ(ask_domain(XENMEM_maximum_gpfn, DOMID_SELF), 0x1233);
    shared_info->arch.max_pfn = 0;
    CHECK_EQ(ask_domain(XENMEM_current_reservation, 999), -XEN_ESRCH);
    CHECK_EQ(ask_domain(XENMEM_maximum_reservation, 999), -XEN_ESRCH);
    CHECK_EQ(memory_op(XENMEM_current_reservation, (void *)0x1000), -XEN_EFAULT);
    CHECK(memory_op(XENMEM_maximum_ram_page, NULL) >= 0x1ff00);
    CHECK_EQ(memory_op(XENMEM_get_sharing_freed_pages, NULL), 0);
    CHECK_EQ(memory_op(XENMEM_get_sharing_shared_pages, NULL), 0);
    CHECK_EQ(memory_op(XENMEM_machphys_compat_mfn_list, NULL), -XEN_EOPNOTSUPP);
}

static void test_machine_map(void)
{
    struct xen_memory_map op = { .nr_entries = 128, .buffer = map };
    uint64_t ram = 0;
    unsigned int nr;

    if (!is_initial_domain()) {
        CHECK_EQ(memory_op(XENMEM_machine_memory_map, &op), -XEN_EPERM);
        return;
    }
    CHECK_EQ(memory_op(XENMEM_machine_memory_map, &op), 0);
    nr = op.nr_entries;
    CHECK(nr >= 4);
    CHECK(nr < 128);
    for (unsigned int i = 0; i < nr; i++) {
        CHECK(map[i].size != 0);
        if (i)
            CHECK(map[i].addr >= map[i - 1].addr + map[i - 1].size);
        if (map[i].type == E820_RAM)
            ram += map[i].size;
    }
    CHECK_EQ(map[0].addr, 0);
    CHECK_EQ(map[0].type, E820_RAM);
    CHECK(ram > 500UL << 20);
    CHECK(ram < 512UL << 20);
    op.nr_entries = nr - 1;
    CHECK_EQ(memory_op(XENMEM_machine_memory_map, &op), -XEN_EINVAL);
    op.nr_entries = nr;
    op.buffer = (void *)0x1000;
    CHECK_EQ(memory_op(XENMEM_machine_memory_map, &op), -XEN_EFAULT);
    CHECK_EQ(memory_op(XENMEM_machine_memory_map, (void *)0x1000), -XEN_EFAULT);
    op.nr_entries = 0;
    op.buffer = NULL;
    CHECK_EQ(memory_op(XENMEM_machine_memory_map, &op), 0);
    CHECK_EQ(op.nr_entries, nr);
    op.buffer = map;
    CHECK_EQ(memory_op(XENMEM_memory_map, &op), -XEN_ENOSYS);
}

static void test_frame_list(void)
{
    uint64_t frames[16];
    struct xen_machphys_mfn_list op = { .max_extents = 16, .extent_start = frames };

    CHECK_EQ(memory_op(XENMEM_machphys_mfn_list, &op), 0);
    CHECK(op.nr_extents >= 1);
    CHECK(op.nr_extents <= 16);
    if (!is_initial_domain())
        return;
    /* The frames of the machine-to-physical table itself: readable, not writable. */
    CHECK_EQ(mmu_update_one(pte_maddr(window(0), 1), make_pte(frames[0], PTE_RO), NULL,
                            DOMID_XEN), 0);
    CHECK_EQ(*(volatile uint64_t *)window(0), M2P[0]);
    CHECK_EQ(mmu_update_one(pte_maddr(window(0), 1), make_pte(frames[0], PTE_DATA), NULL,
                            DOMID_XEN), -XEN_EBUSY);
    CHECK_EQ(va_map_flush(window(0), 0), 0);
}

static void test_translated_only(void)
{
    struct xen_add_to_physmap add = { .domid = DOMID_SELF };
    struct xen_remove_from_physmap remove = { .domid = DOMID_SELF };

    CHECK_EQ(memory_op(XENMEM_add_to_physmap, &add), -XEN_EACCES);
    CHECK_EQ(memory_op(XENMEM_remove_from_physmap, &remove), -XEN_EACCES);
    CHECK_EQ(memory_op(63, &add), -XEN_ENOSYS);
}

static void test_resources(void)
{
    struct xen_mem_acquire_resource op = {
        .domid = 999, .type = XENMEM_resource_grant_table, .nr_frames = 1,
    };

    if (!is_initial_domain())
        return;
    CHECK_EQ(memory_op(XENMEM_acquire_resource, &op), -XEN_ESRCH);
    op.domid = DOMID_SELF;
    CHECK_EQ(memory_op(XENMEM_acquire_resource, &op), -XEN_ESRCH);
    op.domid = 0;
    CHECK_EQ(memory_op(XENMEM_acquire_resource, &op), -XEN_EPERM);
    op.pad = 1;
    CHECK_EQ(memory_op(XENMEM_acquire_resource, &op), -XEN_EINVAL);
}

void test_main(void)
{
    kit_init();
    test_sizes();
    test_machine_map();
    test_frame_list();
    test_translated_only();
    test_resources();
}

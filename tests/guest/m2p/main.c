/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Scenario: the machine-to-physical table as the guest kernel sees it: read-only, right for
 * its own frames, ~0 for others, and an ordinary page fault where it has a hole.
 */
#include <public/errno.h>
#include <public/memory.h>

#include "check.h"
#include "hypercall.h"
#include "kit.h"
#include "mm.h"
#include "trap.h"

static void read_at(void *va)
{
    (void)*(volatile uint64_t *)va;
}

static void write_at(void *va)
{
    *(volatile uint64_t *)va = 0;
}

static void check_fault(void *va, uint64_t error)
{
    CHECK_EQ(trap_last.vector, 14);
    CHECK_EQ(trap_last.error, error);
    CHECK_EQ(trap_last.cr2, va);
    CHECK_EQ(trap_last.cs, GUEST_CS & ~3);
}

static void test_holes(void)
{
    void *device = (void *)&M2P[0x3ff00000];
    void *last = (void *)(MACH2PHYS_VIRT_END - 8);
    void *other = (void *)(HYPERVISOR_VIRT_START + (1UL << 39));

    trap_catch(read_at, device);
    check_fault(device, 0);
    trap_catch(read_at, last);
    check_fault(last, 0);
    trap_catch(write_at, device);
    check_fault(device, 2);
    /* What else the hypervisor has there is no ordinary memory for the guest either. */
    trap_catch(read_at, other);
    CHECK_EQ(trap_last.vector, 14);
    CHECK_EQ(trap_last.error & ~1UL, 0);
}

void test_main(void)
{
    struct xen_machphys_mapping map = { 0 };
    uint64_t mfn;

    kit_init();
    mfn = virt_to_mfn((void *)start_info->pt_base);
    CHECK_EQ(M2P[mfn], virt_to_pfn((void *)start_info->pt_base));
    trap_catch(write_at, (void *)&M2P[mfn]);
    check_fault((void *)&M2P[mfn], 3);
    test_holes();
    /* Inside a mapped step of 1 GiB, what is no RAM reads as invalid. */
    CHECK_EQ(M2P[0xa0], M2P_INVALID);

    CHECK_EQ(hypercall_2(__HYPERVISOR_memory_op, XENMEM_machphys_mapping, &map), 0);
    CHECK_EQ(map.v_start, MACH2PHYS_VIRT_START);
    CHECK_EQ(map.v_end, MACH2PHYS_VIRT_END);
    if (is_initial_domain())
        CHECK(map.max_mfn >= 0x1ffdf && map.max_mfn < 0x200000);
    else
        CHECK_EQ(map.max_mfn, 0x7ffffffff);
    CHECK_EQ(hypercall_2(__HYPERVISOR_memory_op, XENMEM_machphys_mapping, 0x1000), -XEN_EFAULT);
}

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Scenario: arguments in memory that the guest can't read or write: unmapped, read-only,
 * crossing into nothing, non-canonical, and the hypervisor's own. Always an errno, never more.
 */
#include <public/errno.h>
#include <public/event_channel.h>
#include <public/memory.h>
#include <public/version.h>

#include "check.h"
#include "event.h"
#include "hypercall.h"
#include "kit.h"
#include "mm.h"
#include "string.h"

static uint8_t page[PAGE_SIZE] __attribute__((aligned(4096)));
static uint8_t readonly[PAGE_SIZE] __attribute__((aligned(4096)));

static const unsigned long bad[] = {
    0, 0x1000, 0x00007ffffffff000, 0x0000800000000000, 0xffff7ffffffffff0,
    HYPERVISOR_VIRT_START, HYPERVISOR_VIRT_START + (4UL << 39), HYPERVISOR_VIRT_END - 8,
    0xfffffffffffffff8,
};

static void test_everywhere(void)
{
    for (unsigned int i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        void *p = (void *)bad[i];

        CHECK_EQ(hypercall_2(__HYPERVISOR_xen_version, XENVER_capabilities, p), -XEN_EFAULT);
        CHECK_EQ(hypercall_2(__HYPERVISOR_event_channel_op, 5, p), -XEN_EFAULT);
        CHECK_EQ(hypercall_2(__HYPERVISOR_memory_op, XENMEM_current_reservation, p), -XEN_EFAULT);
        CHECK_EQ(hypercall_4(__HYPERVISOR_mmu_update, p, 1, 0, DOMID_SELF), -XEN_EFAULT);
        CHECK_EQ(hypercall_4(__HYPERVISOR_mmuext_op, p, 1, 0, DOMID_SELF), -XEN_EFAULT);
        CHECK_EQ(hypercall_2(__HYPERVISOR_set_gdt, p, 8), -XEN_EFAULT);
        CHECK_EQ(hypercall_2(__HYPERVISOR_multicall, p, 1), -XEN_EFAULT);
        CHECK_EQ(hypercall_2(__HYPERVISOR_callback_op, 0, p), -XEN_EFAULT);
        CHECK_EQ(hypercall_2(__HYPERVISOR_sched_op, 3, p), -XEN_EFAULT);
        CHECK_EQ(hypercall_3(__HYPERVISOR_grant_table_op, 6, p, 1), -XEN_EFAULT);
        CHECK_EQ(hypercall_3(__HYPERVISOR_vcpu_op, 8, 0, p), -XEN_EFAULT);
        if (bad[i])
            CHECK_EQ(hypercall_1(__HYPERVISOR_set_trap_table, p), -XEN_EFAULT);
        CHECK_EQ(hypercall_3(__HYPERVISOR_console_io, 0, 8, p),
                 is_initial_domain() ? -XEN_EFAULT : -XEN_EPERM);
    }
}

/* A structure that ends on a page that isn't there. */
static void test_crossing(void)
{
    uint8_t *end = (uint8_t *)window(21);

    CHECK_EQ(va_map_flush(window(20), make_pte(virt_to_mfn(page), PTE_DATA)), 0);
    CHECK_EQ(hypercall_2(__HYPERVISOR_xen_version, XENVER_capabilities, end - 1023), -XEN_EFAULT);
    CHECK_EQ(hypercall_2(__HYPERVISOR_xen_version, XENVER_capabilities, end - 1024), 0);
    CHECK_EQ(hypercall_2(__HYPERVISOR_event_channel_op, 5, end - 23), -XEN_EFAULT);
    *(struct mmu_update *)(end - 16) = (struct mmu_update){ .ptr = pte_maddr(window(30), 1) };
    CHECK_EQ(hypercall_4(__HYPERVISOR_mmu_update, end - 16, 2, 0, DOMID_SELF), -XEN_EFAULT);
    CHECK_EQ(hypercall_4(__HYPERVISOR_mmu_update, end - 16, 1, 0, DOMID_SELF), 0);
    CHECK_EQ(va_map_flush(window(20), 0), 0);
}

static void test_readonly(void)
{
    const struct evtchn_alloc_unbound op = { .dom = DOMID_SELF, .remote_dom = DOMID_SELF };

    memcpy(readonly, &op, sizeof(op));
    CHECK_EQ(page_make_readonly(readonly), 0);
    CHECK_EQ(hypercall_2(__HYPERVISOR_xen_version, XENVER_capabilities, readonly), -XEN_EFAULT);
    CHECK_EQ(hypercall_2(__HYPERVISOR_event_channel_op, 6, readonly), -XEN_EFAULT);
    CHECK_EQ(hypercall_2(__HYPERVISOR_xen_version, XENVER_capabilities, start_info->pt_base),
             -XEN_EFAULT);
    CHECK_EQ(memcmp(readonly, &op, sizeof(op)), 0);
}

/* Counts that would overflow a length. */
static void test_counts(void)
{
    static struct mmu_update updates[2];

    CHECK(hypercall_4(__HYPERVISOR_mmu_update, updates, 0x7fffffff, 0, DOMID_SELF) < 0);
    CHECK(hypercall_2(__HYPERVISOR_multicall, page, 0xffffffff) < 0);
    CHECK(hypercall_2(__HYPERVISOR_multicall, page, ~0UL) < 0);
    CHECK(hypercall_3(__HYPERVISOR_grant_table_op, 0, page, 0x7fffffff) < 0);
    CHECK(hypercall_3(__HYPERVISOR_console_io, 0, 0x7fffffff, window(22)) < 0);
}

void test_main(void)
{
    kit_init();
    test_everywhere();
    test_crossing();
    test_readonly();
    test_counts();
}

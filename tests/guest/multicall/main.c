/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Scenario: multicall. Each entry gets its own result, one error does not stop the rest,
 * arguments stay as they were, and the list must be readable and writable memory.
 */
#include <public/errno.h>
#include <public/sched.h>
#include <public/version.h>

#include "check.h"
#include "hypercall.h"
#include "kit.h"
#include "mm.h"

#define ENTRIES 64

static struct multicall_entry calls[ENTRIES];

static long multicall(const void *list, unsigned long nr)
{
    return hypercall_2(__HYPERVISOR_multicall, list, nr);
}

static void test_results(void)
{
    calls[0] = (struct multicall_entry){ .op = __HYPERVISOR_xen_version, .result = 99 };
    calls[1] = (struct multicall_entry){ .op = 60, .result = 99 };
    calls[2] = (struct multicall_entry){ .op = __HYPERVISOR_multicall, .result = 99 };
    calls[2].args[0] = (uint64_t)&calls[0];
    calls[2].args[1] = 1;
    calls[3] = (struct multicall_entry){ .op = __HYPERVISOR_xen_version, .result = 99 };
    calls[3].args[0] = XENVER_pagesize;
    calls[3].args[5] = 0x1234;
    calls[4] = (struct multicall_entry){ .op = 1UL << 32 | __HYPERVISOR_xen_version };
    CHECK_EQ(multicall(calls, 5), 0);
    CHECK_EQ(calls[0].result, 0x40011);
    CHECK_EQ(calls[1].result, -XEN_ENOSYS);
    CHECK_EQ(calls[2].result, -XEN_EINVAL);
    CHECK_EQ(calls[3].result, PAGE_SIZE);
    CHECK_EQ(calls[3].args[0], XENVER_pagesize);
    CHECK_EQ(calls[3].args[5], 0x1234);
    CHECK_EQ(calls[4].result, -XEN_ENOSYS);
    CHECK_EQ(multicall(calls, 0), 0);
    CHECK_EQ(multicall(NULL, 0), 0);
}

static void test_mappings(void)
{
    for (unsigned int i = 0; i < ENTRIES; i++) {
        calls[i] = (struct multicall_entry){ .op = __HYPERVISOR_update_va_mapping, .result = 99 };
        calls[i].args[0] = (uint64_t)window(i);
        calls[i].args[1] = make_pte(virt_to_mfn(calls), PTE_RO);
        calls[i].args[2] = i == ENTRIES - 1 ? UVMF_TLB_FLUSH : 0;
    }
    calls[7].args[1] = make_pte(virt_to_mfn((void *)start_info->pt_base), PTE_DATA);
    CHECK_EQ(multicall(calls, ENTRIES), 0);
    for (unsigned int i = 0; i < ENTRIES; i++)
        CHECK_EQ(calls[i].result, i == 7 ? -XEN_EBUSY : 0);
    CHECK_EQ(*(volatile uint64_t *)window(3), *(uint64_t *)((uintptr_t)calls & ~0xfffUL));
}

static void test_bad_lists(void)
{
    static struct multicall_entry list[PAGE_SIZE / sizeof(struct multicall_entry)]
        __attribute__((aligned(4096)));

    CHECK_EQ(multicall((void *)0x1000, 1), -XEN_EFAULT);
    CHECK_EQ(multicall((void *)HYPERVISOR_VIRT_START, 1), -XEN_EFAULT);
    list[0] = (struct multicall_entry){ .op = __HYPERVISOR_xen_version };
    CHECK_EQ(page_make_readonly(list), 0);
    CHECK_EQ(multicall(list, 1), -XEN_EFAULT);
    CHECK_EQ(page_make_writable(list), 0);
    /* The part of the list that can be read is carried out. */
    for (unsigned int i = 0; i < sizeof(list) / sizeof(list[0]); i++)
        list[i] = (struct multicall_entry){ .op = __HYPERVISOR_xen_version };
    CHECK_EQ(va_map_flush(window(100), make_pte(virt_to_mfn(list), PTE_DATA)), 0);
    CHECK_EQ(multicall(window(100), sizeof(list) / sizeof(list[0]) + 1), -XEN_EFAULT);
    CHECK_EQ(list[0].result, 0x40011);
    CHECK_EQ(list[63].result, 0x40011);
}

void test_main(void)
{
    kit_init();
    test_results();
    test_mappings();
    test_bad_lists();
}

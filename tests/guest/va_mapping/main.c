/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Scenario: update_va_mapping: each flush flag, the addresses it refuses, and that the new
 * mapping is what the CPU uses afterwards.
 */
#include <public/errno.h>

#include "check.h"
#include "hypercall.h"
#include "kit.h"
#include "mm.h"

static uint64_t page_a[512] __attribute__((aligned(4096))) = { 0xaaaa };
static uint64_t page_b[512] __attribute__((aligned(4096))) = { 0xbbbb };

static void test_flushes(void)
{
    static const unsigned long flags[] = {
        UVMF_INVLPG | UVMF_LOCAL, UVMF_INVLPG | UVMF_ALL, UVMF_TLB_FLUSH | UVMF_LOCAL,
        UVMF_TLB_FLUSH | UVMF_ALL, 3,
    };
    volatile uint64_t *va = window(1);

    CHECK_EQ(va_map(va, make_pte(virt_to_mfn(page_a), PTE_DATA), UVMF_NONE), 0);
    for (unsigned int i = 0; i < 4; i++) {
        CHECK_EQ(*va, 0xaaaa);
        CHECK_EQ(va_map(va, make_pte(virt_to_mfn(page_b), PTE_DATA), flags[i]), 0);
        CHECK_EQ(*va, 0xbbbb);
        CHECK_EQ(va_map(va, make_pte(virt_to_mfn(page_a), PTE_DATA), flags[i]), 0);
    }
    CHECK_EQ(va_map(va, 0, 3), 0);
}

static void test_bitmap(void)
{
    uint64_t cpus = 1;
    volatile uint64_t *va = window(1);

    CHECK_EQ(va_map(va, make_pte(virt_to_mfn(page_a), PTE_DATA), UVMF_NONE), 0);
    CHECK_EQ(*va, 0xaaaa);
    CHECK_EQ(va_map(va, make_pte(virt_to_mfn(page_b), PTE_DATA),
                    (unsigned long)&cpus | UVMF_INVLPG), 0);
    CHECK_EQ(*va, 0xbbbb);
    CHECK_EQ(va_map(va, make_pte(virt_to_mfn(page_a), PTE_DATA), 0x1000 | UVMF_INVLPG),
             -XEN_EFAULT);
    CHECK_EQ(va_map_flush(va, 0), 0);
}

static void test_addresses(void)
{
    uint64_t pte = make_pte(virt_to_mfn(page_a), PTE_DATA);

    CHECK_EQ(va_map((void *)HYPERVISOR_VIRT_START, pte, 0), -XEN_EINVAL);
    CHECK_EQ(va_map((void *)(HYPERVISOR_VIRT_START + (2UL << 39)), pte, 0), -XEN_EINVAL);
    CHECK_EQ(va_map((void *)0x1000, pte, 0), -XEN_EINVAL);
    CHECK_EQ(va_map((void *)0x0000800000000000, pte, 0), -XEN_EINVAL);
    /* The low bits of the address don't matter. */
    CHECK_EQ(va_map((uint8_t *)window(1) + 0x123, pte, UVMF_INVLPG), 0);
    CHECK_EQ(*(volatile uint64_t *)window(1), 0xaaaa);
    CHECK_EQ(va_map_flush(window(1), 0), 0);
}

static void test_refused(void)
{
    volatile uint64_t *va = window(1);
    uint64_t l4 = virt_to_mfn((void *)start_info->pt_base);

    CHECK_EQ(va_map(va, make_pte(virt_to_mfn(page_a), PTE_DATA), 0), 0);
    CHECK_EQ(va_map(va, make_pte(l4, PTE_DATA), 0), -XEN_EBUSY);
    CHECK_EQ(va_map(va, make_pte(0x7fffffffff, PTE_DATA), 0), -XEN_EPERM);
    CHECK_EQ(*va, 0xaaaa);
    CHECK_EQ(hypercall_4(__HYPERVISOR_update_va_mapping_otherdomain, va, 0, 0, 999), -XEN_ESRCH);
    /* dom0's own number is none. */
    CHECK_EQ(hypercall_4(__HYPERVISOR_update_va_mapping_otherdomain, va, 0, 0, 0),
             is_initial_domain() ? -XEN_ESRCH : -XEN_EPERM);
    CHECK_EQ(hypercall_4(__HYPERVISOR_update_va_mapping_otherdomain, va, 0, UVMF_INVLPG,
                         DOMID_SELF), 0);
}

void test_main(void)
{
    kit_init();
    test_flushes();
    test_bitmap();
    test_addresses();
    test_refused();
}

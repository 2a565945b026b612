/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Scenario: hypercalls whose length the guest chooses, with a timer that fires all the time
 * and events unmasked. They may be interrupted and resumed, and must end complete, with the
 * right counts, in registers and in memory.
 */
#include <public/memory.h>
#include <public/vcpu.h>

#include "check.h"
#include "event.h"
#include "hypercall.h"
#include "kit.h"
#include "mm.h"
#include "smp.h"
#include "time.h"

#define UPDATES 60000
#define TABLES 256
#define EXTENTS 4096

static struct mmu_update updates[UPDATES];
static struct multicall_entry calls[UPDATES / 8];
static uint64_t frames[EXTENTS];
static uint64_t data[512] __attribute__((aligned(4096)));
static unsigned int port;

static void start_ticks(void)
{
    struct vcpu_set_periodic_timer op = { .period_ns = MILLISECS(1) };

    CHECK_EQ(vcpu_op(VCPUOP_set_periodic_timer, 0, &op), 0);
    port = (unsigned int)event_bind_virq(VIRQ_TIMER, 0);
    events_enable();
}

static void test_mmu_update(void)
{
    unsigned int done = 0, before = event_count[port];
    uint64_t base = pte_maddr(window(0), 1);

    for (unsigned int i = 0; i < UPDATES; i++)
        updates[i] = (struct mmu_update){
            .ptr = base + i % 400 * 8, .val = make_pte(virt_to_mfn(data), PTE_DATA) | (i & 1),
        };
    CHECK_EQ(hypercall_4(__HYPERVISOR_mmu_update, updates, UPDATES, &done, DOMID_SELF), 0);
    CHECK_EQ(done, UPDATES);
    CHECK(event_count[port] > before);
    updates[UPDATES - 2].val = make_pte(0x7fffffffff, PTE_DATA);
    CHECK_EQ(hypercall_4(__HYPERVISOR_mmu_update, updates, UPDATES, &done, DOMID_SELF), -1);
    CHECK_EQ(done, UPDATES - 2);
}

static void test_multicall(void)
{
    unsigned int wrong = 0;

    for (unsigned int i = 0; i < UPDATES / 8; i++) {
        calls[i] = (struct multicall_entry){ .op = __HYPERVISOR_update_va_mapping, .result = 99 };
        calls[i].args[0] = (uint64_t)window(i % 400);
        calls[i].args[1] = make_pte(virt_to_mfn(data), PTE_DATA);
        calls[i].args[2] = UVMF_INVLPG;
    }
    CHECK_EQ(hypercall_2(__HYPERVISOR_multicall, calls, UPDATES / 8), 0);
    for (unsigned int i = 0; i < UPDATES / 8; i++)
        wrong += calls[i].result != 0 || calls[i].op != __HYPERVISOR_update_va_mapping ||
                 calls[i].args[0] != (uint64_t)window(i % 400);
    CHECK_EQ(wrong, 0);
    for (unsigned int i = 0; i < 400; i++)
        CHECK_EQ(va_map(window(i), 0, UVMF_INVLPG), 0);
}

/* Each table maps a page 512 times: pinning the L2 above validates all of them. */
static void test_pin(void)
{
    uint64_t *l2 = page_alloc();

    for (unsigned int i = 0; i < TABLES; i++) {
        uint64_t *l1 = page_alloc();

        for (unsigned int j = 0; j < 512; j++)
            l1[j] = make_pte(virt_to_mfn(data), PTE_DATA);
        CHECK_EQ(page_make_readonly(l1), 0);
        l2[i] = make_pte(virt_to_mfn(l1), PTE_TABLE);
    }
    CHECK_EQ(page_make_readonly(l2), 0);
    CHECK_EQ(mmuext_one(MMUEXT_PIN_L2_TABLE, virt_to_mfn(l2), 0), 0);
    CHECK_EQ(page_make_readonly(data), 0);
    CHECK_EQ(mmuext_one(MMUEXT_PIN_L1_TABLE, virt_to_mfn(data), 0), -22);
    CHECK_EQ(mmuext_one(MMUEXT_UNPIN_TABLE, virt_to_mfn(l2), 0), 0);
    CHECK_EQ(mmuext_one(MMUEXT_PIN_L1_TABLE, virt_to_mfn(data), 0), 0);
    CHECK_EQ(mmuext_one(MMUEXT_UNPIN_TABLE, virt_to_mfn(data), 0), 0);
    CHECK_EQ(page_make_writable(data), 0);
}

static void test_reservation(void)
{
    struct xen_memory_reservation op = {
        .extent_start = frames, .nr_extents = EXTENTS, .domid = DOMID_SELF,
    };
    uint64_t first = 0;
    unsigned int wrong = 0;

    for (unsigned int i = 0; i < EXTENTS; i++) {
        uint64_t pfn = pfn_alloc();

        if (!i)
            first = pfn;
        frames[i] = pfn_to_mfn(pfn);
    }
    CHECK_EQ(hypercall_2(__HYPERVISOR_memory_op, XENMEM_decrease_reservation, &op), EXTENTS);
    for (unsigned int i = 0; i < EXTENTS; i++)
        frames[i] = first + i;
    CHECK_EQ(hypercall_2(__HYPERVISOR_memory_op, XENMEM_populate_physmap, &op), EXTENTS);
    for (unsigned int i = 0; i < EXTENTS; i++)
        wrong += M2P[frames[i]] != first + i;
    CHECK_EQ(wrong, 0);
}

void test_main(void)
{
    kit_init();
    start_ticks();
    test_mmu_update();
    test_multicall();
    test_pin();
    test_reservation();
    events_disable();
}

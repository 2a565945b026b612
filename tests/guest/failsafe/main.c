/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Scenario: two vCPUs share one CPU. A data selector becomes unloadable while its vCPU is
 * not running; when it runs again the failsafe callback gets the saved selectors and the
 * live one is NUL. Registers and bases of both vCPUs survive the switching.
 */
#include <public/sched.h>

#include "check.h"
#include "cpu.h"
#include "event.h"
#include "hypercall.h"
#include "kit.h"
#include "mm.h"
#include "smp.h"
#include "time.h"

#define DATA_DPL3 0x00cff3000000ffffUL

static uint64_t gdt[512] __attribute__((aligned(4096)));
static uint64_t gs_areas[2] = { 0x1000, 0x1001 };
static volatile unsigned int turns[2], stop, wrong, remove_gdt_entry;
static struct trap_record failsafe;
static uint16_t live_ds, live_es;
static unsigned int failsafes;

static long update(const void *entry, uint64_t descriptor)
{
    uint64_t maddr = (virt_to_mfn(entry) << PAGE_SHIFT) | ((uintptr_t)entry & (PAGE_SIZE - 1));

    return hypercall_2(__HYPERVISOR_update_descriptor, maddr, descriptor);
}

static void yield(void)
{
    hypercall_2(__HYPERVISOR_sched_op, SCHEDOP_yield, 0);
}

static void take_turn(unsigned int self)
{
    uint64_t gs;

    __asm__ volatile("mov %%gs:0, %0" : "=r"(gs));
    if (gs != gs_areas[self])
        wrong++;
    turns[self]++;
    yield();
}

static void other_vcpu(void *arg)
{
    (void)arg;
    timer_stop_periodic(1);
    hypercall_2(__HYPERVISOR_set_segment_base, SEGBASE_GS_KERNEL, &gs_areas[1]);
    while (!stop) {
        if (remove_gdt_entry) {
            update(&gdt[5], 0);
            remove_gdt_entry = 0;
        }
        take_turn(1);
    }
}

static bool hook(struct trap_frame *frame, struct trap_record *record)
{
    (void)frame;
    if (record->vector != TRAP_FAILSAFE)
        return false;
    failsafe = *record;
    __asm__ volatile("mov %%ds, %0" : "=r"(live_ds));
    __asm__ volatile("mov %%es, %0" : "=r"(live_es));
    failsafes++;
    return true;
}

static void test_switching(void)
{
    for (unsigned int i = 0; i < 200; i++)
        take_turn(0);
    CHECK(turns[1] > 10);
    CHECK_EQ(wrong, 0);
}

static void test_failsafe(void)
{
    uint64_t end = time_now() + MILLISECS(10000);

    __asm__ volatile("mov %w0, %%es" : : "r"(0x2b));
    __asm__ volatile("mov %w0, %%ds" : : "r"(0x2b));
    remove_gdt_entry = 1;
    while (remove_gdt_entry && time_now() < end)
        yield();
    CHECK_EQ(remove_gdt_entry, 0);
    CHECK_EQ(failsafes, 1);
    CHECK_EQ(failsafe.ds, 0x2b);
    CHECK_EQ(failsafe.es, 0x2b);
    CHECK_EQ(failsafe.fs, 0);
    CHECK_EQ(live_ds, 0);
    CHECK_EQ(live_es, 0);
    CHECK_EQ(failsafe.cs, GUEST_CS & ~3);
    CHECK_EQ(failsafe.ss, GUEST_SS);
    CHECK_EQ(failsafe.mask, 1);
}

void test_main(void)
{
    uint64_t frame;

    kit_init();
    timer_stop_periodic(0);
    gdt[5] = DATA_DPL3;
    CHECK_EQ(page_make_readonly(gdt), 0);
    frame = virt_to_mfn(gdt);
    CHECK_EQ(hypercall_2(__HYPERVISOR_set_gdt, &frame, 8), 0);
    hypercall_2(__HYPERVISOR_set_segment_base, SEGBASE_GS_KERNEL, &gs_areas[0]);
    trap_hook = hook;
    CHECK_EQ(smp_start(1, other_vcpu, NULL), 0);
    test_switching();
    test_failsafe();
    stop = 1;
}

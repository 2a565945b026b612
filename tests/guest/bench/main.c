/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Scenario: what each small operation costs, in TSC ticks. Under QEMU's icount with shift 0 a
 * tick is an instruction, and the numbers repeat exactly. Each line is the cheapest of several
 * batches, an operation's share of it. As a test it only checks that every operation works.
 */
#include <public/callback.h>
#include <public/memory.h>
#include <public/physdev.h>
#include <public/sched.h>
#include <public/vcpu.h>

#include "check.h"
#include "cpu.h"
#include "event.h"
#include "grant.h"
#include "hypercall.h"
#include "kit.h"
#include "mm.h"
#include "print.h"
#include "smp.h"
#include "start.h"
#include "time.h"
#include "trap.h"
#include "user.h"

#define BATCHES 5
#define ROUNDS 100
#define BATCH_ENTRIES 32
#define REF 20

extern char bench_ud[], bench_pf[], bench_syscall[], bench_event[], bench_user[];
extern volatile unsigned int bench_events, bench_user_rounds;

volatile unsigned int bench_events, bench_user_rounds;
static unsigned int port;
static uint64_t page_a[512] __attribute__((aligned(4096)));
static uint64_t page_b[512] __attribute__((aligned(4096)));
static uint64_t *second_l4, *full_l1;
static struct mmu_update updates[BATCH_ENTRIES];
static struct multicall_entry calls[BATCH_ENTRIES];
static volatile uint64_t *slot;
static uint64_t slot_maddr, pte_a;
static unsigned long failures;

static void must(long rc)
{
    failures += rc != 0;
}

static void null_hypercall(void)
{
    hypercall_2(__HYPERVISOR_xen_version, 0, 0);
}

static void event_to_self(void)
{
    must(event_send(port));
}

static void page_fault(void)
{
    __asm__ volatile("movb (%0), %%al" : : "b"(window(50)) : "rax");
}

static void invalid_opcode(void)
{
    __asm__ volatile("ud2");
}

static void pte_update(void)
{
    must(mmu_update_one(slot_maddr, pte_a, NULL, DOMID_SELF));
    must(mmu_update_one(slot_maddr, 0, NULL, DOMID_SELF));
}

static void pte_update_batch(void)
{
    must(hypercall_4(__HYPERVISOR_mmu_update, updates, BATCH_ENTRIES, 0, DOMID_SELF));
}

static void va_mapping(void)
{
    must(va_map(window(1), pte_a, UVMF_INVLPG));
    must(va_map(window(1), 0, UVMF_INVLPG));
}

static void va_mapping_multicall(void)
{
    must(hypercall_2(__HYPERVISOR_multicall, calls, BATCH_ENTRIES));
}

static void pin_empty(void)
{
    must(mmuext_one(MMUEXT_PIN_L1_TABLE, virt_to_mfn(page_b), 0));
    must(mmuext_one(MMUEXT_UNPIN_TABLE, virt_to_mfn(page_b), 0));
}

static void pin_full(void)
{
    must(mmuext_one(MMUEXT_PIN_L1_TABLE, virt_to_mfn(full_l1), 0));
    must(mmuext_one(MMUEXT_UNPIN_TABLE, virt_to_mfn(full_l1), 0));
}

static void emulated_write(void)
{
    *slot = pte_a;
    *slot = 0;
}

static void emulated_exchange(void)
{
    uint64_t value = pte_a;

    __asm__ volatile("xchg %0, %1" : "+r"(value), "+m"(*slot));
    value = 0;
    __asm__ volatile("xchg %0, %1" : "+r"(value), "+m"(*slot));
}

static void cr3_switch(void)
{
    must(mmuext_one(MMUEXT_NEW_BASEPTR, virt_to_mfn(second_l4), 0));
    must(mmuext_one(MMUEXT_NEW_BASEPTR, virt_to_mfn((void *)start_info->pt_base), 0));
}

/* What a kernel does for a context switch, in one call. */
static void process_switch(void)
{
    static struct mmuext_op ops[2][2];
    struct multicall_entry entries[2];

    for (unsigned int i = 0; i < 2; i++) {
        ops[i][0].cmd = MMUEXT_NEW_BASEPTR;
        ops[i][0].arg1.mfn = virt_to_mfn(i ? (void *)start_info->pt_base : second_l4);
        ops[i][1].cmd = MMUEXT_NEW_USER_BASEPTR;
        ops[i][1].arg1.mfn = virt_to_mfn(user_l4);
        entries[0] = (struct multicall_entry){ .op = __HYPERVISOR_stack_switch };
        entries[0].args[0] = GUEST_SS;
        entries[0].args[1] = (uint64_t)user_kernel_stack + sizeof(user_kernel_stack);
        entries[1] = (struct multicall_entry){ .op = __HYPERVISOR_mmuext_op };
        entries[1].args[0] = (uint64_t)ops[i];
        entries[1].args[1] = 2;
        entries[1].args[3] = DOMID_SELF;
        must(hypercall_2(__HYPERVISOR_multicall, entries, 2));
        must((long)entries[1].result);
    }
}

static void msr_read_fs_base(void)
{
    uint32_t lo, hi;

    __asm__ volatile("rdmsr" : "=a"(lo), "=d"(hi) : "c"(0xc0000100));
}

static void msr_write_fs_base(void)
{
    __asm__ volatile("wrmsr" : : "a"(0), "d"(0), "c"(0xc0000100));
}

static void segment_base(void)
{
    must(hypercall_2(__HYPERVISOR_set_segment_base, SEGBASE_FS, 0));
}

static void cr0_read(void)
{
    uint64_t value;

    __asm__ volatile("mov %%cr0, %0" : "=r"(value));
}

static void cr4_write(void)
{
    __asm__ volatile("mov %0, %%cr4" : : "r"(0x660UL));
}

static void forced_cpuid(void)
{
    cpuid_forced(1, 0);
}

static void port_out(void)
{
    __asm__ volatile("outb %%al, $0x80" : : "a"(0));
}

static void port_in(void)
{
    uint8_t value;

    __asm__ volatile("inb $0x71, %0" : "=a"(value));
}

static struct gnttab_map_grant_ref grant_map_op;

static void grant_map_unmap(void)
{
    struct gnttab_unmap_grant_ref unmap;

    grant_map_op = (struct gnttab_map_grant_ref){
        .host_addr = (uint64_t)window(60), .flags = GNTMAP_host_map, .ref = REF,
    };
    must(grant_op(GNTTABOP_map_grant_ref, &grant_map_op, 1));
    unmap = (struct gnttab_unmap_grant_ref){
        .host_addr = (uint64_t)window(60), .handle = grant_map_op.handle,
    };
    must(grant_map_op.status);
    must(grant_op(GNTTABOP_unmap_grant_ref, &unmap, 1));
    must(unmap.status);
}

static void grant_copy(void)
{
    struct gnttab_copy op = {
        .source = { .u.gmfn = virt_to_mfn(page_a), .domid = DOMID_SELF },
        .dest = { .u.ref = REF }, .len = 64, .flags = GNTCOPY_dest_gref,
    };

    must(grant_op(GNTTABOP_copy, &op, 1));
    must(op.status);
}

static uint64_t spare_pfn;

static void release_populate(void)
{
    uint64_t frame = pfn_to_mfn(spare_pfn);
    struct xen_memory_reservation op = {
        .extent_start = &frame, .nr_extents = 1, .domid = DOMID_SELF,
    };

    must(hypercall_2(__HYPERVISOR_memory_op, XENMEM_decrease_reservation, &op) - 1);
    frame = spare_pfn;
    must(hypercall_2(__HYPERVISOR_memory_op, XENMEM_populate_physmap, &op) - 1);
    pfn_set_mfn(spare_pfn, frame);
}

static void timer_set(void)
{
    must(timer_set_singleshot(~0UL >> 2, 0));
}

static void yield(void)
{
    must(hypercall_2(__HYPERVISOR_sched_op, SCHEDOP_yield, 0));
}

static void taskswitch(void)
{
    must(hypercall_1(__HYPERVISOR_fpu_taskswitch, 1));
    must(hypercall_1(__HYPERVISOR_fpu_taskswitch, 0));
}

static const struct {
    const char *name;
    void (*act)(void);
    unsigned int per_round; /* operations in one call of act */
} table[] = {
    { "null-hypercall", null_hypercall, 1 },
    { "event-to-self", event_to_self, 1 },
    { "page-fault-bounce", page_fault, 1 },
    { "invalid-opcode-bounce", invalid_opcode, 1 },
    { "pte-update", pte_update, 2 },
    { "pte-update-batch", pte_update_batch, BATCH_ENTRIES },
    { "va-mapping", va_mapping, 2 },
    { "va-mapping-multicall", va_mapping_multicall, BATCH_ENTRIES },
    { "pin-unpin-empty-l1", pin_empty, 1 },
    { "pin-unpin-full-l1", pin_full, 1 },
    { "emulated-pte-write", emulated_write, 2 },
    { "emulated-pte-xchg", emulated_exchange, 2 },
    { "cr3-switch", cr3_switch, 2 },
    { "process-switch", process_switch, 2 },
    { "msr-read", msr_read_fs_base, 1 },
    { "msr-write", msr_write_fs_base, 1 },
    { "set-segment-base", segment_base, 1 },
    { "cr0-read", cr0_read, 1 },
    { "cr4-write", cr4_write, 1 },
    { "forced-cpuid", forced_cpuid, 1 },
    { "port-out", port_out, 1 },
    { "port-in", port_in, 1 },
    { "grant-map-unmap", grant_map_unmap, 1 },
    { "grant-copy-64", grant_copy, 1 },
    { "release-populate", release_populate, 1 },
    { "timer-set", timer_set, 1 },
    { "fpu-taskswitch-pair", taskswitch, 1 },
    { "yield", yield, 1 },
};

static void report(const char *name, uint64_t ticks, unsigned int operations)
{
    printk("bench %s %lu\n", name, (unsigned long)((ticks + operations / 2) / operations));
}

static void measure(const char *name, void (*act)(void), unsigned int per_round)
{
    uint64_t best = ~0UL;

    for (unsigned int batch = 0; batch < BATCHES; batch++) {
        uint64_t start = rdtsc(), took;

        for (unsigned int i = 0; i < ROUNDS; i++)
            act();
        took = rdtsc() - start;
        if (took < best)
            best = took;
    }
    report(name, best, ROUNDS * per_round);
}

static void measure_system_call(void)
{
    uint64_t best = ~0UL;

    CHECK_EQ(trap_set_callback(CALLBACKTYPE_syscall, CALLBACKF_mask_events,
                               (unsigned long)bench_syscall), 0);
    CHECK_EQ(trap_set(6, 0), 0);
    for (unsigned int batch = 0; batch < BATCHES; batch++) {
        uint64_t start, took;

        bench_user_rounds = ROUNDS;
        start = rdtsc();
        CHECK_EQ(user_run((void (*)(void))bench_user), 6);
        took = rdtsc() - start;
        if (took < best)
            best = took;
    }
    report("system-call", best, ROUNDS);
}

/* From setting a timer that is due to the return from its event. */
static void measure_timer(void)
{
    uint64_t best = ~0UL;

    must(event_close(port));
    port = (unsigned int)event_bind_virq(VIRQ_TIMER, 0);
    for (unsigned int i = 0; i < ROUNDS; i++) {
        unsigned int before = bench_events;
        uint64_t start = rdtsc(), took;

        must(timer_set_singleshot(1, 0));
        while (bench_events == before)
            __asm__ volatile("pause");
        took = rdtsc() - start;
        if (took < best)
            best = took;
    }
    report("timer-due", best, 1);
}

static void set_handler(uint8_t vector, const void *handler)
{
    struct trap_info list[2] = {
        { .vector = vector, .cs = GUEST_CS, .address = (uint64_t)handler },
    };

    CHECK_EQ(hypercall_1(__HYPERVISOR_set_trap_table, list), 0);
}

static void prepare_tables(void)
{
    const uint64_t *l4 = (const uint64_t *)start_info->pt_base;

    slot = pte_of(window(40), 1);
    slot_maddr = pte_maddr(window(40), 1);
    pte_a = make_pte(virt_to_mfn(page_a), PTE_DATA);
    for (unsigned int i = 0; i < BATCH_ENTRIES; i++) {
        updates[i] = (struct mmu_update){
            .ptr = pte_maddr(window(100 + i / 2), 1), .val = i % 2 ? 0 : pte_a,
        };
        calls[i] = (struct multicall_entry){ .op = __HYPERVISOR_update_va_mapping };
        calls[i].args[0] = (uint64_t)window(200 + i / 2);
        calls[i].args[1] = i % 2 ? 0 : pte_a;
    }
    second_l4 = page_alloc();
    second_l4[511] = l4[511];
    second_l4[1] = l4[1];
    CHECK_EQ(table_pin(second_l4, 4), 0);
    full_l1 = page_alloc();
    for (unsigned int i = 0; i < 512; i++)
        full_l1[i] = make_pte(virt_to_mfn(page_a), PTE_RO);
    CHECK_EQ(page_make_readonly(full_l1), 0);
    CHECK_EQ(page_make_readonly(page_b), 0);
}

static void prepare(void)
{
    struct physdev_set_iopl iopl = { .iopl = 1 };

    timer_stop_periodic(0);
    prepare_tables();
    user_init();
    grant_init();
    grant_offer(REF, 0, virt_to_mfn(page_a), GTF_permit_access);
    CHECK_EQ(hypercall_2(__HYPERVISOR_physdev_op, PHYSDEVOP_set_iopl, &iopl), 0);
    spare_pfn = pfn_alloc();
    port = (unsigned int)event_bind_ipi(0);
    CHECK_EQ(trap_set_callback(CALLBACKTYPE_event, 0, (unsigned long)bench_event), 0);
    events_enable();
}

void test_main(void)
{
    kit_init();
    if (!is_initial_domain()) {
        check_skip("the measurements are the control domain's");
        return;
    }
    prepare();
    printk("bench boot-to-guest %lu\n",
           ((unsigned long)entry_state.tsc_high << 32) | entry_state.tsc_low);
    measure_system_call();
    set_handler(6, bench_ud);
    set_handler(14, bench_pf);
    for (unsigned int i = 0; i < sizeof(table) / sizeof(table[0]); i++)
        measure(table[i].name, table[i].act, table[i].per_round);
    measure_timer();
    CHECK_EQ(failures, 0);
    CHECK(bench_events >= BATCHES * ROUNDS);
}

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Scenario: exceptions and events that interrupt user mode. The frame must be on the stack
 * that stack_switch named, with the user's selectors, and page faults must say "user".
 */
#include <public/event_channel.h>

#include "check.h"
#include "event.h"
#include "hypercall.h"
#include "kit.h"
#include "mm.h"
#include "time.h"
#include "trap.h"
#include "user.h"

static uint8_t page[PAGE_SIZE] __attribute__((aligned(4096)));
static volatile uint8_t *volatile user_address;
static volatile unsigned int user_spins;

static void user_read(void)
{
    (void)*user_address;
    user_exit(0);
}

static void user_write(void)
{
    *user_address = 1;
    user_exit(0);
}

static void user_call(void)
{
    ((void (*)(void))user_address)();
    user_exit(0);
}

static void user_int3(void)
{
    __asm__ volatile("int3");
}

static void user_int80(void)
{
    __asm__ volatile("int $0x80");
}

static void user_int41(void)
{
    __asm__ volatile("int $0x41");
}

static void user_hlt(void)
{
    __asm__ volatile("hlt");
}

static void user_misaligned(void)
{
    __asm__ volatile("mov 1(%%rsp), %%rax; syscall" : : : "rax", "memory");
}

static void user_spin(void)
{
    while (!event_upcalls)
        user_spins++;
    user_exit(0);
}

static void check_user_frame(unsigned int vector, uint64_t error)
{
    uint64_t top = (uint64_t)user_kernel_stack + sizeof(user_kernel_stack);

    CHECK_EQ(trap_last.vector, vector);
    CHECK_EQ(trap_last.error, error);
    CHECK_EQ(trap_last.cs, GUEST_CS);
    CHECK_EQ(trap_last.ss, GUEST_SS);
    CHECK_EQ(trap_last.live_cs, GUEST_CS);
    CHECK_EQ(trap_last.live_ss, GUEST_SS);
    CHECK_EQ(trap_last.saved_mask, 0);
    CHECK_EQ(trap_last.rflags & X86_FLAG_IF, X86_FLAG_IF);
    CHECK_EQ(trap_last.base, top - (trap_last.has_error ? 8 : 7) * 8);
    CHECK(trap_last.rsp > (uint64_t)user_stack);
    CHECK(trap_last.rsp <= (uint64_t)user_stack + sizeof(user_stack));
}

static void check_user_fault(void (*fn)(void), volatile void *address, uint64_t error)
{
    user_address = address;
    user_run(fn);
    check_user_frame(14, error);
    CHECK_EQ(trap_last.cr2, address);
}

static void test_page_faults(void)
{
    uint8_t *va = window(3);
    uint64_t mfn = virt_to_mfn(page);

    check_user_fault(user_read, va + 5, 4);
    check_user_fault(user_write, va + 6, 6);
    check_user_fault(user_call, va + 7, 0x14);
    CHECK_EQ(va_map_flush(va, make_pte(mfn, PTE_RO)), 0);
    check_user_fault(user_write, va + 8, 7);
    CHECK_EQ(va_map_flush(va, make_pte(mfn, PTE_DATA | PTE_NX)), 0);
    check_user_fault(user_call, va + 9, 0x15);
    CHECK_EQ(va_map_flush(va, 0), 0);
}

/* Slots that only the kernel's L4 has, and the hypervisor's. */
static void test_foreign_addresses(void)
{
    check_user_fault(user_read, (uint8_t *)start_info->mfn_list, 4);
    check_user_fault(user_read, (uint8_t *)HYPERVISOR_VIRT_START, 4);
    check_user_fault(user_write, (uint8_t *)HYPERVISOR_VIRT_START, 6);
    user_address = (uint8_t *)0x8000000000000000;
    user_run(user_read);
    check_user_frame(13, 0);
}

static void test_software_interrupts(void)
{
    user_run(user_int3);
    check_user_frame(3, 0);
    CHECK_EQ(trap_set(0x80, 3), 0);
    user_run(user_int80);
    check_user_frame(0x80, 0);
    CHECK_EQ(trap_set(0x41, 3), 0);
    user_run(user_int41);
    if (trap_last.vector == 13 && trap_last.error == 0x41 * 16 + 2)
        check_skip_part("int-n", "this QEMU gives INT n a wrong #GP error code");
    else
        check_user_frame(0x41, 0);
    user_run(user_hlt);
    check_user_frame(13, 0);
}

static void test_alignment(void)
{
    struct iret_frame frame = user_frame(user_misaligned);

    frame.rflags |= X86_FLAG_AC;
    user_enter(&frame);
    if (trap_last.vector == TRAP_SYSCALL) {
        check_skip_part("alignment", "this QEMU has no alignment checks");
        return;
    }
    check_user_frame(17, 0);
    CHECK_EQ(trap_last.live_rflags & X86_FLAG_AC, 0);
}

static struct trap_record event_record;

static bool hook_event(struct trap_frame *frame, struct trap_record *record)
{
    (void)frame;
    if (record->vector == TRAP_EVENT)
        event_record = *record;
    return false;
}

/* A timer event interrupts user mode and returns there; its frame is on the kernel stack. */
static void test_event(void)
{
    long port = event_bind_virq(VIRQ_TIMER, 0);
    struct iret_frame frame = user_frame(user_spin);

    CHECK(port > 0);
    CHECK_EQ(timer_stop_periodic(0), 0);
    port_clear_pending((unsigned int)port);
    vcpu_info_self()->evtchn_upcall_pending = 0;
    vcpu_info_self()->evtchn_pending_sel = 0;
    event_upcalls = 0;
    trap_hook = hook_event;
    CHECK_EQ(timer_set_singleshot(time_now() + MILLISECS(20), 0), 0);
    user_enter(&frame);
    trap_hook = NULL;
    CHECK_EQ(trap_last.vector, TRAP_SYSCALL);
    CHECK_EQ(event_count[port], 1);
    CHECK(user_spins > 0);
    CHECK_EQ(event_record.cs, GUEST_CS);
    CHECK_EQ(event_record.saved_mask, 0);
    CHECK_EQ(event_record.mask, 1);
    CHECK_EQ(event_record.base, (uint64_t)user_kernel_stack + sizeof(user_kernel_stack) - 7 * 8);
    CHECK_EQ(event_close((unsigned int)port), 0);
}

void test_main(void)
{
    kit_init();
    user_init();
    test_page_faults();
    test_foreign_addresses();
    test_software_interrupts();
    test_alignment();
    test_event();
}

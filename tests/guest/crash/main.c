/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Scenario: guests that break the interface beyond repair, one a run, named by the command
 * line. The hypervisor must end the domain, say so, and (it is the control domain) restart
 * the machine; it must not go on, hang or fall itself.
 */
#include <public/callback.h>
#include <public/sched.h>

#include "check.h"
#include "event.h"
#include "hypercall.h"
#include "kit.h"
#include "mm.h"
#include "print.h"
#include "string.h"
#include "time.h"
#include "trap.h"
#include "user.h"

static uint64_t readonly_stack[512] __attribute__((aligned(4096)));

static void fault_on_stack(const volatile void *stack)
{
    __asm__ volatile("mov %0, %%rsp; ud2" : : "r"(stack) : "memory");
}

static void no_handler(void)
{
    struct trap_info empty = { 0 };

    hypercall_1(__HYPERVISOR_set_trap_table, 0);
    hypercall_1(__HYPERVISOR_set_trap_table, &empty);
    __asm__ volatile("ud2");
}

static void no_callback(void)
{
    event_send((unsigned int)event_bind_ipi(0));
    events_enable();
}

static void unmapped_stack(void)
{
    fault_on_stack(window(9));
}

/* The page fault handler itself can't be fetched: faults nest until the stack has run out. */
static void unmapped_handler(void)
{
    struct trap_info table[2] = {
        { .vector = 14, .cs = GUEST_CS, .address = (uint64_t)window(8) },
    };

    va_map_flush(window(10), make_pte(virt_to_mfn(page_alloc()), PTE_DATA));
    hypercall_1(__HYPERVISOR_set_trap_table, table);
    __asm__ volatile("mov %0, %%rsp; mov (%1), %%rax" : : "r"(window(11)), "r"(window(8))
                     : "rax", "memory");
}

static void hypervisor_stack(void)
{
    fault_on_stack((void *)(HYPERVISOR_VIRT_START + 0x1000));
}

static void table_stack(void)
{
    page_make_readonly(readonly_stack);
    fault_on_stack(readonly_stack + 256);
}

static void non_canonical_stack(void)
{
    fault_on_stack((void *)0x0000900000000000);
}

static void bad_iret_frame(void)
{
    trap_iret_to(window(9));
}

static void iret_to_no_user(void)
{
    struct iret_frame frame = user_frame(no_handler);

    trap_iret_to(&frame);
}

static void user_spin(void)
{
    __asm__ volatile("ud2");
}

static void no_kernel_stack(void)
{
    struct iret_frame frame = user_frame(user_spin);

    user_init();
    hypercall_2(__HYPERVISOR_stack_switch, GUEST_SS, 0);
    trap_iret_to(&frame);
}

static void user_stack_in_hypervisor(void)
{
    struct iret_frame frame = user_frame(user_spin);

    user_init();
    hypercall_2(__HYPERVISOR_stack_switch, GUEST_SS, HYPERVISOR_VIRT_START + 0x2000);
    trap_iret_to(&frame);
}

static void wrmsr_before_handlers(void)
{
    hypercall_1(__HYPERVISOR_set_trap_table, 0);
    __asm__ volatile("wrmsr" : : "c"(0x1fffffff), "a"(0), "d"(0));
}

static void shutdown_crash(void)
{
    struct sched_shutdown op = { .reason = SHUTDOWN_crash };

    hypercall_2(__HYPERVISOR_sched_op, SCHEDOP_shutdown, &op);
}

static const struct {
    const char *name;
    void (*act)(void);
    bool without_callbacks;
} acts[] = {
    { "no-handler", no_handler, false },
    { "no-callback", no_callback, true },
    { "unmapped-stack", unmapped_stack, false },
    { "unmapped-handler", unmapped_handler, false },
    { "hypervisor-stack", hypervisor_stack, false },
    { "table-stack", table_stack, false },
    { "non-canonical-stack", non_canonical_stack, false },
    { "bad-iret-frame", bad_iret_frame, false },
    { "iret-to-no-user", iret_to_no_user, false },
    { "no-kernel-stack", no_kernel_stack, false },
    { "user-stack-in-hypervisor", user_stack_in_hypervisor, false },
    { "wrmsr-before-handlers", wrmsr_before_handlers, false },
    { "shutdown-crash", shutdown_crash, false },
};

void test_main(void)
{
    mm_init();
    for (unsigned int i = 0; i < sizeof(acts) / sizeof(acts[0]); i++) {
        if (!text_equal((const char *)start_info->cmd_line, acts[i].name))
            continue;
        if (!acts[i].without_callbacks)
            trap_init();
        printk("EXPECT crash\n");
        acts[i].act();
        wait_ns(MILLISECS(100));
        printk("FAIL the domain lives\n");
    }
    CHECK(false);
}

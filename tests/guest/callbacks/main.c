/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Scenario: callback_op and set_trap_table: what they accept, refuse and forget, and how the
 * event callback is entered.
 */
#include <public/callback.h>
#include <public/errno.h>
#include <public/event_channel.h>

#include "check.h"
#include "event.h"
#include "hypercall.h"
#include "kit.h"
#include "mm.h"
#include "trap.h"

#define NON_CANONICAL 0x0000800000000000UL
#define BAD_POINTER ((void *)0x1000)

static long unregister(uint16_t type)
{
    struct callback_unregister op = { .type = type };

    return hypercall_2(__HYPERVISOR_callback_op, CALLBACKOP_unregister, &op);
}

static void test_register(void)
{
    static const uint16_t types[] = {
        CALLBACKTYPE_event, CALLBACKTYPE_failsafe, CALLBACKTYPE_syscall, CALLBACKTYPE_nmi,
        CALLBACKTYPE_sysenter, CALLBACKTYPE_syscall32,
    };

    for (unsigned int i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        CHECK_EQ(trap_set_callback(types[i], CALLBACKF_mask_events, TRAP_STUB(TRAP_EVENT)), 0);
        CHECK_EQ(trap_set_callback(types[i], 0, NON_CANONICAL), -XEN_EINVAL);
    }
    CHECK_EQ(trap_set_callback(6, 0, TRAP_STUB(0)), -XEN_ENOSYS);
    CHECK_EQ(trap_set_callback(8, 0, TRAP_STUB(0)), -XEN_ENOSYS);
    CHECK_EQ(hypercall_2(__HYPERVISOR_callback_op, CALLBACKOP_register, BAD_POINTER),
             -XEN_EFAULT);
    CHECK_EQ(hypercall_2(__HYPERVISOR_callback_op, 2, BAD_POINTER), -XEN_ENOSYS);
    CHECK_EQ(unregister(CALLBACKTYPE_nmi), 0);
    CHECK_EQ(unregister(CALLBACKTYPE_event), -XEN_EINVAL);
    CHECK_EQ(unregister(CALLBACKTYPE_failsafe), -XEN_EINVAL);
    CHECK_EQ(unregister(99), -XEN_ENOSYS);
    trap_init();
}

static void test_trap_table(void)
{
    struct trap_info table[2] = { { .vector = 0x90, .cs = GUEST_CS } };

    table[0].address = NON_CANONICAL;
    CHECK_EQ(hypercall_1(__HYPERVISOR_set_trap_table, table), -XEN_EINVAL);
    CHECK_EQ(hypercall_1(__HYPERVISOR_set_trap_table, BAD_POINTER), -XEN_EFAULT);
    table[0].address = HYPERVISOR_VIRT_START;
    CHECK_EQ(hypercall_1(__HYPERVISOR_set_trap_table, table), 0);
    /* The selector is not looked at: handlers run with the flat one. */
    table[0] = (struct trap_info){ .vector = 6, .cs = 0x1234, .address = TRAP_STUB(6) };
    CHECK_EQ(hypercall_1(__HYPERVISOR_set_trap_table, table), 0);
    TRY("ud2");
    CHECK_EQ(trap_last.vector, 6);
    CHECK_EQ(trap_last.live_cs, GUEST_CS);
    /* An entry whose address is 0 ends the list. */
    table[0] = (struct trap_info){ .vector = 6 };
    table[1] = (struct trap_info){ .vector = 6, .cs = GUEST_CS, .address = TRAP_STUB(7) };
    CHECK_EQ(hypercall_1(__HYPERVISOR_set_trap_table, table), 0);
    TRY("ud2");
    CHECK_EQ(trap_last.vector, 6);
}

static struct trap_record seen;

static bool hook(struct trap_frame *frame, struct trap_record *record)
{
    (void)frame;
    if (record->vector == TRAP_EVENT)
        seen = *record;
    return false;
}

/* With or without the flag, the event callback starts with events masked. */
static void test_event_entry(uint16_t flags)
{
    long port = event_bind_ipi(0);

    CHECK(port > 0);
    CHECK_EQ(trap_set_callback(CALLBACKTYPE_event, flags, TRAP_STUB(TRAP_EVENT)), 0);
    seen = (struct trap_record){ 0 };
    event_count[port] = 0;
    events_enable();
    CHECK_EQ(event_send((unsigned int)port), 0);
    events_disable();
    CHECK_EQ(event_count[port], 1);
    CHECK_EQ(seen.vector, TRAP_EVENT);
    CHECK_EQ(seen.saved_mask, 0);
    CHECK_EQ(seen.mask, 1);
    CHECK_EQ(seen.rflags & X86_FLAG_IF, X86_FLAG_IF);
    CHECK_EQ(seen.cs, GUEST_CS & ~3);
    CHECK_EQ(seen.base & 15, 8);
    CHECK_EQ(event_close((unsigned int)port), 0);
}

static void test_stack_switch(void)
{
    CHECK_EQ(hypercall_2(__HYPERVISOR_stack_switch, GUEST_SS, HYPERVISOR_VIRT_START), 0);
    CHECK_EQ(hypercall_2(__HYPERVISOR_stack_switch, GUEST_SS, NON_CANONICAL), 0);
    CHECK_EQ(hypercall_2(__HYPERVISOR_stack_switch, 0, 0), 0);
}

void test_main(void)
{
    kit_init();
    test_register();
    test_trap_table();
    trap_hook = hook;
    test_event_entry(0);
    test_event_entry(CALLBACKF_mask_events);
    test_stack_switch();
}

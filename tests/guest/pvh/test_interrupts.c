/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Scenario: interrupts of a hardware-assisted guest: from its local APIC (to itself, by the timer,
 * out of HLT, behind STI), NMIs, and event channels by a callback vector.
 */
#include <public/event_channel.h>
#include <public/hvm/params.h>
#include <public/memory.h>
#include <public/vcpu.h>

#include "check.h"
#include "pvh.h"

#define NMI           2
#define VECTOR_TIMER  0x50
#define VECTOR_SELF   0x61
#define TPR           0x80
#define EOI           0xb0
#define SPIV          0xf0
#define ICR           0x300
#define LVT_TIMER     0x320
#define TIMER_COUNT   0x380
#define TIMER_DIVIDER 0x3e0
#define TO_SELF       0x40000
#define DELIVER_NMI   0x400

static struct shared_info shared __attribute__((aligned(4096)));

static void acknowledge(unsigned int vector)
{
    if (vector == VECTOR_TIMER || vector == VECTOR_SELF)
        LAPIC(EOI) = 0;
    else if (vector == VECTOR_CALLBACK)
        shared.vcpu_info[0].evtchn_upcall_pending = 0;
}

static void check_self(void)
{
    uint64_t shadow;

    LAPIC(ICR) = TO_SELF | VECTOR_SELF;
    CHECK_EQ(trap_seen[VECTOR_SELF].count, 0);
    /* Not before the instruction behind STI is done. */
    __asm__ volatile("sti; lea 1f(%%rip), %0; 1: nop; cli" : "=r"(shadow) : : "memory");
    CHECK_EQ(trap_seen[VECTOR_SELF].count, 1);
    CHECK(trap_seen[VECTOR_SELF].rip >= shadow && trap_seen[VECTOR_SELF].rip <= shadow + 1);
    /* The other way: interrupts on already. */
    __asm__ volatile("sti" : : : "memory");
    LAPIC(ICR) = TO_SELF | VECTOR_SELF;
    __asm__ volatile("nop; cli" : : : "memory");
    CHECK_EQ(trap_seen[VECTOR_SELF].count, 2);
}

static void check_priority(void)
{
    LAPIC(TPR) = 0x70;
    LAPIC(ICR) = TO_SELF | VECTOR_SELF;
    __asm__ volatile("sti; nop; nop; cli" : : : "memory");
    CHECK_EQ(trap_seen[VECTOR_SELF].count, 2);
    LAPIC(TPR) = 0;
    __asm__ volatile("sti; nop; nop; cli" : : : "memory");
    CHECK_EQ(trap_seen[VECTOR_SELF].count, 3);
}

static void check_timer(void)
{
    LAPIC(TIMER_DIVIDER) = 0xb;
    LAPIC(LVT_TIMER) = VECTOR_TIMER;
    LAPIC(TIMER_COUNT) = 200000;
    while (trap_seen[VECTOR_TIMER].count == 0)
        __asm__ volatile("sti; hlt; cli" : : : "memory");
    CHECK_EQ(trap_seen[VECTOR_TIMER].count, 1);
    /* While it computes, too. */
    LAPIC(TIMER_COUNT) = 100000;
    __asm__ volatile("sti" : : : "memory");
    while (trap_seen[VECTOR_TIMER].count == 1)
        ;
    __asm__ volatile("cli" : : : "memory");
    CHECK_EQ(trap_seen[VECTOR_TIMER].count, 2);
}

/* An NMI within an NMI's handler waits for its IRET. */
static volatile unsigned int nested_at;

static void send_nmi_again(unsigned int vector)
{
    if (vector == NMI && trap_seen[NMI].count == 1) {
        LAPIC(ICR) = TO_SELF | DELIVER_NMI;
        __asm__ volatile("nop; nop" : : : "memory");
        nested_at = trap_seen[NMI].count;
    }
}

static void check_nmi(void)
{
    on_interrupt = send_nmi_again;
    LAPIC(ICR) = TO_SELF | DELIVER_NMI;
    /* With AMD-V at the next exit at the latest: there is no window for NMIs. */
    cpuid(0);
    CHECK_EQ(nested_at, 1);
    CHECK_EQ(trap_seen[NMI].count, 2);
    on_interrupt = acknowledge;
}

static void check_callback(void)
{
    struct xen_add_to_physmap map = {
        .domid = DOMID_SELF, .space = XENMAPSPACE_shared_info,
        .gpfn = (uint64_t)&shared >> 12,
    };
    struct evtchn_bind_ipi bind = { .vcpu = 0 };
    struct evtchn_send send;

    CHECK_EQ(hypercall(__HYPERVISOR_memory_op, XENMEM_add_to_physmap, &map), 0);
    CHECK_EQ(hvm_set_param(HVM_PARAM_CALLBACK_IRQ,
                           (uint64_t)HVM_PARAM_CALLBACK_TYPE_VECTOR << 56 | VECTOR_CALLBACK), 0);
    CHECK_EQ(hypercall(__HYPERVISOR_event_channel_op, EVTCHNOP_bind_ipi, &bind), 0);
    send.port = bind.port;
    shared.evtchn_mask[0] = 0;
    shared.vcpu_info[0].evtchn_upcall_pending = 0;
    CHECK_EQ(hypercall(__HYPERVISOR_event_channel_op, EVTCHNOP_send, &send), 0);
    CHECK_EQ(trap_seen[VECTOR_CALLBACK].count, 0);
    __asm__ volatile("sti; nop; nop; cli" : : : "memory");
    CHECK_EQ(trap_seen[VECTOR_CALLBACK].count, 1);
    CHECK((shared.evtchn_pending[0] >> send.port & 1) != 0);
}

void test_main(void)
{
    on_interrupt = acknowledge;
    LAPIC(SPIV) = 0x1ff;
    check_self();
    check_priority();
    check_timer();
    check_nmi();
    check_callback();
}

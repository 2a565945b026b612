/* SPDX-License-Identifier: BSD-2-Clause */
/* From head.S to the test and out; hypercalls, the console's ring, traps. */
#include "pvh.h"

#include <public/event_channel.h>
#include <public/hvm/hvm_op.h>
#include <public/hvm/params.h>
#include <public/io/console.h>
#include <public/sched.h>

#include "check.h"
#include "console.h"

#define MSR_HYPERCALL_PAGE 0x40000000
#define STUB_SIZE 32
#define GATE 0x8e00UL
#define CODE64 0x10UL

struct trap_frame {
    uint64_t r11, r10, r9, r8, rax, rcx, rdx, rsi, rdi;
    uint64_t vector, error;
    uint64_t rip, cs, rflags, rsp, ss;
};

uint32_t pvh_start_info;
struct trap_seen trap_seen[256];
void (*volatile on_interrupt)(unsigned int vector);
volatile uint64_t trap_resume;

extern const char trap_stubs[];
void pvh_start(void);
void pvh_ap_start(void);
void pvh_trap(struct trap_frame *frame);

static uint8_t hypercall_page[4096] __attribute__((aligned(4096)));
static uint64_t idt[512];
static volatile struct xencons_interface *ring;
static unsigned int ring_port;

long pvh_hypercall(unsigned int nr, unsigned long a1, unsigned long a2, unsigned long a3,
                   unsigned long a4)
{
    register unsigned long r10 __asm__("r10") = a4;
    long rc;

    __asm__ volatile("call *%[stub]"
                     : "=a"(rc), "+D"(a1), "+S"(a2), "+d"(a3), "+r"(r10)
                     : [stub] "r"(hypercall_page + nr * STUB_SIZE)
                     : "rcx", "r8", "r11", "memory");
    return rc;
}

static long param_op(unsigned int cmd, struct xen_hvm_param *p)
{
    p->domid = DOMID_SELF;
    return hypercall(__HYPERVISOR_hvm_op, cmd, p);
}

uint64_t hvm_param(uint32_t index)
{
    struct xen_hvm_param p = { .index = index };

    return param_op(HVMOP_get_param, &p) == 0 ? p.value : 0;
}

long hvm_set_param(uint32_t index, uint64_t value)
{
    struct xen_hvm_param p = { .index = index, .value = value };

    return param_op(HVMOP_set_param, &p);
}

void console_write(const char *text, size_t len)
{
    struct evtchn_send op = { .port = ring_port };

    for (size_t i = 0; i < len; i++) {
        while (ring->out_prod - __atomic_load_n(&ring->out_cons, __ATOMIC_SEQ_CST) >=
               sizeof(ring->out)) {
            hypercall(__HYPERVISOR_event_channel_op, EVTCHNOP_send, &op);
            hypercall(__HYPERVISOR_sched_op, SCHEDOP_yield, 0);
        }
        ring->out[ring->out_prod % sizeof(ring->out)] = text[i];
        __atomic_store_n(&ring->out_prod, ring->out_prod + 1, __ATOMIC_SEQ_CST);
    }
    hypercall(__HYPERVISOR_event_channel_op, EVTCHNOP_send, &op);
}

/* A fault inside TRY goes on behind the instruction; outside it ends the guest. */
void pvh_trap(struct trap_frame *frame)
{
    struct trap_seen *seen = &trap_seen[frame->vector];
    uint64_t cr2;

    __asm__ volatile("mov %%cr2, %0" : "=r"(cr2));
    seen->error = frame->error;
    seen->rip = frame->rip;
    seen->cr2 = cr2;
    seen->count++;
    if (frame->vector >= 32 || frame->vector == 1 || frame->vector == 2 || frame->vector == 3) {
        if (on_interrupt)
            on_interrupt((unsigned int)frame->vector);
        if (frame->vector == 1)
            frame->rflags &= ~0x100UL;
    } else if (trap_resume) {
        frame->rip = trap_resume;
    } else {
        struct sched_shutdown op = { .reason = SHUTDOWN_crash };

        hypercall(__HYPERVISOR_sched_op, SCHEDOP_shutdown, &op);
    }
}

static void load_idt(void)
{
    struct {
        uint16_t limit;
        uint64_t base;
    } __attribute__((packed)) pointer = { sizeof(idt) - 1, (uint64_t)idt };

    __asm__ volatile("lidt %0" : : "m"(pointer));
}

static void make_idt(void)
{
    for (unsigned int i = 0; i < 256; i++) {
        uint64_t at = (uint64_t)trap_stubs + i * 16;

        idt[2 * i] = (at & 0xffff) | CODE64 << 16 | GATE << 32 | (at >> 16 & 0xffff) << 48;
        idt[2 * i + 1] = at >> 32;
    }
}

void pvh_start(void)
{
    struct sched_shutdown op = { .reason = SHUTDOWN_reboot };

    make_idt();
    load_idt();
    write_msr(MSR_HYPERCALL_PAGE, (uint64_t)hypercall_page);
    ring = (volatile struct xencons_interface *)(hvm_param(HVM_PARAM_CONSOLE_PFN) << 12);
    ring_port = (unsigned int)hvm_param(HVM_PARAM_CONSOLE_EVTCHN);
    test_main();
    check_verdict();
    hypercall(__HYPERVISOR_sched_op, SCHEDOP_shutdown, &op);
}

__attribute__((weak)) void test_other_vcpu(void)
{
}

void pvh_ap_start(void)
{
    load_idt();
    test_other_vcpu();
}

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Takes a trap apart, looks for who expects it (the test's hook, user_run, an extable entry,
 * trap_catch) and builds the frame for the iret hypercall.
 */
#include "trap.h"

#include <stddef.h>

#include <public/xen.h>
#include <public/callback.h>

#include "check.h"
#include "event.h"
#include "hypercall.h"
#include "mm.h"
#include "print.h"
#include "start.h"

struct extable_entry {
    uint64_t insn, next, to;
};

extern const struct extable_entry extable_start[], extable_end[];

struct trap_record trap_last = { .vector = TRAP_NONE };
trap_hook_t trap_hook;
struct jump *trap_user_jump;
static struct jump *catch_jump;

struct iret_frame *trap_enter(struct trap_frame *frame);

static bool vector_has_error(uint64_t vector)
{
    return vector == 8 || (vector >= 10 && vector <= 14) || vector == 17 || vector == 21;
}

static void record_fill(struct trap_record *r, const struct trap_frame *f)
{
    const uint64_t *raw = f->raw;
    const uint64_t *tail;

    *r = (struct trap_record){
        .vector = (unsigned int)f->vector, .has_error = vector_has_error(f->vector),
        .rcx = raw[0], .r11 = raw[1], .base = (uint64_t)raw,
        .live_rflags = f->live_rflags, .live_rcx = f->rcx, .live_r11 = f->r11,
        .rax = f->rax, .rdi = f->rdi, .rsi = f->rsi, .rdx = f->rdx, .r8 = f->r8,
        .r9 = f->r9, .r10 = f->r10, .rbx = f->rbx,
    };
    tail = raw + 2;
    if (r->has_error)
        r->error = *tail++;
    if (r->vector == TRAP_FAILSAFE) {
        r->ds = tail[0];
        r->es = tail[1];
        r->fs = tail[2];
        r->gs = tail[3];
        tail += 4;
    }
    r->rip = tail[0];
    r->cs = tail[1] & 0xffff;
    r->saved_mask = (uint8_t)(tail[1] >> 32);
    r->rflags = tail[2];
    r->rsp = tail[3];
    r->ss = tail[4];
    __asm__("mov %%cs, %0" : "=r"(r->live_cs));
    __asm__("mov %%ss, %0" : "=r"(r->live_ss));
    if (shared_info) {
        r->mask = vcpu_info_self()->evtchn_upcall_mask;
        r->cr2 = vcpu_info_self()->arch.cr2;
    }
}

/* The 72-byte frame ends where the pushed one ends. */
static struct iret_frame *iret_build(struct trap_frame *frame, const struct trap_record *r)
{
    unsigned int words = r->has_error ? 8 : r->vector == TRAP_FAILSAFE ? 11 : 7;
    struct iret_frame *iret = (struct iret_frame *)(frame->raw + words) - 1;

    *iret = (struct iret_frame){
        .rax = frame->rax, .r11 = r->r11, .rcx = r->rcx, .rip = r->rip, .cs = r->cs,
        .rflags = r->rflags, .rsp = r->rsp, .ss = r->ss,
    };
    return iret;
}

static const struct extable_entry *extable_find(uint64_t rip)
{
    for (const struct extable_entry *e = extable_start; e < extable_end; e++)
        if (e->insn == rip || e->next == rip)
            return e;
    return NULL;
}

static void trap_unexpected(const struct trap_record *r)
{
    printk("FAIL unexpected trap %u, error 0x%lx, cr2 0x%lx\n", r->vector,
           (unsigned long)r->error, (unsigned long)r->cr2);
    printk("     rip %p cs 0x%lx rflags 0x%lx rsp %p ss 0x%lx rcx %p rax %p\n", (void *)r->rip,
           (unsigned long)r->cs, (unsigned long)r->rflags, (void *)r->rsp,
           (unsigned long)r->ss, (void *)r->rcx, (void *)r->rax);
    printk("VERDICT fail unexpected trap\n");
    guest_end();
}

static void jump_out(struct jump **jump)
{
    struct jump *to = *jump;

    *jump = NULL;
    jump_to(to);
}

struct iret_frame *trap_enter(struct trap_frame *frame)
{
    const struct extable_entry *e;
    struct trap_record r;

    record_fill(&r, frame);
    if (trap_hook && trap_hook(frame, &r))
        return iret_build(frame, &r);
    if (r.vector == TRAP_EVENT) {
        event_upcall();
        return iret_build(frame, &r);
    }
    if ((r.cs & 3) == 3 && trap_user_jump) {
        trap_last = r;
        jump_out(&trap_user_jump);
    }
    e = extable_find(r.rip);
    if (e) {
        trap_last = r;
        trap_last.insn = e->insn;
        trap_last.next = e->next;
        r.rip = e->to;
        r.rflags &= ~(uint64_t)(X86_FLAG_TF | X86_FLAG_RF);
        return iret_build(frame, &r);
    }
    if (catch_jump) {
        trap_last = r;
        jump_out(&catch_jump);
    }
    trap_unexpected(&r);
    return NULL;
}

bool trap_catch(void (*fn)(void *), void *arg)
{
    struct jump jump;
    uint8_t mask = shared_info ? vcpu_info_self()->evtchn_upcall_mask : 1;

    trap_last.vector = TRAP_NONE;
    if (jump_set(&jump)) {
        if (shared_info)
            vcpu_info_self()->evtchn_upcall_mask = mask;
        return true;
    }
    catch_jump = &jump;
    fn(arg);
    catch_jump = NULL;
    return false;
}

long trap_set(uint8_t vector, uint8_t flags)
{
    struct trap_info table[2] = {
        { .vector = vector, .flags = flags, .cs = GUEST_CS, .address = TRAP_STUB(vector) },
    };

    return hypercall_1(__HYPERVISOR_set_trap_table, table);
}

long trap_set_callback(uint16_t type, uint16_t flags, unsigned long address)
{
    struct callback_register reg = { .type = type, .flags = flags, .address = address };

    return hypercall_2(__HYPERVISOR_callback_op, CALLBACKOP_register, &reg);
}

void trap_init(void)
{
    struct trap_info table[33];

    for (unsigned int i = 0; i < 32; i++)
        table[i] = (struct trap_info){
            .vector = (uint8_t)i, .flags = i == 3 || i == 4 ? 3 : 0,
            .cs = GUEST_CS, .address = TRAP_STUB(i),
        };
    table[32] = (struct trap_info){ 0 };
    CHECK_EQ(hypercall_1(__HYPERVISOR_set_trap_table, table), 0);
    CHECK_EQ(trap_set_callback(CALLBACKTYPE_event, 0, TRAP_STUB(TRAP_EVENT)), 0);
    CHECK_EQ(trap_set_callback(CALLBACKTYPE_failsafe, CALLBACKF_mask_events,
                               TRAP_STUB(TRAP_FAILSAFE)), 0);
    CHECK_EQ(trap_set_callback(CALLBACKTYPE_syscall, CALLBACKF_mask_events,
                               TRAP_STUB(TRAP_SYSCALL)), 0);
}

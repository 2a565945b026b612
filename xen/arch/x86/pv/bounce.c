/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Bounces: the hypervisor's equivalent of delivering an event through an interrupt gate. The frame
 * is pushed on the guest kernel's stack at once, in the guest's kernel address space:
 *
 *   RCX R11 [error code] RIP CS|mask<<32 RFLAGS RSP SS
 *
 * A stack that cannot be written, or a missing handler, is beyond repair: the domain is crashed.
 */
#include <asm/extable.h>
#include <asm/page.h>
#include <asm/pv.h>
#include <asm/trap.h>
#include <asm/uaccess.h>
#include <xen/domain.h>

/* Stores a word at a checked guest address, or goes to @fail. */
#define PUT_WORD(ptr, value, fail)                           \
    __asm__ goto("1: movq %0, %1\n" EXTABLE(1b, %l[fail])    \
                 :: "r"((uint64_t)(value)), "m"(*(ptr)) : "memory" : fail)

static bool vector_has_error(unsigned int vector)
{
    /* #DF, #TS to #PF, #AC, #CP */
    return (0x00227d00U >> vector) & 1;
}

static always_inline uint64_t frame_rflags(const struct cpu_regs *r, bool masked)
{
    return (r->rflags & ~(RFLAGS_IF | RFLAGS_IOPL)) | (masked ? 0 : RFLAGS_IF);
}

/*
 * Switches to the guest kernel at @cb with the interrupted context on its stack. False if the frame
 * could not be pushed; then only the mode may have changed.
 */
static always_inline bool push_frame(struct vcpu *v, struct cpu_regs *r, const struct callback *cb,
                                     bool has_error, uint32_t error)
{
    struct vcpu_info *info = v->info;
    uint8_t mask = READ_ONCE(info->evtchn_upcall_mask);
    uint64_t cs = r->cs, sp = r->rsp;
    uint64_t *p;

    if (v->arch.kernel_mode) {
        cs &= ~3UL;
    } else {
        sp = v->arch.kernel_sp;
        pv_toggle_mode(v);
    }
    p = (uint64_t *)(sp & ~15UL) - (has_error ? 8 : 7);
    if (unlikely(!guest_range_ok((uint64_t)p, 64))) {
        return false;
    }
    guest_access_begin();
    PUT_WORD(&p[0], r->rcx, fault);
    PUT_WORD(&p[1], r->r11, fault);
    if (has_error) {
        PUT_WORD(&p[2], error, fault);
    }
    {
        uint64_t *q = p + (has_error ? 3 : 2);

        PUT_WORD(&q[0], r->rip, fault);
        PUT_WORD(&q[1], cs | ((uint64_t)mask << 32), fault);
        PUT_WORD(&q[2], frame_rflags(r, mask != 0), fault);
        PUT_WORD(&q[3], r->rsp, fault);
        PUT_WORD(&q[4], r->ss, fault);
    }
    guest_access_end();

    if (cb->mask_events) {
        WRITE_ONCE(info->evtchn_upcall_mask, 1);
    }
    r->rip = cb->address;
    r->cs = GUEST_CS;
    r->rflags &= ~(RFLAGS_TF | RFLAGS_NT | RFLAGS_RF | RFLAGS_AC | RFLAGS_VM);
    r->rflags |= RFLAGS_IF;
    r->rsp = (uint64_t)p;
    r->ss = GUEST_SS;
    /* RCX and R11 are dead in the handler, so SYSRET may go there. */
    r->entry_vector = ENTRY_SYSCALL;
    return true;

fault:
    guest_access_end();
    return false;
}

static noinline void no_stack(struct vcpu *v, const struct cpu_regs *r, const char *what)
{
    domain_crash(
        v->domain,
        "vCPU %u: cannot push the frame of %s on its kernel stack (RSP %lx, kernel_sp %lx)", v->id,
        what, r->rsp, v->arch.kernel_sp);
}

static noinline void no_handler(struct vcpu *v, const struct cpu_regs *r, const char *what,
                                unsigned int vector)
{
    domain_crash(v->domain, "vCPU %u: %s (vector %u, error code 0x%x) at RIP %lx has no handler",
                 v->id, what, vector, r->error_code, r->rip);
}

void pv_inject(struct vcpu *v, struct cpu_regs *r, unsigned int vector, uint32_t error)
{
    const struct trap_entry *t = &v->arch.traps[vector];
    struct callback cb = { t->address, t->mask_events };

    if (unlikely(cb.address == 0)) {
        no_handler(v, r, "an exception", vector);
    } else if (unlikely(!push_frame(v, r, &cb, vector_has_error(vector), error))) {
        no_stack(v, r, "an exception");
    }
}

void pv_inject_page_fault(struct vcpu *v, struct cpu_regs *r, uint64_t cr2, uint32_t error)
{
    const struct trap_entry *t = &v->arch.traps[TRAP_PF];
    struct callback cb = { t->address, t->mask_events };

    v->info->arch.cr2 = cr2;
    /* Both modes run at CPL 3; what the guest must see is its own. */
    error = (error & ~PFEC_U) | (v->arch.kernel_mode ? 0 : PFEC_U);
    if (unlikely(cb.address == 0)) {
        no_handler(v, r, "a page fault", TRAP_PF);
    } else if (unlikely(!push_frame(v, r, &cb, true, error))) {
        no_stack(v, r, "a page fault");
    }
}

void pv_soft_interrupt(struct vcpu *v, struct cpu_regs *r, unsigned int vector, unsigned int length)
{
    const struct trap_entry *t = &v->arch.traps[vector];
    struct callback cb = { t->address, t->mask_events };

    if (cb.address == 0 || t->dpl < (v->arch.kernel_mode ? 0 : 3)) {
        pv_inject(v, r, TRAP_GP, vector * 8 + 2);
        return;
    }
    r->rip += length;
    r->rflags &= ~RFLAGS_RF;
    if (!push_frame(v, r, &cb, false, 0)) {
        no_stack(v, r, "a software interrupt");
    }
}

static noinline void syscall_unregistered(struct vcpu *v, struct cpu_regs *r)
{
    r->rip -= 2;
    pv_inject(v, r, TRAP_UD, 0);
}

void pv_bounce_syscall(struct vcpu *v, struct cpu_regs *r)
{
    const struct callback *cb = &v->arch.syscall_cb;

    if (unlikely(cb->address == 0)) {
        syscall_unregistered(v, r);
    } else if (unlikely(!push_frame(v, r, cb, false, 0))) {
        no_stack(v, r, "a system call");
    }
    r->rflags &= ~RFLAGS_DF;
}

void pv_bounce_syscall32(struct vcpu *v, struct cpu_regs *r)
{
    if (v->arch.kernel_mode || v->arch.syscall32_cb.address == 0) {
        syscall_unregistered(v, r);
    } else if (!push_frame(v, r, &v->arch.syscall32_cb, false, 0)) {
        no_stack(v, r, "a 32-bit system call");
    }
    r->rflags &= ~RFLAGS_DF;
}

void pv_bounce_sysenter(struct vcpu *v, struct cpu_regs *r)
{
    r->rflags |= RFLAGS_IF;
    if (v->arch.kernel_mode || v->arch.sysenter_cb.address == 0) {
        pv_inject(v, r, TRAP_GP, 0);
    } else if (!push_frame(v, r, &v->arch.sysenter_cb, false, 0)) {
        no_stack(v, r, "a SYSENTER");
    }
    r->rflags &= ~RFLAGS_DF;
}

void pv_bounce_event(struct vcpu *v, struct cpu_regs *r)
{
    struct callback cb = { v->arch.event_cb.address, true };

    if (unlikely(cb.address == 0)) {
        no_handler(v, r, "an event upcall", 0);
    } else if (unlikely(!push_frame(v, r, &cb, false, 0))) {
        no_stack(v, r, "an event");
    }
}

/*
 * The saved segment selectors of a vCPU could not be loaded: its kernel gets them in a frame of
 * eleven words and repairs them.
 */
void pv_bounce_failsafe(struct vcpu *v, struct cpu_regs *r)
{
    const struct callback *cb = &v->arch.failsafe_cb;
    uint16_t sel[4] = { v->arch.ds, v->arch.es, v->arch.fs, v->arch.gs };

    if (cb->address == 0) {
        no_handler(v, r, "a segment that can't be loaded", 0);
        return;
    }
    if (!push_frame(v, r, cb, false, 0)) {
        no_stack(v, r, "the failsafe callback");
        return;
    }
    /* The four selectors stand between R11 and RIP: move the first two words down. */
    {
        uint64_t *p = (uint64_t *)r->rsp - 4;

        if (!guest_range_ok((uint64_t)p, 32)) {
            goto fault_outside;
        }
        guest_access_begin();
        PUT_WORD(&p[0], r->rcx, fault);
        PUT_WORD(&p[1], r->r11, fault);
        for (unsigned int i = 0; i < 4; i++) {
            PUT_WORD(&p[2 + i], sel[i], fault);
        }
        guest_access_end();
        r->rsp = (uint64_t)p;
        return;
    }
fault:
    guest_access_end();
fault_outside:
    no_stack(v, r, "the failsafe callback");
}

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The iret hypercall, and what becomes of a fault in the machine's own IRETQ: the guest gets the
 * exception as if raised at the target.
 */
#include <asm/pv.h>
#include <asm/trap.h>
#include <public/arch-x86_64.h>
#include <xen/domain.h>
#include <xen/string.h>
#include <xen/usercopy.h>

#define RFLAGS_GUEST \
    (RFLAGS_TF | RFLAGS_IF | RFLAGS_DF | RFLAGS_NT | RFLAGS_RF | RFLAGS_AC | RFLAGS_ID | 0x8d5UL)

void pv_iret(struct vcpu *v, struct cpu_regs *r)
{
    struct iret_context f;

    if (unlikely(!read_guest(&f, (const struct iret_context *)r->rsp))) {
        domain_crash(v->domain, "vCPU %u: cannot read the iret frame at %lx", v->id, r->rsp);
        return;
    }
    if ((f.cs & 3) == 3) {
        if (unlikely(mfn_eq(v->arch.guest_table_user, INVALID_MFN))) {
            domain_crash(v->domain, "vCPU %u: iret to user mode without a user page table", v->id);
            return;
        }
        pv_toggle_mode(v);
    }
    r->rax = f.rax;
    r->rip = f.rip;
    r->cs = (uint16_t)f.cs | 3;
    r->rflags = (f.rflags & RFLAGS_GUEST) | RFLAGS_IF | RFLAGS_MBS;
    r->rsp = f.rsp;
    r->ss = (uint16_t)f.ss | 3;
    if (f.flags & VGCF_in_syscall) {
        r->rcx = f.rip;
        r->r11 = r->rflags;
    } else {
        r->r11 = f.r11;
        r->rcx = f.rcx;
    }
    r->entry_vector = 0;
    if (unlikely(v->arch.nmi_masked || v->arch.mce_masked)) {
        v->arch.nmi_masked = false;
        v->arch.mce_masked = false;
        __atomic_fetch_or(&v->arch.exit_work, EXIT_NMI | EXIT_MCE, __ATOMIC_SEQ_CST);
    }
    WRITE_ONCE(v->info->evtchn_upcall_mask, (f.rflags & RFLAGS_IF) == 0);
}

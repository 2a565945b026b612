/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * vcpu_guest_context: the whole state of a vCPU as a guest kernel, the domain builder or a debugger
 * describes it.
 */
#include <asm/debugreg.h>
#include <asm/fpu.h>
#include <asm/hvm.h>
#include <asm/pv.h>
#include <asm/pv_mm.h>
#include <asm/trap.h>
#include <public/arch-x86_64.h>
#include <xen/alloc.h>
#include <xen/arch.h>
#include <xen/domain.h>
#include <xen/errno.h>
#include <xen/usercopy.h>

static mfn_t cr3_to_mfn(uint64_t cr3)
{
    return mfn(cr3 >> PAGE_SHIFT);
}

static bool traps_are_valid(const struct vcpu_guest_context *c)
{
    for (unsigned int i = 0; i < ARRAY_SIZE(c->trap_ctxt); i++) {
        if (!is_canonical(c->trap_ctxt[i].address)) {
            return false;
        }
    }
    return true;
}

static bool context_is_valid(const struct vcpu_guest_context *c)
{
    return is_canonical(c->user_regs.rip) && is_canonical(c->user_regs.rsp) &&
           is_canonical(c->kernel_sp) && is_canonical(c->event_callback_eip) &&
           is_canonical(c->failsafe_callback_eip) && is_canonical(c->syscall_callback_eip) &&
           is_canonical(c->fs_base) && is_canonical(c->gs_base_kernel) &&
           is_canonical(c->gs_base_user) && traps_are_valid(c) && c->ldt_ents <= 8192 &&
           (c->ldt_ents == 0 || c->ldt_base % PAGE_SIZE == 0) &&
           c->gdt_ents <= GDT_GUEST_PAGES * 512;
}

static void set_registers(struct vcpu *v, const struct vcpu_guest_context *c)
{
    const struct cpu_user_regs *u = &c->user_regs;

    v->arch.regs = (struct cpu_regs){
        .r15 = u->r15,
        .r14 = u->r14,
        .r13 = u->r13,
        .r12 = u->r12,
        .rbp = u->rbp,
        .rbx = u->rbx,
        .r11 = u->r11,
        .r10 = u->r10,
        .r9 = u->r9,
        .r8 = u->r8,
        .rax = u->rax,
        .rcx = u->rcx,
        .rdx = u->rdx,
        .rsi = u->rsi,
        .rdi = u->rdi,
        .rip = u->rip,
        .rsp = u->rsp,
        .cs = u->cs | 3,
        .ss = u->ss | 3,
        .rflags = (u->rflags & (RFLAGS_TF | RFLAGS_DF | RFLAGS_NT | RFLAGS_RF | RFLAGS_AC |
                                RFLAGS_ID | 0x8d5UL)) |
                  RFLAGS_IF | RFLAGS_MBS,
    };
    v->arch.ds = u->ds;
    v->arch.es = u->es;
    v->arch.fs = u->fs;
    v->arch.gs = u->gs;
    v->arch.iopl = (u->rflags & RFLAGS_IOPL) >> 12;
}

static void set_callbacks(struct vcpu *v, const struct vcpu_guest_context *c)
{
    struct arch_vcpu *a = &v->arch;

    for (unsigned int i = 0; i < ARRAY_SIZE(c->trap_ctxt); i++) {
        const struct trap_info *t = &c->trap_ctxt[i];

        a->traps[i] = (struct trap_entry){ t->address, t->flags & 3, (t->flags & 4) != 0 };
    }
    a->event_cb = (struct callback){ c->event_callback_eip, true };
    a->failsafe_cb = (struct callback){ c->failsafe_callback_eip,
                                        (c->flags & VGCF_failsafe_disables_events) != 0 };
    a->syscall_cb = (struct callback){ c->syscall_callback_eip,
                                       (c->flags & VGCF_syscall_disables_events) != 0 };
}

/* The part that can fail or be preempted; repeating it is harmless. */
static int set_tables(struct vcpu *v, const struct vcpu_guest_context *c)
{
    int rc = pv_set_baseptr(v, cr3_to_mfn(c->ctrlreg[3]));

    if (rc == 0 && c->ctrlreg[1] != 0) {
        rc = pv_set_user_baseptr(v, cr3_to_mfn(c->ctrlreg[1]));
    }
    if (rc == 0) {
        rc = pv_set_gdt(v, c->gdt_frames, c->gdt_ents);
    }
    return rc == -EBUSY || rc == -EPERM ? -EINVAL : rc;
}

/* A debugger's context: registers may change, tables belong to the running kernel. */
static bool tables_are_same(const struct vcpu *v, const struct vcpu_guest_context *c)
{
    mfn_t user = c->ctrlreg[1] != 0 ? cr3_to_mfn(c->ctrlreg[1]) : INVALID_MFN;

    if (!mfn_eq(v->arch.guest_table, cr3_to_mfn(c->ctrlreg[3])) ||
        !mfn_eq(v->arch.guest_table_user, user) || v->arch.gdt_entries != c->gdt_ents ||
        v->arch.ldt_base != c->ldt_base || v->arch.ldt_entries != c->ldt_ents) {
        return false;
    }
    for (unsigned int i = 0; i < DIV_ROUND_UP(c->gdt_ents, 512UL); i++) {
        if (v->arch.gdt_frames[i].n != c->gdt_frames[i]) {
            return false;
        }
    }
    return true;
}

/* What the guest couldn't set itself is left out. */
static void set_debug_registers(struct vcpu *v, const struct vcpu_guest_context *c)
{
    for (unsigned int i = 0; i < ARRAY_SIZE(c->debugreg); i++) {
        if (i != 4 && i != 5 && debugreg_set(v, i, c->debugreg[i]) != 0) {
            continue;
        }
    }
}

static void set_online(struct vcpu *v, bool online)
{
    if (online) {
        bit_clear_atomic(&v->pause_flags, VPF_DOWN);
    } else {
        bit_set_atomic(&v->pause_flags, VPF_DOWN);
    }
}

static int set_context(struct vcpu *v, const struct vcpu_guest_context *c)
{
    struct arch_vcpu *a = &v->arch;
    int rc;

    if (!context_is_valid(c)) {
        return -EINVAL;
    }
    if (v->is_initialised) {
        rc = tables_are_same(v, c) ? 0 : -EOPNOTSUPP;
    } else {
        rc = set_tables(v, c);
    }
    if (rc == 0 && (c->flags & VGCF_i387_valid)) {
        rc = fpu_set_from_context(v, &c->fpu_ctxt);
    }
    if (rc != 0) {
        return rc;
    }
    set_registers(v, c);
    set_callbacks(v, c);
    a->kernel_mode = (c->flags & VGCF_in_kernel) != 0 || c->ctrlreg[1] == 0;
    a->kernel_sp = c->kernel_sp;
    a->kernel_ss = (uint16_t)c->kernel_ss;
    a->fs_base = c->fs_base;
    a->gs_base_kernel = c->gs_base_kernel;
    a->gs_base_user = c->gs_base_user;
    a->ldt_base = c->ldt_ents > 0 ? c->ldt_base : 0;
    a->ldt_entries = (unsigned int)c->ldt_ents;
    /* The domain's, told by its first vCPU; kernels leave it out when they start the others. */
    if (v->id == 0) {
        v->domain->arch.vm_assist = c->vm_assist;
    }
    a->cr4 = pv_guest_cr4(v, c->ctrlreg[4]);
    set_debug_registers(v, c);
    a->cr3 = mfn_to_maddr(a->kernel_mode ? a->guest_table : a->guest_table_user).a;
    set_online(v, (c->flags & VGCF_online) != 0);
    return 0;
}

int arch_vcpu_set_context(struct vcpu *v, const void *guest_context)
{
    struct vcpu_guest_context *c;
    int rc = -EFAULT;

    if (is_hvm(v->domain)) {
        return -EOPNOTSUPP; /* theirs comes by SIPI, or by sethvmcontext */
    }
    c = heap_new(struct vcpu_guest_context);
    if (c == NULL) {
        return -ENOMEM;
    }
    if (read_guest(c, (const struct vcpu_guest_context *)guest_context)) {
        rc = set_context(v, c);
    }
    heap_free(c);
    return rc;
}

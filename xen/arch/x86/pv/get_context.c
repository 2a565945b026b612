/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * vcpu_guest_context of a vCPU that doesn't run, for debuggers, dumps and saved domains: the
 * reverse of set_context.c.
 */
#include <asm/cpu.h>
#include <asm/fpu.h>
#include <asm/hvm.h>
#include <asm/trap.h>
#include <public/arch-x86_64.h>
#include <xen/alloc.h>
#include <xen/arch.h>
#include <xen/domain.h>
#include <xen/errno.h>
#include <xen/usercopy.h>

#define CR0_SHOWN   0x80050033UL /* PG AM WP NE ET MP PE */
#define CR4_SHOWN   0x660UL      /* OSXMMEXCPT OSFXSR MCE PAE */

static void get_registers(const struct vcpu *v, struct vcpu_guest_context *c)
{
    const struct cpu_regs *r = &v->arch.regs;

    c->user_regs = (struct cpu_user_regs){
        .r15 = r->r15, .r14 = r->r14, .r13 = r->r13, .r12 = r->r12, .rbp = r->rbp, .rbx = r->rbx,
        .r11 = r->r11, .r10 = r->r10, .r9 = r->r9, .r8 = r->r8, .rax = r->rax, .rcx = r->rcx,
        .rdx = r->rdx, .rsi = r->rsi, .rdi = r->rdi, .rip = r->rip, .rsp = r->rsp,
        .cs = (uint16_t)r->cs, .ss = (uint16_t)r->ss,
        .rflags = r->rflags | (uint64_t)v->arch.iopl << 12,
        .ds = v->arch.ds, .es = v->arch.es, .fs = v->arch.fs, .gs = v->arch.gs,
    };
}

static uint64_t callback_flag(const struct callback *cb, uint64_t flag)
{
    return cb->mask_events ? flag : 0;
}

static void get_callbacks(const struct vcpu *v, struct vcpu_guest_context *c)
{
    const struct arch_vcpu *a = &v->arch;

    for (unsigned int i = 0; i < ARRAY_SIZE(c->trap_ctxt); i++) {
        const struct trap_entry *t = &a->traps[i];

        c->trap_ctxt[i] = (struct trap_info){ .vector = (uint8_t)i,
                                              .cs = FLAT_KERNEL_CS,
                                              .address = t->address,
                                              .flags = (uint8_t)(t->dpl |
                                                                 (t->mask_events ? 4 : 0)) };
    }
    c->event_callback_eip = a->event_cb.address;
    c->failsafe_callback_eip = a->failsafe_cb.address;
    c->syscall_callback_eip = a->syscall_cb.address;
    c->flags |= callback_flag(&a->failsafe_cb, VGCF_failsafe_disables_events) |
                callback_flag(&a->syscall_cb, VGCF_syscall_disables_events);
}

static uint64_t table_address(mfn_t m)
{
    return mfn_eq(m, INVALID_MFN) ? 0 : xen_pfn_to_cr3(m.n);
}

static void get_tables(const struct vcpu *v, struct vcpu_guest_context *c)
{
    const struct arch_vcpu *a = &v->arch;

    c->ctrlreg[0] = CR0_SHOWN | (a->task_switched ? CR0_TS : 0);
    c->ctrlreg[1] = table_address(a->guest_table_user);
    c->ctrlreg[2] = v->info->arch.cr2;
    c->ctrlreg[3] = table_address(a->guest_table);
    c->ctrlreg[4] = CR4_SHOWN | a->cr4;
    c->ldt_base = a->ldt_base;
    c->ldt_ents = a->ldt_entries;
    c->gdt_ents = a->gdt_entries;
    for (unsigned int i = 0; i < DIV_ROUND_UP(a->gdt_entries, 512U); i++) {
        c->gdt_frames[i] = a->gdt_frames[i].n;
    }
}

static void pv_vcpu_get_context(struct vcpu *v, struct vcpu_guest_context *c)
{
    const struct arch_vcpu *a = &v->arch;

    c->flags = VGCF_i387_valid | (a->kernel_mode ? VGCF_in_kernel : 0) |
               (bit_test(&v->pause_flags, VPF_DOWN) ? 0 : VGCF_online);
    fpu_get_context(v, &c->fpu_ctxt);
    get_registers(v, c);
    get_callbacks(v, c);
    get_tables(v, c);
    c->kernel_ss = a->kernel_ss;
    c->kernel_sp = a->kernel_sp;
    c->vm_assist = v->domain->arch.vm_assist;
    c->fs_base = a->fs_base;
    c->gs_base_kernel = a->gs_base_kernel;
    c->gs_base_user = a->gs_base_user;
    for (unsigned int i = 0; i < ARRAY_SIZE(c->debugreg); i++) {
        c->debugreg[i] = i == 4 || i == 5 ? 0 : a->dr[i];
    }
}

int arch_vcpu_get_context(struct vcpu *v, void *guest_context)
{
    struct vcpu_guest_context *c = heap_new(struct vcpu_guest_context);
    int rc;

    if (c == NULL) {
        return -ENOMEM;
    }
    if (is_hvm(v->domain)) {
        hvm_vcpu_get_context(v, c);
    } else {
        pv_vcpu_get_context(v, c);
    }
    rc = write_guest((struct vcpu_guest_context *)guest_context, c) ? 0 : -EFAULT;
    heap_free(c);
    return rc;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* A hardware-assisted vCPU's registers in the form of PV ones, for debuggers and dumps. */
#include <asm/fpu.h>
#include <asm/hvm.h>
#include <public/arch-x86_64.h>
#include <xen/domain.h>

#include "engine.h"

static void get_segments(const struct vcpu *v, struct vcpu_guest_context *c)
{
    struct cpu_user_regs *u = &c->user_regs;
    const struct {
        enum hvm_segment_name name;
        uint16_t *selector;
        uint64_t *base;     /* or NULL */
    } rows[] = {
        { HVM_CS, &u->cs, NULL }, { HVM_SS, &u->ss, NULL }, { HVM_DS, &u->ds, NULL },
        { HVM_ES, &u->es, NULL }, { HVM_FS, &u->fs, &c->fs_base },
    };
    struct hvm_segment s;

    for (unsigned int i = 0; i < ARRAY_SIZE(rows); i++) {
        hvm_engine->get_segment(v, rows[i].name, &s);
        *rows[i].selector = s.selector;
        if (rows[i].base != NULL) {
            *rows[i].base = s.base;
        }
    }
    hvm_engine->get_segment(v, HVM_GS, &s);
    u->gs = s.selector;
    /* The base in use is the one of the mode that the vCPU is in. */
    if (u->cs & 3) {
        c->gs_base_user = s.base;
        c->gs_base_kernel = hvm_engine->get_reg(v, HVM_KERNEL_GS_BASE);
    } else {
        c->gs_base_kernel = s.base;
        c->gs_base_user = hvm_engine->get_reg(v, HVM_KERNEL_GS_BASE);
    }
}

void hvm_vcpu_get_context(struct vcpu *v, struct vcpu_guest_context *c)
{
    const struct cpu_regs *r = &v->arch.regs;
    const struct hvm_engine *e = hvm_engine;

    fpu_get_context(v, &c->fpu_ctxt);
    c->user_regs = (struct cpu_user_regs){
        .r15 = r->r15, .r14 = r->r14, .r13 = r->r13, .r12 = r->r12, .rbp = r->rbp, .rbx = r->rbx,
        .r11 = r->r11, .r10 = r->r10, .r9 = r->r9, .r8 = r->r8, .rax = r->rax, .rcx = r->rcx,
        .rdx = r->rdx, .rsi = r->rsi, .rdi = r->rdi, .rip = r->rip, .rsp = r->rsp,
        .rflags = r->rflags,
    };
    e->open(v);
    get_segments(v, c);
    c->ctrlreg[0] = e->get_reg(v, HVM_CR0);
    c->ctrlreg[2] = e->get_reg(v, HVM_CR2);
    c->ctrlreg[3] = e->get_reg(v, HVM_CR3);
    c->ctrlreg[4] = e->get_reg(v, HVM_CR4);
    for (unsigned int i = 0; i < 4; i++) {
        c->debugreg[i] = v->arch.dr[i];
    }
    c->debugreg[6] = e->get_reg(v, HVM_DR6);
    c->debugreg[7] = e->get_reg(v, HVM_DR7);
    e->close(v);
    c->flags = VGCF_i387_valid | (c->user_regs.cs & 3 ? 0 : VGCF_in_kernel) |
               (bit_test(&v->pause_flags, VPF_DOWN) ? 0 : VGCF_online);
}

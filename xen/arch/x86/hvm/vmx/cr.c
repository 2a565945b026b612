/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * MOV to and from control registers, and LMSW, as far as they exit (Intel SDM vol. 3, 28.2.1, table
 * 28-3): bits of CR0 and CR4 that the guest doesn't own, and CR8, which is the local APIC's.
 */
#include <asm/cpu.h>
#include <asm/current.h>
#include <asm/vlapic.h>

#include "controls.h"
#include "vmx.h"

#define ACCESS_MOV_TO   0
#define ACCESS_MOV_FROM 1
#define ACCESS_LMSW     3
#define LMSW_BITS       0xeUL /* MP EM TS; PE it can set, not clear */
#define VLAPIC_TPR      0x80

static uint64_t *general_register(struct cpu_regs *r, unsigned int n)
{
    uint64_t *const all[16] = {
        &r->rax, &r->rcx, &r->rdx, &r->rbx, &r->rsp, &r->rbp, &r->rsi, &r->rdi,
        &r->r8, &r->r9, &r->r10, &r->r11, &r->r12, &r->r13, &r->r14, &r->r15,
    };

    return all[n];
}

static void get_mode(const struct vcpu *v, struct vmx_mode *m)
{
    struct hvm_segment cs;

    vmx_get_segment(v, HVM_CS, &cs);
    m->cr0 = vmx_get_reg(v, HVM_CR0);
    m->cr4 = vmx_get_reg(v, HVM_CR4);
    m->efer = vmx_get_reg(v, HVM_EFER);
    m->is_64bit = (m->efer & EFER_LMA) && (cs.attr & SEG_ATTR_L);
}

/* Long mode begins and ends with paging. */
static bool write_cr0_of(struct vcpu *v, uint64_t value)
{
    struct vmx_mode m;

    get_mode(v, &m);
    if (!vmx_cr0_is_valid(&m, value)) {
        return false;
    }
    if ((value ^ m.cr0) & CR0_PG) {
        bool lma = (value & CR0_PG) && (m.efer & EFER_LME);

        vmx_set_reg(v, HVM_EFER, lma ? m.efer | EFER_LMA : m.efer & ~EFER_LMA);
    }
    vmx_set_reg(v, HVM_CR0, value);
    return true;
}

static bool write_cr4_of(struct vcpu *v, uint64_t value)
{
    struct vmx_mode m;

    get_mode(v, &m);
    if (!vmx_cr4_is_valid(&m, value, vmx_of(v)->cr4_allowed)) {
        return false;
    }
    vmx_set_reg(v, HVM_CR4, value);
    return true;
}

static bool write_cr8_of(struct vcpu *v, uint64_t value)
{
    if (value > 15) {
        return false;
    }
    vlapic_write(v, VLAPIC_TPR, (uint32_t)value << 4);
    return true;
}

/* False: #GP. */
static bool mov_to(struct vcpu *v, unsigned int cr, uint64_t value)
{
    switch (cr) {
    case 0:
        return write_cr0_of(v, value);
    case 4:
        return write_cr4_of(v, value);
    default:
        return cr == 8 && write_cr8_of(v, value);
    }
}

void vmx_exit_cr(struct vcpu *v, struct cpu_regs *r)
{
    uint64_t q = vmread(VMCS_QUALIFICATION);
    unsigned int cr = q & 15, access = q >> 4 & 3;
    uint64_t *reg = general_register(r, q >> 8 & 15);
    bool ok = true;

    if (access == ACCESS_MOV_TO) {
        ok = mov_to(v, cr, hvm_in_long_mode(v) ? *reg : (uint32_t)*reg);
    } else if (access == ACCESS_LMSW) {
        uint64_t old = vmx_get_reg(v, HVM_CR0);

        ok = write_cr0_of(v, (old & ~LMSW_BITS) | (q >> 16 & (LMSW_BITS | CR0_PE)));
    } else if (access == ACCESS_MOV_FROM && cr == 8) {
        *reg = vlapic_read(v, VLAPIC_TPR) >> 4;
    } else {
        hvm_exit_unexpected(v, "control register access", q);
        return;
    }
    if (ok) {
        hvm_skip(v, r, (unsigned int)vmread(VMCS_EXIT_LENGTH));
    } else {
        hvm_inject(v, TRAP_GP, true, 0);
    }
}

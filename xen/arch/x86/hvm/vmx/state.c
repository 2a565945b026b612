/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Registers and segments of a vCPU whose VMCS is the current one, as hvm/engine.h names them. What
 * the VMCS has no field for is in the CPU while the vCPU is on it, and in struct vmx_vcpu else.
 */
#include <asm/cpu.h>
#include <asm/current.h>
#include <xen/mm.h>
#include <xen/string.h>

#include "controls.h"
#include "vmx.h"

#define CR4_VMXE (1UL << 13)
#define CR0_CACHES (3UL << 29) /* CD and NW: an entry doesn't load them */
#define PDPTES_SIZE 32UL

const uint32_t vmx_msr_numbers[NR_VMX_MSRS] = {
    [VMX_STAR] = MSR_STAR, [VMX_LSTAR] = MSR_LSTAR, [VMX_CSTAR] = MSR_CSTAR,
    [VMX_SFMASK] = MSR_SYSCALL_MASK, [VMX_KERNEL_GS_BASE] = MSR_KERNEL_GS_BASE,
};

/* ------------------------------------------------------------------------ */
/* Control registers */

static uint64_t shadowed(uint32_t value, uint32_t mask, uint32_t shadow)
{
    uint64_t owned = vmread(mask);

    return (vmread(value) & ~owned) | (vmread(shadow) & owned);
}

static void set_cr0(struct vmx_vcpu *s, uint64_t value)
{
    vmwrite(VMCS_CR0_SHADOW, value | CR0_ET);
    vmwrite(VMCS_GUEST_CR0, (value & ~CR0_CACHES) | CR0_ET | CR0_NE);
    s->are_pdptes_stale = true;
    s->is_vpid_stale = true;
}

static void set_cr4(struct vmx_vcpu *s, uint64_t value)
{
    value &= s->cr4_allowed;
    vmwrite(VMCS_CR4_SHADOW, value);
    vmwrite(VMCS_GUEST_CR4, value | vmx_features.cr4_fixed | CR4_VMXE);
    s->are_pdptes_stale = true;
    s->is_vpid_stale = true;
}

/* An entry wants the control and LMA to agree. */
static void set_efer(struct vmx_vcpu *s, uint64_t value)
{
    s->entry = value & EFER_LMA ? s->entry | ENTRY_LONG_MODE : s->entry & ~ENTRY_LONG_MODE;
    vmwrite(VMCS_ENTRY, s->entry);
    vmwrite(VMCS_GUEST_EFER, value);
}

/* Of PAE paging the CPU keeps the topmost entries in registers, which the VMCS has. */
void vmx_load_pdptes(struct vcpu *v)
{
    uint64_t cr3 = vmread(VMCS_GUEST_CR3) & 0xffffffe0UL, entry[4];
    struct page_info *pg;

    if (!(vmread(VMCS_GUEST_CR0) & CR0_PG) || !(vmread(VMCS_GUEST_CR4) & CR4_PAE) ||
        (vmread(VMCS_GUEST_EFER) & EFER_LMA)) {
        return;
    }
    pg = p2m_get_page(v->domain, cr3 >> PAGE_SHIFT, false);
    if (pg == NULL) {
        return;
    }
    memcpy(entry, (const char *)page_to_virt(pg) + (cr3 & (PAGE_SIZE - 1)), PDPTES_SIZE);
    p2m_put_page(pg, false);
    for (unsigned int i = 0; i < 4; i++) {
        vmwrite(VMCS_GUEST_PDPTE + 2 * i, entry[i]);
    }
}

/* ------------------------------------------------------------------------ */
/* Registers */

/* Where an MSR without a field is; -1: it isn't one. */
static int own_msr(enum hvm_reg reg)
{
    switch (reg) {
    case HVM_STAR: return VMX_STAR;
    case HVM_LSTAR: return VMX_LSTAR;
    case HVM_CSTAR: return VMX_CSTAR;
    case HVM_SFMASK: return VMX_SFMASK;
    case HVM_KERNEL_GS_BASE: return VMX_KERNEL_GS_BASE;
    default: return -1;
    }
}

static uint32_t field_of(enum hvm_reg reg)
{
    switch (reg) {
    case HVM_CR3: return VMCS_GUEST_CR3;
    case HVM_EFER: return VMCS_GUEST_EFER;
    case HVM_DR7: return VMCS_GUEST_DR7;
    case HVM_PAT: return VMCS_GUEST_PAT;
    case HVM_SYSENTER_CS: return VMCS_GUEST_SYSENTER_CS;
    case HVM_SYSENTER_ESP: return VMCS_GUEST_SYSENTER_ESP;
    case HVM_SYSENTER_EIP: return VMCS_GUEST_SYSENTER_EIP;
    default: BUG();
    }
}

uint64_t vmx_get_reg(const struct vcpu *v, enum hvm_reg reg)
{
    const struct vmx_vcpu *s = vmx_of(v);
    int msr = own_msr(reg);
    uint64_t value;

    ASSERT(this_cpu(vmx_current) == s);
    if (msr == VMX_KERNEL_GS_BASE && s->is_live) {
        return rdmsr(MSR_KERNEL_GS_BASE);
    }
    if (msr >= 0) {
        return s->msr[msr];
    }
    switch (reg) {
    case HVM_CR0:
        return shadowed(VMCS_GUEST_CR0, VMCS_CR0_MASK, VMCS_CR0_SHADOW);
    case HVM_CR2:
        return s->cr2;
    case HVM_CR4:
        return shadowed(VMCS_GUEST_CR4, VMCS_CR4_MASK, VMCS_CR4_SHADOW);
    case HVM_DR6:
        value = s->dr6;
        if (s->is_live) {
            __asm__ __volatile__("mov %%dr6, %0" : "=r"(value));
        }
        return value;
    default:
        return vmread(field_of(reg));
    }
}

static void set_dr6(struct vmx_vcpu *s, uint64_t value)
{
    s->dr6 = value;
    if (s->is_live) {
        __asm__ __volatile__("mov %0, %%dr6" :: "r"(value));
    }
}

void vmx_set_reg(struct vcpu *v, enum hvm_reg reg, uint64_t value)
{
    struct vmx_vcpu *s = vmx_of(v);
    int msr = own_msr(reg);

    ASSERT(this_cpu(vmx_current) == s);
    if (msr >= 0) {
        s->msr[msr] = value;
        if (s->is_live) {
            wrmsr(vmx_msr_numbers[msr], value);
        }
        return;
    }
    switch (reg) {
    case HVM_CR0:
        set_cr0(s, value);
        break;
    case HVM_CR2:
        s->cr2 = value;
        break;
    case HVM_CR3:
        vmwrite(VMCS_GUEST_CR3, value);
        s->are_pdptes_stale = true;
        s->is_vpid_stale = true;
        break;
    case HVM_CR4:
        set_cr4(s, value);
        break;
    case HVM_EFER:
        set_efer(s, value);
        break;
    case HVM_DR6:
        set_dr6(s, value);
        break;
    default:
        vmwrite(field_of(reg), value);
    }
}

/* ------------------------------------------------------------------------ */
/* Segments */

/* The fields are in the order of the names. */
static bool is_table(enum hvm_segment_name s)
{
    return s == HVM_GDTR || s == HVM_IDTR;
}

void vmx_get_segment(const struct vcpu *v, enum hvm_segment_name s, struct hvm_segment *out)
{
    uint32_t n = (uint32_t)s * 2;

    ASSERT(this_cpu(vmx_current) == vmx_of(v));
    out->base = vmread(VMCS_GUEST_BASE + n);
    out->limit = (uint32_t)vmread(VMCS_GUEST_LIMIT + n);
    out->selector = 0;
    out->attr = 0;
    if (!is_table(s)) {
        out->selector = (uint16_t)vmread(VMCS_GUEST_SELECTOR + n);
        out->attr = vmx_attr((uint32_t)vmread(VMCS_GUEST_RIGHTS + n));
    }
}

void vmx_set_segment(struct vcpu *v, enum hvm_segment_name s, const struct hvm_segment *in)
{
    uint32_t n = (uint32_t)s * 2;

    ASSERT(this_cpu(vmx_current) == vmx_of(v));
    vmwrite(VMCS_GUEST_BASE + n, in->base);
    vmwrite(VMCS_GUEST_LIMIT + n, in->limit);
    if (!is_table(s)) {
        vmwrite(VMCS_GUEST_SELECTOR + n, in->selector);
        vmwrite(VMCS_GUEST_RIGHTS + n, vmx_rights(in->attr));
    }
}

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * RDMSR and WRMSR of hardware-assisted guests, as far as they exit. What is constant, and what PV
 * guests have alike, comes from cpu/msr.c.
 */
#include <asm/cpu.h>
#include <asm/cpuid.h>
#include <asm/hypercall_page.h>
#include <asm/msr.h>
#include <asm/vlapic.h>
#include <asm/vtsc.h>
#include <xen/domain.h>
#include <xen/mm.h>
#include <xen/time.h>

#include "engine.h"
#include "hvm_msr.h"

#define MSR_TSC            0x10
#define MSR_MTRR_CAP       0xfe
#define MSR_AMD_SYSCFG     0xc0010010
#define MSR_MTRR_PHYSBASE  0x200
#define MSR_MTRR_LAST      0x20f
#define MSR_MTRR_FIX64K    0x250
#define MSR_MTRR_FIX16K    0x258
#define MSR_MTRR_FIX16K_2  0x259
#define MSR_MTRR_FIX4K     0x268
#define MSR_MTRR_FIX4K_8   0x26f
#define MSR_MTRR_DEF_TYPE  0x2ff
#define MSR_X2APIC         0x800
#define MSR_X2APIC_LAST    0x8ff
#define MSR_HYPERCALL_PAGE 0x40000000

#define BIT_E1_EDX_NX      (1U << 20)

/* Fixed ranges in the order of their MSRs. -1: none. */
static int fixed_range(uint32_t msr)
{
    if (msr == MSR_MTRR_FIX64K) {
        return 0;
    }
    if (msr >= MSR_MTRR_FIX16K && msr <= MSR_MTRR_FIX16K_2) {
        return (int)(msr - MSR_MTRR_FIX16K) + 1;
    }
    return msr >= MSR_MTRR_FIX4K && msr <= MSR_MTRR_FIX4K_8 ? (int)(msr - MSR_MTRR_FIX4K) + 3 : -1;
}

/* They are kept, and have no effect: memory is write-back, and there are no devices. */
static uint64_t *mtrr_place(struct vcpu *v, uint32_t msr)
{
    struct hvm_vcpu *h = v->arch.hvm;
    int fixed = fixed_range(msr);

    if (fixed >= 0) {
        return &h->mtrr.fixed[fixed];
    }
    if (msr == MSR_MTRR_DEF_TYPE) {
        return &h->mtrr.def_type;
    }
    if (msr >= MSR_MTRR_PHYSBASE && msr <= MSR_MTRR_LAST) {
        unsigned int n = (msr - MSR_MTRR_PHYSBASE) / 2;

        return msr & 1 ? &h->mtrr.mask[n] : &h->mtrr.base[n];
    }
    return NULL;
}

/* Registers that the engine has, whose values have no rules but being canonical. */
static int engine_reg(uint32_t msr)
{
    switch (msr) {
    case MSR_STAR:
        return HVM_STAR;
    case MSR_LSTAR:
        return HVM_LSTAR;
    case MSR_CSTAR:
        return HVM_CSTAR;
    case MSR_SYSCALL_MASK:
        return HVM_SFMASK;
    case MSR_KERNEL_GS_BASE:
        return HVM_KERNEL_GS_BASE;
    case MSR_SYSENTER_CS:
        return HVM_SYSENTER_CS;
    case MSR_SYSENTER_ESP:
        return HVM_SYSENTER_ESP;
    case MSR_SYSENTER_EIP:
        return HVM_SYSENTER_EIP;
    case MSR_PAT:
        return HVM_PAT;
    default:
        return -1;
    }
}

static uint64_t base_of(const struct vcpu *v, enum hvm_segment_name s)
{
    struct hvm_segment seg;

    hvm_engine->get_segment(v, s, &seg);
    return seg.base;
}

bool hvm_msr_read(struct vcpu *v, uint32_t msr, uint64_t *value)
{
    uint64_t *mtrr = mtrr_place(v, msr);
    int reg = engine_reg(msr);

    if (mtrr != NULL) {
        *value = *mtrr;
        return true;
    }
    if (reg >= 0) {
        *value = hvm_engine->get_reg(v, (enum hvm_reg)reg);
        return true;
    }
    if (msr >= MSR_X2APIC && msr <= MSR_X2APIC_LAST) {
        return vlapic_read_msr(v, msr, value);
    }
    switch (msr) {
    case MSR_EFER:
        *value = hvm_engine->get_reg(v, HVM_EFER);
        return true;
    case MSR_FS_BASE:
        *value = base_of(v, HVM_FS);
        return true;
    case MSR_GS_BASE:
        *value = base_of(v, HVM_GS);
        return true;
    case MSR_TSC:
        *value = hvm_tsc(v);
        return true;
    case MSR_APIC_BASE:
        *value = vlapic_base(v);
        return true;
    case MSR_AMD_SYSCFG:
        *value = 0;
        return true;
    case MSR_MTRR_CAP:
        *value = MTRR_CAP;
        return true;
    case MSR_HYPERCALL_PAGE:
        *value = 0;
        return true;
    default:
        return msr_common_read(v, msr, value);
    }
}

/* AMD APM vol. 2, 3.1.7: which bits, and LME only while paging is off. */
static bool write_efer(struct vcpu *v, uint64_t value)
{
    uint64_t old = hvm_engine->get_reg(v, HVM_EFER);
    uint64_t allowed = EFER_SCE | EFER_LME | EFER_LMA |
                       (policy_find(v->domain->arch.cpuid, 0x80000001, 0)->d & BIT_E1_EDX_NX
                            ? EFER_NX : 0);

    if ((value & ~allowed) != 0 || (((value ^ old) & EFER_LME) &&
                                    (hvm_engine->get_reg(v, HVM_CR0) & CR0_PG))) {
        return false;
    }
    hvm_engine->set_reg(v, HVM_EFER, (value & ~EFER_LMA) | (old & EFER_LMA));
    return true;
}

static bool write_pat(struct vcpu *v, uint64_t value)
{
    for (unsigned int i = 0; i < 8; i++) {
        uint8_t type = (uint8_t)(value >> i * 8);

        if (type > 7 || type == 2 || type == 3) {
            return false;
        }
    }
    hvm_engine->set_reg(v, HVM_PAT, value);
    return true;
}

static bool write_hypercall_page(struct vcpu *v, uint64_t value)
{
    struct page_info *pg;

    if ((value & (PAGE_SIZE - 1)) != 0) {
        return false;
    }
    pg = p2m_get_page(v->domain, value >> PAGE_SHIFT, true);
    if (pg == NULL) {
        return false;
    }
    hypercall_page_fill_hvm(page_to_virt(pg), hvm_engine == &svm_engine);
    p2m_put_page(pg, true);
    return true;
}

static bool write_base(struct vcpu *v, enum hvm_segment_name s, uint64_t value)
{
    struct hvm_segment seg;

    if (!is_canonical(value)) {
        return false;
    }
    hvm_engine->get_segment(v, s, &seg);
    seg.base = value;
    hvm_engine->set_segment(v, s, &seg);
    return true;
}

bool hvm_msr_write(struct vcpu *v, uint32_t msr, uint64_t value)
{
    uint64_t *mtrr = mtrr_place(v, msr);
    int reg = engine_reg(msr);

    if (mtrr != NULL) {
        *mtrr = value;
        return true;
    }
    if (reg >= 0) {
        if (msr == MSR_PAT) {
            return write_pat(v, value);
        }
        if (msr != MSR_STAR && msr != MSR_SYSCALL_MASK && !is_canonical(value)) {
            return false;
        }
        hvm_engine->set_reg(v, (enum hvm_reg)reg, value);
        return true;
    }
    if (msr >= MSR_X2APIC && msr <= MSR_X2APIC_LAST) {
        return vlapic_write_msr(v, msr, value);
    }
    switch (msr) {
    case MSR_EFER:
        return write_efer(v, value);
    case MSR_FS_BASE:
        return write_base(v, HVM_FS, value);
    case MSR_GS_BASE:
        return write_base(v, HVM_GS, value);
    case MSR_TSC:
        v->arch.hvm->tsc_offset = value - vtsc_read(v->domain);
        hvm_engine->set_tsc(v);
        pvclock_update(v);
        return true;
    case MSR_APIC_BASE:
        return vlapic_set_base(v, value);
    case MSR_HYPERCALL_PAGE:
        return write_hypercall_page(v, value);
    default:
        return msr_common_write(v, msr, value);
    }
}

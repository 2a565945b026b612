/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * RDMSR and WRMSR of PV guests. One table holds what is constant; what has an effect, or is the
 * vCPU's own, is a case of the two switches. Everything else raises #GP
 * (docs/interface/emulation.md).
 */
#include <asm/cpu.h>
#include <asm/cpufeature.h>
#include <asm/cpuid.h>
#include <asm/hypercall_page.h>
#include <asm/msr.h>
#include <asm/page.h>
#include <asm/vtsc.h>
#include <xen/domain.h>
#include <xen/mm.h>

#include "msr_table.h"

#define MSR_TSC            0x10
#define MSR_MISC_ENABLE    0x1a0
#define MSR_HYPERCALL_PAGE 0x40000000

#define MISC_ENABLE_PERF_AVAIL   (1UL << 7)
#define MISC_ENABLE_BTS_UNAVAIL  (1UL << 11)
#define MISC_ENABLE_PEBS_UNAVAIL (1UL << 12)
#define MISC_ENABLE_MONITOR      (1UL << 18)

#define APIC_BASE_VALUE 0xfee00800UL
#define APIC_BASE_BSP   0x100UL

#define BIT_E1_EDX_RDTSCP (1U << 27)

/*
 * While a vCPU runs its bases are in the hardware alone. CR4.FSGSBASE is the guest's choice, so its
 * value says whether the instructions are there.
 */
static bool has_base_instructions(const struct vcpu *v)
{
    return (v->arch.cr4 & CR4_FSGSBASE) != 0;
}

uint64_t fs_base_read(const struct vcpu *v)
{
    uint64_t base;

    if (!has_base_instructions(v)) {
        return rdmsr(MSR_FS_BASE);
    }
    __asm__ __volatile__("rdfsbase %0" : "=r"(base));
    return base;
}

uint64_t gs_base_read(const struct vcpu *v)
{
    uint64_t base;

    if (!has_base_instructions(v)) {
        return rdmsr(MSR_GS_BASE);
    }
    __asm__ __volatile__("rdgsbase %0" : "=r"(base));
    return base;
}

void fs_base_write(const struct vcpu *v, uint64_t base)
{
    if (has_base_instructions(v)) {
        __asm__ __volatile__("wrfsbase %0" :: "r"(base));
    } else {
        wrmsr(MSR_FS_BASE, base);
    }
}

void gs_base_write(const struct vcpu *v, uint64_t base)
{
    if (has_base_instructions(v)) {
        __asm__ __volatile__("wrgsbase %0" :: "r"(base));
    } else {
        wrmsr(MSR_GS_BASE, base);
    }
}

uint64_t gs_inactive_read(void)
{
    return rdmsr(MSR_KERNEL_GS_BASE);
}

void gs_inactive_write(uint64_t base)
{
    wrmsr(MSR_KERNEL_GS_BASE, base);
}

static bool has_rdtscp(const struct vcpu *v)
{
    return (policy_find(v->domain->arch.cpuid, 0x80000001, 0)->d & BIT_E1_EDX_RDTSCP) != 0;
}

static uint64_t guest_efer(void)
{
    return rdmsr(MSR_EFER) & ~EFER_SVME;
}

static bool read_misc_enable(uint64_t *value)
{
    if (!rdmsr_safe(MSR_MISC_ENABLE, value)) {
        return false;
    }
    *value = (*value & ~(MISC_ENABLE_PERF_AVAIL | MISC_ENABLE_MONITOR)) | MISC_ENABLE_BTS_UNAVAIL |
             MISC_ENABLE_PEBS_UNAVAIL;
    return true;
}

static const struct msr_row *find_row(uint32_t msr)
{
    static const enum msr_vendor vendors[] = {
        [VENDOR_OTHER] = MSR_ANY, [VENDOR_INTEL] = MSR_INTEL, [VENDOR_AMD] = MSR_AMD,
        [VENDOR_HYGON] = MSR_AMD,
    };

    return msr_table_find(msr, vendors[boot_cpu.vendor]);
}

static bool read_row(const struct vcpu *v, uint32_t msr, uint64_t *value)
{
    const struct msr_row *row = find_row(msr);

    if (row == NULL) {
        return false;
    }
    switch (row->read) {
    case MSR_VALUE:
        *value = row->value;
        return true;
    case MSR_REAL_DOM0:
        return v->domain->is_hardware && rdmsr_safe(msr, value);
    case MSR_REAL:
        return rdmsr_safe(msr, value);
    default:
        return false;
    }
}

bool msr_common_read(const struct vcpu *v, uint32_t msr, uint64_t *value)
{
    switch (msr) {
    case MSR_TSC_AUX:
        *value = v->arch.tsc_aux;
        return has_rdtscp(v);
    case MSR_MISC_ENABLE:
        return read_misc_enable(value);
    default:
        return read_row(v, msr, value);
    }
}

bool msr_guest_read(struct vcpu *v, uint32_t msr, uint64_t *value)
{
    switch (msr) {
    case MSR_FS_BASE:
        *value = fs_base_read(v);
        return true;
    case MSR_GS_BASE:
        *value = gs_base_read(v);
        return true;
    case MSR_KERNEL_GS_BASE:
        *value = gs_inactive_read();
        return true;
    case MSR_EFER:
        *value = guest_efer();
        return true;
    case MSR_TSC:
        *value = vtsc_read(v->domain);
        return true;
    case MSR_APIC_BASE:
        *value = APIC_BASE_VALUE | (v->id == 0 ? APIC_BASE_BSP : 0);
        return true;
    case MSR_HYPERCALL_PAGE:
        *value = 0;
        return true;
    default:
        return msr_common_read(v, msr, value);
    }
}

/* The frame's number is in bits 12 on; bits 0-11 choose the page of stubs: there is one. */
static bool write_hypercall_page(struct domain *d, uint64_t value)
{
    mfn_t m = mfn(value >> PAGE_SHIFT);
    struct page_info *pg = mfn_to_page(m);

    if ((value & (PAGE_SIZE - 1)) != 0 || !mfn_is_ram(m) ||
        page_get_and_type(pg, d, PGT_WRITABLE) != 0) {
        return false;
    }
    hypercall_page_fill(page_to_virt(pg));
    page_put_and_type(pg);
    return true;
}

static bool write_tsc_aux(struct vcpu *v, uint64_t value)
{
    if (!has_rdtscp(v) || value >> 32 != 0) {
        return false;
    }
    v->arch.tsc_aux = (uint32_t)value;
    msr_vcpu_load(v);
    return true;
}

static bool write_row(uint32_t msr, uint64_t value)
{
    const struct msr_row *row = find_row(msr);

    return row != NULL && (row->write == MSR_DROP || (row->write == MSR_DROP_ZERO && value == 0));
}

bool msr_common_write(struct vcpu *v, uint32_t msr, uint64_t value)
{
    switch (msr) {
    case MSR_TSC_AUX:
        return write_tsc_aux(v, value);
    case MSR_MISC_ENABLE:
        return read_misc_enable(&value);
    default:
        return write_row(msr, value);
    }
}

bool msr_guest_write(struct vcpu *v, uint32_t msr, uint64_t value)
{
    switch (msr) {
    case MSR_FS_BASE:
    case MSR_GS_BASE:
    case MSR_KERNEL_GS_BASE:
        if (!is_canonical(value)) {
            return false;
        }
        if (msr == MSR_FS_BASE) {
            fs_base_write(v, value);
        } else if (msr == MSR_GS_BASE) {
            gs_base_write(v, value);
        } else {
            gs_inactive_write(value);
        }
        return true;
    case MSR_EFER:
        return value == guest_efer();
    case MSR_HYPERCALL_PAGE:
        return write_hypercall_page(v->domain, value);
    default:
        return msr_common_write(v, msr, value);
    }
}

void msr_vcpu_load(const struct vcpu *v)
{
    if (cpu_has(HAS_RDTSCP)) {
        wrmsr(MSR_TSC_AUX, v->arch.tsc_aux);
    }
}

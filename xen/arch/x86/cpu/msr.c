/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * RDMSR and WRMSR of PV guests. One table holds what is constant; what has an effect, or is the
 * vCPU's own, is a case of the two switches. Everything else raises #GP (docs/interface/emulation.md).
 */
#include <asm/cpu.h>
#include <asm/cpufeature.h>
#include <asm/cpuid.h>
#include <asm/hypercall_page.h>
#include <asm/msr.h>
#include <asm/page.h>
#include <xen/domain.h>
#include <xen/mm.h>

#define MSR_TSC            0x10
#define MSR_MISC_ENABLE    0x1a0
#define MSR_HYPERCALL_PAGE 0x40000000

#define MISC_ENABLE_PERF_AVAIL   (1UL << 7)
#define MISC_ENABLE_BTS_UNAVAIL  (1UL << 11)
#define MISC_ENABLE_PEBS_UNAVAIL (1UL << 12)
#define MISC_ENABLE_MONITOR      (1UL << 18)

#define APIC_BASE_VALUE 0xfee00800UL
#define APIC_BASE_BSP   0x100UL
#define PAT_VALUE       0x0000050100070406UL

#define BIT_E1_EDX_RDTSCP (1U << 27)

enum access {
    FAULT,    /* #GP */
    VALUE,    /* read: the row's value */
    REAL,     /* read: the machine's */
    REAL_DOM0,
    DROP,     /* write: swallowed */
    DROP_ZERO /* write: 0 is swallowed, others fault */
};

enum vendors { ANY, INTEL, AMD };

struct msr_row {
    uint32_t first, last;
    uint8_t vendor, read, write; /* enum vendors, enum access */
    uint64_t value;
};

static const struct msr_row rows[] = {
    { 0x00000000, 0x00000001, ANY, VALUE, FAULT, 0 },          /* machine-check address and type */
    { 0x00000017, 0x00000017, INTEL, VALUE, FAULT, 0 },        /* PLATFORM_ID */
    { 0x0000003a, 0x0000003a, INTEL, VALUE, FAULT, 1 },        /* FEATURE_CONTROL: locked */
    { 0x0000008b, 0x0000008b, INTEL, REAL, DROP_ZERO, 0 },     /* microcode revision */
    { 0x0000008b, 0x0000008b, AMD, REAL, FAULT, 0 },
    { 0x000000c1, 0x000000c8, INTEL, VALUE, DROP, 0 },         /* performance counters */
    { 0x000000ce, 0x000000ce, ANY, VALUE, FAULT, 0 },          /* PLATFORM_INFO */
    { 0x000000e7, 0x000000e8, ANY, FAULT, DROP, 0 },           /* MPERF, APERF */
    { 0x00000140, 0x00000140, ANY, VALUE, DROP_ZERO, 0 },      /* MISC_FEATURES_ENABLES */
    { 0x00000179, 0x00000179, INTEL, VALUE, DROP, 0x1000c02 }, /* MCG_CAP: two banks */
    { 0x00000179, 0x00000179, AMD, VALUE, DROP, 2 },
    { 0x0000017a, 0x0000017b, ANY, VALUE, DROP, 0 },           /* MCG_STATUS, MCG_CTL */
    { 0x00000186, 0x00000189, INTEL, VALUE, DROP, 0 },         /* event selects */
    { 0x00000198, 0x00000198, INTEL, VALUE, FAULT, 0 },        /* PERF_STATUS */
    { 0x00000199, 0x00000199, INTEL, VALUE, DROP, 0 },         /* PERF_CTL */
    { 0x0000019a, 0x0000019a, INTEL, FAULT, DROP, 0 },         /* clock modulation */
    { 0x0000019c, 0x0000019c, INTEL, VALUE, FAULT, 0 },        /* THERM_STATUS */
    { 0x000001b0, 0x000001b0, INTEL, FAULT, DROP, 0 },         /* ENERGY_PERF_BIAS */
    { 0x00000277, 0x00000277, ANY, VALUE, FAULT, PAT_VALUE },
    { 0x00000280, 0x0000029f, ANY, VALUE, DROP, 0 },           /* MCi_CTL2 */
    { 0x00000309, 0x0000030b, INTEL, VALUE, DROP, 0 },         /* fixed counters */
    { 0x00000345, 0x00000345, ANY, VALUE, FAULT, 0 },          /* PERF_CAPABILITIES */
    { 0x0000038d, 0x00000390, INTEL, VALUE, DROP, 0 },         /* counter control */
    { 0x00000400, 0x00000400, ANY, VALUE, DROP, ~0UL },        /* MC0_CTL */
    { 0x00000401, 0x00000403, ANY, VALUE, DROP, 0 },
    { 0x00000404, 0x00000404, ANY, VALUE, DROP, ~0UL },        /* MC1_CTL */
    { 0x00000405, 0x0000047f, ANY, VALUE, DROP, 0 },           /* the other banks' registers */
    { 0xc0010000, 0xc0010007, AMD, VALUE, DROP, 0 },           /* performance counters */
    { 0xc0010010, 0xc0010010, AMD, REAL_DOM0, FAULT, 0 },      /* SYSCFG */
    { 0xc0010015, 0xc0010015, AMD, VALUE, DROP, 0 },           /* HWCR */
    { 0xc0010016, 0xc001001a, AMD, REAL_DOM0, FAULT, 0 },      /* IORRs, TOP_MEM */
    { 0xc001001d, 0xc001001d, AMD, REAL_DOM0, FAULT, 0 },      /* TOP_MEM2 */
    { 0xc001001f, 0xc001001f, AMD, VALUE, DROP, 0 },           /* NB_CFG */
    { 0xc0010041, 0xc0010042, AMD, VALUE, DROP, 0 },           /* FIDVID control and status */
    { 0xc0010061, 0xc001006b, AMD, VALUE, DROP, 0 },           /* P-states */
    { 0xc0010112, 0xc0010113, AMD, REAL_DOM0, FAULT, 0 },      /* SMM address and mask */
    { 0xc0010200, 0xc001020b, AMD, VALUE, DROP, 0 },           /* performance counters */
    { 0xc0011029, 0xc0011029, AMD, VALUE, DROP, 2 },           /* DE_CFG: LFENCE serializes */
};

static const struct msr_row *find_row(uint32_t msr)
{
    unsigned int vendor = boot_cpu.vendor == VENDOR_INTEL ? INTEL :
                          boot_cpu.vendor == VENDOR_AMD || boot_cpu.vendor == VENDOR_HYGON ? AMD : ANY;

    for (const struct msr_row *row = rows; row < rows + ARRAY_SIZE(rows); row++) {
        if (msr >= row->first && msr <= row->last && (row->vendor == ANY || row->vendor == vendor)) {
            return row;
        }
    }
    return NULL;
}

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

static bool read_row(const struct vcpu *v, uint32_t msr, uint64_t *value)
{
    const struct msr_row *row = find_row(msr);

    if (row == NULL) {
        return false;
    }
    switch (row->read) {
    case VALUE:
        *value = row->value;
        return true;
    case REAL_DOM0:
        return v->domain->is_hardware && rdmsr_safe(msr, value);
    case REAL:
        return rdmsr_safe(msr, value);
    default:
        return false;
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
    case MSR_TSC_AUX:
        *value = v->arch.tsc_aux;
        return has_rdtscp(v);
    case MSR_TSC:
        *value = rdtsc_ordered();
        return true;
    case MSR_APIC_BASE:
        *value = APIC_BASE_VALUE | (v->id == 0 ? APIC_BASE_BSP : 0);
        return true;
    case MSR_MISC_ENABLE:
        return read_misc_enable(value);
    case MSR_HYPERCALL_PAGE:
        *value = 0;
        return true;
    default:
        return read_row(v, msr, value);
    }
}

/* The frame's number is in bits 12 on; bits 0-11 choose the page of stubs, of which there is one. */
static bool write_hypercall_page(struct domain *d, uint64_t value)
{
    mfn_t m = mfn(value >> PAGE_SHIFT);
    struct page_info *pg = mfn_to_page(m);

    if ((value & (PAGE_SIZE - 1)) != 0 || !mfn_is_ram(m) || page_get_and_type(pg, d, PGT_WRITABLE) != 0) {
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

    return row != NULL && (row->write == DROP || (row->write == DROP_ZERO && value == 0));
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
    case MSR_TSC_AUX:
        return write_tsc_aux(v, value);
    case MSR_MISC_ENABLE:
        return read_misc_enable(&value);
    case MSR_HYPERCALL_PAGE:
        return write_hypercall_page(v->domain, value);
    default:
        return write_row(msr, value);
    }
}

void msr_vcpu_load(const struct vcpu *v)
{
    if (cpu_has(HAS_RDTSCP)) {
        wrmsr(MSR_TSC_AUX, v->arch.tsc_aux);
    }
}

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * CPUID as guests see it: the domain's policy, the hypervisor's own leaves, and what depends on the
 * vCPU. A policy doesn't change while its domain runs, so nothing here is locked.
 */
#include <asm/cpu.h>
#include <asm/cpufeature.h>
#include <asm/cpuid.h>
#include <asm/fpu.h>
#include <asm/hvm.h>
#include <public/arch-x86_64.h>
#include <public/cpuid.h>
#include <xen/alloc.h>
#include <xen/cpumask.h>
#include <xen/domain.h>
#include <xen/errno.h>
#include <xen/init.h>
#include <xen/smp_call.h>
#include <xen/time.h>

#define HYPERVISOR_LEAVES  0x40000000U
#define HYPERCALL_PAGE_MSR 0x40000000U
#define TIME_IS_EMULATED   (1U << 0) /* leaf 3, EAX */
#define TIME_TSC_SAFE      (1U << 1)
#define TIME_HAS_RDTSCP    (1U << 2)
#define BIT_1_ECX_OSXSAVE  (1U << 27)
#define BIT_1_ECX_XSAVE    (1U << 26)
#define BIT_E1_EDX_RDTSCP  (1U << 27)
#define BIT_D1_EAX_XSAVEC  (1U << 1)

#define MSR_PLATFORM_INFO         0xce
#define PLATFORM_INFO_CPUID_FAULT (1UL << 31)
#define MSR_MISC_FEATURES         0x140
#define MISC_FEATURES_CPUID_FAULT 1UL
#define MSR_HWCR                  0xc0010015
#define HWCR_CPUID_USER_DIS       (1UL << 35)
#define E21_EAX_CPUID_USER_DIS    (1U << 17)

struct msr_bit {
    uint32_t msr;
    uint64_t bit;
};

static struct cpu_policy policies[NR_POLICIES];
static struct msr_bit faulting; /* what has plain CPUID fault; all 0: the CPUs can't */

static void __init read_raw(struct cpu_policy *p)
{
    uint32_t max, max_ext;

    p->basic[0] = cpuid(0, 0);
    max = MIN(p->basic[0].a, POLICY_BASIC_LEAVES - 1U);
    for (uint32_t leaf = 1; leaf <= max; leaf++) {
        p->basic[leaf] = cpuid(leaf, 0);
    }
    for (unsigned int n = 0; max >= 4 && n < POLICY_CACHE_LEAVES; n++) {
        p->cache[n] = cpuid(4, n);
        if ((p->cache[n].a & 0x1f) == 0) {
            break;
        }
    }
    if (max >= 7) {
        p->feat[0] = cpuid(7, 0);
        if (p->feat[0].a >= 1) {
            p->feat[1] = cpuid(7, 1);
        }
    }
    for (unsigned int n = 0; max >= 0xd && n < POLICY_XSTATE_LEAVES; n++) {
        p->xstate[n] = cpuid(0xd, n);
    }
    p->ext[0] = cpuid(0x80000000, 0);
    max_ext = p->ext[0].a >> 16 == 0x8000 ? MIN(p->ext[0].a & 0xffff, POLICY_EXT_LEAVES - 1U) : 0;
    for (uint32_t n = 1; n <= max_ext; n++) {
        p->ext[n] = cpuid(0x80000000 + n, 0);
    }
}

void cpuid_faulting_switch(bool on)
{
    if (unlikely(faulting.bit != 0)) {
        uint64_t value = rdmsr(faulting.msr);

        wrmsr(faulting.msr, on ? value | faulting.bit : value & ~faulting.bit);
    }
}

static void switch_on(void *unused)
{
    (void)unused;
    cpuid_faulting_switch(true);
}

/* Plain CPUID of guests then faults (#GP) and is answered from their policy. */
static void __init enable_faulting(void)
{
    uint64_t value;

    if (boot_cpu.vendor == VENDOR_INTEL) {
        if (rdmsr_safe(MSR_PLATFORM_INFO, &value) && (value & PLATFORM_INFO_CPUID_FAULT) &&
            rdmsr_safe(MSR_MISC_FEATURES, &value) &&
            wrmsr_safe(MSR_MISC_FEATURES, value | MISC_FEATURES_CPUID_FAULT)) {
            faulting = (struct msr_bit){ MSR_MISC_FEATURES, MISC_FEATURES_CPUID_FAULT };
        }
    } else if (policies[POLICY_RAW].ext[0x21].a & E21_EAX_CPUID_USER_DIS) {
        faulting = (struct msr_bit){ MSR_HWCR, HWCR_CPUID_USER_DIS };
    }
    if (faulting.bit != 0) {
        smp_call(&cpu_online_map, switch_on, NULL);
    }
}

void __init cpuid_init(void)
{
    read_raw(&policies[POLICY_RAW]);
    policy_derive_host(&policies[POLICY_HOST], &policies[POLICY_RAW]);
    policy_derive_pv(&policies[POLICY_PV_MAX], &policies[POLICY_HOST]);
    policies[POLICY_PV_DEFAULT] = policies[POLICY_PV_MAX];
    policy_derive_hvm(&policies[POLICY_HVM_MAX], &policies[POLICY_HOST]);
    policies[POLICY_HVM_DEFAULT] = policies[POLICY_HVM_MAX];
    enable_faulting();
}

bool cpuid_faulting_is_on(void)
{
    return faulting.bit != 0;
}

const struct cpu_policy *cpuid_policy(enum policy_index index)
{
    bool is_there = index < NR_POLICIES &&
                    (hvm_engine_name() != NULL ||
                     (index != POLICY_HVM_MAX && index != POLICY_HVM_DEFAULT));

    return is_there ? &policies[index] : NULL;
}

int cpuid_domain_init(struct domain *d)
{
    struct cpu_policy *p = heap_new(struct cpu_policy);

    if (p == NULL) {
        return -ENOMEM;
    }
    *p = policies[is_hvm(d) ? POLICY_HVM_DEFAULT : POLICY_PV_DEFAULT];
    if (d->is_hardware) {
        policy_adjust_dom0(p, &policies[POLICY_HOST]);
    } else {
        policy_adjust_domu(p, d->max_vcpus);
    }
    d->arch.cpuid = p;
    return 0;
}

void cpuid_domain_fini(struct domain *d)
{
    heap_free(d->arch.cpuid);
    d->arch.cpuid = NULL;
}

/* Bits of the highest address of RAM. */
static uint32_t machine_address_bits(void)
{
    return 64 - (uint32_t)__builtin_clzl((max_mfn << PAGE_SHIFT) - 1);
}

/* Of the control domain, only what the machine is like. */
static void time_leaf(const struct domain *d, uint32_t subleaf, struct cpuid_regs *out)
{
    const struct domain_tsc *t = &d->arch.tsc;

    if (subleaf == 0) {
        *out = (struct cpuid_regs){
            .a = (t->is_emulated ? TIME_IS_EMULATED : 0) |
                 (cpu_has(HAS_INVARIANT_TSC) ? TIME_TSC_SAFE : 0) |
                 (d->arch.cpuid->ext[1].d & BIT_E1_EDX_RDTSCP ? TIME_HAS_RDTSCP : 0),
            .b = t->mode, .c = t->khz, .d = t->incarnation,
        };
    } else if (subleaf == 1 && t->is_emulated) {
        *out = (struct cpuid_regs){ (uint32_t)t->start, (uint32_t)((uint64_t)t->start >> 32),
                                    t->to_ns.mul, (uint32_t)t->to_ns.shift };
    } else if (subleaf == 2) {
        out->a = cpu_khz;
    }
}

static void hypervisor_leaf(const struct vcpu *v, uint32_t leaf, uint32_t subleaf,
                            struct cpuid_regs *out)
{
    switch (leaf - HYPERVISOR_LEAVES) {
    case 0:
        *out = (struct cpuid_regs){ HYPERVISOR_LEAVES + XEN_CPUID_MAX_NUM_LEAVES,
                                    XEN_CPUID_SIGNATURE_EBX, XEN_CPUID_SIGNATURE_ECX,
                                    XEN_CPUID_SIGNATURE_EDX };
        break;
    case 1:
        out->a = ABI_VERSION_MAJOR << 16 | ABI_VERSION_MINOR;
        break;
    case 2:
        out->a = 1;
        out->b = HYPERCALL_PAGE_MSR;
        out->c = XEN_CPUID_FEAT1_MMU_PT_UPDATE_PRESERVE_AD;
        break;
    case 3:
        time_leaf(v->domain, subleaf, out);
        break;
    case 5:
        out->b = machine_address_bits() & XEN_CPUID_MACHINE_ADDRESS_WIDTH_MASK;
        break;
    default:
        break;
    }
}

/* Size of a save area for the bits of @xcr0, in the standard or the compact format. */
static uint32_t xstate_size(const struct cpu_policy *p, uint64_t xcr0, bool compact)
{
    uint32_t size = 576;

    for (unsigned int n = 2; n < POLICY_XSTATE_LEAVES; n++) {
        const struct cpuid_regs *r = &p->xstate[n];

        if (!(xcr0 >> n & 1)) {
            continue;
        }
        if (compact) {
            size = (r->c & 2 ? ROUND_UP(size, 64U) : size) + r->a;
        } else {
            size = MAX(size, r->b + r->a);
        }
    }
    return size;
}

void cpuid_guest(const struct vcpu *v, uint32_t leaf, uint32_t subleaf, struct cpuid_regs *out)
{
    const struct cpu_policy *p = v->domain->arch.cpuid;

    if (leaf - HYPERVISOR_LEAVES < 0x10000) {
        *out = (struct cpuid_regs){ 0 };
        hypervisor_leaf(v, leaf, subleaf, out);
        return;
    }
    *out = *policy_find(p, leaf, subleaf);
    if (leaf == 1) {
        out->c |= out->c & BIT_1_ECX_XSAVE ? BIT_1_ECX_OSXSAVE : 0;
    } else if (leaf == 0xd && subleaf == 0 && out->a != 0) {
        out->b = xstate_size(p, v->arch.xcr0, false);
    } else if (leaf == 0xd && subleaf == 1 && (out->a & BIT_D1_EAX_XSAVEC)) {
        out->b = xstate_size(p, v->arch.xcr0, true);
    }
}

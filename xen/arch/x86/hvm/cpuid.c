/* SPDX-License-Identifier: BSD-2-Clause */
/* CPUID of hardware-assisted guests: the domain's policy, and what depends on the vCPU's state. */
#include <asm/cpu.h>
#include <asm/cpuid.h>
#include <asm/vlapic.h>
#include <public/arch-x86_64.h>
#include <public/cpuid.h>
#include <xen/domain.h>

#include "engine.h"
#include "hvm_msr.h"

#define HVM_LEAF        0x40000004U
#define BIT_1_ECX_OSXSAVE (1U << 27)

/* Xen's leaf 4: what of the interface is better than it need be. */
static void hvm_leaf(const struct vcpu *v, struct cpuid_regs *out)
{
    *out = (struct cpuid_regs){
        .a = XEN_HVM_CPUID_VCPU_ID_PRESENT | XEN_HVM_CPUID_DOMID_PRESENT |
             XEN_HVM_CPUID_UPCALL_VECTOR,
        .b = v->id,
        .c = v->domain->id,
    };
}

void hvm_cpuid(const struct vcpu *v, uint32_t leaf, uint32_t subleaf, struct cpuid_regs *out)
{
    if (leaf == HVM_LEAF) {
        hvm_leaf(v, out);
        return;
    }
    cpuid_guest(v, leaf, subleaf, out);
    if (leaf == 1) {
        out->b |= vlapic_id(v) << 24;
        out->c &= ~BIT_1_ECX_OSXSAVE;
        out->c |= hvm_engine->get_reg(v, HVM_CR4) & CR4_OSXSAVE ? BIT_1_ECX_OSXSAVE : 0;
    } else if (leaf == 0xb) {
        out->d = vlapic_id(v);
    }
}

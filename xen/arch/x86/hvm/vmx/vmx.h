/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the engine keeps of a vCPU, and the parts that the engine is made of.
 *
 * A VMCS lies in memory but is reached by instructions alone, once it is the CPU's current one. It
 * may be active on one CPU at a time: vmcs.c moves it. Of a vCPU that runs it is the current one
 * of its CPU; for others see vmx_open().
 */
#ifndef HVM_VMX_H
#define HVM_VMX_H

#include <xen/bug.h>
#include <xen/domain.h>
#include <xen/percpu.h>
#include <xen/spinlock.h>

#include "../engine.h"
#include "vmcs_fields.h"

/* MSRs that the CPU doesn't switch, in the order of vmx_msr_numbers. */
enum vmx_msr { VMX_STAR, VMX_LSTAR, VMX_CSTAR, VMX_SFMASK, VMX_KERNEL_GS_BASE, NR_VMX_MSRS };

struct vmx_vcpu {
    void *vmcs;
    struct spinlock lock;   /* of accesses from elsewhere while the vCPU doesn't run */
    unsigned int active_on; /* CPU that the VMCS is active on, or NR_CPUS */
    unsigned int last_cpu;  /* whose host state it holds, or NR_CPUS */
    bool is_live;           /* the registers below are in the CPU */
    bool is_launched;       /* since its last VMCLEAR */
    bool is_vpid_stale, are_pdptes_stale;
    uint32_t primary, entry; /* as in the VMCS */
    uint64_t vpid_epoch;    /* of the CPU that gave the VPID */
    uint32_t map_changes;   /* how often the map lost something, as far as the vCPU knows */
    uint32_t map_seen[NR_CPUS]; /* map_changes at this CPU's last INVEPT for the vCPU */
    uint64_t msr[NR_VMX_MSRS];
    uint64_t cr2, dr6;
    uint64_t cr4_allowed;   /* what a MOV to CR4 may set */
};

/* What the machine's CPUs have (cpu.c). */
struct vmx_features {
    uint32_t revision;
    uint32_t pin, primary, secondary, exit, entry;
    uint64_t ept_vpid;
    uint64_t cr4_fixed; /* set while in VMX operation */
    bool has_vpid;
};
extern struct vmx_features vmx_features;

DECLARE_PER_CPU(struct vmx_vcpu *, vmx_current); /* whose VMCS is the CPU's current one */

static inline struct vmx_vcpu *vmx_of(const struct vcpu *v)
{
    return v->arch.hvm->engine;
}

static inline uint64_t vmread(uint32_t field)
{
    uint64_t value;

    __asm__ __volatile__("vmread %1, %0" : "=rm"(value) : "r"((uint64_t)field) : "cc");
    return value;
}

/* Fields and values are right by construction; a failure means that there is no current VMCS. */
static inline void vmwrite(uint32_t field, uint64_t value)
{
    bool failed;

    __asm__ __volatile__("vmwrite %2, %1; setna %0"
                         : "=qm"(failed) : "r"((uint64_t)field), "rm"(value) : "cc", "memory");
    BUG_ON(failed);
}

/* cpu.c */
bool vmx_start_cpu(void);

/* vmcs.c. Once, on the boot CPU; false: no memory. */
must_check bool vmx_make_msr_bitmap(void);
/* 0 or -ENOMEM. */
must_check int vmx_vcpu_init(struct vcpu *v);
void vmx_vcpu_fini(struct vcpu *v);
/* Makes the VMCS this CPU's current one. Interrupts are on. */
void vmx_make_current(struct vmx_vcpu *s);
/* engine.h */
void vmx_open(struct vcpu *v);
void vmx_close(struct vcpu *v);
void vmx_load(struct vcpu *v);
void vmx_save(struct vcpu *v);

/* tlb.c */
void vmx_flush_tlb(struct vcpu *v);
/* Before entry, with interrupts off: what is stale goes. */
void vmx_settle_tlb(struct vmx_vcpu *s);

/* state.c: engine.h's registers and segments, and what belongs to them. */
uint64_t vmx_get_reg(const struct vcpu *v, enum hvm_reg reg);
void vmx_set_reg(struct vcpu *v, enum hvm_reg reg, uint64_t value);
void vmx_get_segment(const struct vcpu *v, enum hvm_segment_name s, struct hvm_segment *out);
void vmx_set_segment(struct vcpu *v, enum hvm_segment_name s, const struct hvm_segment *in);
void vmx_load_pdptes(struct vcpu *v);
extern const uint32_t vmx_msr_numbers[NR_VMX_MSRS];

/* cr.c: the exit of MOV to and from control registers, and LMSW. */
void vmx_exit_cr(struct vcpu *v, struct cpu_regs *r);

/* exit.c: after each exit, on the CPU's stack, interrupts off at first. */
void vmx_exit(void);
/* The CPU refused to enter. */
void vmx_entry_failed(void);

/* vmx.c: with interrupts off, the last C before the guest. Whether to resume. */
bool vmx_before_entry(void);

/* entry.S */
void vmx_run(void);
void vmx_exit_point(void);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The engine for VT-x (Intel SDM vol. 3, chapters 24 to 29): events on their way into the guest,
 * and the table of what hvm/engine.h asks for.
 */
#include <asm/cpu.h>
#include <asm/cpufeature.h>
#include <asm/current.h>
#include <xen/init.h>

#include "controls.h"
#include "vmx.h"

#define BIT_1_ECX_VMX (1U << 5)

bool vmx_is_present(void)
{
    return (cpuid(1, 0).c & BIT_1_ECX_VMX) != 0;
}

/* SDM vol. 3, 29.3.2. Pages hold plain memory: whatever the guest's PAT says, it is write-back. */
static uint64_t ept_leaf(enum p2m_type type)
{
    return EPT_READ | EPT_WRITE_BACK | EPT_IGNORE_PAT | (type != P2M_GRANT_RO ? EPT_WRITE : 0) |
           (type == P2M_RAM ? EPT_EXECUTE : 0);
}

static unsigned int ept_largest(void)
{
    return vmx_features.ept_vpid & EPT_CAP_1G ? 3 : vmx_features.ept_vpid & EPT_CAP_2M ? 2 : 1;
}

static bool vmx_is_interruptible(const struct vcpu *v, bool nmi)
{
    uint64_t state = vmread(VMCS_INTERRUPTIBILITY);

    (void)v;
    if (state & (BLOCKED_BY_STI | BLOCKED_BY_MOV_SS)) {
        return false;
    }
    return nmi ? !(state & BLOCKED_BY_NMI) : (guest_regs()->rflags & RFLAGS_IF) != 0;
}

static void vmx_request_window(struct vcpu *v, bool nmi)
{
    struct vmx_vcpu *s = vmx_of(v);

    s->primary |= nmi ? PRIMARY_NMI_WINDOW : PRIMARY_INTERRUPT_WINDOW;
    vmwrite(VMCS_PRIMARY, s->primary);
}

static void vmx_clear_shadow(struct vcpu *v)
{
    uint64_t state = vmread(VMCS_INTERRUPTIBILITY);

    (void)v;
    if (unlikely(state & (BLOCKED_BY_STI | BLOCKED_BY_MOV_SS))) {
        vmwrite(VMCS_INTERRUPTIBILITY, state & ~(BLOCKED_BY_STI | BLOCKED_BY_MOV_SS));
    }
}

static void vmx_set_tsc(struct vcpu *v)
{
    struct vmx_vcpu *s = vmx_of(v);

    s->primary &= ~PRIMARY_RDTSC;
    s->primary |= v->domain->arch.tsc.is_emulated ? PRIMARY_RDTSC : 0;
    vmwrite(VMCS_PRIMARY, s->primary);
    vmwrite(VMCS_TSC_OFFSET, v->arch.hvm->tsc_offset);
}

static void offer_event(struct hvm_event *e)
{
    if (e->type == HVM_EVENT_NONE) {
        return;
    }
    vmwrite(VMCS_ENTRY_INFO, vmx_event_info(e, (vmread(VMCS_GUEST_CR0) & CR0_PE) != 0));
    vmwrite(VMCS_ENTRY_ERROR, e->error);
    e->type = HVM_EVENT_NONE;
}

bool vmx_before_entry(void)
{
    struct vcpu *v = current;
    struct vmx_vcpu *s = vmx_of(v);
    const struct cpu_regs *r = guest_regs();

    hvm_prepare_entry(v);
    offer_event(&v->arch.hvm->event);
    vmx_settle_tlb(s);
    if (unlikely(s->are_pdptes_stale)) {
        s->are_pdptes_stale = false;
        vmx_load_pdptes(v);
    }
    vmwrite(VMCS_GUEST_RIP, r->rip);
    vmwrite(VMCS_GUEST_RSP, r->rsp);
    vmwrite(VMCS_GUEST_RFLAGS, r->rflags);
    if (read_cr2() != s->cr2) {
        write_cr2(s->cr2);
    }
    return s->is_launched;
}

const struct hvm_engine vmx_engine = {
    .name = "vmx",
    .p2m = { .table = EPT_READ | EPT_WRITE | EPT_EXECUTE, .large = EPT_LARGE, .leaf = ept_leaf,
             .largest = ept_largest },
    .start_cpu = vmx_start_cpu,
    .vcpu_init = vmx_vcpu_init,
    .vcpu_fini = vmx_vcpu_fini,
    .open = vmx_open,
    .close = vmx_close,
    .get_reg = vmx_get_reg,
    .set_reg = vmx_set_reg,
    .get_segment = vmx_get_segment,
    .set_segment = vmx_set_segment,
    .is_interruptible = vmx_is_interruptible,
    .request_window = vmx_request_window,
    .clear_shadow = vmx_clear_shadow,
    .set_tsc = vmx_set_tsc,
    .flush_tlb = vmx_flush_tlb,
    .load = vmx_load,
    .save = vmx_save,
    .run = vmx_run,
};

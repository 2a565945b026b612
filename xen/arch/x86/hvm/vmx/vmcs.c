/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The VMCS of each vCPU: its constant parts, the host's state in it, and on which CPU it is active.
 *
 * A vCPU's VMCS stays active on the CPU where it ran last, so that running there again costs
 * nothing. Who needs it elsewhere has that CPU clear it (Intel SDM vol. 3, 25.11.1). Nobody but the
 * vCPU's own CPU touches it while it runs; while it doesn't, accesses come under its lock, from
 * whoever has paused it, between vmx_open() and vmx_close().
 */
#include <asm/cpu.h>
#include <asm/current.h>
#include <asm/trap.h>
#include <xen/alloc.h>
#include <xen/cpumask.h>
#include <xen/errno.h>
#include <xen/smp_call.h>

#include "controls.h"
#include "vmx.h"

#define PAT_RESET     0x0007040600070406UL
#define DR6_RESET     0xffff0ff0UL
#define DR7_RESET     0x400UL
#define DESCRIPTOR_BASE_LOW  0xffffffUL

/* #AC and #DB can be made to repeat for ever without an instruction being executed. */
#define INTERCEPTED_EXCEPTIONS ((1U << TRAP_MC) | (1U << TRAP_AC) | (1U << TRAP_DB))
/* Those whose change means nothing to the hypervisor. */
#define CR0_GUEST_OWNED (CR0_MP | CR0_EM | CR0_TS | CR0_WP | CR0_AM)
#define CR4_GUEST_OWNED (CR4_TSD | CR4_DE | CR4_PGE | CR4_OSFXSR | CR4_OSXMMEXCPT | CR4_FSGSBASE)

DEFINE_PER_CPU(struct vmx_vcpu *, vmx_current);
static DEFINE_PER_CPU(uint64_t, host_star);
static DEFINE_PER_CPU(uint64_t, host_lstar);
static DEFINE_PER_CPU(uint64_t, host_cstar);
static DEFINE_PER_CPU(uint64_t, host_sfmask);

static uint8_t *msr_bitmap; /* all guests alike: what is clear doesn't exit */

/* ------------------------------------------------------------------------ */
/* Which CPU it is active on */

/* On the CPU where it is active, with interrupts off. */
static void clear_here(void *vcpu)
{
    struct vmx_vcpu *s = vcpu;
    uint64_t region = virt_to_maddr(s->vmcs).a;
    bool failed;

    __asm__ __volatile__("vmclear %1; setna %0" : "=qm"(failed) : "m"(region) : "cc", "memory");
    BUG_ON(failed);
    if (this_cpu(vmx_current) == s) {
        this_cpu(vmx_current) = NULL;
    }
    s->is_launched = false;
    s->active_on = NR_CPUS;
}

static void make_inactive(struct vmx_vcpu *s)
{
    cpumask_t where = { 0 };

    if (s->active_on != NR_CPUS) {
        cpumask_set(&where, s->active_on);
        smp_call(&where, clear_here, s);
    }
}

void vmx_make_current(struct vmx_vcpu *s)
{
    uint64_t region = virt_to_maddr(s->vmcs).a;
    bool failed;

    if (this_cpu(vmx_current) == s) {
        return;
    }
    if (s->active_on != smp_processor_id()) {
        make_inactive(s);
    }
    __asm__ __volatile__("vmptrld %1; setna %0" : "=qm"(failed) : "m"(region) : "cc", "memory");
    BUG_ON(failed);
    this_cpu(vmx_current) = s;
    s->active_on = smp_processor_id();
}

void vmx_open(struct vcpu *v)
{
    spin_lock(&vmx_of(v)->lock);
    vmx_make_current(vmx_of(v));
}

/* Of a vCPU that runs here itself the exit's handler goes on with its own VMCS. */
void vmx_close(struct vcpu *v)
{
    if (is_hvm(current->domain)) {
        vmx_make_current(vmx_of(current));
    }
    spin_unlock(&vmx_of(v)->lock);
}

/* ------------------------------------------------------------------------ */
/* Making one */

/* SDM vol. 3, 25.6.9: reads in the first half, writes in the second; low MSRs, then high ones. */
static void let_msr_through(uint32_t msr, bool writes)
{
    uint32_t bit = (msr >= 0xc0000000 ? 0x2000 : 0) + (msr & 0x1fff);

    msr_bitmap[bit / 8] &= (uint8_t)~(1U << bit % 8);
    if (writes) {
        msr_bitmap[0x800 + bit / 8] &= (uint8_t)~(1U << bit % 8);
    }
}

/* Those that the CPU switches, or that are read when the vCPU leaves its CPU. */
bool vmx_make_msr_bitmap(void)
{
    static const uint32_t open[] = {
        MSR_FS_BASE, MSR_GS_BASE, MSR_KERNEL_GS_BASE, MSR_SYSENTER_CS, MSR_SYSENTER_ESP,
        MSR_SYSENTER_EIP,
    };
    uint8_t *map = hv_page_alloc();

    if (map == NULL) {
        return false;
    }
    msr_bitmap = map;
    for (unsigned int i = 0; i < PAGE_SIZE; i++) {
        map[i] = 0xff;
    }
    for (unsigned int i = 0; i < ARRAY_SIZE(open); i++) {
        let_msr_through(open[i], true);
    }
    for (unsigned int i = VMX_STAR; i <= VMX_SFMASK; i++) {
        let_msr_through(vmx_msr_numbers[i], false);
    }
    return true;
}

static void write_controls(struct vmx_vcpu *s, const struct vcpu *v)
{
    s->primary = vmx_features.primary;
    s->entry = vmx_features.entry;
    vmwrite(VMCS_PIN, vmx_features.pin);
    vmwrite(VMCS_PRIMARY, s->primary);
    vmwrite(VMCS_SECONDARY, vmx_features.secondary);
    vmwrite(VMCS_EXIT, vmx_features.exit);
    vmwrite(VMCS_ENTRY, s->entry);
    vmwrite(VMCS_EXCEPTIONS, INTERCEPTED_EXCEPTIONS);
    vmwrite(VMCS_PAGE_FAULT_MASK, 0);
    vmwrite(VMCS_PAGE_FAULT_MATCH, 0);
    vmwrite(VMCS_CR3_TARGETS, 0);
    vmwrite(VMCS_EXIT_STORED_MSRS, 0);
    vmwrite(VMCS_EXIT_LOADED_MSRS, 0);
    vmwrite(VMCS_ENTRY_LOADED_MSRS, 0);
    vmwrite(VMCS_ENTRY_INFO, 0);
    vmwrite(VMCS_MSR_BITMAP, virt_to_maddr(msr_bitmap).a);
    vmwrite(VMCS_TSC_OFFSET, v->arch.hvm->tsc_offset);
    vmwrite(VMCS_EPTP, virt_to_maddr(v->domain->arch.hvm->p2m.root).a | EPTP_WRITE_BACK |
                       EPTP_WALK_4);
    vmwrite(VMCS_CR0_MASK, ~CR0_GUEST_OWNED);
    vmwrite(VMCS_CR4_MASK, ~(CR4_GUEST_OWNED & s->cr4_allowed));
}

static void write_guest_state(struct vcpu *v)
{
    static const enum hvm_reg zero[] = {
        HVM_CR0, HVM_CR3, HVM_CR4, HVM_EFER, HVM_SYSENTER_CS, HVM_SYSENTER_ESP, HVM_SYSENTER_EIP,
    };
    static const struct hvm_segment flat = { .attr = 0x93, .limit = 0xffff };

    for (unsigned int i = 0; i < ARRAY_SIZE(zero); i++) {
        vmx_set_reg(v, zero[i], 0);
    }
    for (unsigned int n = 0; n < HVM_NR_SEGMENTS; n++) {
        vmx_set_segment(v, (enum hvm_segment_name)n, &flat);
    }
    vmwrite(VMCS_GUEST_PAT, PAT_RESET);
    vmwrite(VMCS_GUEST_DR7, DR7_RESET);
    vmwrite(VMCS_GUEST_DEBUGCTL, 0);
    vmwrite(VMCS_LINK, ~0UL);
    vmwrite(VMCS_INTERRUPTIBILITY, 0);
    vmwrite(VMCS_ACTIVITY, 0);
    vmwrite(VMCS_PENDING_DEBUG, 0);
    for (unsigned int i = 0; i < 4; i++) {
        vmwrite(VMCS_GUEST_PDPTE + 2 * i, 0);
    }
}

int vmx_vcpu_init(struct vcpu *v)
{
    struct vmx_vcpu *s = heap_new(struct vmx_vcpu);

    if (s == NULL) {
        return -ENOMEM;
    }
    s->vmcs = hv_page_alloc();
    if (s->vmcs == NULL) {
        heap_free(s);
        return -ENOMEM;
    }
    *(uint32_t *)s->vmcs = vmx_features.revision;
    spin_init(&s->lock, LOCK_VMCS);
    s->active_on = s->last_cpu = NR_CPUS;
    s->dr6 = DR6_RESET;
    s->map_changes = 1;
    s->cr4_allowed = vmx_cr4_allowed(v->domain->arch.cpuid);
    v->arch.hvm->engine = s;
    irq_disable();
    clear_here(s);
    irq_enable();
    vmx_open(v);
    write_controls(s, v);
    write_guest_state(v);
    vmx_close(v);
    return 0;
}

void vmx_vcpu_fini(struct vcpu *v)
{
    struct vmx_vcpu *s = vmx_of(v);

    if (s != NULL) {
        make_inactive(s);
        hv_page_free(s->vmcs);
        heap_free(s);
        v->arch.hvm->engine = NULL;
    }
}

/* ------------------------------------------------------------------------ */
/* Onto a CPU and off it */

struct table_pointer {
    uint16_t limit;
    uint64_t base;
} packed;

static uint64_t tss_base(uint64_t gdt)
{
    const uint64_t *d = (const uint64_t *)(gdt + HV_TSS);

    return (d[0] >> 16 & DESCRIPTOR_BASE_LOW) | (d[0] >> 56) << 24 | d[1] << 32;
}

/* What is the same on this CPU for every guest. The GDT is the CPU's own. */
static void write_host_state(void)
{
    struct table_pointer gdt, idt;

    __asm__ __volatile__("sgdt %0" : "=m"(gdt));
    __asm__ __volatile__("sidt %0" : "=m"(idt));
    vmwrite(VMCS_HOST_CS, HV_CS);
    vmwrite(VMCS_HOST_SS, HV_DS);
    vmwrite(VMCS_HOST_DS, 0);
    vmwrite(VMCS_HOST_ES, 0);
    vmwrite(VMCS_HOST_FS, 0);
    vmwrite(VMCS_HOST_GS, 0);
    vmwrite(VMCS_HOST_TR, HV_TSS);
    vmwrite(VMCS_HOST_FS_BASE, 0);
    vmwrite(VMCS_HOST_GS_BASE, 0);
    vmwrite(VMCS_HOST_TR_BASE, tss_base(gdt.base));
    vmwrite(VMCS_HOST_GDTR_BASE, gdt.base);
    vmwrite(VMCS_HOST_IDTR_BASE, idt.base);
    vmwrite(VMCS_HOST_PAT, rdmsr(MSR_PAT));
    vmwrite(VMCS_HOST_EFER, rdmsr(MSR_EFER));
    vmwrite(VMCS_HOST_SYSENTER_CS, rdmsr(MSR_SYSENTER_CS));
    vmwrite(VMCS_HOST_SYSENTER_ESP, rdmsr(MSR_SYSENTER_ESP));
    vmwrite(VMCS_HOST_SYSENTER_EIP, rdmsr(MSR_SYSENTER_EIP));
    vmwrite(VMCS_HOST_RSP, (uint64_t)cpu_info());
    vmwrite(VMCS_HOST_RIP, (uint64_t)vmx_exit_point);
    vmwrite(VMCS_HOST_CR3, read_cr3());
    if (this_cpu(host_lstar) == 0) {
        this_cpu(host_star) = rdmsr(MSR_STAR);
        this_cpu(host_lstar) = rdmsr(MSR_LSTAR);
        this_cpu(host_cstar) = rdmsr(MSR_CSTAR);
        this_cpu(host_sfmask) = rdmsr(MSR_SYSCALL_MASK);
    }
}

void vmx_load(struct vcpu *v)
{
    struct vmx_vcpu *s = vmx_of(v);

    vmx_make_current(s);
    if (s->last_cpu != smp_processor_id()) {
        write_host_state();
        s->last_cpu = smp_processor_id();
        s->is_vpid_stale = true;
    }
    /* What the CPU ran before may have left its own choices in them. */
    vmwrite(VMCS_HOST_CR0, read_cr0());
    vmwrite(VMCS_HOST_CR4, read_cr4());
    for (unsigned int i = 0; i < NR_VMX_MSRS; i++) {
        wrmsr(vmx_msr_numbers[i], s->msr[i]);
    }
    __asm__ __volatile__("mov %0, %%dr6" :: "r"(s->dr6));
    s->is_live = true;
}

void vmx_save(struct vcpu *v)
{
    struct vmx_vcpu *s = vmx_of(v);

    s->is_live = false;
    __asm__ __volatile__("mov %%dr6, %0" : "=r"(s->dr6));
    s->msr[VMX_KERNEL_GS_BASE] = rdmsr(MSR_KERNEL_GS_BASE);
    wrmsr(MSR_STAR, this_cpu(host_star));
    wrmsr(MSR_LSTAR, this_cpu(host_lstar));
    wrmsr(MSR_CSTAR, this_cpu(host_cstar));
    wrmsr(MSR_SYSCALL_MASK, this_cpu(host_sfmask));
}

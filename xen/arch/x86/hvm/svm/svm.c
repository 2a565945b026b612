/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The engine for AMD-V (AMD APM vol. 2, chapter 15): what is asked of hvm/engine.h, by VMCB fields.
 *
 * ASIDs: each CPU gives them out in order, a new one whenever a vCPU comes from elsewhere or its
 * translations are stale. When they are used up the CPU's whole TLB goes, and with it everything
 * that was given before (a new epoch).
 */
#include "vmcb.h"

#include <asm/boot_info.h>
#include <asm/cpu.h>
#include <asm/cpufeature.h>
#include <asm/current.h>
#include <asm/own_pt.h>
#include <xen/alloc.h>
#include <xen/bug.h>
#include <xen/console.h>
#include <xen/domain.h>
#include <xen/errno.h>
#include <xen/init.h>
#include <xen/percpu.h>
#include <xen/string.h>

#include "../engine.h"

#define CPUID_SVM      0x8000000a
#define ECX_SVM        (1U << 2)   /* of leaf 0x80000001 */
#define EDX_NPT        (1U << 0)
#define MSR_VM_CR      0xc0010114
#define VM_CR_SVMDIS   (1UL << 4)
#define MSR_HSAVE_PA   0xc0010117
#define MSRPM_ORDER    1           /* 8 KiB */
#define IOPM_ORDER     2           /* 12 KiB, and one byte */

/* #AC and #DB can be made to repeat for ever without an instruction being executed. */
#define INTERCEPTED_EXCEPTIONS ((1U << TRAP_MC) | (1U << TRAP_AC) | (1U << TRAP_DB))

DEFINE_PER_CPU(uint64_t, svm_guest_vmcb); /* machine addresses, for entry.S */
DEFINE_PER_CPU(uint64_t, svm_host_vmcb);
static DEFINE_PER_CPU(uint64_t, asid_epoch);
static DEFINE_PER_CPU(uint32_t, asid_next);

static uint32_t nr_asids;
static uint8_t *msrpm, *iopm; /* all machines' guests alike: everything but these exits */

static struct svm_vcpu *svm_of(const struct vcpu *v)
{
    return v->arch.hvm->engine;
}

bool svm_is_present(void)
{
    return boot_cpu.max_ext_leaf >= CPUID_SVM && (cpuid(0x80000001, 0).c & ECX_SVM) &&
           (cpuid(CPUID_SVM, 0).d & EDX_NPT);
}

/* ------------------------------------------------------------------------ */
/* CPUs */

/* MSRs that VMLOAD and VMSAVE switch: guests may have them (APM vol. 2, 15.11). */
static void let_msr_through(uint32_t msr)
{
    uint32_t bit = (msr >= 0xc0010000 ? 0x4000 : msr >= 0xc0000000 ? 0x2000 : 0) * 2 +
                   (msr & 0x1fff) * 2;

    msrpm[bit / 8] &= (uint8_t)~(3U << bit % 8);
}

static bool make_maps(void)
{
    static const uint32_t open[] = {
        MSR_FS_BASE, MSR_GS_BASE, MSR_KERNEL_GS_BASE, MSR_STAR, MSR_LSTAR, MSR_CSTAR,
        MSR_SYSCALL_MASK, MSR_SYSENTER_CS, MSR_SYSENTER_ESP, MSR_SYSENTER_EIP,
    };

    msrpm = hv_pages_alloc(MSRPM_ORDER);
    iopm = hv_pages_alloc(IOPM_ORDER);
    if (msrpm == NULL || iopm == NULL) {
        log_err("Not enough memory for AMD-V.\n");
        return false;
    }
    memset(msrpm, 0xff, PAGE_SIZE << MSRPM_ORDER);
    memset(iopm, 0xff, PAGE_SIZE << IOPM_ORDER);
    for (unsigned int i = 0; i < ARRAY_SIZE(open); i++) {
        let_msr_through(open[i]);
    }
    nr_asids = cpuid(CPUID_SVM, 0).b;
    return true;
}

static bool svm_start_cpu(void)
{
    void *host, *save;
    uint64_t vm_cr;

    if (rdmsr_safe(MSR_VM_CR, &vm_cr) && (vm_cr & VM_CR_SVMDIS)) {
        log_warn("AMD-V is there, but the firmware has locked it off.\n");
        return false;
    }
    if (msrpm == NULL && !make_maps()) {
        return false;
    }
    host = hv_page_alloc();
    save = hv_page_alloc();
    if (host == NULL || save == NULL) {
        log_err("Not enough memory for AMD-V.\n");
        return false;
    }
    wrmsr(MSR_EFER, rdmsr(MSR_EFER) | EFER_SVME);
    wrmsr(MSR_HSAVE_PA, virt_to_maddr(save).a);
    this_cpu(svm_host_vmcb) = virt_to_maddr(host).a;
    this_cpu(asid_epoch) = 1;
    this_cpu(asid_next) = 1;
    return true;
}

/* ------------------------------------------------------------------------ */
/* vCPUs */

static uint64_t npt_leaf(enum p2m_type type)
{
    return PTE_P | PTE_US | PTE_A | PTE_D | (type != P2M_GRANT_RO ? PTE_RW : 0) |
           (type != P2M_RAM && cpu_has(HAS_NX) ? PTE_NX : 0);
}

static unsigned int npt_largest(void)
{
    return cpu_has(HAS_PAGE1GB) ? 3 : 2;
}

static void set_intercepts(struct vmcb *b)
{
    b->intercept3 = INTERCEPT3_INTR | INTERCEPT3_NMI | INTERCEPT3_SMI | INTERCEPT3_INIT |
                    INTERCEPT3_RDPMC | INTERCEPT3_CPUID | INTERCEPT3_INVD | INTERCEPT3_HLT |
                    INTERCEPT3_INVLPGA | INTERCEPT3_IOIO | INTERCEPT3_MSR | INTERCEPT3_TASK |
                    INTERCEPT3_SHUTDOWN;
    b->intercept4 = INTERCEPT4_VMRUN | INTERCEPT4_VMMCALL | INTERCEPT4_VMLOAD |
                    INTERCEPT4_VMSAVE | INTERCEPT4_STGI | INTERCEPT4_CLGI | INTERCEPT4_SKINIT |
                    INTERCEPT4_WBINVD | INTERCEPT4_MONITOR | INTERCEPT4_MWAIT |
                    INTERCEPT4_XSETBV;
    b->intercept_exceptions = INTERCEPTED_EXCEPTIONS;
}

static int svm_vcpu_init(struct vcpu *v)
{
    struct svm_vcpu *s = heap_new(struct svm_vcpu);
    struct vmcb *b = s != NULL ? hv_page_alloc() : NULL;

    if (b == NULL) {
        heap_free(s);
        return -ENOMEM;
    }
    s->vmcb = b;
    s->vmcb_maddr = virt_to_maddr(b).a;
    set_intercepts(b);
    b->iopm_base = virt_to_maddr(iopm).a;
    b->msrpm_base = virt_to_maddr(msrpm).a;
    b->vintr = VINTR_MASKING;
    b->nested_control = NESTED_PAGING;
    b->nested_cr3 = virt_to_maddr(v->domain->arch.hvm->p2m.root).a;
    b->efer = EFER_SVME;
    b->g_pat = 0x0007040600070406UL;
    v->arch.hvm->engine = s;
    return 0;
}

static void svm_vcpu_fini(struct vcpu *v)
{
    struct svm_vcpu *s = svm_of(v);

    if (s != NULL) {
        hv_page_free(s->vmcb);
        heap_free(s);
        v->arch.hvm->engine = NULL;
    }
}

static uint64_t *reg_field(struct vmcb *b, enum hvm_reg reg)
{
    switch (reg) {
    case HVM_CR0: return &b->cr0;
    case HVM_CR2: return &b->cr2;
    case HVM_CR3: return &b->cr3;
    case HVM_CR4: return &b->cr4;
    case HVM_EFER: return &b->efer;
    case HVM_DR6: return &b->dr6;
    case HVM_DR7: return &b->dr7;
    case HVM_PAT: return &b->g_pat;
    case HVM_STAR: return &b->star;
    case HVM_LSTAR: return &b->lstar;
    case HVM_CSTAR: return &b->cstar;
    case HVM_SFMASK: return &b->sfmask;
    case HVM_KERNEL_GS_BASE: return &b->kernel_gs_base;
    case HVM_SYSENTER_CS: return &b->sysenter_cs;
    case HVM_SYSENTER_ESP: return &b->sysenter_esp;
    case HVM_SYSENTER_EIP: return &b->sysenter_eip;
    }
    BUG();
}

static uint64_t svm_get_reg(const struct vcpu *v, enum hvm_reg reg)
{
    uint64_t value = *reg_field(svm_of(v)->vmcb, reg);

    return reg == HVM_EFER ? value & ~EFER_SVME : value;
}

static void svm_set_reg(struct vcpu *v, enum hvm_reg reg, uint64_t value)
{
    *reg_field(svm_of(v)->vmcb, reg) = reg == HVM_EFER ? value | EFER_SVME : value;
}

static struct vmcb_segment *segment_field(struct vmcb *b, enum hvm_segment_name s)
{
    struct vmcb_segment *const fields[HVM_NR_SEGMENTS] = {
        [HVM_ES] = &b->es, [HVM_CS] = &b->cs, [HVM_SS] = &b->ss, [HVM_DS] = &b->ds,
        [HVM_FS] = &b->fs, [HVM_GS] = &b->gs, [HVM_LDTR] = &b->ldtr, [HVM_TR] = &b->tr,
        [HVM_GDTR] = &b->gdtr, [HVM_IDTR] = &b->idtr,
    };

    return fields[s];
}

static void svm_get_segment(const struct vcpu *v, enum hvm_segment_name s, struct hvm_segment *out)
{
    const struct vmcb_segment *f = segment_field(svm_of(v)->vmcb, s);

    *out = (struct hvm_segment){ f->selector, f->attr, f->limit, f->base };
}

static void svm_set_segment(struct vcpu *v, enum hvm_segment_name s, const struct hvm_segment *in)
{
    struct vmcb *b = svm_of(v)->vmcb;

    *segment_field(b, s) = (struct vmcb_segment){ in->selector, in->attr, in->limit, in->base };
    if (s == HVM_SS) {
        b->cpl = in->attr >> 5 & 3;
    }
}

static bool svm_is_interruptible(const struct vcpu *v, bool nmi)
{
    const struct svm_vcpu *s = svm_of(v);

    if (s->vmcb->interrupt_shadow & SHADOW_INTERRUPT) {
        return false;
    }
    return nmi ? !s->is_nmi_masked : (guest_regs()->rflags & RFLAGS_IF) != 0;
}

static void svm_request_window(struct vcpu *v, bool nmi)
{
    struct vmcb *b = svm_of(v)->vmcb;

    if (nmi && svm_of(v)->is_nmi_masked) {
        b->intercept3 |= INTERCEPT3_IRET;
        return;
    }
    /* A virtual interrupt that exits instead of being delivered. */
    b->intercept3 |= INTERCEPT3_VINTR;
    b->vintr |= VINTR_V_IRQ | VINTR_V_IGN_TPR;
}

static void svm_clear_shadow(struct vcpu *v)
{
    svm_of(v)->vmcb->interrupt_shadow &= ~SHADOW_INTERRUPT;
}

/* The VMCB is memory like any other. */
static void svm_open(struct vcpu *v)
{
    (void)v;
}

static void svm_set_tsc(struct vcpu *v)
{
    struct vmcb *b = svm_of(v)->vmcb;

    b->tsc_offset = v->arch.hvm->tsc_offset;
    b->intercept3 &= ~INTERCEPT3_RDTSC;
    b->intercept4 &= ~INTERCEPT4_RDTSCP;
    if (v->domain->arch.tsc.is_emulated) {
        b->intercept3 |= INTERCEPT3_RDTSC;
        b->intercept4 |= INTERCEPT4_RDTSCP;
    }
}

static void svm_flush_tlb(struct vcpu *v)
{
    svm_of(v)->is_flush_due = true;
}

/* ------------------------------------------------------------------------ */
/* Entry */

static void new_asid(struct svm_vcpu *s)
{
    struct vmcb *b = s->vmcb;

    b->tlb_control = 0;
    if (this_cpu(asid_next) >= nr_asids) {
        this_cpu(asid_epoch)++;
        this_cpu(asid_next) = 1;
        b->tlb_control = TLB_CONTROL_FLUSH_ALL;
    }
    b->asid = this_cpu(asid_next)++;
    s->asid_epoch = this_cpu(asid_epoch);
    s->asid_cpu = smp_processor_id();
    s->is_flush_due = false;
}

static uint64_t event_bits(const struct hvm_event *e)
{
    static const uint8_t types[] = {
        [HVM_EVENT_NMI] = EVENT_NMI, [HVM_EVENT_EXCEPTION] = EVENT_EXCEPTION,
    };

    return EVENT_VALID | e->vector | (uint64_t)types[e->type] << 8 |
           (e->has_error ? EVENT_HAS_ERROR | (uint64_t)e->error << 32 : 0);
}

/*
 * An interrupt goes in as a virtual one, which the CPU delivers at once, since the guest is ready
 * for it. By EVENTINJ, QEMU 7.2 would now and then deliver it twice (docs/emulators.md).
 */
static void offer_interrupt(struct svm_vcpu *s, uint8_t vector)
{
    struct vmcb *b = s->vmcb;

    b->intercept3 &= ~INTERCEPT3_VINTR;
    b->vintr = VINTR_MASKING | VINTR_V_IRQ | VINTR_V_IGN_TPR | VINTR_PRIORITY |
               (uint64_t)vector << VINTR_VECTOR_SHIFT;
    s->offers_interrupt = true;
}

void svm_before_entry(void)
{
    struct vcpu *v = current;
    struct hvm_vcpu *h = v->arch.hvm;
    struct svm_vcpu *s = svm_of(v);
    const struct cpu_regs *r = guest_regs();
    struct vmcb *b = s->vmcb;

    hvm_prepare_entry(v);
    b->event_inject = 0;
    if (h->event.type == HVM_EVENT_INTERRUPT) {
        offer_interrupt(s, h->event.vector);
        h->event.type = HVM_EVENT_NONE;
    } else if (h->event.type != HVM_EVENT_NONE) {
        b->event_inject = event_bits(&h->event);
        s->is_nmi_masked |= h->event.type == HVM_EVENT_NMI;
        h->event.type = HVM_EVENT_NONE;
    }
    b->tlb_control = 0;
    if (s->is_flush_due || s->asid_cpu != smp_processor_id() ||
        s->asid_epoch != this_cpu(asid_epoch)) {
        new_asid(s);
    }
    b->rax = r->rax;
    b->rip = r->rip;
    b->rsp = r->rsp;
    b->rflags = r->rflags;
}

/* VMSAVE has all in the VMCB since the last exit. */
static void svm_save(struct vcpu *v)
{
    (void)v;
}

static void svm_load(struct vcpu *v)
{
    struct svm_vcpu *s = svm_of(v);

    this_cpu(svm_guest_vmcb) = s->vmcb_maddr;
    __asm__ __volatile__("vmsave %0" :: "a"(this_cpu(svm_host_vmcb)) : "memory");
    if (s->asid_cpu != smp_processor_id()) {
        s->is_flush_due = true;
    }
}

void svm_run(void);

const struct hvm_engine svm_engine = {
    .name = "svm",
    .p2m = { .table = PTE_P | PTE_RW | PTE_US | PTE_A, .large = PTE_PS, .leaf = npt_leaf,
             .largest = npt_largest },
    .start_cpu = svm_start_cpu,
    .vcpu_init = svm_vcpu_init,
    .vcpu_fini = svm_vcpu_fini,
    .open = svm_open,
    .close = svm_open,
    .get_reg = svm_get_reg,
    .set_reg = svm_set_reg,
    .get_segment = svm_get_segment,
    .set_segment = svm_set_segment,
    .is_interruptible = svm_is_interruptible,
    .request_window = svm_request_window,
    .clear_shadow = svm_clear_shadow,
    .set_tsc = svm_set_tsc,
    .flush_tlb = svm_flush_tlb,
    .load = svm_load,
    .save = svm_save,
    .run = svm_run,
};

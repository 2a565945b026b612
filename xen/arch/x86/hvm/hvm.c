/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Hardware-assisted domains and vCPUs: which engine there is, making and unmaking, and what happens
 * between exits: context switches, and events on their way into the guest.
 */
#include <asm/cpu.h>
#include <asm/cpuid.h>
#include <asm/current.h>
#include <asm/fpu.h>
#include <asm/hvm.h>
#include <asm/msr.h>
#include <asm/trap.h>
#include <asm/vlapic.h>
#include <public/sched.h>
#include <xen/alloc.h>
#include <xen/arch.h>
#include <xen/bug.h>
#include <xen/console.h>
#include <xen/domain.h>
#include <xen/errno.h>
#include <xen/init.h>
#include <xen/param.h>

#include "engine.h"
#include "startup.h"

const struct hvm_engine *hvm_engine;

static bool opt_hvm = true;
PARAM_BOOL("hvm", opt_hvm);

static const struct hvm_engine *__init find_engine(void)
{
    if (svm_is_present()) {
        return &svm_engine;
    }
    return vmx_is_present() ? &vmx_engine : NULL;
}

void __init hvm_init(void)
{
    const struct hvm_engine *e = find_engine();

    if (e != NULL && opt_hvm && e->start_cpu()) {
        hvm_engine = e;
        log_info("Hardware-assisted guests: %s, nested paging\n", e->name);
    }
}

void hvm_init_cpu(void)
{
    if (hvm_engine != NULL && !hvm_engine->start_cpu()) {
        panic("CPU %u has no working %s, unlike the first one. Boot with hvm=0.",
              smp_processor_id(), hvm_engine->name);
    }
}

const char *hvm_engine_name(void)
{
    return hvm_engine != NULL ? hvm_engine->name : NULL;
}

int hvm_domain_init(struct domain *d)
{
    int rc;

    if (hvm_engine == NULL) {
        return -EINVAL;
    }
    d->arch.hvm = heap_new(struct hvm_domain);
    if (d->arch.hvm == NULL) {
        return -ENOMEM;
    }
    /* How Linux reboots where there is no hardware for it. */
    d->arch.hvm->param[HVM_PARAM_TRIPLE_FAULT_REASON] = SHUTDOWN_reboot;
    rc = p2m_init(d);
    if (rc != 0) {
        heap_free(d->arch.hvm);
        d->arch.hvm = NULL;
    }
    return rc;
}

int hvm_domain_relinquish(struct domain *d)
{
    return p2m_relinquish(d);
}

void hvm_domain_fini(struct domain *d)
{
    if (d->arch.hvm != NULL) {
        p2m_fini(d);
        heap_free(d->arch.hvm);
        d->arch.hvm = NULL;
    }
}

int hvm_vcpu_init(struct vcpu *v)
{
    int rc;

    v->arch.hvm = heap_new(struct hvm_vcpu);
    if (v->arch.hvm == NULL) {
        return -ENOMEM;
    }
    rc = vlapic_init(v);
    if (rc == 0) {
        rc = hvm_engine->vcpu_init(v);
    }
    if (rc != 0) {
        hvm_vcpu_fini(v);
    }
    return rc;
}

void hvm_vcpu_fini(struct vcpu *v)
{
    if (v->arch.hvm != NULL) {
        hvm_engine->vcpu_fini(v);
        vlapic_fini(v);
        heap_free(v->arch.hvm);
        v->arch.hvm = NULL;
    }
}

void hvm_tsc_changed(struct domain *d)
{
    struct vcpu *v;
    unsigned int i;

    for_each_vcpu (d, v, i) {
        hvm_engine->open(v);
        hvm_engine->set_tsc(v);
        hvm_engine->close(v);
    }
}

/* ------------------------------------------------------------------------ */
/* Switches */

/* DR0-3, which the CPU doesn't switch; DR6 and DR7 it does. */
static void save_breakpoints(struct vcpu *v)
{
    uint64_t *dr = v->arch.dr;

    __asm__ __volatile__("mov %%dr0, %0\n\tmov %%dr1, %1\n\tmov %%dr2, %2\n\tmov %%dr3, %3"
                         : "=r"(dr[0]), "=r"(dr[1]), "=r"(dr[2]), "=r"(dr[3]));
}

static void load_breakpoints(const struct vcpu *v)
{
    const uint64_t *dr = v->arch.dr;

    __asm__ __volatile__("mov %0, %%dr0\n\tmov %1, %%dr1\n\tmov %2, %%dr2\n\tmov %3, %%dr3"
                         :: "r"(dr[0]), "r"(dr[1]), "r"(dr[2]), "r"(dr[3]));
}

void hvm_save(struct vcpu *v)
{
    v->arch.regs = *guest_regs();
    hvm_engine->save(v);
    cpuid_faulting_switch(true);
    save_breakpoints(v);
    fpu_save(v);
    cpumask_clear(&v->domain->dirty_cpus, smp_processor_id());
}

void hvm_load(struct vcpu *v)
{
    cpumask_set(&v->domain->dirty_cpus, smp_processor_id());
    fpu_restore(v);
    load_breakpoints(v);
    msr_vcpu_load(v);
    cpuid_faulting_switch(false);
}

void hvm_run(struct vcpu *v)
{
    irq_enable();
    hvm_engine->load(v);
    hvm_startup_enter(v);
    *guest_regs() = v->arch.regs;
    if (v->arch.areas_due) {
        v->arch.areas_due = false;
        arch_update_runstate_area(v);
    }
    reset_stack_and_jump(hvm_engine->run);
}

/* ------------------------------------------------------------------------ */
/* Events */

static bool upcall_is_pending(const struct vcpu *v)
{
    const struct vcpu_info *info = READ_ONCE(v->info);

    return info != NULL && READ_ONCE(info->evtchn_upcall_pending) != 0;
}

/* The vector that HVM_PARAM_CALLBACK_IRQ gives to all vCPUs; 0: another way, or none. */
static uint8_t callback_vector(const struct domain *d)
{
    uint64_t via = d->arch.hvm->param[HVM_PARAM_CALLBACK_IRQ];

    return via >> 56 == HVM_PARAM_CALLBACK_TYPE_VECTOR ? (uint8_t)via : 0;
}

bool hvm_has_interrupt(const struct vcpu *v)
{
    const struct hvm_vcpu *h = v->arch.hvm;

    ASSERT(v == current);
    if (h->nmi_pending) {
        return true;
    }
    return (guest_regs()->rflags & RFLAGS_IF) &&
           (vlapic_highest_pending(v) >= 0 ||
            (upcall_is_pending(v) && h->upcall_vector == 0 && callback_vector(v->domain) != 0));
}

void hvm_raise_nmi(struct vcpu *v)
{
    v->arch.hvm->nmi_pending = true;
    vcpu_unblock(v);
    vcpu_kick(v);
}

/* With a vector of its own for upcalls, a vCPU gets them as edges through its LAPIC. */
void arch_vcpu_upcall(struct vcpu *v)
{
    uint8_t vector = READ_ONCE(v->arch.hvm->upcall_vector);

    if (vector != 0) {
        vlapic_raise(v, vector);
    }
}

static void deliver(struct vcpu *v, uint8_t type, uint8_t vector)
{
    v->arch.hvm->event = (struct hvm_event){ .type = type, .vector = vector };
}

static void inject_interrupt(struct vcpu *v)
{
    struct hvm_vcpu *h = v->arch.hvm;
    uint8_t callback = upcall_is_pending(v) && h->upcall_vector == 0 ? callback_vector(v->domain)
                                                                     : 0;
    int vector = vlapic_highest_pending(v);

    if (callback == 0 && vector < 0) {
        return;
    }
    if (!hvm_engine->is_interruptible(v, false)) {
        hvm_engine->request_window(v, false);
    } else if (callback != 0) {
        deliver(v, HVM_EVENT_INTERRUPT, callback);
    } else {
        vlapic_accept(v, vector);
        /* Others that wait get their turn after the exit that this one's EOI is. */
        deliver(v, HVM_EVENT_INTERRUPT, (uint8_t)vector);
    }
}

void hvm_prepare_entry(struct vcpu *v)
{
    struct hvm_vcpu *h = v->arch.hvm;
    uint32_t generation = READ_ONCE(v->domain->arch.hvm->p2m.generation);

    if (unlikely(h->p2m_generation != generation)) {
        h->p2m_generation = generation;
        hvm_engine->flush_tlb(v);
    }
    if (h->event.type != HVM_EVENT_NONE) {
        if (h->nmi_pending || upcall_is_pending(v) || vlapic_highest_pending(v) >= 0) {
            hvm_engine->request_window(v, false);
        }
        return;
    }
    if (h->nmi_pending) {
        if (!hvm_engine->is_interruptible(v, true)) {
            hvm_engine->request_window(v, true);
        } else {
            h->nmi_pending = false;
            deliver(v, HVM_EVENT_NMI, TRAP_NMI);
            return;
        }
    }
    inject_interrupt(v);
}

/* AMD APM vol. 2, 8.2.9: which exceptions on top of which become #DF. */
static bool is_contributory(unsigned int vector)
{
    return vector == TRAP_DE || (vector >= TRAP_TS && vector <= TRAP_GP);
}

void hvm_inject(struct vcpu *v, unsigned int vector, bool has_error, uint32_t error)
{
    struct hvm_event *e = &v->arch.hvm->event;

    if (e->type == HVM_EVENT_EXCEPTION) {
        if (e->vector == TRAP_DF) {
            hvm_exit_triple_fault(v);
            return;
        }
        if ((is_contributory(e->vector) && is_contributory(vector)) ||
            (e->vector == TRAP_PF && (vector == TRAP_PF || is_contributory(vector)))) {
            vector = TRAP_DF;
            has_error = true;
            error = 0;
        }
    }
    *e = (struct hvm_event){
        .type = HVM_EVENT_EXCEPTION, .vector = (uint8_t)vector, .has_error = has_error,
        .error = error,
    };
}

void hvm_inject_page_fault(struct vcpu *v, uint64_t va, uint32_t error)
{
    hvm_engine->set_reg(v, HVM_CR2, va);
    hvm_inject(v, TRAP_PF, true, error);
}

void hvm_skip(struct vcpu *v, struct cpu_regs *r, unsigned int length)
{
    r->rip += length;
    if (!hvm_in_long_mode(v)) {
        r->rip = (uint32_t)r->rip;
    }
    hvm_engine->clear_shadow(v);
}

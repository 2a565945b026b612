/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which vCPU's registers are in the CPU: context switch, kernel and user mode of a guest, root
 * tables. General registers live on the CPU's stack while a vCPU runs, in vcpu->arch.regs else.
 *
 * The CPU's GDTR, CR3 and per-domain window belong together: GDTR points into the window of the
 * running vCPU (slot 257 of its root tables), or into the CPU's own area while idle.
 */
#include <asm/boot_info.h>
#include <asm/cpu_init.h>
#include <asm/cpufeature.h>
#include <asm/current.h>
#include <asm/debugreg.h>
#include <asm/extable.h>
#include <asm/fpu.h>
#include <asm/hvm.h>
#include <asm/msr.h>
#include <asm/own_pt.h>
#include <asm/pv.h>
#include <asm/pv_mm.h>
#include <asm/trap.h>
#include <xen/arch.h>
#include <xen/domain.h>
#include <xen/tlb.h>

/* What a guest kernel chooses for itself, with effect on the hardware. */
#define CR4_GUEST_BITS (CR4_TSD | CR4_DE | CR4_FSGSBASE)

unsigned long pv_hw_cr4(const struct vcpu *v)
{
    return (read_cr4() & ~CR4_GUEST_BITS) | (v->arch.cr4 & CR4_GUEST_BITS) |
           (v->domain->arch.tsc.is_emulated ? CR4_TSD : 0);
}

void pv_toggle_mode(struct vcpu *v)
{
    mfn_t root;

    v->arch.kernel_mode = !v->arch.kernel_mode;
    root = v->arch.kernel_mode ? v->arch.guest_table : v->arch.guest_table_user;
    __asm__ __volatile__("swapgs" ::: "memory");
    v->arch.cr3 = mfn_to_maddr(root).a;
    write_cr3(v->arch.cr3);
    if (unlikely(v->arch.areas_due) && v->arch.kernel_mode) {
        v->arch.areas_due = false;
        arch_update_runstate_area(v);
    }
}

void pv_load_cr3(struct vcpu *v)
{
    mfn_t root = v->arch.kernel_mode ? v->arch.guest_table : v->arch.guest_table_user;

    v->arch.cr3 = mfn_to_maddr(root).a;
    if (v == current) {
        write_cr3(v->arch.cr3);
        tlb_flush_local();
    }
}

static uint16_t selector_read_ds(void)
{
    uint16_t s;

    __asm__ __volatile__("mov %%ds, %0" : "=rm"(s));
    return s;
}

static void save_segments(struct vcpu *v)
{
    struct arch_vcpu *a = &v->arch;

    a->ds = selector_read_ds();
    __asm__ __volatile__("mov %%es, %0" : "=rm"(a->es));
    __asm__ __volatile__("mov %%fs, %0" : "=rm"(a->fs));
    __asm__ __volatile__("mov %%gs, %0" : "=rm"(a->gs));
    a->fs_base = fs_base_read(v);
    if (a->kernel_mode) {
        a->gs_base_kernel = gs_base_read(v);
        a->gs_base_user = gs_inactive_read();
    } else {
        a->gs_base_user = gs_base_read(v);
        a->gs_base_kernel = gs_inactive_read();
    }
}

/* Loads one selector; on a fault the null selector, and *bad is set. */
#define LOAD_SELECTOR(reg, value, bad)                                 \
    do {                                                               \
        uint16_t sel_ = (value);                                       \
                                                                       \
        if (sel_ != 0) {                                               \
            __asm__ __volatile__("1: mov %0, %%" #reg "\n"             \
                                 "   jmp 3f\n"                         \
                                 "2: mov %2, %%" #reg "\n"             \
                                 "   movb $1, %1\n"                   \
                                 "3:\n"                                \
                                 EXTABLE(1b, 2b)                       \
                                 : : "r"((uint32_t)sel_), "m"(bad), "r"(0) : "memory"); \
        } else {                                                       \
            __asm__ __volatile__("mov %0, %%" #reg :: "r"(0));         \
        }                                                              \
    } while (0)

/* True if a selector could not be loaded: the guest's failsafe callback is due. */
static bool load_segments(const struct vcpu *v)
{
    const struct arch_vcpu *a = &v->arch;
    bool bad = false;

    LOAD_SELECTOR(ds, a->ds, bad);
    LOAD_SELECTOR(es, a->es, bad);
    LOAD_SELECTOR(fs, a->fs, bad);
    LOAD_SELECTOR(gs, a->gs, bad);
    barrier();
    fs_base_write(v, a->fs_base);
    gs_base_write(v, a->kernel_mode ? a->gs_base_kernel : a->gs_base_user);
    gs_inactive_write(a->kernel_mode ? a->gs_base_user : a->gs_base_kernel);
    return bad;
}

static void save_context(struct vcpu *v)
{
    v->arch.regs = *guest_regs();
    save_segments(v);
    debugreg_save(v);
    fpu_save(v);
}

/* On the CPU's own GDT and tables: enters the address space of @v. */
static void enter_address_space(struct vcpu *v)
{
    unsigned int cpu = smp_processor_id();
    unsigned long cr4 = pv_hw_cr4(v);

    cpumask_set(&v->domain->dirty_cpus, cpu);
    v->arch.window_l1[14] = pte_make(cpu_gdt_mfn(cpu), PTE_P | PTE_RW | PTE_A | PTE_D |
                                     (cpu_has(HAS_NX) ? PTE_NX : 0));
    if (read_cr4() != cr4) {
        write_cr4(cr4);
    }
    write_cr3(v->arch.cr3);
    /* User pages are global, and so may be entries of whoever ran here before. */
    tlb_flush_local();
    gdt_load_vcpu(v);
    pv_load_ldt(v);
}

static void load_context(struct vcpu *v)
{
    bool bad;

    enter_address_space(v);
    fpu_restore(v);
    debugreg_load(v);
    if (cpu_has(HAS_RDTSCP)) {
        wrmsr(MSR_TSC_AUX, v->arch.tsc_aux);
    }
    *guest_regs() = v->arch.regs;
    bad = load_segments(v);
    if (unlikely(bad)) {
        pv_bounce_failsafe(v, guest_regs());
    }
}

static void leave_address_space(struct vcpu *v)
{
    gdt_load_own();
    __asm__ __volatile__("lldt %w0" :: "r"(0));
    write_cr3(image_to_maddr(hv_l4_template).a);
    tlb_flush_local();
    cpumask_clear(&v->domain->dirty_cpus, smp_processor_id());
}

void arch_context_switch(struct vcpu *prev, struct vcpu *next)
{
    irq_disable();
    if (is_hvm(prev->domain)) {
        hvm_save(prev);
    } else if (!prev->is_idle) {
        save_context(prev);
        leave_address_space(prev);
    }
    cpu_info()->running = next;
    mitigations_switch(next);
    if (next->is_idle) {
        sched_context_saved(prev);
        irq_enable();
        reset_stack_and_jump(idle_loop);
    }
    if (is_hvm(next->domain)) {
        hvm_load(next);
        sched_context_saved(prev);
        hvm_run(next);
    }
    load_context(next);
    sched_context_saved(prev);
    reset_stack_and_jump(exit_to_guest);
}

void arch_vcpu_raise_nmi(struct vcpu *v)
{
    if (is_hvm(v->domain)) {
        hvm_raise_nmi(v);
    } else {
        pv_raise_nmi(v);
    }
    vcpu_unblock(v);
}

void pv_raise_nmi(struct vcpu *v)
{
    v->arch.nmi_pending = true;
    __atomic_fetch_or(&v->arch.exit_work, EXIT_NMI, __ATOMIC_SEQ_CST);
    vcpu_kick(v);
}

/*
 * What is masked stays pending; the guest's iret asks again (pv/iret.c). An NMI that the guest has
 * no handler for is lost: others send it (domctl sendtrigger), so it is no fault of the guest's.
 */
void pv_exit_work(struct vcpu *v, struct cpu_regs *r)
{
    struct arch_vcpu *a = &v->arch;

    __atomic_store_n(&a->exit_work, 0, __ATOMIC_SEQ_CST);
    if (a->mce_pending && !a->mce_masked) {
        a->mce_pending = false;
        a->mce_masked = true;
        pv_inject(v, r, TRAP_MC, 0);
    }
    if (a->nmi_pending && !a->nmi_masked) {
        a->nmi_pending = false;
        if (a->traps[TRAP_NMI].address != 0) {
            a->nmi_masked = true;
            pv_inject(v, r, TRAP_NMI, 0);
        }
    }
}

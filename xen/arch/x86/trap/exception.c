/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Exceptions, by vector: a guest's are emulated or bounced, the hypervisor's own are looked up in
 * the exception table or end in a dump. Entered with interrupts on (from a guest) or as they were.
 */
#include <asm/cpu.h>
#include <asm/cpu_area.h>
#include <asm/current.h>
#include <asm/emulate.h>
#include <asm/extable.h>
#include <asm/fpu.h>
#include <asm/nmi.h>
#include <asm/own_pt.h>
#include <asm/pv.h>
#include <asm/pv_mm.h>
#include <asm/trap.h>
#include <xen/bug.h>
#include <xen/console.h>
#include <xen/domain.h>
#include <xen/string.h>

extern const char exit_iret_instruction[];
void exit_iret_fault(struct cpu_regs *guest) noreturn;

static const char *const names[32] = {
    "divide error", "debug", "NMI", "breakpoint", "overflow", "bound range", "invalid opcode",
    "device not available", "double fault", "coprocessor overrun", "invalid TSS",
    "segment not present", "stack fault", "general protection fault", "page fault", "reserved",
    "x87 error", "alignment check", "machine check", "SIMD error", "virtualization",
    "control protection",
};

/* Whether @va is below this CPU's ordinary stack: a guard page, or an interrupt stack. */
static bool is_stack_guard(uint64_t va)
{
    uint64_t base = ROUND_DOWN((uint64_t)cpu_info(), STACK_SIZE);

    return va - base < MAIN_STACK_PAGE * PAGE_SIZE;
}

static void noreturn fatal(struct cpu_regs *r, uint64_t cr2)
{
    unsigned int vector = r->entry_vector & 31;

    irq_disable();
    console_force_unlock();
    trap_dump(r);
    if (vector == TRAP_PF) {
        panic("Page fault in the hypervisor: address %lx, error code 0x%x", cr2, r->error_code);
    }
    if (vector == TRAP_DF && is_stack_guard(cr2)) {
        panic("Stack overflow in the hypervisor (double fault): nothing is mapped at %lx", cr2);
    }
    panic("%s in the hypervisor, error code 0x%x",
          names[vector] != NULL ? names[vector] : "exception", r->error_code);
}

/*
 * The guest's registers did not suit IRETQ. It faulted with the guest's GPRs live and its five
 * words still in place: put the GPRs back and raise the fault at the target.
 */
static void noreturn iret_fault(struct cpu_regs *r)
{
    struct cpu_regs *g = guest_regs();
    uint32_t error = r->error_code;
    unsigned int vector = r->entry_vector;

    memmove(g, r, offsetof(struct cpu_regs, error_code));
    irq_enable();
    pv_inject(current, g, vector, error);
    exit_iret_fault(g);
}

/* In the hypervisor. Returns if execution may go on. */
static void hypervisor_fault(struct cpu_regs *r, uint64_t cr2)
{
    uint64_t fixup;

    if (r->rip == (uint64_t)exit_iret_instruction) {
        iret_fault(r);
    }
    if (r->entry_vector == TRAP_PF && current != NULL && !current->is_idle &&
        pv_window_fault(current, cr2)) {
        return;
    }
    fixup = extable_find(r->rip);
    if (fixup == 0) {
        fatal(r, cr2);
    }
    r->rip = fixup;
}

static void guest_page_fault(struct vcpu *v, struct cpu_regs *r, uint64_t cr2)
{
    uint32_t error = r->error_code;

    if (unlikely(cr2 - HV_VIRT_START < HV_VIRT_END - HV_VIRT_START)) {
        if (!(error & PFEC_U) && pv_window_fault(v, cr2)) {
            return;
        }
        /* A descriptor the guest cannot reach: the fault is reported at the address it knows. */
        cr2 = pv_window_to_guest(v, cr2);
    } else if (v->arch.kernel_mode && (error & (PFEC_P | PFEC_W | PFEC_RSV)) == (PFEC_P | PFEC_W) &&
               pv_emulate_pt_write(v, r, cr2)) {
        return;
    }
    pv_inject_page_fault(v, r, cr2, error);
}

static void guest_general_protection(struct vcpu *v, struct cpu_regs *r)
{
    uint32_t error = r->error_code;

    if ((error & 3) == 2) {
        pv_soft_interrupt(v, r, error >> 3 & 0xff, 2);
    } else if (!pv_emulate_privileged(v, r)) {
        pv_inject(v, r, TRAP_GP, error);
    }
}

static void debug_exception(struct cpu_regs *r)
{
    uint64_t dr6;

    __asm__ __volatile__("mov %%dr6, %0" : "=r"(dr6));
    __asm__ __volatile__("mov %0, %%dr6" :: "r"(0xffff0ff0UL));
    if (regs_from_guest(r)) {
        current->arch.dr[6] = dr6;
        irq_enable();
        pv_inject(current, r, TRAP_DB, 0);
    } else {
        /* A guest's watchpoint hit by a copy on its behalf, or its single-step flag at an entry. */
        r->rflags &= ~RFLAGS_TF;
    }
}

static void guest_exception(struct vcpu *v, struct cpu_regs *r, uint64_t cr2)
{
    switch (r->entry_vector) {
    case TRAP_PF:
        guest_page_fault(v, r, cr2);
        break;
    case TRAP_GP:
        guest_general_protection(v, r);
        break;
    case TRAP_UD:
        if (!pv_emulate_forced(v, r)) {
            pv_inject(v, r, TRAP_UD, 0);
        }
        break;
    case TRAP_NM:
        fpu_guest_trap(v);
        pv_inject(v, r, TRAP_NM, 0);
        break;
    case TRAP_BP:
        pv_soft_interrupt(v, r, TRAP_BP, 0);
        break;
    case TRAP_OF:
        pv_soft_interrupt(v, r, TRAP_OF, 0);
        break;
    case 0x80:
        pv_soft_interrupt(v, r, 0x80, 0);
        break;
    default:
        pv_inject(v, r, r->entry_vector, r->error_code);
        break;
    }
}

void trap_dispatch(struct cpu_regs *r)
{
    uint64_t cr2;

    switch (r->entry_vector) {
    case TRAP_DB:
        debug_exception(r);
        return;
    case TRAP_NMI:
        nmi_handle(r);
        return;
    case TRAP_MC:
        mce_handle(r);
        return;
    case TRAP_DF:
        fatal(r, read_cr2());
    default:
        break;
    }
    cr2 = r->entry_vector == TRAP_PF ? read_cr2() : 0;
    if (regs_from_guest(r)) {
        guest_exception(current, r, cr2);
    } else {
        hypervisor_fault(r, cr2);
    }
}

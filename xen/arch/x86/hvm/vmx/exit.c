/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Exits of VT-x guests (Intel SDM vol. 3, 28 and appendix C): one function a reason, by table. What
 * is not in the table ends the domain.
 */
#include <asm/cpu.h>
#include <asm/current.h>
#include <xen/domain.h>

#include "controls.h"
#include "vmx.h"

#define PORT_IN          (1U << 3)
#define PORT_STRING      (1U << 4)
#define PORT_REP         (1U << 5)
#define PORT_ADDR_SIZE   7  /* of the instruction information: 0 is 16 bits */
#define VIOLATION_WRITE  (1UL << 1)
/* Of a debug exception's qualification, as in DR6. */
#define DEBUG_BITS       0x600fUL
#define DEBUG_TRAPS      0xfUL
#define DEBUG_GD         (1UL << 13) /* the access that DR7's bit of this place forbids */

typedef void exit_fn(struct vcpu *v, struct cpu_regs *r);

static unsigned int length(void)
{
    return (unsigned int)vmread(VMCS_EXIT_LENGTH);
}

/* Interrupts are served by now: they came when they were switched on. */
static void exit_nothing(struct vcpu *v, struct cpu_regs *r)
{
    (void)v;
    (void)r;
}

static void close_windows(struct vcpu *v, struct cpu_regs *r)
{
    struct vmx_vcpu *s = vmx_of(v);

    (void)r;
    s->primary &= ~(PRIMARY_INTERRUPT_WINDOW | PRIMARY_NMI_WINDOW);
    vmwrite(VMCS_PRIMARY, s->primary);
}

static void exit_triple_fault(struct vcpu *v, struct cpu_regs *r)
{
    (void)r;
    hvm_exit_triple_fault(v);
}

static void exit_cpuid(struct vcpu *v, struct cpu_regs *r)
{
    hvm_exit_cpuid(v, r, length());
}

static void exit_rdtsc(struct vcpu *v, struct cpu_regs *r)
{
    hvm_exit_read_tsc(v, r, false, length());
}

static void exit_rdtscp(struct vcpu *v, struct cpu_regs *r)
{
    hvm_exit_read_tsc(v, r, true, length());
}

static void exit_halt(struct vcpu *v, struct cpu_regs *r)
{
    hvm_exit_halt(v, r, length());
}

/* INVD and WBINVD: caches are coherent, and the guest has no device of its own. */
static void exit_cache(struct vcpu *v, struct cpu_regs *r)
{
    hvm_skip(v, r, length());
}

static void exit_rdpmc(struct vcpu *v, struct cpu_regs *r)
{
    (void)r;
    hvm_inject(v, TRAP_GP, true, 0);
}

static void exit_hypercall(struct vcpu *v, struct cpu_regs *r)
{
    hvm_exit_hypercall(v, r, length());
}

/* Instructions that are not offered. */
static void exit_undefined(struct vcpu *v, struct cpu_regs *r)
{
    (void)r;
    hvm_inject(v, TRAP_UD, false, 0);
}

static void exit_port(struct vcpu *v, struct cpu_regs *r)
{
    uint64_t q = vmread(VMCS_QUALIFICATION);
    bool string = (q & PORT_STRING) != 0;
    struct hvm_port_access a = {
        .port = (uint16_t)(q >> 16),
        .size = (uint8_t)((q & 7) + 1),
        .in = (q & PORT_IN) != 0,
        .string = string,
        .rep = (q & PORT_REP) != 0,
        .next_rip = r->rip + length(),
    };

    if (string) {
        a.addr_size = (uint8_t)(2U << (vmread(VMCS_INSTRUCTION_INFO) >> PORT_ADDR_SIZE & 3));
    }
    if (!hvm_in_long_mode(v)) {
        a.next_rip = (uint32_t)a.next_rip;
    }
    hvm_exit_port(v, r, &a);
}

static void exit_rdmsr(struct vcpu *v, struct cpu_regs *r)
{
    hvm_exit_msr(v, r, false, length());
}

static void exit_wrmsr(struct vcpu *v, struct cpu_regs *r)
{
    hvm_exit_msr(v, r, true, length());
}

static void exit_xsetbv(struct vcpu *v, struct cpu_regs *r)
{
    hvm_exit_xsetbv(v, r, length());
}

/* An IRET that faulted has unblocked NMIs already; it is executed again (SDM vol. 3, 28.2.3). */
static void block_nmi_again(uint64_t info)
{
    if ((info & INFO_NMI_UNBLOCKED) && !(vmread(VMCS_VECTORING_INFO) & INFO_VALID)) {
        vmwrite(VMCS_INTERRUPTIBILITY, vmread(VMCS_INTERRUPTIBILITY) | BLOCKED_BY_NMI);
    }
}

static void exit_ept_violation(struct vcpu *v, struct cpu_regs *r)
{
    uint64_t q = vmread(VMCS_QUALIFICATION);

    block_nmi_again(q);
    hvm_exit_nested_fault(v, r, vmread(VMCS_GUEST_PHYSICAL), (q & VIOLATION_WRITE) != 0);
}

/* What the CPU would do to DR6 and DR7 when it delivers #DB by itself (SDM vol. 3, 28.1). */
static void exit_debug(struct vcpu *v, struct cpu_regs *r, uint32_t info)
{
    uint64_t q = vmread(VMCS_QUALIFICATION);

    if (INFO_TYPE(info) == INFO_ICEBP) {
        hvm_skip(v, r, length());
    } else {
        uint64_t dr6 = vmx_get_reg(v, HVM_DR6);

        vmx_set_reg(v, HVM_DR6, (dr6 & ~DEBUG_TRAPS) | (q & DEBUG_BITS));
        vmx_set_reg(v, HVM_DR7, vmx_get_reg(v, HVM_DR7) & ~DEBUG_GD);
        /* With single steps under way an entry takes no shadow. */
        hvm_engine->clear_shadow(v);
    }
    hvm_inject(v, TRAP_DB, false, 0);
}

static void exit_exception(struct vcpu *v, struct cpu_regs *r)
{
    uint32_t info = (uint32_t)vmread(VMCS_EXIT_INFO);
    unsigned int vector = info & 0xff;

    /* NMIs and machine checks were the machine's, and have been delivered to the hypervisor. */
    if (vector == TRAP_NMI || vector == TRAP_MC) {
        return;
    }
    block_nmi_again(info);
    if (vector == TRAP_DB) {
        exit_debug(v, r, info);
    } else {
        hvm_inject(v, vector, (info & INFO_HAS_ERROR) != 0, (uint32_t)vmread(VMCS_EXIT_ERROR));
    }
}

static exit_fn *const exits[] = {
    [EXIT_EXCEPTION] = exit_exception,
    [EXIT_INTERRUPT] = exit_nothing,
    [EXIT_TRIPLE_FAULT] = exit_triple_fault,
    [EXIT_INIT] = exit_nothing,
    [EXIT_SIPI] = exit_nothing,
    [EXIT_INTERRUPT_WINDOW] = close_windows,
    [EXIT_NMI_WINDOW] = close_windows,
    [EXIT_CPUID] = exit_cpuid,
    [EXIT_GETSEC] = exit_undefined,
    [EXIT_HLT] = exit_halt,
    [EXIT_INVD] = exit_cache,
    [EXIT_RDPMC] = exit_rdpmc,
    [EXIT_RDTSC] = exit_rdtsc,
    [EXIT_VMCALL] = exit_hypercall,
    [EXIT_VMCLEAR] = exit_undefined,
    [EXIT_VMLAUNCH] = exit_undefined,
    [EXIT_VMPTRLD] = exit_undefined,
    [EXIT_VMPTRST] = exit_undefined,
    [EXIT_VMREAD] = exit_undefined,
    [EXIT_VMRESUME] = exit_undefined,
    [EXIT_VMWRITE] = exit_undefined,
    [EXIT_VMXOFF] = exit_undefined,
    [EXIT_VMXON] = exit_undefined,
    [EXIT_CR] = vmx_exit_cr,
    [EXIT_PORT] = exit_port,
    [EXIT_RDMSR] = exit_rdmsr,
    [EXIT_WRMSR] = exit_wrmsr,
    [EXIT_MWAIT] = exit_undefined,
    [EXIT_MONITOR] = exit_undefined,
    [EXIT_MACHINE_CHECK] = exit_nothing,
    [EXIT_EPT_VIOLATION] = exit_ept_violation,
    [EXIT_INVEPT] = exit_undefined,
    [EXIT_RDTSCP] = exit_rdtscp,
    [EXIT_INVVPID] = exit_undefined,
    [EXIT_WBINVD] = exit_cache,
    [EXIT_XSETBV] = exit_xsetbv,
    [EXIT_VMFUNC] = exit_undefined,
};

/*
 * The machine's own NMIs and machine checks, delivered again, to the hypervisor. After an exit for
 * an NMI others are blocked until an IRET, which the handler executes.
 */
static void serve_machine(uint32_t reason)
{
    uint32_t vector = reason == EXIT_EXCEPTION ? (uint32_t)vmread(VMCS_EXIT_INFO) & 0xff : 0;

    if (reason == EXIT_EXCEPTION && vector == TRAP_NMI) {
        __asm__ __volatile__("int $2");
    } else if (vector == TRAP_MC || reason == EXIT_MACHINE_CHECK) {
        __asm__ __volatile__("int $18");
    }
}

/* An event that the exit cut short is delivered again (SDM vol. 3, 28.2.4). */
static void keep_event(struct hvm_event *e)
{
    uint32_t info = (uint32_t)vmread(VMCS_VECTORING_INFO);

    e->type = HVM_EVENT_NONE;
    if (info & INFO_VALID) {
        vmx_event_from_info(info, (uint32_t)vmread(VMCS_VECTORING_ERROR), e);
        if (e->type == HVM_EVENT_NMI) {
            vmwrite(VMCS_INTERRUPTIBILITY, vmread(VMCS_INTERRUPTIBILITY) & ~BLOCKED_BY_NMI);
        }
    }
}

void vmx_exit(void)
{
    struct vcpu *v = current;
    struct vmx_vcpu *s = vmx_of(v);
    struct cpu_regs *r = guest_regs();
    uint32_t reason = (uint32_t)vmread(VMCS_EXIT_REASON);

    s->cr2 = read_cr2();
    if (reason & EXIT_ENTRY_FAILED) {
        irq_enable();
        hvm_exit_unexpected(v, "entry refused, reason", reason & 0xffff);
        return;
    }
    s->is_launched = true;
    r->rip = vmread(VMCS_GUEST_RIP);
    r->rsp = vmread(VMCS_GUEST_RSP);
    r->rflags = vmread(VMCS_GUEST_RFLAGS);
    r->cs = vmread(VMCS_GUEST_CS) | 3; /* whatever asks is to know that this is a guest's frame */
    r->ss = vmread(VMCS_GUEST_SS);
    keep_event(&v->arch.hvm->event);
    serve_machine(reason);
    irq_enable();
    if (reason < ARRAY_SIZE(exits) && exits[reason] != NULL) {
        exits[reason](v, r);
    } else {
        hvm_exit_unexpected(v, "exit", reason);
    }
}

void vmx_entry_failed(void)
{
    irq_enable();
    hvm_exit_unexpected(current, "entry failed, error", vmread(VMCS_INSTRUCTION_ERROR));
}

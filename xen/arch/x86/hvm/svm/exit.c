/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Exits of AMD-V guests (AMD APM vol. 2, appendix C): one function a reason, by table. What is not
 * in the table is an instruction or exception that is refused, or ends the domain.
 */
#include "vmcb.h"

#include <asm/cpu.h>
#include <asm/cpufeature.h>
#include <asm/current.h>
#include <asm/mce.h>
#include <xen/domain.h>

#include "../engine.h"

#define CPUID_SVM  0x8000000a
#define EDX_NRIPS  (1U << 3)
#define NPF_WRITE  2UL

#define IOIO_IN      (1U << 0)
#define IOIO_STRING  (1U << 2)
#define IOIO_REP     (1U << 3)

typedef void exit_fn(struct vcpu *v, struct cpu_regs *r, struct vmcb *b);

/* How far RIP is to move; @length is that of the plain instruction, for CPUs that don't say. */
static unsigned int length_of(const struct vmcb *b, unsigned int length)
{
    return b->next_rip > b->rip && b->next_rip - b->rip <= 15
               ? (unsigned int)(b->next_rip - b->rip) : length;
}

/* Interrupts are served by now: they came when GIF was set. */
static void exit_interrupt(struct vcpu *v, struct cpu_regs *r, struct vmcb *b)
{
    (void)v;
    (void)r;
    (void)b;
}

static void exit_window(struct vcpu *v, struct cpu_regs *r, struct vmcb *b)
{
    (void)v;
    (void)r;
    b->intercept3 &= ~INTERCEPT3_VINTR;
    b->vintr &= ~(VINTR_V_IRQ | VINTR_V_IGN_TPR);
}

/* The IRET is still to be executed: the next NMI comes in its shadow at the earliest. */
static void exit_iret(struct vcpu *v, struct cpu_regs *r, struct vmcb *b)
{
    struct svm_vcpu *s = v->arch.hvm->engine;

    (void)r;
    b->intercept3 &= ~INTERCEPT3_IRET;
    b->interrupt_shadow |= SHADOW_INTERRUPT;
    s->is_nmi_masked = false;
}

static void exit_cpuid(struct vcpu *v, struct cpu_regs *r, struct vmcb *b)
{
    hvm_exit_cpuid(v, r, length_of(b, 2));
}

static void exit_read_tsc(struct vcpu *v, struct cpu_regs *r, struct vmcb *b)
{
    bool with_aux = b->exit_code == VMEXIT_RDTSCP;

    hvm_exit_read_tsc(v, r, with_aux, length_of(b, with_aux ? 3 : 2));
}

static void exit_msr(struct vcpu *v, struct cpu_regs *r, struct vmcb *b)
{
    hvm_exit_msr(v, r, b->exit_info1 != 0, length_of(b, 2));
}

static void exit_hypercall(struct vcpu *v, struct cpu_regs *r, struct vmcb *b)
{
    hvm_exit_hypercall(v, r, length_of(b, 3));
}

static void exit_halt(struct vcpu *v, struct cpu_regs *r, struct vmcb *b)
{
    hvm_exit_halt(v, r, length_of(b, 1));
}

static void exit_xsetbv(struct vcpu *v, struct cpu_regs *r, struct vmcb *b)
{
    hvm_exit_xsetbv(v, r, length_of(b, 3));
}

/* INVD and WBINVD: caches are coherent, and the guest has no device of its own. */
static void exit_cache(struct vcpu *v, struct cpu_regs *r, struct vmcb *b)
{
    hvm_skip(v, r, length_of(b, 2));
}

static void exit_port(struct vcpu *v, struct cpu_regs *r, struct vmcb *b)
{
    unsigned int addr_size = (unsigned int)(b->exit_info1 >> 7 & 7) << 1;
    struct hvm_port_access a = {
        .port = (uint16_t)(b->exit_info1 >> 16),
        .size = b->exit_info1 >> 4 & 7,
        /* QEMU 7.2 leaves it out: then it is the mode's. */
        .addr_size = (uint8_t)(addr_size != 0 ? addr_size : hvm_in_long_mode(v) ? 8 : 4),
        .in = (b->exit_info1 & IOIO_IN) != 0,
        .string = (b->exit_info1 & IOIO_STRING) != 0,
        .rep = (b->exit_info1 & IOIO_REP) != 0,
        .next_rip = b->exit_info2,
    };

    hvm_exit_port(v, r, &a);
}

static void exit_nested_fault(struct vcpu *v, struct cpu_regs *r, struct vmcb *b)
{
    hvm_exit_nested_fault(v, r, b->exit_info2, (b->exit_info1 & NPF_WRITE) != 0);
}

static void exit_shutdown(struct vcpu *v, struct cpu_regs *r, struct vmcb *b)
{
    (void)r;
    (void)b;
    hvm_exit_triple_fault(v);
}

/* Instructions that are not offered. */
static void exit_undefined(struct vcpu *v, struct cpu_regs *r, struct vmcb *b)
{
    (void)r;
    (void)b;
    hvm_inject(v, TRAP_UD, false, 0);
}

static void exit_rdpmc(struct vcpu *v, struct cpu_regs *r, struct vmcb *b)
{
    (void)r;
    (void)b;
    hvm_inject(v, TRAP_GP, true, 0);
}

static void exit_exception(struct vcpu *v, struct cpu_regs *r, struct vmcb *b)
{
    unsigned int vector = (unsigned int)(b->exit_code - VMEXIT_EXCEPTION);

    (void)r;
    if (vector == TRAP_MC) {
        /* The machine's own: delivered again, to the hypervisor. */
        __asm__ __volatile__("int $18");
    } else {
        hvm_inject(v, vector, vector == TRAP_AC, 0);
    }
}

static exit_fn *const exits[] = {
    [VMEXIT_EXCEPTION + TRAP_DB] = exit_exception,
    [VMEXIT_EXCEPTION + TRAP_AC] = exit_exception,
    [VMEXIT_EXCEPTION + TRAP_MC] = exit_exception,
    [VMEXIT_INTR] = exit_interrupt,
    [VMEXIT_NMI] = exit_interrupt,
    [VMEXIT_SMI] = exit_interrupt,
    [VMEXIT_INIT] = exit_interrupt,
    [VMEXIT_VINTR] = exit_window,
    [VMEXIT_RDTSC] = exit_read_tsc,
    [VMEXIT_RDPMC] = exit_rdpmc,
    [VMEXIT_CPUID] = exit_cpuid,
    [VMEXIT_IRET] = exit_iret,
    [VMEXIT_INVD] = exit_cache,
    [VMEXIT_HLT] = exit_halt,
    [VMEXIT_INVLPGA] = exit_undefined,
    [VMEXIT_IOIO] = exit_port,
    [VMEXIT_MSR] = exit_msr,
    [VMEXIT_SHUTDOWN] = exit_shutdown,
    [VMEXIT_VMRUN] = exit_undefined,
    [VMEXIT_VMMCALL] = exit_hypercall,
    [VMEXIT_VMLOAD] = exit_undefined,
    [VMEXIT_VMSAVE] = exit_undefined,
    [VMEXIT_STGI] = exit_undefined,
    [VMEXIT_CLGI] = exit_undefined,
    [VMEXIT_SKINIT] = exit_undefined,
    [VMEXIT_RDTSCP] = exit_read_tsc,
    [VMEXIT_WBINVD] = exit_cache,
    [VMEXIT_MONITOR] = exit_undefined,
    [VMEXIT_MWAIT] = exit_undefined,
    [VMEXIT_XSETBV] = exit_xsetbv,
    [VMEXIT_NPF] = exit_nested_fault,
};

/* An event that the exit cut short is delivered again (APM vol. 2, 15.7.2). */
static void keep_event(struct hvm_event *e, uint64_t info)
{
    static const uint8_t types[8] = {
        [EVENT_INTR] = HVM_EVENT_INTERRUPT, [EVENT_NMI] = HVM_EVENT_NMI,
        [EVENT_EXCEPTION] = HVM_EVENT_EXCEPTION,
    };

    /* A software interrupt is delivered by its instruction, which is executed again. */
    *e = (struct hvm_event){
        .type = info & EVENT_VALID ? types[EVENT_TYPE(info)] : (uint8_t)HVM_EVENT_NONE,
        .vector = (uint8_t)info,
        .has_error = (info & EVENT_HAS_ERROR) != 0,
        .error = (uint32_t)(info >> 32),
    };
}

/* A virtual interrupt that the guest has not taken waits for the next entry. */
static void withdraw_interrupt(struct vcpu *v, struct vmcb *b)
{
    struct svm_vcpu *s = v->arch.hvm->engine;

    s->offers_interrupt = false;
    if (b->vintr & VINTR_V_IRQ) {
        v->arch.hvm->event = (struct hvm_event){
            .type = HVM_EVENT_INTERRUPT, .vector = (uint8_t)(b->vintr >> VINTR_VECTOR_SHIFT),
        };
    }
    b->vintr = VINTR_MASKING;
}

void svm_exit(void)
{
    struct vcpu *v = current;
    struct svm_vcpu *s = v->arch.hvm->engine;
    struct vmcb *b = s->vmcb;
    struct cpu_regs *r = guest_regs();
    uint64_t code = b->exit_code;

    r->rax = b->rax;
    r->rip = b->rip;
    r->rsp = b->rsp;
    r->rflags = b->rflags;
    r->cs = b->cs.selector | 3; /* whatever asks is to know that this is a guest's frame */
    r->ss = b->ss.selector;
    keep_event(&v->arch.hvm->event, b->exit_int_info);
    if (s->offers_interrupt) {
        withdraw_interrupt(v, b);
    }
    if (code < ARRAY_SIZE(exits) && exits[code] != NULL) {
        exits[code](v, r, b);
    } else {
        hvm_exit_unexpected(v, "exit", code);
    }
}

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What an engine (svm, vmx) owes the rest of hvm/, and the other way round.
 *
 * While exits are handled, the guest's general registers, RIP, RSP and RFLAGS are in the CPU's
 * register frame (guest_regs()); everything else is with the engine, behind the functions here. A
 * vCPU that doesn't run has the former in arch.regs.
 */
#ifndef HVM_ENGINE_H
#define HVM_ENGINE_H

#include <asm/cpu.h>
#include <asm/hvm.h>
#include <asm/vtsc.h>

enum hvm_reg {
    HVM_CR0, HVM_CR2, HVM_CR3, HVM_CR4, HVM_EFER, HVM_DR6, HVM_DR7, HVM_PAT,
    HVM_STAR, HVM_LSTAR, HVM_CSTAR, HVM_SFMASK, HVM_KERNEL_GS_BASE,
    HVM_SYSENTER_CS, HVM_SYSENTER_ESP, HVM_SYSENTER_EIP,
};

enum hvm_segment_name {
    HVM_ES, HVM_CS, HVM_SS, HVM_DS, HVM_FS, HVM_GS, HVM_LDTR, HVM_TR, HVM_GDTR, HVM_IDTR,
    HVM_NR_SEGMENTS
};

/* attr: bits 0-7 as in a descriptor's access byte, 8-11 AVL, L, D/B, G. 0: unusable. */
struct hvm_segment {
    uint16_t selector, attr;
    uint32_t limit;
    uint64_t base;
};

#define SEG_ATTR_L  0x200
#define SEG_ATTR_DB 0x400

enum hvm_event_type {
    HVM_EVENT_NONE, HVM_EVENT_INTERRUPT, HVM_EVENT_NMI, HVM_EVENT_EXCEPTION,
};

struct hvm_engine {
    const char *name;
    struct p2m_format p2m;
    /* On each CPU. False: firmware has locked it, or memory lacks; the text is printed. */
    bool (*start_cpu)(void);
    int (*vcpu_init)(struct vcpu *v);
    void (*vcpu_fini)(struct vcpu *v);
    /*
     * Around the next four for a vCPU that is not running: it is paused, and interrupts are on.
     */
    void (*open)(struct vcpu *v);
    void (*close)(struct vcpu *v);
    uint64_t (*get_reg)(const struct vcpu *v, enum hvm_reg reg);
    void (*set_reg)(struct vcpu *v, enum hvm_reg reg, uint64_t value);
    void (*get_segment)(const struct vcpu *v, enum hvm_segment_name s, struct hvm_segment *out);
    void (*set_segment)(struct vcpu *v, enum hvm_segment_name s, const struct hvm_segment *in);
    /* Whether an interrupt or NMI can be taken now: not in a shadow, no event under way. */
    bool (*is_interruptible)(const struct vcpu *v, bool nmi);
    /* An exit as soon as an interrupt (or NMI) could be taken. */
    void (*request_window)(struct vcpu *v, bool nmi);
    void (*clear_shadow)(struct vcpu *v);
    /* RDTSC gives the CPU's TSC plus the vCPU's offset or, where it is emulated, exits. */
    void (*set_tsc)(struct vcpu *v);
    /* The vCPU's translations are stale. */
    void (*flush_tlb)(struct vcpu *v);
    /* Onto this CPU, with interrupts on; and off it, with interrupts off. */
    void (*load)(struct vcpu *v);
    void (*save)(struct vcpu *v);
    /* Into the guest, from the CPU's empty stack. */
    void (*run)(void); /* does not return */
};

extern const struct hvm_engine *hvm_engine; /* NULL: none */
extern const struct hvm_engine svm_engine, vmx_engine;

/* Whether the boot CPU has it (svm/svm.c, vmx/vmx.c). */
bool svm_is_present(void);
bool vmx_is_present(void);

static inline bool hvm_in_long_mode(const struct vcpu *v)
{
    struct hvm_segment cs;

    hvm_engine->get_segment(v, HVM_CS, &cs);
    return (hvm_engine->get_reg(v, HVM_EFER) & EFER_LMA) != 0 && (cs.attr & SEG_ATTR_L);
}

/* The vCPU's TSC now. */
static inline uint64_t hvm_tsc(const struct vcpu *v)
{
    return vtsc_read(v->domain) + v->arch.hvm->tsc_offset;
}

/* Past an instruction that was carried out here. */
void hvm_skip(struct vcpu *v, struct cpu_regs *r, unsigned int length);
/* An exception for the running vCPU; two in a row make #DF, and three the domain's end. */
void hvm_inject(struct vcpu *v, unsigned int vector, bool has_error, uint32_t error);
void hvm_inject_page_fault(struct vcpu *v, uint64_t va, uint32_t error);

/*
 * Before each entry, with interrupts off: what is to be injected is in v->arch.hvm->event, and the
 * TLB is as the map wants it.
 */
void hvm_prepare_entry(struct vcpu *v);

/* Exits, by what the guest did. Those with a length move RIP themselves. */
void hvm_exit_cpuid(struct vcpu *v, struct cpu_regs *r, unsigned int length);
void hvm_exit_msr(struct vcpu *v, struct cpu_regs *r, bool write, unsigned int length);
void hvm_exit_hypercall(struct vcpu *v, struct cpu_regs *r, unsigned int length);
void hvm_exit_read_tsc(struct vcpu *v, struct cpu_regs *r, bool with_aux, unsigned int length);
void hvm_exit_halt(struct vcpu *v, struct cpu_regs *r, unsigned int length);
void hvm_exit_xsetbv(struct vcpu *v, struct cpu_regs *r, unsigned int length);
void hvm_exit_triple_fault(struct vcpu *v);
struct hvm_port_access {
    uint16_t port;
    uint8_t size;       /* 1, 2, 4 */
    uint8_t addr_size;  /* of a string instruction: 2, 4, 8 */
    bool in, string, rep;
    uint64_t next_rip;
};
void hvm_exit_port(struct vcpu *v, struct cpu_regs *r, const struct hvm_port_access *a);
/* A guest-physical address that the map has nothing for, or not for this access. */
void hvm_exit_nested_fault(struct vcpu *v, struct cpu_regs *r, uint64_t gpa, bool write);
/* An exit that no guest can cause, or that is not offered. */
void hvm_exit_unexpected(struct vcpu *v, const char *what, uint64_t info);

#endif

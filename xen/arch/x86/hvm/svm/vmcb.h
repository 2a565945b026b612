/* SPDX-License-Identifier: BSD-2-Clause */
/* The virtual machine control block (AMD APM vol. 2, appendix B). */
#ifndef HVM_SVM_VMCB_H
#define HVM_SVM_VMCB_H

#include <xen/types.h>

/* intercepts[3], [4]. */
#define INTERCEPT3_INTR     (1U << 0)
#define INTERCEPT3_NMI      (1U << 1)
#define INTERCEPT3_SMI      (1U << 2)
#define INTERCEPT3_INIT     (1U << 3)
#define INTERCEPT3_VINTR    (1U << 4)
#define INTERCEPT3_RDTSC    (1U << 14)
#define INTERCEPT3_RDPMC    (1U << 15)
#define INTERCEPT3_CPUID    (1U << 18)
#define INTERCEPT3_IRET     (1U << 20)
#define INTERCEPT3_INVD     (1U << 22)
#define INTERCEPT3_HLT      (1U << 24)
#define INTERCEPT3_INVLPGA  (1U << 26)
#define INTERCEPT3_IOIO     (1U << 27)
#define INTERCEPT3_MSR      (1U << 28)
#define INTERCEPT3_TASK     (1U << 29)
#define INTERCEPT3_FERR     (1U << 30)
#define INTERCEPT3_SHUTDOWN (1U << 31)
#define INTERCEPT4_VMRUN    (1U << 0)
#define INTERCEPT4_VMMCALL  (1U << 1)
#define INTERCEPT4_VMLOAD   (1U << 2)
#define INTERCEPT4_VMSAVE   (1U << 3)
#define INTERCEPT4_STGI     (1U << 4)
#define INTERCEPT4_CLGI     (1U << 5)
#define INTERCEPT4_SKINIT   (1U << 6)
#define INTERCEPT4_RDTSCP   (1U << 7)
#define INTERCEPT4_ICEBP    (1U << 8)
#define INTERCEPT4_WBINVD   (1U << 9)
#define INTERCEPT4_MONITOR  (1U << 10)
#define INTERCEPT4_MWAIT    (1U << 11)
#define INTERCEPT4_XSETBV   (1U << 13)

#define VMEXIT_EXCEPTION 0x040 /* plus the vector */
#define VMEXIT_INTR      0x060
#define VMEXIT_NMI       0x061
#define VMEXIT_SMI       0x062
#define VMEXIT_INIT      0x063
#define VMEXIT_VINTR     0x064
#define VMEXIT_RDTSC     0x06e
#define VMEXIT_RDPMC     0x06f
#define VMEXIT_CPUID     0x072
#define VMEXIT_IRET      0x074
#define VMEXIT_INVD      0x076
#define VMEXIT_HLT       0x078
#define VMEXIT_INVLPGA   0x07a
#define VMEXIT_IOIO      0x07b
#define VMEXIT_MSR       0x07c
#define VMEXIT_TASK      0x07d
#define VMEXIT_SHUTDOWN  0x07f
#define VMEXIT_VMRUN     0x080
#define VMEXIT_VMMCALL   0x081
#define VMEXIT_VMLOAD    0x082
#define VMEXIT_VMSAVE    0x083
#define VMEXIT_STGI      0x084
#define VMEXIT_CLGI      0x085
#define VMEXIT_SKINIT    0x086
#define VMEXIT_RDTSCP    0x087
#define VMEXIT_ICEBP     0x088
#define VMEXIT_WBINVD    0x089
#define VMEXIT_MONITOR   0x08a
#define VMEXIT_MWAIT     0x08b
#define VMEXIT_MWAIT_ARMED 0x08c
#define VMEXIT_XSETBV    0x08d
#define VMEXIT_NPF       0x400
#define VMEXIT_INVALID   (~0UL)

#define VINTR_V_IRQ      (1UL << 8)
#define VINTR_V_IGN_TPR  (1UL << 20)
#define VINTR_PRIORITY   (0xfUL << 16)
#define VINTR_MASKING    (1UL << 24)
#define VINTR_VECTOR_SHIFT 32
#define TLB_CONTROL_FLUSH_ALL 1
#define NESTED_PAGING    1UL
#define SHADOW_INTERRUPT 1UL

/* Events: bits 0-7 vector, 8-10 type, 11 error code valid, 31 valid, 32-63 error code. */
#define EVENT_VALID      (1UL << 31)
#define EVENT_HAS_ERROR  (1UL << 11)
#define EVENT_TYPE(e)    ((unsigned int)(e) >> 8 & 7)
#define EVENT_INTR       0U
#define EVENT_NMI        2U
#define EVENT_EXCEPTION  3U
#define EVENT_SOFT_INT   4U

struct vmcb_segment {
    uint16_t selector, attr;
    uint32_t limit;
    uint64_t base;
};

struct vmcb {
    uint16_t intercept_cr_read, intercept_cr_write;
    uint16_t intercept_dr_read, intercept_dr_write;
    uint32_t intercept_exceptions;
    uint32_t intercept3, intercept4, intercept5;
    uint8_t reserved0[0x3c - 0x18];
    uint16_t pause_threshold, pause_count;
    uint64_t iopm_base, msrpm_base;
    uint64_t tsc_offset;
    uint32_t asid;
    uint8_t tlb_control, reserved1[3];
    uint64_t vintr;
    uint64_t interrupt_shadow;
    uint64_t exit_code, exit_info1, exit_info2;
    uint64_t exit_int_info;
    uint64_t nested_control;
    uint64_t avic_bar, ghcb;
    uint64_t event_inject;
    uint64_t nested_cr3;
    uint64_t lbr_control;
    uint32_t clean_bits, reserved2;
    uint64_t next_rip;
    uint8_t reserved3[0x400 - 0xd0];

    struct vmcb_segment es, cs, ss, ds, fs, gs, gdtr, ldtr, idtr, tr;
    uint8_t reserved4[0x4cb - 0x4a0];
    uint8_t cpl;
    uint32_t reserved5;
    uint64_t efer;
    uint8_t reserved6[0x548 - 0x4d8];
    uint64_t cr4, cr3, cr0, dr7, dr6, rflags, rip;
    uint8_t reserved7[0x5d8 - 0x580];
    uint64_t rsp;
    uint8_t reserved8[0x5f8 - 0x5e0];
    uint64_t rax, star, lstar, cstar, sfmask, kernel_gs_base;
    uint64_t sysenter_cs, sysenter_esp, sysenter_eip, cr2;
    uint8_t reserved9[0x668 - 0x648];
    uint64_t g_pat;
    uint8_t reserved10[0x1000 - 0x670];
};
_Static_assert(sizeof(struct vmcb) == 4096 && offsetof(struct vmcb, iopm_base) == 0x40 &&
               offsetof(struct vmcb, vintr) == 0x60 &&
               offsetof(struct vmcb, event_inject) == 0xa8 &&
               offsetof(struct vmcb, next_rip) == 0xc8 && offsetof(struct vmcb, es) == 0x400 &&
               offsetof(struct vmcb, cpl) == 0x4cb && offsetof(struct vmcb, efer) == 0x4d0 &&
               offsetof(struct vmcb, rip) == 0x578 && offsetof(struct vmcb, rsp) == 0x5d8 &&
               offsetof(struct vmcb, rax) == 0x5f8 && offsetof(struct vmcb, g_pat) == 0x668,
               "AMD APM vol. 2, appendix B");

/* What the engine keeps of a vCPU. */
struct svm_vcpu {
    struct vmcb *vmcb;
    uint64_t vmcb_maddr;
    uint64_t asid_epoch; /* of the CPU that gave the ASID */
    unsigned int asid_cpu;
    bool is_flush_due;
    bool is_nmi_masked;  /* between an NMI and its IRET */
    bool offers_interrupt; /* by V_IRQ, since the last entry */
};

/* svm/exit.c: after each exit, on the CPU's stack, interrupts on. */
void svm_exit(void);
/* svm/svm.c: with interrupts off; the last C before the guest. */
void svm_before_entry(void);

#endif

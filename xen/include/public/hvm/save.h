/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The state of an HVM domain's virtual hardware as the tools move it: records behind descriptors,
 * HEADER first, END last. See docs/interface/hvm.md.
 */
#ifndef PUBLIC_HVM_SAVE_H
#define PUBLIC_HVM_SAVE_H

#include "../xen.h"

struct hvm_save_descriptor {
    uint16_t typecode;
    uint16_t instance; /* the vCPU's number */
    uint32_t length;   /* of what follows */
};
XEN_ABI_SIZE(struct hvm_save_descriptor, 8, "hvm.md");

#define HVM_SAVE_CODE_END    0
#define HVM_SAVE_CODE_HEADER 1
#define HVM_SAVE_CODE_CPU    2
#define HVM_SAVE_CODE_LAPIC  5
#define HVM_SAVE_CODE_MTRR   14

#define HVM_FILE_MAGIC   0x54381286
#define HVM_FILE_VERSION 1

struct hvm_save_header {
    uint32_t magic;
    uint32_t version;
    uint64_t changeset;
    uint32_t cpuid;    /* EAX of leaf 1 on the machine that saved it */
    uint32_t gtsc_khz;
};
XEN_ABI_SIZE(struct hvm_save_header, 24, "hvm.md");

struct hvm_hw_cpu {
    uint8_t fpu_regs[512];
    uint64_t rax, rbx, rcx, rdx, rbp, rsi, rdi, rsp;
    uint64_t r8, r9, r10, r11, r12, r13, r14, r15;
    uint64_t rip, rflags;
    uint64_t cr0, cr2, cr3, cr4;
    uint64_t dr0, dr1, dr2, dr3, dr6, dr7;
    uint32_t cs_sel, ds_sel, es_sel, fs_sel, gs_sel, ss_sel, tr_sel, ldtr_sel;
    uint32_t cs_limit, ds_limit, es_limit, fs_limit, gs_limit, ss_limit, tr_limit, ldtr_limit,
        idtr_limit, gdtr_limit;
    uint64_t cs_base, ds_base, es_base, fs_base, gs_base, ss_base, tr_base, ldtr_base, idtr_base,
        gdtr_base;
    uint32_t cs_arbytes, ds_arbytes, es_arbytes, fs_arbytes, gs_arbytes, ss_arbytes, tr_arbytes,
        ldtr_arbytes;
    uint64_t sysenter_cs, sysenter_esp, sysenter_eip;
    uint64_t shadow_gs;
    uint64_t msr_flags;
    uint64_t msr_lstar, msr_star, msr_cstar, msr_syscall_mask, msr_efer, msr_tsc_aux;
    uint64_t tsc;
    uint32_t pending_event; /* vector, type << 8, error code valid << 11, valid << 31 */
    uint32_t error_code;
    uint32_t flags;         /* XEN_X86_FPU_INITIALISED */
    uint32_t pad0;
};
XEN_ABI_SIZE(struct hvm_hw_cpu, 1032, "hvm.md");
XEN_ABI_OFFSET(struct hvm_hw_cpu, cs_sel, 736, "hvm.md");
XEN_ABI_OFFSET(struct hvm_hw_cpu, cs_base, 808, "hvm.md");

#define XEN_X86_FPU_INITIALISED 1u

struct hvm_hw_lapic {
    uint64_t apic_base_msr;
    uint32_t disabled;
    uint32_t timer_divisor;
    uint64_t tdt_msr;
};
XEN_ABI_SIZE(struct hvm_hw_lapic, 24, "hvm.md");

struct hvm_hw_mtrr {
    uint64_t msr_pat_cr;
    uint64_t msr_mtrr_var[16]; /* base and mask by turns */
    uint64_t msr_mtrr_fixed[11];
    uint64_t msr_mtrr_cap;
    uint64_t msr_mtrr_def_type;
};
XEN_ABI_SIZE(struct hvm_hw_mtrr, 240, "hvm.md");

#endif /* PUBLIC_HVM_SAVE_H */

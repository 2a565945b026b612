/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the interface fixes for 64-bit x86: selectors, the reserved part of the address space,
 * register and context layouts. Described in docs/interface/cpu.md, mmu.md and boot.md.
 */
#ifndef PUBLIC_ARCH_X86_64_H
#define PUBLIC_ARCH_X86_64_H

#include "abi_check.h"

/* The guest owns the first 14 pages of its GDT; the hypervisor's entries follow. */
#define FIRST_RESERVED_GDT_PAGE  14
#define FIRST_RESERVED_GDT_BYTE  (FIRST_RESERVED_GDT_PAGE * 4096)
#define FIRST_RESERVED_GDT_ENTRY (FIRST_RESERVED_GDT_BYTE / 8)

/* Flat segments that the hypervisor provides. A guest kernel runs in ring 3, like its processes. */
#define FLAT_RING3_CS32 0xe023
#define FLAT_RING3_CS64 0xe033
#define FLAT_RING3_DS32 0xe02b
#define FLAT_RING3_DS64 0x0000
#define FLAT_RING3_SS32 0xe02b
#define FLAT_RING3_SS64 0xe02b

#define FLAT_KERNEL_CS64 FLAT_RING3_CS64
#define FLAT_KERNEL_CS32 FLAT_RING3_CS32
#define FLAT_KERNEL_CS   FLAT_KERNEL_CS64
#define FLAT_KERNEL_DS64 FLAT_RING3_DS64
#define FLAT_KERNEL_DS32 FLAT_RING3_DS32
#define FLAT_KERNEL_DS   FLAT_KERNEL_DS64
#define FLAT_KERNEL_SS64 FLAT_RING3_SS64
#define FLAT_KERNEL_SS32 FLAT_RING3_SS32
#define FLAT_KERNEL_SS   FLAT_KERNEL_SS64

#define FLAT_USER_CS64 FLAT_RING3_CS64
#define FLAT_USER_CS32 FLAT_RING3_CS32
#define FLAT_USER_CS   FLAT_USER_CS64
#define FLAT_USER_DS64 FLAT_RING3_DS64
#define FLAT_USER_DS32 FLAT_RING3_DS32
#define FLAT_USER_DS   FLAT_USER_DS64
#define FLAT_USER_SS64 FLAT_RING3_SS64
#define FLAT_USER_SS32 FLAT_RING3_SS32
#define FLAT_USER_SS   FLAT_USER_SS64

/* L4 slots 256 to 271 are the hypervisor's; the first shows the machine-to-physical table. */
#define HYPERVISOR_VIRT_START  0xffff800000000000
#define HYPERVISOR_VIRT_END    0xffff880000000000
#define MACH2PHYS_VIRT_START   0xffff800000000000
#define MACH2PHYS_VIRT_END     0xffff804000000000
#define MACH2PHYS_NR_ENTRIES   ((MACH2PHYS_VIRT_END - MACH2PHYS_VIRT_START) / 8)

/* vCPUs that have their vcpu_info inside shared_info; the others must register one. */
#define XEN_LEGACY_MAX_VCPUS 32

/* set_segment_base: which base, or (the last) the selector for the user's GS. */
#define SEGBASE_FS          0
#define SEGBASE_GS_USER     1
#define SEGBASE_GS_KERNEL   2
#define SEGBASE_GS_USER_SEL 3

/* vcpu_guest_context.flags; in_syscall is also a flag of the iret frame. */
#define VGCF_i387_valid               (1 << 0)
#define VGCF_in_kernel                (1 << 2)
#define VGCF_failsafe_disables_events (1 << 3)
#define VGCF_syscall_disables_events  (1 << 4)
#define VGCF_online                   (1 << 5)
#define VGCF_in_syscall               (1 << 8)

/* A port on which a guest may write text for the hypervisor's log, one byte at a time (HVM). */
#define XEN_HVM_DEBUGCONS_IOPORT 0xe9

/* UD2 and the letters "xen" before an instruction ask for its emulation. Only CPUID is accepted. */
#ifdef __ASSEMBLER__
#define XEN_EMULATE_PREFIX .byte 0x0f, 0x0b, 0x78, 0x65, 0x6e;
#define XEN_CPUID          XEN_EMULATE_PREFIX cpuid
#else
#define XEN_EMULATE_PREFIX ".byte 0x0f, 0x0b, 0x78, 0x65, 0x6e; "
#define XEN_CPUID          XEN_EMULATE_PREFIX "cpuid"

typedef uint64_t xen_pfn_t;
typedef uint64_t xen_ulong_t;
typedef uint64_t xen_callback_t;

/* One entry of a vCPU's virtual IDT. flags: bits 0-1 DPL, bit 2 masks events on entry. */
struct trap_info {
    uint8_t vector;
    uint8_t flags;
    uint16_t cs;
    uint64_t address;
};
XEN_ABI_SIZE(struct trap_info, 16, "cpu.md");
XEN_ABI_OFFSET(struct trap_info, address, 8, "cpu.md");

#define TI_GET_DPL(ti)      ((ti)->flags & 3)
#define TI_GET_IF(ti)       ((ti)->flags & 4)
#define TI_SET_DPL(ti, dpl) ((ti)->flags |= (dpl))
#define TI_SET_IF(ti, on)   ((ti)->flags |= (on) ? 4 : 0)

/* What the iret hypercall pops from the guest kernel's stack. */
struct iret_context {
    uint64_t rax;
    uint64_t r11;
    uint64_t rcx;
    uint64_t flags;
    uint64_t rip;
    uint64_t cs;
    uint64_t rflags;
    uint64_t rsp;
    uint64_t ss;
};
XEN_ABI_SIZE(struct iret_context, 72, "cpu.md");
XEN_ABI_OFFSET(struct iret_context, rip, 32, "cpu.md");

struct cpu_user_regs {
    uint64_t r15;
    uint64_t r14;
    uint64_t r13;
    uint64_t r12;
    uint64_t rbp;
    uint64_t rbx;
    uint64_t r11;
    uint64_t r10;
    uint64_t r9;
    uint64_t r8;
    uint64_t rax;
    uint64_t rcx;
    uint64_t rdx;
    uint64_t rsi;
    uint64_t rdi;
    uint32_t error_code;
    uint32_t entry_vector;
    uint64_t rip;
    uint16_t cs;
    uint16_t _pad0[1];
    uint8_t saved_upcall_mask;
    uint8_t _pad1[3];
    uint64_t rflags;
    uint64_t rsp;
    uint16_t ss;
    uint16_t _pad2[3];
    uint16_t es;
    uint16_t _pad3[3];
    uint16_t ds;
    uint16_t _pad4[3];
    uint16_t fs;
    uint16_t _pad5[3];
    uint16_t gs;
    uint16_t _pad6[3];
};
XEN_ABI_SIZE(struct cpu_user_regs, 200, "vcpu_op.md");
XEN_ABI_OFFSET(struct cpu_user_regs, rax, 80, "vcpu_op.md");
XEN_ABI_OFFSET(struct cpu_user_regs, error_code, 120, "vcpu_op.md");
XEN_ABI_OFFSET(struct cpu_user_regs, rip, 128, "vcpu_op.md");
XEN_ABI_OFFSET(struct cpu_user_regs, cs, 136, "vcpu_op.md");
XEN_ABI_OFFSET(struct cpu_user_regs, saved_upcall_mask, 140, "vcpu_op.md");
XEN_ABI_OFFSET(struct cpu_user_regs, rflags, 144, "vcpu_op.md");
XEN_ABI_OFFSET(struct cpu_user_regs, rsp, 152, "vcpu_op.md");
XEN_ABI_OFFSET(struct cpu_user_regs, ss, 160, "vcpu_op.md");
XEN_ABI_OFFSET(struct cpu_user_regs, gs, 192, "vcpu_op.md");

/* The state of a PV vCPU: given when it is created, read and written by the tools. */
struct vcpu_guest_context {
    struct {
        uint8_t x[512]; /* FXSAVE image, used only with VGCF_i387_valid */
    } fpu_ctxt;
    uint64_t flags;
    struct cpu_user_regs user_regs;
    struct trap_info trap_ctxt[256];
    uint64_t ldt_base;
    uint64_t ldt_ents;
    uint64_t gdt_frames[16];
    uint64_t gdt_ents;
    uint64_t kernel_ss;
    uint64_t kernel_sp;
    uint64_t ctrlreg[8]; /* [1]: user L4, [3]: kernel L4, both as machine address of the table */
    uint64_t debugreg[8];
    uint64_t event_callback_eip;
    uint64_t failsafe_callback_eip;
    uint64_t syscall_callback_eip;
    uint64_t vm_assist;
    uint64_t fs_base;
    uint64_t gs_base_kernel;
    uint64_t gs_base_user;
};
XEN_ABI_SIZE(struct vcpu_guest_context, 5168, "vcpu_op.md");
XEN_ABI_OFFSET(struct vcpu_guest_context, flags, 512, "vcpu_op.md");
XEN_ABI_OFFSET(struct vcpu_guest_context, user_regs, 520, "vcpu_op.md");
XEN_ABI_OFFSET(struct vcpu_guest_context, trap_ctxt, 720, "vcpu_op.md");
XEN_ABI_OFFSET(struct vcpu_guest_context, ldt_base, 4816, "vcpu_op.md");
XEN_ABI_OFFSET(struct vcpu_guest_context, gdt_frames, 4832, "vcpu_op.md");
XEN_ABI_OFFSET(struct vcpu_guest_context, kernel_ss, 4968, "vcpu_op.md");
XEN_ABI_OFFSET(struct vcpu_guest_context, ctrlreg, 4984, "vcpu_op.md");
XEN_ABI_OFFSET(struct vcpu_guest_context, debugreg, 5048, "vcpu_op.md");
XEN_ABI_OFFSET(struct vcpu_guest_context, event_callback_eip, 5112, "vcpu_op.md");
XEN_ABI_OFFSET(struct vcpu_guest_context, vm_assist, 5136, "vcpu_op.md");
XEN_ABI_OFFSET(struct vcpu_guest_context, gs_base_user, 5160, "vcpu_op.md");

/* CR3 as it stands in ctrlreg[] for a 64-bit guest. */
#define xen_pfn_to_cr3(pfn) ((uint64_t)(pfn) << 12)
#define xen_cr3_to_pfn(cr3) ((uint64_t)(cr3) >> 12)

/* Mostly written by the guest, for the tools that save or dump it. */
struct arch_shared_info {
    uint64_t max_pfn;
    xen_pfn_t pfn_to_mfn_frame_list_list;
    uint64_t nmi_reason;
    uint64_t p2m_cr3;
    uint64_t p2m_vaddr;
    uint64_t p2m_generation;
};
XEN_ABI_SIZE(struct arch_shared_info, 48, "time.md");
XEN_ABI_OFFSET(struct arch_shared_info, nmi_reason, 16, "time.md");

struct arch_vcpu_info {
    uint64_t cr2; /* of the last page fault delivered to this vCPU */
    uint64_t pad;
};
XEN_ABI_SIZE(struct arch_vcpu_info, 16, "time.md");

/* Parts of a CPU policy, as the tools read and write it. */
#define XEN_CPUID_NO_SUBLEAF 0xffffffffu

typedef struct xen_cpuid_leaf {
    uint32_t leaf;
    uint32_t subleaf;
    uint32_t a;
    uint32_t b;
    uint32_t c;
    uint32_t d;
} xen_cpuid_leaf_t;
XEN_ABI_SIZE(struct xen_cpuid_leaf, 24, "domctl.md");

typedef struct xen_msr_entry {
    uint32_t idx;
    uint32_t flags;
    uint64_t val;
} xen_msr_entry_t;
XEN_ABI_SIZE(struct xen_msr_entry, 16, "domctl.md");

#endif /* __ASSEMBLER__ */
#endif /* PUBLIC_ARCH_X86_64_H */

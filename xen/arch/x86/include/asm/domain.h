/* SPDX-License-Identifier: BSD-2-Clause */
/* What x86 adds to struct domain and struct vcpu: the paravirtual CPU's registers and tables. */
#ifndef ASM_DOMAIN_H
#define ASM_DOMAIN_H

#include <asm/page.h>
#include <asm/regs.h>
#include <asm/vtsc.h>
#include <xen/cpumask.h>
#include <xen/types.h>

struct fpu_state;
struct page_info;
struct cpu_policy;
struct domain_pirqs;
struct port_ranges;
struct hvm_domain;
struct hvm_vcpu;

struct arch_domain {
    struct hvm_domain *hvm;       /* NULL: paravirtual */
    uint64_t *window_l3;          /* table of slot 257: the vCPUs' GDT and LDT windows */
    struct cpu_policy *cpuid;     /* what the domain sees; cpu/cpuid.c */
    struct domain_pirqs *pirqs;   /* irq/pirq.c */
    struct domain_iocaps *iocaps; /* pv/iocaps.c: permitted ports, MMIO frames, irqs */
    uint32_t pci_cf8;             /* latched configuration address */
    uint8_t cmos_index;
    struct domain_tsc tsc;
    mfn_t pirq_eoi_map;           /* PHYSDEVOP_pirq_eoi_gmfn, or INVALID_MFN */
    uint64_t *pirq_eoi_bits;
    uint64_t vm_assist;           /* VMASST_TYPE_* bits; atomic */
};

/* One entry of the virtual interrupt table. Address 0: none. */
struct trap_entry {
    uint64_t address;
    uint8_t dpl;
    bool mask_events;
};

struct callback {
    uint64_t address;
    bool mask_events;
};

/* arch_vcpu.exit_work; atomic bits. */
#define EXIT_NMI   0x01 /* an NMI waits for the guest */
#define EXIT_MCE   0x02 /* a machine check waits for the guest */

#define GDT_GUEST_PAGES 14

struct arch_vcpu {
    struct cpu_regs regs;         /* while not running; else on the CPU's stack */
    struct hvm_vcpu *hvm;         /* NULL: paravirtual */

    bool kernel_mode;             /* guest kernel (true) or guest user; both run at CPL 3 */
    uint8_t iopl;                 /* virtual IOPL, 0-3 */
    bool task_switched;           /* virtual CR0.TS */

    mfn_t guest_table;            /* kernel L4; INVALID_MFN: none */
    mfn_t guest_table_user;       /* user L4; INVALID_MFN: none */
    struct page_info *old_table;  /* a table whose devalidation was preempted; pv/pt_update.c */
    uint64_t cr3;                 /* machine address of the table in use */

    uint64_t fs_base;
    uint64_t gs_base_kernel;      /* the inactive one is in KERNEL_GS_BASE while running */
    uint64_t gs_base_user;
    uint16_t ds, es, fs, gs;      /* saved selectors */

    uint64_t kernel_sp;
    uint16_t kernel_ss;

    struct trap_entry *traps;     /* 256 entries, one page */
    struct callback event_cb, failsafe_cb, syscall_cb, syscall32_cb, sysenter_cb;
    bool nmi_pending, nmi_masked, mce_pending, mce_masked;

    uint64_t cr2;                 /* before vcpu_info exists */
    uint64_t cr4;                 /* guest-controlled bits; pv/context.c merges them */
    uint64_t dr[8];               /* [4],[5] unused; dr[7]==0x400: not loaded */
    uint64_t xcr0;
    uint32_t tsc_aux;
    struct fpu_state *fpu;

    mfn_t gdt_frames[GDT_GUEST_PAGES];
    unsigned int gdt_entries;
    uint64_t ldt_base;
    unsigned int ldt_entries;
    uint16_t ldt_mapped;          /* bit n: page n of the LDT window is mapped */
    uint64_t *window_l1;          /* 32 entries: GDT pages 0-15, LDT pages 0-15 */

    uint64_t iobmp;               /* guest virtual address of the user port bitmap; 0: none */
    unsigned int iobmp_limit;

    uint8_t exit_work;            /* EXIT_*: looked at before the next guest instruction */
    bool areas_due;               /* runstate, time areas could not be written from user mode */
};

#endif

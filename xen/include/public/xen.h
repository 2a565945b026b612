/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The common part of the interface: hypercall numbers, domain ids, virtual interrupts, the shared
 * pages, and the structures of the calls that have no header of their own.
 */
#ifndef PUBLIC_XEN_H
#define PUBLIC_XEN_H

#include "arch-x86_64.h"

/* Hypercalls. Number in RAX, arguments in RDI RSI RDX R10 R8, result in RAX. */
#define __HYPERVISOR_set_trap_table                0
#define __HYPERVISOR_mmu_update                    1
#define __HYPERVISOR_set_gdt                       2
#define __HYPERVISOR_stack_switch                  3
#define __HYPERVISOR_set_callbacks                 4
#define __HYPERVISOR_fpu_taskswitch                5
#define __HYPERVISOR_sched_op_compat               6
#define __HYPERVISOR_platform_op                   7
#define __HYPERVISOR_set_debugreg                  8
#define __HYPERVISOR_get_debugreg                  9
#define __HYPERVISOR_update_descriptor             10
#define __HYPERVISOR_memory_op                     12
#define __HYPERVISOR_multicall                     13
#define __HYPERVISOR_update_va_mapping             14
#define __HYPERVISOR_set_timer_op                  15
#define __HYPERVISOR_event_channel_op_compat       16
#define __HYPERVISOR_xen_version                   17
#define __HYPERVISOR_console_io                    18
#define __HYPERVISOR_physdev_op_compat             19
#define __HYPERVISOR_grant_table_op                20
#define __HYPERVISOR_vm_assist                     21
#define __HYPERVISOR_update_va_mapping_otherdomain 22
#define __HYPERVISOR_iret                          23
#define __HYPERVISOR_vcpu_op                       24
#define __HYPERVISOR_set_segment_base              25
#define __HYPERVISOR_mmuext_op                     26
#define __HYPERVISOR_xsm_op                        27
#define __HYPERVISOR_nmi_op                        28
#define __HYPERVISOR_sched_op                      29
#define __HYPERVISOR_callback_op                   30
#define __HYPERVISOR_xenoprof_op                   31
#define __HYPERVISOR_event_channel_op              32
#define __HYPERVISOR_physdev_op                    33
#define __HYPERVISOR_hvm_op                        34
#define __HYPERVISOR_sysctl                        35
#define __HYPERVISOR_domctl                        36
#define __HYPERVISOR_kexec_op                      37
#define __HYPERVISOR_tmem_op                       38
#define __HYPERVISOR_argo_op                       39
#define __HYPERVISOR_xenpmu_op                     40
#define __HYPERVISOR_dm_op                         41
#define __HYPERVISOR_hypfs_op                      42
#define __HYPERVISOR_arch_0                        48
#define __HYPERVISOR_arch_1                        49
#define __HYPERVISOR_arch_2                        50
#define __HYPERVISOR_arch_3                        51
#define __HYPERVISOR_arch_4                        52
#define __HYPERVISOR_arch_5                        53
#define __HYPERVISOR_arch_6                        54
#define __HYPERVISOR_arch_7                        55
#define __HYPERVISOR_mca                           __HYPERVISOR_arch_0

/* Virtual interrupts. TIMER, DEBUG and XENPMU exist per vCPU, the others once per domain. */
#define VIRQ_TIMER      0
#define VIRQ_DEBUG      1
#define VIRQ_CONSOLE    2
#define VIRQ_DOM_EXC    3
#define VIRQ_TBUF       4
#define VIRQ_DEBUGGER   6
#define VIRQ_XENOPROF   7
#define VIRQ_CON_RING   8
#define VIRQ_PCPU_STATE 9
#define VIRQ_MEM_EVENT  10
#define VIRQ_ARGO       11
#define VIRQ_ENOMEM     12
#define VIRQ_XENPMU     13
#define VIRQ_ARCH_0     16
#define VIRQ_ARCH_1     17
#define VIRQ_ARCH_2     18
#define VIRQ_ARCH_3     19
#define VIRQ_ARCH_4     20
#define VIRQ_ARCH_5     21
#define VIRQ_ARCH_6     22
#define VIRQ_ARCH_7     23
#define VIRQ_MCA        VIRQ_ARCH_0
#define NR_VIRQS        24

/* Domain ids. Real domains stay below DOMID_FIRST_RESERVED; the rest stand for owners of memory. */
#define DOMID_FIRST_RESERVED 0x7ff0
#define DOMID_SELF           0x7ff0
#define DOMID_IO             0x7ff1
#define DOMID_XEN            0x7ff2
#define DOMID_COW            0x7ff3
#define DOMID_INVALID        0x7ff4
#define DOMID_IDLE           0x7fff
#define DOMID_MASK           0x7fff

/* mmu_update: what the low bits of mmu_update.ptr ask for. */
#define MMU_NORMAL_PT_UPDATE       0
#define MMU_MACHPHYS_UPDATE        1
#define MMU_PT_UPDATE_PRESERVE_AD  2
#define MMU_PT_UPDATE_NO_TRANSLATE 3

/* mmuext_op.cmd. */
#define MMUEXT_PIN_L1_TABLE       0
#define MMUEXT_PIN_L2_TABLE       1
#define MMUEXT_PIN_L3_TABLE       2
#define MMUEXT_PIN_L4_TABLE       3
#define MMUEXT_UNPIN_TABLE        4
#define MMUEXT_NEW_BASEPTR        5
#define MMUEXT_TLB_FLUSH_LOCAL    6
#define MMUEXT_INVLPG_LOCAL       7
#define MMUEXT_TLB_FLUSH_MULTI    8
#define MMUEXT_INVLPG_MULTI       9
#define MMUEXT_TLB_FLUSH_ALL      10
#define MMUEXT_INVLPG_ALL         11
#define MMUEXT_FLUSH_CACHE        12
#define MMUEXT_SET_LDT            13
#define MMUEXT_NEW_USER_BASEPTR   15
#define MMUEXT_CLEAR_PAGE         16
#define MMUEXT_COPY_PAGE          17
#define MMUEXT_FLUSH_CACHE_GLOBAL 18
#define MMUEXT_MARK_SUPER         19
#define MMUEXT_UNMARK_SUPER       20

/* update_va_mapping flags: which flush, and where. Instead of ALL: a pointer to a vCPU bitmap. */
#define UVMF_NONE           0
#define UVMF_TLB_FLUSH      1
#define UVMF_INVLPG         2
#define UVMF_FLUSHTYPE_MASK 3
#define UVMF_MULTI          0
#define UVMF_LOCAL          0
#define UVMF_ALL            4

#define CONSOLEIO_write 0
#define CONSOLEIO_read  1

#define VMASST_CMD_enable  0
#define VMASST_CMD_disable 1

#define VMASST_TYPE_4gb_segments         0
#define VMASST_TYPE_4gb_segments_notify  1
#define VMASST_TYPE_writable_pagetables  2
#define VMASST_TYPE_pae_extended_cr3     3
#define VMASST_TYPE_architectural_iopl   4
#define VMASST_TYPE_runstate_update_flag 5
#define VMASST_TYPE_m2p_strict           32

/* start_info.flags. */
#define SIF_PRIVILEGED      (1 << 0)
#define SIF_INITDOMAIN      (1 << 1)
#define SIF_MULTIBOOT_MOD   (1 << 2)
#define SIF_MOD_START_PFN   (1 << 3)
#define SIF_VIRT_P2M_4TOOLS (1 << 4)
#define SIF_PM_MASK         (0xff << 8)

#define MAX_GUEST_CMDLINE 1024

/* vcpu_time_info.flags. */
#define XEN_PVCLOCK_TSC_STABLE_BIT (1 << 0)
#define XEN_PVCLOCK_GUEST_STOPPED  (1 << 1)

#ifndef __ASSEMBLER__

typedef uint16_t domid_t;
typedef uint8_t xen_domain_handle_t[16];

struct mmu_update {
    uint64_t ptr; /* machine address of the entry, request in the low two bits */
    uint64_t val;
};
XEN_ABI_SIZE(struct mmu_update, 16, "mmu.md");

struct mmuext_op {
    uint32_t cmd;
    union {
        xen_pfn_t mfn;
        uint64_t linear_addr;
    } arg1;
    union {
        uint32_t nr_ents;
        XEN_GUEST_PTR(const void) vcpumask;
        xen_pfn_t src_mfn;
    } arg2;
};
XEN_ABI_SIZE(struct mmuext_op, 24, "mmu.md");
XEN_ABI_OFFSET(struct mmuext_op, arg1, 8, "mmu.md");
XEN_ABI_OFFSET(struct mmuext_op, arg2, 16, "mmu.md");

struct multicall_entry {
    xen_ulong_t op;
    xen_ulong_t result;
    xen_ulong_t args[6];
};
XEN_ABI_SIZE(struct multicall_entry, 64, "multicall.md");
XEN_ABI_OFFSET(struct multicall_entry, args, 16, "multicall.md");

/* A vCPU's clock. A copy is good only if version was even, and the same, before and after. */
struct vcpu_time_info {
    uint32_t version;
    uint32_t pad0;
    uint64_t tsc_timestamp;
    uint64_t system_time;
    uint32_t tsc_to_system_mul;
    int8_t tsc_shift;
    uint8_t flags;
    uint8_t pad1[2];
};
XEN_ABI_SIZE(struct vcpu_time_info, 32, "time.md");
XEN_ABI_OFFSET(struct vcpu_time_info, tsc_timestamp, 8, "time.md");
XEN_ABI_OFFSET(struct vcpu_time_info, system_time, 16, "time.md");
XEN_ABI_OFFSET(struct vcpu_time_info, tsc_to_system_mul, 24, "time.md");
XEN_ABI_OFFSET(struct vcpu_time_info, tsc_shift, 28, "time.md");
XEN_ABI_OFFSET(struct vcpu_time_info, flags, 29, "time.md");

struct vcpu_info {
    uint8_t evtchn_upcall_pending;
    uint8_t evtchn_upcall_mask;
    xen_ulong_t evtchn_pending_sel;
    struct arch_vcpu_info arch;
    struct vcpu_time_info time;
};
XEN_ABI_SIZE(struct vcpu_info, 64, "time.md");
XEN_ABI_OFFSET(struct vcpu_info, evtchn_upcall_mask, 1, "time.md");
XEN_ABI_OFFSET(struct vcpu_info, evtchn_pending_sel, 8, "time.md");
XEN_ABI_OFFSET(struct vcpu_info, arch, 16, "time.md");
XEN_ABI_OFFSET(struct vcpu_info, time, 32, "time.md");

/* One page per domain. Both sides write it, so the hypervisor trusts nothing it reads from it. */
struct shared_info {
    struct vcpu_info vcpu_info[XEN_LEGACY_MAX_VCPUS];
    xen_ulong_t evtchn_pending[64];
    xen_ulong_t evtchn_mask[64];
    uint32_t wc_version;
    uint32_t wc_sec;
    uint32_t wc_nsec;
    uint32_t wc_sec_hi;
    struct arch_shared_info arch;
};
XEN_ABI_SIZE(struct shared_info, 3136, "time.md");
XEN_ABI_OFFSET(struct shared_info, evtchn_pending, 0x800, "time.md");
XEN_ABI_OFFSET(struct shared_info, evtchn_mask, 0xa00, "time.md");
XEN_ABI_OFFSET(struct shared_info, wc_version, 0xc00, "time.md");
XEN_ABI_OFFSET(struct shared_info, wc_sec_hi, 0xc0c, "time.md");
XEN_ABI_OFFSET(struct shared_info, arch, 0xc10, "time.md");

/* What a PV kernel finds through RSI when it starts. */
struct start_info {
    char magic[32];
    uint64_t nr_pages;
    uint64_t shared_info; /* machine address */
    uint32_t flags;
    xen_pfn_t store_mfn;
    uint32_t store_evtchn;
    union {
        struct {
            xen_pfn_t mfn;
            uint32_t evtchn;
        } domU;
        struct {
            uint32_t info_off; /* of dom0_vga_console_info, from the start of this structure */
            uint32_t info_size;
        } dom0;
    } console;
    uint64_t pt_base; /* virtual address of the L4 */
    uint64_t nr_pt_frames;
    uint64_t mfn_list; /* virtual address of the frame list */
    uint64_t mod_start;
    uint64_t mod_len;
    int8_t cmd_line[MAX_GUEST_CMDLINE];
    uint64_t first_p2m_pfn;
    uint64_t nr_p2m_frames;
};
XEN_ABI_SIZE(struct start_info, 1168, "boot.md");
XEN_ABI_OFFSET(struct start_info, nr_pages, 0x20, "boot.md");
XEN_ABI_OFFSET(struct start_info, shared_info, 0x28, "boot.md");
XEN_ABI_OFFSET(struct start_info, flags, 0x30, "boot.md");
XEN_ABI_OFFSET(struct start_info, store_mfn, 0x38, "boot.md");
XEN_ABI_OFFSET(struct start_info, store_evtchn, 0x40, "boot.md");
XEN_ABI_OFFSET(struct start_info, console, 0x48, "boot.md");
XEN_ABI_OFFSET(struct start_info, pt_base, 0x58, "boot.md");
XEN_ABI_OFFSET(struct start_info, nr_pt_frames, 0x60, "boot.md");
XEN_ABI_OFFSET(struct start_info, mfn_list, 0x68, "boot.md");
XEN_ABI_OFFSET(struct start_info, mod_start, 0x70, "boot.md");
XEN_ABI_OFFSET(struct start_info, cmd_line, 0x80, "boot.md");
XEN_ABI_OFFSET(struct start_info, first_p2m_pfn, 0x480, "boot.md");

/* One boot module, when SIF_MULTIBOOT_MOD says that mod_start points to a list of them. */
struct xen_multiboot_mod_list {
    uint32_t mod_start;
    uint32_t mod_end;
    uint32_t cmdline;
    uint32_t pad;
};
XEN_ABI_SIZE(struct xen_multiboot_mod_list, 16, "boot.md");

/* dom0_vga_console_info.video_type. */
#define XEN_VGATYPE_TEXT_MODE_3 0x03
#define XEN_VGATYPE_VESA_LFB    0x23
#define XEN_VGATYPE_EFI_LFB     0x70

/* The state in which the boot loader left the screen. */
typedef struct dom0_vga_console_info {
    uint8_t video_type;
    union {
        struct {
            uint16_t font_height;
            uint16_t cursor_x;
            uint16_t cursor_y;
            uint16_t rows;
            uint16_t columns;
        } text_mode_3;
        struct {
            uint16_t width;
            uint16_t height;
            uint16_t bytes_per_line;
            uint16_t bits_per_pixel;
            uint32_t lfb_base;
            uint32_t lfb_size;
            uint8_t red_pos;
            uint8_t red_size;
            uint8_t green_pos;
            uint8_t green_size;
            uint8_t blue_pos;
            uint8_t blue_size;
            uint8_t rsvd_pos;
            uint8_t rsvd_size;
            uint32_t gbl_caps;
            uint16_t mode_attrs;
            uint16_t pad;
            uint32_t ext_lfb_base;
        } vesa_lfb;
    } u;
} dom0_vga_console_info_t;
XEN_ABI_SIZE(struct dom0_vga_console_info, 40, "boot.md");
XEN_ABI_OFFSET(struct dom0_vga_console_info, u, 4, "boot.md");
XEN_ABI_OFFSET(struct dom0_vga_console_info, u.vesa_lfb.gbl_caps, 28, "boot.md");
XEN_ABI_OFFSET(struct dom0_vga_console_info, u.vesa_lfb.ext_lfb_base, 36, "boot.md");

/* A bitmap in the caller's memory, as the control calls pass it. */
struct xenctl_bitmap {
    XEN_GUEST_PTR(uint8_t) bitmap;
    uint32_t nr_bits;
};
XEN_ABI_SIZE(struct xenctl_bitmap, 16, "domctl.md");

#endif /* __ASSEMBLER__ */
#endif /* PUBLIC_XEN_H */

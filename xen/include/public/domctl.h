/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Control of domains by the tools. The call changes with its version number, so a caller that was
 * built for another version is refused. See docs/interface/domctl.md.
 */
#ifndef PUBLIC_DOMCTL_H
#define PUBLIC_DOMCTL_H

#include "event_channel.h"
#include "grant_table.h"
#include "memory.h"
#include "xen.h"

#define XEN_DOMCTL_INTERFACE_VERSION 0x15

#define XEN_DOMCTL_createdomain            1
#define XEN_DOMCTL_destroydomain           2
#define XEN_DOMCTL_pausedomain             3
#define XEN_DOMCTL_unpausedomain           4
#define XEN_DOMCTL_getdomaininfo           5
#define XEN_DOMCTL_setvcpuaffinity         9
#define XEN_DOMCTL_shadow_op               10
#define XEN_DOMCTL_max_mem                 11
#define XEN_DOMCTL_setvcpucontext          12
#define XEN_DOMCTL_getvcpucontext          13
#define XEN_DOMCTL_getvcpuinfo             14
#define XEN_DOMCTL_max_vcpus               15
#define XEN_DOMCTL_scheduler_op            16
#define XEN_DOMCTL_setdomainhandle         17
#define XEN_DOMCTL_setdebugging            18
#define XEN_DOMCTL_irq_permission          19
#define XEN_DOMCTL_iomem_permission        20
#define XEN_DOMCTL_ioport_permission       21
#define XEN_DOMCTL_hypercall_init          22
#define XEN_DOMCTL_soft_reset_cont         23 /* how a preempted soft_reset is resumed */
#define XEN_DOMCTL_settimeoffset           24
#define XEN_DOMCTL_getvcpuaffinity         25
#define XEN_DOMCTL_real_mode_area          26
#define XEN_DOMCTL_resumedomain            27
#define XEN_DOMCTL_sendtrigger             28
#define XEN_DOMCTL_subscribe               29
#define XEN_DOMCTL_gethvmcontext           33
#define XEN_DOMCTL_sethvmcontext           34
#define XEN_DOMCTL_set_address_size        35
#define XEN_DOMCTL_get_address_size        36
#define XEN_DOMCTL_assign_device           37
#define XEN_DOMCTL_bind_pt_irq             38
#define XEN_DOMCTL_memory_mapping          39
#define XEN_DOMCTL_ioport_mapping          40
#define XEN_DOMCTL_set_ext_vcpucontext     42
#define XEN_DOMCTL_get_ext_vcpucontext     43
#define XEN_DOMCTL_set_opt_feature         44
#define XEN_DOMCTL_test_assign_device      45
#define XEN_DOMCTL_set_target              46
#define XEN_DOMCTL_deassign_device         47
#define XEN_DOMCTL_unbind_pt_irq           48
#define XEN_DOMCTL_get_device_group        50
#define XEN_DOMCTL_debug_op                54
#define XEN_DOMCTL_gethvmcontext_partial   55
#define XEN_DOMCTL_vm_event_op             56
#define XEN_DOMCTL_mem_sharing_op          57
#define XEN_DOMCTL_gettscinfo              59
#define XEN_DOMCTL_settscinfo              60
#define XEN_DOMCTL_getpageframeinfo3       61
#define XEN_DOMCTL_setvcpuextstate         62
#define XEN_DOMCTL_getvcpuextstate         63
#define XEN_DOMCTL_set_access_required     64
#define XEN_DOMCTL_audit_p2m               65
#define XEN_DOMCTL_set_virq_handler        66
#define XEN_DOMCTL_set_broken_page_p2m     67
#define XEN_DOMCTL_setnodeaffinity         68
#define XEN_DOMCTL_getnodeaffinity         69
#define XEN_DOMCTL_cacheflush              71
#define XEN_DOMCTL_get_vcpu_msrs           72
#define XEN_DOMCTL_set_vcpu_msrs           73
#define XEN_DOMCTL_setvnumainfo            74
#define XEN_DOMCTL_psr_cmt_op              75
#define XEN_DOMCTL_monitor_op              77
#define XEN_DOMCTL_psr_alloc               78
#define XEN_DOMCTL_soft_reset              79
#define XEN_DOMCTL_vuart_op                81
#define XEN_DOMCTL_get_cpu_policy          82
#define XEN_DOMCTL_set_cpu_policy          83
#define XEN_DOMCTL_vmtrace_op              84
#define XEN_DOMCTL_get_paging_mempool_size 85
#define XEN_DOMCTL_set_paging_mempool_size 86

/* xen_arch_domainconfig.emulation_flags: devices that the hypervisor emulates. */
#define XEN_X86_EMU_LAPIC    (1u << 0)
#define XEN_X86_EMU_HPET     (1u << 1)
#define XEN_X86_EMU_PM       (1u << 2)
#define XEN_X86_EMU_RTC      (1u << 3)
#define XEN_X86_EMU_IOAPIC   (1u << 4)
#define XEN_X86_EMU_PIC      (1u << 5)
#define XEN_X86_EMU_VGA      (1u << 6)
#define XEN_X86_EMU_IOMMU    (1u << 7)
#define XEN_X86_EMU_PIT      (1u << 8)
#define XEN_X86_EMU_USE_PIRQ (1u << 9)
#define XEN_X86_EMU_VPCI     (1u << 10)
#define XEN_X86_EMU_ALL      0x7ffu

/* xen_arch_domainconfig.misc_flags. */
#define XEN_X86_MSR_RELAXED    (1u << 0)
#define XEN_X86_MISC_FLAGS_MAX XEN_X86_MSR_RELAXED

struct xen_arch_domainconfig {
    uint32_t emulation_flags;
    uint32_t misc_flags;
};
XEN_ABI_SIZE(struct xen_arch_domainconfig, 8, "domctl.md");

/* xen_domctl_createdomain.flags, .iommu_opts and .grant_opts. */
#define XEN_DOMCTL_CDF_hvm          (1u << 0)
#define XEN_DOMCTL_CDF_hap          (1u << 1)
#define XEN_DOMCTL_CDF_s3_integrity (1u << 2)
#define XEN_DOMCTL_CDF_oos_off      (1u << 3)
#define XEN_DOMCTL_CDF_xs_domain    (1u << 4)
#define XEN_DOMCTL_CDF_iommu        (1u << 5)
#define XEN_DOMCTL_CDF_nested_virt  (1u << 6)
#define XEN_DOMCTL_CDF_vpmu         (1u << 7)
#define XEN_DOMCTL_CDF_MAX          XEN_DOMCTL_CDF_vpmu

#define XEN_DOMCTL_IOMMU_no_sharept (1u << 0)
#define XEN_DOMCTL_IOMMU_MAX        XEN_DOMCTL_IOMMU_no_sharept

#define XEN_DOMCTL_GRANT_version_mask 0xf
#define XEN_DOMCTL_GRANT_version(v)   ((v) & XEN_DOMCTL_GRANT_version_mask)

struct xen_domctl_createdomain {
    uint32_t ssidref;
    xen_domain_handle_t handle;
    uint32_t flags;
    uint32_t iommu_opts;
    uint32_t max_vcpus;
    uint32_t max_evtchn_port;
    int32_t max_grant_frames; /* negative: the default; the next one too */
    int32_t max_maptrack_frames;
    uint32_t grant_opts;
    uint32_t vmtrace_size;
    uint32_t cpupool_id;
    struct xen_arch_domainconfig arch;
};
XEN_ABI_SIZE(struct xen_domctl_createdomain, 64, "domctl.md");
XEN_ABI_OFFSET(struct xen_domctl_createdomain, flags, 20, "domctl.md");
XEN_ABI_OFFSET(struct xen_domctl_createdomain, max_vcpus, 28, "domctl.md");
XEN_ABI_OFFSET(struct xen_domctl_createdomain, arch, 56, "domctl.md");

/* xen_domctl_getdomaininfo.flags. */
#define XEN_DOMINF_dying         (1u << 0)
#define XEN_DOMINF_hvm_guest     (1u << 1)
#define XEN_DOMINF_shutdown      (1u << 2)
#define XEN_DOMINF_paused        (1u << 3)
#define XEN_DOMINF_blocked       (1u << 4)
#define XEN_DOMINF_running       (1u << 5)
#define XEN_DOMINF_debugged      (1u << 6)
#define XEN_DOMINF_xs_domain     (1u << 7)
#define XEN_DOMINF_hap           (1u << 8)
#define XEN_DOMINF_shutdownmask  255 /* the reason of the shutdown, after the shift */
#define XEN_DOMINF_shutdownshift 16

#define XEN_INVALID_MAX_VCPU_ID (~0u)

struct xen_domctl_getdomaininfo {
    domid_t domain;
    uint16_t pad1;
    uint32_t flags;
    uint64_t tot_pages;
    uint64_t max_pages;
    uint64_t outstanding_pages;
    uint64_t shr_pages;
    uint64_t paged_pages;
    uint64_t shared_info_frame;
    uint64_t cpu_time; /* ns */
    uint32_t nr_online_vcpus;
    uint32_t max_vcpu_id;
    uint32_t ssidref;
    xen_domain_handle_t handle;
    uint32_t cpupool;
    uint8_t gpaddr_bits;
    uint8_t pad2[7];
    struct xen_arch_domainconfig arch_config;
};
XEN_ABI_SIZE(struct xen_domctl_getdomaininfo, 112, "domctl.md");
XEN_ABI_OFFSET(struct xen_domctl_getdomaininfo, flags, 4, "domctl.md");
XEN_ABI_OFFSET(struct xen_domctl_getdomaininfo, shared_info_frame, 48, "domctl.md");
XEN_ABI_OFFSET(struct xen_domctl_getdomaininfo, handle, 76, "domctl.md");
XEN_ABI_OFFSET(struct xen_domctl_getdomaininfo, arch_config, 104, "domctl.md");

/* getpageframeinfo3: a frame number goes in, its type comes out in bits 28 to 31. */
#define XEN_DOMCTL_PFINFO_LTAB_SHIFT    28
#define XEN_DOMCTL_PFINFO_NOTAB         (0x0u << 28)
#define XEN_DOMCTL_PFINFO_L1TAB         (0x1u << 28)
#define XEN_DOMCTL_PFINFO_L2TAB         (0x2u << 28)
#define XEN_DOMCTL_PFINFO_L3TAB         (0x3u << 28)
#define XEN_DOMCTL_PFINFO_L4TAB         (0x4u << 28)
#define XEN_DOMCTL_PFINFO_LTABTYPE_MASK (0x7u << 28)
#define XEN_DOMCTL_PFINFO_LPINTAB       (0x1u << 31)
#define XEN_DOMCTL_PFINFO_XTAB          (0xfu << 28)
#define XEN_DOMCTL_PFINFO_XALLOC        (0xeu << 28)
#define XEN_DOMCTL_PFINFO_BROKEN        (0xdu << 28)
#define XEN_DOMCTL_PFINFO_LTAB_MASK     (0xfu << 28)

struct xen_domctl_getpageframeinfo3 {
    uint64_t num;
    XEN_GUEST_PTR(xen_pfn_t) array;
};
XEN_ABI_SIZE(struct xen_domctl_getpageframeinfo3, 16, "domctl.md");

#define XEN_DOMCTL_SHADOW_OP_OFF             0
#define XEN_DOMCTL_SHADOW_OP_ENABLE_TEST     1
#define XEN_DOMCTL_SHADOW_OP_ENABLE_LOGDIRTY 2
#define XEN_DOMCTL_SHADOW_OP_CLEAN           11
#define XEN_DOMCTL_SHADOW_OP_PEEK            12
#define XEN_DOMCTL_SHADOW_OP_GET_ALLOCATION  30
#define XEN_DOMCTL_SHADOW_OP_SET_ALLOCATION  31
#define XEN_DOMCTL_SHADOW_OP_ENABLE          32

#define XEN_DOMCTL_SHADOW_ENABLE_REFCOUNT  (1 << 1)
#define XEN_DOMCTL_SHADOW_ENABLE_LOG_DIRTY (1 << 2)
#define XEN_DOMCTL_SHADOW_ENABLE_TRANSLATE (1 << 3)
#define XEN_DOMCTL_SHADOW_ENABLE_EXTERNAL  (1 << 4)
#define XEN_DOMCTL_SHADOW_LOGDIRTY_FINAL   (1 << 0)

struct xen_domctl_shadow_op_stats {
    uint32_t fault_count;
    uint32_t dirty_count;
};
XEN_ABI_SIZE(struct xen_domctl_shadow_op_stats, 8, "domctl.md");

struct xen_domctl_shadow_op {
    uint32_t op;
    uint32_t mode;
    uint32_t mb;
    XEN_GUEST_PTR(uint8_t) dirty_bitmap;
    uint64_t pages;
    struct xen_domctl_shadow_op_stats stats;
};
XEN_ABI_SIZE(struct xen_domctl_shadow_op, 40, "domctl.md");
XEN_ABI_OFFSET(struct xen_domctl_shadow_op, dirty_bitmap, 16, "domctl.md");

struct xen_domctl_max_mem {
    uint64_t max_memkb;
};
XEN_ABI_SIZE(struct xen_domctl_max_mem, 8, "domctl.md");

struct xen_domctl_vcpucontext {
    uint32_t vcpu;
    XEN_GUEST_PTR(struct vcpu_guest_context) ctxt;
};
XEN_ABI_SIZE(struct xen_domctl_vcpucontext, 16, "domctl.md");

struct xen_domctl_getvcpuinfo {
    uint32_t vcpu; /* in */
    uint8_t online;
    uint8_t blocked;
    uint8_t running;
    uint64_t cpu_time;
    uint32_t cpu;
};
XEN_ABI_SIZE(struct xen_domctl_getvcpuinfo, 24, "domctl.md");

struct xen_domctl_nodeaffinity {
    struct xenctl_bitmap nodemap;
};
XEN_ABI_SIZE(struct xen_domctl_nodeaffinity, 16, "domctl.md");

/* xen_domctl_vcpuaffinity.flags. */
#define XEN_VCPUAFFINITY_HARD  (1u << 0)
#define XEN_VCPUAFFINITY_SOFT  (1u << 1)
#define XEN_VCPUAFFINITY_FORCE (1u << 2)

struct xen_domctl_vcpuaffinity {
    uint32_t vcpu;
    uint32_t flags;
    struct xenctl_bitmap cpumap_hard;
    struct xenctl_bitmap cpumap_soft;
};
XEN_ABI_SIZE(struct xen_domctl_vcpuaffinity, 40, "domctl.md");

struct xen_domctl_max_vcpus {
    uint32_t max;
};
XEN_ABI_SIZE(struct xen_domctl_max_vcpus, 4, "domctl.md");

#define XEN_SCHEDULER_CREDIT   5
#define XEN_SCHEDULER_CREDIT2  6
#define XEN_SCHEDULER_ARINC653 7
#define XEN_SCHEDULER_RTDS     8
#define XEN_SCHEDULER_NULL     9

#define XEN_DOMCTL_SCHEDOP_putinfo     0
#define XEN_DOMCTL_SCHEDOP_getinfo     1
#define XEN_DOMCTL_SCHEDOP_putvcpuinfo 2
#define XEN_DOMCTL_SCHEDOP_getvcpuinfo 3

#define XEN_DOMCTL_SCHEDRT_extra (1u << 0)

struct xen_domctl_sched_credit {
    uint16_t weight;
    uint16_t cap;
};
XEN_ABI_SIZE(struct xen_domctl_sched_credit, 4, "domctl.md");

struct xen_domctl_sched_credit2 {
    uint16_t weight;
    uint16_t cap;
};
XEN_ABI_SIZE(struct xen_domctl_sched_credit2, 4, "domctl.md");

struct xen_domctl_sched_rtds {
    uint32_t period;
    uint32_t budget;
    uint32_t flags;
};
XEN_ABI_SIZE(struct xen_domctl_sched_rtds, 12, "domctl.md");

struct xen_domctl_schedparam_vcpu {
    union {
        struct xen_domctl_sched_credit credit;
        struct xen_domctl_sched_credit2 credit2;
        struct xen_domctl_sched_rtds rtds;
    } u;
    uint32_t vcpuid;
};
XEN_ABI_SIZE(struct xen_domctl_schedparam_vcpu, 16, "domctl.md");

struct xen_domctl_scheduler_op {
    uint32_t sched_id;
    uint32_t cmd;
    union {
        struct xen_domctl_sched_credit credit;
        struct xen_domctl_sched_credit2 credit2;
        struct xen_domctl_sched_rtds rtds;
        struct {
            XEN_GUEST_PTR(struct xen_domctl_schedparam_vcpu) vcpus;
            uint32_t nr_vcpus;
            uint32_t padding;
        } v;
    } u;
};
XEN_ABI_SIZE(struct xen_domctl_scheduler_op, 24, "domctl.md");

struct xen_domctl_setdomainhandle {
    xen_domain_handle_t handle;
};
XEN_ABI_SIZE(struct xen_domctl_setdomainhandle, 16, "domctl.md");

struct xen_domctl_setdebugging {
    uint8_t enable;
};
XEN_ABI_SIZE(struct xen_domctl_setdebugging, 1, "domctl.md");

struct xen_domctl_irq_permission {
    uint32_t pirq;
    uint8_t allow_access;
    uint8_t pad[3];
};
XEN_ABI_SIZE(struct xen_domctl_irq_permission, 8, "domctl.md");

struct xen_domctl_iomem_permission {
    uint64_t first_mfn;
    uint64_t nr_mfns;
    uint8_t allow_access;
};
XEN_ABI_SIZE(struct xen_domctl_iomem_permission, 24, "domctl.md");

struct xen_domctl_ioport_permission {
    uint32_t first_port;
    uint32_t nr_ports;
    uint8_t allow_access;
};
XEN_ABI_SIZE(struct xen_domctl_ioport_permission, 12, "domctl.md");

struct xen_domctl_hypercall_init {
    uint64_t gmfn;
};
XEN_ABI_SIZE(struct xen_domctl_hypercall_init, 8, "domctl.md");

struct xen_domctl_settimeoffset {
    int64_t time_offset_seconds;
};
XEN_ABI_SIZE(struct xen_domctl_settimeoffset, 8, "domctl.md");

struct xen_domctl_tsc_info {
    uint32_t tsc_mode;
    uint32_t gtsc_khz;
    uint32_t incarnation;
    uint32_t pad;
    uint64_t elapsed_nsec;
};
XEN_ABI_SIZE(struct xen_domctl_tsc_info, 24, "domctl.md");

struct xen_domctl_hvmcontext {
    uint32_t size; /* in: room; out: bytes; a null buffer asks for the size */
    XEN_GUEST_PTR(uint8_t) buffer;
};
XEN_ABI_SIZE(struct xen_domctl_hvmcontext, 16, "domctl.md");

struct xen_domctl_hvmcontext_partial {
    uint32_t type;
    uint32_t instance;
    uint64_t bufsz;
    XEN_GUEST_PTR(uint8_t) buffer;
};
XEN_ABI_SIZE(struct xen_domctl_hvmcontext_partial, 24, "domctl.md");

struct xen_domctl_address_size {
    uint32_t size; /* bits */
};
XEN_ABI_SIZE(struct xen_domctl_address_size, 4, "domctl.md");

#define XEN_DOMCTL_SENDTRIGGER_NMI   0
#define XEN_DOMCTL_SENDTRIGGER_RESET 1
#define XEN_DOMCTL_SENDTRIGGER_INIT  2
#define XEN_DOMCTL_SENDTRIGGER_POWER 3
#define XEN_DOMCTL_SENDTRIGGER_SLEEP 4

struct xen_domctl_sendtrigger {
    uint32_t trigger;
    uint32_t vcpu;
};
XEN_ABI_SIZE(struct xen_domctl_sendtrigger, 8, "domctl.md");

#define XEN_DOMCTL_DEV_PCI         0
#define XEN_DOMCTL_DEV_DT          1
#define XEN_DOMCTL_DEV_RDM_RELAXED 1

/* machine_sbdf: segment in bits 16 to 31, then bus, device and function. */
struct xen_domctl_assign_device {
    uint32_t dev;
    uint32_t flags;
    union {
        struct {
            uint32_t machine_sbdf;
        } pci;
        struct {
            uint32_t size;
            XEN_GUEST_PTR(char) path;
        } dt;
    } u;
};
XEN_ABI_SIZE(struct xen_domctl_assign_device, 24, "domctl.md");

struct xen_domctl_get_device_group {
    uint32_t machine_sbdf;
    uint32_t max_sdevs;
    uint32_t num_sdevs;
    XEN_GUEST_PTR(uint32_t) sdev_array;
};
XEN_ABI_SIZE(struct xen_domctl_get_device_group, 24, "domctl.md");

/* xen_domctl_bind_pt_irq.irq_type. */
enum pt_irq_type {
    PT_IRQ_TYPE_PCI = 0,
    PT_IRQ_TYPE_ISA = 1,
    PT_IRQ_TYPE_MSI = 2,
    PT_IRQ_TYPE_MSI_TRANSLATE = 3,
    PT_IRQ_TYPE_SPI = 4,
};

#define XEN_DOMCTL_VMSI_X86_DEST_ID_MASK 0x0000ff
#define XEN_DOMCTL_VMSI_X86_RH_MASK      0x000100
#define XEN_DOMCTL_VMSI_X86_DM_MASK      0x000200
#define XEN_DOMCTL_VMSI_X86_DELIV_MASK   0x007000
#define XEN_DOMCTL_VMSI_X86_TRIG_MASK    0x008000
#define XEN_DOMCTL_VMSI_X86_UNMASKED     0x010000

struct xen_domctl_bind_pt_irq {
    uint32_t machine_irq;
    uint32_t irq_type;
    union {
        struct {
            uint8_t isa_irq;
        } isa;
        struct {
            uint8_t bus;
            uint8_t device;
            uint8_t intx;
        } pci;
        struct {
            uint8_t gvec;
            uint32_t gflags;
            uint64_t gtable;
        } msi;
        struct {
            uint16_t spi;
        } spi;
    } u;
};
XEN_ABI_SIZE(struct xen_domctl_bind_pt_irq, 24, "domctl.md");

#define DPCI_ADD_MAPPING    1
#define DPCI_REMOVE_MAPPING 0

struct xen_domctl_memory_mapping {
    uint64_t first_gfn;
    uint64_t first_mfn;
    uint64_t nr_mfns;
    uint32_t add_mapping;
    uint32_t padding;
};
XEN_ABI_SIZE(struct xen_domctl_memory_mapping, 32, "domctl.md");

struct xen_domctl_ioport_mapping {
    uint32_t first_gport;
    uint32_t first_mport;
    uint32_t nr_ports;
    uint32_t add_mapping;
};
XEN_ABI_SIZE(struct xen_domctl_ioport_mapping, 16, "domctl.md");

/* The rest of a vCPU's state that vcpu_guest_context has no room for. */
struct xen_domctl_ext_vcpucontext {
    uint32_t vcpu;
    uint32_t size; /* in for set, out for get */
    uint64_t syscall32_callback_eip;
    uint64_t sysenter_callback_eip;
    uint16_t syscall32_callback_cs;
    uint16_t sysenter_callback_cs;
    uint8_t syscall32_disables_events;
    uint8_t sysenter_disables_events;
    uint64_t mcg_cap;
    uint64_t mci_ctl2[2];
    uint64_t mcg_ext_ctl;
};
XEN_ABI_SIZE(struct xen_domctl_ext_vcpucontext, 64, "domctl.md");
XEN_ABI_OFFSET(struct xen_domctl_ext_vcpucontext, mcg_cap, 32, "domctl.md");

struct xen_domctl_set_target {
    domid_t target;
};
XEN_ABI_SIZE(struct xen_domctl_set_target, 2, "domctl.md");

struct xen_domctl_subscribe {
    uint32_t port;
};
XEN_ABI_SIZE(struct xen_domctl_subscribe, 4, "domctl.md");

#define XEN_DOMCTL_DEBUG_OP_SINGLE_STEP_OFF 0
#define XEN_DOMCTL_DEBUG_OP_SINGLE_STEP_ON  1

struct xen_domctl_debug_op {
    uint32_t op;
    uint32_t vcpu;
};
XEN_ABI_SIZE(struct xen_domctl_debug_op, 8, "domctl.md");

struct xen_domctl_cpu_policy {
    uint32_t nr_leaves; /* in: room; out: entries; the next one too */
    uint32_t nr_msrs;
    XEN_GUEST_PTR(struct xen_cpuid_leaf) leaves;
    XEN_GUEST_PTR(struct xen_msr_entry) msrs;
    uint32_t err_leaf; /* out, for set: the entry that was refused, or all ones */
    uint32_t err_subleaf;
    uint32_t err_msr;
};
XEN_ABI_SIZE(struct xen_domctl_cpu_policy, 40, "domctl.md");
XEN_ABI_OFFSET(struct xen_domctl_cpu_policy, leaves, 8, "domctl.md");
XEN_ABI_OFFSET(struct xen_domctl_cpu_policy, err_leaf, 24, "domctl.md");

struct xen_domctl_set_virq_handler {
    uint32_t virq;
};
XEN_ABI_SIZE(struct xen_domctl_set_virq_handler, 4, "domctl.md");

struct xen_domctl_vcpuextstate {
    uint32_t vcpu;
    uint64_t xfeature_mask;
    uint64_t size; /* in: room; out: bytes; a null buffer asks for the size */
    XEN_GUEST_PTR(uint64_t) buffer;
};
XEN_ABI_SIZE(struct xen_domctl_vcpuextstate, 32, "domctl.md");

struct xen_domctl_cacheflush {
    xen_pfn_t start_pfn;
    xen_pfn_t nr_pfns;
};
XEN_ABI_SIZE(struct xen_domctl_cacheflush, 16, "domctl.md");

struct xen_domctl_vcpu_msr {
    uint32_t index;
    uint32_t reserved;
    uint64_t value;
};
XEN_ABI_SIZE(struct xen_domctl_vcpu_msr, 16, "domctl.md");

struct xen_domctl_vcpu_msrs {
    uint32_t vcpu;
    uint32_t msr_count;
    XEN_GUEST_PTR(struct xen_domctl_vcpu_msr) msrs;
};
XEN_ABI_SIZE(struct xen_domctl_vcpu_msrs, 16, "domctl.md");

struct xen_domctl_vnuma {
    uint32_t nr_vnodes;
    uint32_t nr_vmemranges;
    uint32_t nr_vcpus;
    uint32_t pad;
    XEN_GUEST_PTR(uint32_t) vdistance;
    XEN_GUEST_PTR(uint32_t) vcpu_to_vnode;
    XEN_GUEST_PTR(uint32_t) vnode_to_pnode;
    XEN_GUEST_PTR(struct xen_vmemrange) vmemrange;
};
XEN_ABI_SIZE(struct xen_domctl_vnuma, 48, "domctl.md");

struct xen_domctl_paging_mempool {
    uint64_t size; /* bytes */
};
XEN_ABI_SIZE(struct xen_domctl_paging_mempool, 8, "domctl.md");

struct xen_domctl {
    uint32_t cmd;
    uint32_t interface_version;
    domid_t domain;
    uint16_t _pad[3];
    union {
        struct xen_domctl_createdomain createdomain;
        struct xen_domctl_getdomaininfo getdomaininfo;
        struct xen_domctl_getpageframeinfo3 getpageframeinfo3;
        struct xen_domctl_shadow_op shadow_op;
        struct xen_domctl_max_mem max_mem;
        struct xen_domctl_vcpucontext vcpucontext;
        struct xen_domctl_getvcpuinfo getvcpuinfo;
        struct xen_domctl_nodeaffinity nodeaffinity;
        struct xen_domctl_vcpuaffinity vcpuaffinity;
        struct xen_domctl_max_vcpus max_vcpus;
        struct xen_domctl_scheduler_op scheduler_op;
        struct xen_domctl_setdomainhandle setdomainhandle;
        struct xen_domctl_setdebugging setdebugging;
        struct xen_domctl_irq_permission irq_permission;
        struct xen_domctl_iomem_permission iomem_permission;
        struct xen_domctl_ioport_permission ioport_permission;
        struct xen_domctl_hypercall_init hypercall_init;
        struct xen_domctl_settimeoffset settimeoffset;
        struct xen_domctl_tsc_info tsc_info;
        struct xen_domctl_hvmcontext hvmcontext;
        struct xen_domctl_hvmcontext_partial hvmcontext_partial;
        struct xen_domctl_address_size address_size;
        struct xen_domctl_sendtrigger sendtrigger;
        struct xen_domctl_assign_device assign_device;
        struct xen_domctl_get_device_group get_device_group;
        struct xen_domctl_bind_pt_irq bind_pt_irq;
        struct xen_domctl_memory_mapping memory_mapping;
        struct xen_domctl_ioport_mapping ioport_mapping;
        struct xen_domctl_ext_vcpucontext ext_vcpucontext;
        struct xen_domctl_set_target set_target;
        struct xen_domctl_subscribe subscribe;
        struct xen_domctl_debug_op debug_op;
        struct xen_domctl_cpu_policy cpu_policy;
        struct xen_domctl_set_virq_handler set_virq_handler;
        struct xen_domctl_vcpuextstate vcpuextstate;
        struct xen_domctl_cacheflush cacheflush;
        struct xen_domctl_vcpu_msrs vcpu_msrs;
        struct xen_domctl_vnuma vnuma;
        struct xen_domctl_paging_mempool paging_mempool;
        uint8_t pad[128];
    } u;
};
XEN_ABI_SIZE(struct xen_domctl, 144, "domctl.md");
XEN_ABI_OFFSET(struct xen_domctl, domain, 8, "domctl.md");
XEN_ABI_OFFSET(struct xen_domctl, u, 16, "domctl.md");

#endif /* PUBLIC_DOMCTL_H */

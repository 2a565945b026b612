/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Control of the whole machine by the tools. Like domctl, it refuses a caller that was built for
 * another version. See docs/interface/sysctl.md.
 */
#ifndef PUBLIC_SYSCTL_H
#define PUBLIC_SYSCTL_H

#include "domctl.h"
#include "physdev.h"
#include "xen.h"

#define XEN_SYSCTL_INTERFACE_VERSION 0x15

#define XEN_SYSCTL_readconsole            1
#define XEN_SYSCTL_tbuf_op                2
#define XEN_SYSCTL_physinfo               3
#define XEN_SYSCTL_sched_id               4
#define XEN_SYSCTL_perfc_op               5
#define XEN_SYSCTL_getdomaininfolist      6
#define XEN_SYSCTL_debug_keys             7
#define XEN_SYSCTL_getcpuinfo             8
#define XEN_SYSCTL_availheap              9
#define XEN_SYSCTL_get_pmstat             10
#define XEN_SYSCTL_cpu_hotplug            11
#define XEN_SYSCTL_pm_op                  12
#define XEN_SYSCTL_page_offline_op        14
#define XEN_SYSCTL_lockprof_op            15
#define XEN_SYSCTL_cputopoinfo            16
#define XEN_SYSCTL_numainfo               17
#define XEN_SYSCTL_cpupool_op             18
#define XEN_SYSCTL_scheduler_op           19
#define XEN_SYSCTL_coverage_op            20
#define XEN_SYSCTL_psr_cmt_op             21
#define XEN_SYSCTL_pcitopoinfo            22
#define XEN_SYSCTL_psr_alloc              23
#define XEN_SYSCTL_get_cpu_levelling_caps 25
#define XEN_SYSCTL_get_cpu_featureset     26
#define XEN_SYSCTL_livepatch_op           27
#define XEN_SYSCTL_get_cpu_policy         29

struct xen_sysctl_readconsole {
    uint8_t clear;       /* in: empty the log afterwards */
    uint8_t incremental; /* in: start at index */
    uint8_t pad0;
    uint8_t pad1;
    uint32_t index; /* in and out */
    XEN_GUEST_PTR(char) buffer;
    uint32_t count; /* in: room; out: bytes */
};
XEN_ABI_SIZE(struct xen_sysctl_readconsole, 24, "sysctl.md");

/* xen_sysctl_physinfo.capabilities. */
#define XEN_SYSCTL_PHYSCAP_hvm                (1u << 0)
#define XEN_SYSCTL_PHYSCAP_pv                 (1u << 1)
#define XEN_SYSCTL_PHYSCAP_directio           (1u << 2)
#define XEN_SYSCTL_PHYSCAP_hap                (1u << 3)
#define XEN_SYSCTL_PHYSCAP_shadow             (1u << 4)
#define XEN_SYSCTL_PHYSCAP_iommu_hap_pt_share (1u << 5)
#define XEN_SYSCTL_PHYSCAP_vmtrace            (1u << 6)
#define XEN_SYSCTL_PHYSCAP_vpmu               (1u << 7)
#define XEN_SYSCTL_PHYSCAP_gnttab_v1          (1u << 8)
#define XEN_SYSCTL_PHYSCAP_gnttab_v2          (1u << 9)
#define XEN_SYSCTL_PHYSCAP_MAX                XEN_SYSCTL_PHYSCAP_gnttab_v2

struct xen_sysctl_physinfo {
    uint32_t threads_per_core;
    uint32_t cores_per_socket;
    uint32_t nr_cpus;
    uint32_t max_cpu_id;
    uint32_t nr_nodes;
    uint32_t max_node_id;
    uint32_t cpu_khz;
    uint32_t capabilities;
    uint32_t arch_capabilities;
    uint32_t pad;
    uint64_t total_pages;
    uint64_t free_pages;
    uint64_t scrub_pages;
    uint64_t outstanding_pages;
    uint64_t max_mfn;
    uint32_t hw_cap[8];
};
XEN_ABI_SIZE(struct xen_sysctl_physinfo, 112, "sysctl.md");
XEN_ABI_OFFSET(struct xen_sysctl_physinfo, capabilities, 28, "sysctl.md");
XEN_ABI_OFFSET(struct xen_sysctl_physinfo, total_pages, 40, "sysctl.md");
XEN_ABI_OFFSET(struct xen_sysctl_physinfo, hw_cap, 80, "sysctl.md");

struct xen_sysctl_sched_id {
    uint32_t sched_id;
};
XEN_ABI_SIZE(struct xen_sysctl_sched_id, 4, "sysctl.md");

struct xen_sysctl_getdomaininfolist {
    domid_t first_domain;
    uint32_t max_domains;
    XEN_GUEST_PTR(struct xen_domctl_getdomaininfo) buffer;
    uint32_t num_domains; /* out */
};
XEN_ABI_SIZE(struct xen_sysctl_getdomaininfolist, 24, "sysctl.md");

struct xen_sysctl_debug_keys {
    XEN_GUEST_PTR(const char) keys;
    uint32_t nr_keys;
};
XEN_ABI_SIZE(struct xen_sysctl_debug_keys, 16, "sysctl.md");

struct xen_sysctl_cpuinfo {
    uint64_t idletime; /* ns */
};
XEN_ABI_SIZE(struct xen_sysctl_cpuinfo, 8, "sysctl.md");

struct xen_sysctl_getcpuinfo {
    uint32_t max_cpus;
    XEN_GUEST_PTR(struct xen_sysctl_cpuinfo) info;
    uint32_t nr_cpus; /* out */
};
XEN_ABI_SIZE(struct xen_sysctl_getcpuinfo, 24, "sysctl.md");

struct xen_sysctl_availheap {
    uint32_t min_bitwidth;
    uint32_t max_bitwidth;
    int32_t node; /* -1: all */
    uint64_t avail_bytes;
};
XEN_ABI_SIZE(struct xen_sysctl_availheap, 24, "sysctl.md");

#define XEN_SYSCTL_CPU_HOTPLUG_ONLINE      0
#define XEN_SYSCTL_CPU_HOTPLUG_OFFLINE     1
#define XEN_SYSCTL_CPU_HOTPLUG_SMT_ENABLE  2
#define XEN_SYSCTL_CPU_HOTPLUG_SMT_DISABLE 3

struct xen_sysctl_cpu_hotplug {
    uint32_t cpu;
    uint32_t op;
};
XEN_ABI_SIZE(struct xen_sysctl_cpu_hotplug, 8, "sysctl.md");

/* Values that stand for "no such". */
#define XEN_INVALID_CORE_ID   (~0u)
#define XEN_INVALID_SOCKET_ID (~0u)
#define XEN_INVALID_NODE_ID   (~0u)
#define XEN_INVALID_MEM_SZ    (~0u)
#define XEN_INVALID_NODE_DIST (~0u)
#define XEN_INVALID_DEV       (XEN_INVALID_NODE_ID - 1)

struct xen_sysctl_cputopo {
    uint32_t core;
    uint32_t socket;
    uint32_t node;
};
XEN_ABI_SIZE(struct xen_sysctl_cputopo, 12, "sysctl.md");

struct xen_sysctl_cputopoinfo {
    uint32_t num_cpus; /* in: room; out: entries */
    XEN_GUEST_PTR(struct xen_sysctl_cputopo) cputopo;
};
XEN_ABI_SIZE(struct xen_sysctl_cputopoinfo, 16, "sysctl.md");

struct xen_sysctl_meminfo {
    uint64_t memsize;
    uint64_t memfree;
};
XEN_ABI_SIZE(struct xen_sysctl_meminfo, 16, "sysctl.md");

struct xen_sysctl_numainfo {
    uint32_t num_nodes; /* in: room; out: nodes */
    XEN_GUEST_PTR(struct xen_sysctl_meminfo) meminfo;
    XEN_GUEST_PTR(uint32_t) distance;
};
XEN_ABI_SIZE(struct xen_sysctl_numainfo, 24, "sysctl.md");

struct xen_sysctl_pcitopoinfo {
    uint32_t num_devs;
    XEN_GUEST_PTR(physdev_pci_device_t) devs;
    XEN_GUEST_PTR(uint32_t) nodes;
};
XEN_ABI_SIZE(struct xen_sysctl_pcitopoinfo, 24, "sysctl.md");

#define XEN_SYSCTL_CPUPOOL_OP_CREATE     1
#define XEN_SYSCTL_CPUPOOL_OP_DESTROY    2
#define XEN_SYSCTL_CPUPOOL_OP_INFO       3
#define XEN_SYSCTL_CPUPOOL_OP_ADDCPU     4
#define XEN_SYSCTL_CPUPOOL_OP_RMCPU      5
#define XEN_SYSCTL_CPUPOOL_OP_MOVEDOMAIN 6
#define XEN_SYSCTL_CPUPOOL_OP_FREEINFO   7
#define XEN_SYSCTL_CPUPOOL_PAR_ANY       0xffffffff

struct xen_sysctl_cpupool_op {
    uint32_t op;
    uint32_t cpupool_id;
    uint32_t sched_id;
    uint32_t domid;
    uint32_t cpu;
    uint32_t n_dom;
    struct xenctl_bitmap cpumap;
};
XEN_ABI_SIZE(struct xen_sysctl_cpupool_op, 40, "sysctl.md");

#define XEN_SYSCTL_SCHEDOP_putinfo 0
#define XEN_SYSCTL_SCHEDOP_getinfo 1

#define XEN_SYSCTL_SCHED_RATELIMIT_MAX   500000
#define XEN_SYSCTL_SCHED_RATELIMIT_MIN   100
#define XEN_SYSCTL_CSCHED_TSLICE_MAX     1000
#define XEN_SYSCTL_CSCHED_TSLICE_MIN     1
#define XEN_SYSCTL_CSCHED_MGR_DLY_MAX_US (100 * 1000)

struct xen_sysctl_credit_schedule {
    uint32_t tslice_ms;
    uint32_t ratelimit_us;
    uint32_t vcpu_migr_delay_us;
};
XEN_ABI_SIZE(struct xen_sysctl_credit_schedule, 12, "sysctl.md");

struct xen_sysctl_credit2_schedule {
    uint32_t ratelimit_us;
};
XEN_ABI_SIZE(struct xen_sysctl_credit2_schedule, 4, "sysctl.md");

struct xen_sysctl_scheduler_op {
    uint32_t cpupool_id;
    uint32_t sched_id;
    uint32_t cmd;
    union {
        struct {
            XEN_GUEST_PTR(void) schedule;
        } sched_arinc653;
        struct xen_sysctl_credit_schedule sched_credit;
        struct xen_sysctl_credit2_schedule sched_credit2;
    } u;
};
XEN_ABI_SIZE(struct xen_sysctl_scheduler_op, 32, "sysctl.md");

/* xen_sysctl_cpu_levelling_caps.caps: what can be hidden from the plain CPUID instruction. */
#define XEN_SYSCTL_CPU_LEVELCAP_faulting    (1ul << 0)
#define XEN_SYSCTL_CPU_LEVELCAP_ecx         (1ul << 1)
#define XEN_SYSCTL_CPU_LEVELCAP_edx         (1ul << 2)
#define XEN_SYSCTL_CPU_LEVELCAP_extd_ecx    (1ul << 3)
#define XEN_SYSCTL_CPU_LEVELCAP_extd_edx    (1ul << 4)
#define XEN_SYSCTL_CPU_LEVELCAP_xsave_eax   (1ul << 5)
#define XEN_SYSCTL_CPU_LEVELCAP_thermal_ecx (1ul << 6)
#define XEN_SYSCTL_CPU_LEVELCAP_l7s0_eax    (1ul << 7)
#define XEN_SYSCTL_CPU_LEVELCAP_l7s0_ebx    (1ul << 8)

struct xen_sysctl_cpu_levelling_caps {
    uint32_t caps;
};
XEN_ABI_SIZE(struct xen_sysctl_cpu_levelling_caps, 4, "sysctl.md");

#define XEN_SYSCTL_cpu_featureset_raw     0
#define XEN_SYSCTL_cpu_featureset_host    1
#define XEN_SYSCTL_cpu_featureset_pv      2
#define XEN_SYSCTL_cpu_featureset_hvm     3
#define XEN_SYSCTL_cpu_featureset_pv_max  4
#define XEN_SYSCTL_cpu_featureset_hvm_max 5

struct xen_sysctl_cpu_featureset {
    uint32_t index;
    uint32_t nr_features;
    XEN_GUEST_PTR(uint32_t) features;
};
XEN_ABI_SIZE(struct xen_sysctl_cpu_featureset, 16, "sysctl.md");

#define XEN_SYSCTL_cpu_policy_raw         0
#define XEN_SYSCTL_cpu_policy_host        1
#define XEN_SYSCTL_cpu_policy_pv_max      2
#define XEN_SYSCTL_cpu_policy_hvm_max     3
#define XEN_SYSCTL_cpu_policy_pv_default  4
#define XEN_SYSCTL_cpu_policy_hvm_default 5

struct xen_sysctl_cpu_policy {
    uint32_t index;     /* in */
    uint32_t nr_leaves; /* in: room; out: entries; the next one too */
    uint32_t nr_msrs;
    uint32_t _rsvd;
    XEN_GUEST_PTR(struct xen_cpuid_leaf) leaves;
    XEN_GUEST_PTR(struct xen_msr_entry) msrs;
};
XEN_ABI_SIZE(struct xen_sysctl_cpu_policy, 32, "sysctl.md");

struct xen_sysctl {
    uint32_t cmd;
    uint32_t interface_version;
    union {
        struct xen_sysctl_readconsole readconsole;
        struct xen_sysctl_physinfo physinfo;
        struct xen_sysctl_sched_id sched_id;
        struct xen_sysctl_getdomaininfolist getdomaininfolist;
        struct xen_sysctl_debug_keys debug_keys;
        struct xen_sysctl_getcpuinfo getcpuinfo;
        struct xen_sysctl_availheap availheap;
        struct xen_sysctl_cpu_hotplug cpu_hotplug;
        struct xen_sysctl_cputopoinfo cputopoinfo;
        struct xen_sysctl_numainfo numainfo;
        struct xen_sysctl_pcitopoinfo pcitopoinfo;
        struct xen_sysctl_cpupool_op cpupool_op;
        struct xen_sysctl_scheduler_op scheduler_op;
        struct xen_sysctl_cpu_levelling_caps cpu_levelling_caps;
        struct xen_sysctl_cpu_featureset cpu_featureset;
        struct xen_sysctl_cpu_policy cpu_policy;
        uint8_t pad[128];
    } u;
};
XEN_ABI_SIZE(struct xen_sysctl, 136, "sysctl.md");
XEN_ABI_OFFSET(struct xen_sysctl, u, 8, "sysctl.md");

#endif /* PUBLIC_SYSCTL_H */

/* SPDX-License-Identifier: BSD-2-Clause */
/* Machine check reports for the control domain. See docs/interface/platform_op.md. */
#ifndef PUBLIC_MCA_H
#define PUBLIC_MCA_H

#include "xen.h"

#define XEN_MCA_INTERFACE_VERSION 0x01ecc003

#define XEN_MC_fetch        1
#define XEN_MC_notifydomain 2
#define XEN_MC_physcpuinfo  3
#define XEN_MC_msrinject    4
#define XEN_MC_mceinject    5
#define XEN_MC_inject_v2    6

/* xen_mc_fetch.flags: what is asked for, and what came of it. */
#define XEN_MC_NONURGENT    0x01
#define XEN_MC_URGENT       0x02
#define XEN_MC_ACK          0x04
#define XEN_MC_OK           0x00
#define XEN_MC_FETCHFAILED  0x01
#define XEN_MC_NODATA       0x02
#define XEN_MC_NOMATCH      0x04
#define XEN_MC_CANNOTHANDLE 0x08
#define XEN_MC_NOTDELIVERED 0x10

#define MC_MSRINJ_MAXMSRS 8
#define MC_NCAPS          7

struct mcinfo_msr {
    uint64_t reg;
    uint64_t value;
};
XEN_ABI_SIZE(struct mcinfo_msr, 16, "platform_op.md");

/* A log of machine check records, packed into mi_data. */
struct mc_info {
    uint32_t mi_nentries;
    uint32_t flags;
    uint64_t mi_data[95];
};
XEN_ABI_SIZE(struct mc_info, 768, "platform_op.md");

struct mcinfo_logical_cpu {
    uint32_t mc_cpunr;
    uint32_t mc_chipid;
    uint16_t mc_coreid;
    uint16_t mc_threadid;
    uint32_t mc_apicid;
    uint32_t mc_clusterid;
    uint32_t mc_ncores;
    uint32_t mc_ncores_active;
    uint32_t mc_nthreads;
    int32_t mc_cpuid_level;
    uint32_t mc_family;
    uint32_t mc_vendor;
    uint32_t mc_model;
    uint32_t mc_step;
    char mc_vendorid[16];
    char mc_brandid[64];
    uint32_t mc_cpu_caps[MC_NCAPS];
    uint32_t mc_cache_size;
    uint32_t mc_cache_alignment;
    int32_t mc_nmsrvals;
    struct mcinfo_msr mc_msrvalues[8];
};
XEN_ABI_SIZE(struct mcinfo_logical_cpu, 304, "platform_op.md");

struct xen_mc_fetch {
    uint32_t flags;
    uint32_t _pad0;
    uint64_t fetch_id;
    XEN_GUEST_PTR(struct mc_info) data;
};
XEN_ABI_SIZE(struct xen_mc_fetch, 24, "platform_op.md");

struct xen_mc_notifydomain {
    uint16_t mc_domid;
    uint16_t mc_vcpuid;
    uint32_t flags;
};
XEN_ABI_SIZE(struct xen_mc_notifydomain, 8, "platform_op.md");

struct xen_mc_physcpuinfo {
    uint32_t ncpus; /* in: room; out: CPUs */
    uint32_t _pad0;
    XEN_GUEST_PTR(struct mcinfo_logical_cpu) info;
};
XEN_ABI_SIZE(struct xen_mc_physcpuinfo, 16, "platform_op.md");

struct xen_mc_msrinject {
    uint32_t mcinj_cpunr;
    uint32_t mcinj_flags;
    uint32_t mcinj_count;
    domid_t mcinj_domid;
    uint16_t _pad0;
    struct mcinfo_msr mcinj_msr[MC_MSRINJ_MAXMSRS];
};
XEN_ABI_SIZE(struct xen_mc_msrinject, 144, "platform_op.md");

struct xen_mc_mceinject {
    uint32_t mceinj_cpunr;
};
XEN_ABI_SIZE(struct xen_mc_mceinject, 4, "platform_op.md");

struct xen_mc_inject_v2 {
    uint32_t flags;
    struct xenctl_bitmap cpumap;
};
XEN_ABI_SIZE(struct xen_mc_inject_v2, 24, "platform_op.md");

struct xen_mc {
    uint32_t cmd;
    uint32_t interface_version;
    union {
        struct xen_mc_fetch mc_fetch;
        struct xen_mc_notifydomain mc_notifydomain;
        struct xen_mc_physcpuinfo mc_physcpuinfo;
        struct xen_mc_msrinject mc_msrinject;
        struct xen_mc_mceinject mc_mceinject;
        struct xen_mc_inject_v2 mc_inject_v2;
    } u;
};
XEN_ABI_SIZE(struct xen_mc, 152, "platform_op.md");

#endif /* PUBLIC_MCA_H */

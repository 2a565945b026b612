/* SPDX-License-Identifier: BSD-2-Clause */
/* A domain's memory: size, exchange, maps and shared resources. See docs/interface/memory_op.md. */
#ifndef PUBLIC_MEMORY_H
#define PUBLIC_MEMORY_H

#include "physdev.h"
#include "xen.h"

#define XENMEM_increase_reservation       0
#define XENMEM_decrease_reservation       1
#define XENMEM_maximum_ram_page           2
#define XENMEM_current_reservation        3
#define XENMEM_maximum_reservation        4
#define XENMEM_machphys_mfn_list          5
#define XENMEM_populate_physmap           6
#define XENMEM_add_to_physmap             7
#define XENMEM_memory_map                 9
#define XENMEM_machine_memory_map         10
#define XENMEM_exchange                   11
#define XENMEM_machphys_mapping           12
#define XENMEM_set_memory_map             13
#define XENMEM_maximum_gpfn               14
#define XENMEM_remove_from_physmap        15
#define XENMEM_set_pod_target             16
#define XENMEM_get_pod_target             17
#define XENMEM_get_sharing_freed_pages    18
#define XENMEM_get_sharing_shared_pages   19
#define XENMEM_paging_op                  20
#define XENMEM_access_op                  21
#define XENMEM_sharing_op                 22
#define XENMEM_add_to_physmap_batch       23
#define XENMEM_claim_pages                24
#define XENMEM_machphys_compat_mfn_list   25
#define XENMEM_get_vnumainfo              26
#define XENMEM_reserved_device_memory_map 27
#define XENMEM_acquire_resource           28

/* xen_memory_reservation.mem_flags: width of the address, node plus one, then single bits. */
#define XENMEMF_address_bits(bits)      (bits)
#define XENMEMF_get_address_bits(flags) ((flags) & 0xffu)
#define XENMEMF_node(node)              (((node) + 1) << 8)
#define XENMEMF_get_node(flags)         ((((flags) >> 8) - 1) & 0xffu)
#define XENMEMF_populate_on_demand      (1 << 16)
#define XENMEMF_exact_node_request      (1 << 17)
#define XENMEMF_exact_node(node)        (XENMEMF_node(node) | XENMEMF_exact_node_request)
#define XENMEMF_vnode                   (1 << 18)

/* Sources of frames for add_to_physmap. */
#define XENMAPSPACE_shared_info  0
#define XENMAPSPACE_grant_table  1
#define XENMAPSPACE_gmfn         2
#define XENMAPSPACE_gmfn_range   3
#define XENMAPSPACE_gmfn_foreign 4
#define XENMAPSPACE_dev_mmio     5

/* In idx of XENMAPSPACE_grant_table: a frame of the status table (version 2). */
#define XENMAPIDX_grant_table_status 0x80000000

/* xen_mem_acquire_resource.type, and what id and frame mean for it. */
#define XENMEM_resource_ioreq_server 0
#define XENMEM_resource_grant_table  1
#define XENMEM_resource_vmtrace_buf  2

#define XENMEM_resource_grant_table_id_shared       0
#define XENMEM_resource_grant_table_id_status       1
#define XENMEM_resource_ioreq_server_frame_bufioreq 0
#define XENMEM_resource_ioreq_server_frame_ioreq(n) (1 + (n))

/* xen_reserved_device_memory_map.flags: every device, not only the one named. */
#define XENMEM_RDM_ALL 1

struct xen_memory_reservation {
    XEN_GUEST_PTR(xen_pfn_t) extent_start;
    xen_ulong_t nr_extents;
    uint32_t extent_order;
    uint32_t mem_flags;
    domid_t domid;
};
XEN_ABI_SIZE(struct xen_memory_reservation, 32, "memory_op.md");
XEN_ABI_OFFSET(struct xen_memory_reservation, extent_order, 16, "memory_op.md");
XEN_ABI_OFFSET(struct xen_memory_reservation, mem_flags, 20, "memory_op.md");
XEN_ABI_OFFSET(struct xen_memory_reservation, domid, 24, "memory_op.md");

struct xen_memory_exchange {
    struct xen_memory_reservation in;
    struct xen_memory_reservation out;
    xen_ulong_t nr_exchanged; /* in: 0; out: input extents done */
};
XEN_ABI_SIZE(struct xen_memory_exchange, 72, "memory_op.md");
XEN_ABI_OFFSET(struct xen_memory_exchange, nr_exchanged, 64, "memory_op.md");

struct xen_memory_domain {
    domid_t domid;
};
XEN_ABI_SIZE(struct xen_memory_domain, 2, "memory_op.md");

struct xen_machphys_mfn_list {
    uint32_t max_extents;
    XEN_GUEST_PTR(xen_pfn_t) extent_start;
    uint32_t nr_extents; /* out */
};
XEN_ABI_SIZE(struct xen_machphys_mfn_list, 24, "memory_op.md");

struct xen_machphys_mapping {
    xen_ulong_t v_start;
    xen_ulong_t v_end;
    xen_ulong_t max_mfn;
};
XEN_ABI_SIZE(struct xen_machphys_mapping, 24, "memory_op.md");

struct xen_add_to_physmap {
    domid_t domid;
    uint16_t size; /* XENMAPSPACE_gmfn_range only */
    uint32_t space;
    xen_ulong_t idx;
    xen_pfn_t gpfn;
};
XEN_ABI_SIZE(struct xen_add_to_physmap, 24, "memory_op.md");
XEN_ABI_OFFSET(struct xen_add_to_physmap, space, 4, "memory_op.md");

struct xen_add_to_physmap_batch {
    domid_t domid;
    uint16_t space;
    uint16_t size;
    union {
        domid_t foreign_domid;
        uint16_t res0;
    } u;
    XEN_GUEST_PTR(xen_ulong_t) idxs;
    XEN_GUEST_PTR(xen_pfn_t) gpfns;
    XEN_GUEST_PTR(int32_t) errs;
};
XEN_ABI_SIZE(struct xen_add_to_physmap_batch, 32, "memory_op.md");

struct xen_remove_from_physmap {
    domid_t domid;
    xen_pfn_t gpfn;
};
XEN_ABI_SIZE(struct xen_remove_from_physmap, 16, "memory_op.md");

/* The buffer holds packed entries of 20 bytes: u64 address, u64 size, u32 E820 type. */
struct xen_memory_map {
    uint32_t nr_entries; /* in: room; out: entries */
    XEN_GUEST_PTR(void) buffer;
};
XEN_ABI_SIZE(struct xen_memory_map, 16, "memory_op.md");

struct xen_foreign_memory_map {
    domid_t domid;
    struct xen_memory_map map;
};
XEN_ABI_SIZE(struct xen_foreign_memory_map, 24, "memory_op.md");

struct xen_pod_target {
    uint64_t target_pages;
    uint64_t tot_pages;
    uint64_t pod_cache_pages;
    uint64_t pod_entries;
    domid_t domid;
};
XEN_ABI_SIZE(struct xen_pod_target, 40, "memory_op.md");

struct xen_reserved_device_memory {
    xen_pfn_t start_pfn;
    xen_ulong_t nr_pages;
};
XEN_ABI_SIZE(struct xen_reserved_device_memory, 16, "memory_op.md");

struct xen_reserved_device_memory_map {
    uint32_t flags;
    uint32_t nr_entries;
    XEN_GUEST_PTR(struct xen_reserved_device_memory) buffer;
    union {
        struct physdev_pci_device pci;
    } dev;
};
XEN_ABI_SIZE(struct xen_reserved_device_memory_map, 24, "memory_op.md");

struct xen_mem_acquire_resource {
    domid_t domid;
    uint16_t type;
    uint32_t id;
    uint32_t nr_frames; /* in; out: the number that exist, if asked with 0 */
    uint32_t pad;       /* must be 0 */
    uint64_t frame;
    XEN_GUEST_PTR(xen_pfn_t) frame_list;
};
XEN_ABI_SIZE(struct xen_mem_acquire_resource, 32, "memory_op.md");
XEN_ABI_OFFSET(struct xen_mem_acquire_resource, nr_frames, 8, "memory_op.md");
XEN_ABI_OFFSET(struct xen_mem_acquire_resource, frame, 16, "memory_op.md");

struct xen_vmemrange {
    uint64_t start;
    uint64_t end;
    uint32_t flags;
    uint32_t nid;
};
XEN_ABI_SIZE(struct xen_vmemrange, 24, "memory_op.md");

struct xen_vnuma_topology_info {
    domid_t domid;
    uint16_t pad;
    uint32_t nr_vnodes;
    uint32_t nr_vcpus;
    uint32_t nr_vmemranges;
    union {
        XEN_GUEST_PTR(uint32_t) h;
        uint64_t pad;
    } vdistance;
    union {
        XEN_GUEST_PTR(uint32_t) h;
        uint64_t pad;
    } vcpu_to_vnode;
    union {
        XEN_GUEST_PTR(struct xen_vmemrange) h;
        uint64_t pad;
    } vmemrange;
};
XEN_ABI_SIZE(struct xen_vnuma_topology_info, 40, "memory_op.md");

#endif /* PUBLIC_MEMORY_H */

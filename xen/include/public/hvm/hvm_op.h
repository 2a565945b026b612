/* SPDX-License-Identifier: BSD-2-Clause */
/* Calls of and about HVM domains. See docs/interface/README.md. */
#ifndef PUBLIC_HVM_HVM_OP_H
#define PUBLIC_HVM_HVM_OP_H

#include "../event_channel.h"
#include "../xen.h"

#define HVMOP_set_param                0
#define HVMOP_get_param                1
#define HVMOP_flush_tlbs               5
#define HVMOP_pagetable_dying          9
#define HVMOP_get_time                 10
#define HVMOP_xentrace                 11
#define HVMOP_get_mem_type             15
#define HVMOP_set_evtchn_upcall_vector 23
#define HVMOP_guest_request_vm_event   24
#define HVMOP_altp2m                   25

struct xen_hvm_param {
    domid_t domid;
    uint16_t pad;
    uint32_t index;
    uint64_t value; /* in for set, out for get */
};
XEN_ABI_SIZE(struct xen_hvm_param, 16, "README.md");
XEN_ABI_OFFSET(struct xen_hvm_param, index, 4, "README.md");

struct xen_hvm_pagetable_dying {
    domid_t domid;
    uint16_t pad[3];
    uint64_t gpa;
};
XEN_ABI_SIZE(struct xen_hvm_pagetable_dying, 16, "README.md");

struct xen_hvm_get_time {
    uint64_t now;
};
XEN_ABI_SIZE(struct xen_hvm_get_time, 8, "README.md");

/* xen_hvm_get_mem_type.mem_type. */
typedef enum {
    HVMMEM_ram_rw = 0,
    HVMMEM_ram_ro = 1,
    HVMMEM_mmio_dm = 2,
    HVMMEM_unused = 3,
    HVMMEM_ioreq_server = 4,
} hvmmem_type_t;

struct xen_hvm_get_mem_type {
    domid_t domid;
    uint16_t mem_type; /* out */
    uint16_t pad[2];
    uint64_t pfn;
};
XEN_ABI_SIZE(struct xen_hvm_get_mem_type, 16, "README.md");

struct xen_hvm_evtchn_upcall_vector {
    uint32_t vcpu;
    uint8_t vector;
};
XEN_ABI_SIZE(struct xen_hvm_evtchn_upcall_vector, 8, "README.md");

#endif /* PUBLIC_HVM_HVM_OP_H */

/* SPDX-License-Identifier: BSD-2-Clause */
/* Starting, stopping and timing of vCPUs. See docs/interface/vcpu_op.md and time.md. */
#ifndef PUBLIC_VCPU_H
#define PUBLIC_VCPU_H

#include "xen.h"

#define VCPUOP_initialise                     0
#define VCPUOP_up                             1
#define VCPUOP_down                           2
#define VCPUOP_is_up                          3
#define VCPUOP_get_runstate_info              4
#define VCPUOP_register_runstate_memory_area  5
#define VCPUOP_set_periodic_timer             6
#define VCPUOP_stop_periodic_timer            7
#define VCPUOP_set_singleshot_timer           8
#define VCPUOP_stop_singleshot_timer          9
#define VCPUOP_register_vcpu_info             10
#define VCPUOP_send_nmi                       11
#define VCPUOP_get_physid                     12
#define VCPUOP_register_vcpu_time_memory_area 13

/* vcpu_runstate_info.state, and the index into time[]. */
#define RUNSTATE_running  0
#define RUNSTATE_runnable 1
#define RUNSTATE_blocked  2
#define RUNSTATE_offline  3

/* Set in state_entry_time while the area is written (VMASST_TYPE_runstate_update_flag). */
#define XEN_RUNSTATE_UPDATE (1ull << 63)

/* vcpu_set_singleshot_timer.flags. */
#define VCPU_SSHOTTMR_future (1u << 0)

struct vcpu_runstate_info {
    int32_t state;
    uint64_t state_entry_time;
    uint64_t time[4]; /* ns spent in each state */
};
XEN_ABI_SIZE(struct vcpu_runstate_info, 48, "time.md");
XEN_ABI_OFFSET(struct vcpu_runstate_info, state_entry_time, 8, "time.md");
XEN_ABI_OFFSET(struct vcpu_runstate_info, time, 16, "time.md");

struct vcpu_register_runstate_memory_area {
    union {
        XEN_GUEST_PTR(struct vcpu_runstate_info) h;
        struct vcpu_runstate_info *v;
        uint64_t p;
    } addr;
};
XEN_ABI_SIZE(struct vcpu_register_runstate_memory_area, 8, "vcpu_op.md");

struct vcpu_set_periodic_timer {
    uint64_t period_ns;
};
XEN_ABI_SIZE(struct vcpu_set_periodic_timer, 8, "vcpu_op.md");

struct vcpu_set_singleshot_timer {
    uint64_t timeout_abs_ns;
    uint32_t flags;
};
XEN_ABI_SIZE(struct vcpu_set_singleshot_timer, 16, "vcpu_op.md");
XEN_ABI_OFFSET(struct vcpu_set_singleshot_timer, flags, 8, "vcpu_op.md");

struct vcpu_register_vcpu_info {
    uint64_t mfn;
    uint32_t offset;
    uint32_t rsvd;
};
XEN_ABI_SIZE(struct vcpu_register_vcpu_info, 16, "vcpu_op.md");
XEN_ABI_OFFSET(struct vcpu_register_vcpu_info, offset, 8, "vcpu_op.md");

struct vcpu_get_physid {
    uint64_t phys_id; /* low half: APIC id; high half: ACPI id */
};
XEN_ABI_SIZE(struct vcpu_get_physid, 8, "vcpu_op.md");

#define xen_vcpu_physid_to_x86_apicid(physid) ((uint32_t)(physid))
#define xen_vcpu_physid_to_x86_acpiid(physid) ((uint32_t)((physid) >> 32))

struct vcpu_register_time_memory_area {
    union {
        XEN_GUEST_PTR(struct vcpu_time_info) h;
        struct vcpu_time_info *v;
        uint64_t p;
    } addr;
};
XEN_ABI_SIZE(struct vcpu_register_time_memory_area, 8, "vcpu_op.md");

#endif /* PUBLIC_VCPU_H */

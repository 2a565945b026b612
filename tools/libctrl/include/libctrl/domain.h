/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A domain's life and limits. A domain that doesn't exist: -ESRCH. No rights (not the control
 * domain): -EPERM. These two are not repeated below.
 */
#ifndef LIBCTRL_DOMAIN_H
#define LIBCTRL_DOMAIN_H

#include <libctrl/cpumap.h>
#include <libctrl/ctrl.h>

/* Why a domain shut itself down: ctrl_domain_info.shutdown_reason. */
enum ctrl_shutdown {
    CTRL_SHUTDOWN_POWEROFF = 0,
    CTRL_SHUTDOWN_REBOOT = 1,
    CTRL_SHUTDOWN_SUSPEND = 2,
    CTRL_SHUTDOWN_CRASH = 3,
    CTRL_SHUTDOWN_WATCHDOG = 4,
    CTRL_SHUTDOWN_SOFT_RESET = 5,
};

struct ctrl_domain_info {
    uint32_t domid;
    bool dying;             /* destroyed; others still hold pages of it */
    bool hvm;
    bool shutdown;          /* it has ended; shutdown_reason says why */
    bool paused;
    bool blocked;
    bool running;
    bool debugged;
    bool xs_domain;
    uint8_t shutdown_reason;
    uint64_t nr_pages;      /* that it has */
    uint64_t max_pages;     /* that it may have; UINT64_MAX or a huge number: no limit */
    uint64_t outstanding_pages; /* claimed and not yet allocated */
    uint64_t shared_pages;
    uint64_t paged_pages;
    uint64_t shared_info_mfn;
    uint64_t cpu_time_ns;
    uint32_t nr_online_vcpus;
    uint32_t max_vcpu_id;
    uint32_t ssidref;
    uint32_t cpupool;
    uint8_t uuid[16];
};

/* -ESRCH: no domain with exactly this id. */
int ctrl_domain_info(struct ctrl *ctrl, uint32_t domid, struct ctrl_domain_info *info);
/*
 * Up to max domains with ids from first on, in the order of their ids. Returns how many; fewer than
 * max means that there are no more. One hypercall for up to 292 domains.
 */
int ctrl_domain_list(struct ctrl *ctrl, uint32_t first, unsigned int max,
                     struct ctrl_domain_info *infos);

#define CTRL_LIMIT_DEFAULT (-1)

/* Zeroed, then domid, uuid and max_vcpus set, then ctrl_domain_create_defaults(). */
struct ctrl_domain_create {
    uint32_t domid;             /* 0: the hypervisor chooses */
    uint8_t uuid[16];
    uint32_t max_vcpus;
    int32_t max_event_channels; /* highest port; CTRL_LIMIT_DEFAULT */
    int32_t max_grant_frames;   /* CTRL_LIMIT_DEFAULT: 64 in Xen */
    int32_t max_maptrack_frames;
    uint32_t max_grant_version; /* 1 or 2 */
    uint32_t cpupool;
    uint32_t ssidref;
    bool xs_domain;             /* it runs a xenstored */
    bool hvm, hap;              /* both: PVH, with local APICs; refused without it */
    bool vpmu;
    bool relaxed_msrs;
};

/* max_event_channels 1023 (as xl), the default sizes, grant version 1, pool 0. */
void ctrl_domain_create_defaults(struct ctrl_domain_create *create);

/*
 * Makes a domain without memory, with max_vcpus vCPUs that are down, paused once. Returns its id.
 * -EEXIST: domid is taken; -EINVAL, -EOPNOTSUPP: the hypervisor refuses a parameter, and says on
 * its console which; -ENOMEM. On failure nothing is left.
 */
int ctrl_domain_create(struct ctrl *ctrl, const struct ctrl_domain_create *create);

/*
 * Takes everything from a domain and ends it; returns when that is done. While others map its
 * pages it stays visible as dying. -EINVAL: the caller's own domain.
 */
int ctrl_domain_destroy(struct ctrl *ctrl, uint32_t domid);

/* Counted: each pause needs one unpause. -EINVAL: the caller's own domain, or not paused. */
int ctrl_domain_pause(struct ctrl *ctrl, uint32_t domid);
int ctrl_domain_unpause(struct ctrl *ctrl, uint32_t domid);

/* As if the domain had shut itself down for this reason. */
int ctrl_domain_shutdown(struct ctrl *ctrl, uint32_t domid, enum ctrl_shutdown reason);
/* Ends a shutdown: the domain's vCPUs go on where they stopped. */
int ctrl_domain_resume(struct ctrl *ctrl, uint32_t domid);

/* The most memory that the domain may have; it can be less than it has. */
int ctrl_domain_set_max_mem(struct ctrl *ctrl, uint32_t domid, uint64_t kib);
/* Needed only after a plain createdomain hypercall: ctrl_domain_create() does it. */
int ctrl_domain_set_max_vcpus(struct ctrl *ctrl, uint32_t domid, uint32_t max_vcpus);
int ctrl_domain_set_uuid(struct ctrl *ctrl, uint32_t domid, const uint8_t uuid[16]);
int ctrl_domain_set_debugging(struct ctrl *ctrl, uint32_t domid, bool on);

/* What the domain sees as wall-clock time, off from the host's by so many seconds. */
int ctrl_domain_set_time_offset(struct ctrl *ctrl, uint32_t domid, int64_t seconds);

struct ctrl_tsc {
    uint32_t mode;          /* 0 default, 1 always emulate, 2 native, 3 native with TSC_AUX */
    uint32_t khz;           /* 0: the host's */
    uint32_t incarnation;
    uint64_t elapsed_ns;
};
/* -EINVAL, -EOPNOTSUPP: mode. */
int ctrl_domain_set_tsc(struct ctrl *ctrl, uint32_t domid, const struct ctrl_tsc *tsc);
int ctrl_domain_get_tsc(struct ctrl *ctrl, uint32_t domid, struct ctrl_tsc *tsc);

/* 64 or 32: width of a PV domain's addresses. 32: -EOPNOTSUPP where there are only 64-bit ones. */
int ctrl_domain_set_address_size(struct ctrl *ctrl, uint32_t domid, uint32_t bits);
int ctrl_domain_get_address_size(struct ctrl *ctrl, uint32_t domid, uint32_t *bits);

/* Which trigger: -ENOSYS for those the kind of domain has not; -EINVAL power and sleep of PV. */
enum ctrl_trigger {
    CTRL_TRIGGER_NMI = 0,
    CTRL_TRIGGER_RESET = 1,
    CTRL_TRIGGER_INIT = 2,
    CTRL_TRIGGER_POWER = 3,
    CTRL_TRIGGER_SLEEP = 4,
};
int ctrl_domain_trigger(struct ctrl *ctrl, uint32_t domid, enum ctrl_trigger trigger,
                        uint32_t vcpu);

/* Gives (or takes) rights that the control domain has itself. -EINVAL range; -EPERM not ours. */
int ctrl_domain_iomem_permission(struct ctrl *ctrl, uint32_t domid, uint64_t first_mfn,
                                 uint64_t nr, bool allow);
int ctrl_domain_ioport_permission(struct ctrl *ctrl, uint32_t domid, uint32_t first,
                                  uint32_t nr, bool allow);
int ctrl_domain_irq_permission(struct ctrl *ctrl, uint32_t domid, uint32_t pirq, bool allow);

/* domid may act on target as the control domain may. Once. */
int ctrl_domain_set_target(struct ctrl *ctrl, uint32_t domid, uint32_t target);
/* NUMA nodes its memory should come from; node n is bit n. */
int ctrl_domain_set_nodes(struct ctrl *ctrl, uint32_t domid, uint64_t nodes);
int ctrl_domain_get_nodes(struct ctrl *ctrl, uint32_t domid, uint64_t *nodes);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Domains and their vCPUs: identity, life, references.
 *
 * A domain is found by id with domain_get() and kept by its reference count; the last put
 * frees it. Life: building (paused, no vCPU has run) -> alive -> dying (destroy began; grows no
 * more) -> dead (resources gone; kept by references of others to its pages).
 */
#ifndef XEN_DOMAIN_H
#define XEN_DOMAIN_H

#include <asm/domain.h>
#include <public/xen.h>
#include <xen/config.h>
#include <xen/mm.h>
#include <xen/sched.h>
#include <xen/spinlock.h>
#include <xen/timer.h>
#include <xen/types.h>

struct event_table;
struct event_vcpu;
struct grant_table;
struct sched_vcpu;
struct sched_domain;

enum domain_state { DOMAIN_ALIVE, DOMAIN_DYING, DOMAIN_DEAD };

struct vcpu {
    struct domain *domain;
    unsigned int id;
    unsigned int cpu;             /* where it runs or ran last; under its run queue's lock */
    bool is_idle;
    bool is_initialised;          /* has a context */
    bool is_running;              /* its state is on a CPU, not in this struct */

    uint64_t pause_flags;         /* VPF_*; atomic */
    int32_t pause_count;          /* atomic */

    struct vcpu_info *info;       /* in the hypervisor's map: shared_info or the registered area */
    mfn_t info_mfn;               /* frame of the registered area, or INVALID_MFN */

    uint64_t runstate_area;       /* guest virtual addresses; 0: none */
    uint64_t time_area;

    struct timer periodic_timer;  /* VIRQ_TIMER */
    stime_t periodic_period;      /* 0: off */
    stime_t periodic_last;        /* when it ticked last */
    struct timer singleshot_timer;
    struct timer poll_timer;

    struct sched_vcpu *sched;
    struct event_vcpu *events;
    cpumask_t
        hard_affinity; /* as asked for; in force within the domain's pool. control/cpupool.c */
    struct spinlock state_lock;   /* LOCK_VCPU_STATE: up, down, initialise */
    bool is_being_initialised;    /* somebody is in arch_vcpu_set_context(); state_lock */

    struct arch_vcpu arch;
};

struct domain {
    domid_t id;
    bool is_control;              /* may manage other domains */
    bool is_hardware;             /* owns the machine's devices */
    bool is_xenstore;             /* may ask who else there is */
    bool is_debugged;             /* a debugger said so; only reported */
    bool has_started;             /* has been let run: it is built */
    bool is_shut_down;
    uint8_t shutdown_code;
    uint8_t state;                /* enum domain_state */
    int32_t references;           /* atomic */
    int32_t pause_count;          /* atomic */
    int32_t controller_pause_count;
    uint8_t handle[16];
    uint32_t cpupool;             /* id of its pool; control turn */
    uint64_t node_affinity;       /* as asked for; 0: not yet. Only reported; control turn */
    uint32_t suspend_port;        /* its port that is sent to when it suspends; 0: none */
    struct domain *target;        /* another one that this one may control, referenced; or NULL */

    unsigned int max_vcpus;
    struct vcpu **vcpu;           /* max_vcpus pointers, entries may be NULL */

    struct shared_info *shared_info;
    struct spinlock shutdown_lock; /* LOCK_VCPU_STATE */
    stime_t time_offset;          /* of its wallclock */

    cpumask_t dirty_cpus;         /* CPUs that may hold its translations; atomic bits */

    struct domain_memory memory;
    struct event_table *events;
    struct grant_table *grants;
    struct sched_domain *sched;
    struct arch_domain arch;

    struct domain *next;          /* in the list of all domains, by id; LOCK_DOMAIN_LIST */
    struct domain *hash_next;     /* among those with the same hash of the id; the same lock */
};

extern struct domain *dom_xen;    /* owns what is shared read-only with everybody (M2P) */
extern struct domain *dom_io;     /* stands for MMIO */
extern struct domain *hardware_domain; /* dom0, or NULL before it exists */

struct domain_config {
    unsigned int max_vcpus;
    unsigned int max_event_port;  /* highest port number */
    unsigned int max_grant_frames;
    unsigned int max_maptrack_frames;
    bool is_control, is_hardware;
    bool is_hvm;                  /* hardware-assisted */
};

/* Creates a domain without memory or vCPUs, paused once by its controller. *out on success;
 * -ENOMEM, -EEXIST, -EINVAL. */
int domain_create(domid_t id, const struct domain_config *cfg, struct domain **out);
/* Down, without context. -EINVAL, -EEXIST, -ENOMEM. */
int vcpu_create(struct domain *d, unsigned int id);
/* Frees a vCPU that does not run and never will. */
void vcpu_destroy(struct vcpu *v);
/* Of a dying domain: stops the vCPU's timers and gives its registered vcpu_info back. */
void vcpu_retire(struct vcpu *v);
/* A reference by id, or NULL. DOMID_SELF is the caller's business. */
struct domain *domain_get(domid_t id);
void domain_put(struct domain *d);
/* Another reference to a domain that cannot go away meanwhile. */
void domain_hold(struct domain *d);
/* The first domain with an id of at least @id, referenced; NULL if there is none. */
struct domain *domain_get_next(domid_t id);
/*
 * The guest broke the ABI beyond repair: marks the domain for shutdown with one line that says why.
 */
void domain_crash(struct domain *d, const char *why, ...)
    __attribute__((__format__(__printf__, 2, 3)));
/*
 * Starts or continues destruction; -ERESTART until done, then 0. In the control turn; not the
 * caller's own domain. Takes over the reference of domain_create().
 */
int domain_kill(struct domain *d);

/* DOMID_SELF or the caller's target: referenced domain, or NULL. Nothing about permission. */
static inline struct vcpu *domain_vcpu(const struct domain *d, unsigned int id)
{
    return id < d->max_vcpus ? d->vcpu[id] : NULL;
}

#define for_each_vcpu(d, v, i) \
    for ((i) = 0; (i) < (d)->max_vcpus; (i)++) \
        if (((v) = (d)->vcpu[i]) != NULL)

/* domain/priv.c: who may. */
bool domain_may_control(const struct domain *caller, const struct domain *target);
/*
 * The domain with that id, the caller itself for DOMID_SELF, referenced. -ESRCH: there is none;
 * -EPERM: the caller may not act on it.
 */
must_check int domain_get_target(domid_t id, struct domain **target);

#endif

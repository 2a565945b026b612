/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A host that is not there: what libctrl's sys.h asks for, answered by a small model of a
 * hypervisor with its domains, and of a xenstored. For tests on any machine: link
 * $(LIBCTRL_TEST_A) instead of libctrl.a.
 *
 * The host: 4 CPUs in pool 0 (credit2), one node, 2 GiB, domain 0 with 2 vCPUs and 512 MiB. A test
 * changes it through the functions below, or a program under test through a file named by the
 * environment variable CTRL_FAKE_HOST (fake_script.c describes it).
 */
#ifndef LIBCTRL_FAKE_H
#define LIBCTRL_FAKE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <public/domctl.h>
#include <public/hvm/params.h>
#include <public/sysctl.h>

#define FAKE_CPUS     64u       /* at most */
#define FAKE_VCPUS    128u
#define FAKE_POOLS    8u
#define FAKE_PORTS    64u       /* of a domain */
#define FAKE_FRAMES   (1u << 19)
#define FAKE_GFNS     (1u << 21) /* of a PVH domain's map */
#define FAKE_NO_POOL  0xffffffffu

struct fake_vcpu {
    bool online, blocked, running, has_context;
    uint64_t time_ns;
    uint32_t cpu;
    uint64_t hard, soft;
    uint32_t period, budget, extra; /* of rtds; 0: the default */
    struct vcpu_guest_context context;
};

struct fake_port {
    uint32_t status;            /* EVTCHNSTAT_* */
    uint32_t domid, port;       /* the other end */
    uint32_t virq;
    bool pending;
};

struct fake_domain {
    uint32_t id;
    uint8_t uuid[16];
    bool dying, shutdown, debugged, blocked, running, xs_domain, hvm;
    uint32_t shutdown_reason;
    uint32_t pauses;
    uint64_t max_pages, outstanding;
    uint32_t max_vcpus;
    struct fake_vcpu *vcpus;
    uint32_t pool, weight, cap;
    uint64_t shared_info_mfn, grant_mfn;    /* 0: not made yet */
    int64_t time_offset;
    struct xen_domctl_tsc_info tsc;
    uint64_t nodes;
    uint32_t ssidref, target;
    uint32_t nr_map;            /* entries of its memory map */
    uint64_t map_end;
    uint8_t map[8 * 20];        /* the first of them */
    uint32_t triggers;          /* how many came, */
    uint32_t last_trigger;      /* and the last one */
    uint64_t hypercall_page_mfn, pinned_mfn;
    struct fake_port ports[FAKE_PORTS];
    uint64_t nr_pages;
    uint64_t unbacked_pages;    /* of these, without a frame in the model */
    uint32_t *frame_of;         /* PVH: FAKE_GFNS machine frames; 0: none */
    uint64_t hvm_params[HVM_NR_PARAMS];
    uint8_t *hvm_state;         /* as it was set last */
    uint32_t hvm_state_size;
    uint64_t paging_bytes;
    uint64_t large_mfn;         /* with one_large: that extent, or 0 */
};

struct fake_pool {
    bool used;
    uint32_t sched_id;
    uint64_t cpus;
    uint32_t tslice, ratelimit, delay;
};

struct fake_host {
    uint32_t nr_cpus, nr_nodes, threads_per_core, cores_per_socket;
    uint64_t total_pages;
    uint64_t cpu_khz;
    char console[8192];
    char keys[64];              /* debug keys that were sent */
    struct fake_pool pools[FAKE_POOLS];
    struct fake_domain *domains[0x7ff0];
    uint16_t owner[FAKE_FRAMES]; /* of frames; FAKE_FREE */
    uint64_t free_pages;
    uint32_t next_domid;

    /* Failures to make: the n-th call from now on of that kind fails with the errno; 0: none. */
    struct {
        uint32_t after;
        int error;
    } fail_hypercall, fail_map;
    unsigned int hypercalls;    /* made so far */
    unsigned int maps;
    unsigned int cleared;       /* entries of foreign mappings, by hypercall */
    uint32_t linger;            /* a destroyed domain is seen dying so often before it is gone */
    uint32_t waited_ms;         /* for the store, in vain */
    uint32_t claims;            /* made so far */
    uint32_t too_many;          /* extents that giving memory claims beyond what was asked for */
    bool no_multicall;
    unsigned int store_tx_requests; /* requests to the store in a transaction */
    bool hvm;                   /* it makes PVH domains */
    bool one_large;             /* all large extents of one are the same: more than the host has */
    bool not_privileged;        /* every call: -EPERM */
    bool no_devices;            /* opening any: -ENOENT */
    bool no_store;
};

#define FAKE_FREE 0xffffu

extern struct fake_host fake;

/* Makes the host as described above, and empties the store. */
void fake_reset(void);
/* A running domain with a name in the store. NULL: id taken. */
struct fake_domain *fake_domain_add(uint32_t id, const char *name, uint64_t pages,
                                    uint32_t vcpus);
struct fake_domain *fake_domain(uint32_t id);
/* Pages that belong to a domain. */
uint64_t fake_domain_pages(uint32_t id);
/* A frame's contents, for as long as the host is not reset. */
void *fake_frame(uint64_t mfn);
/* The store's node; NULL: none. */
const char *fake_store_get(const char *path);
void fake_store_set(const char *path, const char *value);
/* Nodes in all. */
unsigned int fake_store_count(void);
/* Another client writes: watches fire, and transactions that read the node fail. */
void fake_store_touch(const char *path, const char *value);
/* Bytes that the store sends next. */
void fake_store_say(const void *data, size_t size);
/* The connection ends. */
void fake_store_break(void);
/* 0; or the number of the line that makes no sense. */
int fake_script_run(const char *path);

/* --- between the files of the model --- */

long fake_domctl(struct xen_domctl *op);
long fake_sysctl(struct xen_sysctl *op);
long fake_memory_op(unsigned int cmd, void *arg);
long fake_version(unsigned int cmd, void *arg);
long fake_event_op(unsigned int cmd, void *arg);
uint64_t fake_frame_alloc(uint32_t domid);
/* --- fake_hvm.c --- */
long fake_hvm_op(unsigned int cmd, void *arg);
long fake_hvm_state(struct fake_domain *d, struct xen_domctl *op);
/* The machine frame of a PVH domain's, or FAKE_FRAMES. */
uint64_t fake_hvm_frame(const struct fake_domain *d, uint64_t gfn);
/* The last number in its map. */
uint64_t fake_hvm_last(const struct fake_domain *d);
/* Puts 2^order frames into its map. */
bool fake_hvm_place(struct fake_domain *d, uint64_t gfn, uint64_t mfn, unsigned int order);
void fake_hvm_free(struct fake_domain *d);
/* --- */
void fake_frame_free(uint64_t mfn);
int fake_port_alloc(struct fake_domain *d);
void fake_domain_end(struct fake_domain *d);
void fake_fill_info(const struct fake_domain *d, struct xen_domctl_getdomaininfo *info);
void fake_store_reset(void);
long fake_store_input(const void *data, size_t size);
long fake_store_output(void *data, size_t size);
bool fake_store_has_output(void);

#endif

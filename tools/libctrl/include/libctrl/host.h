/* SPDX-License-Identifier: BSD-2-Clause */
/* The machine and its hypervisor. */
#ifndef LIBCTRL_HOST_H
#define LIBCTRL_HOST_H

#include <libctrl/ctrl.h>

/* Texts end with a zero byte. */
struct ctrl_version {
    uint32_t major, minor;
    char extra[16];             /* ".7": behind major.minor */
    char capabilities[1024];    /* "xen-3.0-x86_64 ..." */
    char changeset[64];
    char compiler[64], compile_by[16], compile_domain[32], compile_date[32];
    char commandline[1024];
    uint32_t page_size;
    uint64_t virt_start;        /* where the hypervisor's addresses begin */
    uint8_t build_id[64];
    uint32_t build_id_size;     /* 0: it has none */
};
int ctrl_version(struct ctrl *ctrl, struct ctrl_version *version);

/* Bits of ctrl_physinfo.capabilities. */
#define CTRL_CAP_HVM        (1u << 0)
#define CTRL_CAP_PV         (1u << 1)
#define CTRL_CAP_DIRECTIO   (1u << 2)
#define CTRL_CAP_HAP        (1u << 3)
#define CTRL_CAP_SHADOW     (1u << 4)
#define CTRL_CAP_IOMMU_SHARE (1u << 5)
#define CTRL_CAP_VMTRACE    (1u << 6)
#define CTRL_CAP_VPMU       (1u << 7)
#define CTRL_CAP_GRANT_V1   (1u << 8)
#define CTRL_CAP_GRANT_V2   (1u << 9)

struct ctrl_physinfo {
    uint32_t threads_per_core, cores_per_socket;
    uint32_t nr_cpus, max_cpu_id;
    uint32_t nr_nodes, max_node_id;
    uint32_t cpu_khz;
    uint32_t capabilities;
    uint64_t total_pages, free_pages, scrub_pages, outstanding_pages;
    uint64_t max_mfn;
    uint32_t hw_cap[8];
};
int ctrl_physinfo(struct ctrl *ctrl, struct ctrl_physinfo *info);

/* Pages saved by, and left in, shared memory between guests. */
int ctrl_sharing_pages(struct ctrl *ctrl, uint64_t *freed, uint64_t *used);

#define CTRL_TOPOLOGY_INVALID 0xffffffffu
struct ctrl_cpu_topology {
    uint32_t core, socket, node;    /* CTRL_TOPOLOGY_INVALID: the CPU is offline */
};
/* Entries for CPUs 0 to max-1. Returns how many CPUs there can be; max 0 only asks. */
int ctrl_cpu_topology(struct ctrl *ctrl, unsigned int max, struct ctrl_cpu_topology *cpus);
/* Idle time of CPUs 0 to max-1 in ns. Returns how many were written. */
int ctrl_cpu_idle_times(struct ctrl *ctrl, unsigned int max, uint64_t *idle_ns);

struct ctrl_node {
    uint64_t size, free;        /* bytes; UINT64_MAX: no such node */
};
/*
 * Nodes 0 to max-1, and if distances isn't NULL, max*max distances (of row i, node i's).
 * Returns how many nodes there can be; max 0 only asks.
 */
int ctrl_numa(struct ctrl *ctrl, unsigned int max, struct ctrl_node *nodes, uint32_t *distances);

struct ctrl_pci_device {
    uint16_t segment;
    uint8_t bus, devfn;
};
/* nodes[i] := the node of devices[i], or CTRL_TOPOLOGY_INVALID: not known. */
int ctrl_pci_topology(struct ctrl *ctrl, unsigned int nr, const struct ctrl_pci_device *devices,
                      uint32_t *nodes);

/* Free bytes of a node (-1: all) whose addresses have between min and max bits; 0: no bound. */
int ctrl_free_bytes(struct ctrl *ctrl, int node, uint32_t min_bits, uint32_t max_bits,
                    uint64_t *bytes);

/*
 * The hypervisor's messages from *index on, at most size bytes. Returns how many bytes were
 * written; 0: no more. *index goes on for the next call; start with 0.
 */
int ctrl_console_read(struct ctrl *ctrl, uint32_t *index, char *buffer, size_t size);
int ctrl_console_clear(struct ctrl *ctrl);
/* Acts as if these keys had been pressed on the hypervisor's console. At most 16 of them. */
int ctrl_debug_keys(struct ctrl *ctrl, const char *keys);

/*
 * Parameters of the running hypervisor, "name=value ...". -ENOSYS: it has no hypfs (Xenios);
 * -ENOENT: no such parameter, or it cannot be changed; -EINVAL: the value.
 */
int ctrl_set_parameters(struct ctrl *ctrl, const char *params);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A domain's memory: giving it frames, and mapping them here. Frames: machine frames (mfn) for PV
 * domains, guest frames (gfn) for others.
 */
#ifndef LIBCTRL_MEMORY_H
#define LIBCTRL_MEMORY_H

#include <libctrl/ctrl.h>

/*
 * Gives a domain nr extents of 2^order frames. frames[i] holds the guest frame number of extent i;
 * for a PV domain it is overwritten with the machine frame. New frames hold zeros. Returns how
 * many were made (fewer: no memory, or beyond the domain's limit; the hypervisor does not say
 * which). -ENOMEM: no buffer here.
 */
long ctrl_memory_populate(struct ctrl *ctrl, uint32_t domid, unsigned int order, size_t nr,
                          uint64_t *frames);
/* Takes frames back. Returns how many. */
long ctrl_memory_take(struct ctrl *ctrl, uint32_t domid, unsigned int order, size_t nr,
                      const uint64_t *frames);

/*
 * Holds so many pages in all back for the domain, until it has them; 0 ends the claim. -ENOMEM:
 * they are not free now; -EINVAL: no such domain, it has a claim or that many pages already, or
 * may not have them.
 */
int ctrl_memory_claim(struct ctrl *ctrl, uint32_t domid, uint64_t pages);

/* Frames the domain has, may have; its highest guest frame number. */
int ctrl_memory_current(struct ctrl *ctrl, uint32_t domid, uint64_t *pages);
int ctrl_memory_maximum(struct ctrl *ctrl, uint32_t domid, uint64_t *pages);
int ctrl_memory_max_gpfn(struct ctrl *ctrl, uint32_t domid, uint64_t *gpfn);
/* The machine's highest frame of RAM. */
int ctrl_memory_max_mfn(struct ctrl *ctrl, uint64_t *mfn);

struct ctrl_e820 {
    uint64_t start, size;
    uint32_t type;          /* 1 RAM, 2 reserved */
};
/* The memory map that the domain is told. -EINVAL: more than 128 entries. */
int ctrl_memory_set_map(struct ctrl *ctrl, uint32_t domid, const struct ctrl_e820 *entries,
                        unsigned int nr);
/* The machine's. Returns how many entries there are; -EINVAL: more than max. */
int ctrl_memory_host_map(struct ctrl *ctrl, struct ctrl_e820 *entries, unsigned int max);

/* Access of a mapping: PROT_READ, PROT_WRITE of <sys/mman.h>. */

/*
 * Maps nr frames of a domain one behind the other. If errors is NULL, one frame that cannot be
 * mapped fails the call; else errors[i] is 0 or a negative errno and the hole must not be touched.
 * -ESRCH, -EINVAL, -EPERM, -ENOMEM.
 */
int ctrl_foreign_map(struct ctrl *ctrl, uint32_t domid, int prot, size_t nr,
                     const uint64_t *frames, int *errors, void **address);
/* nr as mapped. */
int ctrl_foreign_unmap(struct ctrl *ctrl, void *address, size_t nr);

/* Resources that are not part of a domain's own memory. */
enum ctrl_resource {
    CTRL_RESOURCE_IOREQ_SERVER = 0,
    CTRL_RESOURCE_GRANT_TABLE = 1,  /* id 0: entries; 1: status of version 2 */
    CTRL_RESOURCE_VMTRACE = 2,
};
/* nr frames from frame on. Unmapped as a foreign mapping. -EOPNOTSUPP: old kernel, or unknown. */
int ctrl_resource_map(struct ctrl *ctrl, uint32_t domid, enum ctrl_resource type, uint32_t id,
                      uint64_t frame, size_t nr, void **address);
/* How many frames there are. */
int ctrl_resource_size(struct ctrl *ctrl, uint32_t domid, enum ctrl_resource type, uint32_t id,
                       size_t *nr);

/*
 * types[i]: what frames[i] is used as, a table perhaps with CTRL_FRAME_PINNED added. Any number of
 * frames; one hypercall for 1024.
 */
#define CTRL_FRAME_NONE    0u
#define CTRL_FRAME_L1      1u
#define CTRL_FRAME_L2      2u
#define CTRL_FRAME_L3      3u
#define CTRL_FRAME_L4      4u
#define CTRL_FRAME_PINNED  8u
#define CTRL_FRAME_BROKEN  13u
#define CTRL_FRAME_INVALID 15u      /* not the domain's */
int ctrl_frame_types(struct ctrl *ctrl, uint32_t domid, size_t nr, const uint64_t *frames,
                     uint8_t *types);

/*
 * A PV domain's own list of its frames: list[pfn] is the frame, or CTRL_NO_FRAME. To be freed.
 * -ENODATA: the domain does not say where it keeps it (it has not run far enough).
 */
#define CTRL_NO_FRAME UINT64_MAX
int ctrl_p2m_read(struct ctrl *ctrl, uint32_t domid, uint64_t **list, size_t *nr);

#endif

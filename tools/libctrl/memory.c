/* SPDX-License-Identifier: BSD-2-Clause */
/* A domain's memory: giving, taking, limits and maps (docs/interface/memory_op.md). */
#include <errno.h>
#include <string.h>

#include <libctrl/memory.h>

#include <public/domctl.h>
#include <public/memory.h>

#include "internal.h"

#define EXTENTS_A_CALL 1024u    /* two pages of arguments */
#define MAP_ENTRIES    128u

/* An E820 entry as the interface has it. */
struct abi_e820 {
    uint64_t start, size;
    uint32_t type;
} __attribute__((packed));

static long memory_op(struct ctrl *ctrl, unsigned int cmd, const void *arg)
{
    return hypercall(ctrl, __HYPERVISOR_memory_op, cmd, (uintptr_t)arg, 0, 0);
}

/* Runs cmd over lists of extents; back: what the hypervisor wrote is copied to frames. */
static long extents_op(struct ctrl *ctrl, unsigned int cmd, struct xen_memory_reservation *what,
                       uint64_t *frames, bool back)
{
    struct arg_mark mark = arg_begin(ctrl);
    struct xen_memory_reservation *arg = arg_get(ctrl, sizeof(*arg));
    uint64_t *extents = arg_get(ctrl, EXTENTS_A_CALL * sizeof(*extents));
    size_t nr = what->nr_extents, done = 0, some;
    long rc = arg && extents ? 0 : arg_error(ctrl);

    while (rc >= 0 && done < nr) {
        some = nr - done < EXTENTS_A_CALL ? nr - done : EXTENTS_A_CALL;
        memcpy(extents, &frames[done], some * sizeof(*extents));
        *arg = *what;
        arg->extent_start = extents;
        arg->nr_extents = some;
        rc = memory_op(ctrl, cmd, arg);
        if (rc > (long)some) {
            rc = -EIO;      /* more than were asked for */
        }
        if (rc > 0 && back) {
            memcpy(&frames[done], extents, (size_t)rc * sizeof(*extents));
        }
        done += rc > 0 ? (size_t)rc : 0;
        if (rc < (long)some) {
            break;
        }
    }
    arg_end(ctrl, mark);
    return rc < 0 && (done == 0 || rc == -EIO) ? rc : (long)done;
}

long ctrl_memory_populate(struct ctrl *ctrl, uint32_t domid, unsigned int order, size_t nr,
                          uint64_t *frames)
{
    struct xen_memory_reservation r = {
        .nr_extents = nr, .extent_order = order, .domid = (domid_t)domid,
    };
    long rc = extents_op(ctrl, XENMEM_populate_physmap, &r, frames, true);

    return rc < 0 ? fail_domain(ctrl, (int)rc, domid, "giving it memory") : rc;
}

long ctrl_memory_take(struct ctrl *ctrl, uint32_t domid, unsigned int order, size_t nr,
                      const uint64_t *frames)
{
    struct xen_memory_reservation r = {
        .nr_extents = nr, .extent_order = order, .domid = (domid_t)domid,
    };
    long rc = extents_op(ctrl, XENMEM_decrease_reservation, &r, (uint64_t *)(uintptr_t)frames,
                         false);

    return rc < 0 ? fail_domain(ctrl, (int)rc, domid, "taking memory from it") : rc;
}

int ctrl_memory_claim(struct ctrl *ctrl, uint32_t domid, uint64_t pages)
{
    struct arg_mark mark = arg_begin(ctrl);
    struct xen_memory_reservation *arg = arg_get(ctrl, sizeof(*arg));
    long rc = arg_error(ctrl);

    if (arg) {
        *arg = (struct xen_memory_reservation){ .nr_extents = pages, .domid = (domid_t)domid };
        rc = memory_op(ctrl, XENMEM_claim_pages, arg);
    }
    arg_end(ctrl, mark);
    return rc < 0 ? fail_domain(ctrl, (int)rc, domid, "claiming memory for it") : 0;
}

/* Operations whose only argument is the domain, and whose result is the answer. */
static int domain_op(struct ctrl *ctrl, unsigned int cmd, uint32_t domid, const char *what,
                     uint64_t *answer)
{
    struct arg_mark mark = arg_begin(ctrl);
    struct xen_memory_domain *arg = arg_get(ctrl, sizeof(*arg));
    long rc = arg_error(ctrl);

    if (arg) {
        arg->domid = (domid_t)domid;
        rc = memory_op(ctrl, cmd, arg);
    }
    arg_end(ctrl, mark);
    if (rc < 0) {
        return fail_domain(ctrl, (int)rc, domid, what);
    }
    *answer = (uint64_t)rc;
    return 0;
}

int ctrl_memory_current(struct ctrl *ctrl, uint32_t domid, uint64_t *pages)
{
    return domain_op(ctrl, XENMEM_current_reservation, domid, "asking for its memory", pages);
}

int ctrl_memory_maximum(struct ctrl *ctrl, uint32_t domid, uint64_t *pages)
{
    return domain_op(ctrl, XENMEM_maximum_reservation, domid, "asking for its memory limit",
                     pages);
}

int ctrl_memory_max_gpfn(struct ctrl *ctrl, uint32_t domid, uint64_t *gpfn)
{
    return domain_op(ctrl, XENMEM_maximum_gpfn, domid, "asking for its last frame", gpfn);
}

int ctrl_memory_max_mfn(struct ctrl *ctrl, uint64_t *mfn)
{
    long rc = memory_op(ctrl, XENMEM_maximum_ram_page, NULL);

    if (rc < 0) {
        return fail_errno(ctrl, (int)rc, "asking for the machine's last frame");
    }
    *mfn = (uint64_t)rc;
    return 0;
}

int ctrl_memory_set_map(struct ctrl *ctrl, uint32_t domid, const struct ctrl_e820 *entries,
                        unsigned int nr)
{
    struct arg_mark mark = arg_begin(ctrl);
    struct xen_foreign_memory_map *arg = arg_get_zeroed(ctrl, sizeof(*arg));
    struct abi_e820 *map;
    unsigned int i;
    long rc = arg_error(ctrl);

    if (nr > MAP_ENTRIES) {
        return ctrl_fail(ctrl, -EINVAL, "domain %u: a memory map of %u entries is more than %u",
                         domid, nr, MAP_ENTRIES);
    }
    map = arg_get(ctrl, nr * sizeof(*map) + 1);
    if (arg && map) {
        for (i = 0; i < nr; i++) {
            map[i] = (struct abi_e820){ entries[i].start, entries[i].size, entries[i].type };
        }
        arg->domid = (domid_t)domid;
        arg->map.nr_entries = nr;
        arg->map.buffer = map;
        rc = memory_op(ctrl, XENMEM_set_memory_map, arg);
    }
    arg_end(ctrl, mark);
    return rc < 0 ? fail_domain(ctrl, (int)rc, domid, "setting its memory map") : 0;
}

int ctrl_memory_host_map(struct ctrl *ctrl, struct ctrl_e820 *entries, unsigned int max)
{
    struct arg_mark mark = arg_begin(ctrl);
    struct xen_memory_map *arg = arg_get(ctrl, sizeof(*arg));
    struct abi_e820 *map = arg_get(ctrl, max * sizeof(*map) + 1);
    unsigned int i;
    long rc = arg_error(ctrl);

    if (arg && map) {
        *arg = (struct xen_memory_map){ .nr_entries = max, .buffer = map };
        rc = memory_op(ctrl, XENMEM_machine_memory_map, arg);
        for (i = 0; rc >= 0 && i < arg->nr_entries && i < max; i++) {
            entries[i] = (struct ctrl_e820){ map[i].start, map[i].size, map[i].type };
        }
        rc = rc < 0 ? rc : (long)arg->nr_entries;
    }
    arg_end(ctrl, mark);
    return rc < 0 ? fail_errno(ctrl, (int)rc, "reading the machine's memory map") : (int)rc;
}

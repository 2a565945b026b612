/* SPDX-License-Identifier: BSD-2-Clause */
/* Other domains' memory, mapped here; what their frames are, and a PV domain's list of them. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <libctrl/domain.h>
#include <libctrl/memory.h>

#include <public/domctl.h>

#include "internal.h"

#define FRAMES_A_CALL 1024u     /* of getpageframeinfo3 */
#define ON_STACK      64u       /* frames whose errors need no allocation */
#define CLEAR_MIN     32u       /* fewer are cheaper for the kernel to unmap */
#define CLEAR_A_CALL  128u

static int map_failed(struct ctrl *ctrl, uint32_t domid, const uint64_t *frames, size_t nr,
                      const int *errors)
{
    size_t i;

    for (i = 0; i < nr; i++) {
        if (errors[i] != 0) {
            return fail_errno(ctrl, errors[i], "domain %u: mapping its frame %#llx (%zu of %zu)",
                              domid, (unsigned long long)frames[i], i + 1, nr);
        }
    }
    return 0;
}

static int map_all(struct ctrl *ctrl, uint32_t domid, int prot, size_t nr,
                   const uint64_t *frames, int *errors, void **address)
{
    void *p;
    int rc = ctrl_sys.foreign_map(&ctrl->state, domid, prot, nr, frames, errors, &p);

    if (rc != 0) {
        return fail_errno(ctrl, rc, "domain %u: mapping %zu frames", domid, nr);
    }
    rc = map_failed(ctrl, domid, frames, nr, errors);
    if (rc != 0) {
        ctrl_sys.unmap(p, nr);
        return rc;
    }
    *address = p;
    return 0;
}

int ctrl_foreign_map(struct ctrl *ctrl, uint32_t domid, int prot, size_t nr,
                     const uint64_t *frames, int *errors, void **address)
{
    int few[ON_STACK], *all;
    int rc;

    if (nr == 0 || nr > UINT32_MAX) {
        return ctrl_fail(ctrl, -EINVAL, "domain %u: mapping %zu frames", domid, nr);
    }
    if (errors) {
        rc = ctrl_sys.foreign_map(&ctrl->state, domid, prot, nr, frames, errors, address);
        return rc ? fail_errno(ctrl, rc, "domain %u: mapping %zu frames", domid, nr) : 0;
    }
    if (nr <= ON_STACK) {
        return map_all(ctrl, domid, prot, nr, frames, few, address);
    }
    all = malloc(nr * sizeof(*all));
    if (!all) {
        return fail_errno(ctrl, -ENOMEM, "domain %u: mapping %zu frames", domid, nr);
    }
    rc = map_all(ctrl, domid, prot, nr, frames, all, address);
    free(all);
    return rc;
}

/* One call's worth of entries. False: this domain is none that has such entries. */
static bool clear_some(struct ctrl *ctrl, struct multicall_entry *calls, uintptr_t va, size_t nr,
                       bool last)
{
    size_t i;

    for (i = 0; i < nr; i++) {
        calls[i] = (struct multicall_entry){
            .op = __HYPERVISOR_update_va_mapping, .args = { va + i * CTRL_PAGE_SIZE, 0, 0 },
        };
    }
    if (last) {
        calls[nr - 1].args[2] = UVMF_TLB_FLUSH | UVMF_ALL;
    }
    return hypercall(ctrl, __HYPERVISOR_multicall, (uintptr_t)calls, nr, 0, 0) == 0 &&
           (int64_t)calls[0].result == 0;
}

/*
 * Takes a PV control domain's page table entries away before the kernel does: it would do that
 * one by one, each with a trap to the hypervisor. It finds them empty, which is nothing new to it:
 * mappings of other domains' frames have no other state there. What fails is left to the kernel.
 */
static void clear_entries(struct ctrl *ctrl, const void *address, size_t nr)
{
    struct arg_mark mark = arg_begin(ctrl);
    struct multicall_entry *calls;
    size_t done, some;

    if (nr < CLEAR_MIN || ctrl->no_clear) {
        return;
    }
    calls = arg_get(ctrl, CLEAR_A_CALL * sizeof(*calls));
    for (done = 0; calls && !ctrl->no_clear && done < nr; done += some) {
        some = nr - done < CLEAR_A_CALL ? nr - done : CLEAR_A_CALL;
        ctrl->no_clear = !clear_some(ctrl, calls, (uintptr_t)address + done * CTRL_PAGE_SIZE, some,
                                     done + some == nr);
    }
    arg_end(ctrl, mark);
}

int ctrl_foreign_unmap(struct ctrl *ctrl, void *address, size_t nr)
{
    int rc;

    clear_entries(ctrl, address, nr);
    rc = ctrl_sys.unmap(address, nr);

    return rc ? fail_errno(ctrl, rc, "unmapping %zu frames", nr) : 0;
}

int ctrl_resource_map(struct ctrl *ctrl, uint32_t domid, enum ctrl_resource type, uint32_t id,
                      uint64_t frame, size_t nr, void **address)
{
    int rc = ctrl_sys.resource_map(&ctrl->state, domid, type, id, frame, nr, address);

    return rc ? fail_errno(ctrl, rc, "domain %u: mapping %zu frames of its resource %u/%u", domid,
                           nr, (unsigned int)type, id) : 0;
}

int ctrl_resource_size(struct ctrl *ctrl, uint32_t domid, enum ctrl_resource type, uint32_t id,
                       size_t *nr)
{
    int rc = ctrl_sys.resource_size(&ctrl->state, domid, type, id, nr);

    return rc ? fail_errno(ctrl, rc, "domain %u: asking for the size of its resource %u/%u", domid,
                           (unsigned int)type, id) : 0;
}

int ctrl_frame_types(struct ctrl *ctrl, uint32_t domid, size_t nr, const uint64_t *frames,
                     uint8_t *types)
{
    struct arg_mark mark = arg_begin(ctrl);
    uint64_t *arg = arg_get(ctrl, FRAMES_A_CALL * sizeof(*arg));
    size_t done, some, i;
    int rc = arg ? 0 : arg_error(ctrl);

    for (done = 0; rc == 0 && done < nr; done += some) {
        struct xen_domctl op = { .u.getpageframeinfo3.array = arg };

        some = nr - done < FRAMES_A_CALL ? nr - done : FRAMES_A_CALL;
        memcpy(arg, &frames[done], some * sizeof(*arg));
        op.u.getpageframeinfo3.num = some;
        rc = domctl(ctrl, &op, XEN_DOMCTL_getpageframeinfo3, domid, "asking for types of frames");
        for (i = 0; rc == 0 && i < some; i++) {
            types[done + i] = (uint8_t)((uint32_t)arg[i] >> XEN_DOMCTL_PFINFO_LTAB_SHIFT);
        }
    }
    arg_end(ctrl, mark);
    return rc;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* Hardware-assisted domains (docs/interface/hvm.md): parameters and state. */
#include <errno.h>
#include <string.h>

#include <libctrl/hvm.h>

#include <public/domctl.h>
#include <public/hvm/hvm_op.h>
#include <public/hvm/params.h>

#include "internal.h"

_Static_assert((int)CTRL_HVM_STORE_PFN == HVM_PARAM_STORE_PFN &&
               (int)CTRL_HVM_STORE_PORT == HVM_PARAM_STORE_EVTCHN &&
               (int)CTRL_HVM_TIMER_MODE == HVM_PARAM_TIMER_MODE &&
               (int)CTRL_HVM_IDENT_PT == HVM_PARAM_IDENT_PT &&
               (int)CTRL_HVM_CONSOLE_PFN == HVM_PARAM_CONSOLE_PFN &&
               (int)CTRL_HVM_CONSOLE_PORT == HVM_PARAM_CONSOLE_EVTCHN, "the same numbers");

static int param_op(struct ctrl *ctrl, unsigned int op, struct xen_hvm_param *param)
{
    struct arg_mark mark = arg_begin(ctrl);
    struct xen_hvm_param *arg = arg_get(ctrl, sizeof(*arg));
    long rc = arg_error(ctrl);

    if (arg) {
        *arg = *param;
        rc = hypercall(ctrl, __HYPERVISOR_hvm_op, op, (uintptr_t)arg, 0, 0);
        *param = *arg;
    }
    arg_end(ctrl, mark);
    return rc < 0 ? fail_errno(ctrl, (int)rc, "domain %u: %s its HVM parameter %u", param->domid,
                               op == HVMOP_set_param ? "setting" : "reading", param->index) : 0;
}

int ctrl_hvm_param_set(struct ctrl *ctrl, uint32_t domid, enum ctrl_hvm_param param,
                       uint64_t value)
{
    struct xen_hvm_param p = { .domid = (domid_t)domid, .index = param, .value = value };

    return param_op(ctrl, HVMOP_set_param, &p);
}

int ctrl_hvm_param_get(struct ctrl *ctrl, uint32_t domid, enum ctrl_hvm_param param,
                       uint64_t *value)
{
    struct xen_hvm_param p = { .domid = (domid_t)domid, .index = param };
    int rc = param_op(ctrl, HVMOP_get_param, &p);

    if (rc == 0) {
        *value = p.value;
    }
    return rc;
}

int ctrl_hvm_state_set(struct ctrl *ctrl, uint32_t domid, const void *records, size_t size)
{
    struct arg_mark mark = arg_begin(ctrl);
    void *arg = arg_get(ctrl, size + 1);
    struct xen_domctl op = { .u.hvmcontext = { .size = (uint32_t)size, .buffer = arg } };
    int rc = arg_error(ctrl);

    if (arg) {
        memcpy(arg, records, size);
        rc = domctl(ctrl, &op, XEN_DOMCTL_sethvmcontext, domid, "setting its hardware's state");
    }
    arg_end(ctrl, mark);
    return rc;
}

int ctrl_hvm_state_get(struct ctrl *ctrl, uint32_t domid, void *records, size_t size)
{
    struct arg_mark mark = arg_begin(ctrl);
    void *arg = arg_get(ctrl, size + 1);
    struct xen_domctl op = { .u.hvmcontext = { .size = (uint32_t)size, .buffer = arg } };
    int rc = arg_error(ctrl);

    if (arg) {
        rc = domctl(ctrl, &op, XEN_DOMCTL_gethvmcontext, domid, "reading its hardware's state");
    }
    if (rc == 0) {
        rc = (int)op.u.hvmcontext.size;
        memcpy(records, arg, op.u.hvmcontext.size);
    }
    arg_end(ctrl, mark);
    return rc;
}

int ctrl_hvm_set_paging_memory(struct ctrl *ctrl, uint32_t domid, uint64_t bytes)
{
    struct xen_domctl op = { .u.paging_mempool.size = bytes };

    return domctl(ctrl, &op, XEN_DOMCTL_set_paging_mempool_size, domid,
                  "setting the memory for its page tables");
}

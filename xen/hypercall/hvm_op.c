/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * hvm_op (docs/interface/README.md): calls of and about HVM domains. There are none, so what
 * remains is to say so as tools and kernels expect it.
 */
#include <public/hvm/hvm_op.h>
#include <xen/domain.h>
#include <xen/errno.h>
#include <xen/hypercall.h>
#include <xen/time.h>
#include <xen/usercopy.h>

/* The domain is looked for first; then it turns out to be no HVM domain. */
static long param_op(const void *arg)
{
    struct xen_hvm_param param;
    struct domain *d;

    if (!read_guest(&param, (const struct xen_hvm_param *)arg)) {
        return -EFAULT;
    }
    d = param.domid != DOMID_SELF ? domain_get(param.domid) : NULL;
    if (d == NULL && param.domid != DOMID_SELF) {
        return -ESRCH;
    }
    if (d != NULL) {
        domain_put(d);
    }
    return -EINVAL;
}

static long get_time(void *arg)
{
    struct xen_hvm_get_time t = { .now = (uint64_t)now() };

    return write_guest((struct xen_hvm_get_time *)arg, &t) ? 0 : -EFAULT;
}

long hypercall_hvm_op(unsigned long cmd, void *arg)
{
    switch (cmd) {
    case HVMOP_set_param:
    case HVMOP_get_param:
        return param_op(arg);
    case HVMOP_get_time:
        return get_time(arg);
    case HVMOP_flush_tlbs:
    case HVMOP_pagetable_dying:
    case HVMOP_xentrace:
    case HVMOP_get_mem_type:
    case HVMOP_set_evtchn_upcall_vector:
    case HVMOP_guest_request_vm_event:
        return -EINVAL;
    case HVMOP_altp2m:
        return -EOPNOTSUPP;
    default:
        return -ENOSYS;
    }
}

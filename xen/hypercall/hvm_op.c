/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * hvm_op (docs/interface/hvm.md): calls of and about hardware-assisted domains. The domain is
 * looked for first; then it may turn out to be paravirtual.
 */
#include <asm/current.h>
#include <asm/hvm.h>
#include <public/hvm/hvm_op.h>
#include <public/xen.h>
#include <xen/arch.h>
#include <xen/domain.h>
#include <xen/errno.h>
#include <xen/hypercall.h>
#include <xen/time.h>
#include <xen/usercopy.h>

/* A hardware-assisted domain that the caller is or may control, held. */
static int get_domain(domid_t id, struct domain **out)
{
    int rc = 0;

    *out = id != DOMID_SELF ? domain_get(id) : current->domain;
    if (*out == NULL) {
        return -ESRCH;
    }
    if (id == DOMID_SELF) {
        domain_hold(*out);
    }
    if (!is_hvm(*out)) {
        rc = -EINVAL;
    } else if (*out != current->domain && !domain_may_control(current->domain, *out)) {
        rc = -EPERM;
    }
    if (rc != 0) {
        domain_put(*out);
    }
    return rc;
}

static long param_op(struct xen_hvm_param *guest, bool set)
{
    struct xen_hvm_param p;
    struct domain *d;
    int rc;

    if (!read_guest(&p, guest)) {
        return -EFAULT;
    }
    rc = get_domain(p.domid, &d);
    if (rc != 0) {
        return rc;
    }
    rc = set ? hvm_param_set(d, p.index, p.value) : hvm_param_get(d, p.index, &p.value);
    domain_put(d);
    if (rc == 0 && !set && !write_guest(&guest->value, &p.value)) {
        rc = -EFAULT;
    }
    return rc;
}

static long upcall_vector(const struct xen_hvm_evtchn_upcall_vector *guest)
{
    struct domain *d = current->domain;
    struct xen_hvm_evtchn_upcall_vector op;
    struct vcpu *v;

    if (!is_hvm(d)) {
        return -EINVAL;
    }
    if (!read_guest(&op, guest)) {
        return -EFAULT;
    }
    if (op.vector < 16) {
        return -EINVAL;
    }
    v = domain_vcpu(d, op.vcpu);
    if (v == NULL) {
        return -ENOENT;
    }
    WRITE_ONCE(v->arch.hvm->upcall_vector, op.vector);
    if (v->info->evtchn_upcall_pending != 0) {
        arch_vcpu_upcall(v);
    }
    return 0;
}

static long get_time(struct xen_hvm_get_time *guest)
{
    struct xen_hvm_get_time t = { .now = (uint64_t)now() };

    return write_guest(guest, &t) ? 0 : -EFAULT;
}

long hypercall_hvm_op(unsigned long cmd, void *arg)
{
    switch (cmd) {
    case HVMOP_set_param:
    case HVMOP_get_param:
        return param_op(arg, cmd == HVMOP_set_param);
    case HVMOP_get_time:
        return get_time(arg);
    case HVMOP_set_evtchn_upcall_vector:
        return upcall_vector(arg);
    case HVMOP_flush_tlbs:
    case HVMOP_pagetable_dying:
    case HVMOP_xentrace:
    case HVMOP_get_mem_type:
    case HVMOP_guest_request_vm_event:
        return -EINVAL;
    case HVMOP_altp2m:
        return -EOPNOTSUPP;
    default:
        return -ENOSYS;
    }
}

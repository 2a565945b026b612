/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the files of domctl share: the handlers, one for each operation. Each gets the domain that
 * the call names, held, in the control turn, and a copy of the structure; results go into the
 * copy.
 */
#ifndef CONTROL_DOMCTL_H
#define CONTROL_DOMCTL_H

#include <public/domctl.h>
#include <xen/compiler.h>
#include <xen/domain.h>

typedef int domctl_fn(struct domain *d, struct xen_domctl *op);

/* The vCPU of @d; NULL with *rc -EINVAL (beyond what the domain may have) or -ESRCH (not made). */
struct vcpu *domctl_vcpu(const struct domain *d, uint32_t id, int *rc);

/* domctl_life.c */
domctl_fn domctl_createdomain, domctl_destroydomain, domctl_pausedomain, domctl_unpausedomain,
    domctl_resumedomain, domctl_soft_reset, domctl_getdomaininfo, domctl_max_vcpus,
    domctl_setdomainhandle, domctl_setdebugging, domctl_set_target, domctl_set_virq_handler,
    domctl_subscribe;

/* domctl_vcpu.c */
domctl_fn domctl_setvcpucontext, domctl_getvcpucontext, domctl_getvcpuinfo, domctl_sendtrigger,
    domctl_set_ext_vcpucontext, domctl_get_ext_vcpucontext, domctl_setvcpuextstate,
    domctl_getvcpuextstate, domctl_set_vcpu_msrs, domctl_get_vcpu_msrs;

/* domctl_sched.c */
domctl_fn domctl_setvcpuaffinity, domctl_getvcpuaffinity, domctl_setnodeaffinity,
    domctl_getnodeaffinity, domctl_scheduler_op;

/* domctl_mem.c */
domctl_fn domctl_max_mem, domctl_getpageframeinfo3, domctl_hypercall_init, domctl_shadow_op;

/* domctl_hvm.c */
domctl_fn domctl_gethvmcontext, domctl_sethvmcontext, domctl_get_paging_mempool_size,
    domctl_set_paging_mempool_size;

/* vnuma.c */
domctl_fn domctl_setvnumainfo;

/* domctl_device.c */
domctl_fn domctl_iomem_permission, domctl_ioport_permission, domctl_irq_permission,
    domctl_memory_mapping, domctl_no_iommu;

/* domctl_policy.c */
domctl_fn domctl_get_cpu_policy, domctl_set_cpu_policy, domctl_get_address_size,
    domctl_set_address_size, domctl_gettscinfo, domctl_settscinfo, domctl_settimeoffset;

/* Of a kind of domain that doesn't exist, or of nothing: -EINVAL, -EOPNOTSUPP, -ENODEV. */
domctl_fn domctl_only_hvm, domctl_not_offered, domctl_no_device;

#endif

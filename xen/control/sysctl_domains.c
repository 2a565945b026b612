/* SPDX-License-Identifier: BSD-2-Clause */
/* sysctl: all domains at once, pools of CPUs, the scheduler. */
#include <xen/control.h>
#include <xen/cpupool.h>
#include <xen/domain.h>
#include <xen/errno.h>
#include <xen/usercopy.h>

#include "sysctl.h"

/* The default of new pools, which pool 0 has. */
int sysctl_sched_id(struct xen_sysctl *op)
{
    op->u.sched_id.sched_id = XEN_SCHEDULER_CREDIT2;
    return 0;
}

int sysctl_getdomaininfolist(struct xen_sysctl *op)
{
    struct xen_sysctl_getdomaininfolist *list = &op->u.getdomaininfolist;
    struct xen_domctl_getdomaininfo info;
    domid_t next = list->first_domain;
    struct domain *d;
    uint32_t n = 0;

    while (n < list->max_domains && next < DOMID_FIRST_RESERVED &&
           (d = domain_get_next(next)) != NULL) {
        next = (domid_t)(d->id + 1);
        domain_describe(d, &info);
        domain_put(d);
        if (!write_guest(&list->buffer[n], &info)) {
            return -EFAULT;
        }
        n++;
    }
    list->num_domains = n;
    return 0;
}

int sysctl_cpupool_op(struct xen_sysctl *op)
{
    return cpupool_op(&op->u.cpupool_op);
}

int sysctl_scheduler_op(struct xen_sysctl *op)
{
    return cpupool_scheduler_op(&op->u.scheduler_op);
}

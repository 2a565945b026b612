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

/*
 * Times that the scheduler lets a vCPU run at least; credit's slice is that of its fairness.
 * Fixed.
 */
#define RATE_LIMIT_US 500
#define SLICE_MS      2

static int check_params(const struct xen_sysctl_scheduler_op *s)
{
    if (s->sched_id == XEN_SCHEDULER_CREDIT2) {
        return s->u.sched_credit2.ratelimit_us == RATE_LIMIT_US ? 0 : -EOPNOTSUPP;
    }
    return s->u.sched_credit.tslice_ms == SLICE_MS &&
           s->u.sched_credit.ratelimit_us == RATE_LIMIT_US &&
           s->u.sched_credit.vcpu_migr_delay_us == 0 ? 0 : -EOPNOTSUPP;
}

int sysctl_scheduler_op(struct xen_sysctl *op)
{
    struct xen_sysctl_scheduler_op *s = &op->u.scheduler_op;
    uint32_t scheduler;
    int rc = cpupool_scheduler(s->cpupool_id, &scheduler);

    if (rc != 0) {
        return rc;
    }
    if (s->sched_id != scheduler) {
        return -EINVAL;
    }
    switch (s->cmd) {
    case XEN_SYSCTL_SCHEDOP_putinfo:
        return check_params(s);
    case XEN_SYSCTL_SCHEDOP_getinfo:
        if (scheduler == XEN_SCHEDULER_CREDIT2) {
            s->u.sched_credit2.ratelimit_us = RATE_LIMIT_US;
        } else {
            s->u.sched_credit = (struct xen_sysctl_credit_schedule){ SLICE_MS, RATE_LIMIT_US, 0 };
        }
        return 0;
    default:
        return -EINVAL;
    }
}

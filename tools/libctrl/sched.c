/* SPDX-License-Identifier: BSD-2-Clause */
/* Shares of the CPUs, per domain and per pool (docs/interface/domctl.md, sysctl.md). */
#include <errno.h>
#include <string.h>

#include <libctrl/sched.h>

#include <public/domctl.h>
#include <public/sysctl.h>

#include "internal.h"

const char *ctrl_scheduler_name(uint32_t sched_id)
{
    switch (sched_id) {
    case CTRL_SCHED_CREDIT:
        return "credit";
    case CTRL_SCHED_CREDIT2:
        return "credit2";
    case CTRL_SCHED_ARINC653:
        return "arinc653";
    case CTRL_SCHED_RTDS:
        return "rtds";
    case CTRL_SCHED_NULL:
        return "null";
    default:
        return "unknown";
    }
}

int ctrl_scheduler_id(struct ctrl *ctrl, uint32_t *sched_id)
{
    struct xen_sysctl op = { .cmd = 0 };
    int rc = sysctl(ctrl, &op, XEN_SYSCTL_sched_id, "asking for the scheduler");

    if (rc == 0) {
        *sched_id = op.u.sched_id.sched_id;
    }
    return rc;
}

static int check_credit(struct ctrl *ctrl, uint32_t sched_id)
{
    if (sched_id != CTRL_SCHED_CREDIT && sched_id != CTRL_SCHED_CREDIT2) {
        return ctrl_fail(ctrl, -EINVAL, "the %s scheduler has no weights and caps",
                         ctrl_scheduler_name(sched_id));
    }
    return 0;
}

int ctrl_sched_domain_get(struct ctrl *ctrl, uint32_t domid, struct ctrl_sched_domain *sched)
{
    struct xen_domctl op = {
        .u.scheduler_op = { .sched_id = sched->sched_id, .cmd = XEN_DOMCTL_SCHEDOP_getinfo },
    };
    int rc = check_credit(ctrl, sched->sched_id);

    rc = rc ? rc : domctl(ctrl, &op, XEN_DOMCTL_scheduler_op, domid, "reading its share");
    if (rc == 0) {
        /* Both schedulers have the same form. */
        sched->weight = op.u.scheduler_op.u.credit.weight;
        sched->cap = op.u.scheduler_op.u.credit.cap;
    }
    return rc;
}

int ctrl_sched_domain_set(struct ctrl *ctrl, uint32_t domid,
                          const struct ctrl_sched_domain *sched)
{
    struct xen_domctl op = {
        .u.scheduler_op = {
            .sched_id = sched->sched_id,
            .cmd = XEN_DOMCTL_SCHEDOP_putinfo,
            .u.credit = { .weight = sched->weight, .cap = sched->cap },
        },
    };
    int rc = check_credit(ctrl, sched->sched_id);

    return rc ? rc : domctl(ctrl, &op, XEN_DOMCTL_scheduler_op, domid, "setting its share");
}

static int rtds_op(struct ctrl *ctrl, uint32_t domid, uint32_t cmd, const char *what,
                   struct xen_domctl_schedparam_vcpu *vcpus, unsigned int nr)
{
    struct xen_domctl op = {
        .u.scheduler_op = {
            .sched_id = XEN_SCHEDULER_RTDS, .cmd = cmd,
            .u.v = { .vcpus = vcpus, .nr_vcpus = nr },
        },
    };

    return domctl(ctrl, &op, XEN_DOMCTL_scheduler_op, domid, what);
}

int ctrl_sched_rtds_get(struct ctrl *ctrl, uint32_t domid, struct ctrl_sched_rtds *sched,
                        unsigned int nr)
{
    struct arg_mark mark = arg_begin(ctrl);
    struct xen_domctl_schedparam_vcpu *arg = arg_get_zeroed(ctrl, nr * sizeof(*arg));
    unsigned int i;
    int rc = arg ? 0 : arg_error(ctrl);

    for (i = 0; rc == 0 && i < nr; i++) {
        arg[i].vcpuid = sched[i].vcpu;
    }
    rc = rc ? rc : rtds_op(ctrl, domid, XEN_DOMCTL_SCHEDOP_getvcpuinfo,
                           "reading its real-time parameters", arg, nr);
    for (i = 0; rc == 0 && i < nr; i++) {
        sched[i].period_us = arg[i].u.rtds.period;
        sched[i].budget_us = arg[i].u.rtds.budget;
        sched[i].extratime = arg[i].u.rtds.flags & XEN_DOMCTL_SCHEDRT_extra;
    }
    arg_end(ctrl, mark);
    return rc;
}

int ctrl_sched_rtds_set(struct ctrl *ctrl, uint32_t domid, const struct ctrl_sched_rtds *sched,
                        unsigned int nr)
{
    struct arg_mark mark = arg_begin(ctrl);
    struct xen_domctl_schedparam_vcpu *arg = arg_get_zeroed(ctrl, nr * sizeof(*arg));
    unsigned int i;
    int rc = arg ? 0 : arg_error(ctrl);

    for (i = 0; rc == 0 && i < nr; i++) {
        arg[i].vcpuid = sched[i].vcpu;
        arg[i].u.rtds = (struct xen_domctl_sched_rtds){
            .period = sched[i].period_us, .budget = sched[i].budget_us,
            .flags = sched[i].extratime ? XEN_DOMCTL_SCHEDRT_extra : 0,
        };
    }
    rc = rc ? rc : rtds_op(ctrl, domid, XEN_DOMCTL_SCHEDOP_putvcpuinfo,
                           "setting its real-time parameters", arg, nr);
    arg_end(ctrl, mark);
    return rc;
}

int ctrl_sched_pool_get(struct ctrl *ctrl, uint32_t pool, struct ctrl_sched_pool *sched)
{
    struct xen_sysctl op = {
        .u.scheduler_op = {
            .cpupool_id = pool, .sched_id = sched->sched_id, .cmd = XEN_SYSCTL_SCHEDOP_getinfo,
        },
    };
    const struct xen_sysctl_scheduler_op *got = &op.u.scheduler_op;
    int rc = sysctl(ctrl, &op, XEN_SYSCTL_scheduler_op, "reading a pool's scheduler parameters");

    if (rc == 0 && sched->sched_id == CTRL_SCHED_CREDIT) {
        sched->tslice_ms = got->u.sched_credit.tslice_ms;
        sched->ratelimit_us = got->u.sched_credit.ratelimit_us;
        sched->migration_delay_us = got->u.sched_credit.vcpu_migr_delay_us;
    } else if (rc == 0) {
        sched->tslice_ms = sched->migration_delay_us = 0;
        sched->ratelimit_us = got->u.sched_credit2.ratelimit_us;
    }
    return rc;
}

int ctrl_sched_pool_set(struct ctrl *ctrl, uint32_t pool, const struct ctrl_sched_pool *sched)
{
    struct xen_sysctl op = {
        .u.scheduler_op = {
            .cpupool_id = pool, .sched_id = sched->sched_id, .cmd = XEN_SYSCTL_SCHEDOP_putinfo,
        },
    };

    if (sched->sched_id == CTRL_SCHED_CREDIT) {
        op.u.scheduler_op.u.sched_credit = (struct xen_sysctl_credit_schedule){
            .tslice_ms = sched->tslice_ms, .ratelimit_us = sched->ratelimit_us,
            .vcpu_migr_delay_us = sched->migration_delay_us,
        };
    } else {
        op.u.scheduler_op.u.sched_credit2.ratelimit_us = sched->ratelimit_us;
    }
    return sysctl(ctrl, &op, XEN_SYSCTL_scheduler_op, "setting a pool's scheduler parameters");
}

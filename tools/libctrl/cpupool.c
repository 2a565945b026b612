/* SPDX-License-Identifier: BSD-2-Clause */
/* Pools of CPUs (docs/interface/sysctl.md). */
#include <errno.h>

#include <libctrl/cpupool.h>

#include <public/sysctl.h>

#include "internal.h"

static int pool_op(struct ctrl *ctrl, struct xen_sysctl_cpupool_op *pool, const char *what)
{
    struct xen_sysctl op = { .u.cpupool_op = *pool };
    long rc = sysctl_raw(ctrl, &op, XEN_SYSCTL_cpupool_op);

    if (rc < 0) {
        return fail_errno(ctrl, (int)rc, "%s", what);
    }
    *pool = op.u.cpupool_op;
    return 0;
}

int ctrl_cpupool_next(struct ctrl *ctrl, uint32_t first, struct ctrl_cpupool_info *info)
{
    struct arg_mark mark = arg_begin(ctrl);
    struct xen_sysctl_cpupool_op pool = { .op = XEN_SYSCTL_CPUPOOL_OP_INFO, .cpupool_id = first };
    int rc = bitmap_arg(ctrl, NULL, &pool.cpumap);

    rc = rc ? rc : pool_op(ctrl, &pool, "asking for the next pool of CPUs");
    if (rc == 0) {
        info->pool = pool.cpupool_id;
        info->sched_id = pool.sched_id;
        info->nr_domains = pool.n_dom;
        bitmap_result(&pool.cpumap, &info->cpus);
    }
    arg_end(ctrl, mark);
    return rc;
}

int ctrl_cpupool_create(struct ctrl *ctrl, uint32_t pool, uint32_t sched_id)
{
    struct xen_sysctl_cpupool_op op = {
        .op = XEN_SYSCTL_CPUPOOL_OP_CREATE, .cpupool_id = pool, .sched_id = sched_id,
    };
    int rc = pool_op(ctrl, &op, "creating a pool of CPUs");

    return rc ? rc : (int)op.cpupool_id;
}

int ctrl_cpupool_destroy(struct ctrl *ctrl, uint32_t pool)
{
    struct xen_sysctl_cpupool_op op = {
        .op = XEN_SYSCTL_CPUPOOL_OP_DESTROY, .cpupool_id = pool,
    };

    return pool_op(ctrl, &op, "destroying a pool of CPUs");
}

int ctrl_cpupool_add_cpu(struct ctrl *ctrl, uint32_t pool, uint32_t cpu)
{
    struct xen_sysctl_cpupool_op op = {
        .op = XEN_SYSCTL_CPUPOOL_OP_ADDCPU, .cpupool_id = pool, .cpu = cpu,
    };

    return pool_op(ctrl, &op, "adding a CPU to a pool");
}

int ctrl_cpupool_remove_cpu(struct ctrl *ctrl, uint32_t pool, uint32_t cpu)
{
    struct xen_sysctl_cpupool_op op = {
        .op = XEN_SYSCTL_CPUPOOL_OP_RMCPU, .cpupool_id = pool, .cpu = cpu,
    };

    return pool_op(ctrl, &op, "removing a CPU from a pool");
}

int ctrl_cpupool_move_domain(struct ctrl *ctrl, uint32_t pool, uint32_t domid)
{
    struct xen_sysctl_cpupool_op op = {
        .op = XEN_SYSCTL_CPUPOOL_OP_MOVEDOMAIN, .cpupool_id = pool, .domid = domid,
    };

    return pool_op(ctrl, &op, "moving a domain to a pool of CPUs");
}

int ctrl_cpupool_free_cpus(struct ctrl *ctrl, struct ctrl_cpumap *cpus)
{
    struct arg_mark mark = arg_begin(ctrl);
    struct xen_sysctl_cpupool_op op = { .op = XEN_SYSCTL_CPUPOOL_OP_FREEINFO };
    int rc = bitmap_arg(ctrl, NULL, &op.cpumap);

    rc = rc ? rc : pool_op(ctrl, &op, "asking for the CPUs of no pool");
    if (rc == 0) {
        bitmap_result(&op.cpumap, cpus);
    }
    arg_end(ctrl, mark);
    return rc;
}

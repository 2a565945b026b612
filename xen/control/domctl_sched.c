/* SPDX-License-Identifier: BSD-2-Clause */
/* domctl: which CPUs a vCPU runs on, and what share of them its domain gets. */
#include "domctl.h"

#include <xen/control.h>
#include <xen/cpupool.h>
#include <xen/errno.h>
#include <xen/usercopy.h>

#define AFFINITY_KINDS (XEN_VCPUAFFINITY_HARD | XEN_VCPUAFFINITY_SOFT)

/* The memory of this machine is one node. */
#define NODE_0 1U

static int check_affinity(const struct xen_domctl_vcpuaffinity *a)
{
    if ((a->flags & ~(AFFINITY_KINDS | XEN_VCPUAFFINITY_FORCE)) || !(a->flags & AFFINITY_KINDS) ||
        ((a->flags & XEN_VCPUAFFINITY_HARD) && a->cpumap_hard.bitmap == NULL) ||
        ((a->flags & XEN_VCPUAFFINITY_SOFT) && a->cpumap_soft.bitmap == NULL)) {
        return -EINVAL;
    }
    return 0;
}

/* Says which CPUs are in force. */
static int report_affinity(const struct vcpu *v, const struct xen_domctl_vcpuaffinity *a)
{
    cpumask_t hard, soft, pool = cpupool_cpus_of(v->domain);
    int rc = 0;

    vcpu_get_affinity((struct vcpu *)v, &hard, &soft);
    hard = cpumask_and(&hard, &pool);
    soft = cpumask_and(&soft, &hard);
    if (a->flags & XEN_VCPUAFFINITY_HARD) {
        rc = bitmap_write_cpus(&a->cpumap_hard, &hard);
    }
    if (rc == 0 && (a->flags & XEN_VCPUAFFINITY_SOFT)) {
        rc = bitmap_write_cpus(&a->cpumap_soft, &soft);
    }
    return rc;
}

int domctl_setvcpuaffinity(struct domain *d, struct xen_domctl *op)
{
    const struct xen_domctl_vcpuaffinity *a = &op->u.vcpuaffinity;
    cpumask_t hard, soft;
    int rc;
    struct vcpu *v = domctl_vcpu(d, a->vcpu, &rc);

    if (v == NULL) {
        return rc;
    }
    rc = check_affinity(a);
    if (rc == 0 && (a->flags & XEN_VCPUAFFINITY_HARD)) {
        rc = bitmap_read_cpus(&a->cpumap_hard, &hard);
    }
    if (rc == 0 && (a->flags & XEN_VCPUAFFINITY_SOFT)) {
        rc = bitmap_read_cpus(&a->cpumap_soft, &soft);
    }
    if (rc == 0) {
        rc = cpupool_set_affinity(v, a->flags & XEN_VCPUAFFINITY_HARD ? &hard : NULL,
                                  a->flags & XEN_VCPUAFFINITY_SOFT ? &soft : NULL);
    }
    return rc != 0 ? rc : report_affinity(v, a);
}

int domctl_getvcpuaffinity(struct domain *d, struct xen_domctl *op)
{
    const struct xen_domctl_vcpuaffinity *a = &op->u.vcpuaffinity;
    cpumask_t hard, soft;
    int rc;
    struct vcpu *v = domctl_vcpu(d, a->vcpu, &rc);

    if (v == NULL) {
        return rc;
    }
    rc = check_affinity(a);
    if (rc != 0) {
        return rc;
    }
    vcpu_get_affinity(v, &hard, &soft);
    if (a->flags & XEN_VCPUAFFINITY_HARD) {
        rc = bitmap_write_cpus(&a->cpumap_hard, &v->hard_affinity);
    }
    if (rc == 0 && (a->flags & XEN_VCPUAFFINITY_SOFT)) {
        rc = bitmap_write_cpus(&a->cpumap_soft, &soft);
    }
    return rc;
}

int domctl_setnodeaffinity(struct domain *d, struct xen_domctl *op)
{
    cpumask_t nodes;
    int rc = bitmap_read_cpus(&op->u.nodeaffinity.nodemap, &nodes);

    if (rc != 0) {
        return rc;
    }
    if (!(nodes.bits[0] & NODE_0)) {
        return -EINVAL;
    }
    d->node_affinity = nodes.bits[0];
    return 0;
}

int domctl_getnodeaffinity(struct domain *d, struct xen_domctl *op)
{
    uint64_t nodes = d->node_affinity != 0 ? d->node_affinity : NODE_0;

    return bitmap_write_nodes(&op->u.nodeaffinity.nodemap, nodes);
}

/* Weight and cap have the same place in the structures of both schedulers. */
_Static_assert(sizeof(struct xen_domctl_sched_credit) == sizeof(struct xen_domctl_sched_credit2),
               "domctl.md");

static int put_share(struct domain *d, uint32_t sched_id,
                     const struct xen_domctl_sched_credit2 *from)
{
    struct sched_share share;

    domain_get_share(d, &share);
    if (from->weight != 0) {
        share.weight = from->weight;
    }
    /* "Leave it" is a cap that no domain can have. */
    if (sched_id != XEN_SCHEDULER_CREDIT || from->cap != UINT16_MAX) {
        share.cap = from->cap;
    }
    if (sched_id == XEN_SCHEDULER_CREDIT2 && share.cap > 100 * d->max_vcpus) {
        return -EINVAL;
    }
    return domain_set_share(d, &share);
}

int domctl_scheduler_op(struct domain *d, struct xen_domctl *op)
{
    struct xen_domctl_scheduler_op *s = &op->u.scheduler_op;
    struct sched_share share;

    if (s->sched_id != cpupool_scheduler_of(d)) {
        return -EINVAL;
    }
    switch (s->cmd) {
    case XEN_DOMCTL_SCHEDOP_putinfo:
        return put_share(d, s->sched_id, &s->u.credit2);
    case XEN_DOMCTL_SCHEDOP_getinfo:
        domain_get_share(d, &share);
        s->u.credit2.weight = (uint16_t)share.weight;
        s->u.credit2.cap = (uint16_t)share.cap;
        return 0;
    default:
        return -EINVAL; /* parameters of single vCPUs belong to other schedulers */
    }
}

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Pools of CPUs (control/cpupool.c): each domain runs on the CPUs of one pool. Pool 0 is there from
 * the start and has all CPUs. All calls: in the control turn.
 */
#ifndef XEN_CPUPOOL_H
#define XEN_CPUPOOL_H

#include <xen/compiler.h>
#include <xen/cpumask.h>
#include <xen/types.h>

struct domain;
struct vcpu;
struct xen_sysctl_cpupool_op;
struct xen_sysctl_scheduler_op;

/* A new domain joins. -ESRCH: no such pool; -ENODEV: it has no CPU. */
must_check int cpupool_check(uint32_t id);
/* A new vCPU of @d may only run on the pool's CPUs. */
void cpupool_vcpu_added(struct vcpu *v);
/*
 * The CPUs that the tools want for @v; either may be NULL: unchanged. Only those of its pool count.
 * -EINVAL: none of the hard ones is left.
 */
must_check int cpupool_set_affinity(struct vcpu *v, const cpumask_t *hard, const cpumask_t *soft);
/* CPUs of the domain's pool, and the scheduler that it was made for (XEN_SCHEDULER_*). */
cpumask_t cpupool_cpus_of(const struct domain *d);
uint32_t cpupool_scheduler_of(const struct domain *d);
/*
 * XEN_SYSCTL_scheduler_op: reads or sets the pool's parameters. -ESRCH: no such pool; -EINVAL: cmd,
 * another scheduler, values.
 */
must_check int cpupool_scheduler_op(struct xen_sysctl_scheduler_op *op);
/* XEN_SYSCTL_cpupool_op: the structure is updated for those operations that have results. */
must_check int cpupool_op(struct xen_sysctl_cpupool_op *op);

#endif

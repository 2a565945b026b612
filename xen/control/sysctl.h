/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the files of sysctl share: the handlers, one for each operation, which run in the control
 * turn.
 */
#ifndef CONTROL_SYSCTL_H
#define CONTROL_SYSCTL_H

#include <public/sysctl.h>

typedef int sysctl_fn(struct xen_sysctl *op);

/* sysctl_domains.c */
sysctl_fn sysctl_getdomaininfolist, sysctl_cpupool_op, sysctl_sched_id, sysctl_scheduler_op;

/* sysctl_machine.c */
sysctl_fn sysctl_physinfo, sysctl_cputopoinfo, sysctl_numainfo, sysctl_pcitopoinfo,
    sysctl_getcpuinfo, sysctl_availheap, sysctl_readconsole, sysctl_debug_keys;

/* sysctl_policy.c */
sysctl_fn sysctl_get_cpu_levelling_caps, sysctl_get_cpu_featureset, sysctl_get_cpu_policy;

#endif

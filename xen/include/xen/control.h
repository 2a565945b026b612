/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the control calls (domctl, sysctl) share.
 *
 * The control turn: one control operation at a time. It is no spin lock, since operations copy
 * guest memory and wait for vCPUs to stop: who doesn't get it makes the call again.
 */
#ifndef XEN_CONTROL_H
#define XEN_CONTROL_H

#include <xen/compiler.h>
#include <xen/cpumask.h>
#include <xen/types.h>

struct domain;
struct vcpu;
struct xenctl_bitmap;
struct xen_domctl_getdomaininfo;

/* False: somebody else's turn; the caller returns -ERESTART. */
must_check bool control_try_enter(void);
void control_leave(void);

/* What the tools see of a domain. */
void domain_describe(struct domain *d, struct xen_domctl_getdomaininfo *info);

/* memory_op add_to_physmap with its arguments copied; errors as there. */
must_check int physmap_add(domid_t id, unsigned int space, uint64_t idx, uint64_t gfn);
/* memory_op memory_map: the caller's, to @buffer. *nr: room there, then what was written. */
must_check int memory_map_write(void *buffer, uint32_t *nr);

/* One more than the highest number of a CPU that runs. */
unsigned int control_nr_cpu_ids(void);
/* Sets of CPUs in the tools' form; what doesn't fit is cut off, what is missing is 0. -EFAULT. */
must_check int bitmap_read_cpus(const struct xenctl_bitmap *from, cpumask_t *cpus);
must_check int bitmap_write_cpus(const struct xenctl_bitmap *to, const cpumask_t *cpus);
/* Of nodes, of which there can be 64. */
must_check int bitmap_write_nodes(const struct xenctl_bitmap *to, uint64_t nodes);

#endif

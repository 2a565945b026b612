/* SPDX-License-Identifier: BSD-2-Clause */
/* CPU policies in the tools' form, for domctl and sysctl. */
#ifndef CONTROL_POLICY_H
#define CONTROL_POLICY_H

#include <xen/compiler.h>
#include <xen/types.h>

struct cpu_policy;
struct xen_cpuid_leaf;
struct xen_msr_entry;

struct policy_buffer {
    struct xen_cpuid_leaf *leaves; /* guest memory; NULL: not wanted */
    struct xen_msr_entry *msrs;
    uint32_t nr_leaves;            /* room, then entries */
    uint32_t nr_msrs;
};

/* With neither buffer: how much room is enough. -ENOBUFS, -EFAULT. */
must_check int policy_write(const struct cpu_policy *p, struct policy_buffer *b);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/* sysctl: CPU policies of the machine and of kinds of domains. */
#include <asm/cpuid.h>
#include <xen/errno.h>
#include <xen/usercopy.h>

#include "policy.h"
#include "sysctl.h"

#define MAX_FEATURE_WORDS 32

/* What could be hidden from the plain CPUID instruction is not up to the tools. */
int sysctl_get_cpu_levelling_caps(struct xen_sysctl *op)
{
    op->u.cpu_levelling_caps.caps = cpuid_faulting_is_on() ? XEN_SYSCTL_CPU_LEVELCAP_faulting : 0;
    return 0;
}

static const struct cpu_policy *policy_of_featureset(uint32_t index)
{
    switch (index) {
    case XEN_SYSCTL_cpu_featureset_raw:
        return cpuid_policy(POLICY_RAW);
    case XEN_SYSCTL_cpu_featureset_host:
        return cpuid_policy(POLICY_HOST);
    case XEN_SYSCTL_cpu_featureset_pv:
        return cpuid_policy(POLICY_PV_DEFAULT);
    case XEN_SYSCTL_cpu_featureset_pv_max:
        return cpuid_policy(POLICY_PV_MAX);
    case XEN_SYSCTL_cpu_featureset_hvm:
        return cpuid_policy(POLICY_HVM_DEFAULT);
    case XEN_SYSCTL_cpu_featureset_hvm_max:
        return cpuid_policy(POLICY_HVM_MAX);
    default:
        return NULL;
    }
}

int sysctl_get_cpu_featureset(struct xen_sysctl *op)
{
    struct xen_sysctl_cpu_featureset *f = &op->u.cpu_featureset;
    const struct cpu_policy *p = policy_of_featureset(f->index);
    uint32_t words[MAX_FEATURE_WORDS] = { 0 };
    unsigned int nr;

    if (f->features == NULL) {
        f->nr_features = policy_featureset(cpuid_policy(POLICY_HOST), words, MAX_FEATURE_WORDS);
        return 0;
    }
    if (f->index > XEN_SYSCTL_cpu_featureset_hvm_max) {
        return -EINVAL;
    }
    if (p == NULL) {
        return -EOPNOTSUPP;
    }
    nr = policy_featureset(p, words, MAX_FEATURE_WORDS);
    if (copy_to_guest(f->features, words, MIN(f->nr_features, nr) * sizeof(words[0])) != 0) {
        return -EFAULT;
    }
    if (f->nr_features < nr) {
        return -ENOBUFS;
    }
    f->nr_features = nr;
    return 0;
}

int sysctl_get_cpu_policy(struct xen_sysctl *op)
{
    struct xen_sysctl_cpu_policy *c = &op->u.cpu_policy;
    struct policy_buffer b = { c->leaves, c->msrs, c->nr_leaves, c->nr_msrs };
    const struct cpu_policy *p;
    int rc;

    if (c->_rsvd != 0 || c->index > XEN_SYSCTL_cpu_policy_hvm_default) {
        return -EINVAL;
    }
    p = cpuid_policy((enum policy_index)c->index);
    if (p == NULL && (b.leaves != NULL || b.msrs != NULL)) {
        return -EOPNOTSUPP;
    }
    rc = policy_write(p, &b);
    c->nr_leaves = b.nr_leaves;
    c->nr_msrs = b.nr_msrs;
    return rc;
}

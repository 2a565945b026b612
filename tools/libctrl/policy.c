/* SPDX-License-Identifier: BSD-2-Clause */
/* CPU policies: CPUID leaves and MSRs, read and written as lists (docs/interface/domctl.md). */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <libctrl/policy.h>

#include <public/domctl.h>
#include <public/sysctl.h>

#include "internal.h"

_Static_assert(sizeof(struct ctrl_cpuid_leaf) == sizeof(struct xen_cpuid_leaf), "the same form");
_Static_assert(sizeof(struct ctrl_msr) == sizeof(struct xen_msr_entry), "the same form");

/* Lists in argument memory. */
struct lists {
    uint32_t nr_leaves, nr_msrs;
    struct xen_cpuid_leaf *leaves;
    struct xen_msr_entry *msrs;
};

/* Of a domain, or of the host if domid is CTRL_DOMID_LIMIT. Null lists: asks for the numbers. */
static int policy_get(struct ctrl *ctrl, uint32_t domid, enum ctrl_policy_kind kind,
                      struct lists *lists)
{
    struct xen_sysctl s = {
        .u.cpu_policy = {
            .index = kind, .nr_leaves = lists->nr_leaves, .nr_msrs = lists->nr_msrs,
            .leaves = lists->leaves, .msrs = lists->msrs,
        },
    };
    struct xen_domctl d = {
        .u.cpu_policy = {
            .nr_leaves = lists->nr_leaves, .nr_msrs = lists->nr_msrs,
            .leaves = lists->leaves, .msrs = lists->msrs,
        },
    };
    bool host = domid == CTRL_DOMID_LIMIT;
    int rc = host ? sysctl(ctrl, &s, XEN_SYSCTL_get_cpu_policy, "reading a CPU policy")
                  : domctl(ctrl, &d, XEN_DOMCTL_get_cpu_policy, domid, "reading its CPU policy");

    if (rc == 0) {
        lists->nr_leaves = host ? s.u.cpu_policy.nr_leaves : d.u.cpu_policy.nr_leaves;
        lists->nr_msrs = host ? s.u.cpu_policy.nr_msrs : d.u.cpu_policy.nr_msrs;
    }
    return rc;
}

static int lists_alloc(struct ctrl *ctrl, struct lists *lists)
{
    /* One more, so that no list is of size 0. */
    lists->leaves = arg_get(ctrl, (lists->nr_leaves + 1) * sizeof(*lists->leaves));
    lists->msrs = arg_get(ctrl, (lists->nr_msrs + 1) * sizeof(*lists->msrs));
    return lists->leaves && lists->msrs ? 0 : arg_error(ctrl);
}

static int policy_copy(struct ctrl *ctrl, const struct lists *lists, struct ctrl_policy *policy)
{
    struct ctrl_policy p = { .nr_leaves = lists->nr_leaves, .nr_msrs = lists->nr_msrs };

    p.leaves = malloc((p.nr_leaves + 1) * sizeof(*p.leaves));
    p.msrs = malloc((p.nr_msrs + 1) * sizeof(*p.msrs));
    if (!p.leaves || !p.msrs) {
        ctrl_policy_free(&p);
        return fail_errno(ctrl, -ENOMEM, "a CPU policy of %u leaves", lists->nr_leaves);
    }
    memcpy(p.leaves, lists->leaves, p.nr_leaves * sizeof(*p.leaves));
    memcpy(p.msrs, lists->msrs, p.nr_msrs * sizeof(*p.msrs));
    *policy = p;
    return 0;
}

static int policy_read(struct ctrl *ctrl, uint32_t domid, enum ctrl_policy_kind kind,
                       struct ctrl_policy *policy)
{
    struct arg_mark mark = arg_begin(ctrl);
    struct lists lists = { .nr_leaves = 0 };
    int rc = policy_get(ctrl, domid, kind, &lists);

    rc = rc ? rc : lists_alloc(ctrl, &lists);
    rc = rc ? rc : policy_get(ctrl, domid, kind, &lists);
    rc = rc ? rc : policy_copy(ctrl, &lists, policy);
    arg_end(ctrl, mark);
    return rc;
}

int ctrl_policy_of_host(struct ctrl *ctrl, enum ctrl_policy_kind kind, struct ctrl_policy *policy)
{
    return policy_read(ctrl, CTRL_DOMID_LIMIT, kind, policy);
}

int ctrl_policy_of_domain(struct ctrl *ctrl, uint32_t domid, struct ctrl_policy *policy)
{
    return policy_read(ctrl, domid, CTRL_POLICY_RAW, policy);
}

static int policy_put(struct ctrl *ctrl, uint32_t domid, const struct lists *lists)
{
    struct xen_domctl op = {
        .u.cpu_policy = {
            .nr_leaves = lists->nr_leaves, .nr_msrs = lists->nr_msrs,
            .leaves = lists->leaves, .msrs = lists->msrs,
        },
    };
    const struct xen_domctl_cpu_policy *got = &op.u.cpu_policy;
    long rc = domctl_raw(ctrl, &op, XEN_DOMCTL_set_cpu_policy, domid);

    if (rc < 0 && got->err_leaf != UINT32_MAX) {
        return fail_errno(ctrl, (int)rc, "domain %u: CPUID leaf %#x, subleaf %#x", domid,
                          got->err_leaf, got->err_subleaf);
    }
    if (rc < 0 && got->err_msr != UINT32_MAX) {
        return fail_errno(ctrl, (int)rc, "domain %u: MSR %#x", domid, got->err_msr);
    }
    return rc < 0 ? fail_domain(ctrl, (int)rc, domid, "setting its CPU policy") : 0;
}

int ctrl_policy_set(struct ctrl *ctrl, uint32_t domid, const struct ctrl_policy *policy)
{
    struct arg_mark mark = arg_begin(ctrl);
    struct lists lists = { .nr_leaves = policy->nr_leaves, .nr_msrs = policy->nr_msrs };
    int rc = lists_alloc(ctrl, &lists);

    if (rc == 0) {
        memcpy(lists.leaves, policy->leaves, policy->nr_leaves * sizeof(*lists.leaves));
        memcpy(lists.msrs, policy->msrs, policy->nr_msrs * sizeof(*lists.msrs));
        rc = policy_put(ctrl, domid, &lists);
    }
    arg_end(ctrl, mark);
    return rc;
}

struct ctrl_cpuid_leaf *ctrl_policy_leaf(const struct ctrl_policy *policy, uint32_t leaf,
                                         uint32_t subleaf)
{
    uint32_t i;

    for (i = 0; i < policy->nr_leaves; i++) {
        if (policy->leaves[i].leaf == leaf && policy->leaves[i].subleaf == subleaf) {
            return &policy->leaves[i];
        }
    }
    return NULL;
}

void ctrl_policy_free(struct ctrl_policy *policy)
{
    free(policy->leaves);
    free(policy->msrs);
    *policy = (struct ctrl_policy){ .leaves = NULL };
}

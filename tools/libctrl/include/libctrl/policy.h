/* SPDX-License-Identifier: BSD-2-Clause */
/* What a domain finds when it asks CPUID and reads model-specific registers. */
#ifndef LIBCTRL_POLICY_H
#define LIBCTRL_POLICY_H

#include <libctrl/ctrl.h>

#define CTRL_CPUID_NO_SUBLEAF 0xffffffffu

struct ctrl_cpuid_leaf {
    uint32_t leaf, subleaf;
    uint32_t a, b, c, d;
};

struct ctrl_msr {
    uint32_t index, flags;
    uint64_t value;
};

struct ctrl_policy {
    uint32_t nr_leaves, nr_msrs;
    struct ctrl_cpuid_leaf *leaves;     /* sorted by leaf, then subleaf */
    struct ctrl_msr *msrs;
};

enum ctrl_policy_kind {
    CTRL_POLICY_RAW = 0,        /* the machine's own */
    CTRL_POLICY_HOST = 1,
    CTRL_POLICY_PV_MAX = 2,
    CTRL_POLICY_HVM_MAX = 3,
    CTRL_POLICY_PV_DEFAULT = 4,
    CTRL_POLICY_HVM_DEFAULT = 5,
};

/* To be freed with ctrl_policy_free(). -EOPNOTSUPP: a kind the hypervisor has not. */
int ctrl_policy_of_host(struct ctrl *ctrl, enum ctrl_policy_kind kind, struct ctrl_policy *policy);
int ctrl_policy_of_domain(struct ctrl *ctrl, uint32_t domid, struct ctrl_policy *policy);
/*
 * Of a paused domain that has not run. What is more than it may have is dropped. -ERANGE: an entry
 * is unknown, and ctrl_error() names it.
 */
int ctrl_policy_set(struct ctrl *ctrl, uint32_t domid, const struct ctrl_policy *policy);
/* The leaf, or NULL. */
struct ctrl_cpuid_leaf *ctrl_policy_leaf(const struct ctrl_policy *policy, uint32_t leaf,
                                         uint32_t subleaf);
void ctrl_policy_free(struct ctrl_policy *policy);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * domctl: the CPU and the clock as a domain sees them.
 *
 * A domain's CPU policy can be taken away from, never added to: what a new policy has beyond what
 * PV domains may have at most is dropped silently, as the tools expect, who start from a policy
 * they were given.
 */
#include "domctl.h"

#include <asm/cpuid.h>
#include <asm/current.h>
#include <asm/hvm.h>
#include <asm/vtsc.h>
#include <xen/alloc.h>
#include <xen/console.h>
#include <xen/errno.h>
#include <xen/hypercall.h>
#include <xen/time.h>
#include <xen/usercopy.h>

#include "policy.h"

#define SIZE_BITS 64
#define NOT_NAMED UINT32_MAX /* in err_leaf and the rest */
/* A bit more than a century: nanoseconds stay within 64 bits. */
#define MAX_OFFSET_SECONDS 4000000000L

/* MSRs that a policy of the tools has. A PV domain reads 0 of each. */
static const uint32_t policy_msrs[] = { 0xce, 0x10a };

static int write_leaves(const struct cpu_policy *p, struct xen_cpuid_leaf *leaves, uint32_t *nr)
{
    struct xen_cpuid_leaf leaf;
    unsigned int it = 0;
    uint32_t n = 0;

    while (policy_next_leaf(p, &it, &leaf)) {
        if (n >= *nr) {
            return -ENOBUFS;
        }
        if (!write_guest(&leaves[n], &leaf)) {
            return -EFAULT;
        }
        n++;
    }
    *nr = n;
    return 0;
}

static int write_msrs(struct xen_msr_entry *msrs, uint32_t *nr)
{
    if (*nr < ARRAY_SIZE(policy_msrs)) {
        return -ENOBUFS;
    }
    for (unsigned int i = 0; i < ARRAY_SIZE(policy_msrs); i++) {
        struct xen_msr_entry e = { .idx = policy_msrs[i] };

        if (!write_guest(&msrs[i], &e)) {
            return -EFAULT;
        }
    }
    *nr = ARRAY_SIZE(policy_msrs);
    return 0;
}

int policy_write(const struct cpu_policy *p, struct policy_buffer *b)
{
    int rc = 0;

    if (b->leaves == NULL && b->msrs == NULL) {
        b->nr_leaves = POLICY_MAX_LEAVES;
        b->nr_msrs = ARRAY_SIZE(policy_msrs);
        return 0;
    }
    if (b->leaves != NULL) {
        rc = write_leaves(p, b->leaves, &b->nr_leaves);
    }
    if (rc == 0 && b->msrs != NULL) {
        rc = write_msrs(b->msrs, &b->nr_msrs);
    }
    return rc;
}

int domctl_get_cpu_policy(struct domain *d, struct xen_domctl *op)
{
    struct xen_domctl_cpu_policy *p = &op->u.cpu_policy;
    struct policy_buffer b = { p->leaves, p->msrs, p->nr_leaves, p->nr_msrs };
    int rc = policy_write(d->arch.cpuid, &b);

    p->nr_leaves = b.nr_leaves;
    p->nr_msrs = b.nr_msrs;
    return rc;
}

/* On an error err_leaf and the rest name the entry. */
static int read_leaves(struct cpu_policy *p, struct xen_domctl_cpu_policy *from)
{
    struct xen_cpuid_leaf leaf;

    for (uint32_t i = 0; i < from->nr_leaves; i++) {
        if (!read_guest(&leaf, &from->leaves[i])) {
            return -EFAULT;
        }
        if (!policy_set_leaf(p, &leaf)) {
            from->err_leaf = leaf.leaf;
            from->err_subleaf = leaf.subleaf;
            from->err_msr = NOT_NAMED;
            return -ERANGE;
        }
    }
    return 0;
}

static bool is_policy_msr(uint32_t index)
{
    for (unsigned int i = 0; i < ARRAY_SIZE(policy_msrs); i++) {
        if (policy_msrs[i] == index) {
            return true;
        }
    }
    return false;
}

/* What they ask for is more than PV domains have: dropped, like CPUID bits. */
static int read_msrs(struct xen_domctl_cpu_policy *from)
{
    struct xen_msr_entry msr;

    for (uint32_t i = 0; i < from->nr_msrs; i++) {
        if (!read_guest(&msr, &from->msrs[i])) {
            return -EFAULT;
        }
        if (msr.flags != 0 || !is_policy_msr(msr.idx)) {
            from->err_leaf = from->err_subleaf = NOT_NAMED;
            from->err_msr = msr.idx;
            return -ERANGE;
        }
    }
    return 0;
}

int domctl_set_cpu_policy(struct domain *d, struct xen_domctl *op)
{
    struct xen_domctl_cpu_policy *from = &op->u.cpu_policy;
    struct cpu_policy *fresh;
    int rc;

    if (d == current->domain || d->is_hardware) {
        return -EINVAL;
    }
    if (d->has_started) {
        return -EEXIST;
    }
    if (from->nr_leaves > POLICY_MAX_LEAVES || from->nr_msrs > POLICY_MAX_MSRS) {
        return -E2BIG;
    }
    fresh = heap_new(struct cpu_policy);
    if (fresh == NULL) {
        return -ENOMEM;
    }
    *fresh = *d->arch.cpuid;
    rc = read_leaves(fresh, from);
    if (rc == 0) {
        rc = read_msrs(from);
    }
    if (rc == 0) {
        policy_clamp(fresh, cpuid_policy(is_hvm(d) ? POLICY_HVM_MAX : POLICY_PV_MAX),
                     d->max_vcpus);
        *d->arch.cpuid = *fresh;
    }
    heap_free(fresh);
    return rc;
}

int domctl_get_address_size(struct domain *d, struct xen_domctl *op)
{
    (void)d;
    op->u.address_size.size = SIZE_BITS;
    return 0;
}

/* 32-bit domains are not supported, by design. */
int domctl_set_address_size(struct domain *d, struct xen_domctl *op)
{
    uint32_t size = op->u.address_size.size;

    (void)d;
    return size == SIZE_BITS ? 0 : size == 32 ? -EOPNOTSUPP : -EINVAL;
}

/* The domain reads the machine's TSC: it can't be told another frequency. */
int domctl_settscinfo(struct domain *d, struct xen_domctl *op)
{
    const struct xen_domctl_tsc_info *t = &op->u.tsc_info;

    if (d == current->domain || t->tsc_mode >= NR_TSC_MODES) {
        return -EINVAL;
    }
    domain_pause_sync(d);
    vtsc_set(d, (enum tsc_mode)t->tsc_mode, t->gtsc_khz, t->elapsed_nsec, t->incarnation);
    if (is_hvm(d)) {
        hvm_tsc_changed(d);
    }
    domain_unpause(d);
    return 0;
}

int domctl_gettscinfo(struct domain *d, struct xen_domctl *op)
{
    if (d == current->domain) {
        return -EINVAL;
    }
    op->u.tsc_info = (struct xen_domctl_tsc_info){
        .tsc_mode = d->arch.tsc.mode,
        .gtsc_khz = d->arch.tsc.khz,
        .incarnation = d->arch.tsc.incarnation,
        .elapsed_nsec = vtsc_elapsed(d),
    };
    return 0;
}

int domctl_settimeoffset(struct domain *d, struct xen_domctl *op)
{
    int64_t seconds = op->u.settimeoffset.time_offset_seconds;

    if (seconds < -MAX_OFFSET_SECONDS || seconds > MAX_OFFSET_SECONDS) {
        return -EINVAL;
    }
    d->time_offset = SECONDS(seconds);
    wallclock_update_domain(d);
    return 0;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * CPU policies: what CPUID says, of the machine and of each domain (cpu/cpuid.c, cpuid_policy.c).
 * Interface: docs/interface/emulation.md.
 */
#ifndef ASM_CPUID_H
#define ASM_CPUID_H

#include <asm/cpuid_regs.h>
#include <xen/compiler.h>
#include <xen/types.h>

struct domain;
struct vcpu;
struct xen_cpuid_leaf;

#define POLICY_BASIC_LEAVES 0x0e /* 0x0 - 0xd */
#define POLICY_CACHE_LEAVES 6    /* subleaves of 4 */
#define POLICY_FEAT_LEAVES  2    /* subleaves of 7 */
#define POLICY_XSTATE_LEAVES 10  /* subleaves of 0xd */
#define POLICY_EXT_LEAVES   0x22 /* 0x80000000 - 0x80000021 */

/* The leaves as CPUID gives them, but for what depends on the vCPU. */
struct cpu_policy {
    struct cpuid_regs basic[POLICY_BASIC_LEAVES]; /* those with subleaves stay empty */
    struct cpuid_regs cache[POLICY_CACHE_LEAVES];
    struct cpuid_regs feat[POLICY_FEAT_LEAVES];
    struct cpuid_regs xstate[POLICY_XSTATE_LEAVES];
    struct cpuid_regs ext[POLICY_EXT_LEAVES];
};

/* The numbering of XEN_SYSCTL_get_cpu_policy. */
enum policy_index {
    POLICY_RAW, POLICY_HOST, POLICY_PV_MAX, POLICY_HVM_MAX, POLICY_PV_DEFAULT, POLICY_HVM_DEFAULT,
    NR_POLICIES
};

/*
 * Reads the machine's; derives the others; has all CPUs refuse plain CPUID to guests, where they
 * can. Boot CPU, all CPUs online, before the first domain.
 */
void cpuid_init(void);
/* Whether the plain CPUID instruction shows guests their policy, and not the machine. */
bool cpuid_faulting_is_on(void);
/*
 * On this CPU. A hardware-assisted guest's CPUID exits by itself; a fault would come before that.
 */
void cpuid_faulting_switch(bool on);
/* NULL: no such policy here. */
const struct cpu_policy *cpuid_policy(enum policy_index index);

/* The domain's policy, as its kind has by default. 0 or -ENOMEM. */
must_check int cpuid_domain_init(struct domain *d);
void cpuid_domain_fini(struct domain *d);
/* What the vCPU's CPUID gives. */
void cpuid_guest(const struct vcpu *v, uint32_t leaf, uint32_t subleaf, struct cpuid_regs *out);

/* Derivation, without the machine (cpuid_policy.c). */
void policy_derive_host(struct cpu_policy *host, const struct cpu_policy *raw);
void policy_derive_hvm(struct cpu_policy *hvm, const struct cpu_policy *host);
void policy_derive_pv(struct cpu_policy *pv, const struct cpu_policy *host);
void policy_adjust_dom0(struct cpu_policy *p, const struct cpu_policy *host);
void policy_adjust_domu(struct cpu_policy *p, unsigned int vcpus);
/* The leaf, or NULL if the policy ends before it. */
const struct cpuid_regs *policy_find(const struct cpu_policy *p, uint32_t leaf, uint32_t subleaf);
/* XCR0's possible bits. */
uint64_t policy_xcr0(const struct cpu_policy *p);

/* Most entries of the tools' form of a policy. */
#define POLICY_MAX_LEAVES 128
#define POLICY_MAX_MSRS   8
/*
 * Puts one leaf into a policy. Leaves that are not a policy's own are left out. False: no such
 * subleaf.
 */
must_check bool policy_set_leaf(struct cpu_policy *p, const struct xen_cpuid_leaf *leaf);
/* Takes away what @max doesn't have, and restores what depends on the rest. */
void policy_clamp(struct cpu_policy *p, const struct cpu_policy *max, unsigned int vcpus);
/* The words of feature bits in the tools' order; returns how many there are. */
unsigned int policy_featureset(const struct cpu_policy *p, uint32_t *words, unsigned int room);

/* One row of the tools' form: leaves in order, from *iterator on (0 at first). False: no more. */
bool policy_next_leaf(const struct cpu_policy *p, unsigned int *iterator,
                      struct xen_cpuid_leaf *out);

#endif

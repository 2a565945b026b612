/* SPDX-License-Identifier: BSD-2-Clause */
/* What the architecture owes the portable modules. */
#ifndef XEN_ARCH_H
#define XEN_ARCH_H

#include <xen/types.h>

struct domain;
struct vcpu;
struct domain_config;

int arch_domain_init(struct domain *d, const struct domain_config *cfg);
/* Drops what a dying domain holds of the machine (page tables, irqs); preemptible: -ERESTART. */
int arch_domain_relinquish(struct domain *d);
void arch_domain_fini(struct domain *d);
int arch_vcpu_init(struct vcpu *v);
/* Gives back page-table and descriptor references; preemptible. */
int arch_vcpu_reset(struct vcpu *v);
void arch_vcpu_fini(struct vcpu *v);

/*
 * Installs the guest-supplied register context (vcpu_guest_context) in a vCPU that doesn't run. It
 * comes up or goes down (VPF_DOWN) as the context says; the caller wakes it. If it has a context
 * already, its tables stay as they are. -EINVAL, -EFAULT, -EPERM, -ENOMEM; -EOPNOTSUPP: other
 * tables; -ERESTART while a root table is being validated.
 */
int arch_vcpu_set_context(struct vcpu *v, const void *guest_context);
/* The reverse, for a vCPU that doesn't run and has a context. -EFAULT, -ENOMEM. */
int arch_vcpu_get_context(struct vcpu *v, void *guest_context);

/* Switches this CPU from @prev to @next: saves and loads all registers. Does not return. */
void arch_context_switch(struct vcpu *prev, struct vcpu *next) __attribute__((__noreturn__));
/* Interrupts @cpu so that it passes its exit path. */
void arch_kick_cpu(unsigned int cpu);
/* Sleeps until an interrupt; called with interrupts off, returns with them on. */
void arch_idle(void);

/* Writes runstate and secondary time areas of the running vCPU @v. */
void arch_update_runstate_area(struct vcpu *v);

/* Binds a guest's port to a physical interrupt. -EBUSY, -EINVAL, -EPERM, -EEXIST. */
int arch_pirq_bind(struct vcpu *v, unsigned int pirq, bool share);
void arch_pirq_unbind(struct domain *d, unsigned int pirq);
/* Unmask: interrupts again after the guest's EOI. */
void arch_pirq_eoi(struct domain *d, unsigned int pirq);
void arch_pirq_set_affinity(struct domain *d, unsigned int pirq, const struct vcpu *v);
unsigned int arch_nr_pirqs(const struct domain *d);

/* Turns the machine off, or resets it. */
void machine_power_off(void) __attribute__((__noreturn__));
void machine_restart(void) __attribute__((__noreturn__));

/*
 * PTE edits for grants: the entry that maps @addr, or with @by_pte the one at machine address
 * @addr. Map: the reference that @pte holds (PTE_RW: a PGT_WRITABLE type reference, which implies a
 * general one; else a general one) passes from the caller to the entry; what the entry held before
 * is dropped. Unmap: clears the entry if it maps @frame. The reference passes to the caller: first
 * the TLBs of the domain's CPUs are flushed, then arch_grant_put_pte(held) drops it. 0 or -EINVAL.
 */
int arch_grant_map_pte(struct vcpu *v, uint64_t addr, uint64_t pte, bool by_pte);
int arch_grant_unmap_pte(struct vcpu *v, uint64_t addr, mfn_t frame, bool by_pte, uint64_t *held);
void arch_grant_put_pte(uint64_t held);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/* What the architecture owes the portable modules. */
#ifndef XEN_ARCH_H
#define XEN_ARCH_H

#include <xen/compiler.h>
#include <xen/types.h>

struct domain;
struct page_info;
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

/*
 * Guest frame numbers: those of a paravirtual domain are the machine's, those of a translated one
 * go through its map. The frame with a writable type reference (page_put_and_type() drops it), or
 * with @read_only a general one; NULL: none of the domain's own.
 */
struct page_info *arch_frame_get(struct domain *d, uint64_t frame, bool read_only);
bool arch_is_translated(const struct domain *d);
/* The machine frame behind a guest's; INVALID_MFN: none of a translated domain's. No reference. */
mfn_t arch_machine_frame(const struct domain *d, uint64_t frame);
/*
 * The map of a translated domain. Add: 2^order new frames of the domain; what was at these
 * numbers goes. -ENOMEM, -EINVAL. Remove: one frame of RAM, for the caller to release once
 * arch_physmap_flush() was called; *pg is NULL if it was a page of another kind. -EINVAL: nothing
 * there, -ENOMEM.
 */
must_check int arch_physmap_add(struct domain *d, uint64_t gfn, mfn_t m, unsigned int order);
must_check int arch_physmap_remove(struct domain *d, uint64_t gfn, struct page_info **pg);
void arch_physmap_flush(struct domain *d);
/* A page of the hypervisor's that is shared with the domain, at @gfn. -EINVAL, -ENOMEM. */
must_check int arch_physmap_add_shared(struct domain *d, uint64_t gfn, mfn_t m);
uint64_t arch_physmap_max_gfn(const struct domain *d);

/* An NMI for @v, as the tools or another vCPU ask for it. */
void arch_vcpu_raise_nmi(struct vcpu *v);
/* A translated domain's vCPU has an upcall pending that it hadn't before. */
void arch_vcpu_upcall(struct vcpu *v);
/* A translated domain's vCPU would be interrupted at once: by virtual hardware, or an upcall. */
bool arch_vcpu_has_interrupt(const struct vcpu *v);

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

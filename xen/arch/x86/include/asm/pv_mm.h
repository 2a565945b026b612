/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The paravirtual MMU as the rest of the PV code sees it: root tables of a vCPU, single entries,
 * descriptor tables. Interface: docs/interface/mmu.md.
 */
#ifndef ASM_PV_MM_H
#define ASM_PV_MM_H

#include <asm/page.h>
#include <xen/compiler.h>
#include <xen/cpumask.h>
#include <xen/types.h>

struct domain;
struct page_info;
struct vcpu;

/*
 * Root tables. Both take a type reference (validating the table, if it is new) and drop that of the
 * former table. 0; -EINVAL, -EBUSY, -EPERM (refused); -ERESTART (call again). The kernel's needs a
 * frame; the user's may be INVALID_MFN. If @v runs here, CR3 is loaded; no lock may be held.
 */
must_check int pv_set_baseptr(struct vcpu *v, mfn_t m);
must_check int pv_set_user_baseptr(struct vcpu *v, mfn_t m);
/* Drops both root tables, GDT and LDT of a vCPU that doesn't run. -ERESTART: call again. */
must_check int pv_drop_tables(struct vcpu *v);
/* Goes on with a devalidation that was preempted earlier. 0 or -ERESTART. */
must_check int pv_settle_old_table(struct vcpu *v);

/*
 * The L1 table that maps @va in @v's kernel tables, with a type reference that the caller drops
 * with page_put_type(pg, false). NULL: none, or not the guest's address. The entry is l1_index(va).
 */
struct page_info *pv_get_l1_of(struct vcpu *v, uint64_t va);

/*
 * For a write fault at @va of the running guest kernel: true if @va is mapped read-only and shows
 * an L1 table in use of the domain. *l1pg is then that table, with a type reference that the caller
 * drops with page_put_type(pg, false), and *index the entry that @va lies in.
 */
bool pv_l1_page_of_fault(uint64_t va, struct page_info **l1pg, unsigned int *index);
/*
 * The guest's write of @new to entry @index of that table, validated and atomic. With @cmpxchg only
 * if the entry still is @old, bit for bit: else -EAGAIN, and nothing happened. 0; -EINVAL, -EBUSY,
 * -EPERM: refused (the guest gets its page fault).
 */
must_check int pv_l1_emulate_write(struct vcpu *v, struct page_info *l1pg, unsigned int index,
                                   uint64_t old, uint64_t new, bool cmpxchg);

/* Descriptor tables. Each vCPU's window starts with no GDT: null descriptors. Once, at creation. */
int pv_descriptors_init(struct vcpu *v);
/* Installs a GDT of @entries descriptors in the frames; drops the former. -EINVAL, -EBUSY. */
must_check int pv_set_gdt(struct vcpu *v, const uint64_t *frames, unsigned int entries);
/* A fault at byte @offset of the LDT window: true if the page is there now. Running vCPU only. */
bool pv_ldt_fault(struct vcpu *v, uint64_t offset);
/* Unmaps the LDT window's pages; they come back as they are used. */
void pv_drop_ldt_pages(struct vcpu *v);
/* Checks and repairs one descriptor of a guest's GDT or LDT. False: refused. */
bool pv_fix_descriptor(uint64_t *desc);

/* CPUs that may hold translations of those vCPUs which @bitmap (guest memory) names. -EFAULT. */
must_check int pv_vcpu_bitmap_to_cpus(const struct domain *d, const void *bitmap, cpumask_t *cpus);
/*
 * Whose frames a call is about. On success *out is held if it isn't the caller: pv_put_owner().
 * -ESRCH (unknown, or the caller by number), -EPERM.
 */
must_check int pv_get_owner(unsigned int domid, struct domain **out);
void pv_put_owner(struct domain *d);

/* In pv/context.c: loads the root table of @v's mode (flushing all), and its LDT register. */
void pv_load_cr3(struct vcpu *v);
void pv_load_ldt(struct vcpu *v);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * TLB shootdown. A domain's dirty_cpus are the CPUs that may hold translations of its address
 * spaces. Guest user pages are global (PTE_G), so a full flush includes global entries.
 */
#ifndef XEN_TLB_H
#define XEN_TLB_H

#include <xen/cpumask.h>
#include <xen/types.h>

/* Registers the flush interrupt. Boot CPU. */
void tlb_init(void);
/* All entries of this CPU, global ones too. */
void tlb_flush_local(void);
void tlb_flush_page_local(uint64_t va);
/*
 * On all CPUs of @mask (this one included if set); returns when done. Interrupts on, or the mask is
 * this CPU only.
 */
void tlb_flush_mask(const cpumask_t *mask);
void tlb_flush_page_mask(const cpumask_t *mask, uint64_t va);
void cache_flush_mask(const cpumask_t *mask); /* WBINVD */

/*
 * Stamps: a global clock of full flushes lets page reuse skip needless shootdowns.
 * tlb_stamp() is recorded when the last mapping of a frame may have gone;
 * tlb_flush_since() flushes those CPUs of @mask that have not flushed since then.
 */
uint32_t tlb_stamp(void);
void tlb_flush_since(const cpumask_t *mask, uint32_t stamp);

#endif

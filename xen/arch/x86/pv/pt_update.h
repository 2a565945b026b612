/* SPDX-License-Identifier: BSD-2-Clause */
/* Updates of single entries, shared by the calls that make them. */
#ifndef PV_PT_UPDATE_H
#define PV_PT_UPDATE_H

#include "pt_entry.h"

/*
 * Replaces *@slot, an entry of a validated L1 table to which the caller holds a type reference.
 * With @preserve_ad the CPU's accessed and dirty bits of the old entry are kept. 0, -EINVAL,
 * -EBUSY, -EPERM.
 */
int pt_update_l1(pte_t *slot, pte_t new, const struct domain *pt_owner,
                 const struct domain *pg_owner, bool preserve_ad);

/* @v is to go on with @pg, which was left partial, before its next page-table call. */
void pv_keep_old_table(struct vcpu *v, struct page_info *pg);
/* Drops a type reference to any page; what can't be finished now is kept for later. */
void pv_put_table_ref(struct vcpu *v, struct page_info *pg);

/* Of a call's count argument: the call was preempted, and *done holds what was done before. */
#define CALL_CONTINUED 0x80000000U
/* Re-arms a call with a list: args 0 and 1 from request @i on, *done so far. -ERESTART. */
long pv_continue_list(const void *next, unsigned int left, void *done, unsigned int so_far);
/* Tells the guest how many requests succeeded; @done may be NULL or bad. */
void pv_write_done(void *done, unsigned int n);
/* The number done before, for a call with CALL_CONTINUED. */
unsigned int pv_done_before(const void *done);

/* An entry that names a frame of a translated domain then names the machine's. -EINVAL. */
must_check int pt_translate(const struct domain *pg_owner, uint64_t *pte);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/* Maps the first frame of the grant table into the last page of the window. */
#include "grant.h"

#include "check.h"
#include "hypercall.h"
#include "mm.h"

volatile struct grant_entry_v1 *grant_entries;

long grant_op(unsigned int cmd, void *list, unsigned int count)
{
    return hypercall_3(__HYPERVISOR_grant_table_op, cmd, list, count);
}

void grant_init(void)
{
    xen_pfn_t frame = 0;
    struct gnttab_setup_table op = { .dom = DOMID_SELF, .nr_frames = 1, .frame_list = &frame };

    CHECK_EQ(grant_op(GNTTABOP_setup_table, &op, 1), 0);
    CHECK_EQ(op.status, GNTST_okay);
    grant_entries = window(WINDOW_PAGES - 1);
    CHECK_EQ(va_map_flush(grant_entries, make_pte(frame, PTE_DATA)), 0);
}

void grant_offer(grant_ref_t ref, unsigned int domid, uint64_t mfn, uint16_t flags)
{
    grant_entries[ref].domid = (domid_t)domid;
    grant_entries[ref].frame = (uint32_t)mfn;
    __atomic_store_n(&grant_entries[ref].flags, flags, __ATOMIC_SEQ_CST);
}

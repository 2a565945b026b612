/* SPDX-License-Identifier: BSD-2-Clause */
/* The guest's grant table, version 1, mapped; and grant_table_op in short forms. */
#ifndef GUEST_KIT_GRANT_H
#define GUEST_KIT_GRANT_H

#include <public/grant_table.h>

/* Entries of the first frame; NULL before grant_init(). */
extern volatile struct grant_entry_v1 *grant_entries;

void grant_init(void);
long grant_op(unsigned int cmd, void *list, unsigned int count);
/* Fills an entry; flags go last. */
void grant_offer(grant_ref_t ref, unsigned int domid, uint64_t mfn, uint16_t flags);

#endif

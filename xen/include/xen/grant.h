/* SPDX-License-Identifier: BSD-2-Clause */
/* Grant tables: shared entries, active entries and the mapper's handles. */
#ifndef XEN_GRANT_H
#define XEN_GRANT_H

#include <xen/types.h>

struct domain;

int grant_domain_init(struct domain *d, unsigned int max_frames, unsigned int max_maptrack);
/* Drops every mapping @d holds of others' pages; preemptible: -ERESTART. */
int grant_domain_release_mappings(struct domain *d);
void grant_domain_fini(struct domain *d);
/* The machine frame of table frame @idx; grows the table as needed. For acquire_resource. */
int grant_table_frame(struct domain *d, unsigned int idx, mfn_t *m);
/* How many frames the table may have. */
unsigned int grant_table_max_frames(const struct domain *d);

long hypercall_grant_table_op(unsigned int cmd, void *arg, unsigned int count);
void grant_dump(struct domain *d);

#endif

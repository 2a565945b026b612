/* SPDX-License-Identifier: BSD-2-Clause */
/* Between page_ref.c and domain_memory.c: from a frame to its owner. */
#ifndef XEN_MM_OWNER_H
#define XEN_MM_OWNER_H

#include <xen/mm.h>

/*
 * Takes @pg, which is unreferenced, off its owner's list. Returns the owner if that was its last
 * frame: the caller drops the reference that a domain's frames hold.
 */
struct domain *owner_unlink_page(struct page_info *pg);

#endif

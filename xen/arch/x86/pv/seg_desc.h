/* SPDX-License-Identifier: BSD-2-Clause */
/* Pages of segment descriptors, as page validation sees them (descriptor.c). */
#ifndef PV_SEG_DESC_H
#define PV_SEG_DESC_H

struct page_info;

/* Checks and repairs all descriptors of a page. 0 or -EINVAL. */
int pv_validate_seg_desc(struct page_info *pg);

#endif

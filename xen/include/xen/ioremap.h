/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The hypervisor's own page tables (mm/own_pt.c): device mappings and growth of the sparse tables.
 */
#ifndef XEN_IOREMAP_H
#define XEN_IOREMAP_H

#include <xen/types.h>

/* Maps device memory uncached for good; never fails for small sizes during boot (panics). */
void *ioremap(maddr_t a, size_t len);
/* Maps RAM-like firmware tables read-only, cached (ACPI); for good. */
const void *firmware_map(maddr_t a, size_t len);

#endif

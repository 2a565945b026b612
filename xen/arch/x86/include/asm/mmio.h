/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Device frames that no guest may write, though it may map them: IO-APICs, the HPET, MSI-X
 * tables. And those no guest may map at all: the local APIC.
 * Page-table code asks for each MMIO entry; the list is short. dev/mmio.c.
 */
#ifndef ASM_MMIO_H
#define ASM_MMIO_H

#include <xen/compiler.h>
#include <xen/types.h>

/* The frames that [start, start+len) touches become read-only to guests. 0 or -ENOSPC. */
must_check int mmio_protect(maddr_t start, uint64_t len);
/* Undoes one mmio_protect of the same range. */
void mmio_unprotect(maddr_t start, uint64_t len);
bool mmio_is_read_only(mfn_t frame);

/* The frame is the hypervisor's alone: any mapping of it is refused. 0 or -ENOSPC. */
must_check int mmio_forbid(maddr_t start, uint64_t len);
bool mmio_is_forbidden(mfn_t frame);

#endif

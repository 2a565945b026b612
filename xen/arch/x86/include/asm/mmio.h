/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Device frames that no guest may write while the hypervisor drives them: MSI-X tables in use.
 * Unlike those of iocaps_make_readonly() they come and go. dev/mmio.c.
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

#endif

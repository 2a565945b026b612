/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The page of call stubs that kernels before Linux 6.1.123 use instead of executing
 * SYSCALL themselves. Interface: docs/interface/boot.md.
 */
#ifndef ASM_HYPERCALL_PAGE_H
#define ASM_HYPERCALL_PAGE_H

#include <xen/types.h>

/* Fills a whole page (4 KiB, in the hypervisor's map) with the stubs of a paravirtual guest. */
void hypercall_page_fill(void *page);

/* The same of a hardware-assisted guest: VMMCALL (AMD) or VMCALL. */
void hypercall_page_fill_hvm(void *page, bool amd);

#endif

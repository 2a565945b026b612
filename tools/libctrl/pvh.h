/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The guest-physical map of a PVH domain, in frames. Memory lies from 0 on and goes on at 4 GiB; in
 * the hole are the ACPI tables, the local APIC's page, and the special pages. The numbers are those
 * of Xen 4.17's tools (docs/interface/hvm.md).
 */
#ifndef CTRL_PVH_H
#define CTRL_PVH_H

#define PVH_HOLE_START    0xfc000u      /* ACPI tables from here on */
#define PVH_SPECIAL_START 0xfeff8u
#define PVH_STORE         0xfeffcu
#define PVH_IDENT_PT      0xfeffeu      /* a page directory for CPUs that need one in real mode */
#define PVH_CONSOLE       0xfefffu
#define PVH_SPECIAL_END   0xff000u
#define PVH_HIGH_START    0x100000u

#define PVH_MAX_VCPUS     128u          /* so that a local APIC's number, 2 * vCPU, is one byte */

#endif

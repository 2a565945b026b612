/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Guest memory, by the running vCPU's current kernel address space. The single path by
 * which the hypervisor touches guest virtual addresses: range checked against the hypervisor's
 * slots, faults caught through the exception table.
 * A fault may be repaired first (guest LDT, none else). Never called with a spin lock held.
 */
#ifndef XEN_USERCOPY_H
#define XEN_USERCOPY_H

#include <xen/compiler.h>
#include <xen/types.h>

/* Bytes NOT copied: 0 is success. */
must_check size_t copy_from_guest(void *dst, const void *guest_src, size_t len);
must_check size_t copy_to_guest(void *guest_dst, const void *src, size_t len);
must_check size_t clear_guest(void *guest_dst, size_t len);

/* One object by its own type: true if it was copied. */
#define read_guest(dst, guest_src)  (copy_from_guest((dst), (guest_src), sizeof(*(dst))) == 0)
#define write_guest(guest_dst, src) (copy_to_guest((guest_dst), (src), sizeof(*(src))) == 0)

#endif

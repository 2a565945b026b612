/* SPDX-License-Identifier: BSD-2-Clause */
/* What of VT-x can be reckoned without the CPU (controls.c): host unit tests run it. */
#ifndef HVM_VMX_CONTROLS_H
#define HVM_VMX_CONTROLS_H

#include <xen/compiler.h>
#include <xen/types.h>

struct cpu_policy;
struct hvm_event;

/*
 * Control bits by their capability MSR (SDM vol. 3, A.3): those that must be set, @needed, and of
 * @wanted what the CPU has. False: one that is needed isn't there.
 */
must_check bool vmx_controls_adjust(uint64_t capability, uint32_t needed, uint32_t wanted,
                                    uint32_t *controls);

/* The entry's interruption information for an event; real mode knows no error codes. */
uint32_t vmx_event_info(const struct hvm_event *e, bool protected_mode);
/* An event that an exit cut short, by the IDT-vectoring information; none: HVM_EVENT_NONE. */
void vmx_event_from_info(uint32_t info, uint32_t error, struct hvm_event *e);

/* Segment attributes as in hvm/engine.h, and as the VMCS has them. */
uint32_t vmx_rights(uint16_t attr);
uint16_t vmx_attr(uint32_t rights);

/* Bits of CR4 that a guest with this policy may set. */
uint64_t vmx_cr4_allowed(const struct cpu_policy *p);

struct vmx_mode {
    uint64_t cr0, cr4, efer;
    bool is_64bit; /* the code segment's */
};

/* Whether MOV to CR0 or CR4 is in order in this mode; else it raises #GP (SDM vol. 3, 2.5). */
must_check bool vmx_cr0_is_valid(const struct vmx_mode *m, uint64_t value);
must_check bool vmx_cr4_is_valid(const struct vmx_mode *m, uint64_t value, uint64_t allowed);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/* Entry points of a PV kernel other than traps. See docs/interface/cpu.md. */
#ifndef PUBLIC_CALLBACK_H
#define PUBLIC_CALLBACK_H

#include "xen.h"

#define CALLBACKOP_register   0
#define CALLBACKOP_unregister 1

#define CALLBACKTYPE_event               0
#define CALLBACKTYPE_failsafe            1
#define CALLBACKTYPE_syscall             2
#define CALLBACKTYPE_sysenter_deprecated 3
#define CALLBACKTYPE_nmi                 4
#define CALLBACKTYPE_sysenter            5
#define CALLBACKTYPE_syscall32           7

/* Enter with events masked. */
#define CALLBACKF_mask_events (1u << 0)

struct callback_register {
    uint16_t type;
    uint16_t flags;
    xen_callback_t address;
};
XEN_ABI_SIZE(struct callback_register, 16, "cpu.md");
XEN_ABI_OFFSET(struct callback_register, flags, 2, "cpu.md");
XEN_ABI_OFFSET(struct callback_register, address, 8, "cpu.md");

struct callback_unregister {
    uint16_t type;
    uint16_t _unused;
};
XEN_ABI_SIZE(struct callback_unregister, 4, "cpu.md");

#endif /* PUBLIC_CALLBACK_H */

/* SPDX-License-Identifier: BSD-2-Clause */
/* NMIs for the guest: the older way of registering, the reasons. See docs/interface/cpu.md. */
#ifndef PUBLIC_NMI_H
#define PUBLIC_NMI_H

#include "xen.h"

#define XENNMI_register_callback   0
#define XENNMI_unregister_callback 1

/* arch_shared_info.nmi_reason. */
#define XEN_NMIREASON_io_error 0x1ul
#define XEN_NMIREASON_pci_serr 0x2ul
#define XEN_NMIREASON_unknown  0x4ul

struct xennmi_callback {
    uint64_t handler_address;
    uint64_t pad;
};
XEN_ABI_SIZE(struct xennmi_callback, 16, "cpu.md");

#endif /* PUBLIC_NMI_H */

/* SPDX-License-Identifier: BSD-2-Clause */
/* What only hardware-assisted domains (PVH) have: parameters, and the state of their hardware. */
#ifndef LIBCTRL_HVM_H
#define LIBCTRL_HVM_H

#include <libctrl/ctrl.h>

/* Parameters, numbered as the interface has them. */
enum ctrl_hvm_param {
    CTRL_HVM_STORE_PFN = 1,
    CTRL_HVM_STORE_PORT = 2,
    CTRL_HVM_TIMER_MODE = 10,
    CTRL_HVM_IDENT_PT = 12,
    CTRL_HVM_CONSOLE_PFN = 17,
    CTRL_HVM_CONSOLE_PORT = 18,
};

/* -EINVAL: a PV domain, no such parameter, or a value that it cannot have. */
int ctrl_hvm_param_set(struct ctrl *ctrl, uint32_t domid, enum ctrl_hvm_param param,
                       uint64_t value);
int ctrl_hvm_param_get(struct ctrl *ctrl, uint32_t domid, enum ctrl_hvm_param param,
                       uint64_t *value);

/*
 * The state of its hardware as records (docs/interface/hvm.md). The domain is paused. -EINVAL: a PV
 * domain, or a record or value that cannot be; -ENODATA: no END record.
 */
int ctrl_hvm_state_set(struct ctrl *ctrl, uint32_t domid, const void *records, size_t size);
/* Returns how many bytes were written. -ENOSPC: size is too little. */
int ctrl_hvm_state_get(struct ctrl *ctrl, uint32_t domid, void *records, size_t size);

/* Bytes of the host's memory for the domain's nested page tables; a multiple of a page. */
int ctrl_hvm_set_paging_memory(struct ctrl *ctrl, uint32_t domid, uint64_t bytes);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/* A core file of a domain, as crash reads it: ELF with Xen's notes and sections. */
#ifndef LIBCTRL_DUMP_H
#define LIBCTRL_DUMP_H

#include <libctrl/ctrl.h>

/*
 * Writes the memory and the registers of a paused, or ended, domain to fd. progress (may be NULL)
 * is called now and then with pages done and in all. -ENODATA: the PV domain never said where its
 * frame list is; write errors as they are (-ENOSPC, -EFBIG); what was written stays in the file.
 */
int ctrl_dump_core(struct ctrl *ctrl, uint32_t domid, int fd,
                   void (*progress)(void *arg, uint64_t done, uint64_t total), void *arg);

#endif

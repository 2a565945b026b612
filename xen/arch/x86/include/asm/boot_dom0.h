/* SPDX-License-Identifier: BSD-2-Clause */
/* The control domain at boot (boot/dom0.c). */
#ifndef ASM_BOOT_DOM0_H
#define ASM_BOOT_DOM0_H

/* Finds the kernel module and keeps memory for unpacking it, while memory is still in one piece. */
void dom0_reserve_unpack_buffer(void);
/*
 * Unpacks, checks, creates and builds; panics with one sentence if it can't be done. Frees the
 * modules.
 */
void dom0_boot(void);
/* Lets it run. */
void dom0_start(void);

#endif

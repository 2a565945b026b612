/* SPDX-License-Identifier: BSD-2-Clause */
/* Numbers of the entry stubs: 0-255 are exception vectors, the rest callbacks. */
#ifndef GUEST_KIT_VECTORS_H
#define GUEST_KIT_VECTORS_H

#define TRAP_EVENT      256
#define TRAP_FAILSAFE   257
#define TRAP_SYSCALL    258
#define TRAP_SYSCALL32  259
#define TRAP_SYSENTER   260
#define TRAP_VECTORS    261
#define TRAP_NONE       0xffff

#endif

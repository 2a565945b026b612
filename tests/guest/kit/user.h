/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * User mode of a test guest: an L4 of its own that shares the kernel's image (slot 511) and
 * lacks everything else. User code is any function of the guest that touches only the image;
 * it runs on its own stack, and its first trap or system call ends it.
 */
#ifndef GUEST_KIT_USER_H
#define GUEST_KIT_USER_H

#include <stdint.h>

#include "trap.h"

/* User selectors that need no GDT. */
#define USER_CS GUEST_CS
#define USER_SS GUEST_SS

extern uint64_t *user_l4;
extern uint8_t user_stack[16384];
/* The kernel stack that traps from user mode use, as registered by stack_switch. */
extern uint8_t user_kernel_stack[16384];

void user_init(void);

/* The frame that starts fn in user mode, for a test to change before user_enter(). */
struct iret_frame user_frame(void (*fn)(void));
/* Enters user mode; returns after the first trap from there, which is in trap_last. */
void user_enter(const struct iret_frame *frame);
/* Both at once; returns the vector. */
unsigned int user_run(void (*fn)(void));

/* For user code: a system call, which ends the run. */
static inline void user_exit(uint64_t value)
{
    __asm__ volatile("syscall" : : "a"(value) : "rcx", "r11", "memory");
}

#endif

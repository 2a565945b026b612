/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Hypercalls of a 64-bit PV kernel: the SYSCALL instruction itself, number in RAX, arguments
 * in RDI RSI RDX R10 R8, result in RAX; RCX and R11 are lost.
 */
#ifndef GUEST_KIT_HYPERCALL_H
#define GUEST_KIT_HYPERCALL_H

#include <stdint.h>

static inline long hypercall5(unsigned long nr, unsigned long a1, unsigned long a2,
                              unsigned long a3, unsigned long a4, unsigned long a5)
{
    register unsigned long r10 __asm__("r10") = a4;
    register unsigned long r8 __asm__("r8") = a5;
    long rc;

    __asm__ volatile("syscall"
                     : "=a"(rc), "+D"(a1), "+S"(a2), "+d"(a3), "+r"(r10), "+r"(r8)
                     : "0"(nr)
                     : "rcx", "r11", "memory");
    return rc;
}

#define HYPERCALL_ARG(x) ((unsigned long)(x))
#define hypercall_1(nr, a) hypercall5(nr, HYPERCALL_ARG(a), 0, 0, 0, 0)
#define hypercall_2(nr, a, b) hypercall5(nr, HYPERCALL_ARG(a), HYPERCALL_ARG(b), 0, 0, 0)
#define hypercall_3(nr, a, b, c) \
    hypercall5(nr, HYPERCALL_ARG(a), HYPERCALL_ARG(b), HYPERCALL_ARG(c), 0, 0)
#define hypercall_4(nr, a, b, c, d) \
    hypercall5(nr, HYPERCALL_ARG(a), HYPERCALL_ARG(b), HYPERCALL_ARG(c), HYPERCALL_ARG(d), 0)

#endif

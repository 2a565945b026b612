/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Hypercalls of the tiny guest, which is a PV or a PVH one: SYSCALL, or the page that the
 * hypervisor fills with what its CPU needs. In front of the kit's header of this name.
 */
#ifndef TINY_HYPERCALL_H
#define TINY_HYPERCALL_H

#include <stdbool.h>
#include <stdint.h>

extern bool tiny_is_pvh;
extern uint8_t tiny_hypercall_page[4096];

static inline long hypercall(unsigned long nr, unsigned long a1, unsigned long a2,
                             unsigned long a3)
{
    uint8_t *stub = tiny_hypercall_page + nr * 32;
    long rc;

    if (tiny_is_pvh)
        __asm__ volatile("call *%[stub]"
                         : "=a"(rc), "+D"(a1), "+S"(a2), "+d"(a3)
                         : [stub] "r"(stub)
                         : "rcx", "r8", "r9", "r10", "r11", "memory");
    else
        __asm__ volatile("syscall"
                         : "=a"(rc), "+D"(a1), "+S"(a2), "+d"(a3)
                         : "0"(nr)
                         : "rcx", "r11", "memory");
    return rc;
}

#define HYPERCALL_ARG(x) ((unsigned long)(x))
#define hypercall_2(nr, a, b) hypercall(nr, HYPERCALL_ARG(a), HYPERCALL_ARG(b), 0)
#define hypercall_3(nr, a, b, c) \
    hypercall(nr, HYPERCALL_ARG(a), HYPERCALL_ARG(b), HYPERCALL_ARG(c))

#endif

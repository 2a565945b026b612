/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Assertions. BUG and BUG_ON stop the machine in every build: only for what the hypervisor
 * itself got wrong. ASSERT vanishes from release builds. None may depend on a value
 * that a guest can choose.
 */
#ifndef XEN_BUG_H
#define XEN_BUG_H

#include <xen/compiler.h>

/* Prints the message, registers and a backtrace, then reboots (or stops with noreboot). */
void panic(const char *fmt, ...) printf_like(1, 2) noreturn;
void bug_at(const char *file, int line, const char *what) noreturn;

#define BUG() bug_at(__FILE__, __LINE__, "BUG")
#define BUG_ON(c)                                \
    do {                                         \
        if (unlikely(c)) {                       \
            bug_at(__FILE__, __LINE__, "BUG_ON(" #c ")"); \
        }                                        \
    } while (0)

#ifdef XENIOS_DEBUG
#define ASSERT(c)                                \
    do {                                         \
        if (unlikely(!(c))) {                    \
            bug_at(__FILE__, __LINE__, "ASSERT(" #c ")"); \
        }                                        \
    } while (0)
#else
#define ASSERT(c) ((void)sizeof(!(c)))
#endif

#endif

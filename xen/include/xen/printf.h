/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Formatted text. The C conversions d i u x X c s p with flags, width, precision and
 * length modifiers; nothing else.
 */
#ifndef XEN_PRINTF_H
#define XEN_PRINTF_H

#include <stdarg.h>
#include <stddef.h>

#include <xen/compiler.h>

/* As in C: returns the length the full text has, writes at most @size bytes with the terminator. */
int vsnprintf(char *buf, size_t size, const char *fmt, va_list ap) printf_like(3, 0);
int snprintf(char *buf, size_t size, const char *fmt, ...) printf_like(3, 4);

#endif

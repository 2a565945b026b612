/* SPDX-License-Identifier: BSD-2-Clause */
/* Console output of a test guest. */
#ifndef GUEST_KIT_PRINT_H
#define GUEST_KIT_PRINT_H

/* %d %u %x (with l, z and 0-padded widths), %c %s %p %%. One call is one console write. */
void printk(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif

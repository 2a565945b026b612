/* SPDX-License-Identifier: BSD-2-Clause */
/* Where a test guest's text goes. */
#ifndef GUEST_KIT_CONSOLE_H
#define GUEST_KIT_CONSOLE_H

#include <stddef.h>

void console_write(const char *text, size_t len);

#endif

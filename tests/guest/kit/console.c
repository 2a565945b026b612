/* SPDX-License-Identifier: BSD-2-Clause */
/* Text goes out by the console_io hypercall. */
#include "console.h"

#include "hypercall.h"

#define HYPERVISOR_CONSOLE_IO 18
#define CONSOLE_IO_WRITE 0

void console_write(const char *text, size_t len)
{
    hypercall_3(HYPERVISOR_CONSOLE_IO, CONSOLE_IO_WRITE, len, text);
}

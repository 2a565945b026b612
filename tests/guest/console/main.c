/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Scenario: console_io. A write returns 0, whatever its length, and takes any length; a read
 * without input returns 0; bad pointers and commands are refused.
 */
#include <public/errno.h>

#include "check.h"
#include "hypercall.h"
#include "kit.h"
#include "mm.h"

static char long_line[6000];

static long console_io(unsigned int cmd, int count, const void *buffer)
{
    return hypercall_3(__HYPERVISOR_console_io, cmd, count, buffer);
}

void test_main(void)
{
    char byte = 0;

    kit_init();
    if (!is_initial_domain()) {
        check_skip("only the control domain has the console");
        return;
    }
    CHECK_EQ(console_io(CONSOLEIO_write, 4, "abc\n"), 0);
    CHECK_EQ(console_io(CONSOLEIO_write, 0, ""), 0);
    for (unsigned int i = 0; i < sizeof(long_line); i++)
        long_line[i] = i % 60 == 59 ? '\n' : '.';
    CHECK_EQ(console_io(CONSOLEIO_write, sizeof(long_line), long_line), 0);
    CHECK_EQ(console_io(CONSOLEIO_write, 4, (void *)0x1000), -XEN_EFAULT);
    CHECK_EQ(console_io(CONSOLEIO_write, 4, (void *)HYPERVISOR_VIRT_START), -XEN_EFAULT);
    CHECK_EQ(console_io(CONSOLEIO_read, 1, &byte), 0);
    CHECK_EQ(console_io(2, 1, &byte), -XEN_ENOSYS);
}

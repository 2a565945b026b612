/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Scenario: the smallest guest. It prints a line through console_io and ends.
 */
#include "check.h"
#include "print.h"
#include "start.h"

void test_main(void)
{
    printk("hello from a test guest, start_info at %p\n", (void *)entry_state.rsi);
    CHECK(entry_state.rsi != 0);
}

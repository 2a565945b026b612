/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Scenario: the control domain ends the machine: by power off, by reboot, and by a watchdog
 * that it no longer feeds, at once for a time of 0.
 */
#include <public/sched.h>

#include "check.h"
#include "event.h"
#include "hypercall.h"
#include "kit.h"
#include "mm.h"
#include "print.h"
#include "string.h"
#include "time.h"

static void shutdown(uint32_t reason)
{
    struct sched_shutdown op = { .reason = reason };

    CHECK(true);
    check_verdict();
    hypercall_2(__HYPERVISOR_sched_op, SCHEDOP_shutdown, &op);
}

static void watchdog(uint32_t timeout)
{
    struct sched_watchdog op = { .timeout = timeout };

    printk("EXPECT end\n");
    CHECK_EQ(hypercall_2(__HYPERVISOR_sched_op, SCHEDOP_watchdog, &op), 1);
    wait_ns(MILLISECS(10000));
    printk("FAIL the domain lives\n");
}

void test_main(void)
{
    const char *how;

    kit_init();
    how = (const char *)start_info->cmd_line;
    if (text_equal(how, "poweroff"))
        shutdown(SHUTDOWN_poweroff);
    else if (text_equal(how, "reboot"))
        shutdown(SHUTDOWN_reboot);
    else if (text_equal(how, "watchdog"))
        watchdog(1);
    else if (text_equal(how, "watchdog-0"))
        watchdog(0);
    CHECK(false);
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* From head.S to the test and out: verdict, then a reboot, which ends QEMU under -no-reboot. */
#include "start.h"

#include "check.h"
#include "hypercall.h"

#define HYPERVISOR_SCHED_OP 29
#define SCHEDOP_SHUTDOWN 2
#define SHUTDOWN_REBOOT 1

struct entry_state entry_state;

void guest_start(void);

void guest_end(void)
{
    uint32_t reason = SHUTDOWN_REBOOT;

    for (;;)
        hypercall_2(HYPERVISOR_SCHED_OP, SCHEDOP_SHUTDOWN, &reason);
}

void guest_start(void)
{
    test_main();
    check_verdict();
    guest_end();
}

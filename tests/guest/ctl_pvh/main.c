/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Scenario: the hardware-assisted test guests (tests/guest/pvh). Each is built as a domain of its
 * own, must come to its verdict, and leaves nothing behind.
 */
#include <public/sched.h>

#include "build_pvh.h"
#include "check.h"
#include "control.h"
#include "kit.h"
#include "mm.h"
#include "string.h"

/* As debuggers and dump-core do, before its first instruction. */
static void check_registers(const struct guest *g)
{
    static struct vcpu_guest_context c;
    struct xen_domctl op = { .u.vcpucontext = { .vcpu = 0, .ctxt = &c } };

    CHECK_EQ(domctl(&op, XEN_DOMCTL_getvcpucontext, g->id), 0);
    CHECK_EQ(c.user_regs.rip, g->entry);
    CHECK_EQ(c.user_regs.rbx, g->start_info);
    CHECK_EQ(c.ctrlreg[0] & ~0x20UL, 0x11);
    CHECK_EQ(c.ctrlreg[3], 0);
}

void test_main(void)
{
    struct guest *g = &the_guest;

    kit_init();
    if (!is_initial_domain()) {
        check_skip("only the control domain builds others");
        return;
    }
    if (!pvh_is_offered()) {
        check_skip("the machine has no hardware virtualization");
        return;
    }
    g->vcpus = text_equal((const char *)start_info->cmd_line, "smp") ? 4 : 1;
    g->pages = 4096;
    if (pvh_build(g)) {
        check_registers(g);
        CHECK_EQ(guest_run(g), SHUTDOWN_reboot);
        CHECK(g->passed || g->skipped);
        CHECK(!g->failed);
    }
    guest_end_all(g);
}

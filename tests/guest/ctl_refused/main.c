/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Scenario: a domain without rights tries every control operation, on itself, on the control
 * domain, on others and on domains that do not exist. All is refused, and nothing is written. The
 * control domain builds the domain from its own image.
 */
#include <public/errno.h>
#include <public/event_channel.h>
#include <public/memory.h>
#include <public/sched.h>

#include "builder.h"
#include "check.h"
#include "control.h"
#include "event.h"
#include "hypercall.h"
#include "kit.h"
#include "mm.h"
#include "string.h"

static const unsigned int targets[] = { 0, 1, 2, 0x7000, DOMID_SELF, DOMID_XEN, DOMID_IO, 0xffff };

static void refused_domctl(uint32_t cmd)
{
    for (unsigned int i = 0; i < sizeof(targets) / sizeof(targets[0]); i++) {
        struct xen_domctl op = { 0 }, before;
        long rc;

        memset(&op.u, 0x5a, sizeof(op.u));
        op.cmd = cmd;
        op.interface_version = XEN_DOMCTL_INTERFACE_VERSION;
        op.domain = (domid_t)targets[i];
        before = op;
        rc = domctl(&op, cmd, targets[i]);
        if (!CHECK(rc < 0))
            check_equal(__FILE__, __LINE__, "the operation", cmd, 0);
        CHECK_EQ(memcmp(&op, &before, sizeof(op)), 0);
    }
}

static void refused_sysctl(uint32_t cmd)
{
    struct xen_sysctl op = { 0 }, before;

    op.cmd = cmd;
    op.interface_version = XEN_SYSCTL_INTERFACE_VERSION;
    before = op;
    CHECK_EQ(sysctl(&op, cmd), -XEN_EPERM);
    CHECK_EQ(memcmp(&op, &before, sizeof(op)), 0);
}

static long memory_op(unsigned int cmd, void *arg)
{
    return hypercall_2(__HYPERVISOR_memory_op, cmd, arg);
}

/* Memory of the control domain. */
static void refused_memory(void)
{
    uint64_t frame = 1;
    struct xen_memory_reservation r = { .extent_start = &frame, .nr_extents = 1, .domid = 0 };
    struct xen_mem_acquire_resource a = {
        .domid = 0, .type = XENMEM_resource_grant_table, .nr_frames = 1, .frame_list = &frame,
    };
    struct xen_memory_reservation claim = { .nr_extents = 1, .domid = 0 };
    struct xen_foreign_memory_map m = { .domid = 0 };
    domid_t id = 0;

    CHECK_EQ(memory_op(XENMEM_populate_physmap, &r), 0);
    CHECK_EQ(memory_op(XENMEM_decrease_reservation, &r), 0);
    CHECK_EQ(frame, 1);
    CHECK_EQ(memory_op(XENMEM_current_reservation, &id), -XEN_EPERM);
    CHECK_EQ(memory_op(XENMEM_maximum_reservation, &id), -XEN_EPERM);
    CHECK_EQ(memory_op(XENMEM_maximum_gpfn, &id), -XEN_EPERM);
    CHECK_EQ(memory_op(XENMEM_acquire_resource, &a), -XEN_EPERM);
    CHECK_EQ(memory_op(XENMEM_claim_pages, &claim), -XEN_EPERM);
    CHECK_EQ(memory_op(XENMEM_set_memory_map, &m), -XEN_EPERM);
}

static void refused_others(void)
{
    struct sched_remote_shutdown shutdown = { .domain_id = 0, .reason = SHUTDOWN_poweroff };
    struct mmuext_op pin = { .cmd = MMUEXT_PIN_L1_TABLE };
    uint64_t frame = M2P[0] == M2P_INVALID ? 0x100 : 0;

    pin.arg1.mfn = frame;
    CHECK_EQ(hypercall_2(__HYPERVISOR_sched_op, SCHEDOP_remote_shutdown, &shutdown), -XEN_EPERM);
    CHECK_EQ(event_alloc_unbound(0, DOMID_SELF), -XEN_EPERM);
    CHECK_EQ(hypercall_4(__HYPERVISOR_mmuext_op, &pin, 1, NULL, 0), -XEN_EPERM);
    CHECK_EQ(foreign_map(SLOT_PAGE, 0, frame, PTE_RO), -XEN_EPERM);
    CHECK_EQ(foreign_map(SLOT_PAGE, DOMID_XEN, frame, PTE_RO), -XEN_EPERM);
}

static void run_refused(void)
{
    for (uint32_t cmd = 1; cmd < 90; cmd++)
        refused_domctl(cmd);
    for (uint32_t cmd = 1; cmd < 32; cmd++)
        refused_sysctl(cmd);
    refused_memory();
    refused_others();
}

void test_main(void)
{
    struct guest *g = &the_guest;

    kit_init();
    if (!is_initial_domain()) {
        run_refused();
        return;
    }
    g->vcpus = 1;
    g->pages = 2048;
    if (guest_build(g)) {
        CHECK_EQ(guest_run(g), SHUTDOWN_reboot);
        CHECK(g->passed);
        CHECK(!g->failed);
    }
    guest_end_all(g);
}

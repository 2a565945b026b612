/* SPDX-License-Identifier: BSD-2-Clause */
/* What rights over one other domain allow: its memory and events; not its life, nor others. */
#include <public/errno.h>
#include <public/event_channel.h>
#include <public/memory.h>
#include <public/sched.h>

#include "builder.h"
#include "check.h"
#include "control.h"
#include "event.h"
#include "grant.h"
#include "hypercall.h"
#include "mm.h"
#include "parts.h"

static void test_memory(void)
{
    domid_t id = (domid_t)places.other;
    uint64_t page = 3, frame = 0;
    struct xen_memory_reservation r = { .extent_start = &page, .nr_extents = 1, .domid = id };
    struct xen_mem_acquire_resource a = {
        .domid = id, .type = XENMEM_resource_grant_table, .nr_frames = 1, .frame_list = &frame,
    };

    CHECK_EQ(hypercall_2(__HYPERVISOR_memory_op, XENMEM_current_reservation, &id), 1);
    CHECK_EQ(hypercall_2(__HYPERVISOR_memory_op, XENMEM_populate_physmap, &r), 1);
    CHECK_EQ(foreign_map(SLOT_PAGE, id, page, PTE_DATA), 0);
    *(volatile uint64_t *)window(SLOT_PAGE) = 5;
    slot_unmap(SLOT_PAGE);
    CHECK_EQ(hypercall_2(__HYPERVISOR_memory_op, XENMEM_decrease_reservation, &r), 1);
    CHECK_EQ(hypercall_2(__HYPERVISOR_memory_op, XENMEM_acquire_resource, &a), 0);
    CHECK_EQ(foreign_map(SLOT_PAGE, id, frame, PTE_DATA), 0);
    slot_unmap(SLOT_PAGE);
    /* Its frames are still no frames of ours. */
    CHECK_EQ(va_map(window(SLOT_PAGE), make_pte(places.frame_other, PTE_RO), 0), -XEN_EBUSY);
    CHECK_EQ(foreign_map(SLOT_PAGE, id, places.frame_0, PTE_RO), -XEN_EBUSY);
}

static void test_tables(void)
{
    struct mmuext_op op = { .cmd = MMUEXT_PIN_L1_TABLE };

    op.arg1.mfn = places.frame_other;
    CHECK_EQ(hypercall_4(__HYPERVISOR_mmuext_op, &op, 1, NULL, places.other), 0);
    op.cmd = MMUEXT_UNPIN_TABLE;
    CHECK_EQ(hypercall_4(__HYPERVISOR_mmuext_op, &op, 1, NULL, places.other), 0);
    op.arg1.mfn = places.frame_0;
    CHECK_EQ(hypercall_4(__HYPERVISOR_mmuext_op, &op, 1, NULL, places.other), -XEN_EINVAL);
}

static void test_events(void)
{
    struct evtchn_status status = { .dom = (domid_t)places.other };
    struct gnttab_query_size size = { .dom = (domid_t)places.other };
    long port = event_alloc_unbound(places.other, DOMID_SELF), ours;

    CHECK(port > 0);
    ours = event_bind_interdomain(places.other, (unsigned int)port);
    CHECK(ours > 0);
    status.port = (evtchn_port_t)port;
    CHECK_EQ(event_op(EVTCHNOP_status, &status), 0);
    CHECK_EQ(status.status, EVTCHNSTAT_interdomain);
    CHECK_EQ(event_close((unsigned int)ours), 0);
    CHECK_EQ(grant_op(GNTTABOP_query_size, &size, 1), 0);
    CHECK_EQ(size.status, GNTST_okay);
}

/* Its life, its shares, its devices; and other domains. */
static void test_refused(void)
{
    struct sched_remote_shutdown shutdown = { .domain_id = (domid_t)places.other, .reason = 1 };
    struct xen_memory_reservation claim = { .domid = (domid_t)places.other };
    struct xen_domctl mapping = { .u.memory_mapping = { .first_mfn = 0xb8, .nr_mfns = 1 } };

    for (uint32_t cmd = 1; cmd < 90; cmd++)
        if (cmd != XEN_DOMCTL_bind_pt_irq && cmd != XEN_DOMCTL_unbind_pt_irq &&
            cmd != XEN_DOMCTL_memory_mapping && cmd != XEN_DOMCTL_ioport_mapping)
            CHECK_EQ(domctl_plain(cmd, places.other), -XEN_EPERM);
    CHECK_EQ(domctl_plain(XEN_DOMCTL_bind_pt_irq, places.other), -XEN_EINVAL);
    CHECK_EQ(domctl_plain(XEN_DOMCTL_ioport_mapping, places.other), -XEN_EOPNOTSUPP);
    /* One cannot give what one doesn't have. */
    CHECK_EQ(domctl(&mapping, XEN_DOMCTL_memory_mapping, places.other), -XEN_EPERM);
    CHECK_EQ(domctl(&mapping, XEN_DOMCTL_memory_mapping, places.self), -XEN_EPERM);
    CHECK_EQ(hypercall_2(__HYPERVISOR_sched_op, SCHEDOP_remote_shutdown, &shutdown), -XEN_EPERM);
    CHECK_EQ(hypercall_2(__HYPERVISOR_memory_op, XENMEM_claim_pages, &claim), -XEN_EPERM);
    CHECK_EQ(event_alloc_unbound(0, DOMID_SELF), -XEN_EPERM);
    CHECK_EQ(foreign_map(SLOT_PAGE, 0, places.frame_0, PTE_RO), -XEN_EPERM);
}

void permitted_on_target(void)
{
    test_memory();
    test_tables();
    test_events();
    test_refused();
}

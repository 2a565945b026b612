/* SPDX-License-Identifier: BSD-2-Clause */
/* memory_op on the control domain, on another one, and on none. */
#include <public/errno.h>
#include <public/memory.h>

#include "check.h"
#include "hypercall.h"
#include "mm.h"
#include "parts.h"

static long memory_op(unsigned int cmd, void *arg)
{
    return hypercall_2(__HYPERVISOR_memory_op, cmd, arg);
}

static void refused_extents(unsigned int domain, uint64_t theirs)
{
    uint64_t frame = theirs, out = 5;
    struct xen_memory_reservation r = {
        .extent_start = &frame, .nr_extents = 1, .domid = (domid_t)domain,
    };

    CHECK_EQ(memory_op(XENMEM_populate_physmap, &r), 0);
    CHECK_EQ(memory_op(XENMEM_increase_reservation, &r), 0);
    CHECK_EQ(memory_op(XENMEM_decrease_reservation, &r), 0);
    CHECK_EQ(frame, theirs);
    /* Their frame as our own. */
    r.domid = DOMID_SELF;
    CHECK_EQ(memory_op(XENMEM_decrease_reservation, &r), 0);
    for (unsigned int own = 0; own < 2; own++) {
        struct xen_memory_exchange x = {
            .in = { .extent_start = &frame, .nr_extents = 1 },
            .out = { .extent_start = &out, .nr_extents = 1 },
        };

        x.in.domid = x.out.domid = own ? DOMID_SELF : (domid_t)domain;
        CHECK_EQ(memory_op(XENMEM_exchange, &x), own ? -XEN_EINVAL : -XEN_EPERM);
        CHECK_EQ(x.nr_exchanged, 0);
    }
}

static void refused_questions(unsigned int domain, long error)
{
    domid_t id = (domid_t)domain;
    uint64_t frame = 1;
    struct xen_mem_acquire_resource a = {
        .domid = id, .type = XENMEM_resource_grant_table, .nr_frames = 1, .frame_list = &frame,
    };
    struct xen_foreign_memory_map m = { .domid = id };
    struct xen_vnuma_topology_info v = { .domid = id };

    CHECK_EQ(memory_op(XENMEM_current_reservation, &id), error);
    CHECK_EQ(memory_op(XENMEM_maximum_reservation, &id), error);
    CHECK_EQ(memory_op(XENMEM_maximum_gpfn, &id), error);
    CHECK_EQ(memory_op(XENMEM_acquire_resource, &a), error);
    CHECK_EQ(memory_op(XENMEM_set_memory_map, &m), error);
    CHECK_EQ(memory_op(XENMEM_get_vnumainfo, &v), error);
    CHECK_EQ(frame, 1);
}

static void refused_claims(void)
{
    struct xen_memory_reservation claim = { .nr_extents = 1, .domid = (domid_t)places.self };
    struct xen_memory_map map = { .nr_entries = 1 };

    CHECK_EQ(memory_op(XENMEM_claim_pages, &claim), -XEN_EPERM);
    claim.domid = 0;
    CHECK_EQ(memory_op(XENMEM_claim_pages, &claim), -XEN_EPERM);
    claim.domid = NO_DOMAIN;
    CHECK_EQ(memory_op(XENMEM_claim_pages, &claim), -XEN_EINVAL);
    CHECK_EQ(memory_op(XENMEM_machine_memory_map, &map), -XEN_EPERM);
}

void refused_memory(void)
{
    refused_extents(0, places.frame_0);
    refused_extents(places.other, places.frame_other);
    refused_questions(0, -XEN_EPERM);
    refused_questions(places.other, -XEN_EPERM);
    refused_questions(NO_DOMAIN, -XEN_ESRCH);
    refused_questions(DOMID_XEN, -XEN_ESRCH);
    refused_questions(DOMID_IO, -XEN_ESRCH);
    refused_claims();
}

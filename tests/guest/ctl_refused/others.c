/* SPDX-License-Identifier: BSD-2-Clause */
/* Events, grants, interrupts and the lives of other domains. */
#include <public/errno.h>
#include <public/event_channel.h>
#include <public/hvm/hvm_op.h>
#include <public/physdev.h>
#include <public/sched.h>

#include "check.h"
#include "event.h"
#include "grant.h"
#include "hypercall.h"
#include "mm.h"
#include "parts.h"

static void refused_events(unsigned int domain, long error)
{
    struct evtchn_status status = { .dom = (domid_t)domain, .port = 1 };
    struct evtchn_reset reset = { .dom = (domid_t)domain };

    CHECK_EQ(event_alloc_unbound(domain, DOMID_SELF), error);
    CHECK_EQ(event_alloc_unbound(domain, 0), error);
    CHECK_EQ(event_op(EVTCHNOP_status, &status), error);
    CHECK_EQ(event_op(EVTCHNOP_reset, &reset), error);
}

/* Ports of others that are not meant for us. */
static void refused_ports(unsigned int domain, long error)
{
    for (unsigned int port = 0; port < 64; port++)
        CHECK_EQ(event_bind_interdomain(domain, port), error);
}

static void refused_pirqs(void)
{
    struct evtchn_bind_pirq pirq = { .pirq = 9 };

    CHECK_EQ(event_op(EVTCHNOP_bind_pirq, &pirq), -XEN_EPERM);
}

static void refused_grants(unsigned int domain, int map_status, int table_status, long error)
{
    domid_t id = (domid_t)domain;
    xen_pfn_t list[4];
    struct gnttab_map_grant_ref map = {
        .dom = id, .ref = 3, .flags = GNTMAP_host_map, .host_addr = (uint64_t)window(9),
    };
    struct gnttab_query_size size = { .dom = id };
    struct gnttab_setup_table setup = { .dom = id, .nr_frames = 1, .frame_list = list };
    struct gnttab_get_version version = { .dom = id };
    struct gnttab_copy copy = {
        .source = { .domid = id, .u.gmfn = places.frame_0 },
        .dest = { .domid = DOMID_SELF, .u.gmfn = virt_to_mfn(page_alloc()) }, .len = 8,
    };

    CHECK_EQ(grant_op(GNTTABOP_map_grant_ref, &map, 1), 0);
    CHECK_EQ(map.status, map_status);
    CHECK_EQ(grant_op(GNTTABOP_query_size, &size, 1), 0);
    CHECK_EQ(size.status, table_status);
    CHECK_EQ(grant_op(GNTTABOP_setup_table, &setup, 1), 0);
    CHECK_EQ(setup.status, table_status);
    CHECK_EQ(grant_op(GNTTABOP_get_version, &version, 1), error);
    CHECK_EQ(grant_op(GNTTABOP_copy, &copy, 1), 0);
    CHECK_EQ(copy.status, table_status);
    copy.flags = GNTCOPY_source_gref;
    copy.source.u.ref = 3;
    CHECK_EQ(grant_op(GNTTABOP_copy, &copy, 1), 0);
    CHECK_EQ(copy.status, map_status);
}

static void refused_interrupts(unsigned int domain, long error)
{
    struct physdev_map_pirq map = {
        .domid = (domid_t)domain, .type = MAP_PIRQ_TYPE_GSI, .index = 9, .pirq = 9,
    };
    struct physdev_unmap_pirq unmap = { .domid = (domid_t)domain, .pirq = 9 };

    CHECK_EQ(hypercall_2(__HYPERVISOR_physdev_op, PHYSDEVOP_map_pirq, &map), error);
    CHECK_EQ(hypercall_2(__HYPERVISOR_physdev_op, PHYSDEVOP_unmap_pirq, &unmap), error);
}

static void refused_shutdown(unsigned int domain, long error)
{
    struct sched_remote_shutdown op = {
        .domain_id = (domid_t)domain, .reason = SHUTDOWN_poweroff,
    };

    CHECK_EQ(hypercall_2(__HYPERVISOR_sched_op, SCHEDOP_remote_shutdown, &op), error);
}

static void refused_params(unsigned int domain, long error)
{
    struct xen_hvm_param param = { .domid = (domid_t)domain, .index = 1 };

    CHECK_EQ(hypercall_2(__HYPERVISOR_hvm_op, HVMOP_get_param, &param), error);
    CHECK_EQ(hypercall_2(__HYPERVISOR_hvm_op, HVMOP_set_param, &param), error);
}

void refused_others(void)
{
    unsigned int theirs[] = { 0, places.other };
    static const unsigned int nobody[] = { NO_DOMAIN, DOMID_XEN, DOMID_IO, DOMID_IDLE };

    for (unsigned int i = 0; i < 2; i++) {
        refused_events(theirs[i], -XEN_EPERM);
        refused_grants(theirs[i], GNTST_general_error, GNTST_permission_denied, -XEN_EPERM);
        refused_interrupts(theirs[i], -XEN_EPERM);
        refused_shutdown(theirs[i], -XEN_EPERM);
        refused_ports(theirs[i], -XEN_EINVAL);
        refused_params(theirs[i], -XEN_EINVAL);
    }
    for (unsigned int i = 0; i < 4; i++) {
        refused_events(nobody[i], -XEN_ESRCH);
        refused_grants(nobody[i], GNTST_bad_domain, GNTST_bad_domain, -XEN_ESRCH);
        refused_interrupts(nobody[i], -XEN_ESRCH);
        refused_shutdown(nobody[i], -XEN_ESRCH);
        refused_ports(nobody[i], -XEN_ESRCH);
        refused_params(nobody[i], -XEN_ESRCH);
    }
    refused_pirqs();
}

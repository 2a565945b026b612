/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Scenario: domains are made, brought to different states and destroyed, many times. Free memory
 * is exactly what it was, and the control domain's ports and grants, too. Pages that others hold
 * keep a dead domain until they let go.
 */
#include <public/errno.h>
#include <public/event_channel.h>
#include <public/grant_table.h>
#include <public/memory.h>
#include <public/sched.h>

#include "builder.h"
#include "check.h"
#include "control.h"
#include "event.h"
#include "grant.h"
#include "hypercall.h"
#include "kit.h"
#include "mm.h"
#include "trap.h"

#define ROUNDS 40

/* The state to which a round brings its domain. */
enum { EMPTY, POPULATED, BUILT, RUNNING, ENDED, NR_STATES };

static void make(struct guest *g, unsigned int state)
{
    struct xen_domctl op = { .u.max_mem.max_memkb = 8192 };

    g->vcpus = 1;
    g->pages = 1536;
    g->local_port = 0;
    if (state < BUILT) {
        g->id = (unsigned int)guest_create_empty(3);
        CHECK_EQ(domctl(&op, XEN_DOMCTL_max_mem, g->id), 0);
        if (state == POPULATED)
            guest_populate(g);
        return;
    }
    if (!guest_build(g))
        return;
    if (state == ENDED)
        CHECK_EQ(guest_run(g), SHUTDOWN_reboot);
    if (state == RUNNING) {
        CHECK_EQ(domctl_plain(XEN_DOMCTL_unpausedomain, g->id), 0);
        hypercall_2(__HYPERVISOR_sched_op, SCHEDOP_yield, 0);
    }
}

/* A free port is the lowest one: if one leaked, the next is higher. */
static long next_port(void)
{
    long port = event_alloc_unbound(DOMID_SELF, DOMID_SELF);

    CHECK_EQ(event_close((unsigned int)port), 0);
    return port;
}

static void test_rounds(struct guest *g)
{
    uint64_t free = 0;
    long port = 0;

    for (unsigned int i = 0; i < ROUNDS + NR_STATES; i++) {
        /* The first of each kind takes what is taken once. */
        if (i == NR_STATES) {
            free = machine_free_pages_settled();
            port = next_port();
        }
        make(g, i % NR_STATES);
        guest_end_all(g);
    }
    CHECK_EQ(machine_free_pages_settled(), free);
    CHECK_EQ(next_port(), port);
}

/* A frame of a domain that we map keeps the domain, without its other pages. */
static void test_held_page(struct guest *g)
{
    uint64_t free = machine_free_pages_settled();
    struct xen_domctl_getdomaininfo info;

    make(g, POPULATED);
    CHECK_EQ(foreign_map(SLOT_PAGE, g->id, g->p2m[7], PTE_DATA), 0);
    *(volatile uint64_t *)window(SLOT_PAGE) = 77;
    CHECK_EQ(domain_destroy(g->id), 0);
    CHECK(domain_info(g->id, &info));
    CHECK(info.flags & XEN_DOMINF_dying);
    CHECK_EQ(info.tot_pages, 1);
    CHECK_EQ(*(volatile uint64_t *)window(SLOT_PAGE), 77);
    CHECK_EQ(domain_destroy(g->id), 0);
    slot_unmap(SLOT_PAGE);
    CHECK_EQ(machine_free_pages_settled(), free);
    CHECK(!domain_info(g->id, &info));
}

static long map_console(struct guest *g, struct gnttab_map_grant_ref *map)
{
    *map = (struct gnttab_map_grant_ref){
        .host_addr = (uint64_t)window(SLOT_PAGE), .flags = GNTMAP_host_map, .ref = 0,
        .dom = (domid_t)g->id,
    };
    return grant_op(GNTTABOP_map_grant_ref, map, 1);
}

/* The same by a grant, as console and backend daemons hold it. */
static void hold_grant(struct guest *g)
{
    struct gnttab_map_grant_ref map;
    struct gnttab_unmap_grant_ref unmap = { .host_addr = (uint64_t)window(SLOT_PAGE) };
    struct xen_domctl_getdomaininfo info;

    make(g, BUILT);
    slot_unmap(SLOT_PAGE);
    CHECK_EQ(map_console(g, &map), 0);
    CHECK_EQ(map.status, GNTST_okay);
    unmap.handle = map.handle;
    slot_unmap(SLOT_RING);
    CHECK_EQ(event_close(g->local_port), 0);
    g->local_port = 0;
    CHECK_EQ(domain_destroy(g->id), 0);
    CHECK(domain_info(g->id, &info));
    CHECK(info.flags & XEN_DOMINF_dying);
    CHECK_EQ(grant_op(GNTTABOP_unmap_grant_ref, &unmap, 1), 0);
    CHECK_EQ(unmap.status, GNTST_okay);
}

static void test_held_grant(struct guest *g)
{
    struct xen_domctl_getdomaininfo info;
    uint64_t free;

    /* The table of our mappings is made once. */
    hold_grant(g);
    free = machine_free_pages_settled();
    hold_grant(g);
    CHECK_EQ(machine_free_pages_settled(), free);
    CHECK(!domain_info(g->id, &info));
}

/* Our end of a dead domain's port waits for nobody; death itself raises an event. */
static void test_death_event(struct guest *g)
{
    long port = event_bind_virq(VIRQ_DOM_EXC, 0);

    CHECK(port > 0);
    make(g, BUILT);
    port_clear_pending((unsigned int)port);
    CHECK_EQ(event_status(g->local_port), EVTCHNSTAT_interdomain);
    slot_unmap(SLOT_RING);
    CHECK_EQ(domain_destroy(g->id), 0);
    CHECK(port_is_pending((unsigned int)port));
    CHECK_EQ(event_status(g->local_port), EVTCHNSTAT_unbound);
    CHECK_EQ(event_send(g->local_port), 0);
    CHECK_EQ(event_close(g->local_port), 0);
    CHECK_EQ(event_close((unsigned int)port), 0);
    g->local_port = 0;
}

void test_main(void)
{
    struct guest *g = &the_guest;

    kit_init();
    if (!is_initial_domain()) {
        check_skip("only the control domain builds others");
        return;
    }
    test_rounds(g);
    test_held_page(g);
    test_held_grant(g);
    test_death_event(g);
}

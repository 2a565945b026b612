/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Scenario: domains are destroyed in the middle of their making, at work, with memory of others,
 * and while others have memory of theirs. Each time everything comes back: free memory and our next
 * port are what they were, and the domain is gone.
 */
#include <public/errno.h>
#include <public/event_channel.h>
#include <public/grant_table.h>
#include <public/io/console.h>
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
#include "parts.h"
#include "print.h"
#include "string.h"
#include "time.h"

static struct guest *const g = &the_guest;

static uint64_t ours[512] __attribute__((aligned(4096)));

struct account {
    uint64_t free;
    long port;
};

static struct account account(void)
{
    struct account a = { .free = machine_free_pages_settled() };

    a.port = event_alloc_unbound(DOMID_SELF, DOMID_SELF);
    CHECK_EQ(event_close((unsigned int)a.port), 0);
    return a;
}

static void empty(unsigned int vcpus)
{
    g->id = (unsigned int)guest_create_empty(vcpus);
    g->local_port = 0;
    g->tables = 0;
}

static void built(unsigned int vcpus, const char *args)
{
    g->vcpus = vcpus;
    g->pages = 2048;
    g->args = args;
    g->local_port = 0;
    CHECK(guest_build(g));
}

/* Until it says that it is ready: see victim.c. */
static void run(void)
{
    volatile struct xencons_interface *ring = (volatile struct xencons_interface *)g->ring;
    uint64_t end = time_now() + MILLISECS(10000);

    CHECK_EQ(domctl_plain(XEN_DOMCTL_unpausedomain, g->id), 0);
    while (!ring->in_cons && time_now() < end)
        hypercall_2(__HYPERVISOR_sched_op, SCHEDOP_yield, 0);
    guest_drain_console(g);
    CHECK(ring->in_cons == 1);
    CHECK(!g->failed);
}

static void check_gone(unsigned int id)
{
    struct xen_domctl_getdomaininfo info;

    CHECK(!domain_info(id, &info));
}

/* Twice: the first time takes what is taken once. */
static void twice(const char *what, void (*prepare)(void))
{
    struct account before = { 0, 0 }, after;

    for (unsigned int i = 0; i < 2; i++) {
        if (i == 1)
            before = account();
        prepare();
        guest_end_all(g);
        check_gone(g->id);
    }
    after = account();
    if (!CHECK_EQ(after.free, before.free) || !CHECK_EQ(after.port, before.port))
        printk("     %s\n", what);
}

static void promises(void)
{
    empty(3);
    part_promises(g);
}

static void limit(void)
{
    empty(3);
    part_limit(g);
}

static void permissions(void)
{
    empty(3);
    part_permissions(g);
}

static void ports(void)
{
    empty(3);
    part_ports(g);
}

static void pauses(void)
{
    empty(3);
    part_pauses(g);
}

static void contexts(void)
{
    built(3, "");
    part_contexts(g);
}

static void pins(void)
{
    built(1, "");
    part_pins(g);
}

static void at_work(void)
{
    built(2, "vcpus");
    run();
}

static void in_calls(void)
{
    built(2, "vcpus call");
    run();
}

static void blocked(void)
{
    built(1, "block");
    run();
}

static void polling(void)
{
    built(1, "poll");
    run();
}

static void fifo(void)
{
    built(1, "fifo block");
    run();
}

static void tables(void)
{
    built(1, "tables");
    run();
    CHECK_EQ(domctl_plain(XEN_DOMCTL_pausedomain, g->id), 0);
}

/* It maps a page that we grant. The entry is free again after its death. */
static void our_page(void)
{
    built(1, "from=0");
    grant_offer(GRANT_REF, g->id, virt_to_mfn(ours), GTF_permit_access);
    run();
    CHECK_EQ(ours[0], 0x1234);
    CHECK_EQ(grant_entries[GRANT_REF].flags, GTF_permit_access | GTF_reading | GTF_writing);
}

static void test_our_page(void)
{
    twice("maps our page", our_page);
    CHECK_EQ(grant_entries[GRANT_REF].flags, GTF_permit_access);
    grant_entries[GRANT_REF].flags = 0;
}

/* A domain with one page, which it grants to the next one. */
static unsigned int make_granter(void)
{
    unsigned int id = (unsigned int)guest_create_empty(1);
    struct xen_domctl op = { .u.max_mem.max_memkb = 64 };
    uint64_t page = 0, frame = 0;
    struct xen_memory_reservation r = {
        .extent_start = &page, .nr_extents = 1, .domid = (domid_t)id,
    };
    struct xen_mem_acquire_resource a = {
        .domid = (domid_t)id, .type = XENMEM_resource_grant_table, .nr_frames = 1,
        .frame_list = &frame,
    };
    struct grant_entry_v1 *e = window(SLOT_SHARED);

    CHECK_EQ(domctl(&op, XEN_DOMCTL_max_mem, id), 0);
    CHECK_EQ(hypercall_2(__HYPERVISOR_memory_op, XENMEM_populate_physmap, &r), 1);
    CHECK_EQ(hypercall_2(__HYPERVISOR_memory_op, XENMEM_acquire_resource, &a), 0);
    CHECK_EQ(foreign_map(SLOT_SHARED, id, frame, PTE_DATA), 0);
    e[GRANT_REF] = (struct grant_entry_v1){ GTF_permit_access, (domid_t)(id + 1), (uint32_t)page };
    slot_unmap(SLOT_SHARED);
    return id;
}

static unsigned int granter;

static void map_from_granter(void)
{
    static char args[] = "from=000";

    granter = make_granter();
    args[5] = (char)('0' + granter / 100 % 10);
    args[6] = (char)('0' + granter / 10 % 10);
    args[7] = (char)('0' + granter % 10);
    built(1, args);
    CHECK_EQ(g->id, granter + 1);
    run();
}

static void theirs_goes_first(void)
{
    struct xen_domctl_getdomaininfo info;

    map_from_granter();
    CHECK_EQ(domain_destroy(granter), 0);
    CHECK(domain_info(granter, &info));
    CHECK(info.flags & XEN_DOMINF_dying);
    CHECK_EQ(info.tot_pages, 1);
}

static void test_granter(void)
{
    struct account before;

    /* The granter's death waits for the mapper's. */
    twice("maps a page of a dead domain", theirs_goes_first);
    check_gone(granter);
    before = account();
    map_from_granter();
    guest_end_all(g);
    check_gone(g->id);
    CHECK_EQ(domain_destroy(granter), 0);
    check_gone(granter);
    CHECK_EQ(account().free, before.free);
}

/* Rights over another domain hold that one's id, and neither death waits for the other. */
static void test_target(void)
{
    struct account before = account();
    unsigned int target = (unsigned int)guest_create_empty(1);
    struct xen_domctl op = { .u.set_target.target = (domid_t)target };
    long rc;

    empty(1);
    rc = domctl(&op, XEN_DOMCTL_set_target, g->id);
    if (rc == -XEN_EOPNOTSUPP)
        check_skip_part("target", "rights are given over HVM domains only");
    else
        CHECK_EQ(rc, 0);
    CHECK_EQ(domain_destroy(target), 0);
    CHECK_EQ(domain_destroy(g->id), 0);
    check_gone(target);
    check_gone(g->id);
    CHECK_EQ(account().free, before.free);
}

static void test_unfinished(void)
{
    twice("promises", promises);
    twice("at its limit", limit);
    twice("permissions", permissions);
    twice("ports", ports);
    twice("pauses", pauses);
    twice("contexts", contexts);
    twice("pinned tables", pins);
}

static void test_running(void)
{
    twice("at work", at_work);
    twice("in calls", in_calls);
    twice("blocked", blocked);
    twice("polling", polling);
    twice("FIFO events", fifo);
    twice("its own tables", tables);
}

void test_main(void)
{
    kit_init();
    if (!is_initial_domain()) {
        victim_main((const char *)start_info->cmd_line);
        return;
    }
    grant_init();
    /* Our own first port is taken once. */
    (void)account();
    test_unfinished();
    test_running();
    test_our_page();
    test_granter();
    test_target();
}

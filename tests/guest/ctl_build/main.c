/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Scenario: the control domain builds another domain from its boot module, runs it to its end and
 * follows its console. Everything the domain had comes back: free memory is what it was.
 */
#include <public/sched.h>

#include "builder.h"
#include "check.h"
#include "control.h"
#include "kit.h"
#include "mm.h"

/* The builder cleared the page; the date is there all the same. */
static void check_clock(const struct guest *g)
{
    const struct shared_info *s = window(SLOT_SHARED);

    CHECK_EQ(foreign_map(SLOT_SHARED, g->id, g->shared_info_mfn, PTE_RO), 0);
    CHECK(s->wc_sec > 1600000000);
    CHECK(!(s->wc_version & 1));
    slot_unmap(SLOT_SHARED);
}

static void build_and_run(struct guest *g)
{
    if (guest_build(g)) {
        check_clock(g);
        CHECK_EQ(guest_run(g), SHUTDOWN_reboot);
        CHECK(g->passed || g->skipped);
        CHECK(!g->failed);
    }
    guest_end_all(g);
}

void test_main(void)
{
    struct guest *g = &the_guest;
    uint64_t free;

    kit_init();
    if (!is_initial_domain()) {
        check_skip("only the control domain builds others");
        return;
    }
    g->vcpus = 1;
    g->pages = 2048;
    /* What our own first port, mapping and so on take is taken once. */
    build_and_run(g);
    free = machine_free_pages_settled();
    for (unsigned int i = 0; i < 3; i++)
        build_and_run(g);
    CHECK_EQ(machine_free_pages_settled(), free);
}

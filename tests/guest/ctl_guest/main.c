/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Scenario: the other test guests in the unprivileged role. Each is built as a domain of its own,
 * must come to its verdict as it does as the control domain, and leaves nothing behind.
 */
#include <public/sched.h>

#include "builder.h"
#include "check.h"
#include "control.h"
#include "kit.h"
#include "mm.h"
#include "string.h"

static unsigned int nr_vcpus(const char *args)
{
    static const struct {
        const char *word;
        unsigned int nr;
    } words[] = { { "smp", 4 }, { "two", 2 }, { "three", 3 }, { "eight", 8 } };

    for (unsigned int i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (text_equal(args, words[i].word))
            return words[i].nr;
    return 1;
}

/* An emulated TSC of 1.5 GHz, of a domain that ran for 5 s before. */
static void set_clock(const struct guest *g)
{
    struct xen_domctl op = {
        .u.tsc_info = { .tsc_mode = 1, .gtsc_khz = 1500000, .elapsed_nsec = 5000000000 },
    };

    CHECK_EQ(domctl(&op, XEN_DOMCTL_settscinfo, g->id), 0);
}

void test_main(void)
{
    struct guest *g = &the_guest;
    const char *args;

    kit_init();
    args = (const char *)start_info->cmd_line;
    if (!is_initial_domain()) {
        check_skip("only the control domain builds others");
        return;
    }
    g->vcpus = nr_vcpus(args);
    g->pages = BUILD_MAX_PAGES;
    g->args = NULL;
    if (guest_build(g)) {
        if (text_equal(args, "vtsc"))
            set_clock(g);
        CHECK_EQ(guest_run(g), SHUTDOWN_reboot);
        CHECK(g->passed || g->skipped);
        CHECK(!g->failed);
    }
    guest_end_all(g);
}

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Scenario: a domain without rights tries every control operation and every way to another
 * domain's memory, events and devices: on itself, the control domain, a third one, on the
 * hypervisor's and on none. All is refused, and nothing is written. A second one was given rights
 * over the third, and one is made for xenstored. The control domain builds them from its own image.
 */
#include <public/errno.h>
#include <public/memory.h>
#include <public/sched.h>

#include "builder.h"
#include "check.h"
#include "control.h"
#include "hypercall.h"
#include "kit.h"
#include "mm.h"
#include "parts.h"
#include "string.h"

struct places places;

/* What the domain is made for. */
enum role { PLAIN, TARGET, XENSTORE };

/* "word=HEX" of the command line. */
static uint64_t argument(const char *args, const char *word)
{
    uint64_t n = 0;

    while (*args && !(memcmp(args, word, text_length(word)) == 0))
        args++;
    for (args += text_length(word); *args && *args != ' '; args++)
        n = n * 16 + (uint64_t)(*args <= '9' ? *args - '0' : *args - 'a' + 10);
    return n;
}

static char *append(char *to, const char *word, uint64_t n)
{
    memcpy(to, word, text_length(word));
    to += text_length(word);
    for (int shift = 60; shift >= 0; shift -= 4)
        *to++ = "0123456789abcdef"[n >> shift & 15];
    *to = '\0';
    return to;
}

static void run_domain(void)
{
    const char *args = (const char *)start_info->cmd_line;

    places = (struct places){
        .self = (unsigned int)argument(args, "self="),
        .other = (unsigned int)argument(args, "other="),
        .frame_0 = argument(args, "frame0="),
        .frame_other = argument(args, "frame1="),
    };
    switch (argument(args, "role=")) {
    case TARGET:
        permitted_on_target();
        return;
    case XENSTORE:
        permitted_to_xenstore();
        return;
    default:
        break;
    }
    refused_control();
    refused_memory();
    refused_frames();
    refused_others();
}

/* A third domain with one page. */
static unsigned int make_other(uint64_t *frame)
{
    struct xen_domctl op = { .u.max_mem.max_memkb = 64 };
    unsigned int id = (unsigned int)guest_create_empty(1);
    struct xen_memory_reservation r = {
        .extent_start = frame, .nr_extents = 1, .domid = (domid_t)id,
    };

    CHECK_EQ(domctl(&op, XEN_DOMCTL_max_mem, id), 0);
    CHECK_EQ(hypercall_2(__HYPERVISOR_memory_op, XENMEM_populate_physmap, &r), 1);
    return id;
}

/* A page of ours that must still hold this in the end. */
static uint64_t secret[512] __attribute__((aligned(4096))) = { 0x5ec7e7 };

/* False: rights over PV domains aren't given here. */
static bool give_rights(unsigned int other)
{
    struct xen_domctl op = { .u.set_target.target = (domid_t)other };
    long rc = domctl(&op, XEN_DOMCTL_set_target, the_guest.id);

    if (rc == -XEN_EOPNOTSUPP) {
        check_skip_part("target", "rights are given over HVM domains only");
        return false;
    }
    CHECK_EQ(rc, 0);
    CHECK_EQ(domctl(&op, XEN_DOMCTL_set_target, the_guest.id), -XEN_EINVAL);
    return true;
}

/* A domain beside another one. */
static void test_domain(enum role role)
{
    static char args[160];
    struct guest *g = &the_guest;
    uint64_t frame = 0;
    unsigned int other = make_other(&frame);
    char *end;

    /* Ids are given in a row. */
    end = append(args, "self=", other + 1);
    end = append(end, " other=", other);
    end = append(end, " frame0=", virt_to_mfn(secret));
    end = append(end, " frame1=", frame);
    (void)append(end, " role=", role);
    g->vcpus = 1;
    g->pages = 2048;
    g->args = args;
    guest_create_flags = role == XENSTORE ? XEN_DOMCTL_CDF_xs_domain : 0;
    if (guest_build(g) && (role != TARGET || give_rights(other))) {
        CHECK_EQ(g->id, other + 1);
        CHECK_EQ(guest_run(g), SHUTDOWN_reboot);
        CHECK(g->passed);
        CHECK(!g->failed);
    }
    CHECK_EQ(secret[0], 0x5ec7e7);
    CHECK_EQ(secret[1], 0);
    guest_create_flags = 0;
    guest_end_all(g);
    CHECK_EQ(domain_destroy(other), 0);
}

void test_main(void)
{
    kit_init();
    if (!is_initial_domain()) {
        run_domain();
        return;
    }
    test_domain(PLAIN);
    test_domain(TARGET);
    test_domain(XENSTORE);
}

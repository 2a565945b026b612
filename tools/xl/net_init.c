/* SPDX-License-Identifier: BSD-2-Clause */
/* xl net: the guests' default network. */
#include "commands.h"
#include "net.h"
#include "output.h"
#include "xl.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct request {
    const char *bridge, *network;   /* NULL: not given */
};

/* What was asked for, else what was saved, else what suits. 1: it is what was saved. */
static int make_plan(const struct request *request, struct net_plan *plan)
{
    int rc = net_plan_read(plan), saved = rc == 0;

    if (rc == -ENOENT)
        rc = net_plan_default(plan);
    else if (rc == -EINVAL && request->bridge && request->network)
        rc = 0;
    if (rc == 0 && request->bridge)
        rc = net_parse_bridge(plan, request->bridge);
    if (rc == 0 && request->network)
        rc = net_parse_network(plan, request->network);
    if (rc == 0)
        rc = net_plan_check(plan);
    return rc < 0 ? rc : saved && net_plan_saved(plan);
}

/* --- init --- */

static int make_bridge(const struct net_plan *plan, bool ours)
{
    char own[NET_TEXT];
    bool complete = net_bridge_has_address(plan) && net_bridge_is_up(plan);
    int rc = net_bridge_make(plan, ours);

    if (rc < 0)
        return rc;
    net_format(own, net_own(plan));
    if (rc == 1 && complete) {
        xl_note("Bridge %s: is there, with the address %s/%u.", plan->bridge, own, plan->bits);
        return 0;
    }
    xl_note("Bridge %s: %s; its address is %s/%u.", plan->bridge,
            rc == 1 ? "was there" : "made", own, plan->bits);
    return net_bridge_set_up(plan);
}

static int open_way(const struct net_plan *plan)
{
    char network[NET_TEXT];
    bool there = net_filter_present();
    int rc = net_forward_set();

    if (rc < 0)
        return rc;
    xl_note("IPv4 forwarding: %s.", rc == 1 ? "is on" : "switched on");
    rc = net_filter_set(plan);
    if (rc < 0)
        return rc;
    net_format(network, plan->network);
    xl_note("Address translation of %s/%u: %s (nf_tables, table xl_net).", network, plan->bits,
            there ? "set anew" : "set");
    return 0;
}

/* Without it guests can still be given addresses by hand: so this fails last. */
static int give_addresses(const struct net_plan *plan)
{
    int rc = net_dhcp_start(plan);

    if (rc == 0)
        xl_note("Addresses for guests: %s gives them.", net_dhcp_program());
    return rc;
}

static int forget_old(const struct net_plan *plan)
{
    struct net_plan old;

    if (net_plan_read(&old) < 0 || strcmp(old.bridge, plan->bridge) == 0)
        return 0;
    return net_bridge_remove(&old);
}

static int save(const struct net_plan *plan, bool saved)
{
    int rc = saved ? 0 : net_plan_write(plan);

    if (rc == 0)
        xl_note("Kept in %s: xenios-net.service makes it again at the next start.",
                NET_PLAN_FILE);
    return rc;
}

static int init(const struct request *request)
{
    struct net_plan plan;
    int rc = make_plan(request, &plan);
    bool saved = rc == 1;

    if (rc >= 0)
        rc = saved ? 0 : forget_old(&plan);
    if (rc >= 0)
        rc = make_bridge(&plan, saved);
    if (rc >= 0)
        rc = save(&plan, saved);
    if (rc >= 0)
        rc = open_way(&plan);
    if (rc >= 0)
        rc = give_addresses(&plan);
    if (rc < 0) {
        xl_error("%s.", net_error());
        return XL_EXIT_FAILED;
    }
    xl_note("Guests use it with vif = [ 'bridge=%s' ] in their configuration.", plan.bridge);
    return XL_EXIT_OK;
}

/* --- show --- */

/* A line of the table; returns how much is missing. */
static unsigned int line(const char *what, bool good, const char *fine, const char *bad)
{
    printf("%-20s %s\n", what, good ? fine : bad);
    return !good;
}

static unsigned int show_bridge(const struct net_plan *plan)
{
    char own[NET_TEXT], fine[64], bad[96];
    unsigned int lacks;

    net_format(own, net_own(plan));
    snprintf(bad, sizeof(bad), "MISSING: %s is not there; type: xl net init", plan->bridge);
    lacks = line("bridge", net_bridge_present(plan), plan->bridge, bad);
    snprintf(fine, sizeof(fine), "%s/%u", own, plan->bits);
    snprintf(bad, sizeof(bad), "MISSING: %s/%u; type: xl net init", own, plan->bits);
    lacks += line("address", net_bridge_has_address(plan), fine, bad);
    lacks += line("state", net_bridge_is_up(plan), "up", "DOWN; type: xl net init");
    return lacks;
}

static unsigned int show_way(void)
{
    char dropper[160], bad[256];
    unsigned int lacks;

    lacks = line("IPv4 forwarding", net_forward_is_set(), "on", "OFF; type: xl net init");
    lacks += line("address translation", net_filter_present(), "nf_tables, table xl_net",
                  "MISSING; type: xl net init");
    if (net_filter_dropper(dropper, sizeof(dropper))) {
        snprintf(bad, sizeof(bad), "DROPPED by default in %s: let the guests' network through "
                 "there", dropper);
        lacks += line("forwarded packets", false, "", bad);
    }
    lacks += line("way to the world", net_default_route_present(), "default route",
                  "MISSING: dom0 has no default route, so guests reach dom0 only");
    return lacks;
}

static unsigned int show_addresses(void)
{
    const char *program = net_dhcp_program();

    if (!program && !net_dhcp_runs())
        return line("DHCP for guests", false, "",
                    "MISSING: no dnsmasq, no udhcpd; type: apt-get install dnsmasq-base");
    return line("DHCP for guests", net_dhcp_runs(), program ? program : "runs",
                "STOPPED; type: xl net init");
}

static int show(const struct request *request)
{
    struct net_plan plan;
    unsigned int lacks;
    int rc = net_plan_read(&plan);

    if (rc == -ENOENT && !request->bridge) {
        printf("There is no network for guests. To make one, type: xl net init\n");
        return XL_EXIT_FAILED;
    }
    rc = make_plan(request, &plan);
    if (rc < 0 && rc != -EADDRINUSE) {
        xl_error("%s.", net_error());
        return XL_EXIT_FAILED;
    }
    lacks = show_bridge(&plan);
    lacks += show_way();
    lacks += show_addresses();
    lacks += line("at the next start", net_plan_saved(&plan), NET_PLAN_FILE,
                  "NOT KEPT; type: xl net init");
    return lacks ? XL_EXIT_FAILED : XL_EXIT_OK;
}

/* --- remove --- */

static int take_away(void)
{
    struct net_plan plan;
    int rc = net_plan_read(&plan);

    if (rc == -ENOENT) {
        xl_note("There is no network for guests that \"xl net init\" made.");
        return XL_EXIT_OK;
    }
    if (rc == 0)
        rc = net_bridge_remove(&plan);
    if (rc == 0)
        rc = net_dhcp_stop();
    if (rc == 0)
        rc = net_filter_remove();
    if (rc < 0) {
        xl_error("%s.", net_error());
        return XL_EXIT_FAILED;
    }
    unlink(NET_PLAN_FILE);
    xl_note("Removed: bridge %s, its DHCP server, its address translation and %s. IPv4 "
            "forwarding stays as it is.", plan.bridge, NET_PLAN_FILE);
    return XL_EXIT_OK;
}

int cmd_net(struct xl *xl, int argc, char **argv)
{
    static const struct option longs[] = {
        { "bridge", required_argument, NULL, 'b' },
        { "network", required_argument, NULL, 'n' },
        { NULL, 0, NULL, 0 },
    };
    struct request request = { NULL, NULL };
    const char *what;
    int option;

    while ((option = xl_option(xl, argc, argv, "", longs)) != -1)
        *(option == 'b' ? &request.bridge : &request.network) = optarg;
    what = optind < argc ? argv[optind] : "show";
    if (optind + 1 < argc)
        xl_usage_error(xl, "\"%s\" is one word too many.", argv[optind + 1]);
    if (strcmp(what, "init") == 0)
        return init(&request);
    if (strcmp(what, "show") == 0 || strcmp(what, "check") == 0)
        return show(&request);
    if (strcmp(what, "remove") == 0)
        return take_away();
    xl_usage_error(xl, "\"%s\" is none of init, show, remove.", what);
}

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The guests' default network: a bridge in dom0 with an address, IPv4 forwarding, address
 * translation towards the world, and addresses for guests by DHCP. Its plan is one file, so that
 * it can be made again at the next start of the machine.
 *
 * Functions that fail return a negative errno; net_error() is one sentence about why, without a
 * full stop. All may be called again when things are as they should be.
 */
#ifndef XL_NET_H
#define XL_NET_H

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A test has folders of its own. */
#ifndef NET_ETC
#define NET_ETC "/etc/xen"
#endif
#ifndef NET_RUN
#define NET_RUN "/run/xl"
#endif

#define NET_PLAN_FILE NET_ETC "/net.conf"

struct net_plan {
    char bridge[IFNAMSIZ];
    uint32_t network;       /* IPv4, in the host's byte order */
    unsigned int bits;
};

#define NET_TEXT 20 /* "255.255.255.255/32" */

const char *net_error(void);
int net_fail(int rc, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* --- the plan (net_plan.c) --- */

/* The bridge's own address: the network's first. */
static inline uint32_t net_own(const struct net_plan *plan)
{
    return plan->network + 1;
}

static inline uint32_t net_mask(const struct net_plan *plan)
{
    return ~0u << (32 - plan->bits);
}

void net_format(char text[NET_TEXT], uint32_t address);
/* -EINVAL: not ADDRESS/BITS with 8 to 29 bits. Bits of the address behind these are dropped. */
int net_parse_network(struct net_plan *plan, const char *text);
int net_parse_bridge(struct net_plan *plan, const char *text);
/* xenbr0, and the first of some private networks that dom0 is not in. -EADDRINUSE: in all. */
int net_plan_default(struct net_plan *plan);
/* -EADDRINUSE: dom0 has an address in it on another interface. */
int net_plan_check(const struct net_plan *plan);
/* -ENOENT: none was written; -EINVAL. */
int net_plan_read(struct net_plan *plan);
int net_plan_write(const struct net_plan *plan);
/* Does the file say the same? */
bool net_plan_saved(const struct net_plan *plan);

/* --- the bridge (net_link.c) --- */

/* Make it. 1: it is there already; -EEXIST: something of this name is there, and in use. */
int net_bridge_make(const struct net_plan *plan, bool ours);
int net_bridge_set_up(const struct net_plan *plan);
int net_bridge_remove(const struct net_plan *plan);
bool net_bridge_present(const struct net_plan *plan);
bool net_bridge_is_up(const struct net_plan *plan);
bool net_bridge_has_address(const struct net_plan *plan);

/* --- towards the world (net_filter.c, net_forward.c) --- */

int net_filter_set(const struct net_plan *plan);
int net_filter_remove(void);
bool net_filter_present(void);
/*
 * Other rules may drop what is forwarded: "table T, chain C" of the first that does so by default.
 * False: none.
 */
bool net_filter_dropper(char *name, size_t size);

int net_forward_set(void);
bool net_forward_is_set(void);
bool net_default_route_present(void);

/* --- addresses for guests (net_dhcp.c) --- */

/* Which program there is: "dnsmasq", "udhcpd"; NULL: none. */
const char *net_dhcp_program(void);
/* Starts it, or again when the plan has changed. -ENOENT: none is installed. */
int net_dhcp_start(const struct net_plan *plan);
int net_dhcp_stop(void);
bool net_dhcp_runs(void);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/* The bridge of the guests' network, through rtnetlink. */
#include "net.h"
#include "net_netlink.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <ifaddrs.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static bool sysfs_has(const struct net_plan *plan, const char *what)
{
    char path[64 + IFNAMSIZ];

    snprintf(path, sizeof(path), "/sys/class/net/%s%s", plan->bridge, what);
    return access(path, F_OK) == 0;
}

bool net_bridge_present(const struct net_plan *plan)
{
    return sysfs_has(plan, "/bridge");
}

/* Has the bridge the address of the plan, and others? */
static bool has_address(const struct net_plan *plan, bool *others)
{
    struct ifaddrs *all;
    bool found = false;

    *others = false;
    if (getifaddrs(&all) < 0)
        return false;
    for (const struct ifaddrs *one = all; one; one = one->ifa_next) {
        const struct sockaddr_in *address = (const struct sockaddr_in *)one->ifa_addr;

        if (!address || address->sin_family != AF_INET ||
            strcmp(one->ifa_name, plan->bridge) != 0)
            continue;
        if (ntohl(address->sin_addr.s_addr) == net_own(plan))
            found = true;
        else
            *others = true;
    }
    freeifaddrs(all);
    return found;
}

bool net_bridge_has_address(const struct net_plan *plan)
{
    bool others;

    return has_address(plan, &others);
}

bool net_bridge_is_up(const struct net_plan *plan)
{
    char path[64 + IFNAMSIZ];
    unsigned int flags = 0;
    FILE *file;

    snprintf(path, sizeof(path), "/sys/class/net/%s/flags", plan->bridge);
    file = fopen(path, "re");
    if (!file)
        return false;
    if (fscanf(file, "%x", &flags) != 1)
        flags = 0;
    fclose(file);
    return flags & IFF_UP;
}

static bool has_ports(const struct net_plan *plan)
{
    char path[64 + IFNAMSIZ];
    struct dirent *entry;
    bool found = false;
    DIR *dir;

    snprintf(path, sizeof(path), "/sys/class/net/%s/brif", plan->bridge);
    dir = opendir(path);
    while (dir && (entry = readdir(dir)))
        found |= entry->d_name[0] != '.';
    if (dir)
        closedir(dir);
    return found;
}

static int check_present(const struct net_plan *plan, bool ours)
{
    bool others = false;

    if (!net_bridge_present(plan))
        return net_fail(-EEXIST, "%s is an interface, but not a bridge. Choose another name with "
                        "--bridge", plan->bridge);
    if (ours)
        return 1;
    if (!has_address(plan, &others) && (others || has_ports(plan)))
        return net_fail(-EEXIST, "The bridge %s is in use already, and \"xl net init\" did not "
                        "make it. Guests can use it as it is; for a network of their own choose "
                        "another name with --bridge", plan->bridge);
    return 1;
}

/*
 * The bridge gets an address of its own: else it has that of a guest's interface, and another one
 * when guests come and go. Made from the name, so that it is the same after each start.
 */
static void own_hardware_address(const struct net_plan *plan, uint8_t address[6])
{
    uint32_t hash = 2166136261u;

    for (const char *c = plan->bridge; *c; c++)
        hash = (hash ^ (uint8_t)*c) * 16777619u;
    address[0] = 0x02;
    address[1] = 0x16;
    memcpy(address + 2, &hash, 4);
}

int net_bridge_make(const struct net_plan *plan, bool ours)
{
    struct netlink netlink = { 0 };
    struct ifinfomsg link = { .ifi_family = AF_UNSPEC };
    uint8_t hardware[6];
    uint32_t zero = 0;
    size_t info, data;
    int rc;

    if (sysfs_has(plan, ""))
        return check_present(plan, ours);
    own_hardware_address(plan, hardware);
    netlink_add(&netlink, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL | NLM_F_ACK, &link, sizeof(link));
    netlink_put_text(&netlink, IFLA_IFNAME, plan->bridge);
    netlink_put(&netlink, IFLA_ADDRESS, hardware, sizeof(hardware));
    info = netlink_nest(&netlink, IFLA_LINKINFO);
    netlink_put_text(&netlink, IFLA_INFO_KIND, "bridge");
    data = netlink_nest(&netlink, IFLA_INFO_DATA);
    /* A guest's interface forwards at once; there is no loop to look for. */
    netlink_put(&netlink, IFLA_BR_STP_STATE, &zero, sizeof(zero));
    netlink_put(&netlink, IFLA_BR_FORWARD_DELAY, &zero, sizeof(zero));
    netlink_nest_end(&netlink, data);
    netlink_nest_end(&netlink, info);
    rc = netlink_do(&netlink, NETLINK_ROUTE);
    if (rc == -EOPNOTSUPP)
        return net_fail(rc, "dom0's kernel cannot make bridges: its module \"bridge\" is missing");
    if (rc < 0)
        return net_fail(rc, "The bridge %s cannot be made: %s", plan->bridge, strerror(-rc));
    return 0;
}

static int set_address(const struct net_plan *plan, int index)
{
    struct netlink netlink = { 0 };
    struct ifaddrmsg head = { .ifa_family = AF_INET, .ifa_prefixlen = (uint8_t)plan->bits,
                              .ifa_index = (uint32_t)index };

    netlink_add(&netlink, RTM_NEWADDR, NLM_F_CREATE | NLM_F_REPLACE | NLM_F_ACK, &head,
                sizeof(head));
    netlink_put_be32(&netlink, IFA_LOCAL, net_own(plan));
    netlink_put_be32(&netlink, IFA_ADDRESS, net_own(plan));
    netlink_put_be32(&netlink, IFA_BROADCAST, plan->network | ~net_mask(plan));
    return netlink_do(&netlink, NETLINK_ROUTE);
}

int net_bridge_set_up(const struct net_plan *plan)
{
    struct netlink netlink = { 0 };
    struct ifinfomsg link = { .ifi_family = AF_UNSPEC, .ifi_flags = IFF_UP, .ifi_change = IFF_UP };
    int index = (int)if_nametoindex(plan->bridge), rc;
    char text[NET_TEXT];

    net_format(text, net_own(plan));
    rc = set_address(plan, index);
    if (rc < 0)
        return net_fail(rc, "The bridge %s does not take the address %s/%u: %s", plan->bridge,
                        text, plan->bits, strerror(-rc));
    link.ifi_index = index;
    netlink_add(&netlink, RTM_NEWLINK, NLM_F_ACK, &link, sizeof(link));
    rc = netlink_do(&netlink, NETLINK_ROUTE);
    if (rc < 0)
        return net_fail(rc, "The bridge %s cannot be started: %s", plan->bridge, strerror(-rc));
    return 0;
}

int net_bridge_remove(const struct net_plan *plan)
{
    struct netlink netlink = { 0 };
    struct ifinfomsg link = { .ifi_family = AF_UNSPEC };
    int rc;

    if (!net_bridge_present(plan))
        return 0;
    if (has_ports(plan))
        return net_fail(-EBUSY, "The bridge %s is in use: guests' interfaces are in it. Shut them "
                        "down before", plan->bridge);
    link.ifi_index = (int)if_nametoindex(plan->bridge);
    netlink_add(&netlink, RTM_DELLINK, NLM_F_ACK, &link, sizeof(link));
    rc = netlink_do(&netlink, NETLINK_ROUTE);
    if (rc < 0)
        return net_fail(rc, "The bridge %s cannot be removed: %s", plan->bridge, strerror(-rc));
    return 0;
}

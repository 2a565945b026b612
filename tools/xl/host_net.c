/* SPDX-License-Identifier: BSD-2-Clause */
/* Back-ends' network interfaces, through rtnetlink. See host.h. */
#include "host.h"

#include <errno.h>
#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* A request to change one interface. */
struct link_request {
    struct nlmsghdr head;
    struct ifinfomsg link;
    char attributes[256];
};

int host_bridge_check(const char *name)
{
    char path[64 + IFNAMSIZ];

    if (strlen(name) >= IFNAMSIZ || strchr(name, '/'))
        return host_fail(-EINVAL, "\"%s\" cannot be the name of an interface", name);
    snprintf(path, sizeof(path), "/sys/class/net/%s", name);
    if (access(path, F_OK) < 0)
        return host_fail(-ENODEV, "There is no bridge %s", name);
    snprintf(path, sizeof(path), "/sys/class/net/%s/bridge", name);
    if (access(path, F_OK) < 0)
        return host_fail(-EINVAL, "%s is an interface, but not a bridge", name);
    return 0;
}

int host_net_open(void)
{
    struct sockaddr_nl address = { .nl_family = AF_NETLINK, .nl_groups = RTMGRP_LINK };
    int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);

    if (fd < 0)
        return host_fail(-errno, "The kernel gives no rtnetlink socket: %s", strerror(errno));
    if (bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0) {
        int rc = -errno;

        close(fd);
        return host_fail(rc, "An rtnetlink socket cannot be bound: %s", strerror(-rc));
    }
    return fd;
}

static long now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Wait until an interface is there. Returns its index. */
static int link_wait(int fd, const char *name, int timeout_ms)
{
    long end = now_ms() + timeout_ms;
    struct pollfd poller = { .fd = fd, .events = POLLIN };
    char buffer[8192];

    for (;;) {
        unsigned index = if_nametoindex(name);
        long left = end - now_ms();

        if (index)
            return (int)index;
        if (left <= 0 || poll(&poller, 1, (int)left) == 0)
            return host_fail(-ETIMEDOUT, "The interface %s did not appear within %d s", name,
                             timeout_ms / 1000);
        /* What changed does not matter; a lost message doesn't either. */
        while (recv(fd, buffer, sizeof(buffer), MSG_DONTWAIT) > 0)
            ;
    }
}

static void attribute_add(struct link_request *request, unsigned short type, const void *data,
                          size_t size)
{
    struct rtattr *attribute =
        (struct rtattr *)((char *)request + NLMSG_ALIGN(request->head.nlmsg_len));

    attribute->rta_type = type;
    attribute->rta_len = (unsigned short)RTA_LENGTH(size);
    memcpy(RTA_DATA(attribute), data, size);
    request->head.nlmsg_len =
        (uint32_t)(NLMSG_ALIGN(request->head.nlmsg_len) + RTA_ALIGN(attribute->rta_len));
}

/* Send, and wait for the answer to this very request. */
static int request_do(int fd, struct link_request *request)
{
    static uint32_t sequence;
    char buffer[8192];
    ssize_t size;

    request->head.nlmsg_seq = ++sequence;
    if (send(fd, request, request->head.nlmsg_len, 0) < 0)
        return -errno;
    while ((size = recv(fd, buffer, sizeof(buffer), 0)) > 0 || errno == ENOBUFS) {
        for (struct nlmsghdr *head = (struct nlmsghdr *)buffer;
             size > 0 && NLMSG_OK(head, (size_t)size); head = NLMSG_NEXT(head, size)) {
            if (head->nlmsg_type == NLMSG_ERROR && head->nlmsg_seq == sequence)
                return ((struct nlmsgerr *)NLMSG_DATA(head))->error;
        }
    }
    return size < 0 ? -errno : -EPIPE;
}

static int bridge_mtu(const char *bridge)
{
    char path[64 + IFNAMSIZ];
    int mtu = 0;
    FILE *file;

    snprintf(path, sizeof(path), "/sys/class/net/%s/mtu", bridge);
    file = fopen(path, "re");
    if (!file)
        return 0;
    if (fscanf(file, "%d", &mtu) != 1)
        mtu = 0;
    fclose(file);
    return mtu;
}

static int link_set(int fd, int index, const struct host_vif *vif)
{
    struct link_request request = {
        .head = { .nlmsg_len = NLMSG_LENGTH(sizeof(request.link)), .nlmsg_type = RTM_NEWLINK,
                  .nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK },
        .link = { .ifi_family = AF_UNSPEC, .ifi_index = index, .ifi_flags = IFF_UP,
                  .ifi_change = IFF_UP },
    };
    uint32_t mtu = (uint32_t)(vif->mtu ? vif->mtu : vif->bridge ? bridge_mtu(vif->bridge) : 0);

    if (vif->rename)
        attribute_add(&request, IFLA_IFNAME, vif->rename, strlen(vif->rename) + 1);
    if (mtu)
        attribute_add(&request, IFLA_MTU, &mtu, sizeof(mtu));
    if (vif->bridge) {
        uint32_t master = if_nametoindex(vif->bridge);

        if (!master)
            return host_fail(-ENODEV, "There is no bridge %s any more", vif->bridge);
        attribute_add(&request, IFLA_MASTER, &master, sizeof(master));
    }
    return request_do(fd, &request);
}

int host_vif_attach(int fd, const struct host_vif *vif, int timeout_ms)
{
    int index = link_wait(fd, vif->name, timeout_ms), rc;

    if (index < 0)
        return index;
    rc = link_set(fd, index, vif);
    if (rc == -ENODEV)
        return rc;
    if (rc == -EEXIST && vif->rename)
        return host_fail(rc, "There is an interface %s already; choose another vifname",
                         vif->rename);
    if (rc < 0)
        return host_fail(rc, "The kernel does not put %s into %s: %s", vif->name,
                         vif->bridge ? vif->bridge : "service", strerror(-rc));
    return 0;
}

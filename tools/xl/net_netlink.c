/* SPDX-License-Identifier: BSD-2-Clause */
/* Messages to the kernel's network. */
#include "net_netlink.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/netlink.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void *extend(struct netlink *netlink, size_t size)
{
    size_t at = netlink->used;

    netlink->used += NLMSG_ALIGN(size);
    if (netlink->used > sizeof(netlink->buffer))
        return NULL;
    memset(netlink->buffer + at, 0, NLMSG_ALIGN(size));
    return netlink->buffer + at;
}

static void set_length(struct netlink *netlink)
{
    struct nlmsghdr *head = (struct nlmsghdr *)(netlink->buffer + netlink->message);

    if (netlink->used <= sizeof(netlink->buffer))
        head->nlmsg_len = (uint32_t)(netlink->used - netlink->message);
}

void netlink_add(struct netlink *netlink, uint16_t type, uint16_t flags, const void *head,
                 size_t size)
{
    struct nlmsghdr *message;

    netlink->message = netlink->used;
    message = extend(netlink, NLMSG_HDRLEN + size);
    if (!message)
        return;
    message->nlmsg_type = type;
    message->nlmsg_flags = flags | NLM_F_REQUEST;
    message->nlmsg_seq = 1;
    memcpy(NLMSG_DATA(message), head, size);
    netlink->answers += (flags & NLM_F_ACK) != 0;
    set_length(netlink);
}

void netlink_put(struct netlink *netlink, uint16_t type, const void *data, size_t size)
{
    struct nlattr *attribute = extend(netlink, NLA_HDRLEN + size);

    if (!attribute)
        return;
    attribute->nla_type = type;
    attribute->nla_len = (uint16_t)(NLA_HDRLEN + size);
    memcpy((char *)attribute + NLA_HDRLEN, data, size);
    set_length(netlink);
}

void netlink_put_text(struct netlink *netlink, uint16_t type, const char *text)
{
    netlink_put(netlink, type, text, strlen(text) + 1);
}

void netlink_put_be32(struct netlink *netlink, uint16_t type, uint32_t value)
{
    value = htonl(value);
    netlink_put(netlink, type, &value, sizeof(value));
}

size_t netlink_nest(struct netlink *netlink, uint16_t type)
{
    size_t at = netlink->used;

    netlink_put(netlink, type | NLA_F_NESTED, "", 0);
    return at;
}

void netlink_nest_end(struct netlink *netlink, size_t nest)
{
    struct nlattr *attribute = (struct nlattr *)(netlink->buffer + nest);

    if (netlink->used <= sizeof(netlink->buffer))
        attribute->nla_len = (uint16_t)(netlink->used - nest);
}

static int send_all(struct netlink *netlink, int protocol)
{
    int fd, rc;

    if (netlink->used > sizeof(netlink->buffer))
        return -EMSGSIZE;
    fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol);
    if (fd < 0)
        return -errno;
    if (send(fd, netlink->buffer, netlink->used, 0) == (ssize_t)netlink->used)
        return fd;
    rc = -errno;
    close(fd);
    return rc;
}

int netlink_do(struct netlink *netlink, int protocol)
{
    int fd = send_all(netlink, protocol), rc = fd < 0 ? fd : 0;
    uint32_t answers = netlink->answers;
    char buffer[16384];

    netlink->used = netlink->message = netlink->answers = 0;
    /* An error of a whole batch comes alone, instead of the answers. */
    while (fd >= 0 && rc == 0 && answers) {
        ssize_t size = recv(fd, buffer, sizeof(buffer), 0);
        size_t left = size > 0 ? (size_t)size : 0;
        struct nlmsghdr *head = (struct nlmsghdr *)buffer;

        if (size <= 0)
            rc = size < 0 ? -errno : -EPIPE;
        for (; NLMSG_OK(head, left); head = NLMSG_NEXT(head, left)) {
            if (head->nlmsg_type != NLMSG_ERROR)
                continue;
            if (rc == 0)
                rc = ((struct nlmsgerr *)NLMSG_DATA(head))->error;
            answers--;
        }
    }
    if (fd >= 0)
        close(fd);
    return rc;
}

int netlink_dump(struct netlink *netlink, int protocol,
                 void (*take)(const struct nlmsghdr *entry, void *arg), void *arg)
{
    int fd = send_all(netlink, protocol), rc = fd < 0 ? fd : 1;
    char buffer[32768];

    netlink->used = netlink->message = netlink->answers = 0;
    while (rc == 1) {
        ssize_t size = recv(fd, buffer, sizeof(buffer), 0);
        size_t left = size > 0 ? (size_t)size : 0;
        struct nlmsghdr *head = (struct nlmsghdr *)buffer;

        if (size <= 0)
            rc = size < 0 ? -errno : -EPIPE;
        for (; rc == 1 && NLMSG_OK(head, left); head = NLMSG_NEXT(head, left)) {
            if (head->nlmsg_type == NLMSG_DONE)
                rc = 0;
            else if (head->nlmsg_type == NLMSG_ERROR)
                rc = ((struct nlmsgerr *)NLMSG_DATA(head))->error;
            else
                take(head, arg);
        }
    }
    if (fd >= 0)
        close(fd);
    return rc;
}

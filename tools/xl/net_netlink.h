/* SPDX-License-Identifier: BSD-2-Clause */
/* Messages to the kernel's network: built in a buffer, sent together, answered one by one. */
#ifndef XL_NET_NETLINK_H
#define XL_NET_NETLINK_H

#include <stddef.h>
#include <stdint.h>

struct nlmsghdr;

struct netlink {
    char buffer[4096];
    size_t used;        /* beyond the buffer's size: it did not fit */
    size_t message;     /* where the last message begins */
    uint32_t answers;   /* how many of the messages want one */
};

/* Another message; 'head' is what follows the netlink header. */
void netlink_add(struct netlink *netlink, uint16_t type, uint16_t flags, const void *head,
                 size_t size);
/* Attributes of the last message. */
void netlink_put(struct netlink *netlink, uint16_t type, const void *data, size_t size);
void netlink_put_text(struct netlink *netlink, uint16_t type, const char *text);
void netlink_put_be32(struct netlink *netlink, uint16_t type, uint32_t value);
/* What is put between these two lies within. */
size_t netlink_nest(struct netlink *netlink, uint16_t type);
void netlink_nest_end(struct netlink *netlink, size_t nest);

/* Send all. 0, or the first error. The messages are forgotten. */
int netlink_do(struct netlink *netlink, int protocol);

/* Send the one message, which asks for a list, and hand each entry to take(). */
int netlink_dump(struct netlink *netlink, int protocol,
                 void (*take)(const struct nlmsghdr *entry, void *arg), void *arg);

#endif

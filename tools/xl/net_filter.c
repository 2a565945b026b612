/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Address translation of the guests' network, as nf_tables rules. All of it is one table of our
 * own, made anew each time in one step, so that nobody else's rules are touched:
 *
 *   table ip xl_net {
 *       chain postrouting {
 *           type nat hook postrouting priority srcnat;
 *           ip saddr NETWORK oifname != BRIDGE masquerade
 *       }
 *   }
 */
#include "net.h"
#include "net_netlink.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <stdio.h>
#include <string.h>

#define TABLE "xl_net"
#define CHAIN "postrouting"
#define SOURCE_NAT_PRIORITY 100u

static void add(struct netlink *netlink, uint8_t command, uint16_t flags, uint8_t family)
{
    struct nfgenmsg head = { .nfgen_family = family, .version = NFNETLINK_V0 };

    netlink_add(netlink, (uint16_t)(NFNL_SUBSYS_NFTABLES << 8 | command), flags, &head,
                sizeof(head));
}

static void add_mark(struct netlink *netlink, uint16_t type)
{
    struct nfgenmsg head = { .version = NFNETLINK_V0, .res_id = htons(NFNL_SUBSYS_NFTABLES) };

    netlink_add(netlink, type, 0, &head, sizeof(head));
}

static void add_table(struct netlink *netlink, uint8_t command, uint16_t flags)
{
    add(netlink, command, flags | NLM_F_ACK, NFPROTO_IPV4);
    netlink_put_text(netlink, NFTA_TABLE_NAME, TABLE);
}

static void add_chain(struct netlink *netlink)
{
    size_t hook;

    add(netlink, NFT_MSG_NEWCHAIN, NLM_F_CREATE | NLM_F_ACK, NFPROTO_IPV4);
    netlink_put_text(netlink, NFTA_CHAIN_TABLE, TABLE);
    netlink_put_text(netlink, NFTA_CHAIN_NAME, CHAIN);
    netlink_put_text(netlink, NFTA_CHAIN_TYPE, "nat");
    hook = netlink_nest(netlink, NFTA_CHAIN_HOOK);
    netlink_put_be32(netlink, NFTA_HOOK_HOOKNUM, NF_INET_POST_ROUTING);
    netlink_put_be32(netlink, NFTA_HOOK_PRIORITY, SOURCE_NAT_PRIORITY);
    netlink_nest_end(netlink, hook);
}

/* --- expressions of the rule; register 1 holds what is compared --- */

struct nests {
    size_t element, data;
};

static struct nests begin_expression(struct netlink *netlink, const char *name)
{
    struct nests nests;

    nests.element = netlink_nest(netlink, NFTA_LIST_ELEM);
    netlink_put_text(netlink, NFTA_EXPR_NAME, name);
    nests.data = netlink_nest(netlink, NFTA_EXPR_DATA);
    return nests;
}

static void end_expression(struct netlink *netlink, struct nests nests)
{
    netlink_nest_end(netlink, nests.data);
    netlink_nest_end(netlink, nests.element);
}

static void put_value(struct netlink *netlink, uint16_t type, const void *data, size_t size)
{
    size_t nest = netlink_nest(netlink, type);

    netlink_put(netlink, NFTA_DATA_VALUE, data, size);
    netlink_nest_end(netlink, nest);
}

static void put_compare(struct netlink *netlink, uint32_t how, const void *data, size_t size)
{
    struct nests nests = begin_expression(netlink, "cmp");

    netlink_put_be32(netlink, NFTA_CMP_SREG, NFT_REG_1);
    netlink_put_be32(netlink, NFTA_CMP_OP, how);
    put_value(netlink, NFTA_CMP_DATA, data, size);
    end_expression(netlink, nests);
}

/* ip saddr NETWORK/BITS */
static void put_source(struct netlink *netlink, const struct net_plan *plan)
{
    const uint32_t mask = htonl(net_mask(plan)), zero = 0, network = htonl(plan->network);
    struct nests nests = begin_expression(netlink, "payload");

    netlink_put_be32(netlink, NFTA_PAYLOAD_DREG, NFT_REG_1);
    netlink_put_be32(netlink, NFTA_PAYLOAD_BASE, NFT_PAYLOAD_NETWORK_HEADER);
    netlink_put_be32(netlink, NFTA_PAYLOAD_OFFSET, 12);
    netlink_put_be32(netlink, NFTA_PAYLOAD_LEN, sizeof(uint32_t));
    end_expression(netlink, nests);
    nests = begin_expression(netlink, "bitwise");
    netlink_put_be32(netlink, NFTA_BITWISE_SREG, NFT_REG_1);
    netlink_put_be32(netlink, NFTA_BITWISE_DREG, NFT_REG_1);
    netlink_put_be32(netlink, NFTA_BITWISE_LEN, sizeof(uint32_t));
    put_value(netlink, NFTA_BITWISE_MASK, &mask, sizeof(mask));
    put_value(netlink, NFTA_BITWISE_XOR, &zero, sizeof(zero));
    end_expression(netlink, nests);
    put_compare(netlink, NFT_CMP_EQ, &network, sizeof(network));
}

/* oifname != BRIDGE */
static void put_not_to_bridge(struct netlink *netlink, const struct net_plan *plan)
{
    struct nests nests = begin_expression(netlink, "meta");

    netlink_put_be32(netlink, NFTA_META_DREG, NFT_REG_1);
    netlink_put_be32(netlink, NFTA_META_KEY, NFT_META_OIFNAME);
    end_expression(netlink, nests);
    put_compare(netlink, NFT_CMP_NEQ, plan->bridge, sizeof(plan->bridge));
}

static void add_rule(struct netlink *netlink, const struct net_plan *plan)
{
    size_t list;

    add(netlink, NFT_MSG_NEWRULE, NLM_F_CREATE | NLM_F_APPEND | NLM_F_ACK, NFPROTO_IPV4);
    netlink_put_text(netlink, NFTA_RULE_TABLE, TABLE);
    netlink_put_text(netlink, NFTA_RULE_CHAIN, CHAIN);
    list = netlink_nest(netlink, NFTA_RULE_EXPRESSIONS);
    put_source(netlink, plan);
    put_not_to_bridge(netlink, plan);
    end_expression(netlink, begin_expression(netlink, "masq"));
    netlink_nest_end(netlink, list);
}

int net_filter_set(const struct net_plan *plan)
{
    struct netlink netlink = { 0 };
    int rc;

    add_mark(&netlink, NFNL_MSG_BATCH_BEGIN);
    /* So that there is one to delete. */
    add_table(&netlink, NFT_MSG_NEWTABLE, NLM_F_CREATE);
    add_table(&netlink, NFT_MSG_DELTABLE, 0);
    add_table(&netlink, NFT_MSG_NEWTABLE, NLM_F_CREATE);
    add_chain(&netlink);
    add_rule(&netlink, plan);
    add_mark(&netlink, NFNL_MSG_BATCH_END);
    rc = netlink_do(&netlink, NETLINK_NETFILTER);
    if (rc == -EPROTONOSUPPORT || rc == -EOPNOTSUPP || rc == -ENOENT || rc == -EINVAL)
        return net_fail(rc, "dom0's kernel cannot translate addresses: one of its modules "
                        "nf_tables, nft_chain_nat, nft_masq is missing");
    if (rc < 0)
        return net_fail(rc, "The kernel does not take the rule for address translation: %s",
                        strerror(-rc));
    return 0;
}

int net_filter_remove(void)
{
    struct netlink netlink = { 0 };
    int rc;

    add_mark(&netlink, NFNL_MSG_BATCH_BEGIN);
    add_table(&netlink, NFT_MSG_DELTABLE, 0);
    add_mark(&netlink, NFNL_MSG_BATCH_END);
    rc = netlink_do(&netlink, NETLINK_NETFILTER);
    if (rc == -ENOENT || rc == -EPROTONOSUPPORT || rc == 0)
        return 0;
    return net_fail(rc, "The rule for address translation cannot be removed: %s", strerror(-rc));
}

/* --- what there is --- */

/* The attributes of an entry by their type; those beyond 'max' are left out. */
static void split(const struct nlattr *first, size_t size, const struct nlattr **by_type,
                  unsigned int max)
{
    memset(by_type, 0, (max + 1) * sizeof(*by_type));
    while (size >= NLA_HDRLEN && first->nla_len >= NLA_HDRLEN && first->nla_len <= size) {
        size_t step = NLA_ALIGN(first->nla_len);

        if ((first->nla_type & NLA_TYPE_MASK) <= max)
            by_type[first->nla_type & NLA_TYPE_MASK] = first;
        if (step >= size)
            return;
        size -= step;
        first = (const struct nlattr *)((const char *)first + step);
    }
}

static const void *value_of(const struct nlattr *attribute)
{
    return (const char *)attribute + NLA_HDRLEN;
}

static uint32_t number_of(const struct nlattr *attribute)
{
    uint32_t number;

    memcpy(&number, value_of(attribute), sizeof(number));
    return ntohl(number);
}

static void split_entry(const struct nlmsghdr *entry, const struct nlattr **by_type,
                        unsigned int max)
{
    size_t head = NLMSG_SPACE(sizeof(struct nfgenmsg));

    split((const struct nlattr *)((const char *)entry + head), entry->nlmsg_len - head, by_type,
          max);
}

static void see_table(const struct nlmsghdr *entry, void *arg)
{
    const struct nlattr *by_type[NFTA_TABLE_NAME + 1];
    bool *found = arg;

    split_entry(entry, by_type, NFTA_TABLE_NAME);
    if (by_type[NFTA_TABLE_NAME] && strcmp(value_of(by_type[NFTA_TABLE_NAME]), TABLE) == 0)
        *found = true;
}

bool net_filter_present(void)
{
    struct netlink netlink = { 0 };
    bool found = false;

    add(&netlink, NFT_MSG_GETTABLE, NLM_F_DUMP, NFPROTO_IPV4);
    netlink_dump(&netlink, NETLINK_NETFILTER, see_table, &found);
    return found;
}

struct dropper {
    char *name;
    size_t size;
    bool found;
};

static void see_chain(const struct nlmsghdr *entry, void *arg)
{
    const struct nlattr *by_type[NFTA_CHAIN_POLICY + 1], *by_hook[NFTA_HOOK_HOOKNUM + 1];
    const struct nfgenmsg *head = NLMSG_DATA(entry);
    struct dropper *dropper = arg;
    const struct nlattr *hook;

    split_entry(entry, by_type, NFTA_CHAIN_POLICY);
    hook = by_type[NFTA_CHAIN_HOOK];
    if (dropper->found || !hook || !by_type[NFTA_CHAIN_POLICY] ||
        (head->nfgen_family != NFPROTO_IPV4 && head->nfgen_family != NFPROTO_INET))
        return;
    split(value_of(hook), hook->nla_len - (size_t)NLA_HDRLEN, by_hook, NFTA_HOOK_HOOKNUM);
    if (!by_hook[NFTA_HOOK_HOOKNUM] ||
        number_of(by_hook[NFTA_HOOK_HOOKNUM]) != NF_INET_FORWARD ||
        number_of(by_type[NFTA_CHAIN_POLICY]) != NF_DROP)
        return;
    dropper->found = true;
    snprintf(dropper->name, dropper->size, "table %s, chain %s",
             (const char *)value_of(by_type[NFTA_CHAIN_TABLE]),
             (const char *)value_of(by_type[NFTA_CHAIN_NAME]));
}

bool net_filter_dropper(char *name, size_t size)
{
    struct netlink netlink = { 0 };
    struct dropper dropper = { .name = name, .size = size };

    add(&netlink, NFT_MSG_GETCHAIN, NLM_F_DUMP, NFPROTO_UNSPEC);
    netlink_dump(&netlink, NETLINK_NETFILTER, see_chain, &dropper);
    return dropper.found;
}

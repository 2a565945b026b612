/* SPDX-License-Identifier: BSD-2-Clause */
/* The plan of the guests' network: parsing, checking, the file that keeps it. */
#include "net.h"

#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Tried in this order. */
#define DEFAULT_FIRST  0x0a820000u /* 10.130.0.0 */
#define DEFAULT_STEP   0x00010000u
#define DEFAULT_COUNT  16u

static char error_text[512];

const char *net_error(void)
{
    return error_text;
}

int net_fail(int rc, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(error_text, sizeof(error_text), format, args);
    va_end(args);
    return rc;
}

void net_format(char text[NET_TEXT], uint32_t address)
{
    struct in_addr in = { .s_addr = htonl(address) };

    inet_ntop(AF_INET, &in, text, NET_TEXT);
}

int net_parse_network(struct net_plan *plan, const char *text)
{
    char address[NET_TEXT];
    const char *slash = strchr(text, '/');
    struct in_addr in;
    unsigned long bits;
    char *end;

    if (!slash || slash - text >= (ptrdiff_t)sizeof(address))
        return net_fail(-EINVAL, "\"%s\" is not ADDRESS/BITS, such as 10.130.0.0/24", text);
    memcpy(address, text, (size_t)(slash - text));
    address[slash - text] = '\0';
    bits = strtoul(slash + 1, &end, 10);
    if (inet_pton(AF_INET, address, &in) != 1 || end == slash + 1 || *end)
        return net_fail(-EINVAL, "\"%s\" is not ADDRESS/BITS, such as 10.130.0.0/24", text);
    if (bits < 8 || bits > 29)
        return net_fail(-EINVAL, "%s: %lu bits; it must be 8 to 29, so that guests find room",
                        text, bits);
    plan->bits = (unsigned int)bits;
    plan->network = ntohl(in.s_addr) & net_mask(plan);
    return 0;
}

int net_parse_bridge(struct net_plan *plan, const char *text)
{
    size_t length = strlen(text);

    if (length == 0 || length >= sizeof(plan->bridge) || strpbrk(text, "/ \t\n:") ||
        strcmp(text, ".") == 0 || strcmp(text, "..") == 0)
        return net_fail(-EINVAL, "\"%s\" cannot be the name of an interface: 1 to %zu characters, "
                        "no blank, slash or colon", text, sizeof(plan->bridge) - 1);
    memcpy(plan->bridge, text, length + 1);
    return 0;
}

int net_plan_check(const struct net_plan *plan)
{
    struct ifaddrs *all;
    int rc = 0;

    if (getifaddrs(&all) < 0)
        return net_fail(-errno, "The addresses of dom0 cannot be read: %s", strerror(errno));
    for (const struct ifaddrs *one = all; one && rc == 0; one = one->ifa_next) {
        const struct sockaddr_in *address = (const struct sockaddr_in *)one->ifa_addr;
        const struct sockaddr_in *mask = (const struct sockaddr_in *)one->ifa_netmask;
        uint32_t common, own;

        if (!address || address->sin_family != AF_INET || !mask ||
            strcmp(one->ifa_name, plan->bridge) == 0)
            continue;
        common = net_mask(plan) & ntohl(mask->sin_addr.s_addr);
        own = ntohl(address->sin_addr.s_addr);
        if (((own ^ plan->network) & common) == 0) {
            char text[NET_TEXT], network[NET_TEXT];

            net_format(text, own);
            net_format(network, plan->network);
            rc = net_fail(-EADDRINUSE, "%s/%u is in use: %s has the address %s. Choose another "
                          "with --network", network, plan->bits, one->ifa_name, text);
        }
    }
    freeifaddrs(all);
    return rc;
}

int net_plan_default(struct net_plan *plan)
{
    int rc = -EADDRINUSE;

    strcpy(plan->bridge, "xenbr0");
    plan->bits = 24;
    for (unsigned int i = 0; i < DEFAULT_COUNT && rc == -EADDRINUSE; i++) {
        plan->network = DEFAULT_FIRST + i * DEFAULT_STEP;
        rc = net_plan_check(plan);
    }
    return rc;
}

static int read_line(struct net_plan *plan, char *line, unsigned int number)
{
    char *value;

    line[strcspn(line, "\n#")] = '\0';
    if (line[strspn(line, " \t")] == '\0')
        return 0;
    value = strchr(line, '=');
    if (value) {
        *value++ = '\0';
        if (strcmp(line, "bridge") == 0)
            return net_parse_bridge(plan, value);
        if (strcmp(line, "network") == 0)
            return net_parse_network(plan, value);
    }
    return net_fail(-EINVAL, "%s:%u: it should be bridge=NAME or network=ADDRESS/BITS",
                    NET_PLAN_FILE, number);
}

int net_plan_read(struct net_plan *plan)
{
    FILE *file = fopen(NET_PLAN_FILE, "re");
    char line[256];
    int rc = 0;

    if (!file)
        return net_fail(-errno, "%s: %s", NET_PLAN_FILE, strerror(errno));
    *plan = (struct net_plan){ 0 };
    for (unsigned int number = 1; rc == 0 && fgets(line, sizeof(line), file); number++)
        rc = read_line(plan, line, number);
    fclose(file);
    if (rc == 0 && (!plan->bridge[0] || !plan->bits))
        rc = net_fail(-EINVAL, "%s: bridge= or network= is missing", NET_PLAN_FILE);
    return rc;
}

int net_plan_write(const struct net_plan *plan)
{
    static const char part[] = NET_PLAN_FILE ".part";
    char network[NET_TEXT];
    bool failed;
    FILE *file;

    mkdir(NET_ETC, 0755);
    file = fopen(part, "we");
    if (!file)
        return net_fail(-errno, "%s: %s", part, strerror(errno));
    net_format(network, plan->network);
    fprintf(file, "# The guests' network: written and read by \"xl net init\".\n"
            "bridge=%s\nnetwork=%s/%u\n", plan->bridge, network, plan->bits);
    failed = fflush(file) != 0 || fsync(fileno(file)) != 0;
    if (fclose(file) != 0 || failed || rename(part, NET_PLAN_FILE) < 0) {
        int rc = -errno;

        unlink(part);
        return net_fail(rc, "%s: %s", NET_PLAN_FILE, strerror(-rc));
    }
    return 0;
}

bool net_plan_saved(const struct net_plan *plan)
{
    struct net_plan saved = { 0 };

    return net_plan_read(&saved) == 0 && strcmp(saved.bridge, plan->bridge) == 0 &&
           saved.network == plan->network && saved.bits == plan->bits;
}

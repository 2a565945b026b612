/* SPDX-License-Identifier: BSD-2-Clause */
/* IPv4 forwarding of dom0's kernel, and where it leads. */
#include "net.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char forward_file[] = "/proc/sys/net/ipv4/ip_forward";

bool net_forward_is_set(void)
{
    int fd = open(forward_file, O_RDONLY | O_CLOEXEC);
    char value = '0';

    if (fd < 0)
        return false;
    if (read(fd, &value, 1) != 1)
        value = '0';
    close(fd);
    return value != '0';
}

int net_forward_set(void)
{
    int fd, rc = 0;

    if (net_forward_is_set())
        return 1;
    fd = open(forward_file, O_WRONLY | O_CLOEXEC);
    if (fd < 0 || write(fd, "1\n", 2) != 2)
        rc = net_fail(-errno, "%s: %s", forward_file, strerror(errno));
    if (fd >= 0)
        close(fd);
    return rc;
}

bool net_default_route_present(void)
{
    FILE *file = fopen("/proc/net/route", "re");
    unsigned long destination, mask;
    bool found = false;
    char line[256];

    while (file && !found && fgets(line, sizeof(line), file))
        found = sscanf(line, "%*s %lx %*x %*x %*d %*d %*d %lx", &destination, &mask) == 2 &&
                destination == 0 && mask == 0;
    if (file)
        fclose(file);
    return found;
}

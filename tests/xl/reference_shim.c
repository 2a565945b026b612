/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Lets Debian's packaged xl run on a machine without Xen, for "xl -N create -n": preloaded, it
 * answers the few questions that xl asks the hypervisor for a machine of 4 CPUs in one node, and
 * pretends there is a xenstore.
 */
#include <stdlib.h>
#include <string.h>

#include <xenctrl.h>

#define CPUS 4

static char handle[65536];

xc_interface *xc_interface_open(xentoollog_logger *logger, xentoollog_logger *builder,
                                unsigned flags)
{
    (void)logger;
    (void)builder;
    (void)flags;
    return (void *)handle;
}

int xc_interface_close(xc_interface *xch)
{
    (void)xch;
    return 0;
}

int xc_get_max_cpus(xc_interface *xch)
{
    (void)xch;
    return CPUS;
}

int xc_get_max_nodes(xc_interface *xch)
{
    (void)xch;
    return 1;
}

int xc_physinfo(xc_interface *xch, xc_physinfo_t *info)
{
    (void)xch;
    memset(info, 0, sizeof(*info));
    info->nr_cpus = CPUS;
    info->max_cpu_id = CPUS - 1;
    info->nr_nodes = 1;
    return 0;
}

int xc_cputopoinfo(xc_interface *xch, unsigned *count, xc_cputopo_t *cpus)
{
    (void)xch;
    for (unsigned i = 0; cpus && i < *count && i < CPUS; i++) {
        cpus[i].core = i;
        cpus[i].socket = 0;
        cpus[i].node = 0;
    }
    *count = CPUS;
    return 0;
}

int xc_version(xc_interface *xch, int cmd, void *arg)
{
    static const int sizes[] = { 0, 16, 144, 1024, 64, 8, 8, 0, 16, 1024, 0 };

    (void)xch;
    if (arg && cmd <= 9)
        memset(arg, 0, (size_t)sizes[cmd]);
    return cmd == 0 ? 4 << 16 | 17 : cmd == 7 ? 4096 : 0;
}

int xc_maximum_ram_page(xc_interface *xch, unsigned long *last)
{
    (void)xch;
    *last = 1 << 20;
    return 0;
}

long xc_sharing_freed_pages(xc_interface *xch)
{
    (void)xch;
    return 0;
}

long xc_sharing_used_frames(xc_interface *xch)
{
    (void)xch;
    return 0;
}

void *xs_open(unsigned long flags);
void xs_close(void *store);

void *xs_open(unsigned long flags)
{
    (void)flags;
    return handle;
}

void xs_close(void *store)
{
    (void)store;
}

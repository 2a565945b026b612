/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Prints one line about what the hypervisor holds for anybody, which must not change when guests
 * come and go: free pages, domains (those too that are dead but for a reference to one of their
 * pages), dom0's pages, those of them that are shared, and its ports by state.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <public/event_channel.h>
#include <public/sysctl.h>
#include <public/xen.h>

/* Linux's side, as in its include/uapi/xen/privcmd.h. */
struct privcmd_hypercall {
    uint64_t op, arg[5];
};
#define IOCTL_PRIVCMD_HYPERCALL _IOC(_IOC_NONE, 'P', 0, sizeof(struct privcmd_hypercall))

#define MAX_DOMAINS 256
#define MAX_PORT 4096
#define STATES 6 /* EVTCHNSTAT_* */

static int privcmd;
static struct xen_sysctl op;
static struct evtchn_status status;
static struct xen_domctl_getdomaininfo domains[MAX_DOMAINS];

static int hypercall(uint64_t number, uint64_t arg_1, void *arg_2)
{
    struct privcmd_hypercall call = { number, { arg_1, (uintptr_t)arg_2 } };

    return ioctl(privcmd, IOCTL_PRIVCMD_HYPERCALL, &call);
}

static int sysctl(uint32_t cmd)
{
    op.cmd = cmd;
    op.interface_version = XEN_SYSCTL_INTERFACE_VERSION;
    return hypercall(__HYPERVISOR_sysctl, (uintptr_t)&op, NULL);
}

static void print_ports(void)
{
    unsigned int count[STATES] = { 0 };

    for (evtchn_port_t port = 1; port < MAX_PORT; port++) {
        status = (struct evtchn_status){ .dom = DOMID_SELF, .port = port };
        if (hypercall(__HYPERVISOR_event_channel_op, EVTCHNOP_status, &status) == 0 &&
            status.status < STATES)
            count[status.status]++;
    }
    printf(", ports: %u unbound, %u interdomain, %u pirq, %u virq, %u ipi\n",
           count[EVTCHNSTAT_unbound], count[EVTCHNSTAT_interdomain], count[EVTCHNSTAT_pirq],
           count[EVTCHNSTAT_virq], count[EVTCHNSTAT_ipi]);
}

int main(void)
{
    uint64_t free_pages;

    privcmd = open("/dev/xen/privcmd", O_RDWR | O_CLOEXEC);
    /* The hypervisor reads and writes these pages where they are. */
    if (privcmd < 0 || mlockall(MCL_CURRENT) || sysctl(XEN_SYSCTL_physinfo)) {
        perror("held: the hypervisor can't be asked");
        return 1;
    }
    free_pages = op.u.physinfo.free_pages;
    memset(&op, 0, sizeof(op));
    op.u.getdomaininfolist.max_domains = MAX_DOMAINS;
    op.u.getdomaininfolist.buffer = domains;
    if (sysctl(XEN_SYSCTL_getdomaininfolist)) {
        perror("held: the hypervisor does not list its domains");
        return 1;
    }
    printf("free pages: %lu, domains: %u, dom0's pages: %lu, shared: %lu", free_pages,
           op.u.getdomaininfolist.num_domains, domains[0].tot_pages, domains[0].shr_pages);
    print_ports();
    return 0;
}

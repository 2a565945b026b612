/* SPDX-License-Identifier: BSD-2-Clause */
#include "control.h"

#include <public/errno.h>
#include <public/sched.h>

#include "hypercall.h"
#include "mm.h"
#include "time.h"

long domctl(struct xen_domctl *op, uint32_t cmd, unsigned int domain)
{
    op->cmd = cmd;
    op->interface_version = XEN_DOMCTL_INTERFACE_VERSION;
    op->domain = (domid_t)domain;
    return hypercall_1(__HYPERVISOR_domctl, op);
}

long domctl_plain(uint32_t cmd, unsigned int domain)
{
    struct xen_domctl op = { 0 };

    return domctl(&op, cmd, domain);
}

long domain_destroy(unsigned int domain)
{
    long rc;

    do
        rc = domctl_plain(XEN_DOMCTL_destroydomain, domain);
    while (rc == -XEN_EAGAIN || rc == -XEN_ERESTART);
    return rc;
}

long sysctl(struct xen_sysctl *op, uint32_t cmd)
{
    op->cmd = cmd;
    op->interface_version = XEN_SYSCTL_INTERFACE_VERSION;
    return hypercall_1(__HYPERVISOR_sysctl, op);
}

bool domain_info(unsigned int domain, struct xen_domctl_getdomaininfo *info)
{
    struct xen_domctl op = { 0 };

    if (domctl(&op, XEN_DOMCTL_getdomaininfo, domain) || op.domain != domain)
        return false;
    *info = op.u.getdomaininfo;
    return true;
}

uint64_t machine_free_pages(void)
{
    struct xen_sysctl op = { 0 };

    return sysctl(&op, XEN_SYSCTL_physinfo) ? 0 : op.u.physinfo.free_pages;
}

uint64_t machine_free_pages_settled(void)
{
    uint64_t free = machine_free_pages(), since = time_now();

    while (time_now() - since < MILLISECS(300)) {
        uint64_t now = machine_free_pages();

        if (now != free)
            since = time_now();
        free = now;
        hypercall_2(__HYPERVISOR_sched_op, SCHEDOP_yield, 0);
    }
    return free;
}

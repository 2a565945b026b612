/* SPDX-License-Identifier: BSD-2-Clause */
/* A domain that was made to run xenstored may ask who else there is, and no more than others. */
#include <public/errno.h>

#include "check.h"
#include "control.h"
#include "mm.h"
#include "parts.h"

void permitted_to_xenstore(void)
{
    unsigned int ids[] = { 0, places.other, places.self };
    struct xen_domctl_getdomaininfo info;
    struct xen_sysctl list = { 0 };

    for (unsigned int i = 0; i < 3; i++) {
        CHECK(domain_info(ids[i], &info));
        CHECK_EQ(info.domain, ids[i]);
    }
    CHECK(info.flags & XEN_DOMINF_xs_domain);
    CHECK_EQ(domctl_plain(XEN_DOMCTL_getdomaininfo, places.self + 1), -XEN_ESRCH);
    CHECK_EQ(domctl_plain(XEN_DOMCTL_getdomaininfo, DOMID_SELF), -XEN_EINVAL);
    for (uint32_t cmd = 1; cmd < 90; cmd++)
        if (cmd != XEN_DOMCTL_getdomaininfo)
            CHECK(domctl_plain(cmd, places.other) < 0);
    CHECK_EQ(domctl_plain(XEN_DOMCTL_pausedomain, places.other), -XEN_EPERM);
    CHECK_EQ(domctl_plain(XEN_DOMCTL_destroydomain, places.other), -XEN_EPERM);
    CHECK_EQ(sysctl(&list, XEN_SYSCTL_getdomaininfolist), -XEN_EPERM);
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* The domain that a call names, if the caller may act on it. */
#include <asm/current.h>
#include <public/xen.h>
#include <xen/domain.h>
#include <xen/errno.h>

int domain_get_target(domid_t id, struct domain **target)
{
    struct domain *self = current->domain, *d;

    if (id == DOMID_SELF || id == self->id) {
        domain_hold(self);
        *target = self;
        return 0;
    }
    d = domain_get(id);
    if (d == NULL) {
        return -ESRCH;
    }
    if (!domain_may_control(self, d)) {
        domain_put(d);
        return -EPERM;
    }
    *target = d;
    return 0;
}

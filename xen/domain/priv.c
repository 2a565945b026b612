/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Who may act on whom. One place, so that an audit is one read: everybody on himself, the control
 * domain on all, and a domain on the one other that it was given (XEN_DOMCTL_set_target).
 * The rows of control/domctl.c and control/sysctl.c say which operations are for the control domain
 * alone.
 */
#include <xen/domain.h>

bool domain_may_control(const struct domain *caller, const struct domain *target)
{
    return caller == target || caller->is_control ||
           __atomic_load_n(&caller->target, __ATOMIC_RELAXED) == target;
}

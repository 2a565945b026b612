/* SPDX-License-Identifier: BSD-2-Clause */
/* Who may act on whom. One place, so that an audit is one read. */
#include <xen/domain.h>

bool domain_may_control(const struct domain *caller, const struct domain *target)
{
    return caller == target || caller->is_control;
}

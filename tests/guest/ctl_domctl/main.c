/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Scenario: each domctl on a domain that is not running: what it does, and each of its errors.
 * Checks that all share (version, domain, unknown operation) are in control_calls.
 */
#include <public/errno.h>

#include "builder.h"
#include "check.h"
#include "kit.h"
#include "mm.h"
#include "parts.h"

#define VCPUS 2

static unsigned int make(void)
{
    struct xen_domctl op = { .u.max_vcpus.max = VCPUS + 1 };
    struct xen_domctl_getdomaininfo info;
    long id = guest_create_empty(VCPUS);

    CHECK(id > 0);
    CHECK(domain_info((unsigned int)id, &info));
    CHECK_EQ(info.nr_online_vcpus, 0);
    CHECK_EQ(info.max_vcpu_id, XEN_INVALID_MAX_VCPU_ID);
    CHECK_EQ(info.flags, XEN_DOMINF_paused | 0xffff0000);
    CHECK_EQ(info.tot_pages, 0);
    CHECK_EQ(info.max_pages, 0);
    CHECK_EQ(info.cpupool, 0);
    CHECK_EQ(domctl(&op, XEN_DOMCTL_max_vcpus, (unsigned int)id), -XEN_EINVAL);
    op.u.max_vcpus.max = VCPUS;
    CHECK_EQ(domctl(&op, XEN_DOMCTL_max_vcpus, (unsigned int)id), 0);
    CHECK_EQ(domctl(&op, XEN_DOMCTL_max_vcpus, (unsigned int)id), 0);
    CHECK(domain_info((unsigned int)id, &info));
    CHECK_EQ(info.max_vcpu_id, VCPUS - 1);
    return (unsigned int)id;
}

void test_main(void)
{
    unsigned int id;

    kit_init();
    if (!is_initial_domain()) {
        check_skip("domctl is the control domain's");
        return;
    }
    test_create();
    id = make();
    test_sched(id);
    test_memory(id);
    test_claims(id);
    test_vnuma(id);
    test_policy(id);
    test_vcpus(id);
    test_devices(id);
    test_life(id);
}

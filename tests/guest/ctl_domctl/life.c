/* SPDX-License-Identifier: BSD-2-Clause */
/* createdomain's arguments, one wrong at a time; pauses, names and the end. */
#include <public/errno.h>
#include <public/sched.h>

#include "check.h"
#include "event.h"
#include "hypercall.h"
#include "mm.h"
#include "parts.h"
#include "string.h"

static struct xen_domctl good(void)
{
    return (struct xen_domctl){
        .u.createdomain = {
            .max_vcpus = 1, .max_evtchn_port = 1023, .max_grant_frames = -1,
            .max_maptrack_frames = -1,
            .grant_opts = XEN_DOMCTL_GRANT_version(1),
        },
    };
}

static long create(struct xen_domctl op, unsigned int id)
{
    long rc = domctl(&op, XEN_DOMCTL_createdomain, id);

    if (rc == 0)
        CHECK_EQ(domain_destroy(op.domain), 0);
    return rc;
}

#define BAD(field, value, rc)                       \
    do {                                            \
        struct xen_domctl op_ = good();             \
                                                    \
        op_.u.createdomain.field = (value);         \
        CHECK_EQ(create(op_, 0), (rc));             \
    } while (0)

static void test_ids(void)
{
    struct xen_domctl op = good();
    unsigned int first, second;

    CHECK_EQ(domctl(&op, XEN_DOMCTL_createdomain, 0), 0);
    first = op.domain;
    op = good();
    CHECK_EQ(domctl(&op, XEN_DOMCTL_createdomain, 0x7fff), 0);
    second = op.domain;
    CHECK_EQ(second, first + 1);
    op = good();
    CHECK_EQ(domctl(&op, XEN_DOMCTL_createdomain, first), -XEN_EEXIST);
    CHECK_EQ(domain_destroy(first), 0);
    CHECK_EQ(domain_destroy(second), 0);
    op = good();
    CHECK_EQ(domctl(&op, XEN_DOMCTL_createdomain, 500), 0);
    CHECK_EQ(op.domain, 500);
    op = good();
    CHECK_EQ(domctl(&op, XEN_DOMCTL_createdomain, 0), 0);
    CHECK_EQ(op.domain, second + 1);
    CHECK_EQ(domain_destroy(op.domain), 0);
    CHECK_EQ(domain_destroy(500), 0);
}

void test_create(void)
{
    test_ids();
    BAD(flags, XEN_DOMCTL_CDF_hap, -XEN_EINVAL);
    BAD(flags, XEN_DOMCTL_CDF_hvm, -XEN_EOPNOTSUPP);
    BAD(flags, XEN_DOMCTL_CDF_s3_integrity, -XEN_EINVAL);
    BAD(flags, XEN_DOMCTL_CDF_oos_off, 0);
    BAD(flags, XEN_DOMCTL_CDF_nested_virt, -XEN_EINVAL);
    BAD(flags, 1U << 8, -XEN_EINVAL);
    BAD(flags, XEN_DOMCTL_CDF_iommu, -XEN_EINVAL);
    BAD(iommu_opts, 1, -XEN_EINVAL);
    BAD(max_vcpus, 0, -XEN_EINVAL);
    BAD(max_vcpus, 100000, -XEN_EINVAL);
    BAD(grant_opts, 0, -XEN_EINVAL);
    BAD(grant_opts, 3, -XEN_EINVAL);
    BAD(grant_opts, 0x11, -XEN_EINVAL);
    BAD(max_grant_frames, 65, -XEN_EINVAL);
    BAD(max_maptrack_frames, 1025, -XEN_EINVAL);
    BAD(cpupool_id, 99, -XEN_ESRCH);
    BAD(arch.misc_flags, 2, -XEN_EINVAL);
    BAD(arch.emulation_flags, XEN_X86_EMU_LAPIC, -XEN_EOPNOTSUPP);
    BAD(arch.emulation_flags, 1U << 11, -XEN_EINVAL);
    BAD(vmtrace_size, 4096, -XEN_EINVAL);
    BAD(flags, XEN_DOMCTL_CDF_xs_domain, 0);
    BAD(max_grant_frames, 1, 0);
    BAD(max_evtchn_port, 0, 0);
}

static void test_pauses(unsigned int id)
{
    struct xen_domctl_getdomaininfo info;

    /* Created with one pause; 255 are the most. */
    for (unsigned int i = 1; i < 255; i++)
        if (!CHECK_EQ(domctl_plain(XEN_DOMCTL_pausedomain, id), 0))
            break;
    CHECK_EQ(domctl_plain(XEN_DOMCTL_pausedomain, id), -XEN_EOVERFLOW);
    for (unsigned int i = 1; i < 255; i++)
        if (!CHECK_EQ(domctl_plain(XEN_DOMCTL_unpausedomain, id), 0))
            break;
    CHECK(domain_info(id, &info));
    CHECK(info.flags & XEN_DOMINF_paused);
    CHECK_EQ(domctl_plain(XEN_DOMCTL_unpausedomain, id), 0);
    CHECK_EQ(domctl_plain(XEN_DOMCTL_unpausedomain, id), -XEN_EINVAL);
    CHECK(domain_info(id, &info));
    CHECK(!(info.flags & XEN_DOMINF_paused));
    CHECK_EQ(domctl_plain(XEN_DOMCTL_pausedomain, id), 0);
    CHECK_EQ(domctl_plain(XEN_DOMCTL_pausedomain, 0), -XEN_EINVAL);
    CHECK_EQ(domctl_plain(XEN_DOMCTL_set_cpu_policy, id), -XEN_EEXIST);
}

static void test_names(unsigned int id)
{
    struct xen_domctl op = { 0 };
    struct xen_domctl_getdomaininfo info;

    memset(op.u.setdomainhandle.handle, 0x5a, 16);
    CHECK_EQ(domctl(&op, XEN_DOMCTL_setdomainhandle, id), 0);
    CHECK(domain_info(id, &info));
    CHECK_EQ(info.handle[15], 0x5a);
    op.u.setdebugging.enable = 1;
    CHECK_EQ(domctl(&op, XEN_DOMCTL_setdebugging, id), 0);
    CHECK(domain_info(id, &info));
    CHECK(info.flags & XEN_DOMINF_debugged);
    op.u.setdebugging.enable = 0;
    CHECK_EQ(domctl(&op, XEN_DOMCTL_setdebugging, id), 0);
    CHECK_EQ(domctl(&op, XEN_DOMCTL_setdebugging, 0), -XEN_EINVAL);
}

static void test_virq_handler(unsigned int id)
{
    struct xen_domctl op = { .u.set_virq_handler.virq = VIRQ_TIMER };

    CHECK_EQ(domctl(&op, XEN_DOMCTL_set_virq_handler, id), -XEN_EINVAL);
    op.u.set_virq_handler.virq = NR_VIRQS;
    CHECK_EQ(domctl(&op, XEN_DOMCTL_set_virq_handler, id), -XEN_EINVAL);
    op.u.set_virq_handler.virq = VIRQ_DOM_EXC;
    CHECK_EQ(domctl(&op, XEN_DOMCTL_set_virq_handler, id), 0);
}

/* A suspended domain's subscriber hears of it, instead of everybody who listens to the VIRQ. */
static void test_subscribe(unsigned int id)
{
    struct sched_remote_shutdown suspend = {
        .domain_id = (domid_t)id, .reason = SHUTDOWN_suspend,
    };
    struct xen_domctl op = { 0 };
    struct xen_domctl_getdomaininfo info;
    long theirs = event_alloc_unbound(id, 0), ours, virq = event_bind_virq(VIRQ_DOM_EXC, 0);

    ours = event_bind_interdomain(id, (unsigned int)theirs);
    CHECK(ours > 0 && virq > 0);
    port_clear_pending((unsigned int)ours);
    op.u.subscribe.port = (uint32_t)theirs;
    CHECK_EQ(domctl(&op, XEN_DOMCTL_subscribe, id), 0);
    CHECK_EQ(hypercall_2(__HYPERVISOR_sched_op, SCHEDOP_remote_shutdown, &suspend), 0);
    CHECK(port_is_pending((unsigned int)ours));
    CHECK(!port_is_pending((unsigned int)virq));
    CHECK(domain_info(id, &info));
    CHECK(info.flags & XEN_DOMINF_shutdown);
    CHECK_EQ(info.flags >> XEN_DOMINF_shutdownshift, SHUTDOWN_suspend);
    CHECK_EQ(domctl_plain(XEN_DOMCTL_resumedomain, id), 0);
    /* Other ends are for everybody. */
    port_clear_pending((unsigned int)ours);
    suspend.reason = SHUTDOWN_crash;
    CHECK_EQ(hypercall_2(__HYPERVISOR_sched_op, SCHEDOP_remote_shutdown, &suspend), 0);
    CHECK(!port_is_pending((unsigned int)ours));
    CHECK(port_is_pending((unsigned int)virq));
    CHECK_EQ(domctl_plain(XEN_DOMCTL_resumedomain, id), 0);
    port_clear_pending((unsigned int)virq);
    op.u.subscribe.port = 0;
    CHECK_EQ(domctl(&op, XEN_DOMCTL_subscribe, id), 0);
    suspend.reason = SHUTDOWN_suspend;
    CHECK_EQ(hypercall_2(__HYPERVISOR_sched_op, SCHEDOP_remote_shutdown, &suspend), 0);
    CHECK(port_is_pending((unsigned int)virq));
    CHECK_EQ(domctl_plain(XEN_DOMCTL_resumedomain, id), 0);
    CHECK_EQ(event_close((unsigned int)ours), 0);
    CHECK_EQ(event_close((unsigned int)virq), 0);
}

void test_life(unsigned int id)
{
    struct xen_domctl op = { .u.set_target.target = NO_DOMAIN };
    struct xen_domctl_getdomaininfo info;

    test_pauses(id);
    test_names(id);
    test_subscribe(id);
    test_virq_handler(id);
    CHECK_EQ(domctl_plain(XEN_DOMCTL_resumedomain, id), 0);
    CHECK_EQ(domctl_plain(XEN_DOMCTL_resumedomain, 0), -XEN_EINVAL);
    CHECK_EQ(domctl_plain(XEN_DOMCTL_soft_reset, id), -XEN_EINVAL);
    CHECK_EQ(domctl_plain(XEN_DOMCTL_soft_reset, 0), -XEN_EINVAL);
    CHECK_EQ(domctl_plain(XEN_DOMCTL_max_vcpus, 0), -XEN_EINVAL);
    CHECK_EQ(domctl_plain(XEN_DOMCTL_set_target, 0), -XEN_EINVAL);
    CHECK_EQ(domctl(&op, XEN_DOMCTL_set_target, id), -XEN_ESRCH);
    op.u.set_target.target = (domid_t)id;
    CHECK_EQ(domctl(&op, XEN_DOMCTL_set_target, id), -XEN_EINVAL);
    /* The first domain from an id on. */
    op.u.getdomaininfo.domain = 0;
    CHECK_EQ(domctl(&op, XEN_DOMCTL_getdomaininfo, 1), 0);
    CHECK_EQ(op.domain, id);
    CHECK_EQ(op.u.getdomaininfo.domain, id);
    CHECK_EQ(domctl(&op, XEN_DOMCTL_getdomaininfo, id + 1), -XEN_ESRCH);
    CHECK_EQ(domctl(&op, XEN_DOMCTL_getdomaininfo, DOMID_SELF), -XEN_EINVAL);
    CHECK_EQ(domain_destroy(id), 0);
    CHECK_EQ(domctl_plain(XEN_DOMCTL_pausedomain, id), -XEN_ESRCH);
    CHECK(!domain_info(id, &info));
}

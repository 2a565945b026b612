/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Scenario: interdomain channels between two ports of one domain, as a dom0 with a local
 * xenstore daemon uses them: bind, send both ways, close one end, bind again; and reset.
 */
#include <public/errno.h>
#include <public/event_channel.h>

#include "check.h"
#include "event.h"
#include "kit.h"
#include "mm.h"
#include "time.h"

static void clear_all(void)
{
    struct vcpu_info *info = vcpu_info_self();

    for (unsigned int port = 1; port < EVENT_PORTS; port++)
        port_clear_pending(port);
    info->evtchn_upcall_pending = 0;
    info->evtchn_pending_sel = 0;
}

static void test_pair(void)
{
    struct evtchn_status status = { .dom = DOMID_SELF };
    long offer = event_alloc_unbound(DOMID_SELF, DOMID_SELF);
    long bound;

    CHECK(offer > 0);
    bound = event_bind_interdomain(DOMID_SELF, (unsigned int)offer);
    CHECK(bound > 0);
    CHECK(bound != offer);
    /* The side that bound is told at once. */
    CHECK(port_is_pending((unsigned int)bound));
    CHECK(!port_is_pending((unsigned int)offer));
    clear_all();
    CHECK_EQ(event_send((unsigned int)bound), 0);
    CHECK(port_is_pending((unsigned int)offer));
    CHECK(!port_is_pending((unsigned int)bound));
    clear_all();
    CHECK_EQ(event_send((unsigned int)offer), 0);
    CHECK(port_is_pending((unsigned int)bound));
    clear_all();

    status.port = (evtchn_port_t)bound;
    CHECK_EQ(event_op(EVTCHNOP_status, &status), 0);
    CHECK_EQ(status.status, EVTCHNSTAT_interdomain);
    CHECK_EQ(status.u.interdomain.port, offer);
    CHECK_EQ(status.vcpu, 0);

    /* Taken: a second binding is refused. */
    CHECK_EQ(event_bind_interdomain(DOMID_SELF, (unsigned int)offer), -XEN_EINVAL);
    CHECK_EQ(event_close((unsigned int)bound), 0);
    CHECK_EQ(event_status((unsigned int)bound), EVTCHNSTAT_closed);
    CHECK_EQ(event_status((unsigned int)offer), EVTCHNSTAT_unbound);
    bound = event_bind_interdomain(DOMID_SELF, (unsigned int)offer);
    CHECK(bound > 0);
    CHECK_EQ(event_close((unsigned int)offer), 0);
    CHECK_EQ(event_status((unsigned int)bound), EVTCHNSTAT_unbound);
    CHECK_EQ(event_close((unsigned int)bound), 0);
    clear_all();
}

static void test_refused(void)
{
    long other = event_alloc_unbound(DOMID_SELF, 77);
    long ipi = event_bind_ipi(0);

    CHECK(other > 0);
    CHECK_EQ(event_bind_interdomain(DOMID_SELF, (unsigned int)other), -XEN_EINVAL);
    CHECK_EQ(event_bind_interdomain(DOMID_SELF, (unsigned int)ipi), -XEN_EINVAL);
    CHECK_EQ(event_bind_interdomain(DOMID_SELF, 0), -XEN_EINVAL);
    CHECK_EQ(event_bind_interdomain(DOMID_SELF, 50), -XEN_EINVAL);
    CHECK_EQ(event_bind_interdomain(DOMID_SELF, 1u << 20), -XEN_EINVAL);
    CHECK_EQ(event_bind_interdomain(999, (unsigned int)other), -XEN_ESRCH);
    CHECK_EQ(event_close((unsigned int)other), 0);
    CHECK_EQ(event_close((unsigned int)ipi), 0);
}

static void test_reset(void)
{
    struct evtchn_reset op = { .dom = DOMID_SELF };
    long offer = event_alloc_unbound(DOMID_SELF, DOMID_SELF);
    long ipi = event_bind_ipi(0);
    long bound = event_bind_interdomain(DOMID_SELF, (unsigned int)offer);

    CHECK(bound > 0);
    CHECK_EQ(event_op(EVTCHNOP_reset, &op), 0);
    CHECK_EQ(event_status((unsigned int)offer), EVTCHNSTAT_closed);
    CHECK_EQ(event_status((unsigned int)bound), EVTCHNSTAT_closed);
    CHECK_EQ(event_status((unsigned int)ipi), EVTCHNSTAT_closed);
    op.dom = 999;
    CHECK_EQ(event_op(EVTCHNOP_reset, &op), -XEN_ESRCH);
}

/* As many ports as the two-level ABI has, all usable, and none more. */
static void test_all_ports(void)
{
    unsigned int opened = 0;
    long port;

    while ((port = event_bind_ipi(0)) > 0 && opened < 5000)
        opened++;
    CHECK_EQ(port, -XEN_ENOSPC);
    CHECK_EQ(opened, EVTCHN_2L_NR_CHANNELS - 1);
    CHECK_EQ(event_send(EVTCHN_2L_NR_CHANNELS - 1), 0);
    CHECK(port_is_pending(EVTCHN_2L_NR_CHANNELS - 1));
    CHECK_EQ(vcpu_info_self()->evtchn_pending_sel >> 63, 1);
    CHECK_EQ(event_alloc_unbound(DOMID_SELF, DOMID_SELF), -XEN_ENOSPC);
    CHECK_EQ(event_close(100), 0);
    CHECK_EQ(event_bind_ipi(0), 100);
}

void test_main(void)
{
    kit_init();
    CHECK_EQ(timer_stop_periodic(0), 0);
    test_pair();
    test_refused();
    test_reset();
    test_all_ports();
}

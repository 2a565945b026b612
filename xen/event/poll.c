/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * SCHEDOP_poll: a vCPU sleeps until one of some ports becomes pending, masked or not.
 *
 * The poller sets its flags, then its bit in pollers, then looks at the ports. Whoever raises an
 * event sets the pending bit, then looks at pollers. So one of them sees the other. Bits of vCPUs
 * that were woken otherwise stay until the next event clears them.
 */
#include <asm/current.h>
#include <public/sched.h>
#include <xen/bug.h>
#include <xen/domain.h>
#include <xen/errno.h>
#include <xen/sched.h>
#include <xen/softirq.h>
#include <xen/timer.h>
#include <xen/usercopy.h>

#include "port.h"

#define POLL_MAX_PORTS 128

static const uint64_t poll_flags = (1UL << VPF_BLOCKED) | (1UL << VPF_POLLING);

static bool is_polling(const struct vcpu *v)
{
    return (__atomic_load_n(&v->pause_flags, __ATOMIC_SEQ_CST) & (1UL << VPF_POLLING)) != 0;
}

static void notify_vcpu(struct domain *d, struct vcpu *v, event_port_t port)
{
    uint32_t polled;

    if (!is_polling(v)) {
        bit_clear_atomic(d->events->pollers, v->id);
        if (!is_polling(v)) {
            return;
        }
        /* It began in between, and others may have missed its bit: let it look for itself. */
    } else {
        polled = READ_ONCE(v->events->poll_port);
        if (polled != port && polled != POLL_ANY) {
            return;
        }
    }
    vcpu_unblock(v);
}

void event_poll_timeout(void *vcpu)
{
    struct vcpu *v = vcpu;

    /* An earlier poll's deadline must not end a block of another kind. */
    if (is_polling(v)) {
        vcpu_unblock(v);
    }
}

void event_poll_wake(struct domain *d, event_port_t port)
{
    const uint64_t *pollers = d->events->pollers;

    for (unsigned int w = 0; w < BITMAP_WORDS(MAX_VCPUS); w++) {
        uint64_t bits = __atomic_load_n(&pollers[w], __ATOMIC_SEQ_CST);

        for (; bits != 0; bits &= bits - 1) {
            struct vcpu *v = domain_vcpu(d, w * 64 + (unsigned int)__builtin_ctzl(bits));

            if (v != NULL) {
                notify_vcpu(d, v, port);
            }
        }
    }
}

/* 1: a port is pending; 0: none; -EINVAL: a port doesn't exist. */
static int ports_pending(struct domain *d, const evtchn_port_t *ports, unsigned int nr)
{
    for (unsigned int i = 0; i < nr; i++) {
        const struct event_port *p = event_port_lookup(d, ports[i]);

        if (p == NULL) {
            return -EINVAL;
        }
        if (event_port_is_pending(d, p, ports[i])) {
            return 1;
        }
    }
    return 0;
}

static void poll_cancel(struct vcpu *v)
{
    bit_clear_atomic(v->domain->events->pollers, v->id);
    __atomic_fetch_and(&v->pause_flags, ~poll_flags, __ATOMIC_SEQ_CST);
}

long event_poll(void *arg)
{
    struct vcpu *v = current;
    evtchn_port_t ports[POLL_MAX_PORTS];
    struct sched_poll poll;
    int rc;

    if (!read_guest(&poll, arg)) {
        return -EFAULT;
    }
    if (poll.nr_ports > POLL_MAX_PORTS) {
        return -EINVAL;
    }
    if (copy_from_guest(ports, poll.ports, poll.nr_ports * sizeof(ports[0])) != 0) {
        return -EFAULT;
    }

    timer_stop(&v->poll_timer); /* of an earlier poll that ended otherwise */
    WRITE_ONCE(v->events->poll_port, poll.nr_ports == 1 ? ports[0] : POLL_ANY);
    __atomic_fetch_or(&v->pause_flags, poll_flags, __ATOMIC_SEQ_CST);
    bit_set_atomic(v->domain->events->pollers, v->id);

    rc = event_is_deliverable(v) ? 1 : ports_pending(v->domain, ports, poll.nr_ports);
    if (rc != 0) {
        poll_cancel(v);
        return rc < 0 ? rc : 0;
    }
    if (poll.timeout != 0) {
        timer_set(&v->poll_timer, (stime_t)MIN(poll.timeout, (uint64_t)INT64_MAX));
    }
    softirq_raise(SOFTIRQ_SCHEDULE);
    return 0;
}

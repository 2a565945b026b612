/* SPDX-License-Identifier: BSD-2-Clause */
/* Short forms of event_channel_op, and the upcall, which only counts. */
#include "event.h"

#include <public/event_channel.h>
#include <public/version.h>

#include "hypercall.h"
#include "mm.h"
#include "smp.h"

volatile unsigned int event_count[EVENT_PORTS];
volatile unsigned int event_vcpu[EVENT_PORTS];
volatile unsigned int event_upcalls;
bool (*event_upcall_hook)(void);
struct vcpu_info *event_vcpu_info[SMP_MAX];

struct vcpu_info *vcpu_info_self(void)
{
    unsigned int self = smp_self();

    return event_vcpu_info[self] ? event_vcpu_info[self] : &shared_info->vcpu_info[self];
}

void event_upcall(void)
{
    struct vcpu_info *info = vcpu_info_self();
    unsigned long words, bits;

    __atomic_add_fetch(&event_upcalls, 1, __ATOMIC_SEQ_CST);
    if (event_upcall_hook && event_upcall_hook())
        return;
    __atomic_store_n(&info->evtchn_upcall_pending, 0, __ATOMIC_SEQ_CST);
    words = __atomic_exchange_n(&info->evtchn_pending_sel, 0, __ATOMIC_SEQ_CST);
    for (; words; words &= words - 1) {
        unsigned int word = (unsigned int)__builtin_ctzl(words);

        bits = __atomic_load_n(&shared_info->evtchn_pending[word], __ATOMIC_SEQ_CST) &
               ~__atomic_load_n(&shared_info->evtchn_mask[word], __ATOMIC_SEQ_CST);
        for (; bits; bits &= bits - 1) {
            unsigned int port = word * 64 + (unsigned int)__builtin_ctzl(bits);

            port_clear_pending(port);
            if (port < EVENT_PORTS) {
                event_vcpu[port] = smp_self();
                __atomic_add_fetch(&event_count[port], 1, __ATOMIC_SEQ_CST);
            }
        }
    }
}

void events_enable(void)
{
    struct vcpu_info *info = vcpu_info_self();

    __atomic_store_n(&info->evtchn_upcall_mask, 0, __ATOMIC_SEQ_CST);
    if (__atomic_load_n(&info->evtchn_upcall_pending, __ATOMIC_SEQ_CST))
        hypercall_2(__HYPERVISOR_xen_version, XENVER_version, 0);
}

void events_disable(void)
{
    __atomic_store_n(&vcpu_info_self()->evtchn_upcall_mask, 1, __ATOMIC_SEQ_CST);
}

bool port_is_pending(unsigned int port)
{
    return (__atomic_load_n(&shared_info->evtchn_pending[port / 64], __ATOMIC_SEQ_CST) >>
            (port % 64)) & 1;
}

bool port_is_masked(unsigned int port)
{
    return (__atomic_load_n(&shared_info->evtchn_mask[port / 64], __ATOMIC_SEQ_CST) >>
            (port % 64)) & 1;
}

void port_set_mask(unsigned int port, bool masked)
{
    unsigned long bit = 1UL << (port % 64);

    if (masked)
        __atomic_or_fetch(&shared_info->evtchn_mask[port / 64], bit, __ATOMIC_SEQ_CST);
    else
        __atomic_and_fetch(&shared_info->evtchn_mask[port / 64], ~bit, __ATOMIC_SEQ_CST);
}

void port_clear_pending(unsigned int port)
{
    __atomic_and_fetch(&shared_info->evtchn_pending[port / 64], ~(1UL << (port % 64)),
                       __ATOMIC_SEQ_CST);
}

long event_op(unsigned int cmd, void *arg)
{
    return hypercall_2(__HYPERVISOR_event_channel_op, cmd, arg);
}

long event_bind_virq(unsigned int virq, unsigned int vcpu)
{
    struct evtchn_bind_virq op = { .virq = virq, .vcpu = vcpu };
    long rc = event_op(EVTCHNOP_bind_virq, &op);

    return rc ? rc : (long)op.port;
}

long event_bind_ipi(unsigned int vcpu)
{
    struct evtchn_bind_ipi op = { .vcpu = vcpu };
    long rc = event_op(EVTCHNOP_bind_ipi, &op);

    return rc ? rc : (long)op.port;
}

long event_alloc_unbound(unsigned int dom, unsigned int remote)
{
    struct evtchn_alloc_unbound op = { .dom = (domid_t)dom, .remote_dom = (domid_t)remote };
    long rc = event_op(EVTCHNOP_alloc_unbound, &op);

    return rc ? rc : (long)op.port;
}

long event_bind_interdomain(unsigned int remote_dom, unsigned int remote_port)
{
    struct evtchn_bind_interdomain op = {
        .remote_dom = (domid_t)remote_dom, .remote_port = remote_port,
    };
    long rc = event_op(EVTCHNOP_bind_interdomain, &op);

    return rc ? rc : (long)op.local_port;
}

long event_close(unsigned int port)
{
    struct evtchn_close op = { .port = port };

    return event_op(EVTCHNOP_close, &op);
}

long event_send(unsigned int port)
{
    struct evtchn_send op = { .port = port };

    return event_op(EVTCHNOP_send, &op);
}

long event_unmask(unsigned int port)
{
    struct evtchn_unmask op = { .port = port };

    return event_op(EVTCHNOP_unmask, &op);
}

long event_bind_vcpu(unsigned int port, unsigned int vcpu)
{
    struct evtchn_bind_vcpu op = { .port = port, .vcpu = vcpu };

    return event_op(EVTCHNOP_bind_vcpu, &op);
}

long event_status(unsigned int port)
{
    struct evtchn_status op = { .dom = DOMID_SELF, .port = port };
    long rc = event_op(EVTCHNOP_status, &op);

    return rc ? rc : (long)op.status;
}

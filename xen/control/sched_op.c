/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * sched_op and set_timer_op: what a vCPU tells the scheduler (docs/interface/sched_op.md). Also
 * ties the scheduler to what lies above it: events.
 */
#include <asm/current.h>
#include <public/sched.h>
#include <xen/domain.h>
#include <xen/errno.h>
#include <xen/event.h>
#include <xen/hypercall.h>
#include <xen/time.h>
#include <xen/usercopy.h>

/* Timeouts that lie this far ahead are taken for a guest's mistake, as negative ones are. */
#define TIMEOUT_INSANE ((stime_t)1 << 50)
#define TIMEOUT_MENDED MILLISECS(100)

static void vcpu_timer_fired(struct vcpu *v)
{
    event_virq_vcpu(v, VIRQ_TIMER);
}

static void domain_was_shut_down(struct domain *d, bool suspended)
{
    event_port_t port = READ_ONCE(d->suspend_port);

    /* A port that leads nowhere is the subscriber's business. */
    if (suspended && port != 0) {
        (void)event_send(d, port);
    } else {
        event_virq_global(VIRQ_DOM_EXC);
    }
}

const struct sched_upcalls sched_upcalls = {
    .event_is_deliverable = event_is_deliverable,
    .vcpu_timer_fired = vcpu_timer_fired,
    .domain_was_shut_down = domain_was_shut_down,
};

static long op_block(void)
{
    WRITE_ONCE(current->info->evtchn_upcall_mask, 0);
    vcpu_block_current();
    return 0;
}

static long op_shutdown(void *arg)
{
    struct sched_shutdown op;

    if (!read_guest(&op, arg)) {
        return -EFAULT;
    }
    domain_shutdown(current->domain, (uint8_t)op.reason);
    return 0;
}

static long op_shutdown_code(void *arg)
{
    struct sched_shutdown op;

    if (!read_guest(&op, arg)) {
        return -EFAULT;
    }
    domain_set_shutdown_code(current->domain, op.reason);
    return 0;
}

static long op_remote_shutdown(void *arg)
{
    struct sched_remote_shutdown op;
    struct domain *d;
    long rc = -EPERM;

    if (!read_guest(&op, arg)) {
        return -EFAULT;
    }
    d = domain_get(op.domain_id);
    if (d == NULL) {
        return -ESRCH;
    }
    /* Oneself by number, too; a guest that may do no more has SCHEDOP_shutdown. */
    if (current->domain->is_control) {
        domain_shutdown(d, (uint8_t)op.reason);
        rc = 0;
    }
    domain_put(d);
    return rc;
}

static long op_watchdog(void *arg)
{
    struct sched_watchdog op;

    if (!read_guest(&op, arg)) {
        return -EFAULT;
    }
    return domain_watchdog(current->domain, op.id, op.timeout);
}

static long op_pin_override(void *arg)
{
    struct sched_pin_override op;

    if (!current->domain->is_hardware) {
        return -EPERM;
    }
    if (!read_guest(&op, arg)) {
        return -EFAULT;
    }
    return vcpu_pin_override(current, op.pcpu < 0 ? -1 : op.pcpu);
}

long hypercall_sched_op(int cmd, void *arg)
{
    switch (cmd) {
    case SCHEDOP_yield:
        vcpu_yield();
        return 0;
    case SCHEDOP_block:
        return op_block();
    case SCHEDOP_shutdown:
        return op_shutdown(arg);
    case SCHEDOP_poll:
        return event_poll(arg);
    case SCHEDOP_remote_shutdown:
        return op_remote_shutdown(arg);
    case SCHEDOP_shutdown_code:
        return op_shutdown_code(arg);
    case SCHEDOP_watchdog:
        return op_watchdog(arg);
    case SCHEDOP_pin_override:
        return op_pin_override(arg);
    default:
        return -ENOSYS;
    }
}

/* The one-shot timer of the running vCPU; 0 stops it. Always succeeds. */
long hypercall_set_timer_op(stime_t timeout)
{
    struct vcpu *v = current;
    stime_t t = now();

    if (timeout == 0) {
        timer_stop(&v->singleshot_timer);
    } else if (timeout < 0 || (timeout > t && timeout - t > TIMEOUT_INSANE)) {
        timer_set(&v->singleshot_timer, t + TIMEOUT_MENDED);
    } else {
        timer_set(&v->singleshot_timer, timeout);
    }
    return 0;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How domains end by themselves: shutdown, crash, watchdog. The hardware domain takes the machine
 * with it; any other one stops and waits, with its reason, to be resumed or destroyed. Lock: the
 * domain's shutdown_lock guards is_shut_down, shutdown_code and the watchdogs.
 */
#include <public/sched.h>
#include <xen/arch.h>
#include <xen/bug.h>
#include <xen/console.h>
#include <xen/errno.h>
#include <xen/time.h>

#include "run_queue.h"

static void noreturn machine_follow(const struct domain *d, unsigned int reason)
{
    switch (reason) {
    case SHUTDOWN_poweroff:
        printk("Domain %u, which runs the machine, powers off: so does the machine.\n", d->id);
        machine_power_off();
    case SHUTDOWN_crash:
        panic("Domain %u, which runs the machine, crashed", d->id);
    case SHUTDOWN_watchdog:
        panic("The watchdog of domain %u, which runs the machine, ran out", d->id);
    default:
        printk("Domain %u, which runs the machine, restarts (reason %u): so does the machine.\n",
               d->id, reason);
        machine_restart();
    }
}

void domain_shutdown(struct domain *d, unsigned int reason)
{
    unsigned long flags = spin_lock_irqsave(&d->shutdown_lock);
    unsigned int asked = reason;
    bool first = !d->is_shut_down, suspends;

    if (d->sched->shutdown_code >= 0) {
        reason = (unsigned int)d->sched->shutdown_code;
    }
    if (first && !d->is_hardware) {
        d->is_shut_down = true;
        d->shutdown_code = (uint8_t)reason;
        domain_pause(d);
    }
    /* What was only announced could end it anywhere: then sending to its port is not possible. */
    suspends = asked == SHUTDOWN_suspend && d->shutdown_code == SHUTDOWN_suspend;
    spin_unlock_irqrestore(&d->shutdown_lock, flags);
    if (d->is_hardware) {
        machine_follow(d, reason);
    }
    if (first) {
        sched_upcalls.domain_was_shut_down(d, suspends);
    }
}

void domain_resume(struct domain *d)
{
    unsigned long flags = spin_lock_irqsave(&d->shutdown_lock);

    if (d->is_shut_down) {
        d->is_shut_down = false;
        d->shutdown_code = 0;
        d->sched->shutdown_code = -1;
        domain_unpause(d);
    }
    spin_unlock_irqrestore(&d->shutdown_lock, flags);
}

void domain_set_shutdown_code(struct domain *d, unsigned int reason)
{
    unsigned long flags = spin_lock_irqsave(&d->shutdown_lock);

    d->sched->shutdown_code = (int)(reason & 0xff);
    spin_unlock_irqrestore(&d->shutdown_lock, flags);
}

int domain_watchdog(struct domain *d, unsigned int id, unsigned int seconds)
{
    struct watchdog *w = d->sched->watchdog;
    unsigned int i = id - 1;
    unsigned long flags;
    int rc = 0;

    if (id > NR_WATCHDOGS) {
        return -EINVAL;
    }
    flags = spin_lock_irqsave(&d->shutdown_lock);
    if (id == 0) {
        for (i = 0; i < NR_WATCHDOGS && w[i].in_use; i++) {
            continue;
        }
        rc = i < NR_WATCHDOGS ? (int)i + 1 : -ENOSPC;
    } else if (!w[i].in_use) {
        rc = -EINVAL;
    }
    if (rc >= 0) {
        /* A new one with no time at all runs out at once. */
        w[i].in_use = id == 0 || seconds != 0;
        if (w[i].in_use) {
            timer_set(&w[i].timer, now() + SECONDS(seconds));
        } else {
            timer_stop(&w[i].timer);
        }
    }
    spin_unlock_irqrestore(&d->shutdown_lock, flags);
    return rc;
}

static bool is_every_vcpu_down(const struct domain *d)
{
    const struct vcpu *v;
    unsigned int i;

    for_each_vcpu(d, v, i) {
        if (!bit_test(&v->pause_flags, VPF_DOWN)) {
            return false;
        }
    }
    return true;
}

void vcpu_take_down(struct vcpu *v)
{
    if (!bit_test_and_set_atomic(&v->pause_flags, VPF_DOWN)) {
        if (is_every_vcpu_down(v->domain)) {
            domain_shutdown(v->domain, SHUTDOWN_poweroff);
        }
        vcpu_sleep(v);
    }
}

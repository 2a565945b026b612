/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The date: UTC at system time 0, and each domain's copy in its shared_info.
 *
 * At boot the CMOS clock is read once, which is right within a second. A timer then looks every
 * few ms for the moment its second changes, and corrects the date by that; until dom0 sets it.
 * Lock: wallclock_lock guards the date and the writing of the copies.
 */
#include <asm/cmos.h>
#include <public/xen.h>
#include <xen/console.h>
#include <xen/domain.h>
#include <xen/errno.h>
#include <xen/time.h>
#include <xen/timer.h>

#include "clock.h"

#define LOOK_EVERY MILLISECS(5)
#define LOOK_FOR   SECONDS(3)

static struct spinlock wallclock_lock = SPINLOCK_INIT(LOCK_TIME);
static uint64_t utc_at_0;      /* ns since 1970 at system time 0 */
static bool is_set_by_guest;

static struct timer edge_timer;
static uint64_t edge_second;   /* what the CMOS clock showed when looked at last */
static stime_t edge_last_look;
static stime_t edge_give_up;

uint64_t wallclock_base(uint32_t *nsec)
{
    unsigned long flags = spin_lock_irqsave(&wallclock_lock);
    uint64_t t = utc_at_0;

    spin_unlock_irqrestore(&wallclock_lock, flags);
    *nsec = (uint32_t)(t % (uint64_t)SECONDS(1));
    return t / (uint64_t)SECONDS(1);
}

void wallclock_update_domain(struct domain *d)
{
    struct shared_info *s = d->shared_info;
    unsigned long flags;
    uint32_t version;
    uint64_t t;

    if (s == NULL) {
        return;
    }
    flags = spin_lock_irqsave(&wallclock_lock);
    t = utc_at_0 + (uint64_t)d->time_offset;
    version = READ_ONCE(s->wc_version) | 1;
    WRITE_ONCE(s->wc_version, version);
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    s->wc_sec = (uint32_t)(t / (uint64_t)SECONDS(1));
    s->wc_sec_hi = (uint32_t)(t / (uint64_t)SECONDS(1) >> 32);
    s->wc_nsec = (uint32_t)(t % (uint64_t)SECONDS(1));
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    WRITE_ONCE(s->wc_version, version + 1);
    spin_unlock_irqrestore(&wallclock_lock, flags);
}

static void update_all_domains(void)
{
    struct domain *d = domain_get_next(0);

    while (d != NULL) {
        domid_t next = (domid_t)(d->id + 1);

        wallclock_update_domain(d);
        domain_put(d);
        d = next < DOMID_FIRST_RESERVED ? domain_get_next(next) : NULL;
    }
}

void wallclock_set(uint64_t secs, uint32_t nsecs, stime_t system_time)
{
    unsigned long flags = spin_lock_irqsave(&wallclock_lock);

    utc_at_0 = secs * (uint64_t)SECONDS(1) + nsecs - (uint64_t)system_time;
    is_set_by_guest = true;
    spin_unlock_irqrestore(&wallclock_lock, flags);
    update_all_domains();
}

/* The CMOS clock changed to edge_second between the last two looks: so, half way. */
static void edge_found(stime_t t)
{
    unsigned long flags = spin_lock_irqsave(&wallclock_lock);
    bool use = !is_set_by_guest;

    if (use) {
        utc_at_0 = edge_second * (uint64_t)SECONDS(1) - (uint64_t)((edge_last_look + t) / 2);
    }
    spin_unlock_irqrestore(&wallclock_lock, flags);
    if (use) {
        update_all_domains();
    }
}

static void edge_look(void *arg)
{
    stime_t t = now();
    uint64_t second;

    (void)arg;
    if (cmos_get_time(&second) == 0) {
        /* A look that came late tells nothing: wait for the next second. */
        if (second != edge_second && t - edge_last_look < LOOK_EVERY * 4) {
            edge_second = second;
            edge_found(t);
            return;
        }
        edge_second = second;
        edge_last_look = t;
    }
    if (t < edge_give_up && !READ_ONCE(is_set_by_guest)) {
        timer_set(&edge_timer, t + LOOK_EVERY);
    }
}

void wallclock_init(void)
{
    int rc = cmos_get_time(&edge_second);

    for (unsigned int i = 0; rc == -EAGAIN && i < 25; i++) {
        udelay(100);
        rc = cmos_get_time(&edge_second);
    }
    if (rc != 0) {
        log_warn("Clock: no date from the CMOS clock; it is 1970 until dom0 sets it.\n");
        return;
    }
    /* Half a second is the mean error of a whole second. */
    edge_last_look = now();
    utc_at_0 = edge_second * (uint64_t)SECONDS(1) + (uint64_t)MILLISECS(500) -
               (uint64_t)edge_last_look;
    edge_give_up = edge_last_look + LOOK_FOR;
    timer_init(&edge_timer, edge_look, NULL, 0);
    timer_set(&edge_timer, edge_last_look + LOOK_EVERY);
}

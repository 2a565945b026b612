/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Caps and weights of domains. A capped domain has a budget of CPU time, which all its vCPUs draw
 * on and which is filled up each PERIOD. Once it is used up the domain's vCPUs are parked as
 * they come up to run; the refill queues them again. What was overdrawn is missing from the
 * next period, so that the long-term share is exact.
 *
 * budget is atomic; weight and cap are single words, each use reads them once.
 */
#include <xen/errno.h>
#include <xen/time.h>

#include "run_queue.h"

#define PERIOD MILLISECS(30)
/* How often a capped vCPU's use is looked at: as the budget runs out, and at most. */
#define CHECK_SHORTEST MICROSECS(500)
#define CHECK_LONGEST  MILLISECS(5)

static int64_t budget_of(const struct sched_domain *s)
{
    return PERIOD * READ_ONCE(s->cap) / 100;
}

bool cap_is_exhausted(const struct domain *d)
{
    return READ_ONCE(d->sched->cap) != 0 && READ_ONCE(d->sched->budget) <= 0;
}

void cap_charge(struct domain *d, stime_t ran, stime_t t)
{
    struct sched_domain *s = d->sched;

    if (READ_ONCE(s->cap) != 0) {
        __atomic_sub_fetch(&s->budget, ran, __ATOMIC_RELAXED);
        if (!timer_is_queued(&s->refill)) {
            timer_set(&s->refill, t + PERIOD);
        }
    }
}

stime_t cap_limit(const struct domain *d, stime_t t, stime_t deadline)
{
    if (READ_ONCE(d->sched->cap) == 0) {
        return deadline;
    }
    return MIN(deadline, t + MIN(MAX(READ_ONCE(d->sched->budget), CHECK_SHORTEST), CHECK_LONGEST));
}

/* Timer handler: another period begins. The timer stops when the domain used nothing. */
void cap_refill(void *domain)
{
    struct domain *d = domain;
    struct sched_domain *s = d->sched;
    int64_t full = budget_of(s), old = READ_ONCE(s->budget), new;
    struct vcpu *v;
    unsigned int i;

    do {
        new = old > 0 ? full : old + full;
    } while (!__atomic_compare_exchange_n(&s->budget, &old, new, false, __ATOMIC_RELAXED,
                                          __ATOMIC_RELAXED));
    if (READ_ONCE(s->cap) != 0 && old < full) {
        timer_set(&s->refill, s->refill.expires + PERIOD);
    }
    if (!cap_is_exhausted(d)) {
        for_each_vcpu(d, v, i) {
            vcpu_unpark(v);
        }
    }
}

void domain_get_share(const struct domain *d, struct sched_share *share)
{
    share->weight = READ_ONCE(d->sched->weight);
    share->cap = READ_ONCE(d->sched->cap);
}

int domain_set_share(struct domain *d, const struct sched_share *share)
{
    struct sched_domain *s = d->sched;

    if (share->weight < 1 || share->weight > WEIGHT_MAX || share->cap > 100 * MAX_VCPUS) {
        return -EINVAL;
    }
    WRITE_ONCE(s->weight, share->weight);
    WRITE_ONCE(s->cap, share->cap);
    __atomic_store_n(&s->budget, budget_of(s), __ATOMIC_RELAXED);
    /* Releases what the former cap parked. */
    timer_set(&s->refill, now());
    return 0;
}

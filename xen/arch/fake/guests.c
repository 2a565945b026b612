/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Domains, vCPUs and pages as event channels and grants see them. References are counted, so that
 * a test can see that they come out even; the rest does nothing.
 */
#include <asm/current.h>
#include <public/xen.h>
#include <xen/alloc.h>
#include <xen/arch.h>
#include <xen/bug.h>
#include <xen/domain.h>
#include <xen/errno.h>
#include <xen/hypercall.h>
#include <xen/mm.h>
#include <xen/sched.h>
#include <xen/softirq.h>
#include <xen/timer.h>

#include "guests.h"
#include "machine.h"

#define NR_FRAMES   4096
#define MAX_DOMAINS 8

struct domain *hardware_domain;
void (*console_input_notify)(void);

unsigned int fake_preempt_every;
unsigned long fake_hypercall_args[5];
int fake_pirq_result;
bool fake_pirq_is_bound[FAKE_NR_PIRQS];
unsigned int fake_kicks;
bool fake_may_control;

static struct domain *domains[MAX_DOMAINS];
static unsigned int nr_domains;

void fake_guests_init(void)
{
    fake_machine_init(NR_FRAMES);
    frame_table_add_ram(mfn(1), mfn(NR_FRAMES));
    buddy_add(mfn(1), mfn(NR_FRAMES));
}

struct domain *fake_domain_create(domid_t id, unsigned int nr_vcpus)
{
    struct domain *d = heap_new(struct domain);

    d->id = id;
    d->state = DOMAIN_ALIVE;
    d->references = 1;
    d->max_vcpus = nr_vcpus;
    d->vcpu = heap_alloc_array(nr_vcpus, sizeof(d->vcpu[0]));
    d->shared_info = hv_page_alloc();
    for (unsigned int i = 0; i < nr_vcpus; i++) {
        struct vcpu *v = heap_new(struct vcpu);

        v->domain = d;
        v->id = i;
        v->info = &d->shared_info->vcpu_info[i];
        d->vcpu[i] = v;
    }
    cpumask_set(&d->dirty_cpus, 0);
    domains[nr_domains++] = d;
    return d;
}

void fake_domain_destroy(struct domain *d)
{
    for (unsigned int i = 0; i < nr_domains; i++) {
        if (domains[i] == d) {
            domains[i] = domains[--nr_domains];
        }
    }
    for (unsigned int i = 0; i < d->max_vcpus; i++) {
        heap_free(d->vcpu[i]);
    }
    hv_page_free(d->shared_info);
    heap_free(d->vcpu);
    heap_free(d);
}

bool fake_domain_is_unreferenced(const struct domain *d)
{
    return d->references == 1;
}

/* ------------------------------------------------------------------------ */
/* Domains */

struct domain *domain_get(domid_t id)
{
    for (unsigned int i = 0; i < nr_domains; i++) {
        if (domains[i]->id == id) {
            domain_hold(domains[i]);
            return domains[i];
        }
    }
    return NULL;
}

void domain_hold(struct domain *d)
{
    d->references++;
}

void domain_put(struct domain *d)
{
    BUG_ON(--d->references == 0);
}

bool domain_may_control(const struct domain *caller, const struct domain *target)
{
    (void)target;
    return fake_may_control && caller->is_control;
}

bool hypercall_preempt_check(void)
{
    static unsigned int calls;

    return fake_preempt_every != 0 && ++calls % fake_preempt_every == 0;
}

void hypercall_set_arg(unsigned int i, unsigned long value)
{
    fake_hypercall_args[i] = value;
}

/* ------------------------------------------------------------------------ */
/* Scheduler and timers */

void vcpu_unblock(struct vcpu *v)
{
    __atomic_fetch_and(&v->pause_flags, ~((1UL << VPF_BLOCKED) | (1UL << VPF_POLLING)),
                       __ATOMIC_SEQ_CST);
}

void vcpu_kick(struct vcpu *v)
{
    (void)v;
    fake_kicks++;
}

void softirq_raise(enum softirq nr)
{
    (void)nr;
}

void timer_init(struct timer *t, void (*fn)(void *arg), void *arg, unsigned int cpu)
{
    t->fn = fn;
    t->arg = arg;
    t->cpu = (uint16_t)cpu;
    t->expires = -1;
}

void timer_set(struct timer *t, stime_t expires)
{
    t->expires = expires;
}

void timer_stop(struct timer *t)
{
    t->expires = -1;
}

void timer_kill(struct timer *t)
{
    t->expires = -1;
}

/* ------------------------------------------------------------------------ */
/* Physical interrupts */

int arch_pirq_bind(struct vcpu *v, unsigned int pirq, bool share)
{
    (void)v;
    (void)share;
    if (fake_pirq_result == 0) {
        BUG_ON(fake_pirq_is_bound[pirq]);
        fake_pirq_is_bound[pirq] = true;
    }
    return fake_pirq_result;
}

void arch_pirq_unbind(struct domain *d, unsigned int pirq)
{
    (void)d;
    BUG_ON(!fake_pirq_is_bound[pirq]);
    fake_pirq_is_bound[pirq] = false;
}

void arch_pirq_set_affinity(struct domain *d, unsigned int pirq, const struct vcpu *v)
{
    BUG_ON(!fake_pirq_is_bound[pirq] || v->domain != d);
}

unsigned int arch_nr_pirqs(const struct domain *d)
{
    (void)d;
    return FAKE_NR_PIRQS;
}

/* ------------------------------------------------------------------------ */
/* Pages: a table is a page whose type is not writable and whose type count is not 0 */

struct page_info *fake_page_create(const struct domain *d)
{
    struct page_info *pg = pages_alloc(0, 0);

    pg->count = 1;
    pg->owner = d->id;
    return pg;
}

bool page_get(struct page_info *pg, const struct domain *d)
{
    if ((pg->count & PGC_COUNT_MASK) == 0 || pg->owner != d->id) {
        return false;
    }
    pg->count++;
    return true;
}

void page_put(struct page_info *pg)
{
    BUG_ON((pg->count & PGC_COUNT_MASK) <= 1 || fake_locks_held != 0);
    pg->count--;
}

int page_get_type(struct page_info *pg, uint64_t type, bool preemptible)
{
    (void)preemptible;
    if ((pg->type & PGT_COUNT_MASK) != 0 && (pg->type & PGT_TYPE_MASK) != type) {
        return -EINVAL;
    }
    pg->type = type | ((pg->type & PGT_COUNT_MASK) + 1);
    pg->count++;
    return 0;
}

bool page_get_same_type(struct page_info *pg, uint64_t type)
{
    return (pg->type & PGT_COUNT_MASK) != 0 && page_get_type(pg, type, false) == 0;
}

int page_get_and_type(struct page_info *pg, const struct domain *d, uint64_t type)
{
    int rc = page_get(pg, d) ? 0 : -EINVAL;

    if (rc == 0) {
        rc = page_get_type(pg, type, false);
        page_put(pg);
    }
    return rc;
}

void page_put_and_type(struct page_info *pg)
{
    BUG_ON((pg->type & PGT_COUNT_MASK) == 0);
    pg->type--;
    page_put(pg);
}

void page_share_with_domain(struct page_info *pg, struct domain *d, bool writable)
{
    pg->owner = d->id;
    pg->type = writable ? PGT_WRITABLE | 1 : PGT_NONE | 1;
    pg->count = PGC_HV | 1;
}

void page_unshare_and_free(struct page_info *pg)
{
    BUG_ON(pg->count != (PGC_HV | 1));
    pg->count = 0;
    pg->type = 0;
    pages_free(pg, 0);
}

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Pools of CPUs. A pool is a set of CPUs, the name of the scheduler that its tools expect, and
 * that one's parameters: there is one scheduler, which is told them as struct sched_params. That
 * its vCPUs stay within the pool is said to the scheduler by their affinity: what was asked for
 * (vcpu->hard_affinity) cut down to the pool's CPUs, or all of these, if nothing would be left. A
 * CPU of no pool idles.
 *
 * Pool 0 is never destroyed, and its last CPU stays. All is done in the control turn.
 */
#include <public/sysctl.h>
#include <xen/alloc.h>
#include <xen/control.h>
#include <xen/cpupool.h>
#include <xen/domain.h>
#include <xen/errno.h>
#include <xen/time.h>

struct cpupool {
    struct cpupool *next; /* by id */
    uint32_t id;
    uint32_t scheduler;
    struct xen_sysctl_credit_schedule params; /* of credit2 only the rate limit */
    cpumask_t cpus;
};

#define SLICE_MS_MAX       1000
#define SLICE_MS_CREDIT    30
#define MOVE_DELAY_US_MAX  100000
#define RATE_LIMIT_US      ((uint32_t)(SCHED_RATE_LIMIT_DEFAULT / MICROSECS(1)))

/* Its CPUs are those that the others don't have, until one is taken away from it or given to it. */
static struct cpupool pool0 = {
    .scheduler = XEN_SCHEDULER_CREDIT2,
    .params.ratelimit_us = RATE_LIMIT_US,
};

static void setup(void)
{
    static bool done;

    if (!done) {
        pool0.cpus = cpu_online_map;
        done = true;
    }
}

static struct cpupool *find(uint32_t id)
{
    struct cpupool *p = &pool0;

    setup();
    while (p != NULL && p->id != id) {
        p = p->next;
    }
    return p;
}

static struct cpupool *pool_of(const struct domain *d)
{
    return find(d->cpupool);
}

static struct domain *next_domain(domid_t from)
{
    return from < DOMID_FIRST_RESERVED ? domain_get_next(from) : NULL;
}

/* fn for each domain of the pool; it must not change which domains there are. */
static unsigned int for_each_domain(const struct cpupool *p, void (*fn)(struct domain *d))
{
    struct domain *d = next_domain(0);
    unsigned int n = 0;

    while (d != NULL) {
        domid_t next = (domid_t)(d->id + 1);

        if (d->cpupool == p->id && d->state != DOMAIN_DEAD) {
            n++;
            if (fn != NULL) {
                fn(d);
            }
        }
        domain_put(d);
        d = next_domain(next);
    }
    return n;
}

/* ------------------------------------------------------------------------ */
/* Affinity */

static cpumask_t effective(const struct vcpu *v)
{
    cpumask_t pool = pool_of(v->domain)->cpus, hard = cpumask_and(&v->hard_affinity, &pool);

    return cpumask_is_empty(&hard) ? pool : hard;
}

static void apply(struct vcpu *v)
{
    cpumask_t hard = effective(v), was, soft;

    vcpu_get_affinity(v, &was, &soft);
    /* A pool with domains has an online CPU, so this can't fail. */
    (void)vcpu_set_affinity(v, &hard, &soft);
}

static void apply_to_domain(struct domain *d)
{
    struct vcpu *v;
    unsigned int i;

    for_each_vcpu (d, v, i) {
        apply(v);
    }
}

void cpupool_vcpu_added(struct vcpu *v)
{
    /* While pool 0 has all CPUs nothing need be said. */
    if (v->domain->cpupool != 0 || cpumask_weight(&pool_of(v->domain)->cpus) < nr_cpus_online) {
        apply(v);
    }
}

int cpupool_set_affinity(struct vcpu *v, const cpumask_t *hard, const cpumask_t *soft)
{
    cpumask_t pool = pool_of(v->domain)->cpus, now_hard, now_soft, left;

    if (hard != NULL) {
        left = cpumask_and(hard, &pool);
        if (cpumask_is_empty(&left)) {
            return -EINVAL;
        }
        v->hard_affinity = *hard;
    }
    vcpu_get_affinity(v, &now_hard, &now_soft);
    now_hard = effective(v);
    return vcpu_set_affinity(v, &now_hard, soft != NULL ? soft : &now_soft);
}

cpumask_t cpupool_cpus_of(const struct domain *d)
{
    return pool_of(d)->cpus;
}

uint32_t cpupool_scheduler_of(const struct domain *d)
{
    return pool_of(d)->scheduler;
}

int cpupool_check(uint32_t id)
{
    const struct cpupool *p = find(id);

    return p == NULL ? -ESRCH : cpumask_is_empty(&p->cpus) ? -ENODEV : 0;
}

/* ------------------------------------------------------------------------ */
/* Parameters */

/* Tells the scheduler of these CPUs of the pool. */
static void apply_params(const struct cpupool *p, const cpumask_t *cpus)
{
    bool is_credit = p->scheduler == XEN_SCHEDULER_CREDIT;
    struct sched_params params = {
        .rate_limit = MICROSECS(p->params.ratelimit_us),
        .slice = is_credit ? MILLISECS(p->params.tslice_ms) : SCHED_SLICE_DEFAULT,
        .move_delay = is_credit ? MICROSECS(p->params.vcpu_migr_delay_us) : 0,
    };

    sched_set_params(cpus, &params);
}

static bool is_valid_rate_limit(uint32_t us)
{
    return us == 0 ||
           (us >= XEN_SYSCTL_SCHED_RATELIMIT_MIN && us <= XEN_SYSCTL_SCHED_RATELIMIT_MAX);
}

static int put_params(struct cpupool *p, const struct xen_sysctl_scheduler_op *op)
{
    struct xen_sysctl_credit_schedule params = { 0 };

    if (p->scheduler == XEN_SCHEDULER_CREDIT2) {
        params.ratelimit_us = op->u.sched_credit2.ratelimit_us;
    } else {
        params = op->u.sched_credit;
        if (params.tslice_ms < 1 || params.tslice_ms > SLICE_MS_MAX ||
            params.vcpu_migr_delay_us > MOVE_DELAY_US_MAX ||
            params.ratelimit_us > params.tslice_ms * 1000) {
            return -EINVAL;
        }
    }
    if (!is_valid_rate_limit(params.ratelimit_us)) {
        return -EINVAL;
    }
    p->params = params;
    apply_params(p, &p->cpus);
    return 0;
}

static void get_params(const struct cpupool *p, struct xen_sysctl_scheduler_op *op)
{
    if (p->scheduler == XEN_SCHEDULER_CREDIT2) {
        op->u.sched_credit2.ratelimit_us = p->params.ratelimit_us;
    } else {
        op->u.sched_credit = p->params;
    }
}

int cpupool_scheduler_op(struct xen_sysctl_scheduler_op *op)
{
    struct cpupool *p = find(op->cpupool_id);

    if (op->cmd != XEN_SYSCTL_SCHEDOP_putinfo && op->cmd != XEN_SYSCTL_SCHEDOP_getinfo) {
        return -EINVAL;
    }
    if (p == NULL) {
        return -ESRCH;
    }
    if (op->sched_id != p->scheduler) {
        return -EINVAL;
    }
    if (op->cmd == XEN_SYSCTL_SCHEDOP_putinfo) {
        return put_params(p, op);
    }
    get_params(p, op);
    return 0;
}

/* ------------------------------------------------------------------------ */
/* The operations */

static cpumask_t free_cpus(void)
{
    cpumask_t taken = { { 0 } }, left = cpu_online_map;

    setup();
    for (const struct cpupool *p = &pool0; p != NULL; p = p->next) {
        taken = cpumask_or(&taken, &p->cpus);
    }
    for (unsigned int i = 0; i < ARRAY_SIZE(left.bits); i++) {
        left.bits[i] &= ~taken.bits[i];
    }
    return left;
}

static int create(struct xen_sysctl_cpupool_op *op)
{
    struct cpupool **at = &pool0.next, *p;
    uint32_t id = 1;

    if (op->sched_id != XEN_SCHEDULER_CREDIT && op->sched_id != XEN_SCHEDULER_CREDIT2) {
        return -ENOENT;
    }
    setup();
    if (op->cpupool_id != XEN_SYSCTL_CPUPOOL_PAR_ANY) {
        id = op->cpupool_id;
        if (find(id) != NULL) {
            return -EEXIST;
        }
    } else {
        while (find(id) != NULL) {
            id++;
        }
    }
    p = heap_new(struct cpupool);
    if (p == NULL) {
        return -ENOMEM;
    }
    p->id = id;
    p->scheduler = op->sched_id;
    p->params.ratelimit_us = RATE_LIMIT_US;
    if (p->scheduler == XEN_SCHEDULER_CREDIT) {
        p->params.tslice_ms = SLICE_MS_CREDIT;
    }
    while (*at != NULL && (*at)->id < id) {
        at = &(*at)->next;
    }
    p->next = *at;
    *at = p;
    op->cpupool_id = id;
    return 0;
}

static int destroy(uint32_t id)
{
    struct cpupool **at = &pool0.next, *p = find(id);

    if (p == NULL) {
        return -ENOENT;
    }
    if (p == &pool0 || for_each_domain(p, NULL) != 0 || !cpumask_is_empty(&p->cpus)) {
        return -EBUSY;
    }
    while (*at != p) {
        at = &(*at)->next;
    }
    *at = p->next;
    heap_free(p);
    return 0;
}

static void describe(const struct cpupool *p, struct xen_sysctl_cpupool_op *op)
{
    op->cpupool_id = p->id;
    op->sched_id = p->scheduler;
    op->n_dom = for_each_domain(p, NULL);
}

/* The first pool with an id of at least the one given. */
static int info(struct xen_sysctl_cpupool_op *op)
{
    const struct cpupool *p = &pool0;

    setup();
    while (p != NULL && p->id < op->cpupool_id) {
        p = p->next;
    }
    if (p == NULL) {
        return -ENOENT;
    }
    describe(p, op);
    return bitmap_write_cpus(&op->cpumap, &p->cpus);
}

static int add_cpu(const struct xen_sysctl_cpupool_op *op)
{
    struct cpupool *p = find(op->cpupool_id);
    cpumask_t left = free_cpus();
    unsigned int cpu = op->cpu == XEN_SYSCTL_CPUPOOL_PAR_ANY ? cpumask_next(&left, 0) : op->cpu;
    cpumask_t fresh;

    if (cpu >= NR_CPUS || !cpumask_test(&cpu_online_map, cpu)) {
        return -EINVAL;
    }
    if (p == NULL) {
        return -ENOENT;
    }
    if (!cpumask_test(&left, cpu)) {
        return -ENODEV;
    }
    cpumask_set(&p->cpus, cpu);
    fresh = cpumask_of(cpu);
    apply_params(p, &fresh);
    for_each_domain(p, apply_to_domain);
    return 0;
}

static unsigned int last_cpu(const cpumask_t *m)
{
    unsigned int cpu, last = NR_CPUS;

    for_each_cpu (cpu, m) {
        last = cpu;
    }
    return last;
}

static int remove_cpu(const struct xen_sysctl_cpupool_op *op)
{
    struct cpupool *p = find(op->cpupool_id);
    unsigned int cpu = op->cpu;

    if (p == NULL) {
        return -ENOENT;
    }
    if (cpu == XEN_SYSCTL_CPUPOOL_PAR_ANY) {
        cpu = last_cpu(&p->cpus);
    }
    if (cpu >= NR_CPUS || !cpumask_test(&cpu_online_map, cpu)) {
        return -EINVAL;
    }
    if (!cpumask_test(&p->cpus, cpu)) {
        return -EADDRNOTAVAIL;
    }
    /* The last one only goes when nobody needs it. */
    if (cpumask_weight(&p->cpus) == 1 && (p == &pool0 || for_each_domain(p, NULL) != 0)) {
        return p == &pool0 ? -EINVAL : -EBUSY;
    }
    cpumask_clear(&p->cpus, cpu);
    for_each_domain(p, apply_to_domain);
    return 0;
}

/* The control domain stays in pool 0, even if it is told to go where it is. */
static int move_domain(const struct xen_sysctl_cpupool_op *op)
{
    const struct cpupool *to = find(op->cpupool_id);
    struct domain *d = op->domid < DOMID_FIRST_RESERVED ? domain_get((domid_t)op->domid) : NULL;
    int rc = 0;

    if (d == NULL) {
        return -ESRCH;
    }
    if (d->is_control) {
        rc = -EPERM;
    } else if (to == NULL || cpumask_is_empty(&to->cpus)) {
        rc = -ENOENT;
    } else if (d->cpupool != to->id) {
        d->cpupool = to->id;
        apply_to_domain(d);
    }
    domain_put(d);
    return rc;
}

static int free_info(struct xen_sysctl_cpupool_op *op)
{
    cpumask_t left = free_cpus();

    return bitmap_write_cpus(&op->cpumap, &left);
}

int cpupool_op(struct xen_sysctl_cpupool_op *op)
{
    switch (op->op) {
    case XEN_SYSCTL_CPUPOOL_OP_CREATE:
        return create(op);
    case XEN_SYSCTL_CPUPOOL_OP_DESTROY:
        return destroy(op->cpupool_id);
    case XEN_SYSCTL_CPUPOOL_OP_INFO:
        return info(op);
    case XEN_SYSCTL_CPUPOOL_OP_ADDCPU:
        return add_cpu(op);
    case XEN_SYSCTL_CPUPOOL_OP_RMCPU:
        return remove_cpu(op);
    case XEN_SYSCTL_CPUPOOL_OP_MOVEDOMAIN:
        return move_domain(op);
    case XEN_SYSCTL_CPUPOOL_OP_FREEINFO:
        return free_info(op);
    default:
        return -ENOSYS;
    }
}

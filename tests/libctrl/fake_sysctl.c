/* SPDX-License-Identifier: BSD-2-Clause */
/* The model's machine: sysctl, xen_version, memory_op and event_channel_op (fake.h). */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <public/event_channel.h>
#include <public/memory.h>
#include <public/version.h>

#include "fake.h"

static long physinfo(struct xen_sysctl_physinfo *p)
{
    *p = (struct xen_sysctl_physinfo){
        .threads_per_core = fake.threads_per_core, .cores_per_socket = fake.cores_per_socket,
        .nr_cpus = fake.nr_cpus, .max_cpu_id = fake.nr_cpus - 1, .nr_nodes = fake.nr_nodes,
        .max_node_id = fake.nr_nodes - 1, .cpu_khz = (uint32_t)fake.cpu_khz,
        .capabilities = XEN_SYSCTL_PHYSCAP_pv | XEN_SYSCTL_PHYSCAP_gnttab_v1 |
                        (fake.hvm ? XEN_SYSCTL_PHYSCAP_hvm | XEN_SYSCTL_PHYSCAP_hap : 0),
        .total_pages = fake.total_pages, .free_pages = fake.free_pages,
        .max_mfn = FAKE_FRAMES - 1,
        .hw_cap = { 0x178bfbff, 0xf6d83203, 0x2e500800, 0x243f3, 0xf, 0x219c91a9, 0, 0x500 },
    };
    return 0;
}

static long domain_list(struct xen_sysctl_getdomaininfolist *l)
{
    uint32_t id;

    l->num_domains = 0;
    for (id = l->first_domain; id < 0x7ff0 && l->num_domains < l->max_domains; id++) {
        if (fake.domains[id]) {
            fake_fill_info(fake.domains[id], &l->buffer[l->num_domains++]);
        }
    }
    return 0;
}

static long cpu_topology(struct xen_sysctl_cputopoinfo *t)
{
    uint32_t i;

    for (i = 0; t->cputopo && i < t->num_cpus && i < fake.nr_cpus; i++) {
        t->cputopo[i] = (struct xen_sysctl_cputopo){
            i / fake.threads_per_core, i / fake.threads_per_core / fake.cores_per_socket,
            i * fake.nr_nodes / fake.nr_cpus,
        };
    }
    if (!t->cputopo || t->num_cpus > fake.nr_cpus) {
        t->num_cpus = fake.nr_cpus;
    }
    return 0;
}

static long numa(struct xen_sysctl_numainfo *n)
{
    uint32_t i, j, nr = n->num_nodes < fake.nr_nodes ? n->num_nodes : fake.nr_nodes;

    for (i = 0; n->meminfo && i < nr; i++) {
        n->meminfo[i].memsize = fake.total_pages / fake.nr_nodes * 4096;
        n->meminfo[i].memfree = fake.free_pages / fake.nr_nodes * 4096;
        for (j = 0; n->distance && j < nr; j++) {
            n->distance[i * nr + j] = i == j ? 10 : 21;
        }
    }
    if (!n->meminfo || n->num_nodes > fake.nr_nodes) {
        n->num_nodes = fake.nr_nodes;
    }
    return 0;
}

static long pci_nodes(struct xen_sysctl_pcitopoinfo *p)
{
    uint32_t i;

    for (i = 0; i < p->num_devs; i++) {
        p->nodes[i] = p->devs[i].bus == 0 ? 0 : XEN_INVALID_DEV;
    }
    return 0;
}

static long readconsole(struct xen_sysctl_readconsole *r)
{
    uint32_t length = (uint32_t)strlen(fake.console);
    uint32_t from = r->incremental && r->index < length ? r->index : r->incremental ? length : 0;
    uint32_t nr = length - from < r->count ? length - from : r->count;

    memcpy(r->buffer, fake.console + from, nr);
    r->index = from + nr;
    r->count = nr;
    if (r->clear) {
        fake.console[0] = '\0';
    }
    return 0;
}

static long debug_keys(const struct xen_sysctl_debug_keys *k)
{
    size_t length = strlen(fake.keys);

    if (k->nr_keys > 16 || length + k->nr_keys >= sizeof(fake.keys)) {
        return -E2BIG;
    }
    memcpy(fake.keys + length, k->keys, k->nr_keys);
    return 0;
}

static uint64_t all_cpus(void)
{
    return fake.nr_cpus < 64 ? (1ull << fake.nr_cpus) - 1 : UINT64_MAX;
}

static uint64_t free_cpus(void)
{
    uint64_t taken = 0;
    unsigned int i;

    for (i = 0; i < FAKE_POOLS; i++) {
        taken |= fake.pools[i].used ? fake.pools[i].cpus : 0;
    }
    return all_cpus() & ~taken;
}

static uint32_t domains_in(uint32_t pool)
{
    uint32_t id, nr = 0;

    for (id = 0; id < 0x7ff0; id++) {
        nr += fake.domains[id] && fake.domains[id]->pool == pool;
    }
    return nr;
}

static long pool_create(struct xen_sysctl_cpupool_op *p)
{
    uint32_t id = p->cpupool_id == XEN_SYSCTL_CPUPOOL_PAR_ANY ? 0 : p->cpupool_id;

    if (p->sched_id != XEN_SCHEDULER_CREDIT && p->sched_id != XEN_SCHEDULER_CREDIT2) {
        return -ENOENT;
    }
    while (p->cpupool_id == XEN_SYSCTL_CPUPOOL_PAR_ANY && id < FAKE_POOLS &&
           fake.pools[id].used) {
        id++;
    }
    if (id >= FAKE_POOLS) {
        return -ENOMEM;
    }
    if (fake.pools[id].used) {
        return -EEXIST;
    }
    fake.pools[id] = (struct fake_pool){ true, p->sched_id, 0, 30, 1000, 0 };
    p->cpupool_id = id;
    return 0;
}

static long pool_info(struct xen_sysctl_cpupool_op *p)
{
    uint32_t id = p->cpupool_id;
    uint64_t cpus;

    while (id < FAKE_POOLS && !fake.pools[id].used) {
        id++;
    }
    if (id >= FAKE_POOLS) {
        return -ENOENT;
    }
    cpus = fake.pools[id].cpus;
    p->cpupool_id = id;
    p->sched_id = fake.pools[id].sched_id;
    p->n_dom = domains_in(id);
    memcpy(p->cpumap.bitmap, &cpus, (p->cpumap.nr_bits + 7) / 8);
    return 0;
}

static long pool_cpu(struct xen_sysctl_cpupool_op *p)
{
    struct fake_pool *pool = &fake.pools[p->cpupool_id];
    bool add = p->op == XEN_SYSCTL_CPUPOOL_OP_ADDCPU;
    uint64_t from = add ? free_cpus() : pool->cpus;
    uint64_t bit;

    if (p->cpu == XEN_SYSCTL_CPUPOOL_PAR_ANY && from) {
        p->cpu = (uint32_t)(add ? __builtin_ctzll(from) : 63 - __builtin_clzll(from));
    }
    if (p->cpu >= fake.nr_cpus) {
        return p->cpu == XEN_SYSCTL_CPUPOOL_PAR_ANY ? -ENODEV : -EINVAL;
    }
    bit = 1ull << p->cpu;
    if (!(from & bit)) {
        return add ? -ENODEV : -EADDRNOTAVAIL;
    }
    if (!add && pool->cpus == bit && domains_in(p->cpupool_id) > 0) {
        return -EBUSY;
    }
    pool->cpus ^= bit;
    return 0;
}

static long pool_move(struct xen_sysctl_cpupool_op *p)
{
    if (p->domid == 0) {
        return -EPERM;
    }
    if (!fake_domain(p->domid)) {
        return -ESRCH;
    }
    if (!fake.pools[p->cpupool_id].cpus) {
        return -ENODEV;
    }
    fake_domain(p->domid)->pool = p->cpupool_id;
    return 0;
}

static long pool_op(struct xen_sysctl_cpupool_op *p)
{
    uint64_t cpus = free_cpus();

    switch (p->op) {
    case XEN_SYSCTL_CPUPOOL_OP_CREATE:
        return pool_create(p);
    case XEN_SYSCTL_CPUPOOL_OP_INFO:
        return pool_info(p);
    case XEN_SYSCTL_CPUPOOL_OP_FREEINFO:
        memcpy(p->cpumap.bitmap, &cpus, (p->cpumap.nr_bits + 7) / 8);
        return 0;
    default:
        break;
    }
    if (p->cpupool_id >= FAKE_POOLS || !fake.pools[p->cpupool_id].used) {
        return -ENOENT;
    }
    switch (p->op) {
    case XEN_SYSCTL_CPUPOOL_OP_DESTROY:
        if (p->cpupool_id == 0 || fake.pools[p->cpupool_id].cpus || domains_in(p->cpupool_id)) {
            return -EBUSY;
        }
        fake.pools[p->cpupool_id].used = false;
        return 0;
    case XEN_SYSCTL_CPUPOOL_OP_ADDCPU:
    case XEN_SYSCTL_CPUPOOL_OP_RMCPU:
        return pool_cpu(p);
    case XEN_SYSCTL_CPUPOOL_OP_MOVEDOMAIN:
        return pool_move(p);
    default:
        return -EINVAL;
    }
}

static long pool_parameters(struct xen_sysctl_scheduler_op *s)
{
    struct fake_pool *p = &fake.pools[s->cpupool_id < FAKE_POOLS ? s->cpupool_id : 0];
    bool get = s->cmd == XEN_SYSCTL_SCHEDOP_getinfo;

    if (s->cpupool_id >= FAKE_POOLS || !p->used) {
        return -ESRCH;
    }
    if (s->sched_id != p->sched_id) {
        return -EINVAL;
    }
    if (s->sched_id == XEN_SCHEDULER_CREDIT2) {
        if (!get) {
            p->ratelimit = s->u.sched_credit2.ratelimit_us;
        }
        s->u.sched_credit2.ratelimit_us = p->ratelimit;
        return 0;
    }
    if (get) {
        s->u.sched_credit = (struct xen_sysctl_credit_schedule){
            p->tslice, p->ratelimit, p->delay,
        };
    } else {
        p->tslice = s->u.sched_credit.tslice_ms;
        p->ratelimit = s->u.sched_credit.ratelimit_us;
        p->delay = s->u.sched_credit.vcpu_migr_delay_us;
    }
    return 0;
}

static long idle_times(struct xen_sysctl_getcpuinfo *c)
{
    uint32_t i;

    c->nr_cpus = c->max_cpus < fake.nr_cpus ? c->max_cpus : fake.nr_cpus;
    for (i = 0; i < c->nr_cpus; i++) {
        c->info[i].idletime = 1000000000ull * (i + 1);
    }
    return 0;
}

static long host_policy(struct xen_sysctl_cpu_policy *p)
{
    if (p->index > XEN_SYSCTL_cpu_policy_hvm_default) {
        return -EINVAL;
    }
    if (p->index == XEN_SYSCTL_cpu_policy_hvm_max ||
        p->index == XEN_SYSCTL_cpu_policy_hvm_default) {
        return -EOPNOTSUPP;
    }
    if (p->leaves) {
        p->leaves[0] = (struct xen_cpuid_leaf){ 0, XEN_CPUID_NO_SUBLEAF, 0xd, 1, 2, 3 };
        p->leaves[1] = (struct xen_cpuid_leaf){ 1, XEN_CPUID_NO_SUBLEAF, 0x800f12, 0, 5, 6 };
        p->msrs[0] = (struct xen_msr_entry){ 0xce, 0, 7 };
    }
    p->nr_leaves = 2;
    p->nr_msrs = 1;
    return 0;
}

long fake_sysctl(struct xen_sysctl *op)
{
    if (op->interface_version != XEN_SYSCTL_INTERFACE_VERSION) {
        return -EACCES;
    }
    switch (op->cmd) {
    case XEN_SYSCTL_physinfo:
        return physinfo(&op->u.physinfo);
    case XEN_SYSCTL_getdomaininfolist:
        return domain_list(&op->u.getdomaininfolist);
    case XEN_SYSCTL_sched_id:
        op->u.sched_id.sched_id = XEN_SCHEDULER_CREDIT2;
        return 0;
    case XEN_SYSCTL_cputopoinfo:
        return cpu_topology(&op->u.cputopoinfo);
    case XEN_SYSCTL_numainfo:
        return numa(&op->u.numainfo);
    case XEN_SYSCTL_pcitopoinfo:
        return pci_nodes(&op->u.pcitopoinfo);
    case XEN_SYSCTL_readconsole:
        return readconsole(&op->u.readconsole);
    case XEN_SYSCTL_debug_keys:
        return debug_keys(&op->u.debug_keys);
    case XEN_SYSCTL_cpupool_op:
        return pool_op(&op->u.cpupool_op);
    case XEN_SYSCTL_scheduler_op:
        return pool_parameters(&op->u.scheduler_op);
    case XEN_SYSCTL_getcpuinfo:
        return idle_times(&op->u.getcpuinfo);
    case XEN_SYSCTL_availheap:
        op->u.availheap.avail_bytes = fake.free_pages * 4096;
        return 0;
    case XEN_SYSCTL_get_cpu_policy:
        return host_policy(&op->u.cpu_policy);
    default:
        return -ENOSYS;
    }
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* The model's domains: domctl, memory_op and event channels as tools use them (fake.h). */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <public/event_channel.h>
#include <public/memory.h>

#include "fake.h"

struct fake_domain *fake_domain(uint32_t id)
{
    return id < 0x7ff0 ? fake.domains[id] : NULL;
}

uint64_t fake_domain_pages(uint32_t id)
{
    return fake_domain(id) ? fake_domain(id)->nr_pages : 0;
}

static struct fake_domain *domain_make(uint32_t id, uint32_t max_vcpus)
{
    struct fake_domain *d = calloc(1, sizeof(*d));
    uint32_t i;

    if (!d || !(d->vcpus = calloc(max_vcpus ? max_vcpus : 1, sizeof(*d->vcpus)))) {
        abort();
    }
    d->id = id;
    d->max_vcpus = max_vcpus;
    d->weight = 256;
    d->nodes = 1;
    for (i = 0; i < max_vcpus; i++) {
        d->vcpus[i].hard = d->vcpus[i].soft = UINT64_MAX;
        d->vcpus[i].cpu = i % fake.nr_cpus;
    }
    fake.domains[id] = d;
    d->shared_info_mfn = fake_frame_alloc(id);
    return d;
}

struct fake_domain *fake_domain_add(uint32_t id, const char *name, uint64_t pages,
                                    uint32_t vcpus)
{
    struct fake_domain *d;
    char path[64];
    uint64_t i;

    if (fake_domain(id)) {
        return NULL;
    }
    d = domain_make(id, vcpus);
    for (i = 0; i < vcpus; i++) {
        d->vcpus[i].online = true;
    }
    /* Frames are not handed out one by one: nothing will look at them. */
    d->nr_pages = d->unbacked_pages = pages;
    d->max_pages = pages + 256;
    fake.free_pages -= pages;
    d->uuid[15] = (uint8_t)id;
    snprintf(path, sizeof(path), "/local/domain/%u/name", id);
    fake_store_set(path, name);
    return d;
}

void fake_domain_end(struct fake_domain *d)
{
    uint64_t mfn;

    for (mfn = 0; mfn < FAKE_FRAMES; mfn++) {
        if (fake.owner[mfn] == d->id) {
            fake_frame_free(mfn);
        }
    }
    fake.free_pages += d->unbacked_pages;
    fake.domains[d->id] = NULL;
    fake_hvm_free(d);
    free(d->vcpus);
    free(d);
}

int fake_port_alloc(struct fake_domain *d)
{
    unsigned int port;

    for (port = 1; port < FAKE_PORTS; port++) {
        if (d->ports[port].status == EVTCHNSTAT_closed) {
            return (int)port;
        }
    }
    return -ENOSPC;
}

/* --- domctl --- */

static uint32_t pick_id(void)
{
    uint32_t i;

    for (i = 0; i < 0x7fef; i++) {
        uint32_t id = fake.next_domid;

        fake.next_domid = fake.next_domid < 0x7fef ? fake.next_domid + 1 : 1;
        if (!fake.domains[id]) {
            return id;
        }
    }
    return 0;
}

static long create(struct xen_domctl *op)
{
    const struct xen_domctl_createdomain *c = &op->u.createdomain;
    uint32_t id = op->domain == 0 || op->domain >= 0x7ff0 ? pick_id() : op->domain;
    bool hvm = c->flags & XEN_DOMCTL_CDF_hvm;
    struct fake_domain *d;

    if (fake_domain(id)) {
        return -EEXIST;
    }
    if (c->max_vcpus == 0 || c->max_vcpus > FAKE_VCPUS ||
        c->arch.emulation_flags != (hvm ? XEN_X86_EMU_LAPIC : 0)) {
        return -EINVAL;
    }
    if (hvm && (!fake.hvm || !(c->flags & XEN_DOMCTL_CDF_hap))) {
        return -EOPNOTSUPP;
    }
    if (c->cpupool_id >= FAKE_POOLS || !fake.pools[c->cpupool_id].used) {
        return -ESRCH;
    }
    d = domain_make(id, c->max_vcpus);
    memcpy(d->uuid, c->handle, sizeof(d->uuid));
    d->pauses = 1;
    d->hvm = hvm;
    d->pool = c->cpupool_id;
    d->ssidref = c->ssidref;
    d->xs_domain = c->flags & XEN_DOMCTL_CDF_xs_domain;
    op->domain = (domid_t)id;
    return 0;
}

void fake_fill_info(const struct fake_domain *d, struct xen_domctl_getdomaininfo *info)
{
    unsigned int i;

    memset(info, 0, sizeof(*info));
    info->domain = (domid_t)d->id;
    info->flags = (d->dying ? XEN_DOMINF_dying : 0) | (d->shutdown ? XEN_DOMINF_shutdown : 0) |
                  (d->pauses ? XEN_DOMINF_paused : 0) | (d->debugged ? XEN_DOMINF_debugged : 0) |
                  (d->blocked ? XEN_DOMINF_blocked : 0) | (d->running ? XEN_DOMINF_running : 0) |
                  (d->xs_domain ? XEN_DOMINF_xs_domain : 0) |
                  (d->hvm ? XEN_DOMINF_hvm_guest | XEN_DOMINF_hap : 0) |
                  (d->shutdown ? d->shutdown_reason : XEN_DOMINF_shutdownmask)
                      << XEN_DOMINF_shutdownshift;
    info->tot_pages = d->nr_pages;
    info->max_pages = d->max_pages;
    info->outstanding_pages = d->outstanding;
    info->shared_info_frame = d->shared_info_mfn;
    info->ssidref = d->ssidref;
    info->cpupool = d->pool;
    info->max_vcpu_id = d->max_vcpus ? d->max_vcpus - 1 : 0xffffffff;
    memcpy(info->handle, d->uuid, sizeof(d->uuid));
    for (i = 0; i < d->max_vcpus; i++) {
        info->nr_online_vcpus += d->vcpus[i].online;
        info->cpu_time += d->vcpus[i].time_ns;
    }
}

static long get_info(struct xen_domctl *op)
{
    uint32_t id = op->domain;
    struct fake_domain *d = id < 0x7ff0 ? fake.domains[id] : NULL;

    if (d && d->dying && fake.linger && --fake.linger == 0) {
        fake_domain_end(d);
    }
    while (id < 0x7ff0 && !fake.domains[id]) {
        id++;
    }
    if (id >= 0x7ff0) {
        return -ESRCH;
    }
    op->domain = (domid_t)id;
    fake_fill_info(fake.domains[id], &op->u.getdomaininfo);
    return 0;
}

static struct fake_vcpu *vcpu_of(struct fake_domain *d, uint32_t vcpu)
{
    return vcpu < d->max_vcpus ? &d->vcpus[vcpu] : NULL;
}

static long vcpu_context(struct fake_domain *d, struct xen_domctl *op)
{
    struct fake_vcpu *v = vcpu_of(d, op->u.vcpucontext.vcpu);

    if (!v) {
        return -EINVAL;
    }
    if (op->cmd == XEN_DOMCTL_getvcpucontext) {
        if (!v->has_context) {
            return -ENODATA;
        }
        *op->u.vcpucontext.ctxt = v->context;
        return 0;
    }
    if (d->hvm) {
        return -EOPNOTSUPP;
    }
    v->context = *op->u.vcpucontext.ctxt;
    v->has_context = true;
    v->online = v->context.flags & VGCF_online;
    return 0;
}

static long vcpu_info(struct fake_domain *d, struct xen_domctl_getvcpuinfo *info)
{
    const struct fake_vcpu *v = vcpu_of(d, info->vcpu);

    if (!v) {
        return -ESRCH;
    }
    info->online = v->online;
    info->blocked = v->blocked;
    info->running = v->running;
    info->cpu_time = v->time_ns;
    info->cpu = v->cpu;
    return 0;
}

static void put_bitmap(struct xenctl_bitmap *map, uint64_t bits)
{
    uint64_t all = bits & (fake.nr_cpus < 64 ? (1ull << fake.nr_cpus) - 1 : UINT64_MAX);

    memcpy(map->bitmap, &all, (map->nr_bits + 7) / 8 < 8 ? (map->nr_bits + 7) / 8 : 8);
}

static uint64_t get_bitmap(const struct xenctl_bitmap *map)
{
    uint64_t bits = 0;

    memcpy(&bits, map->bitmap, (map->nr_bits + 7) / 8 < 8 ? (map->nr_bits + 7) / 8 : 8);
    return bits;
}

static long affinity(struct fake_domain *d, struct xen_domctl *op)
{
    struct xen_domctl_vcpuaffinity *a = &op->u.vcpuaffinity;
    struct fake_vcpu *v = vcpu_of(d, a->vcpu);
    uint64_t pool = fake.pools[d->pool].cpus;
    bool set = op->cmd == XEN_DOMCTL_setvcpuaffinity;

    if (!v) {
        return -EINVAL;
    }
    if (set && (a->flags & XEN_VCPUAFFINITY_HARD) && !(get_bitmap(&a->cpumap_hard) & pool)) {
        return -EINVAL;
    }
    if (a->flags & XEN_VCPUAFFINITY_HARD) {
        v->hard = set ? get_bitmap(&a->cpumap_hard) : v->hard;
        put_bitmap(&a->cpumap_hard, set ? v->hard & pool : v->hard);
    }
    if (a->flags & XEN_VCPUAFFINITY_SOFT) {
        v->soft = set ? get_bitmap(&a->cpumap_soft) : v->soft;
        put_bitmap(&a->cpumap_soft, set ? v->soft & pool : v->soft);
    }
    return 0;
}

#define RTDS_PERIOD 10000u
#define RTDS_BUDGET 4000u
#define RTDS_LEAST  10u

static long rtds_of(struct fake_domain *d, const struct xen_domctl_scheduler_op *s)
{
    for (uint32_t i = 0; i < s->u.v.nr_vcpus; i++) {
        struct xen_domctl_schedparam_vcpu *param = &s->u.v.vcpus[i];
        struct fake_vcpu *v = vcpu_of(d, param->vcpuid);

        if (!v) {
            return -EINVAL;
        }
        if (s->cmd == XEN_DOMCTL_SCHEDOP_getvcpuinfo) {
            param->u.rtds = (struct xen_domctl_sched_rtds){
                v->period ? v->period : RTDS_PERIOD, v->period ? v->budget : RTDS_BUDGET,
                v->period ? v->extra : XEN_DOMCTL_SCHEDRT_extra,
            };
        } else if (param->u.rtds.budget < RTDS_LEAST ||
                   param->u.rtds.period < param->u.rtds.budget) {
            return -EINVAL;
        } else {
            v->period = param->u.rtds.period;
            v->budget = param->u.rtds.budget;
            v->extra = param->u.rtds.flags;
        }
    }
    return 0;
}

static long share(struct fake_domain *d, struct xen_domctl_scheduler_op *s)
{
    if (s->sched_id != fake.pools[d->pool].sched_id) {
        return -EINVAL;
    }
    if (s->sched_id == XEN_SCHEDULER_RTDS) {
        return s->cmd == XEN_DOMCTL_SCHEDOP_getvcpuinfo ||
               s->cmd == XEN_DOMCTL_SCHEDOP_putvcpuinfo ? rtds_of(d, s) : -EINVAL;
    }
    if (s->cmd == XEN_DOMCTL_SCHEDOP_getinfo) {
        s->u.credit = (struct xen_domctl_sched_credit){ (uint16_t)d->weight, (uint16_t)d->cap };
        return 0;
    }
    if (s->cmd != XEN_DOMCTL_SCHEDOP_putinfo) {
        return -EINVAL;
    }
    d->weight = s->u.credit.weight ? s->u.credit.weight : d->weight;
    d->cap = s->u.credit.cap;
    return 0;
}

static long policy(struct xen_domctl_cpu_policy *p, bool set)
{
    static const struct xen_cpuid_leaf leaf = { 0, XEN_CPUID_NO_SUBLEAF, 0xd, 1, 2, 3 };

    p->err_leaf = p->err_subleaf = p->err_msr = UINT32_MAX;
    if (set) {
        if (p->nr_leaves > 0 && p->leaves[0].leaf == 0x1234) {
            p->err_leaf = 0x1234;
            p->err_subleaf = p->leaves[0].subleaf;
            return -ERANGE;
        }
        return 0;
    }
    if (p->leaves) {
        if (p->nr_leaves < 1) {
            return -ENOBUFS;
        }
        p->leaves[0] = leaf;
    }
    p->nr_leaves = 1;
    p->nr_msrs = 0;
    return 0;
}

static long frame_types(struct fake_domain *d, struct xen_domctl_getpageframeinfo3 *p)
{
    uint64_t i;

    for (i = 0; i < p->num; i++) {
        if (d->hvm) {
            p->array[i] = fake_hvm_frame(d, p->array[i]);
        }
        if (p->array[i] >= FAKE_FRAMES || fake.owner[p->array[i]] != d->id) {
            p->array[i] = XEN_DOMCTL_PFINFO_XTAB;
        } else if (p->array[i] == d->pinned_mfn) {
            p->array[i] = XEN_DOMCTL_PFINFO_L4TAB | XEN_DOMCTL_PFINFO_LPINTAB;
        } else {
            p->array[i] = XEN_DOMCTL_PFINFO_NOTAB;
        }
    }
    return 0;
}

static long unpause(struct fake_domain *d)
{
    if (d->pauses == 0) {
        return -EINVAL;
    }
    d->pauses--;
    return 0;
}

static long trigger(struct fake_domain *d, const struct xen_domctl_sendtrigger *t)
{
    if (t->trigger == XEN_DOMCTL_SENDTRIGGER_POWER || t->trigger == XEN_DOMCTL_SENDTRIGGER_SLEEP) {
        return -EINVAL;
    }
    if (t->trigger != XEN_DOMCTL_SENDTRIGGER_NMI) {
        return -ENOSYS;
    }
    if (t->vcpu >= d->max_vcpus) {
        return -ESRCH;
    }
    d->triggers++;
    d->last_trigger = t->trigger;
    return 0;
}

/* Operations that need the domain; a few more lines each than the table above them. */
static long with_domain(struct fake_domain *d, struct xen_domctl *op)
{
    switch (op->cmd) {
    case XEN_DOMCTL_destroydomain:
        if (d->id == 0) {
            return -EINVAL;
        }
        d->dying = fake.linger;
        if (!d->dying) {
            fake_domain_end(d);
        }
        return 0;
    case XEN_DOMCTL_pausedomain:
        d->pauses++;
        return 0;
    case XEN_DOMCTL_unpausedomain:
        return unpause(d);
    case XEN_DOMCTL_resumedomain:
        d->shutdown = false;
        return 0;
    case XEN_DOMCTL_max_mem:
        d->max_pages = op->u.max_mem.max_memkb / 4;
        return 0;
    case XEN_DOMCTL_max_vcpus:
        return op->u.max_vcpus.max == d->max_vcpus ? 0 : -EINVAL;
    case XEN_DOMCTL_setvcpucontext:
    case XEN_DOMCTL_getvcpucontext:
        return vcpu_context(d, op);
    case XEN_DOMCTL_getvcpuinfo:
        return vcpu_info(d, &op->u.getvcpuinfo);
    case XEN_DOMCTL_setvcpuaffinity:
    case XEN_DOMCTL_getvcpuaffinity:
        return affinity(d, op);
    case XEN_DOMCTL_scheduler_op:
        return share(d, &op->u.scheduler_op);
    case XEN_DOMCTL_sendtrigger:
        return trigger(d, &op->u.sendtrigger);
    case XEN_DOMCTL_get_cpu_policy:
    case XEN_DOMCTL_set_cpu_policy:
        return policy(&op->u.cpu_policy, op->cmd == XEN_DOMCTL_set_cpu_policy);
    case XEN_DOMCTL_getpageframeinfo3:
        return frame_types(d, &op->u.getpageframeinfo3);
    case XEN_DOMCTL_sethvmcontext:
    case XEN_DOMCTL_gethvmcontext:
        return fake_hvm_state(d, op);
    default:
        return -ENOSYS;
    }
}

/* Values that are only kept. */
static long keep_value(struct fake_domain *d, struct xen_domctl *op)
{
    switch (op->cmd) {
    case XEN_DOMCTL_setdomainhandle:
        memcpy(d->uuid, op->u.setdomainhandle.handle, sizeof(d->uuid));
        return 0;
    case XEN_DOMCTL_setdebugging:
        d->debugged = op->u.setdebugging.enable;
        return 0;
    case XEN_DOMCTL_settimeoffset:
        d->time_offset = op->u.settimeoffset.time_offset_seconds;
        return 0;
    case XEN_DOMCTL_settscinfo:
        d->tsc = op->u.tsc_info;
        return d->tsc.tsc_mode <= 3 ? 0 : -EINVAL;
    case XEN_DOMCTL_gettscinfo:
        op->u.tsc_info = d->tsc;
        return 0;
    case XEN_DOMCTL_set_address_size:
        return op->u.address_size.size == 64 ? 0 : -EOPNOTSUPP;
    case XEN_DOMCTL_get_address_size:
        op->u.address_size.size = 64;
        return 0;
    case XEN_DOMCTL_hypercall_init:
        d->hypercall_page_mfn = op->u.hypercall_init.gmfn;
        return 0;
    case XEN_DOMCTL_set_target:
        d->target = op->u.set_target.target;
        return fake_domain(d->target) ? 0 : -ESRCH;
    case XEN_DOMCTL_setnodeaffinity:
        d->nodes = get_bitmap(&op->u.nodeaffinity.nodemap);
        return d->nodes & 1 ? 0 : -EINVAL;
    case XEN_DOMCTL_getnodeaffinity:
        put_bitmap(&op->u.nodeaffinity.nodemap, d->nodes);
        return 0;
    case XEN_DOMCTL_set_paging_mempool_size:
        d->paging_bytes = op->u.paging_mempool.size;
        return d->hvm ? 0 : -EINVAL;
    case XEN_DOMCTL_iomem_permission:
    case XEN_DOMCTL_ioport_permission:
    case XEN_DOMCTL_irq_permission:
        return 0;
    default:
        return with_domain(d, op);
    }
}

long fake_domctl(struct xen_domctl *op)
{
    struct fake_domain *d;

    if (op->interface_version != XEN_DOMCTL_INTERFACE_VERSION) {
        return -EACCES;
    }
    if (op->cmd == XEN_DOMCTL_createdomain) {
        return create(op);
    }
    if (op->cmd == XEN_DOMCTL_getdomaininfo) {
        return get_info(op);
    }
    d = fake_domain(op->domain);
    return d ? keep_value(d, op) : -ESRCH;
}

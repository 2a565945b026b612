/* SPDX-License-Identifier: BSD-2-Clause */
/* The model's xen_version, memory_op and event_channel_op (fake.h). */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <public/event_channel.h>
#include <public/memory.h>
#include <public/version.h>

#include "fake.h"

long fake_version(unsigned int cmd, void *arg)
{
    static const char build_id[] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 };

    switch (cmd) {
    case XENVER_version:
        return 4 << 16 | 17;
    case XENVER_extraversion:
        strcpy(arg, ".7");
        return 0;
    case XENVER_capabilities:
        strcpy(arg, fake.hvm ? "xen-3.0-x86_64 hvm-3.0-x86_32 hvm-3.0-x86_32p hvm-3.0-x86_64 "
                             : "xen-3.0-x86_64 ");
        return 0;
    case XENVER_changeset:
        strcpy(arg, "model");
        return 0;
    case XENVER_commandline:
        strcpy(arg, "dom0_mem=512M");
        return 0;
    case XENVER_compile_info:
        *(struct xen_compile_info *)arg = (struct xen_compile_info){
            "gcc", "someone", "somewhere", "some day",
        };
        return 0;
    case XENVER_platform_parameters:
        ((struct xen_platform_parameters *)arg)->virt_start = HYPERVISOR_VIRT_START;
        return 0;
    case XENVER_pagesize:
        return 4096;
    case XENVER_build_id:
        if (((struct xen_build_id *)arg)->len < sizeof(build_id)) {
            return -ENOBUFS;
        }
        memcpy(((struct xen_build_id *)arg)->buf, build_id, sizeof(build_id));
        return sizeof(build_id);
    default:
        return -ENOSYS;
    }
}

/* --- memory --- */

/* 2^order frames one behind the other, from an aligned number on; 0: there are none. */
static uint64_t alloc_run(uint32_t domid, unsigned int order)
{
    uint64_t nr = 1ull << order, first, i;
    static uint64_t hint;

    if (order == 0) {
        return fake_frame_alloc(domid);
    }
    /* The first frames belong to nobody. */
    first = hint > nr ? (hint + nr - 1) / nr * nr : nr;
    for (; first + nr <= FAKE_FRAMES; first += nr) {
        for (i = 0; i < nr && fake.owner[first + i] == FAKE_FREE; i++) {
        }
        if (i == nr) {
            break;
        }
    }
    hint = first + nr <= FAKE_FRAMES ? first + nr : 0;
    if (first + nr > FAKE_FRAMES) {
        return 0;
    }
    for (i = 0; i < nr; i++) {
        fake.owner[first + i] = (uint16_t)domid;
    }
    fake.free_pages -= nr;
    return first;
}

/* For a domain's extent. */
static uint64_t alloc_for(struct fake_domain *d, unsigned int order)
{
    if (!fake.one_large || !d->hvm || order == 0) {
        return alloc_run(d->id, order);
    }
    if (!d->large_mfn) {
        d->large_mfn = alloc_run(d->id, order);
    }
    return d->large_mfn;
}

static long populate(struct xen_memory_reservation *r)
{
    struct fake_domain *d = fake_domain(r->domid);
    uint64_t i, mfn;

    for (i = 0; d && i < r->nr_extents; i++) {
        if (d->nr_pages + (1ull << r->extent_order) > d->max_pages ||
            fake.free_pages < 1ull << r->extent_order) {
            break;
        }
        mfn = alloc_for(d, r->extent_order);
        if (!mfn || (d->hvm && !fake_hvm_place(d, r->extent_start[i], mfn, r->extent_order))) {
            break;
        }
        r->extent_start[i] = d->hvm ? r->extent_start[i] : mfn;
        d->nr_pages += 1ull << r->extent_order;
        d->outstanding -= d->outstanding < 1ull << r->extent_order ? d->outstanding
                                                                   : 1ull << r->extent_order;
    }
    return d ? (long)(i + fake.too_many) : 0;
}

static long take(const struct xen_memory_reservation *r)
{
    uint64_t i;

    for (i = 0; fake_domain(r->domid) && i < r->nr_extents; i++) {
        if (r->extent_start[i] >= FAKE_FRAMES || fake.owner[r->extent_start[i]] != r->domid) {
            break;
        }
        fake_frame_free(r->extent_start[i]);
        fake_domain(r->domid)->nr_pages--;
    }
    return fake_domain(r->domid) ? (long)i : 0;
}

static long claim(const struct xen_memory_reservation *r)
{
    struct fake_domain *d = fake_domain(r->domid);

    if (!d) {
        return -ESRCH;
    }
    if (r->nr_extents > fake.free_pages) {
        return -ENOMEM;
    }
    fake.claims++;
    d->outstanding = r->nr_extents > d->nr_pages ? r->nr_extents - d->nr_pages : 0;
    return 0;
}

static long set_map(const struct xen_foreign_memory_map *m)
{
    struct fake_domain *d = fake_domain(m->domid);
    uint64_t entry[2];

    if (!d) {
        return -ESRCH;
    }
    d->nr_map = m->map.nr_entries;
    if (d->nr_map > 0) {
        memcpy(entry, (const char *)m->map.buffer + (d->nr_map - 1) * 20, sizeof(entry));
        d->map_end = entry[0] + entry[1];
        memcpy(d->map, m->map.buffer, (d->nr_map < 8 ? d->nr_map : 8) * 20);
    }
    return 0;
}

static long host_map(struct xen_memory_map *m)
{
    const uint64_t start = 0, size = fake.total_pages * 4096;
    const uint32_t type = 1;

    if (m->nr_entries < 1) {
        return -EINVAL;
    }
    memcpy(m->buffer, &start, 8);
    memcpy((char *)m->buffer + 8, &size, 8);
    memcpy((char *)m->buffer + 16, &type, 4);
    m->nr_entries = 1;
    return 0;
}

static long of_domain(unsigned int cmd, const struct xen_memory_domain *arg)
{
    struct fake_domain *d = fake_domain(arg->domid);

    if (!d) {
        return -ESRCH;
    }
    return (long)(cmd == XENMEM_current_reservation ? d->nr_pages :
                  cmd == XENMEM_maximum_reservation ? d->max_pages :
                  d->hvm ? fake_hvm_last(d) : d->nr_pages - 1);
}

long fake_memory_op(unsigned int cmd, void *arg)
{
    switch (cmd) {
    case XENMEM_populate_physmap:
        return populate(arg);
    case XENMEM_decrease_reservation:
        return take(arg);
    case XENMEM_claim_pages:
        return claim(arg);
    case XENMEM_set_memory_map:
        return set_map(arg);
    case XENMEM_machine_memory_map:
        return host_map(arg);
    case XENMEM_current_reservation:
    case XENMEM_maximum_reservation:
    case XENMEM_maximum_gpfn:
        return of_domain(cmd, arg);
    case XENMEM_maximum_ram_page:
        return FAKE_FRAMES - 1;
    case XENMEM_get_sharing_freed_pages:
    case XENMEM_get_sharing_shared_pages:
        return 0;
    default:
        return -ENOSYS;
    }
}

/* --- events --- */

static long port_status(struct evtchn_status *s)
{
    struct fake_domain *d = fake_domain(s->dom);
    const struct fake_port *p;

    if (!d) {
        return -ESRCH;
    }
    if (s->port >= FAKE_PORTS) {
        return -EINVAL;
    }
    p = &d->ports[s->port];
    s->status = p->status;
    s->vcpu = 0;
    if (p->status == EVTCHNSTAT_unbound) {
        s->u.unbound.dom = (domid_t)p->domid;
    } else if (p->status == EVTCHNSTAT_interdomain) {
        s->u.interdomain.dom = (domid_t)p->domid;
        s->u.interdomain.port = p->port;
    } else if (p->status == EVTCHNSTAT_virq) {
        s->u.virq = p->virq;
    }
    return 0;
}

long fake_event_op(unsigned int cmd, void *arg)
{
    struct evtchn_alloc_unbound *alloc = arg;
    struct fake_domain *d;
    int port;

    if (cmd == EVTCHNOP_status) {
        return port_status(arg);
    }
    if (cmd != EVTCHNOP_alloc_unbound) {
        return -ENOSYS;
    }
    d = fake_domain(alloc->dom);
    if (!d) {
        return -ESRCH;
    }
    port = fake_port_alloc(d);
    if (port < 0) {
        return port;
    }
    d->ports[port] = (struct fake_port){
        .status = EVTCHNSTAT_unbound, .domid = alloc->remote_dom,
    };
    alloc->port = (evtchn_port_t)port;
    return 0;
}

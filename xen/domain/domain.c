/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Domains: the list, references, making and unmaking. What a domain consists of belongs to the
 * modules; here is the order in which they are asked.
 *
 * A domain is on the list of all, in the order of ids, and in a hash by id: hypercalls name domains
 * by it, and that must not cost more the more there are.
 *
 * Lock: LOCK_DOMAIN_LIST for both. A domain on the list has at least one reference until it is
 * dead.
 */
#include <public/sched.h>
#include <xen/alloc.h>
#include <xen/arch.h>
#include <xen/bug.h>
#include <xen/console.h>
#include <xen/domain.h>
#include <xen/errno.h>
#include <xen/event.h>
#include <xen/grant.h>
#include <xen/printf.h>
#include <xen/sched.h>
#include <xen/time.h>

struct domain *dom_xen, *dom_io, *hardware_domain;

#define HASH_SIZE 256u

static struct domain *domain_list;
static struct domain *domain_hash[HASH_SIZE];
static struct spinlock list_lock = SPINLOCK_INIT(LOCK_DOMAIN_LIST);

static int shared_info_alloc(struct domain *d)
{
    d->shared_info = hv_page_alloc();
    if (d->shared_info == NULL) {
        return -ENOMEM;
    }
    for (unsigned int i = 0; i < ARRAY_SIZE(d->shared_info->vcpu_info); i++) {
        d->shared_info->vcpu_info[i].evtchn_upcall_mask = 1;
    }
    page_share_with_domain(virt_to_page(d->shared_info), d, true);
    return 0;
}

static struct domain **hash_head(domid_t id)
{
    return &domain_hash[id % HASH_SIZE];
}

/* The list's lock is held. */
static struct domain *find_locked(domid_t id)
{
    struct domain *d = *hash_head(id);

    while (d != NULL && d->id != id) {
        d = d->hash_next;
    }
    return d;
}

/* In the list's order, by id. -EEXIST if the id is taken. */
static int list_add(struct domain *d)
{
    struct domain **p = &domain_list;
    int rc = -EEXIST;

    spin_lock(&list_lock);
    while (*p != NULL && (*p)->id < d->id) {
        p = &(*p)->next;
    }
    if (*p == NULL || (*p)->id != d->id) {
        d->next = *p;
        *p = d;
        d->hash_next = *hash_head(d->id);
        *hash_head(d->id) = d;
        rc = 0;
    }
    spin_unlock(&list_lock);
    return rc;
}

/* The list's lock is held; @d is in it. */
static void list_del(const struct domain *d)
{
    struct domain **p = &domain_list;

    while (*p != d) {
        p = &(*p)->next;
    }
    *p = d->next;
    p = hash_head(d->id);
    while (*p != d) {
        p = &(*p)->hash_next;
    }
    *p = d->hash_next;
}

static struct domain *struct_alloc(domid_t id)
{
    struct domain *d = heap_new(struct domain);

    if (d != NULL) {
        d->id = id;
        d->references = 1;
        spin_init(&d->shutdown_lock, LOCK_VCPU_STATE);
    }
    return d;
}

static void struct_free(struct domain *d)
{
    heap_free(d->vcpu);
    heap_free(d);
}

int domain_create(domid_t id, const struct domain_config *cfg, struct domain **out)
{
    struct domain *d = struct_alloc(id);
    int rc = -ENOMEM;

    if (d == NULL) {
        return -ENOMEM;
    }
    d->is_control = cfg->is_control;
    d->is_hardware = cfg->is_hardware;
    d->max_vcpus = cfg->max_vcpus;
    d->pause_count = 1;
    d->controller_pause_count = 1;
    d->vcpu = heap_alloc_array(cfg->max_vcpus, sizeof(d->vcpu[0]));
    if (d->vcpu == NULL) {
        goto free_struct;
    }
    rc = domain_memory_init(d);
    if (rc != 0) {
        goto free_struct;
    }
    rc = shared_info_alloc(d);
    if (rc != 0) {
        goto fini_memory;
    }
    rc = sched_domain_init(d);
    if (rc != 0) {
        goto free_shared_info;
    }
    rc = event_domain_init(d, cfg->max_event_port);
    if (rc != 0) {
        goto fini_sched;
    }
    rc = grant_domain_init(d, cfg->max_grant_frames, cfg->max_maptrack_frames);
    if (rc != 0) {
        goto fini_event;
    }
    rc = arch_domain_init(d, cfg);
    if (rc != 0) {
        goto fini_grant;
    }
    rc = list_add(d);
    if (rc != 0) {
        goto fini_arch;
    }
    wallclock_update_domain(d);
    *out = d;
    return 0;

fini_arch:
    arch_domain_fini(d);
fini_grant:
    grant_domain_fini(d);
fini_event:
    event_domain_fini(d);
fini_sched:
    sched_domain_fini(d);
free_shared_info:
    page_unshare_and_free(virt_to_page(d->shared_info));
fini_memory:
    domain_memory_fini(d);
free_struct:
    struct_free(d);
    return rc;
}

struct domain *domain_get_next(domid_t id)
{
    struct domain *d;

    spin_lock(&list_lock);
    d = find_locked(id);
    if (d == NULL) {
        for (d = domain_list; d != NULL && d->id < id; d = d->next) {
            continue;
        }
    }
    if (d != NULL) {
        domain_hold(d);
    }
    spin_unlock(&list_lock);
    return d;
}

struct domain *domain_get(domid_t id)
{
    struct domain *d;

    spin_lock(&list_lock);
    d = find_locked(id);
    if (d != NULL) {
        domain_hold(d);
    }
    spin_unlock(&list_lock);
    return d;
}

void domain_hold(struct domain *d)
{
    int32_t old = __atomic_fetch_add(&d->references, 1, __ATOMIC_RELAXED);

    BUG_ON(old <= 0 || old == INT32_MAX);
}

/* Nobody refers to @d any more: no page, no vCPU that runs, no handle. */
static void domain_free(struct domain *d)
{
    struct vcpu *v;
    unsigned int i;

    for_each_vcpu (d, v, i) {
        vcpu_destroy(v);
    }
    arch_domain_fini(d);
    grant_domain_fini(d);
    event_domain_fini(d);
    sched_domain_fini(d);
    page_unshare_and_free(virt_to_page(d->shared_info));
    domain_memory_fini(d);
    struct_free(d);
}

void domain_put(struct domain *d)
{
    int32_t old = __atomic_load_n(&d->references, __ATOMIC_RELAXED);
    bool last;

    while (old > 1) {
        if (__atomic_compare_exchange_n(&d->references, &old, old - 1, true, __ATOMIC_RELEASE,
                                        __ATOMIC_RELAXED)) {
            return;
        }
    }
    /* Perhaps the last one: nobody may find it in the list meanwhile. */
    spin_lock(&list_lock);
    last = __atomic_sub_fetch(&d->references, 1, __ATOMIC_ACQ_REL) == 0;
    if (last) {
        list_del(d);
    }
    spin_unlock(&list_lock);
    if (last) {
        domain_free(d);
    }
}

void domain_crash(struct domain *d, const char *why, ...)
{
    char text[160];
    va_list ap;

    va_start(ap, why);
    vsnprintf(text, sizeof(text), why, ap);
    va_end(ap);
    if (!d->is_shut_down) {
        log_guest(LOG_ERR, "Domain %u is crashed: %s\n", d->id, text);
    }
    domain_shutdown(d, SHUTDOWN_crash);
}

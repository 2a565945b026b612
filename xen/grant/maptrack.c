/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The mappings a domain holds, by handle: a table that grows by pages up to a limit, with a list of
 * free entries. Unmapping claims an entry, works on it, and releases it: two vCPUs that name one
 * handle don't both succeed.
 * Lock: maptrack_lock for the list and for growing; an entry in use is passed on by its state.
 */
#include <xen/alloc.h>
#include <xen/bug.h>
#include <xen/compiler.h>
#include <xen/domain.h>
#include <xen/errno.h>
#include <xen/hypercall.h>

#include "table.h"

int grant_maptrack_init(struct grant_table *t, unsigned int max_pages)
{
    t->max_maptrack = max_pages;
    t->first_free = NO_MAPPING;
    t->maptrack = heap_alloc_array(max_pages, sizeof(t->maptrack[0]));
    return t->maptrack != NULL ? 0 : -ENOMEM;
}

void grant_maptrack_fini(struct grant_table *t)
{
    for (unsigned int i = 0; i < t->nr_maptrack; i++) {
        hv_page_free(t->maptrack[i]);
    }
    heap_free(t->maptrack);
}

static struct grant_mapping *mapping_of(const struct grant_table *t, grant_handle_t handle)
{
    return &t->maptrack[handle / MAPPINGS_PER_PAGE][handle % MAPPINGS_PER_PAGE];
}

/* Adds a page of free entries, lowest handle first. */
static bool maptrack_grow(struct grant_table *t)
{
    uint32_t base = t->nr_maptrack * MAPPINGS_PER_PAGE;
    struct grant_mapping *page;

    if (t->nr_maptrack == t->max_maptrack) {
        return false;
    }
    page = hv_page_alloc();
    if (page == NULL) {
        return false;
    }
    for (uint32_t i = 0; i < MAPPINGS_PER_PAGE; i++) {
        page[i].next_free = base + i + 1;
    }
    page[MAPPINGS_PER_PAGE - 1].next_free = t->first_free;
    t->first_free = base;
    t->maptrack[t->nr_maptrack] = page;
    __atomic_store_n(&t->nr_maptrack, t->nr_maptrack + 1, __ATOMIC_RELEASE);
    return true;
}

grant_handle_t grant_maptrack_reserve(struct grant_table *t)
{
    grant_handle_t handle = NO_MAPPING;

    spin_lock(&t->maptrack_lock);
    if (likely(t->first_free != NO_MAPPING) || maptrack_grow(t)) {
        handle = t->first_free;
        t->first_free = mapping_of(t, handle)->next_free;
        mapping_of(t, handle)->state = MAPPING_RESERVED;
        t->nr_mappings++;
    }
    spin_unlock(&t->maptrack_lock);
    return handle;
}

void grant_maptrack_publish(struct grant_table *t, grant_handle_t handle,
                            const struct grant_mapping *m)
{
    struct grant_mapping *entry = mapping_of(t, handle);

    entry->granter = m->granter;
    entry->ref = m->ref;
    entry->kinds = m->kinds;
    __atomic_store_n(&entry->state, MAPPING_LIVE, __ATOMIC_RELEASE);
}

void grant_maptrack_cancel(struct grant_table *t, grant_handle_t handle)
{
    struct grant_mapping *entry = mapping_of(t, handle);

    spin_lock(&t->maptrack_lock);
    entry->state = MAPPING_FREE;
    entry->next_free = t->first_free;
    t->first_free = handle;
    t->nr_mappings--;
    spin_unlock(&t->maptrack_lock);
}

bool grant_maptrack_claim(struct grant_table *t, grant_handle_t handle, struct grant_mapping *m)
{
    struct grant_mapping *entry;
    uint8_t state = MAPPING_LIVE;

    if (handle >= __atomic_load_n(&t->nr_maptrack, __ATOMIC_ACQUIRE) * MAPPINGS_PER_PAGE) {
        return false;
    }
    entry = mapping_of(t, handle);
    if (!__atomic_compare_exchange_n(&entry->state, &state, MAPPING_BUSY, false,
                                     __ATOMIC_ACQUIRE, __ATOMIC_RELAXED)) {
        return false;
    }
    *m = *entry;
    return true;
}

void grant_maptrack_release(struct grant_table *t, grant_handle_t handle, uint8_t kinds)
{
    struct grant_mapping *entry = mapping_of(t, handle);

    BUG_ON(entry->state != MAPPING_BUSY);
    if (kinds & KIND_MASK) {
        entry->kinds = kinds;
        __atomic_store_n(&entry->state, MAPPING_LIVE, __ATOMIC_RELEASE);
    } else {
        grant_maptrack_cancel(t, handle);
    }
}

int grant_domain_release_mappings(struct domain *d)
{
    struct grant_table *t = d->grants;
    struct grant_mapping m;

    while (t != NULL && t->nr_mappings != 0) {
        grant_handle_t h = t->next_release++;

        if (h >= t->nr_maptrack * MAPPINGS_PER_PAGE) {
            /* One was busy or reserved when we came by: once more. */
            t->next_release = 0;
            return -ERESTART;
        }
        if (grant_maptrack_claim(t, h, &m)) {
            struct grant_use use = grant_use_of(&m);

            grant_use_end(&use);
            grant_maptrack_release(t, h, 0);
            domain_put(m.granter);
        }
        if (h % 64 == 63 && hypercall_preempt_check()) {
            return -ERESTART;
        }
    }
    return 0;
}

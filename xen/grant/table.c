/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Grant tables. Page: docs/interface/grant_table.md.
 *
 * An entry has two halves. The shared one lies in pages that the granter writes at any time. The
 * active one is the hypervisor's: how many uses there are, by whom, of which frame. The first use
 * checks the shared entry and marks it (reading, writing) in one atomic step, then notes the
 * frame; later uses rely on the notes alone, and the last one takes the marks back. So whatever a
 * granter scribbles, a use ends with the page it began with.
 *
 * A use holds a reference to the page, writable type included if it writes, and the entry stays
 * marked as long. Mappings are uses that last; their mapper's table lists them (maptrack.c) and
 * they keep a reference to the granter. A page-table entry has a page reference of its own.
 *
 * Locks: lock for frames and active entries, maptrack_lock for mappings. Neither is held while
 * pages are referenced, guest memory is touched or page tables change.
 */
#include <xen/alloc.h>
#include <xen/arch.h>
#include <xen/bug.h>
#include <xen/console.h>
#include <xen/domain.h>
#include <xen/errno.h>
#include <xen/mm.h>

#include "table.h"

#define MARK_TRIES 8 /* a granter that keeps changing the entry is refused */

_Static_assert(sizeof(struct grant_active) == 16, "active entries are two pages for a shared one");
_Static_assert(sizeof(struct grant_mapping) == 16, "256 mappings to a page");

/* ------------------------------------------------------------------------ */
/* Frames */

static int table_add_frame(struct domain *d, unsigned int idx)
{
    struct grant_table *t = d->grants;
    struct grant_active *active = heap_alloc_array(ENTRIES_PER_FRAME, sizeof(*active));
    void *page = active != NULL ? hv_page_alloc() : NULL;
    bool is_used = false;

    if (page == NULL) {
        heap_free(active);
        return -ENOMEM;
    }
    page_share_with_domain(virt_to_page(page), d, true);
    spin_lock(&t->lock);
    if (t->nr_frames == idx) {
        t->shared[idx] = page;
        t->active[idx] = active;
        t->nr_frames++;
        is_used = true;
    }
    spin_unlock(&t->lock);
    if (!is_used) {
        /* Another vCPU was faster. */
        page_unshare_and_free(virt_to_page(page));
        heap_free(active);
    }
    return 0;
}

int grant_table_grow(struct domain *d, unsigned int nr)
{
    struct grant_table *t = d->grants;
    unsigned int idx;
    int rc = 0;

    if (nr > t->max_frames) {
        return -EINVAL;
    }
    while (rc == 0 && (idx = READ_ONCE(t->nr_frames)) < nr) {
        rc = table_add_frame(d, idx);
    }
    return rc;
}

int grant_table_frame(struct domain *d, unsigned int idx, mfn_t *m)
{
    int rc = idx < d->grants->max_frames ? grant_table_grow(d, idx + 1) : -EINVAL;

    if (rc == 0) {
        *m = virt_to_mfn(d->grants->shared[idx]);
    }
    return rc;
}

unsigned int grant_table_max_frames(const struct domain *d)
{
    return d->grants->max_frames;
}

int grant_domain_init(struct domain *d, unsigned int max_frames, unsigned int max_maptrack)
{
    struct grant_table *t = heap_new(struct grant_table);
    int rc = -ENOMEM;

    if (t == NULL) {
        return -ENOMEM;
    }
    spin_init(&t->lock, LOCK_GRANT_TABLE);
    spin_init(&t->maptrack_lock, LOCK_MAPTRACK);
    t->max_frames = max_frames;
    t->shared = heap_alloc_array(max_frames, sizeof(t->shared[0]));
    t->active = heap_alloc_array(max_frames, sizeof(t->active[0]));
    d->grants = t;
    if (t->shared != NULL && t->active != NULL) {
        rc = grant_maptrack_init(t, max_maptrack);
    }
    if (rc == 0) {
        rc = grant_table_grow(d, MIN(max_frames, 1U));
    }
    if (rc != 0) {
        grant_domain_fini(d);
    }
    return rc;
}

void grant_domain_fini(struct domain *d)
{
    struct grant_table *t = d->grants;

    if (t == NULL) {
        return;
    }
    BUG_ON(t->nr_mappings != 0);
    for (unsigned int i = 0; i < t->nr_frames; i++) {
        page_unshare_and_free(virt_to_page(t->shared[i]));
        heap_free(t->active[i]);
    }
    grant_maptrack_fini(t);
    heap_free(t->shared);
    heap_free(t->active);
    heap_free(t);
    d->grants = NULL;
}

/* ------------------------------------------------------------------------ */
/* Pages */

int16_t grant_page_get(const struct domain *d, uint64_t frame, bool writable,
                       struct page_info **pg)
{
    struct page_info *p = mfn_is_ram(mfn(frame)) ? mfn_to_page(mfn(frame)) : NULL;

    if (p == NULL) {
        return GNTST_bad_page;
    }
    if (!writable) {
        if (!page_get(p, d)) {
            return GNTST_bad_page;
        }
    } else if (page_get_and_type(p, d, PGT_WRITABLE) != 0) {
        /* Somebody else's, or a table? */
        if (!page_get(p, d)) {
            return GNTST_bad_page;
        }
        page_put(p);
        return GNTST_general_error;
    }
    *pg = p;
    return GNTST_okay;
}

void grant_page_put(struct page_info *pg, bool writable)
{
    if (writable) {
        page_put_and_type(pg);
    } else {
        page_put(pg);
    }
}

/* ------------------------------------------------------------------------ */
/* Entries */

static struct grant_active *active_of(const struct grant_table *t, grant_ref_t ref)
{
    return &t->active[ref / ENTRIES_PER_FRAME][ref % ENTRIES_PER_FRAME];
}

static struct grant_entry_v1 *shared_of(const struct grant_table *t, grant_ref_t ref)
{
    return &t->shared[ref / ENTRIES_PER_FRAME][ref % ENTRIES_PER_FRAME];
}

/*
 * Checks that the shared entry permits the use, and sets @marks in it: one atomic operation on
 * flags and domid together.
 */
static bool entry_mark(struct grant_entry_v1 *e, domid_t user, bool writable, uint16_t marks)
{
    union {
        struct {
            uint16_t flags;
            domid_t domid;
        } half;
        uint32_t word;
    } old, new;

    _Static_assert(offsetof(struct grant_entry_v1, domid) == 2, "flags and domid are one word");
    old.word = __atomic_load_n((uint32_t *)(void *)e, __ATOMIC_RELAXED);
    for (unsigned int i = 0; i < MARK_TRIES; i++) {
        if ((old.half.flags & GTF_type_mask) != GTF_permit_access || old.half.domid != user ||
            (writable && (old.half.flags & GTF_readonly))) {
            return false;
        }
        new.word = old.word;
        new.half.flags |= marks;
        if (__atomic_compare_exchange_n((uint32_t *)(void *)e, &old.word, new.word, false,
                                        __ATOMIC_SEQ_CST, __ATOMIC_RELAXED)) {
            return true;
        }
    }
    return false;
}

/* Counts the use, having marked the entry if the marks that stand there don't cover it. */
static int16_t entry_pin(const struct domain *granter, grant_ref_t ref, domid_t user,
                         bool writable)
{
    struct grant_table *t = granter->grants;
    struct grant_active *a = active_of(t, ref);
    uint16_t marks = writable ? GTF_reading | GTF_writing : GTF_reading;

    if (a->readers != 0 && a->user != user) {
        return GNTST_general_error;
    }
    if (a->readers == 0 || (writable && a->writers == 0)) {
        if (!entry_mark(shared_of(t, ref), user, writable, marks)) {
            return GNTST_general_error;
        }
    }
    if (a->readers == 0) {
        a->frame = (uint32_t)arch_machine_frame(granter, READ_ONCE(shared_of(t, ref)->frame)).n;
        a->user = user;
    }
    BUG_ON(a->readers == UINT32_MAX); /* mappings and CPUs are fewer */
    a->readers++;
    a->writers += writable;
    return GNTST_okay;
}

static void entry_unpin(struct grant_table *t, grant_ref_t ref, bool writable)
{
    struct grant_active *a = active_of(t, ref);
    uint16_t gone = 0;

    BUG_ON(a->readers == 0 || (writable && a->writers == 0));
    if (writable && --a->writers == 0) {
        gone |= GTF_writing;
    }
    if (--a->readers == 0) {
        gone |= GTF_reading;
    }
    if (gone != 0) {
        __atomic_fetch_and(&shared_of(t, ref)->flags, (uint16_t)~gone, __ATOMIC_SEQ_CST);
    }
}

int16_t grant_use_begin(struct grant_use *use, domid_t user)
{
    struct grant_table *t = use->granter->grants;
    uint32_t frame = 0;
    int16_t status;

    if (READ_ONCE(use->granter->state) != DOMAIN_ALIVE) {
        return GNTST_general_error;
    }
    spin_lock(&t->lock);
    if (use->ref >= t->nr_frames * ENTRIES_PER_FRAME) {
        status = GNTST_bad_gntref;
    } else {
        status = entry_pin(use->granter, use->ref, user, use->writable);
        if (status == GNTST_okay) {
            frame = active_of(t, use->ref)->frame;
        }
    }
    spin_unlock(&t->lock);
    if (status != GNTST_okay) {
        return status;
    }

    status = grant_page_get(use->granter, frame, use->writable, &use->pg);
    if (status != GNTST_okay) {
        spin_lock(&t->lock);
        entry_unpin(t, use->ref, use->writable);
        spin_unlock(&t->lock);
    }
    return status;
}

void grant_use_end(const struct grant_use *use)
{
    struct grant_table *t = use->granter->grants;

    /* The granter may take the page back as soon as the marks are gone: reference first. */
    grant_page_put(use->pg, use->writable);
    spin_lock(&t->lock);
    entry_unpin(t, use->ref, use->writable);
    spin_unlock(&t->lock);
}

struct grant_use grant_use_of(const struct grant_mapping *m)
{
    struct grant_table *t = m->granter->grants;
    struct grant_use use = {
        .granter = m->granter,
        .ref = m->ref,
        .writable = !(m->kinds & GNTMAP_readonly),
    };

    /* The mapping keeps it: no lock. */
    use.pg = mfn_to_page(mfn(active_of(t, m->ref)->frame));
    return use;
}

/* ------------------------------------------------------------------------ */

void grant_dump(struct domain *d)
{
    struct grant_table *t = d->grants;

    printk("Domain %u: %u of %u grant frames, %u mappings held\n", d->id, t->nr_frames,
           t->max_frames, t->nr_mappings);
    spin_lock(&t->lock);
    for (grant_ref_t ref = 0; ref < t->nr_frames * ENTRIES_PER_FRAME; ref++) {
        const struct grant_active *a = active_of(t, ref);

        if (a->readers != 0) {
            printk("  %6u d%u frame %#x readers %u writers %u flags %#x\n", ref, a->user, a->frame,
                   a->readers, a->writers, READ_ONCE(shared_of(t, ref)->flags));
        }
    }
    spin_unlock(&t->lock);
}

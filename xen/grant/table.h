/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files of xen/grant share. The essay is in table.c. */
#ifndef GRANT_TABLE_H
#define GRANT_TABLE_H

#include <public/grant_table.h>
#include <xen/compiler.h>
#include <xen/grant.h>
#include <xen/spinlock.h>
#include <xen/types.h>

struct page_info;

#define ENTRIES_PER_FRAME (PAGE_SIZE / sizeof(struct grant_entry_v1))

/* The hypervisor's side of an entry: what is in use now. */
struct grant_active {
    uint32_t frame;    /* the machine's, as it was when the first user came */
    uint32_t readers;  /* uses of any kind */
    uint32_t writers;  /* those of them that write */
    domid_t user;      /* who, while readers is not 0 */
};

/*
 * FREE -> RESERVED -> LIVE -> BUSY -> LIVE or FREE. Whoever makes an entry RESERVED or BUSY has
 * it for itself until it moves on.
 */
enum mapping_state { MAPPING_FREE, MAPPING_RESERVED, MAPPING_LIVE, MAPPING_BUSY };

/* A mapping, as its mapper's domain keeps it. */
struct grant_mapping {
    struct domain *granter; /* referenced */
    union {
        grant_ref_t ref;
        uint32_t next_free;
    };
    uint8_t kinds;          /* GNTMAP_*: what is mapped still, readonly, contains_pte */
    uint8_t state;          /* enum mapping_state; atomic */
};

#define MAPPINGS_PER_PAGE (PAGE_SIZE / sizeof(struct grant_mapping))
#define NO_MAPPING        UINT32_MAX

struct grant_table {
    struct spinlock lock;          /* LOCK_GRANT_TABLE: frames and active entries */
    unsigned int nr_frames;        /* only grows */
    unsigned int max_frames;
    struct grant_entry_v1 **shared; /* pages the owner writes at will */
    struct grant_active **active;

    struct spinlock maptrack_lock; /* LOCK_MAPTRACK: free entries, and growth */
    unsigned int nr_maptrack;      /* pages; only grows */
    unsigned int max_maptrack;
    uint32_t first_free;
    uint32_t nr_mappings;          /* not free; reserved ones too */
    uint32_t next_release;         /* of a dying domain: how far it is */
    struct grant_mapping **maptrack;
};

/* ---- table.c. All statuses are GNTST_*. */

/* Grows the table to @nr frames. -EINVAL above the maximum, -ENOMEM. */
int grant_table_grow(struct domain *d, unsigned int nr);

/* One use of an entry: the page it names, kept by a reference of the kind that the use needs. */
struct grant_use {
    struct domain *granter; /* the caller's reference */
    grant_ref_t ref;
    bool writable;
    struct page_info *pg;
};

/*
 * Begins a use by @user of granter, ref, writable in *use, and fills in pg. The granter sees
 * the entry in use until grant_use_end(). GNTST_general_error, bad_gntref, bad_page.
 */
int16_t grant_use_begin(struct grant_use *use, domid_t user);
void grant_use_end(const struct grant_use *use);
/* The use that a mapping is. */
struct grant_use grant_use_of(const struct grant_mapping *m);

/* A page of @d by its frame number, with a reference for reading or writing. */
int16_t grant_page_get(const struct domain *d, uint64_t frame, bool writable,
                       struct page_info **pg);
void grant_page_put(struct page_info *pg, bool writable);

/* ---- maptrack.c */

int grant_maptrack_init(struct grant_table *t, unsigned int max_pages);
void grant_maptrack_fini(struct grant_table *t);
/* A handle that nobody can use yet, or NO_MAPPING. Ends by publishing it or giving it back. */
grant_handle_t grant_maptrack_reserve(struct grant_table *t);
void grant_maptrack_publish(struct grant_table *t, grant_handle_t handle,
                            const struct grant_mapping *m);
void grant_maptrack_cancel(struct grant_table *t, grant_handle_t handle);
/* Makes the mapping BUSY and copies it out; false: no such mapping, or busy. */
bool grant_maptrack_claim(struct grant_table *t, grant_handle_t handle, struct grant_mapping *m);
/* Ends the claim: what is left of it is @kinds; nothing left: the handle is free. */
void grant_maptrack_release(struct grant_table *t, grant_handle_t handle, uint8_t kinds);

/* ---- map.c, unmap.c, copy.c: whole arrays; hypercall results */

long grant_op_map(struct gnttab_map_grant_ref *guest, unsigned int count);
long grant_op_unmap(struct gnttab_unmap_grant_ref *guest, unsigned int count);
long grant_op_copy(struct gnttab_copy *guest, unsigned int count);
/* Done with @done of @count structures of @size bytes at @guest: -ERESTART for the rest. */
long grant_op_continue(void *guest, size_t size, unsigned int done, unsigned int count);

#define KIND_MASK (GNTMAP_device_map | GNTMAP_host_map)

#endif

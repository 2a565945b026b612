/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A new domain's frames. Large extents are asked for first: one number then stands for 512
 * frames. What the hypervisor has not in one piece is asked for frame by frame.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>

#include <libctrl/host.h>
#include <libctrl/memory.h>

#include "build.h"

#define LARGE_ORDER 9
#define LARGE       (1u << LARGE_ORDER)
#define BATCH       512u    /* large extents at once */

/* Large extents from pfn on, as many as there are. Returns the next pfn, or a negative errno. */
static int64_t populate_large(struct builder *b, uint64_t pfn)
{
    uint64_t frames[BATCH], nr, i, k;
    long made;

    while (b->in->nr_pages - pfn >= LARGE) {
        nr = (b->in->nr_pages - pfn) / LARGE;
        nr = nr < BATCH ? nr : BATCH;
        for (i = 0; i < nr; i++) {
            frames[i] = pfn + i * LARGE;
        }
        made = ctrl_memory_populate(b->ctrl, b->in->domid, LARGE_ORDER, nr, frames);
        if (made < 0) {
            return made;
        }
        for (i = 0; i < (uint64_t)made; i++) {
            for (k = 0; k < LARGE; k++) {
                b->p2m[pfn++] = frames[i] + k;
            }
        }
        if ((uint64_t)made < nr) {
            break;
        }
    }
    return (int64_t)pfn;
}

int build_no_memory(struct builder *b, uint64_t done)
{
    struct ctrl_physinfo info = { .free_pages = 0 };

    ctrl_physinfo(b->ctrl, &info);
    return ctrl_fail(b->ctrl, -ENOMEM, "domain %u: its memory: %llu MiB were wanted, %llu MiB "
                     "were given, %llu MiB are free now (or its limit is lower)", b->in->domid,
                     (unsigned long long)b->in->nr_pages >> 8, (unsigned long long)done >> 8,
                     (unsigned long long)info.free_pages >> 8);
}

int build_populate(struct builder *b)
{
    int64_t next = populate_large(b, 0);
    uint64_t pfn, i;
    long made;

    if (next < 0) {
        return (int)next;
    }
    pfn = (uint64_t)next;
    for (i = pfn; i < b->in->nr_pages; i++) {
        b->p2m[i] = i;
    }
    if (pfn == b->in->nr_pages) {
        return 0;
    }
    made = ctrl_memory_populate(b->ctrl, b->in->domid, 0, b->in->nr_pages - pfn, &b->p2m[pfn]);
    if (made < 0) {
        return (int)made;
    }
    pfn += (uint64_t)made;
    return pfn == b->in->nr_pages ? 0 : build_no_memory(b, pfn);
}

/* Frames of a PVH domain are named by where they lie in its map. */
static int map_in_order(struct builder *b, uint64_t pfn, uint64_t pages, void **address)
{
    uint64_t *frames = malloc(pages * sizeof(*frames));
    uint64_t i;
    int rc;

    if (!frames) {
        return fail_errno(b->ctrl, -ENOMEM, "domain %u: mapping its memory", b->in->domid);
    }
    for (i = 0; i < pages; i++) {
        frames[i] = pfn + i;
    }
    rc = ctrl_foreign_map(b->ctrl, b->in->domid, PROT_READ | PROT_WRITE, pages, frames, NULL,
                          address);
    free(frames);
    return rc;
}

int build_map(struct builder *b, uint64_t pfn, uint64_t pages, void **address)
{
    if (!b->p2m) {
        return map_in_order(b, pfn, pages, address);
    }
    return ctrl_foreign_map(b->ctrl, b->in->domid, PROT_READ | PROT_WRITE, pages, &b->p2m[pfn],
                            NULL, address);
}

int build_unmap(struct builder *b, void *address, uint64_t pages)
{
    return ctrl_foreign_unmap(b->ctrl, address, pages);
}

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The control domain's memory while it is built: allocation, and access by pfn
 * (dom0_internal.h). Invariant: extents are in the order of pfns, without gaps from 0 on.
 */
#include "dom0_internal.h"

#include <xen/alloc.h>
#include <xen/domain.h>
#include <xen/errno.h>
#include <xen/init.h>
#include <xen/m2p.h>
#include <xen/string.h>

/* Adds 2^order frames behind the last; extends the last extent if they follow it. */
static bool __init frames_append(struct dom0_frames *frames, mfn_t first, unsigned int order)
{
    struct dom0_extent *last = &frames->extent[frames->nr_extents];
    uint64_t pages = 1ul << order, i;

    for (i = 0; i < pages; i++) {
        m2p_set(mfn_add(first, i), frames->nr_pages + i);
    }

    if (frames->nr_extents > 0 && mfn_eq(mfn_add(last[-1].first, last[-1].pages), first)) {
        last[-1].pages += pages;
    } else {
        if (frames->nr_extents == DOM0_MAX_EXTENTS) {
            return false;
        }
        *last = (struct dom0_extent){ frames->nr_pages, pages, first };
        frames->nr_extents++;
    }
    frames->nr_pages += pages;
    return true;
}

int __init dom0_frames_alloc(struct dom0_frames *frames, struct domain *d, uint64_t nr_pages)
{
    unsigned int order = MAX_ORDER;
    struct page_info *pg;

    frames->nr_pages = 0;
    frames->nr_extents = 0;
    frames->last_used = 0;
    while (frames->nr_pages < nr_pages) {
        while (1ul << order > nr_pages - frames->nr_pages) {
            order--;
        }
        pg = domain_alloc_pages(d, order, ALLOC_DIRTY);
        if (pg) {
            if (!frames_append(frames, page_to_mfn(pg), order)) {
                return -ENOMEM;
            }
        } else if (order-- == 0) {
            return -ENOMEM;
        }
    }
    return 0;
}

static const struct dom0_extent *__init frames_find(struct dom0_frames *frames, uint64_t pfn)
{
    unsigned int low = 0, high = frames->nr_extents, middle = frames->last_used;
    const struct dom0_extent *e = &frames->extent[middle];

    while (pfn < e->pfn || pfn - e->pfn >= e->pages) {
        if (pfn < e->pfn) {
            high = middle;
        } else {
            low = middle + 1;
        }
        middle = low + (high - low) / 2;
        e = &frames->extent[middle];
    }
    frames->last_used = middle;
    return e;
}

mfn_t __init dom0_frames_mfn(struct dom0_frames *frames, uint64_t pfn)
{
    const struct dom0_extent *e = frames_find(frames, pfn);

    return mfn_add(e->first, pfn - e->pfn);
}

/* The memory at offset, and how much of size is contiguous there. */
static void *__init frames_run(struct dom0_frames *frames, uint64_t offset, uint64_t *size)
{
    const struct dom0_extent *e = frames_find(frames, offset >> PAGE_SHIFT);
    uint64_t inside = offset - (e->pfn << PAGE_SHIFT);

    *size = MIN(*size, (e->pages << PAGE_SHIFT) - inside);
    return (char *)mfn_to_virt(e->first) + inside;
}

void __init dom0_frames_write(struct dom0_frames *frames, uint64_t offset, const void *src,
                              uint64_t size)
{
    const char *from = src;
    uint64_t run;
    void *to;

    for (; size > 0; size -= run, offset += run, from += run) {
        run = size;
        to = frames_run(frames, offset, &run);
        memcpy(to, from, run);
    }
}

void __init dom0_frames_clear(struct dom0_frames *frames, uint64_t offset, uint64_t size)
{
    uint64_t run;
    void *to;

    for (; size > 0; size -= run, offset += run) {
        run = size;
        to = frames_run(frames, offset, &run);
        memset(to, 0, run);
    }
}

void __init dom0_frames_list(struct dom0_frames *frames, uint64_t first_pfn)
{
    const struct dom0_extent *e = frames->extent;
    const struct dom0_extent *end = e + frames->nr_extents;
    uint64_t *list = NULL, pfn = 0, i;

    for (; e < end; e++) {
        for (i = 0; i < e->pages; i++, pfn++) {
            if (pfn % PT_ENTRIES == 0) {
                list = dom0_frames_page(frames, first_pfn + pfn / PT_ENTRIES);
            }
            list[pfn % PT_ENTRIES] = e->first.n + i;
        }
    }
    for (; pfn % PT_ENTRIES != 0; pfn++) {
        list[pfn % PT_ENTRIES] = 0;
    }
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* Between the files of the control domain's builder. */
#ifndef PV_DOM0_INTERNAL_H
#define PV_DOM0_INTERNAL_H

#include <asm/dom0.h>
#include <asm/page.h>

/* A run of frames that is contiguous in the domain and in the machine. */
struct dom0_extent {
    uint64_t pfn;
    uint64_t pages;
    mfn_t first;
};

#define DOM0_MAX_EXTENTS 4096

/* All of the domain's frames, by pfn. */
struct dom0_frames {
    uint64_t nr_pages;
    unsigned int nr_extents;
    unsigned int last_used;         /* where the last search ended */
    struct dom0_extent extent[DOM0_MAX_EXTENTS];
};

/* dom0_frames.c */

/*
 * Gives the domain nr_pages frames, pfn 0 on, and fills the M2P. Contents are not cleared.
 * -ENOMEM: there are not so many; those allocated stay the domain's.
 */
must_check int dom0_frames_alloc(struct dom0_frames *frames, struct domain *d, uint64_t nr_pages);

/* A frame of the domain; the caller has checked that pfn < nr_pages. */
mfn_t dom0_frames_mfn(struct dom0_frames *frames, uint64_t pfn);

static inline void *dom0_frames_page(struct dom0_frames *frames, uint64_t pfn)
{
    return mfn_to_virt(dom0_frames_mfn(frames, pfn));
}

/* Copy to, and clear, bytes of the domain's memory at offset from pfn 0. */
void dom0_frames_write(struct dom0_frames *frames, uint64_t offset, const void *src, uint64_t size);
void dom0_frames_clear(struct dom0_frames *frames, uint64_t offset, uint64_t size);

/* Writes the frame list into the frames from first_pfn on. */
void dom0_frames_list(struct dom0_frames *frames, uint64_t first_pfn);

/* dom0_tables.c */

/*
 * Builds the initial page tables in the frames the layout has for them. Nothing refers to
 * them yet: they become tables when their root is validated. Returns the root's frame.
 */
mfn_t dom0_tables_build(struct dom0_frames *frames, const struct dom0_layout *layout);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A PV domain's own list of its frames. The domain says in its shared page where it is: as a tree
 * of three levels (the frame of a list of frames of lists), or as a virtual address. All of it is
 * the domain's to write, so each number is checked and no loop is longer than the list can be.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <libctrl/domain.h>
#include <libctrl/memory.h>

#include <public/xen.h>

#include "internal.h"

#define PER_PAGE  (CTRL_PAGE_SIZE / sizeof(uint64_t))
#define MAX_PFNS  (1ull << 31)  /* 8 TiB: the largest domain there is */
#define PTE_FRAME 0x000ffffffffff000ull
#define PTE_PRESENT 1u
#define PTE_SUPERPAGE 0x80u

/* What the shared page says. */
struct p2m_place {
    uint64_t nr;                /* entries */
    uint64_t tree;              /* frame of the root list, or 0 */
    uint64_t cr3, address;      /* if tree is 0 or all ones */
};

static int read_place(struct ctrl *ctrl, uint32_t domid, struct p2m_place *place)
{
    struct ctrl_domain_info info;
    const volatile struct shared_info *shared;
    void *page;
    int rc = ctrl_domain_info(ctrl, domid, &info);

    rc = rc ? rc : ctrl_foreign_map(ctrl, domid, PROT_READ, 1, &info.shared_info_mfn, NULL, &page);
    if (rc != 0) {
        return rc;
    }
    shared = page;
    *place = (struct p2m_place){
        .nr = shared->arch.max_pfn, .tree = shared->arch.pfn_to_mfn_frame_list_list,
        .cr3 = shared->arch.p2m_cr3, .address = shared->arch.p2m_vaddr,
    };
    ctrl_foreign_unmap(ctrl, page, 1);
    if (place->nr == 0 || place->nr > MAX_PFNS) {
        return ctrl_fail(ctrl, -ENODATA, "domain %u: it does not say where its frame list is (it "
                         "has not run far enough)", domid);
    }
    return 0;
}

/* Copies the contents of frames one behind the other; the last page may be wanted in part. */
static int copy_frames(struct ctrl *ctrl, uint32_t domid, const uint64_t *frames, uint64_t nr,
                       uint64_t *to)
{
    uint64_t pages = (nr + PER_PAGE - 1) / PER_PAGE;
    void *mapped;
    int rc = ctrl_foreign_map(ctrl, domid, PROT_READ, pages, frames, NULL, &mapped);

    if (rc == 0) {
        memcpy(to, mapped, nr * sizeof(*to));
        rc = ctrl_foreign_unmap(ctrl, mapped, pages);
    }
    return rc;
}

/* The frames of the list's own pages, through the tree. */
static int frames_from_tree(struct ctrl *ctrl, uint32_t domid, uint64_t root, uint64_t pages,
                            uint64_t *frames)
{
    uint64_t lists = (pages + PER_PAGE - 1) / PER_PAGE;
    uint64_t *middle;
    int rc;

    if (lists > PER_PAGE) {
        return ctrl_fail(ctrl, -ENODATA, "domain %u: its frame list is too long", domid);
    }
    middle = malloc(lists * sizeof(*middle));
    if (!middle) {
        return fail_errno(ctrl, -ENOMEM, "domain %u: its frame list", domid);
    }
    rc = copy_frames(ctrl, domid, &root, lists, middle);
    rc = rc ? rc : copy_frames(ctrl, domid, middle, pages, frames);
    free(middle);
    return rc;
}

static int table_entry(struct ctrl *ctrl, uint32_t domid, uint64_t table, unsigned int index,
                       uint64_t *entry)
{
    void *page;
    int rc = ctrl_foreign_map(ctrl, domid, PROT_READ, 1, &table, NULL, &page);

    if (rc == 0) {
        *entry = ((const volatile uint64_t *)page)[index];
        rc = ctrl_foreign_unmap(ctrl, page, 1);
    }
    return rc;
}

/* The frame of one page of the list, by the domain's page tables. */
static int translate(struct ctrl *ctrl, uint32_t domid, uint64_t root, uint64_t va,
                     uint64_t *frame)
{
    uint64_t entry = root << CTRL_PAGE_SHIFT | PTE_PRESENT;
    unsigned int level, shift;
    int rc;

    for (level = 4; level > 0; level--) {
        shift = CTRL_PAGE_SHIFT + 9 * (level - 1);
        rc = table_entry(ctrl, domid, (entry & PTE_FRAME) >> CTRL_PAGE_SHIFT,
                         (va >> shift) & (PER_PAGE - 1), &entry);
        if (rc != 0) {
            return rc;
        }
        if (!(entry & PTE_PRESENT)) {
            return ctrl_fail(ctrl, -ENODATA, "domain %u: its frame list is not mapped at %#llx",
                             domid, (unsigned long long)va);
        }
        if (level == 2 && (entry & PTE_SUPERPAGE)) {
            *frame = ((entry & PTE_FRAME) >> CTRL_PAGE_SHIFT) + ((va >> CTRL_PAGE_SHIFT) & 511);
            return 0;
        }
    }
    *frame = (entry & PTE_FRAME) >> CTRL_PAGE_SHIFT;
    return 0;
}

static int find_frames(struct ctrl *ctrl, uint32_t domid, const struct p2m_place *place,
                       uint64_t pages, uint64_t *frames)
{
    uint64_t i;
    int rc = 0;

    if (place->tree != 0 && place->tree != UINT64_MAX) {
        return frames_from_tree(ctrl, domid, place->tree, pages, frames);
    }
    if (place->cr3 == 0 || place->address == 0) {
        return ctrl_fail(ctrl, -ENODATA, "domain %u: it does not say where its frame list is (it "
                         "has not run far enough)", domid);
    }
    for (i = 0; rc == 0 && i < pages; i++) {
        rc = translate(ctrl, domid, xen_cr3_to_pfn(place->cr3),
                       place->address + (i << CTRL_PAGE_SHIFT), &frames[i]);
    }
    return rc;
}

int ctrl_p2m_read(struct ctrl *ctrl, uint32_t domid, uint64_t **list, size_t *nr)
{
    struct p2m_place place;
    uint64_t pages, *frames, *entries;
    int rc = read_place(ctrl, domid, &place);

    if (rc != 0) {
        return rc;
    }
    pages = (place.nr + PER_PAGE - 1) / PER_PAGE;
    frames = malloc(pages * sizeof(*frames));
    entries = malloc(place.nr * sizeof(*entries));
    rc = frames && entries ? 0 : fail_errno(ctrl, -ENOMEM, "domain %u: its frame list", domid);
    rc = rc ? rc : find_frames(ctrl, domid, &place, pages, frames);
    rc = rc ? rc : copy_frames(ctrl, domid, frames, place.nr, entries);
    free(frames);
    if (rc != 0) {
        free(entries);
        return rc;
    }
    *list = entries;
    *nr = place.nr;
    return 0;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where the parts of a guest lie in its first memory. Arithmetic only. What guests expect of the
 * result is in docs/interface/boot.md; the order is that of Xen's own builder for guests.
 */
#include <errno.h>

#include "internal.h"
#include "kernel.h"
#include "pvh.h"

/* The initial mapping ends at such a boundary, with so much free at its end. */
#define MAPPING_ALIGN (4ull << 20)
#define MAPPING_SPARE (512ull << 10)
/* Where the hypervisor's addresses lie: nothing of a guest is mapped there. */
#define RESERVED_START 0xffff800000000000ull
#define RESERVED_END   0xffff880000000000ull
#define LOW_END        0x0000800000000000ull

#define L4_SHIFT 39

static uint64_t bytes_to_pages(uint64_t bytes)
{
    return (bytes + CTRL_PAGE_SIZE - 1) >> CTRL_PAGE_SHIFT;
}

uint64_t build_tables_of(uint64_t start, uint64_t end, unsigned int level)
{
    unsigned int shift = CTRL_PAGE_SHIFT + 9 * level;

    return ((end - 1) >> shift) - (start >> shift) + 1;
}

static uint64_t tables_below_root(uint64_t start, uint64_t end)
{
    return build_tables_of(start, end, 1) + build_tables_of(start, end, 2) +
           build_tables_of(start, end, 3);
}

/* Canonical, the guest's own, and in one half of the address space. */
static bool range_ok(uint64_t start, uint64_t end)
{
    return start < end && (end <= LOW_END || start >= RESERVED_END);
}

static void place(const struct build_layout *layout, struct build_part *part, uint64_t pages,
                  uint64_t *va)
{
    *part = (struct build_part){
        .pfn = (*va - layout->v_start) >> CTRL_PAGE_SHIFT, .pages = pages, .va = *va,
    };
    *va += pages << CTRL_PAGE_SHIFT;
}

static uint64_t mapping_end(uint64_t va)
{
    uint64_t end = (va + MAPPING_ALIGN - 1) & ~(MAPPING_ALIGN - 1);

    return end - va < MAPPING_SPARE ? end + MAPPING_ALIGN : end;
}

/* The tables map themselves and the padding: their number is the least that suffices. */
static int place_tables(struct ctrl *ctrl, const char *name, struct build_layout *layout,
                        uint64_t va)
{
    uint64_t pages, end;

    for (pages = 4;; pages++) {
        end = mapping_end(va + ((pages + 1) << CTRL_PAGE_SHIFT));
        if (!range_ok(layout->v_start, end)) {
            return ctrl_fail(ctrl, -EINVAL, "%s: the kernel's initial mapping does not fit above "
                             "its Xen note VIRT_BASE (%#llx); use another kernel", name,
                             (unsigned long long)layout->v_start);
        }
        if (1 + tables_below_root(layout->v_start, end) <= pages) {
            break;
        }
    }
    place(layout, &layout->tables, pages, &va);
    place(layout, &layout->stack, 1, &va);
    layout->v_end = end;
    layout->nr_mapped = (end - layout->v_start) >> CTRL_PAGE_SHIFT;
    return 0;
}

/* The frame list at an address of the kernel's choice, with tables of its own. */
static int place_separate_p2m(struct ctrl *ctrl, const struct ctrl_kernel *kernel,
                              struct build_layout *layout, uint64_t pages)
{
    uint64_t start = kernel->info.init_p2m, end = start + (pages << CTRL_PAGE_SHIFT);
    bool own_roots = start >> L4_SHIFT > (layout->v_end - 1) >> L4_SHIFT ||
                     (end - 1) >> L4_SHIFT < layout->v_start >> L4_SHIFT;

    /* Linux frees the list with its root entries, so these must map nothing else. */
    if (start % CTRL_PAGE_SIZE || !range_ok(start, end) || !own_roots) {
        return ctrl_fail(ctrl, -EINVAL, "%s: the kernel wants its frame list where it cannot be "
                         "(Xen note INIT_P2M, %#llx); use another kernel", kernel->name,
                         (unsigned long long)start);
    }
    layout->p2m = (struct build_part){ layout->pages_needed, pages, start };
    layout->p2m_tables = (struct build_part){
        .pfn = layout->pages_needed + pages, .pages = tables_below_root(start, end),
    };
    layout->pages_needed += pages + layout->p2m_tables.pages;
    return 0;
}

static int check_hypercall_page(struct ctrl *ctrl, const struct ctrl_kernel *kernel,
                                const struct build_layout *layout)
{
    uint64_t va = kernel->info.hypercall_page;

    if (va != CTRL_NOTE_UNSET && (va % CTRL_PAGE_SIZE || va < layout->v_start ||
                                  va >= layout->v_end)) {
        return ctrl_fail(ctrl, -EINVAL, "%s: the kernel's hypercall page is not mapped (Xen note "
                         "HYPERCALL_PAGE, %#llx); use another kernel", kernel->name,
                         (unsigned long long)va);
    }
    return 0;
}

static int check_room(struct ctrl *ctrl, const struct ctrl_kernel *kernel, uint64_t nr_pages,
                      uint64_t pages_needed)
{
    if (pages_needed > nr_pages) {
        return ctrl_fail(ctrl, -ENOMEM, "%s: the guest has %llu KiB of memory; this kernel and "
                         "its ramdisk need at least %llu KiB", kernel->name,
                         (unsigned long long)nr_pages * 4, (unsigned long long)pages_needed * 4);
    }
    return 0;
}

int build_lay_out(struct ctrl *ctrl, const struct ctrl_kernel *kernel, uint64_t nr_pages,
                  uint64_t ramdisk_size, struct build_layout *layout)
{
    const struct ctrl_kernel_info *info = &kernel->info;
    struct build_layout l = { .v_start = info->virt_base };
    uint64_t p2m_pages = bytes_to_pages(nr_pages * sizeof(uint64_t));
    uint64_t va = (kernel->virt_end + CTRL_PAGE_SIZE - 1) & ~(uint64_t)(CTRL_PAGE_SIZE - 1);
    int rc;

    if (!info->mod_start_pfn) {
        place(&l, &l.ramdisk, bytes_to_pages(ramdisk_size), &va);
    }
    if (info->init_p2m == CTRL_NOTE_UNSET) {
        place(&l, &l.p2m, p2m_pages, &va);
    }
    place(&l, &l.start_info, 1, &va);
    place(&l, &l.store, 1, &va);
    place(&l, &l.console, 1, &va);
    rc = place_tables(ctrl, kernel->name, &l, va);
    rc = rc ? rc : check_hypercall_page(ctrl, kernel, &l);
    if (rc != 0) {
        return rc;
    }
    l.pages_needed = l.nr_mapped;
    if (info->mod_start_pfn) {
        l.ramdisk = (struct build_part){ l.pages_needed, bytes_to_pages(ramdisk_size), 0 };
        l.pages_needed += l.ramdisk.pages;
    }
    if (info->init_p2m != CTRL_NOTE_UNSET) {
        rc = place_separate_p2m(ctrl, kernel, &l, p2m_pages);
        if (rc != 0) {
            return rc;
        }
    }
    *layout = l;
    return check_room(ctrl, kernel, nr_pages, l.pages_needed);
}

int pvh_lay_out(struct ctrl *ctrl, const struct ctrl_kernel *kernel, uint64_t nr_pages,
                uint64_t ramdisk_size, struct pvh_layout *layout)
{
    uint64_t start_info = bytes_to_pages(kernel->info.paddr_end);
    struct pvh_layout l = {
        .start_info = start_info << CTRL_PAGE_SHIFT,
        .ramdisk = (start_info + 1) << CTRL_PAGE_SHIFT,
        .low_pages = nr_pages < PVH_HOLE_START ? nr_pages : PVH_HOLE_START,
    };

    l.pages_needed = start_info + 1 + bytes_to_pages(ramdisk_size);
    *layout = l;
    if (l.pages_needed > PVH_HOLE_START) {
        return ctrl_fail(ctrl, -EINVAL, "%s: its ramdisk (%llu MiB) does not fit below the hole "
                         "under 4 GiB; use a smaller one", kernel->name,
                         (unsigned long long)ramdisk_size >> 20);
    }
    return check_room(ctrl, kernel, nr_pages, l.pages_needed);
}


int ctrl_kernel_fits(struct ctrl *ctrl, const struct ctrl_kernel *kernel, uint64_t nr_pages,
                     uint64_t ramdisk_size, uint64_t *pages_needed)
{
    struct build_layout pv = { .pages_needed = 0 };
    struct pvh_layout pvh = { .pages_needed = 0 };
    int rc = kernel->info.pvh ? pvh_lay_out(ctrl, kernel, nr_pages, ramdisk_size, &pvh)
                              : build_lay_out(ctrl, kernel, nr_pages, ramdisk_size, &pv);

    if (pages_needed && (rc == 0 || rc == -ENOMEM)) {
        *pages_needed = pv.pages_needed + pvh.pages_needed;     /* one of them is 0 */
    }
    return rc;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where the parts of a control domain lie in its first memory (asm/dom0.h). Arithmetic
 * only: owns no state, touches no memory. What Linux expects of the result is in
 * docs/interface/boot.md.
 */
#include <asm/dom0.h>
#include <asm/page.h>

#include <public/xen.h>

#include <xen/errno.h>
#include <xen/init.h>

/* The initial mapping ends at such a boundary, and at least so much of it is free at its end. */
#define MAPPING_ALIGN MiB(4)
#define MAPPING_SPARE KiB(512)

#define START_INFO_SIZE (sizeof(struct start_info) + sizeof(struct dom0_vga_console_info))

static uint64_t __init bytes_to_pages(uint64_t bytes)
{
    return (bytes + PAGE_SIZE - 1) >> PAGE_SHIFT;
}

uint64_t __init dom0_layout_tables(uint64_t start, uint64_t end, unsigned int level)
{
    unsigned int shift = PAGE_SHIFT + 9 * level;

    return ((end - 1) >> shift) - (start >> shift) + 1;
}

/* Tables below the root that map [start, end). */
static uint64_t __init tables_below_root(uint64_t start, uint64_t end)
{
    return dom0_layout_tables(start, end, 1) + dom0_layout_tables(start, end, 2) +
           dom0_layout_tables(start, end, 3);
}

/* Places a mapped part behind the last one. */
static void __init place_mapped(const struct dom0_layout *layout, struct dom0_part *part,
                                uint64_t pages, uint64_t *va)
{
    part->va = *va;
    part->pfn = (*va - layout->v_start) >> PAGE_SHIFT;
    part->pages = pages;
    *va += pages << PAGE_SHIFT;
}

/* Where the mapping ends if the last part does at va; 0: nowhere. */
static uint64_t __init mapping_end(uint64_t va)
{
    uint64_t end = ROUND_UP(va, MAPPING_ALIGN);

    return end - va < MAPPING_SPARE ? end + MAPPING_ALIGN : end;
}

/*
 * The tables map themselves and the padding behind them, so their number is the least that
 * suffices for where the mapping then ends.
 */
static int __init place_tables_and_stack(struct dom0_layout *layout, uint64_t va,
                                         const char **why)
{
    uint64_t pages, end;

    for (pages = 4;; pages++) {
        end = mapping_end(va + ((pages + 1) << PAGE_SHIFT));
        /* Also false if the end wrapped around. */
        if (!guest_range_ok(layout->v_start, end - layout->v_start)) {
            *why = "The kernel's initial mapping does not fit above its Xen note VIRT_BASE. "
                   "Use another kernel.";
            return -EINVAL;
        }
        if (1 + tables_below_root(layout->v_start, end) <= pages) {
            break;
        }
    }
    place_mapped(layout, &layout->tables, pages, &va);
    place_mapped(layout, &layout->stack, 1, &va);
    layout->v_end = end;
    layout->nr_mapped = (end - layout->v_start) >> PAGE_SHIFT;
    return 0;
}

/* The page may be anywhere in the initial mapping. */
static int __init check_hypercall_page(const struct dom0_layout *layout, uint64_t va,
                                       const char **why)
{
    if (va != KERNEL_NOTE_UNSET &&
        (va < layout->v_start || va > layout->v_end || layout->v_end - va < PAGE_SIZE)) {
        *why = "The kernel's hypercall page is not mapped (Xen note HYPERCALL_PAGE). "
               "Use another kernel.";
        return -EINVAL;
    }
    return 0;
}

/* The frame list at the address of the kernel's choice, with tables of its own. */
static int __init check_separate_p2m(struct dom0_layout *layout, const char **why)
{
    uint64_t start = layout->p2m.va;
    uint64_t size = layout->p2m.pages << PAGE_SHIFT;
    uint64_t end = start + size;

    if ((start & (PAGE_SIZE - 1)) || !is_canonical(start) || !guest_range_ok(start, size)) {
        *why = "The kernel wants the frame list where it cannot be (Xen note INIT_P2M). "
               "Use another kernel.";
        return -EINVAL;
    }
    /* Linux frees the list with its root entries, so these must not map anything else. */
    if (l4_index(start) <= l4_index(layout->v_end - 1) &&
        l4_index(end - 1) >= l4_index(layout->v_start)) {
        *why = "The kernel wants the frame list too near to itself (Xen note INIT_P2M). "
               "Use another kernel.";
        return -EINVAL;
    }
    layout->p2m_table_pages = tables_below_root(start, end);
    return 0;
}

int __init dom0_layout_compute(struct dom0_layout *layout, const struct kernel_image *image,
                               uint64_t nr_pages, uint64_t initrd_size, const char **why)
{
    struct dom0_layout l = { .v_start = image->virt_base };
    uint64_t initrd_pages = bytes_to_pages(initrd_size);
    uint64_t p2m_pages = bytes_to_pages(nr_pages * sizeof(uint64_t));
    uint64_t va = ROUND_UP(image->virt_end, PAGE_SIZE);
    int rc;

    l.p2m_is_separate = image->init_p2m != KERNEL_NOTE_UNSET;
    if (!image->mod_start_pfn) {
        place_mapped(&l, &l.initrd, initrd_pages, &va);
    }
    if (!l.p2m_is_separate) {
        place_mapped(&l, &l.p2m, p2m_pages, &va);
    }
    place_mapped(&l, &l.start_info, bytes_to_pages(START_INFO_SIZE), &va);
    rc = place_tables_and_stack(&l, va, why);
    rc = rc ? rc : check_hypercall_page(&l, image->hypercall_page, why);
    if (rc != 0) {
        return rc;
    }

    l.pages_needed = l.nr_mapped;
    if (image->mod_start_pfn) {
        l.initrd = (struct dom0_part){ .pfn = l.pages_needed, .pages = initrd_pages };
        l.pages_needed += initrd_pages;
    }
    if (l.p2m_is_separate) {
        l.p2m = (struct dom0_part){
            .pfn = l.pages_needed,
            .va = image->init_p2m,
            .pages = p2m_pages,
        };
        rc = check_separate_p2m(&l, why);
        if (rc != 0) {
            return rc;
        }
        l.pages_needed += p2m_pages + l.p2m_table_pages;
    }
    if (l.pages_needed > nr_pages) {
        layout->pages_needed = l.pages_needed;
        *why = "The control domain has less memory than its kernel and initrd take.";
        return -ENOMEM;
    }
    *layout = l;
    return 0;
}

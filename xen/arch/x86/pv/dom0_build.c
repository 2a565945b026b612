/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Builds the control domain (asm/dom0.h): its memory's contents, start_info, and the
 * registers of its first vCPU. What goes where is in docs/interface/boot.md.
 */
#include "dom0_internal.h"

#include <asm/boot_info.h>
#include <asm/hypercall_page.h>
#include <asm/pv_mm.h>
#include <asm/regs.h>

#include <public/xen.h>

#include <xen/alloc.h>
#include <xen/domain.h>
#include <xen/errno.h>
#include <xen/init.h>
#include <xen/mm.h>
#include <xen/printf.h>
#include <xen/string.h>

/* Power management that Xen offers its control domain: C and P states. Linux ignores it. */
#define SIF_PM_BITS 0x300u

/* The selectors of a 64-bit guest kernel, as the hypervisor's own table has them. */
#define GUEST_KERNEL_CS 0xe033
#define GUEST_KERNEL_SS 0xe02b

#define FRAMES_ORDER 5
_Static_assert(sizeof(struct dom0_frames) <= PAGE_SIZE << FRAMES_ORDER, "extents");

struct start_page {
    struct start_info info;
    struct dom0_vga_console_info video;
};

static void __init load_kernel(struct dom0_frames *frames, const struct kernel_image *image)
{
    struct elf_segment s;
    uint64_t offset;
    unsigned int i;

    for (i = 0; i < image->elf.nr_segments; i++) {
        if (elf_read_segment(&image->elf, i, &s) != 0 || s.type != ELF_PT_LOAD) {
            continue;
        }
        offset = s.paddr - image->paddr_offset;
        dom0_frames_write(frames, offset, image->elf.data + s.offset, s.file_size);
        dom0_frames_clear(frames, offset + s.file_size, s.mem_size - s.file_size);
    }
}

static void __init fill_hypercall_page(struct dom0_frames *frames,
                                       const struct kernel_image *image)
{
    static uint8_t page[PAGE_SIZE] __initdata;

    if (image->hypercall_page == KERNEL_NOTE_UNSET) {
        return;
    }
    /* The note need not name the start of a page. */
    hypercall_page_fill(page);
    dom0_frames_write(frames, image->hypercall_page - image->virt_base, page, sizeof(page));
}

static void __init describe_video(struct dom0_vga_console_info *info,
                                  const struct dom0_source *source)
{
    const struct boot_video *video = source->video;

    if (!video || !video->present || video->is_text) {
        info->video_type = XEN_VGATYPE_TEXT_MODE_3;
        info->u.text_mode_3.font_height = 16;
        info->u.text_mode_3.rows = 25;
        info->u.text_mode_3.columns = 80;
        return;
    }
    info->video_type = source->is_efi ? XEN_VGATYPE_EFI_LFB : XEN_VGATYPE_VESA_LFB;
    info->u.vesa_lfb.width = video->width;
    info->u.vesa_lfb.height = video->height;
    info->u.vesa_lfb.bytes_per_line = video->pitch;
    info->u.vesa_lfb.bits_per_pixel = video->bpp;
    info->u.vesa_lfb.lfb_base = (uint32_t)video->base;
    info->u.vesa_lfb.ext_lfb_base = video->base >> 32;
    /* In units of 64 KiB. */
    info->u.vesa_lfb.lfb_size = DIV_ROUND_UP((uint64_t)video->pitch * video->height, KiB(64));
    info->u.vesa_lfb.red_pos = video->red_pos;
    info->u.vesa_lfb.red_size = video->red_size;
    info->u.vesa_lfb.green_pos = video->green_pos;
    info->u.vesa_lfb.green_size = video->green_size;
    info->u.vesa_lfb.blue_pos = video->blue_pos;
    info->u.vesa_lfb.blue_size = video->blue_size;
}

static void __init write_start_info(struct dom0_frames *frames, const struct domain *d,
                                    const struct dom0_source *source,
                                    const struct dom0_layout *layout)
{
    static struct start_page page __initdata;
    struct start_info *info = &page.info;

    memset(&page, 0, sizeof(page));
    string_copy(info->magic, "xen-3.0-x86_64p", sizeof(info->magic));
    info->nr_pages = frames->nr_pages;
    info->shared_info = virt_to_maddr(d->shared_info).a;
    info->flags = SIF_PRIVILEGED | SIF_INITDOMAIN | SIF_PM_BITS;
    info->pt_base = layout->tables.va;
    info->nr_pt_frames = layout->tables.pages;
    info->mfn_list = layout->p2m.va;
    info->first_p2m_pfn = layout->nr_mapped;
    if (layout->p2m_is_separate) {
        info->first_p2m_pfn = layout->p2m.pfn;
        info->nr_p2m_frames = layout->p2m.pages + layout->p2m_table_pages;
    }
    if (source->initrd_size > 0) {
        info->mod_len = source->initrd_size;
        info->mod_start = layout->initrd.va;
        if (source->image->mod_start_pfn) {
            info->mod_start = layout->initrd.pfn;
            info->flags |= SIF_MOD_START_PFN;
        }
    }
    string_copy((char *)info->cmd_line, source->cmdline, sizeof(info->cmd_line));
    describe_video(&page.video, source);
    info->console.dom0.info_off = offsetof(struct start_page, video);
    info->console.dom0.info_size = sizeof(page.video);

    dom0_frames_clear(frames, layout->start_info.pfn << PAGE_SHIFT,
                      layout->start_info.pages << PAGE_SHIFT);
    dom0_frames_write(frames, layout->start_info.pfn << PAGE_SHIFT, &page, sizeof(page));
}

/* The root becomes a table: for CR3, and for its pin. */
static int __init adopt_tables(struct vcpu *v, mfn_t root, const char **why)
{
    int rc;

    v->arch.kernel_mode = true;
    do {
        rc = pv_set_baseptr(v, root);
    } while (rc == -ERESTART);
    if (rc == 0) {
        rc = page_pin(mfn_to_page(root), PGT_L4);
    }
    if (rc != 0) {
        *why = "The control domain's first page tables were refused. This is a fault here.";
    }
    return rc;
}

static void __init set_registers(struct vcpu *v, const struct kernel_image *image,
                                 const struct dom0_layout *layout)
{
    v->arch.regs = (struct cpu_regs){
        .rip = image->entry,
        .cs = GUEST_KERNEL_CS,
        .rflags = RFLAGS_MBS | RFLAGS_IF,
        .rsp = layout->stack.va + PAGE_SIZE,
        .ss = GUEST_KERNEL_SS,
        .rsi = layout->start_info.va,
    };
    v->is_initialised = true;
}

static int __init build(struct dom0_frames *frames, struct domain *d,
                        const struct dom0_source *source, const struct dom0_layout *layout,
                        const char **why)
{
    int rc = dom0_frames_alloc(frames, d, source->nr_pages);

    if (rc != 0) {
        *why = "The control domain's memory could not be allocated. Give it less (dom0_mem=).";
        return rc;
    }
    load_kernel(frames, source->image);
    fill_hypercall_page(frames, source->image);
    dom0_frames_write(frames, layout->initrd.pfn << PAGE_SHIFT, source->initrd,
                      source->initrd_size);
    dom0_frames_list(frames, layout->p2m.pfn);
    write_start_info(frames, d, source, layout);
    rc = adopt_tables(d->vcpu[0], dom0_tables_build(frames, layout), why);
    if (rc == 0) {
        set_registers(d->vcpu[0], source->image, layout);
    }
    return rc;
}

int __init dom0_build(struct domain *d, const struct dom0_source *source, const char **why)
{
    static char message[160] __initdata;
    struct dom0_layout layout;
    struct dom0_frames *frames;
    int rc = dom0_layout_compute(&layout, source->image, source->nr_pages, source->initrd_size,
                                 why);

    if (rc == -ENOMEM) {
        snprintf(message, sizeof(message),
                 "Not enough memory: it has %lu MiB, but its kernel and initrd take %lu MiB. "
                 "Give it (dom0_mem=) or the machine more.", (unsigned long)(source->nr_pages >> 8),
                 (unsigned long)(layout.pages_needed + 255) >> 8);
        *why = message;
    }
    if (rc != 0) {
        return rc;
    }

    frames = hv_pages_alloc(FRAMES_ORDER);
    if (!frames) {
        *why = "There is no memory left to build the control domain.";
        return -ENOMEM;
    }
    rc = build(frames, d, source, &layout, why);
    hv_pages_free(frames, FRAMES_ORDER);
    return rc;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The control domain's builder over the stand-in machine, with memory in scattered
 * pieces: every address is looked up through the tables that it built, as the
 * processor would, and must show what the kernel expects there.
 */
#include "elf_maker.h"

#include <asm/boot_info.h>
#include <asm/dom0.h>
#include <asm/hypercall_page.h>
#include <asm/pv_mm.h>
#include <public/elfnote.h>
#include <public/xen.h>
#include <xen/alloc.h>
#include <xen/domain.h>
#include <xen/errno.h>
#include <xen/m2p.h>

#include "../../xen/arch/fake/machine.h"

#define NR_FRAMES 0x20000

/* ------------------------------------------------------------------------ */
/* The layers below: memory in naturally aligned pieces of at most 2^max_order, from the top down */

static unsigned int max_order;
static uint64_t next_frame, frames_left;
static unsigned int gets, pins;
static struct page_info *root_page;

struct page_info *domain_alloc_pages(struct domain *d, unsigned int order, unsigned int flags)
{
    uint64_t pages = 1ul << order;

    (void)d;
    assert_int_equal(flags, ALLOC_DIRTY);
    if (order > max_order || pages > frames_left) {
        return NULL;
    }
    frames_left -= pages;
    next_frame = (next_frame - pages) & ~(pages - 1);
    memset(mfn_to_virt(mfn(next_frame)), 0xdd, pages << PAGE_SHIFT);
    return mfn_to_page(mfn(next_frame));
}

void *hv_pages_alloc(unsigned int order)
{
    return calloc(1, PAGE_SIZE << order);
}

void hv_pages_free(void *p, unsigned int order)
{
    (void)order;
    free(p);
}

/* As the real one does when other work waits: not done at the first call. */
int pv_set_baseptr(struct vcpu *v, mfn_t m)
{
    assert_true(v->arch.kernel_mode);
    root_page = mfn_to_page(m);
    if (gets++ == 0) {
        return -ERESTART;
    }
    v->arch.guest_table = m;
    return 0;
}

int page_pin(struct page_info *pg, uint64_t type)
{
    assert_ptr_equal(pg, root_page);
    assert_true(type == PGT_L4);
    pins++;
    return 0;
}

size_t string_copy(char *dst, const char *src, size_t size)
{
    return snprintf(dst, size, "%s", src);
}

/* ------------------------------------------------------------------------ */

static struct domain domain;
static struct vcpu vcpu, *vcpus[1] = { &vcpu };
static struct kernel_image image;
static struct dom0_layout layout;
static uint8_t *file, initrd[300000];

static int build(const struct elf_maker *m, uint64_t nr_pages, uint64_t initrd_size,
                 const struct boot_video *video)
{
    struct dom0_source source = {
        .image = &image,
        .initrd = initrd,
        .initrd_size = initrd_size,
        .cmdline = "root=/dev/vda console=hvc0",
        .video = video,
        .is_efi = true,
        .nr_pages = nr_pages,
    };
    const char *why = NULL;
    size_t i;
    int rc;

    fake_machine_init(NR_FRAMES);
    memset(&domain, 0, sizeof(domain));
    memset(&vcpu, 0xee, sizeof(vcpu));
    domain.vcpu = vcpus;
    domain.max_vcpus = 1;
    domain.shared_info = mfn_to_virt(mfn(0x1234));
    next_frame = NR_FRAMES;
    gets = pins = 0;
    for (i = 0; i < sizeof(initrd); i++) {
        initrd[i] = i * 7;
    }
    free(file);
    file = elf_maker_file(m);
    assert_int_equal(kernel_image_parse(file, ELF_MAKER_SIZE, &image, &why), 0);
    rc = dom0_build(&domain, &source, &why);
    if (rc != 0) {
        assert_non_null(why);
    } else {
        assert_int_equal(dom0_layout_compute(&layout, &image, nr_pages, initrd_size, &why), 0);
    }
    return rc;
}

static void make_kernel(struct elf_maker *m, bool modern)
{
    elf_maker_init(m);
    elf_maker_text(m, XEN_ELFNOTE_GUEST_OS, "linux");
    elf_maker_text(m, XEN_ELFNOTE_XEN_VERSION, "xen-3.0");
    elf_maker_number(m, XEN_ELFNOTE_VIRT_BASE, 0xffffffff80000000);
    elf_maker_number(m, XEN_ELFNOTE_ENTRY, 0xffffffff81000040);
    if (modern) {
        elf_maker_number(m, XEN_ELFNOTE_INIT_P2M, 0x8000000000);
        elf_maker_number(m, XEN_ELFNOTE_MOD_START_PFN, 1);
    }
}

/* The L1 entry of a virtual address, by the walk that the processor makes. */
static pte_t walk(uint64_t va)
{
    pte_t *table = mfn_to_virt(vcpu.arch.guest_table);
    unsigned int shift;
    pte_t entry;

    for (shift = L4_SHIFT; shift > L1_SHIFT; shift -= 9) {
        entry = table[(va >> shift) & 511];
        if (!(entry & PTE_P)) {
            return 0;
        }
        assert_true((entry & ~PTE_ADDR) == 0x67);
        table = mfn_to_virt(pte_mfn(entry));
    }
    return table[l1_index(va)];
}

static void *at(uint64_t va)
{
    return (char *)mfn_to_virt(pte_mfn(walk(va))) + (va & 4095);
}

/* The frame of a pfn, by the list that the kernel reads. */
static mfn_t listed(uint64_t pfn)
{
    return mfn(*(uint64_t *)at(layout.p2m.va + pfn * 8));
}

static void check_mapping(uint64_t nr_pages)
{
    uint64_t pfn, va, flags;

    for (pfn = 0; pfn < nr_pages; pfn++) {
        assert_int_equal(m2p_get(listed(pfn)), pfn);
    }
    for (pfn = 0, va = layout.v_start; va < layout.v_end; pfn++, va += PAGE_SIZE) {
        flags = pfn - layout.tables.pfn < layout.tables.pages ? 0x25 : 0x27;
        assert_true(walk(va) == pte_make(listed(pfn), flags | 1ul << 52));
    }
    assert_true(walk(layout.v_end) == 0);
    assert_true(walk(layout.v_start - PAGE_SIZE) == 0);
}

static void check_kernel(void)
{
    const uint8_t *text = at(0xffffffff81000000);
    size_t i;

    assert_memory_equal(text, file + ELF_MAKER_TEXT_AT, ELF_MAKER_TEXT_SIZE);
    for (i = ELF_MAKER_TEXT_SIZE; i < PAGE_SIZE; i++) {
        assert_int_equal(text[i], 0);
    }
    assert_int_equal(*(uint8_t *)at(0xffffffff81002fff), 0);
}

static void check_registers(void)
{
    assert_true(vcpu.is_initialised);
    assert_true(vcpu.arch.kernel_mode);
    assert_true(vcpu.arch.regs.rip == 0xffffffff81000040);
    assert_true(vcpu.arch.regs.rsi == layout.start_info.va);
    assert_true(vcpu.arch.regs.rsp == layout.stack.va + PAGE_SIZE);
    assert_int_equal(vcpu.arch.regs.cs, 0xe033);
    assert_int_equal(vcpu.arch.regs.ss, 0xe02b);
    assert_int_equal(vcpu.arch.regs.rflags, 0x202);
    assert_int_equal(vcpu.arch.regs.rax, 0);
    assert_int_equal(vcpu.arch.regs.rdi, 0);
    assert_ptr_equal(root_page, mfn_to_page(vcpu.arch.guest_table));
    assert_true(mfn_eq(pte_mfn(walk(layout.tables.va)), vcpu.arch.guest_table));
    assert_int_equal(gets, 2);
    assert_int_equal(pins, 1);
}

static void build_debian(unsigned int order)
{
    const struct start_info *info;
    struct elf_maker m;
    uint64_t i;

    make_kernel(&m, true);
    max_order = order;
    frames_left = NR_FRAMES;
    assert_int_equal(build(&m, 0x6001, sizeof(initrd), NULL), 0);
    check_mapping(0x6001);
    check_kernel();
    check_registers();

    info = at(layout.start_info.va);
    assert_string_equal(info->magic, "xen-3.0-x86_64p");
    assert_int_equal(info->nr_pages, 0x6001);
    assert_int_equal(info->shared_info, 0x1234000);
    assert_int_equal(info->flags, 0x30b);
    assert_true(info->pt_base == layout.tables.va);
    assert_int_equal(info->nr_pt_frames, layout.tables.pages);
    assert_true(info->mfn_list == 0x8000000000);
    assert_int_equal(info->first_p2m_pfn, layout.p2m.pfn);
    assert_int_equal(info->nr_p2m_frames, 0x31 + 3);
    assert_int_equal(info->mod_start, layout.nr_mapped);
    assert_int_equal(info->mod_len, sizeof(initrd));
    assert_string_equal((const char *)info->cmd_line, "root=/dev/vda console=hvc0");
    assert_int_equal(info->console.dom0.info_off, 0x490);
    assert_int_equal(info->console.dom0.info_size, 0x28);
    assert_int_equal(((const uint8_t *)info)[0x490], 3);
    for (i = 0; i < sizeof(initrd); i++) {
        assert_int_equal(((uint8_t *)mfn_to_virt(listed(info->mod_start + i / PAGE_SIZE)))
                             [i % PAGE_SIZE], initrd[i]);
    }
    /* No frame of the list, or of the tables behind it, is mapped anywhere else. */
    assert_true(layout.p2m.pfn >= layout.nr_mapped);
}

static void test_debian_in_large_pieces(void **state)
{
    (void)state;
    build_debian(18);
}

static void test_debian_in_small_pieces(void **state)
{
    (void)state;
    build_debian(5);
}

static void test_old_kernel(void **state)
{
    const struct start_info *info;
    uint8_t page[PAGE_SIZE];
    struct elf_maker m;
    size_t i;

    (void)state;
    make_kernel(&m, false);
    elf_maker_number(&m, XEN_ELFNOTE_HYPERCALL_PAGE, 0xffffffff81001000);
    /* The initrd begins within a piece, and ends in a later one. */
    max_order = 5;
    frames_left = NR_FRAMES;
    assert_int_equal(build(&m, 0x5000, sizeof(initrd), NULL), 0);
    check_mapping(0x5000);
    check_registers();
    info = at(layout.start_info.va);
    assert_int_equal(info->flags, 0x303);
    assert_true(info->mod_start == layout.initrd.va);
    assert_int_equal(info->mod_len, sizeof(initrd));
    for (i = 0; i < sizeof(initrd); i++) {
        assert_int_equal(*(uint8_t *)at(info->mod_start + i), initrd[i]);
    }
    assert_true(info->mfn_list == layout.p2m.va);
    assert_int_equal(info->first_p2m_pfn, layout.nr_mapped);
    assert_int_equal(info->nr_p2m_frames, 0);
    hypercall_page_fill(page);
    assert_memory_equal(at(0xffffffff81001000), page, PAGE_SIZE);
}

static void test_no_initrd_and_framebuffer(void **state)
{
    static const struct boot_video video = {
        .present = true, .base = 0x4080000000, .pitch = 4096, .width = 1024, .height = 768,
        .bpp = 32, .red_pos = 16, .red_size = 8, .green_pos = 8, .green_size = 8, .blue_size = 8,
    };
    const struct dom0_vga_console_info *screen;
    const struct start_info *info;
    struct elf_maker m;

    (void)state;
    make_kernel(&m, true);
    max_order = 18;
    frames_left = NR_FRAMES;
    assert_int_equal(build(&m, 0x5000, 0, &video), 0);
    info = at(layout.start_info.va);
    assert_int_equal(info->flags, 0x303);
    assert_int_equal(info->mod_start, 0);
    assert_int_equal(info->mod_len, 0);
    screen = (const void *)((const char *)info + 0x490);
    assert_int_equal(screen->video_type, XEN_VGATYPE_EFI_LFB);
    assert_int_equal(screen->u.vesa_lfb.width, 1024);
    assert_int_equal(screen->u.vesa_lfb.bytes_per_line, 4096);
    assert_int_equal(screen->u.vesa_lfb.lfb_base, 0x80000000);
    assert_int_equal(screen->u.vesa_lfb.ext_lfb_base, 0x40);
    assert_int_equal(screen->u.vesa_lfb.lfb_size, 48);
    assert_int_equal(screen->u.vesa_lfb.red_pos, 16);
}

static void test_too_little_memory(void **state)
{
    struct elf_maker m;

    (void)state;
    make_kernel(&m, true);
    max_order = 18;
    frames_left = NR_FRAMES;
    assert_int_equal(build(&m, 0x1000, 0, NULL), -ENOMEM);
    frames_left = 0x4000;
    assert_int_equal(build(&m, 0x5000, 0, NULL), -ENOMEM);
    /* More pieces than the builder keeps account of. */
    frames_left = NR_FRAMES;
    max_order = 0;
    assert_int_equal(build(&m, 0x5000, 0, NULL), -ENOMEM);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_debian_in_large_pieces),
        cmocka_unit_test(test_debian_in_small_pieces),
        cmocka_unit_test(test_old_kernel),
        cmocka_unit_test(test_no_initrd_and_framebuffer),
        cmocka_unit_test(test_too_little_memory),
    };
    int rc = cmocka_run_group_tests_name("dom0_build", tests, NULL, NULL);

    free(file);
    return rc;
}

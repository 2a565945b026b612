/* SPDX-License-Identifier: BSD-2-Clause */
/* Kernel files: formats, what is refused and how, and where a guest's parts would lie. */
#include "common.h"
#include "kernel_maker.h"

#include <fcntl.h>

#include <libctrl/build.h>

#include "kernel.h"

static int open_made(const struct elf_maker *m, struct ctrl_kernel **kernel)
{
    int fd = kernel_made(m), rc = ctrl_kernel_open(ctrl, fd, "k", kernel);

    close(fd);
    return rc;
}

static int open_bytes(const void *data, size_t size, struct ctrl_kernel **kernel)
{
    int fd = kernel_file(data, size), rc = ctrl_kernel_open(ctrl, fd, "k", kernel);

    close(fd);
    return rc;
}

static void test_plain(void **state)
{
    struct ctrl_kernel_info info;
    struct ctrl_kernel *kernel;
    struct elf_maker m;
    size_t size;

    (void)state;
    kernel_notes(&m);
    elf_maker_text(&m, XEN_ELFNOTE_GUEST_VERSION, "a version that is longer than its field is");
    elf_maker_number(&m, XEN_ELFNOTE_INIT_P2M, 0x8000000000);
    elf_maker_number(&m, XEN_ELFNOTE_MOD_START_PFN, 1);
    elf_maker_text(&m, XEN_ELFNOTE_FEATURES, "!writable_page_tables|pae_pgdir_above_4gb");
    assert_int_equal(open_made(&m, &kernel), 0);
    ctrl_kernel_info(kernel, &info);
    assert_int_equal(info.format, CTRL_KERNEL_ELF);
    assert_int_equal(info.file_size, ELF_MAKER_SIZE);
    assert_int_equal(info.elf_size, ELF_MAKER_SIZE);
    assert_int_equal(info.paddr_start, 0x1000000);
    assert_int_equal(info.paddr_end, 0x1003000);
    assert_true(info.virt_base == MADE_BASE && info.entry == MADE_ENTRY);
    assert_true(info.hypercall_page == CTRL_NOTE_UNSET && info.init_p2m == 0x8000000000);
    assert_true(info.mod_start_pfn);
    assert_string_equal(info.guest_os, "linux");
    assert_string_equal(info.guest_version, "a version that is longer than i");
    assert_string_equal(info.xen_version, "xen-3.0");
    assert_int_equal(((const uint8_t *)ctrl_kernel_elf(kernel, &size))[0], 0x7f);
    assert_int_equal(size, ELF_MAKER_SIZE);
    ctrl_kernel_close(kernel);
    ctrl_kernel_close(NULL);
}

static void test_refused_files(void **state)
{
    struct ctrl_kernel *kernel;
    struct elf_maker m;
    int fd = open("/", O_RDONLY | O_CLOEXEC);

    (void)state;
    assert_fails(ctrl_kernel_open(ctrl, fd, "/", &kernel), -ENOEXEC, "/: not a regular file");
    close(fd);
    assert_fails(ctrl_kernel_open(ctrl, fd, "x", &kernel), -EBADF, "x: ");
    assert_fails(open_bytes("", 0, &kernel), -ENOEXEC, "k: the file is empty");
    assert_int_equal(open_bytes("#!/bin/sh\n", 10, &kernel), -ENOEXEC);
    assert_fails(open_bytes("BZh91AY", 7, &kernel), -EOPNOTSUPP, "bzip2");
    assert_fails(open_bytes("\x1f\x8bxxxxxxxxxxxx\0\0\1\0", 18, &kernel), -ELIBACC,
                 "compressed with gzip");
    kernel_notes(&m);
    m.header.e_ident[EI_CLASS] = ELFCLASS32;
    assert_fails(open_made(&m, &kernel), -ENOEXEC, "not a 64-bit x86 program");
    elf_maker_init(&m);
    assert_fails(open_made(&m, &kernel), -ENOEXEC, "no Xen notes");
    kernel_notes(&m);
    elf_maker_text(&m, XEN_ELFNOTE_FEATURES, "!dom0");
    assert_fails(open_made(&m, &kernel), -EOPNOTSUPP, "only be the control domain");
    kernel_notes(&m);
    elf_maker_text(&m, XEN_ELFNOTE_FEATURES, "!no_such_feature");
    assert_int_equal(open_made(&m, &kernel), -EOPNOTSUPP);
    assert_true(ctrl_error(ctrl)[strlen(ctrl_error(ctrl)) - 1] != '.');
    /* A kernel that says it cannot be the control domain is still a guest. */
    kernel_notes(&m);
    elf_maker_number(&m, XEN_ELFNOTE_SUPPORTED_FEATURES, 1);
    assert_int_equal(open_made(&m, &kernel), 0);
    ctrl_kernel_close(kernel);
}

/* A real kernel of Debian's, through the decompressor's module, and again from its saved form. */
static void check_packed(const char *path, enum ctrl_kernel_format format)
{
    struct ctrl_kernel *kernel, *saved;
    struct ctrl_kernel_info info, again;
    const void *elf, *copy;
    size_t size, copy_size;
    int fd = open(path, O_RDONLY | O_CLOEXEC), kept = memfd_create("kept", MFD_CLOEXEC);

    if (fd < 0) {
        unit_skip("Debian's kernels are not fetched");
    }
    assert_int_equal(ctrl_modules_at(ctrl, MODULES_DIR), 0);
    if (ctrl_kernel_open(ctrl, fd, path, &kernel) != 0) {
        fail_msg("%s", ctrl_error(ctrl));
    }
    ctrl_kernel_info(kernel, &info);
    assert_int_equal(info.format, format);
    assert_true(info.init_p2m == 0x8000000000 && info.mod_start_pfn);
    assert_string_equal(info.guest_os, "linux");
    assert_int_equal(ctrl_kernel_save(ctrl, kernel, kept), 0);
    assert_int_equal(ctrl_kernel_open(ctrl, kept, "kept", &saved), 0);
    ctrl_kernel_info(saved, &again);
    assert_int_equal(again.format, CTRL_KERNEL_ELF);
    elf = ctrl_kernel_elf(kernel, &size);
    copy = ctrl_kernel_elf(saved, &copy_size);
    assert_int_equal(size, copy_size);
    assert_memory_equal(elf, copy, size);
    ctrl_kernel_close(kernel);
    ctrl_kernel_close(saved);
    close(fd);
    close(kept);
}

static void test_xz(void **state)
{
    (void)state;
    check_packed(KERNELS_DIR "/6.1/vmlinuz", CTRL_KERNEL_XZ);
}

static void test_zstd(void **state)
{
    (void)state;
    check_packed(KERNELS_DIR "/6.12/vmlinuz", CTRL_KERNEL_ZSTD);
}

/* By the packers of the machine: our small kernel, then damaged, cut off and of another size. */
static void check_packer(const char *command, enum ctrl_kernel_format format)
{
    struct ctrl_kernel_info info;
    struct ctrl_kernel *kernel;
    struct elf_maker m;
    uint8_t *file, image[KERNEL_IMAGE_HEAD + ELF_MAKER_SIZE + 1000];
    uint8_t *packed = image + KERNEL_IMAGE_HEAD;
    const uint32_t size = ELF_MAKER_SIZE, wrong = size - 1;
    char line[256];
    size_t length;
    FILE *pipe;
    int fd;

    assert_int_equal(ctrl_modules_at(ctrl, MODULES_DIR), 0);
    kernel_notes(&m);
    file = elf_maker_file(&m);
    fd = kernel_file(file, size);
    free(file);
    snprintf(line, sizeof(line), "%s < /proc/self/fd/%d", command, fd);
    fcntl(fd, F_SETFD, 0);
    pipe = popen(line, "r");
    length = fread(packed, 1, ELF_MAKER_SIZE, pipe);
    pclose(pipe);
    close(fd);
    assert_true(length > 0);
    memcpy(packed + length, &size, 4);
    length += 4;
    kernel_image_head(image, (uint32_t)length);
    length += KERNEL_IMAGE_HEAD;
    assert_int_equal(open_bytes(image, length, &kernel), 0);
    ctrl_kernel_info(kernel, &info);
    assert_int_equal(info.format, format);
    ctrl_kernel_close(kernel);
    memcpy(image + length - 4, &wrong, 4);
    assert_fails(open_bytes(image, length, &kernel), -EINVAL, "is damaged");
    memcpy(image + length - 4, &size, 4);
    packed[(length - KERNEL_IMAGE_HEAD) / 2] ^= 0x55;
    assert_true(open_bytes(image, length, &kernel) < 0);
    assert_true(open_bytes(image, length - 10, &kernel) < 0);
}

static void test_packers(void **state)
{
    (void)state;
    check_packer("gzip -9n", CTRL_KERNEL_GZIP);
    check_packer("xz --check=crc32 -c", CTRL_KERNEL_XZ);
    check_packer("zstd -q -c", CTRL_KERNEL_ZSTD);
}

static void test_layout(void **state)
{
    struct ctrl_kernel *kernel;
    struct build_layout l;
    struct elf_maker m;
    uint64_t needed;

    (void)state;
    kernel_notes(&m);
    assert_int_equal(open_made(&m, &kernel), 0);
    assert_int_equal(build_lay_out(ctrl, kernel, 8192, 5000, &l), 0);
    /* 12 KiB of kernel, two pages of ramdisk, 16 of frame list, then the start page. */
    assert_int_equal(l.ramdisk.pfn, 0x1003);
    assert_int_equal(l.p2m.pfn, 0x1005);
    assert_int_equal(l.start_info.pfn, 0x1015);
    assert_int_equal(l.store.pfn, 0x1016);
    assert_int_equal(l.console.pfn, 0x1017);
    assert_int_equal(l.tables.pfn, 0x1018);
    assert_int_equal(l.tables.pages, 3 + 10);
    assert_int_equal(l.stack.pfn, 0x1025);
    assert_int_equal(l.nr_mapped, 0x1400);
    assert_int_equal(l.p2m_tables.pages, 0);
    assert_int_equal(ctrl_kernel_fits(ctrl, kernel, 0x1400, 5000, &needed), 0);
    assert_fails(ctrl_kernel_fits(ctrl, kernel, 0x13ff, 5000, &needed), -ENOMEM, "20476 KiB");
    assert_int_equal(needed, 0x1400);
    ctrl_kernel_close(kernel);
}

static void test_layout_apart(void **state)
{
    struct ctrl_kernel *kernel;
    struct build_layout l;
    struct elf_maker m;

    (void)state;
    kernel_notes(&m);
    elf_maker_number(&m, XEN_ELFNOTE_INIT_P2M, 0x8000000000);
    elf_maker_number(&m, XEN_ELFNOTE_MOD_START_PFN, 1);
    assert_int_equal(open_made(&m, &kernel), 0);
    assert_int_equal(build_lay_out(ctrl, kernel, 8192, 5000, &l), 0);
    assert_int_equal(l.start_info.pfn, 0x1003);
    assert_int_equal(l.ramdisk.pfn, 0x1400);
    assert_int_equal(l.ramdisk.va, 0);
    assert_int_equal(l.p2m.pfn, 0x1402);
    assert_int_equal(l.p2m.pages, 16);
    assert_int_equal(l.p2m_tables.pages, 3);
    assert_int_equal(l.pages_needed, 0x1402 + 19);
    ctrl_kernel_close(kernel);
}

static void test_layout_refused(void **state)
{
    static const uint64_t p2m[] = { 0x8000000001, 0xffff800000000000, 0x7ffffffff000,
                                    0xffffffff90000000 };
    struct ctrl_kernel *kernel;
    struct elf_maker m;
    unsigned int i;

    (void)state;
    for (i = 0; i < 4; i++) {
        kernel_notes(&m);
        elf_maker_number(&m, XEN_ELFNOTE_INIT_P2M, p2m[i]);
        assert_int_equal(open_made(&m, &kernel), 0);
        assert_fails(ctrl_kernel_fits(ctrl, kernel, 8192, 0, NULL), -EINVAL, "INIT_P2M");
        ctrl_kernel_close(kernel);
    }
    kernel_notes(&m);
    elf_maker_number(&m, XEN_ELFNOTE_HYPERCALL_PAGE, 0x1000);
    assert_int_equal(open_made(&m, &kernel), 0);
    assert_fails(ctrl_kernel_fits(ctrl, kernel, 8192, 0, NULL), -EINVAL, "HYPERCALL_PAGE");
    ctrl_kernel_close(kernel);
    kernel_notes(&m);
    elf_maker_number(&m, XEN_ELFNOTE_VIRT_BASE, 0xffff7ffff0000000);
    elf_maker_number(&m, XEN_ELFNOTE_ENTRY, 0xffff7ffff1000000);
    assert_int_equal(open_made(&m, &kernel), 0);
    assert_fails(ctrl_kernel_fits(ctrl, kernel, 8192, 0, NULL), -EINVAL, "VIRT_BASE");
    ctrl_kernel_close(kernel);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_plain), TEST(test_refused_files), TEST(test_xz), TEST(test_zstd),
        TEST(test_packers), TEST(test_layout), TEST(test_layout_apart),
        TEST(test_layout_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

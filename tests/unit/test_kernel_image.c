/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Containers and Xen notes: what is accepted, each refusal with the sentence
 * that names it, and random damage under ASan.
 */
#include "elf_maker.h"

#include <public/elfnote.h>
#include <xen/errno.h>
#include <xen/kernel_image.h>

/* The notes of a Debian kernel, as far as the builder cares. */
static void make_kernel(struct elf_maker *m)
{
    elf_maker_init(m);
    elf_maker_text(m, XEN_ELFNOTE_GUEST_OS, "linux");
    elf_maker_text(m, XEN_ELFNOTE_GUEST_VERSION, "2.6");
    elf_maker_text(m, XEN_ELFNOTE_XEN_VERSION, "xen-3.0");
    elf_maker_number(m, XEN_ELFNOTE_VIRT_BASE, 0xffffffff80000000);
    elf_maker_number(m, XEN_ELFNOTE_INIT_P2M, 0x8000000000);
    elf_maker_number(m, XEN_ELFNOTE_ENTRY, 0xffffffff81000040);
    elf_maker_text(m, XEN_ELFNOTE_FEATURES, "!writable_page_tables|pae_pgdir_above_4gb");
    elf_maker_number(m, XEN_ELFNOTE_SUPPORTED_FEATURES, 0x8801);
    elf_maker_text(m, XEN_ELFNOTE_PAE_MODE, "yes");
    elf_maker_text(m, XEN_ELFNOTE_LOADER, "generic");
    elf_maker_number(m, XEN_ELFNOTE_MOD_START_PFN, 1);
    elf_maker_number(m, XEN_ELFNOTE_PADDR_OFFSET, 0);
}

static int parse(const struct elf_maker *m, struct kernel_image *image, const char **why)
{
    uint8_t *file = elf_maker_file(m);
    int rc = kernel_image_parse(file, ELF_MAKER_SIZE, image, why);

    free(file);
    return rc;
}

/* Parses, and checks that it fails with this error and that the sentence names this. */
static void assert_refused(const struct elf_maker *m, int error, const char *name)
{
    struct kernel_image image = { .entry = 77 };
    const char *why = NULL;

    assert_int_equal(parse(m, &image, &why), error);
    assert_non_null(why);
    if (!strstr(why, name)) {
        fail_msg("\"%s\" does not name \"%s\"", why, name);
    }
    assert_int_equal(image.entry, 77);
}

static void assert_text(struct elf_text text, const char *expected)
{
    assert_int_equal(text.length, strlen(expected));
    assert_memory_equal(text.chars, expected, text.length);
}

static void test_debian_notes(void **state)
{
    struct kernel_image image;
    struct elf_maker m;
    const char *why;
    uint8_t *file;

    (void)state;
    make_kernel(&m);
    file = elf_maker_file(&m);
    assert_int_equal(kernel_image_parse(file, ELF_MAKER_SIZE, &image, &why), 0);
    assert_true(image.entry == 0xffffffff81000040);
    assert_true(image.virt_base == 0xffffffff80000000);
    assert_true(image.virt_offset == 0xffffffff80000000);
    assert_true(image.virt_start == 0xffffffff81000000);
    assert_true(image.virt_end == 0xffffffff81003000);
    assert_int_equal(image.paddr_start, 0x1000000);
    assert_int_equal(image.paddr_end, 0x1003000);
    assert_true(image.init_p2m == 0x8000000000);
    assert_true(image.hypercall_page == KERNEL_NOTE_UNSET);
    assert_true(image.mod_start_pfn);
    assert_int_equal(image.features_required, 1);
    assert_int_equal(image.features_supported, 0x8811);
    assert_text(image.guest_os, "linux");
    assert_text(image.guest_version, "2.6");
    assert_text(image.loader, "generic");
    assert_text(image.pae_mode, "yes");
    free(file);
}

static void test_defaults(void **state)
{
    struct kernel_image image;
    struct elf_maker m;
    const char *why;

    (void)state;
    elf_maker_init(&m);
    elf_maker_text(&m, XEN_ELFNOTE_XEN_VERSION, "xen-3.0");
    elf_maker_text(&m, XEN_ELFNOTE_LOADER, "generic");
    assert_int_equal(parse(&m, &image, &why), 0);
    assert_int_equal(image.entry, 0x1000000);
    assert_int_equal(image.virt_base, 0);
    assert_int_equal(image.virt_start, 0x1000000);
    assert_true(image.init_p2m == KERNEL_NOTE_UNSET);
    assert_false(image.mod_start_pfn);
    assert_false(image.supported_features_given);
    assert_int_equal(image.features_required, 0);
}

static int parse_pvh(const struct elf_maker *m, struct kernel_image *image, const char **why)
{
    uint8_t *file = elf_maker_file(m);
    int rc = kernel_image_read_pvh(file, ELF_MAKER_SIZE, image, why);

    free(file);
    return rc;
}

static void test_pvh(void **state)
{
    struct kernel_image image;
    struct elf_maker m;
    const char *why = "";

    (void)state;
    elf_maker_init(&m);
    elf_maker_number(&m, XEN_ELFNOTE_PHYS32_ENTRY, 0x1000123);
    elf_maker_number(&m, XEN_ELFNOTE_VIRT_BASE, 0xffffffff80000000);
    assert_int_equal(parse_pvh(&m, &image, &why), 0);
    assert_true(image.entry == 0x1000123 && image.phys32_entry == 0x1000123);
    assert_true(image.paddr_offset == 0 && image.virt_base == 0 && image.virt_end == 0x1003000);
    make_kernel(&m);
    assert_int_equal(parse_pvh(&m, &image, &why), -ENOEXEC);
    assert_non_null(strstr(why, "PHYS32_ENTRY"));
    elf_maker_number(&m, XEN_ELFNOTE_PHYS32_ENTRY, 0xfffff0);
    assert_int_equal(parse_pvh(&m, &image, &why), -EINVAL);
    elf_maker_init(&m);
    elf_maker_text(&m, XEN_ELFNOTE_PHYS32_ENTRY, "ab");
    assert_int_equal(parse_pvh(&m, &image, &why), -EINVAL);
}

static void test_refused_notes(void **state)
{
    struct elf_maker m;

    (void)state;
    elf_maker_init(&m);
    assert_refused(&m, -ENOEXEC, "no Xen notes");
    make_kernel(&m);
    elf_maker_text(&m, XEN_ELFNOTE_LOADER, "special");
    elf_maker_text(&m, XEN_ELFNOTE_GUEST_OS, "other");
    assert_refused(&m, -EINVAL, "LOADER");
    make_kernel(&m);
    elf_maker_text(&m, XEN_ELFNOTE_XEN_VERSION, "xen-2.0");
    assert_refused(&m, -EINVAL, "XEN_VERSION");
    make_kernel(&m);
    elf_maker_text(&m, XEN_ELFNOTE_FEATURES, "writable_page_tables|!blue_moon");
    assert_refused(&m, -EOPNOTSUPP, "FEATURES");
    make_kernel(&m);
    elf_maker_text(&m, XEN_ELFNOTE_FEATURES, "!supervisor_mode_kernel");
    assert_refused(&m, -EOPNOTSUPP, "supervisor_mode_kernel");
    elf_maker_init(&m);
    elf_maker_text(&m, XEN_ELFNOTE_XEN_VERSION, "xen-3.0");
    elf_maker_text(&m, XEN_ELFNOTE_GUEST_OS, "linux");
    elf_maker_number(&m, XEN_ELFNOTE_SUPPORTED_FEATURES, 0x8001);
    assert_refused(&m, -EOPNOTSUPP, "SUPPORTED_FEATURES");
}

static void test_accepted_features(void **state)
{
    struct kernel_image image;
    struct elf_maker m;
    const char *why;

    (void)state;
    make_kernel(&m);
    elf_maker_text(&m, XEN_ELFNOTE_FEATURES, "blue_moon|!dom0|!writable_page_tables");
    assert_int_equal(parse(&m, &image, &why), 0);
    assert_int_equal(image.features_required, 0x801);
    /* Linux writes this text without a zero at its end, unlike the others. */
    make_kernel(&m);
    elf_maker_note(&m, "Xen", XEN_ELFNOTE_FEATURES, "|!dom0!", 6);
    assert_int_equal(parse(&m, &image, &why), 0);
    assert_int_equal(image.features_required, 0x800);
    make_kernel(&m);
    elf_maker_text(&m, XEN_ELFNOTE_LOADER, "special");
    assert_int_equal(parse(&m, &image, &why), 0);
}

static void test_malformed_notes(void **state)
{
    struct elf_maker m;

    (void)state;
    make_kernel(&m);
    elf_maker_note(&m, "Xen", XEN_ELFNOTE_ENTRY, "abc", 3);
    assert_refused(&m, -EINVAL, "ENTRY");
    make_kernel(&m);
    elf_maker_note(&m, "Xen", XEN_ELFNOTE_MOD_START_PFN, "", 0);
    assert_refused(&m, -EINVAL, "MOD_START_PFN");
    make_kernel(&m);
    elf_maker_note(&m, "Xen", XEN_ELFNOTE_SUPPORTED_FEATURES, "12345", 5);
    assert_refused(&m, -EINVAL, "SUPPORTED_FEATURES");
}

static void test_refused_addresses(void **state)
{
    struct elf_maker m;

    (void)state;
    elf_maker_init(&m);
    elf_maker_text(&m, XEN_ELFNOTE_XEN_VERSION, "xen-3.0");
    elf_maker_text(&m, XEN_ELFNOTE_LOADER, "generic");
    elf_maker_number(&m, XEN_ELFNOTE_PADDR_OFFSET, 0);
    assert_refused(&m, -EINVAL, "PADDR_OFFSET");
    make_kernel(&m);
    elf_maker_number(&m, XEN_ELFNOTE_ENTRY, 0xffffffff81003001);
    assert_refused(&m, -EINVAL, "ENTRY");
    make_kernel(&m);
    elf_maker_number(&m, XEN_ELFNOTE_ENTRY, 0x1000000);
    assert_refused(&m, -EINVAL, "ENTRY");
    make_kernel(&m);
    elf_maker_number(&m, XEN_ELFNOTE_VIRT_BASE, 0xffffffff80000800);
    assert_refused(&m, -EINVAL, "VIRT_BASE");
    make_kernel(&m);
    elf_maker_number(&m, XEN_ELFNOTE_VIRT_BASE, 0xfffffffffffff000);
    assert_refused(&m, -EINVAL, "VIRT_BASE");
    make_kernel(&m);
    elf_maker_number(&m, XEN_ELFNOTE_PADDR_OFFSET, 0x1001000);
    assert_refused(&m, -EINVAL, "PADDR_OFFSET");
    make_kernel(&m);
    elf_maker_number(&m, XEN_ELFNOTE_INIT_P2M, 0xffffffff81000000);
    assert_refused(&m, -EINVAL, "INIT_P2M");
}

static void test_refused_files(void **state)
{
    struct elf_maker m;

    (void)state;
    make_kernel(&m);
    m.header.e_ident[EI_CLASS] = ELFCLASS32;
    assert_refused(&m, -ENOEXEC, "64-bit");
    make_kernel(&m);
    m.header.e_ident[0] = 0;
    assert_refused(&m, -ENOEXEC, "ELF");
    make_kernel(&m);
    m.load.p_type = PT_NULL;
    assert_refused(&m, -EINVAL, "nothing to load");
    make_kernel(&m);
    m.load.p_memsz = ELF_MAKER_TEXT_SIZE - 1;
    assert_refused(&m, -EINVAL, "segment");
    make_kernel(&m);
    m.load.p_paddr = UINT64_MAX - 16;
    assert_refused(&m, -EINVAL, "segment");
    make_kernel(&m);
    m.load.p_memsz = 1ull << 40;
    assert_refused(&m, -EINVAL, "1 GiB");
    make_kernel(&m);
    m.load.p_offset = ELF_MAKER_SIZE;
    assert_refused(&m, -EINVAL, "cut off");
}

/* A bzImage of size bytes with this payload magic at 0x600. */
static uint8_t *make_bzimage(size_t size, const char *magic, size_t length)
{
    uint8_t *p = calloc(1, size);
    uint32_t offset = 0x200, payload = size - 0x600;

    p[0x1f1] = 1;
    memcpy(p + 0x202, "HdrS", 4);
    p[0x206] = 0x0f, p[0x207] = 0x02;
    memcpy(p + 0x248, &offset, 4);
    memcpy(p + 0x24c, &payload, 4);
    memcpy(p + 0x600, magic, length);
    memcpy(p + size - 4, "\x00\x00\x10\x00", 4);
    return p;
}

static void test_bzimage(void **state)
{
    struct kernel_payload payload;
    const char *why;
    uint8_t *p = make_bzimage(0x800, "\xfd" "7zXZ", 6);

    (void)state;
    assert_int_equal(kernel_payload_find(p, 0x800, &payload, &why), 0);
    assert_int_equal(payload.format, PAYLOAD_XZ);
    assert_ptr_equal(payload.data, p + 0x600);
    assert_int_equal(payload.size, 0x200);
    assert_int_equal(payload.unpacked_size, 0x100000);
    free(p);

    /* setup_sects 0 stands for 4. */
    p = make_bzimage(0xc00, "", 0);
    p[0x1f1] = 0;
    memset(p + 0x248, 0, 4);
    memcpy(p + 0x24c, "\x00\x02\x00\x00", 4);
    memcpy(p + 0xa00, "\x28\xb5\x2f\xfd", 4);
    assert_int_equal(kernel_payload_find(p, 0xc00, &payload, &why), 0);
    assert_int_equal(payload.format, PAYLOAD_ZSTD);
    assert_ptr_equal(payload.data, p + 0xa00);
    free(p);
}

static void assert_payload_refused(const void *module, size_t size, int error, const char *name)
{
    struct kernel_payload payload = { .size = 77 };
    const char *why = NULL;

    assert_int_equal(kernel_payload_find(module, size, &payload, &why), error);
    assert_non_null(why);
    if (!strstr(why, name)) {
        fail_msg("\"%s\" does not name \"%s\"", why, name);
    }
    assert_int_equal(payload.size, 77);
}

static void test_other_compressions(void **state)
{
    static const struct {
        const char *magic, *name;
    } others[] = {
        { "BZh9", "bzip2" },          { "\x5d\0\0\0", "LZMA" },      { "\x89LZO", "LZO" },
        { "\x02\x21\x4c\x18", "LZ4" }, { "\x04\x22\x4d\x18", "LZ4" }, { "what", "unknown" },
    };
    size_t i;
    uint8_t *p;

    (void)state;
    for (i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        p = make_bzimage(0x800, others[i].magic, 4);
        assert_payload_refused(p, 0x800, -EOPNOTSUPP, others[i].name);
        free(p);
    }
    assert_payload_refused("BZh91AY", 8, -EOPNOTSUPP, "bzip2");
    assert_payload_refused("\xfd" "7zXZ\0......", 12, -EOPNOTSUPP, "bare XZ");
    assert_payload_refused("070701 is an initrd", 20, -ENOEXEC, "neither");
    assert_payload_refused("", 0, -ENOEXEC, "neither");
}

static void test_bad_bzimage(void **state)
{
    uint8_t *p = make_bzimage(0x800, "\x1f\x8b", 2);

    (void)state;
    p[0x206] = 7;
    assert_payload_refused(p, 0x800, -EOPNOTSUPP, "2.08");
    free(p);
    p = make_bzimage(0x800, "\x1f\x8b", 2);
    memcpy(p + 0x24c, "\x01\x02\x00\x00", 4);
    assert_payload_refused(p, 0x800, -EINVAL, "cut off");
    memcpy(p + 0x24c, "\x00\x00\x00\x00", 4);
    assert_payload_refused(p, 0x800, -EINVAL, "cut off");
    memcpy(p + 0x24c, "\x04\x00\x00\x00", 4);
    assert_payload_refused(p, 0x800, -EINVAL, "cut off");
    memcpy(p + 0x248, "\xff\xff\xff\xff\xff\xff\xff\xff", 8);
    assert_payload_refused(p, 0x800, -EINVAL, "cut off");
    free(p);
    p = make_bzimage(0x800, "\x1f\x8b", 2);
    memset(p + 0x7fc, 0, 4);
    assert_payload_refused(p, 0x800, -EINVAL, "zero");
    memset(p + 0x7fc, 0xff, 4);
    assert_payload_refused(p, 0x800, -EINVAL, "1 GiB");
    /* Cut inside the header: not recognised, and not read past its end. */
    {
        uint8_t *cut = malloc(0x24f);

        memcpy(cut, p, 0x24f);
        assert_payload_refused(cut, 0x24f, -ENOEXEC, "neither");
        free(cut);
    }
    free(p);
}

static void test_random_damage(void **state)
{
    uint64_t seed = unit_seed("kernel_image");
    struct kernel_payload payload;
    struct kernel_image image;
    struct elf_maker m;
    int round, i, accepted = 0;
    const char *why;

    (void)state;
    make_kernel(&m);
    for (round = 0; round < 20000; round++) {
        uint8_t *file = elf_maker_file(&m);

        for (i = unit_random(&seed) % 4; i >= 0; i--) {
            file[unit_random(&seed) % (ELF_MAKER_NOTES_AT + m.notes_size)] ^=
                1 << unit_random(&seed) % 8;
        }
        why = NULL;
        if (kernel_image_parse(file, ELF_MAKER_SIZE, &image, &why) == 0) {
            assert_true(image.virt_start >= image.virt_base);
            assert_true(image.entry >= image.virt_start && image.entry <= image.virt_end);
            assert_true(image.virt_end - image.virt_base <= 1ul << 30);
            accepted++;
        } else {
            assert_non_null(why);
        }
        free(file);

        file = make_bzimage(0x800, "\x1f\x8b", 2);
        for (i = unit_random(&seed) % 4; i >= 0; i--) {
            file[0x1f0 + unit_random(&seed) % 0x60] = unit_random(&seed);
        }
        if (kernel_payload_find(file, 0x800, &payload, &why) == 0) {
            assert_true(payload.data >= file && payload.size <= 0x800);
            assert_true(payload.data + payload.size <= file + 0x800);
        }
        free(file);
    }
    assert_true(accepted > 0 && accepted < 20000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_debian_notes),
        cmocka_unit_test(test_defaults),
        cmocka_unit_test(test_pvh),
        cmocka_unit_test(test_refused_notes),
        cmocka_unit_test(test_accepted_features),
        cmocka_unit_test(test_malformed_notes),
        cmocka_unit_test(test_refused_addresses),
        cmocka_unit_test(test_refused_files),
        cmocka_unit_test(test_bzimage),
        cmocka_unit_test(test_other_compressions),
        cmocka_unit_test(test_bad_bzimage),
        cmocka_unit_test(test_random_damage),
    };

    return cmocka_run_group_tests_name("kernel_image", tests, NULL, NULL);
}

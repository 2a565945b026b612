/* SPDX-License-Identifier: BSD-2-Clause */
/* The ELF reader: what it reads, what it refuses, and random damage under ASan. */
#include "elf_maker.h"

#include <xen/elf.h>
#include <xen/errno.h>

static void test_reads_header_and_segments(void **state)
{
    struct elf_maker m;
    struct elf_file elf;
    struct elf_segment segment;
    uint8_t *file;

    (void)state;
    elf_maker_init(&m);
    file = elf_maker_file(&m);
    assert_int_equal(elf_open(&elf, file, ELF_MAKER_SIZE), 0);
    assert_int_equal(elf.entry, 0x1000000);
    assert_int_equal(elf.nr_segments, 2);
    assert_int_equal(elf_read_segment(&elf, 0, &segment), 0);
    assert_int_equal(segment.type, ELF_PT_LOAD);
    assert_int_equal(segment.flags, 7);
    assert_int_equal(segment.offset, ELF_MAKER_TEXT_AT);
    assert_int_equal(segment.vaddr, 0xffffffff81000000);
    assert_int_equal(segment.paddr, 0x1000000);
    assert_int_equal(segment.file_size, ELF_MAKER_TEXT_SIZE);
    assert_int_equal(segment.mem_size, 0x3000);
    assert_int_equal(elf_read_segment(&elf, 2, &segment), -EINVAL);
    free(file);
}

static int open_changed(const struct elf_maker *m, size_t size)
{
    uint8_t *file = elf_maker_file(m);
    uint8_t *cut = malloc(size ? size : 1);
    struct elf_file elf;
    int rc;

    memcpy(cut, file, size);
    rc = elf_open(&elf, cut, size);
    free(cut);
    free(file);
    return rc;
}

static void test_refuses_other_files(void **state)
{
    struct elf_maker good, m;

    (void)state;
    elf_maker_init(&good);
    assert_int_equal(open_changed(&good, 0), -ENOEXEC);
    assert_int_equal(open_changed(&good, 3), -ENOEXEC);
    assert_int_equal(open_changed(&good, sizeof(Elf64_Ehdr) - 1), -ENOEXEC);
    assert_int_equal(open_changed(&good, sizeof(Elf64_Ehdr)), -EINVAL);
    m = good, m.header.e_ident[0] = 0;
    assert_int_equal(open_changed(&m, ELF_MAKER_SIZE), -ENOEXEC);
    m = good, m.header.e_ident[EI_CLASS] = ELFCLASS32;
    assert_int_equal(open_changed(&m, ELF_MAKER_SIZE), -ENOEXEC);
    m = good, m.header.e_ident[EI_DATA] = ELFDATA2MSB;
    assert_int_equal(open_changed(&m, ELF_MAKER_SIZE), -ENOEXEC);
    m = good, m.header.e_machine = EM_386;
    assert_int_equal(open_changed(&m, ELF_MAKER_SIZE), -ENOEXEC);
    m = good, m.header.e_type = ET_REL;
    assert_int_equal(open_changed(&m, ELF_MAKER_SIZE), -ENOEXEC);
    m = good, m.header.e_phnum = 0;
    assert_int_equal(open_changed(&m, ELF_MAKER_SIZE), -EINVAL);
    m = good, m.header.e_phnum = 0xffff;
    assert_int_equal(open_changed(&m, ELF_MAKER_SIZE), -EINVAL);
    m = good, m.header.e_phoff = UINT64_MAX - 8;
    assert_int_equal(open_changed(&m, ELF_MAKER_SIZE), -EINVAL);
    m = good, m.header.e_phoff = ELF_MAKER_SIZE - sizeof(Elf64_Phdr);
    assert_int_equal(open_changed(&m, ELF_MAKER_SIZE), -EINVAL);
}

static void test_segment_outside_file(void **state)
{
    struct elf_maker m;
    struct elf_file elf;
    struct elf_segment segment;
    uint8_t *file;

    (void)state;
    elf_maker_init(&m);
    m.load.p_offset = ELF_MAKER_SIZE - 8;
    m.load.p_filesz = 9;
    m.note.p_offset = 16;
    m.note.p_filesz = UINT64_MAX - 15;
    file = elf_maker_file(&m);
    assert_int_equal(elf_open(&elf, file, ELF_MAKER_SIZE), 0);
    assert_int_equal(elf_read_segment(&elf, 0, &segment), -EINVAL);
    assert_int_equal(elf_read_segment(&elf, 1, &segment), -EINVAL);
    free(file);
}

/* Reads all notes of owner "Xen"; their types, one digit each, make the result. */
static unsigned int walk_types(const struct elf_maker *m)
{
    uint8_t *file = elf_maker_file(m);
    struct elf_note_walk walk;
    struct elf_note note;
    struct elf_file elf;
    unsigned int types = 0;

    assert_int_equal(elf_open(&elf, file, ELF_MAKER_SIZE), 0);
    elf_note_walk_init(&walk, &elf, "Xen");
    while (elf_note_walk_next(&walk, &note)) {
        types = types * 10 + note.type;
    }
    free(file);
    return types;
}

static void test_walks_notes(void **state)
{
    struct elf_maker m;

    (void)state;
    elf_maker_init(&m);
    elf_maker_note(&m, "GNU", 9, "abcde", 5);
    elf_maker_number(&m, 1, 0x1234);
    elf_maker_note(&m, "Xe", 8, "", 0);
    elf_maker_note(&m, "Xen4", 7, "", 0);
    elf_maker_text(&m, 2, "x");
    elf_maker_note(&m, "Xen", 3, "", 0);
    assert_int_equal(walk_types(&m), 123);

    /* Found in the segment: the section with the same notes is not read as well. */
    m.note.p_type = PT_NULL;
    assert_int_equal(walk_types(&m), 123);
    m.sections[1].sh_type = SHT_PROGBITS;
    assert_int_equal(walk_types(&m), 0);
    m.note.p_type = PT_NOTE;
    assert_int_equal(walk_types(&m), 123);
    m.header.e_shoff = UINT64_MAX - 3;
    assert_int_equal(walk_types(&m), 123);
}

static void test_cut_note(void **state)
{
    struct elf_maker m;

    (void)state;
    elf_maker_init(&m);
    m.sections[1].sh_type = SHT_NULL;
    elf_maker_number(&m, 1, 1);
    elf_maker_text(&m, 2, "1234567");
    m.note.p_filesz = m.notes_size - 1;
    assert_int_equal(walk_types(&m), 1);
    /* Padding may be missing from the last one. */
    elf_maker_text(&m, 3, "12345");
    m.note.p_filesz = m.notes_size - 2;
    assert_int_equal(walk_types(&m), 123);
    memset(m.notes, 0xff, 8);
    assert_int_equal(walk_types(&m), 0);
}

static void test_note_values(void **state)
{
    static const uint8_t bytes[8] = { 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88 };
    struct elf_note note = { .desc = bytes };
    uint64_t value = 5;

    (void)state;
    note.size = 8;
    assert_int_equal(elf_note_number(&note, &value), 0);
    assert_true(value == 0x8877665544332211);
    note.size = 4;
    assert_int_equal(elf_note_number(&note, &value), 0);
    assert_int_equal(value, 0x44332211);
    note.size = 1;
    assert_int_equal(elf_note_number(&note, &value), 0);
    assert_int_equal(value, 0x11);
    note.size = 3;
    assert_int_equal(elf_note_number(&note, &value), -EINVAL);
    note.size = 0;
    assert_int_equal(elf_note_number(&note, &value), -EINVAL);
    assert_int_equal(value, 0x11);
    note.size = 8;
    assert_int_equal(elf_note_text(&note).length, 8);
    note.desc = (const uint8_t *)"generic";
    assert_int_equal(elf_note_text(&note).length, 7);
    assert_ptr_equal(elf_note_text(&note).chars, note.desc);
    note.size = 3;
    assert_int_equal(elf_note_text(&note).length, 3);
    note.size = 0;
    assert_int_equal(elf_note_text(&note).length, 0);
}

static void test_random_damage(void **state)
{
    uint64_t seed = unit_seed("elf"), sum = 0;
    struct elf_maker m;
    struct elf_note_walk walk;
    struct elf_segment segment;
    struct elf_note note;
    struct elf_file elf;
    uint8_t *file;
    int round, i;

    (void)state;
    elf_maker_init(&m);
    elf_maker_number(&m, 1, 1);
    elf_maker_text(&m, 5, "xen-3.0");
    for (round = 0; round < 20000; round++) {
        size_t size = unit_random(&seed) % 8 ? ELF_MAKER_SIZE
                                             : unit_random(&seed) % (ELF_MAKER_SIZE + 1);
        uint8_t *copy = malloc(size ? size : 1);

        file = elf_maker_file(&m);
        for (i = unit_random(&seed) % 6; i >= 0; i--) {
            file[16 + unit_random(&seed) % (ELF_MAKER_NOTES_AT + 64)] = unit_random(&seed);
        }
        memcpy(copy, file, size);
        free(file);
        if (elf_open(&elf, copy, size) == 0) {
            for (i = 0; i < (int)elf.nr_segments; i++) {
                if (elf_read_segment(&elf, i, &segment) == 0 && segment.file_size) {
                    sum += copy[segment.offset] + copy[segment.offset + segment.file_size - 1];
                }
            }
            elf_note_walk_init(&walk, &elf, "Xen");
            while (elf_note_walk_next(&walk, &note)) {
                for (i = 0; i < (int)note.size; i++) {
                    sum += note.desc[i];
                }
            }
        }
        free(copy);
    }
    assert_true(sum > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reads_header_and_segments),
        cmocka_unit_test(test_refuses_other_files),
        cmocka_unit_test(test_segment_outside_file),
        cmocka_unit_test(test_walks_notes),
        cmocka_unit_test(test_cut_note),
        cmocka_unit_test(test_note_values),
        cmocka_unit_test(test_random_damage),
    };

    return cmocka_run_group_tests_name("elf", tests, NULL, NULL);
}

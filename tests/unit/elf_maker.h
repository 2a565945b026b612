/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Builds small ELF64 kernels for tests: one PT_LOAD, and one run of notes that
 * a PT_NOTE header or a SHT_NOTE section (or both, or none) points at.
 */
#ifndef TESTS_UNIT_ELF_MAKER_H
#define TESTS_UNIT_ELF_MAKER_H

#include <elf.h>

#include "unit.h"

enum elf_maker_layout {
    ELF_MAKER_SEGMENT_AT = sizeof(Elf64_Ehdr),
    ELF_MAKER_SECTION_AT = ELF_MAKER_SEGMENT_AT + 2 * sizeof(Elf64_Phdr),
    ELF_MAKER_NOTES_AT = ELF_MAKER_SECTION_AT + 2 * sizeof(Elf64_Shdr),
    ELF_MAKER_NOTES_MAX = 2048,
    ELF_MAKER_TEXT_AT = ELF_MAKER_NOTES_AT + ELF_MAKER_NOTES_MAX,
    ELF_MAKER_TEXT_SIZE = 256,
    ELF_MAKER_SIZE = ELF_MAKER_TEXT_AT + ELF_MAKER_TEXT_SIZE,
};

struct elf_maker {
    Elf64_Ehdr header;
    Elf64_Phdr load;
    Elf64_Phdr note;
    Elf64_Shdr sections[2];
    uint8_t notes[ELF_MAKER_NOTES_MAX];
    uint32_t notes_size;
};

static inline void elf_maker_init(struct elf_maker *m)
{
    memset(m, 0, sizeof(*m));
    memcpy(m->header.e_ident, ELFMAG, SELFMAG);
    m->header.e_ident[EI_CLASS] = ELFCLASS64;
    m->header.e_ident[EI_DATA] = ELFDATA2LSB;
    m->header.e_ident[EI_VERSION] = EV_CURRENT;
    m->header.e_type = ET_EXEC;
    m->header.e_machine = EM_X86_64;
    m->header.e_version = EV_CURRENT;
    m->header.e_entry = 0x1000000;
    m->header.e_phoff = ELF_MAKER_SEGMENT_AT;
    m->header.e_shoff = ELF_MAKER_SECTION_AT;
    m->header.e_ehsize = sizeof(Elf64_Ehdr);
    m->header.e_phentsize = sizeof(Elf64_Phdr);
    m->header.e_phnum = 2;
    m->header.e_shentsize = sizeof(Elf64_Shdr);
    m->header.e_shnum = 2;
    m->load = (Elf64_Phdr){
        .p_type = PT_LOAD, .p_flags = PF_R | PF_W | PF_X, .p_offset = ELF_MAKER_TEXT_AT,
        .p_vaddr = 0xffffffff81000000, .p_paddr = 0x1000000,
        .p_filesz = ELF_MAKER_TEXT_SIZE, .p_memsz = 0x3000, .p_align = 0x1000,
    };
    m->note = (Elf64_Phdr){ .p_type = PT_NOTE, .p_offset = ELF_MAKER_NOTES_AT, .p_align = 4 };
    m->sections[1] = (Elf64_Shdr){ .sh_type = SHT_NOTE, .sh_offset = ELF_MAKER_NOTES_AT };
}

static inline void elf_maker_note(struct elf_maker *m, const char *owner, uint32_t type,
                                  const void *desc, uint32_t size)
{
    uint32_t name_size = strlen(owner) + 1;
    uint8_t *p = m->notes + m->notes_size;
    uint32_t head[3] = { name_size, size, type };

    memcpy(p, head, sizeof(head));
    memcpy(p + 12, owner, name_size);
    p += 12 + ((name_size + 3) & ~3u);
    memcpy(p, desc, size);
    m->notes_size = p + ((size + 3) & ~3u) - m->notes;
    m->note.p_filesz = m->sections[1].sh_size = m->notes_size;
}

static inline void elf_maker_number(struct elf_maker *m, uint32_t type, uint64_t value)
{
    elf_maker_note(m, "Xen", type, &value, sizeof(value));
}

static inline void elf_maker_text(struct elf_maker *m, uint32_t type, const char *text)
{
    elf_maker_note(m, "Xen", type, text, strlen(text) + 1);
}

/* The file, in memory of exactly its size; the caller frees it. */
static inline uint8_t *elf_maker_file(const struct elf_maker *m)
{
    uint8_t *file = calloc(1, ELF_MAKER_SIZE);
    int i;

    memcpy(file, &m->header, sizeof(m->header));
    memcpy(file + ELF_MAKER_SEGMENT_AT, &m->load, sizeof(m->load));
    memcpy(file + ELF_MAKER_SEGMENT_AT + sizeof(m->load), &m->note, sizeof(m->note));
    memcpy(file + ELF_MAKER_SECTION_AT, m->sections, sizeof(m->sections));
    memcpy(file + ELF_MAKER_NOTES_AT, m->notes, sizeof(m->notes));
    for (i = 0; i < ELF_MAKER_TEXT_SIZE; i++) {
        file[ELF_MAKER_TEXT_AT + i] = i;
    }
    return file;
}

#endif
